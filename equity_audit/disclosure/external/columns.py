"""Classify the columns of a published table: who is counted, how many, or a figure calculated from counts.

Clear names decide, otherwise the content does. The decisions are reported, since a wrong guess here gives a wrong
verdict later.
"""

from dataclasses import dataclass

import polars as pl

from equity_audit.disclosure.external.cell_text import is_mark, is_masked, is_whole, read_count
from equity_audit.disclosure.external.figure_inversion import Formula, as_printed
from equity_audit.errors import InputRefused, Problem
from equity_audit.settings import DisclosurePolicy
from equity_audit.vocabulary import fold, is_total

# Words in the names of columns that say who is counted although their values are numbers; and of columns to ignore.
_WHO = {"year", "period", "date", "quarter", "month", "band", "age", "code", "id", "order", "level", "grade", "stage"}
_BESIDE = {"note", "notes", "footnote", "comment", "reason", "reading", "p", "z", "difference"}
_SHARE = {"rate", "percent", "percentage", "pct", "share", "proportion"}
_RATIO = {"ratio", "likelihood"}
_LOW, _HIGH = {"low", "lower", "lcl"}, {"high", "upper", "ucl"}
REFERENCE = "reference_name"


@dataclass(frozen=True)
class FigureColumn:
    """A column of figures. `inverted`: the reference's rate / the group's, as in the WRES."""

    name: str
    formula: Formula
    percent: bool
    inverted: bool


@dataclass(frozen=True)
class Columns:
    """Columns by kind, in the order of the table; `unread` columns are not used."""

    dimensions: tuple[str, ...]
    counts: tuple[str, ...]
    figures: tuple[FigureColumn, ...]
    unread: tuple[str, ...]


def columns_of(frame: pl.DataFrame, policy: DisclosurePolicy, small: frozenset[str]) -> Columns:
    """Classify the columns of a table of texts. Raises InputRefused if none holds counts."""
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
                "give a table with a row for each group and a column of whole numbers; its columns are "
                + ", ".join(frame.columns),
            )
        )
    _refuse_unreadable(frame, counts, policy, small)
    return Columns(_without_codes(frame, dimensions), tuple(counts), tuple(figures), tuple(unread))


def _has_decimals(values: list[str]) -> bool:
    readable = all(as_printed(v) or is_mark(v) or is_masked(v) for v in values)
    return readable and any("." in v or "%" in v for v in values if as_printed(v))


def _are_counts(values: list[str], small: frozenset[str]) -> bool:
    """Return whether values are whole numbers and marks; a column of marks only was one of counts too."""
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
    large = any(printed.least > 1 for v in values if (printed := as_printed(v)))
    percent = not ratio and ("%" in name or bool(words & {"percent", "percentage", "pct"}) or large)
    return FigureColumn(name, formula, percent, "likelihood" in words)


def _without_codes(frame: pl.DataFrame, dimensions: list[str]) -> tuple[str, ...]:
    """Leave out a column that repeats another, such as codes beside names: a total's code differs from its groups'."""
    kept: list[str] = []
    # Of two equivalent columns, the one with words for totals is kept.
    for name in sorted(dimensions, key=lambda n: not any(map(is_total, frame[n]))):
        values = frame[name].n_unique()
        equivalent = [o for o in kept if frame[o].n_unique() == values == frame.select(o, name).unique().height]
        if not equivalent or values == 1:
            kept.append(name)
    return tuple(name for name in dimensions if name in kept)


def _refuse_unreadable(frame: pl.DataFrame, counts: list[str], policy: DisclosurePolicy, small: frozenset[str]) -> None:
    """Raise InputRefused for numbers that the rule cannot have produced."""
    problems = [
        Problem(
            f"{value.strip()} is not a multiple of {policy.round_to}",
            f"row {row}, column {name}",
            "give the rounding base of the table with --round-to, or --round-to 1 if it is not rounded",
        )
        for name in counts
        for row, value in enumerate(frame[name], start=1)
        if read_count(value, policy, small) is None
    ]
    if problems:
        more = len(problems) - 3
        shown = problems[:3] + ([Problem(f"and {more} more counts like these", "table")] if more > 0 else [])
        raise InputRefused(*shown)
