"""What may be stated about several years together, where the year itself settles nothing.

The rule is that of settled.py: a finding that holds for all counts that would be published the same, after Holm's
adjustment, with a single figure and enough selected on both sides. It is asked only where the year itself settles none.
"""

from datetime import date

import polars as pl

from equity_audit.periods import months_after
from reports.cells.words import SETTLED
from reports.edition.record import Edition
from reports.figures.printable import name

_NUMBERS = {2: "two", 3: "three", 4: "four", 5: "five"}


def at_steps(edition: Edition) -> pl.DataFrame:
    """Return the comparisons over the years together without the span from the first stage to the last.

    Pages have one figure for the whole path, the product of its stages (reports.cells.whole_path); the years together
    have none of that kind.
    """
    rows = edition.tables["several_years"]
    stages = rows.filter(step_kind="stage").sort("step_order")
    ends = stages["from_stage"].head(1), stages["to_stage"].tail(1)
    whole = pl.col("from_stage").is_in(ends[0].implode()) & pl.col("to_stage").is_in(ends[1].implode())
    return rows.filter(~(whole & (pl.col("step_kind") == "span")))


def compared_together(edition: Edition) -> pl.DataFrame:
    """Return the comparisons of groups over the years together that are shown, at single steps."""
    return at_steps(edition).filter(
        pl.col("level") == "group", pl.col("step_kind") == "stage", pl.col("not_shown_reason").is_null()
    )


def settled_together(edition: Edition) -> pl.DataFrame:
    """Return the settled differences that have a single figure, those furthest from equal first."""
    least = edition.settings["comparison"]["stated_least_selected"]
    enough = pl.min_horizontal("progressed", "reference_progressed") >= least
    distance = pl.max_horizontal(-pl.col("impact_ratio_high").log(), pl.col("impact_ratio_low").log())
    return (
        compared_together(edition)
        .filter(pl.col("finding").is_in(SETTLED), pl.col("impact_ratio").is_not_null(), enough)
        .sort(distance, pl.col("step_order"), descending=[True, False])
    )


def how_many(edition: Edition) -> str:
    """Return how many years are combined, in words; empty if the edition's own is the only one."""
    rows = edition.tables["several_years"]
    return "" if rows.is_empty() else _NUMBERS[rows["years"][0]]


def span(edition: Edition) -> str:
    """Return the years together in words: "from April 2021 to March 2024"."""
    first = edition.tables["several_years"]["first_year"][0]
    last = months_after(edition.period, 11)
    return name(f"from {first:%B %Y} to {last:%B %Y}")


def year_name(year: date) -> str:
    """Return a short name of a reporting year: 2021/22, or 2021 for a calendar year."""
    return name(str(year.year) if year.month == 1 else f"{year.year}/{(year.year + 1) % 100:02}")


def in_the_years(edition: Edition) -> str:
    """Return the beginning of a title, which names its years."""
    return f"In the {how_many(edition)} years {span(edition)}, "
