"""The page for the recruitment panel: the answer first, then what it rests on. Everything comes from an Edition."""

from collections.abc import Callable
from typing import Any

import polars as pl

from equity_audit.vocabulary import ALL_APPLICANTS, OUTCOMES, remapped
from reports.cells import words
from reports.cells.rate_tables import LEVELS, grid, ordered, part_tables, steps_of
from reports.charts.stage_charts import Chart, forest_chart, stage_bars
from reports.charts.waterfall import waterfalls
from reports.edition.record import Edition, unsplit
from reports.edition.sources import recruitment_shapes, sources
from reports.figures.printable import setting_percent, stage_name, step_name
from reports.figures.shown_numbers import shown_rows
from reports.pages.clustering import clustering
from reports.pages.first_lines import headline, unknown_line, wres_line
from reports.pages.panel.changes import since_last_period
from reports.pages.panel.corrections import since_last_revision
from reports.pages.panel.like_for_like import like_for_like
from reports.pages.panel.several_years import several_years
from reports.pages.panel.splits import not_published, split_charts
from reports.pages.panel.survey import what_staff_say
from reports.pages.panel.workforce import who_works_here
from reports.pages.shell import PLOTLY, Page, render

# Of people counted beside recruitment: what the template of the name panel/<name>.html.j2 gets as `section`, or None.
BESIDE: dict[str, Callable[[Edition], dict[str, Any] | None]] = {
    "workforce": who_works_here,
    "survey": what_staff_say,
}


def render_panel(edition: Edition) -> Page:
    """Return the page of an edition as HTML."""
    splits, missing_splits = split_charts(edition), not_published(edition)
    parts = list(part_tables(edition))
    beside = {name: told_by(edition) for name, told_by in BESIDE.items()}
    corrected = since_last_revision(edition)
    edition = unsplit(edition)
    levels = set(edition.tables["stage_counts"]["level"])
    paths = waterfalls(edition)
    return render(
        "panel/panel.html.j2",
        ("filter.js", PLOTLY, "draw.js"),
        edition=edition,
        policy=edition.settings,
        small=words.small_counts(edition.settings["disclosure"]),
        confidence=setting_percent(edition.settings["comparison"]["confidence"]),
        point_share=setting_percent(edition.settings["disclosure"]["point_share"]),
        point_within=setting_percent(edition.settings["disclosure"]["point_within"]),
        headline=headline(edition),
        wres=wres_line(edition),
        together=several_years(edition),
        since=since_last_period(edition),
        corrected=corrected,
        unknown=unknown_line(edition),
        stage_bars=_stage_bars(edition),
        forests=_forests(edition),
        waterfalls=paths,
        any_waterfall=any(chart for chart, _ in paths),
        splits=splits,
        not_published=missing_splits,
        alike=like_for_like(edition),
        reached=_reached_table(edition),
        tables=[_level_tables(edition, level) for level in LEVELS if level in levels],
        levels={level: name for level, name in LEVELS.items() if level in levels},
        parts=parts,
        outcomes=_outcomes(edition),
        beside=beside,
        sources=sources(edition),
        clustering=clustering(edition),
        aggregated=recruitment_shapes(edition.tables) == {"counts"},
        remapped=_remapped(edition),
        checks=_check_summary(edition),
        not_shown=words.NOT_SHOWN,
    )


def _reached(edition: Edition, level: str) -> dict[str, list[tuple[str, int | None, str | None]]]:
    """Return for each group how many reached each stage: the first of every step, then the last of the last."""
    reached: dict[str, list[tuple[str, int | None, str | None]]] = {}
    steps = [row for row in ordered(edition, "stage_counts", level) if row["step_kind"] == "stage"]
    for row in steps:
        reached.setdefault(row["group_name"], []).append(
            (stage_name(row["from_stage"]), row["reached"], row["reached_note"])
        )
    last = max(row["step_order"] for row in steps)
    for row in steps:
        if row["step_order"] == last:
            reached[row["group_name"]].append((stage_name(row["to_stage"]), row["progressed"], row["progressed_note"]))
    return reached


def _stage_bars(edition: Edition) -> list[Chart]:
    below = edition.settings["disclosure"]["withhold_below"]
    groups = {**_reached(edition, "all"), **_reached(edition, "group")}
    return [
        stage_bars(f"stages-{position}", group, stages, below)
        for position, (group, stages) in enumerate(groups.items())
    ]


def _forests(edition: Edition) -> list[Chart]:
    rows = ordered(edition, "disparities", "group")
    return [
        forest_chart(f"forest-{step['step_order']}", [row for row in rows if row["step_order"] == step["step_order"]])
        for step in steps_of(edition.tables["disparities"].filter(pl.col("level") == "group"))
    ]


def _reached_table(edition: Edition) -> dict[str, Any]:
    below = edition.settings["disclosure"]["withhold_below"]
    groups = {**_reached(edition, "all"), **_reached(edition, "group")}
    return {
        "stages": [name for name, _, _ in groups[ALL_APPLICANTS]],
        "rows": [
            (group, [words.count(value, note, below) for _, value, note in stages]) for group, stages in groups.items()
        ],
    }


def _level_tables(edition: Edition, level: str) -> dict[str, Any]:
    """Return rates and ratios of a level: a row for each group, a column for each step."""
    rates = edition.tables["selection_rates"]
    steps = steps_of(rates)
    return {
        "level": level,
        "steps": [step_name(step["from_stage"], step["to_stage"]) for step in steps],
        "rates": grid(ordered(edition, "selection_rates", level), steps, words.rate_cell),
        "ratios": grid(ordered(edition, "disparities", level), steps, words.ratio_cell),
        "reference": edition.settings["comparison"][f"reference_{level}"],
    }


def _outcomes(edition: Edition) -> dict[str, Any]:
    """Return what happened at each single step, all applicants together."""
    below = edition.settings["disclosure"]["withhold_below"]
    rows = shown_rows(edition.tables["outcome_counts"].sort("step_order"), "outcome_counts")
    steps = {row["step_order"]: step_name(row["from_stage"], row["to_stage"]) for row in rows}
    shown = {
        (row["step_order"], row["outcome"]): words.count(row["applications"], row["applications_note"], below)
        for row in rows
    }
    return {
        "outcomes": [(outcome, meaning) for outcome, meaning in OUTCOMES.items()],
        "rows": [(name, [shown[order, outcome] for outcome in OUTCOMES]) for order, name in steps.items()],
    }


def _remapped(edition: Edition) -> list[str]:
    """Return what mapping every source to one classification changed, a sentence for each kind of change."""
    sentences = {remapped(name) for name in edition.tables["sources"]["ethnicity_classification"]}
    return sorted(sentence for sentence in sentences if sentence)


def _check_summary(edition: Edition) -> dict[str, Any]:
    failed = [check for check in edition.checks if not check.passed]
    return {
        "critical": sum(check.severity == "critical" for check in edition.checks),
        "warnings": [check for check in failed if check.severity == "warning"],
        "all": edition.checks,
    }
