"""Every comparison exactly: counts, ratio, range, test, family, finding; power; and what unknown ethnicity allows."""

from collections.abc import Iterator
from typing import Any

import polars as pl
from markupsafe import Markup

from equity_audit.contracts import DISPARITIES
from equity_audit.measures.findings import FINDINGS
from equity_audit.vocabulary import ALL_APPLICANTS, display_order
from reports.cells.words import SETTLED
from reports.charts.stage_charts import Chart, forest_chart
from reports.figures.exact_numbers import exact_rows
from reports.pages.analyst_private import tables
from reports.pages.analyst_private.record import ExactReport
from reports.pages.analyst_private.seen import figure_seen, finding_seen
from reports.pages.analyst_private.tables import Column, Row, count, probability, ratio, share, step

LEVELS = {"wres": "White and BME", "group": "Group", "category": "Category"}
_METHODS = {"score": "score test", "exact_mid_p": "exact, mid-P"}


def _compared_with(row: Row) -> str:
    """Name what a group is compared with, where that is not the reference of its level."""
    return "" if row["comparator"] == "reference" else tables.in_words(row["comparator"])


def _selected_of(side: str) -> Column:
    heading = {"group": "Selected, of decided", "reference": "Compared with"}[side]
    return Column(
        heading,
        lambda row: f"{count(row[f'{side}_selected'])} of {count(row[f'{side}_decided'])}",
        _compared_with if side == "reference" else None,
        name=side,
    )


def _split(row: Row) -> str:
    return ALL_APPLICANTS if row["breakdown"] == "all" else tables.in_words(row["breakdown"])


def _family(row: Row) -> str:
    return "" if row["family_size"] is None else f"of {row['family_size']} tests"


def _short(row: Row) -> str:
    moved = "; one moved reverses it" if row["flip_flop"] else ""
    needed = row["selections_to_four_fifths"]
    return f"{needed} to four fifths{moved}" if needed else moved.removeprefix("; ")


_GROUP = Column("Group", lambda row: row["group_name"], name="group")
_STEP = Column("Step", step, words=True, name="step")
_RATIO = Column("Ratio", *tables.ranged("impact_ratio", ratio), name="ratio")
_FINDING = Column("Finding", lambda row: tables.in_words(row["finding"]), words=True, name="finding")
_SEEN = Column("Panel sees", lambda row: figure_seen(row, "impact_ratio"), finding_seen, words=True, name="seen")
# One line for each figure of a comparison.
COMPARISON_COLUMNS = (
    _GROUP,
    _STEP,
    _RATIO,
    _SEEN,
    _FINDING,
    Column("Holm", lambda row: probability(row["p_adjusted"]), _family, name="holm"),
    Column("p", lambda row: probability(row["p_value"]), lambda row: _METHODS.get(row["p_method"], ""), name="p"),
    _selected_of("group"),
    _selected_of("reference"),
    Column("Rate", *tables.ranged("selection_rate", share), name="rate"),
    Column("Other way round", lambda row: ratio(row["relative_likelihood"]), name="reverse"),
    Column("Short of parity", lambda row: tables.one_place(row["shortfall"]), _short, name="short"),
    Column("Level", lambda row: LEVELS[row["level"]], words=True, name="level"),
    Column("Split", _split, words=True, name="split"),
    Column("Part", lambda row: "All" if row["breakdown"] == "all" else row["breakdown_value"], words=True, name="part"),
)


def in_order(rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows as they are read: all applicants first, then split by split; groups in display order."""
    order = {level: {name: place for place, name in enumerate(display_order(level))} for level in LEVELS}
    place = pl.struct("level", "group_name").map_elements(
        lambda row: order[row["level"]].get(row["group_name"], len(order[row["level"]])), return_dtype=pl.Int64
    )
    return rows.sort(
        pl.col("breakdown") != "all",
        "breakdown",
        "breakdown_value",
        pl.col("level").replace_strict(list(LEVELS), list(range(len(LEVELS))), return_dtype=pl.Int64),
        "step_order",
        place,
        maintain_order=True,
    )


def every_comparison(report: ExactReport) -> Markup:
    """Return the table of comparisons, which the reader can sort and choose from."""
    rows = in_order(report.comparisons)
    return tables.table("Every comparison", COMPARISON_COLUMNS, rows.iter_rows(named=True), "comparisons")


def filters() -> list[tuple[str, str, list[str]]]:
    """Return name, label and choices of each filter; choices that depend on the rows are left to the script."""
    return [
        ("level", "Level", list(LEVELS.values())),
        ("group", "Group", []),
        ("split", "Split", []),
        ("part", "Part of the split", []),
        ("step", "Step", []),
        ("finding", "Finding", list(map(tables.in_words, FINDINGS))),
    ]


def settled(report: ExactReport) -> pl.DataFrame:
    """Return the exact findings of groups that hold after adjustment, all applicants together."""
    return report.unsplit.filter(
        pl.col("level").is_in(["wres", "group"]), pl.col("finding").is_in(SETTLED), pl.col("group_name") != "Unknown"
    ).sort("level", "step_order", descending=[True, False])


def settled_table(report: ExactReport) -> Markup | None:
    """Return what holds after adjustment; None if nothing does."""
    rows = settled(report)
    if rows.is_empty():
        return None
    columns = [column for column in COMPARISON_COLUMNS if column.name not in ("level", "split", "part", "reverse")]
    return tables.table("Differences that hold after adjustment", columns, rows.iter_rows(named=True))


def forests(report: ExactReport) -> list[Chart]:
    """Return a chart of exact ratios for every step: the groups, then BME and White."""
    return list(_forests(report))


def _forests(report: ExactReport) -> Iterator[Chart]:
    rows = in_order(report.unsplit.filter(pl.col("level") == "group", pl.col("group_name") != "Unknown"))
    for (order,), of_step in rows.group_by("step_order", maintain_order=True):
        drawn: list[dict[str, Any]] = [
            row | {"not_shown_reason": None if row["impact_ratio_low"] is not None else _why(row)}
            for row in exact_rows(of_step, DISPARITIES)
        ]
        if any(row["not_shown_reason"] is None for row in drawn):
            yield forest_chart(f"exact-{order}", drawn)


def _why(row: Row) -> str:
    return "reference_never_selected" if row["group_decided"] else "no_decisions"


def power(report: ExactReport) -> Markup:
    """Return what these numbers would have found: the smallest detectable ratio of every group at every step."""
    columns = (
        _GROUP,
        _STEP,
        _selected_of("group"),
        _selected_of("reference"),
        _RATIO,
        Column("Would be found from", lambda row: ratio(row["smallest_detectable_ratio"])),
        _FINDING,
    )
    return tables.table("The smallest ratio that would be found", columns, _headlines(report).iter_rows(named=True))


def unknown_bounds(report: ExactReport) -> Markup:
    """Return how far the ratio could move, whoever the applicants of unknown ethnicity are."""
    columns = (
        _GROUP,
        _STEP,
        _RATIO,
        Column("Lowest possible", lambda row: ratio(row["unknown_low"])),
        Column("Highest possible", lambda row: ratio(row["unknown_high"]) if row["unknown_high"] else "no limit"),
        Column("Direction", _direction, words=True),
        Column("Panel sees", lambda row: figure_seen(row, "impact_ratio"), words=True),
    )
    return tables.table("Bounds for unknown ethnicity", columns, _headlines(report).iter_rows(named=True))


def _direction(row: Row) -> str:
    low, high, value = row["unknown_low"], row["unknown_high"], row["impact_ratio"]
    if low is None or value is None:
        return "not known"
    if value < 1:
        return "could be reversed" if high is None or high >= 1 else "holds"
    return "could be reversed" if low <= 1 else "holds"


def _headlines(report: ExactReport) -> pl.DataFrame:
    return in_order(report.unsplit.filter(pl.col("level").is_in(["wres", "group"]), pl.col("group_name") != "Unknown"))
