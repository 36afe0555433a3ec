"""Every number that an edition may show, as it may be written, from the disclosed tables alone.

Nothing here names a column or a formatter: whatever numeric column the contracts have is passed through every
function of `equity_audit.wording` that makes words of one number, so new tables and new ways of writing need no change.
"""

import inspect
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import combinations
from typing import Any, get_args, get_type_hints

import polars as pl

from equity_audit import vocabulary, wording
from equity_audit.contracts import DISCLOSED
from equity_audit.vocabulary.classifications import remapped
from reports import marks, words
from reports.changes import changes, period_before
from reports.corrections import since_last_revision
from reports.record import Edition
from reports.sources import sources
from reports.tables import part_name, part_words
from reports.workforce_words import TIERS, after_years, before_shares

_CONTRACTS = {table.name: table for table in DISCLOSED}
# Units of whole numbers that order, or count parts of a split.
_NOBODY = ("", "parts")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*%?")


@dataclass(frozen=True)
class Known:
    """exact: values of tables; chart: shares and distances drawn from them; forms: both as text; names: texts that are
    nothing but a number, such as a pay band; phrases: texts of tables, policy and software with a number in them."""

    exact: frozenset[str]
    chart: frozenset[str]
    forms: frozenset[str]
    names: frozenset[str]
    texts: frozenset[str]
    phrases: re.Pattern[str]

    def strange(self, text: str) -> list[str]:
        """The kind of every number in a text that is not one of these; nothing where all are."""
        left = self.phrases.sub(" ", plain(text))
        kinds = [_kind(found) for found in _NUMBER.findall(left) if found not in self.forms]
        is_odd = not left.isascii() and any(c.isnumeric() and not c.isascii() for c in left)
        return kinds + ["a numeral that is no plain digit"] * is_odd


def own(edition: Edition) -> Edition:
    """The edition with those tables and columns only that the contracts of disclosed tables have."""
    tables = {
        name: rows.select(column for column in rows.columns if column in _CONTRACTS[name].column_names)
        for name, rows in edition.tables.items()
        if name in _CONTRACTS
    }
    return replace(edition, tables=tables)


def undeclared(edition: Edition) -> Iterator[str]:
    """Tables, and columns by place, that no contract of a disclosed table has."""
    for name, rows in edition.tables.items():
        if name not in _CONTRACTS:
            yield f"table {name}"
            continue
        for place, column in enumerate(rows.columns, 1):
            if column not in _CONTRACTS[name].column_names:
                yield f"table {name}, column {place}"


def known(edition: Edition, ids: tuple[str, ...] = ()) -> Known:
    """What an edition of `own` tables may show. `ids`: further texts that may stand, such as the run's id."""
    figures = {value for name, rows in edition.tables.items() for value in _figures(name, rows)}
    figures |= set(_changes(edition)) | set(before_shares(edition).values())
    drawn = {0.0, *_shares(edition), *(d for rows in edition.tables.values() for d in _distances(rows))}
    # Zero stands for a group that is not there, and for what rounds to it.
    forms = written_forms({*figures, *_shares_of_all(edition)}) | written_forms({0}) | written_forms({0.0})
    texts = {plain(text) for text in (*_texts(edition), *ids)}
    return Known(
        frozenset(map(digits, figures)),
        frozenset(map(digits, figures | drawn)),
        forms,
        frozenset(text for text in texts if not re.search(r"[^\W\d]", text)),
        frozenset(texts),
        phrase_pattern(text for text in texts if re.search(r"[^\W\d]", text)),
    )


def written_forms(figures: Collection[int | float]) -> frozenset[str]:
    """Figures in every way that the wording writes a number; a printed minus is no part of a number here."""
    whole, parts = _writers()
    forms = {write(value) for value in figures for write in (whole if isinstance(value, int) else parts)}
    return frozenset(found for form in forms for found in _NUMBER.findall(form))


def digits(value: float) -> str:
    """A value to twelve digits: sums and differences of doubles agree to that, two figures hardly ever."""
    return f"{abs(value):.12g}"


def plain(text: str) -> str:
    """Small letters, single spaces: a page may write a name with a capital or with underscores as spaces."""
    return " ".join(text.replace("_", " ").casefold().split())


def phrase_pattern(phrases: Any) -> re.Pattern[str]:
    """Matches any of the phrases that has a number, as whole words, the longest first."""
    numbered = sorted({p for p in phrases if any(c.isnumeric() for c in p)}, key=lambda p: (-len(p), p))
    whole = (
        (r"(?<!\w)" if p[0].isalnum() else "") + re.escape(p) + (r"(?!\w)" if p[-1].isalnum() else "") for p in numbered
    )
    return re.compile("|".join(whole) or r"(?!)")


def _kind(found: str) -> str:
    return "a percentage" if found.endswith("%") else "a decimal number" if "." in found else "a whole number"


def _writers() -> tuple[list[Callable[[Any], str]], list[Callable[[Any], str]]]:
    """Functions of the wording that write one whole number, and one of any kind."""
    whole, parts = [], []
    for _, write in inspect.getmembers(wording, inspect.isfunction):
        hints = get_type_hints(write)
        if hints.pop("return", None) is str and len(hints) == 1:
            (kind,) = hints.values()
            (whole if int in (kind, *get_args(kind)) else parts if float in (kind, *get_args(kind)) else []).append(
                write
            )
    return whole, parts


def _figures(name: str, rows: pl.DataFrame) -> Iterator[int | float]:
    """Values of numeric columns. Whole numbers that count nobody are as small as counts to protect: left out."""
    table = _CONTRACTS[name]
    for column in rows.columns:
        kind = rows[column].dtype
        if kind.is_float() or (kind.is_integer() and table.column(column).unit not in _NOBODY):
            yield from rows[column].drop_nulls().unique().to_list()


def _changes(edition: Edition) -> Iterator[float]:
    """Ratios of the period before, as it published them, and what they changed by."""
    for column in changes(edition).iter_columns():
        if column.dtype.is_float():
            yield from column.drop_nulls().unique().to_list()


def _counts(name: str, rows: pl.DataFrame) -> list[str]:
    units = {column.name: column.unit for column in _CONTRACTS[name].columns}
    return [c for c in rows.columns if rows[c].dtype.is_integer() and units[c] not in _NOBODY]


def _shares(edition: Edition) -> Iterator[float]:
    """Any count of a group as a share of another of the same group: how long a bar is."""
    for name, rows in edition.tables.items():
        keys = [c for c in ("level", "breakdown", "breakdown_value", "group_name") if c in rows.columns]
        if "group_name" not in keys or not _counts(name, rows):
            continue
        for _, group in rows.group_by(keys):
            values = {value for column in _counts(name, group) for value in group[column].drop_nulls().to_list()}
            yield from (min(pair) / max(pair) for pair in combinations(values, 2))
            yield from (1.0 for value in values if value)


def _shares_of_all(edition: Edition) -> Iterator[float]:
    """Counts at the first step of all applicants as shares of all of them."""
    rows = edition.tables["stage_counts"].filter(pl.col("step_order") == 0, pl.col("breakdown") == "all")
    for column in _counts("stage_counts", rows):
        for total in rows.filter(pl.col("level") == "all")[column].drop_nulls().to_list():
            yield from (value / total for value in rows[column].drop_nulls().to_list() if 0 < value <= total)


def _distances(rows: pl.DataFrame) -> Iterator[float]:
    """Differences of two values of a row: a chart draws a range as its distance from the point."""
    columns = [c for c in rows.columns if rows[c].dtype.is_float()]
    for one, other in combinations(columns, 2):
        yield from (rows[one] - rows[other]).drop_nulls().unique().to_list()


def _texts(edition: Edition) -> Iterator[str]:
    """Texts that a page may quote: of tables, of policy, of how the edition was made; and the mark of small counts."""
    for rows in edition.tables.values():
        for column in rows.columns:
            if rows[column].dtype in (pl.String, pl.Date):
                values = rows[column].drop_nulls().unique().to_list()
                yield from map(str, values)
                yield from (wording.day(value) for value in values if isinstance(value, date))
    yield from (source["name"] for source in sources(edition))
    for name in edition.tables["sources"]["ethnicity_classification"].unique():
        yield remapped(name) or ""
    yield from vocabulary.OUTCOMES.values()
    yield from (text for check in edition.checks for text in (check.name, check.table, check.meaning))
    yield from (f"{name} {version}" for name, version in edition.software.items())
    yield from (edition.organisation, edition.period_label, edition.period.isoformat(), edition.settings_sha256)
    yield from _strings(edition.settings)
    yield from (meaning for _, meaning in marks.meanings(edition.settings["disclosure"]))
    yield words.count(None, None, edition.settings["disclosure"]["withhold_below"])
    start, label = period_before(edition.period, edition.settings)
    yield from (start.isoformat(), label)
    yield f"../{start.isoformat()}/panel.html"
    yield since_last_revision(edition)
    yield from TIERS.values()
    yield from (after_years(years) for years in edition.settings["workforce"]["projection_years"])
    parts = edition.tables["stage_counts"].select("breakdown", "breakdown_value").unique()
    yield from (named(*part) for part in parts.iter_rows() for named in (part_name, part_words))


def _strings(values: Any) -> Iterator[str]:
    if isinstance(values, str):
        yield values
    elif isinstance(values, (Mapping, list, tuple)):
        for value in values.values() if isinstance(values, Mapping) else values:
            yield from _strings(value)
