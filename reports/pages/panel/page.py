"""The page for the recruitment panel: the answer first, then what it rests on. Everything comes from an Edition."""

from collections.abc import Callable
from typing import Any

from equity_audit.vocabulary import ALL_APPLICANTS, OUTCOMES, remapped
from reports.cells import words
from reports.cells.rate_tables import grid, ordered, part_tables, steps_of
from reports.cells.whole_path import step_title, with_whole_path
from reports.charts.path_chart import path_chart
from reports.charts.stage_charts import Chart, stage_bars
from reports.charts.waterfall import waterfalls
from reports.edition.check_results import check_results, checks_in_words, not_met
from reports.edition.record import Edition, unsplit
from reports.edition.references import group_reference, level_names
from reports.edition.sources import recruitment_shapes, sources
from reports.figures.printable import people, setting_percent, stage_name, step_name
from reports.figures.shown_numbers import WHOLE_PATH, shown_rows
from reports.pages.clustering import clustering
from reports.pages.first_lines import headline, unknown_line, wres_line
from reports.pages.panel.changes import since_last_period
from reports.pages.panel.corrections import since_last_revision
from reports.pages.panel.like_for_like import like_for_like
from reports.pages.panel.several_years import several_years
from reports.pages.panel.splits import not_published, split_sections
from reports.pages.panel.survey import what_staff_say
from reports.pages.panel.workforce import who_works_here
from reports.pages.settled import asked_step
from reports.pages.shell import PLOTLY, Page, render

# Of differences that are only possible, those that are not folded.
_MOST = 4
# Of people counted beside recruitment: what the template of the name panel/<name>.html.j2 gets as `section`, or None.
BESIDE: dict[str, Callable[[Edition], dict[str, Any] | None]] = {
    "workforce": who_works_here,
    "survey": what_staff_say,
}


def render_panel(edition: Edition) -> Page:
    """Return the page of an edition as HTML."""
    corrected, together = since_last_revision(edition), several_years(unsplit(edition))
    edition = with_whole_path(edition)
    step = asked_step(edition)
    splits, missing_splits = split_sections(edition, step), not_published(edition)
    parts = list(part_tables(edition))
    beside = {name: told_by(edition) for name, told_by in BESIDE.items()}
    edition = unsplit(edition)
    levels = set(edition.tables["stage_counts"]["level"])
    paths = waterfalls(edition)
    checks = check_results(edition.checks)
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
        most=_MOST,
        wres=wres_line(edition),
        together=together,
        since=since_last_period(edition),
        corrected=corrected,
        unknown=unknown_line(edition),
        path=path_section(edition),
        stage_bars=_stage_bars(edition),
        waterfalls=paths,
        any_waterfall=any(chart for chart, _ in paths),
        splits=splits,
        not_published=missing_splits,
        alike=like_for_like(edition, step),
        reached=_reached_table(edition),
        tables=[_level_tables(edition, level) for level in level_names(levels)],
        levels=level_names(levels),
        british="wres" in levels,
        references=_references(edition),
        parts=parts,
        outcomes=_outcomes(edition),
        beside=beside,
        sources=sources(edition),
        clustering=clustering(edition),
        aggregated=recruitment_shapes(edition.tables) == {"counts"},
        remapped=_remapped(edition),
        checks=checks_in_words(checks),
        warnings=not_met(checks),
        not_shown=words.NOT_SHOWN,
    )


def path_section(edition: Edition) -> dict[str, Any]:
    """Return the path in one chart, how many reached each stage, and which groups the chart cannot show at all.

    BME applicants come first at each step, then the groups of which some step can be shown. `edition` with the whole
    path, without splits; "chart" is None if nothing can be shown.
    """
    comparison = edition.settings["comparison"]
    # One axis has one group to compare with.
    alike = comparison["reference_wres"] == comparison["reference_group"]
    rows = [
        row
        for level in (("wres", "group") if alike else ("group",))
        for row in ordered(edition, "disparities", level)
        if row["step_kind"] in ("stage", WHOLE_PATH) and row["group_name"] != "Unknown"
    ]
    named = list(dict.fromkeys(row["group_name"] for row in rows))
    able = {row["group_name"] for row in rows if row["not_shown_reason"] is None}
    drawn = sorted((row for row in rows if row["group_name"] in able), key=lambda row: row["step_order"])
    everybody = _reached(edition, "all")[ALL_APPLICANTS]
    below = edition.settings["disclosure"]["withhold_below"]
    return {
        "chart": path_chart("path-0", drawn) if drawn else None,
        "bme": "BME" in able and len(able) > 1,
        "unable": [name for name in named if name not in able],
        "reached": [
            (name, words.count(value, note, below), note == "protects_another") for name, value, note in everybody
        ],
    }


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
        "steps": [step_title(step) for step in steps],
        "rates": grid(ordered(edition, "selection_rates", level), steps, words.rate_cell),
        "ratios": grid(ordered(edition, "disparities", level), steps, words.ratio_cell),
        "reference": _references(edition)[level],
    }


def _references(edition: Edition) -> dict[str, str]:
    """Return the people whom others are compared with, at each level."""
    policy = edition.settings["comparison"]
    names = {level: policy[f"reference_{level}"] for level in ("wres", "category")} | {
        "group": group_reference(edition)
    }
    return {level: people(named) for level, named in names.items()}


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
