"""What each column of a published table is: who is counted, how many, or a figure made from counts.

Names decide where they are plain, contents where not. What was decided is told, since a wrong guess here is a wrong
verdict later.
"""

from dataclasses import dataclass

import polars as pl

from equity_audit.disclosure.external.cell_text import is_mark, is_masked, is_whole, read_count
from equity_audit.disclosure.external.figure_inversion import Formula, as_printed
from equity_audit.errors import InputRefused, Problem
from equity_audit.settings import DisclosurePolicy
from equity_audit.vocabulary import fold, is_total

# Words in the names of columns that say who is counted though their values are numbers; and of those that count nobody.
_WHO = {"year", "period", "date", "quarter", "month", "band", "age", "code", "id", "order", "level", "grade", "stage"}
_BESIDE = {"note", "notes", "footnote", "comment", "reason", "reading", "p", "z", "difference"}
_SHARE = {"rate", "percent", "percentage", "pct", "share", "proportion"}
_RATIO = {"ratio", "likelihood"}
_LOW, _HIGH = {"low", "lower", "lcl"}, {"high", "upper", "ucl"}
REFERENCE = "reference_name"


@dataclass(frozen=True)
class FigureColumn:
    """A column of figures. `inverted`: the reference's rate / the group's, as the WRES has it."""

    name: str
    formula: Formula
    percent: bool
    inverted: bool


@dataclass(frozen=True)
class Columns:
    """Columns by what they are, in the order of the table; `unread` are those that nothing is worked out from."""

    dimensions: tuple[str, ...]
    counts: tuple[str, ...]
    figures: tuple[FigureColumn, ...]
    unread: tuple[str, ...]


def columns_of(frame: pl.DataFrame, policy: DisclosurePolicy, small: frozenset[str]) -> Columns:
    """Sort the columns of a table of texts. Raises InputRefused where none is a count."""
    dimensions, counts, figures, unread = [], [], [], []
    for name in frame.columns:
        values, words = frame[name].to_list(), set(fold(name).split())
        if name == REFERENCE or words & _BESIDE or all(is_mark(v) and not is_masked(v) for v in values):
            unread.append(name)
        elif words & (_SHARE | _RATIO | _LOW | _HIGH) or "%" in name or _has_decimals(values):
            figures.append(_figure(name, words, values))
        elif not words & _WHO and _are_counts(values, small):
            counts.append(name)
        else:
            dimensions.append(name)
    if not counts:
        raise InputRefused(
            Problem(
                "no column holds counts",
                "table",
                "give a table with a row for each group and a column of whole numbers; columns found: "
                + ", ".join(frame.columns),
            )
        )
    _refuse_unreadable(frame, counts, policy, small)
    return Columns(_without_codes(frame, dimensions), tuple(counts), tuple(figures), tuple(unread))


def _has_decimals(values: list[str]) -> bool:
    readable = all(as_printed(v) or is_mark(v) or is_masked(v) for v in values)
    return readable and any("." in v or "%" in v for v in values if as_printed(v))


def _are_counts(values: list[str], small: frozenset[str]) -> bool:
    """Whole numbers and marks; a column that is all marks was one of counts too."""
    marks = [is_mark(v) or is_masked(v) or v.strip().casefold() in small for v in values]
    return all(mark or is_whole(v) for v, mark in zip(values, marks, strict=True))


def _figure(name: str, words: set[str], values: list[str]) -> FigureColumn:
    ratio = bool(words & _RATIO)
    formulas = (
        (Formula.RATIO, Formula.RATIO_LOW, Formula.RATIO_HIGH)
        if ratio
        else (Formula.RATE, Formula.RATE_LOW, Formula.RATE_HIGH)
    )
    formula = formulas[1 if words & _LOW else 2 if words & _HIGH else 0]
    large = any(found.least > 1 for v in values if (found := as_printed(v)))
    percent = not ratio and ("%" in name or bool(words & {"percent", "percentage", "pct"}) or large)
    return FigureColumn(name, formula, percent, "likelihood" in words)


def _without_codes(frame: pl.DataFrame, dimensions: list[str]) -> tuple[str, ...]:
    """Leave out a column that only says another again, as codes beside names: a total's code is not its group's."""
    kept: list[str] = []
    # Where both say the same, the one that has words for totals is kept.
    for name in sorted(dimensions, key=lambda n: not any(map(is_total, frame[n]))):
        values = frame[name].n_unique()
        again = [o for o in kept if frame[o].n_unique() == values == frame.select(o, name).unique().height]
        if not again or values == 1:
            kept.append(name)
    return tuple(name for name in dimensions if name in kept)


def _refuse_unreadable(frame: pl.DataFrame, counts: list[str], policy: DisclosurePolicy, small: frozenset[str]) -> None:
    """Numbers that the rule cannot have made."""
    problems = [
        Problem(
            f"{value.strip()} is no multiple of {policy.round_to}",
            f"row {row}, column {name}",
            "say how the table was rounded: --round-to 1 for not at all",
        )
        for name in counts
        for row, value in enumerate(frame[name], start=1)
        if read_count(value, policy, small) is None
    ]
    if problems:
        more = len(problems) - 3
        shown = problems[:3] + ([Problem(f"and {more} more counts like these", "table")] if more > 0 else [])
        raise InputRefused(*shown)
