"""The page for the analyst: every published comparison, what they add up to, and how far they can be relied on.

Counts of comparisons are the only numbers calculated here; everything else comes from the disclosed tables.
"""

import polars as pl

from reports.cells.comparison_rows import LEVELS, NOT_SHOWN, READINGS, comparison_rows
from reports.cells.not_shown import meanings
from reports.cells.path_rows import path_rows
from reports.cells.words import small_counts
from reports.charts.stage_charts import USUAL
from reports.edition.check_results import check_results
from reports.edition.record import Edition, unsplit
from reports.edition.references import group_reference
from reports.exports.workbook_notes import PUBLISHED_FINDINGS
from reports.figures.printable import people, setting_percent, stage_name, tally
from reports.pages.clustering import clustering
from reports.pages.first_lines import unknown_line
from reports.pages.shell import Page, render
from reports.pages.variation import variation


def render_analyst(edition: Edition) -> Page:
    """Return the page of an edition as HTML."""
    rows = comparison_rows(edition)
    return render(
        "analyst/analyst.html.j2",
        ("tables.js",),
        edition=edition,
        policy=edition.settings,
        reference=people(group_reference(edition)),
        small=small_counts(edition.settings["disclosure"]),
        confidence=setting_percent(edition.settings["comparison"]["confidence"]),
        limits=[setting_percent(level) for level in edition.settings["variation"]["funnel_limits"]],
        rows=rows,
        levels={row["level"] for row in rows},
        shown=sum(row["reading"] != NOT_SHOWN for row in rows),
        filters=_filters(),
        findings=_findings(edition),
        reach=_reach(edition),
        split=edition.tables["disparities"]["breakdown"].n_unique() > 1,
        paths=path_rows(unsplit(edition)),
        clustering=clustering(edition),
        departments=variation(edition),
        unknown=unknown_line(unsplit(edition)),
        checks=check_results(edition.checks),
        marks=list(meanings(edition.settings["disclosure"])),
    )


def _filters() -> list[tuple[str, str, list[str]]]:
    """Return name, label and choices of each filter. Choices that depend on the edition are left to the script."""
    return [
        ("level", "Level", list(LEVELS.values())),
        ("group", "Group", []),
        ("split", "Split", []),
        ("part", "Part of the split", []),
        ("step", "Step", []),
        ("reading", "Selected", [*READINGS.values(), NOT_SHOWN]),
        ("finding", "Finding", [*map(stage_name, PUBLISHED_FINDINGS), NOT_SHOWN]),
    ]


def _findings(edition: Edition) -> list[tuple[str, str, list[str]]]:
    """Return each finding, its meaning, and how many comparisons have it: of all applicants, and within splits."""
    rows = edition.tables["disparities"]
    return [
        *(
            (stage_name(name), meaning, _tally(rows, pl.col("finding") == name))
            for name, meaning in PUBLISHED_FINDINGS.items()
        ),
        (NOT_SHOWN, "a number it needs is withheld or too small", _tally(rows, pl.col("finding").is_null())),
    ]


def _reach(edition: Edition) -> dict[str, list[str]]:
    """Count the ranges that settle a question (one_side, narrow), and those that leave it open (wide)."""
    rows = edition.tables["disparities"].filter(pl.col("reading").is_not_null())
    clear = pl.col("reading") != "not_clear"
    low, high = USUAL
    narrow = ((pl.col("impact_ratio_low") >= low) & (pl.col("impact_ratio_high") <= high)).fill_null(value=False)
    conditions = {"one_side": clear, "narrow": ~clear & narrow, "wide": ~clear & ~narrow}
    return {name: _tally(rows, condition) for name, condition in conditions.items()}


def _tally(rows: pl.DataFrame, condition: pl.Expr) -> list[str]:
    """Count the comparisons that meet a condition, of all applicants and within splits."""
    split = rows.filter(condition)["breakdown"] != "all"
    return [
        f"{tally(count)} comparison{'' if count == 1 else 's'}" for count in (int((~split).sum()), int(split.sum()))
    ]
