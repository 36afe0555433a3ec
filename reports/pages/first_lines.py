"""What the first lines of the page say, chosen by rule: settled differences, or plainly that there are none."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from equity_audit.vocabulary import display_order
from reports.cells.whole_path import step_words
from reports.cells.words import count, reversed_range
from reports.charts.stage_charts import USUAL
from reports.edition.record import Edition
from reports.figures.printable import (
    at_stage,
    likely_range,
    number,
    people,
    percent,
    point_or_range,
    ratio,
    sentence,
    to_stage,
)
from reports.figures.shown_numbers import WHOLE_PATH, derived, fixed, shown_rows
from reports.pages.settled import WRES_INDICATOR, compared, possible, ruled_out, settled
from reports.pages.years_together import compared_together, how_many, in_the_years, settled_together

_MOST = 3


def headline(edition: Edition) -> dict[str, Any]:
    """Return the title, the settled differences between groups (at most three, widest first), and how many there are.

    edition: with the whole path as `reports.cells.whole_path` has it.

    possible: sentences on what is clear by its range alone; ruled_out: what the other headlines leave possible.
    """
    stated, unsettled = settled(edition), possible(edition)
    together = pl.DataFrame() if stated.height else settled_together(edition)
    return {
        "title": _title(compared(edition).height, shown_rows(stated, "disparities"))
        if together.is_empty()
        else in_the_years(edition) + _difference_in_words(shown_rows(together, "several_years")),
        "together": _together_first(edition, together),
        "differences": [_difference(row, edition) for row in shown_rows(stated.head(_MOST), "disparities")],
        "settled": stated.height,
        "compared": compared(edition).height,
        "possible": [_possible(row) for row in shown_rows(unsettled, "disparities")],
        "ruled_out": ruled_out(edition),
    }


def _together_first(edition: Edition, together: pl.DataFrame) -> dict[str, Any] | None:
    """Return what the first lines say of several years together; None if they are not the answer."""
    if together.is_empty():
        return None
    return {
        "years": how_many(edition),
        "settled": together.height,
        "compared": compared_together(edition).height,
        "differences": [_over_the_years(row) for row in shown_rows(together.head(_MOST), "several_years")],
    }


def _over_the_years(row: dict[str, Any]) -> dict[str, str]:
    detail = ""
    if row["selection_rate"] is not None and row["reference_rate"] is not None:
        rates = (("group_name", "selection_rate"), ("reference_name", "reference_rate"))
        ours, theirs = (f"{percent(row[rate])} of {people(row[group])}" for group, rate in rates)
        detail = f"Of those {at_stage(row['from_stage'])}: {ours}, {theirs}."
    return {
        "lead": _lead(row),
        "range": likely_range(row["impact_ratio_low"], row["impact_ratio_high"]),
        "detail": detail,
    }


def _lead(row: Mapping[str, Any]) -> str:
    return (
        f"{sentence(people(row['group_name']))} were {ratio(row['impact_ratio'])} times as likely as "
        f"{people(row['reference_name'])} {to_stage(row['to_stage'])}"
    )


def wres_line(edition: Edition) -> dict[str, str] | None:
    """Return WRES indicator 2, White and BME from shortlisting to appointment in both directions; None if not shown.

    "range" is empty if both directions are ranges already.
    """
    rows = edition.tables["disparities"].filter(
        WRES_INDICATOR,
        pl.col("not_shown_reason").is_null(),
        # Nobody at all has no ratio the other way round.
        pl.col("impact_ratio").fill_null(1) > 0,
    )
    if rows.is_empty():
        return None
    row = shown_rows(rows, "disparities")[0]
    if row["impact_ratio"] is None:
        return {
            "white_over_bme": reversed_range(row),
            "bme_over_white": point_or_range(row, "impact_ratio"),
            "range": "",
        }
    return {
        "white_over_bme": ratio(row["relative_likelihood"]),
        "bme_over_white": ratio(row["impact_ratio"]),
        "range": likely_range(row["impact_ratio_low"], row["impact_ratio_high"]),
    }


def unknown_line(edition: Edition) -> dict[str, str]:
    """Return how many applicants are of unknown ethnicity, as a number and a share of all."""
    first = edition.tables["stage_counts"].filter(pl.col("step_order") == 0)
    counts = shown_rows(first.filter(pl.col("breakdown") == "all"), "stage_counts")
    everyone = next(row["reached"] for row in counts if row["level"] == "all")
    rows = [row for row in counts if (row["level"], row["group_name"]) == ("group", "Unknown")]
    # A group without a row has nobody in it.
    unknown: dict[str, Any] = rows[0] if rows else {"reached": fixed(0), "reached_note": None}
    below = edition.settings["disclosure"]["withhold_below"]
    line = {"count": count(unknown["reached"], unknown["reached_note"], below), "share": "", "all": number(everyone)}
    if unknown["reached"] is not None and everyone:
        line["share"] = percent(derived(unknown["reached"] / everyone, unknown["reached"], everyone))
    return line


def _title(compared: int, stated: Sequence[Mapping[str, Any]]) -> str:
    """Return the title: the clearest settled difference, with every group of which the same is settled; or none."""
    if compared == 0:
        return "There are too few applications to compare groups"
    if not stated:
        return "These numbers settle no difference between groups"
    return sentence(_difference_in_words(stated))


def _difference_in_words(stated: Sequence[Mapping[str, Any]]) -> str:
    """Say the first of the settled differences, with every group of which the same is settled."""
    first = stated[0]
    alike = {row["group_name"] for row in stated if _told(row) == _told(first)}
    names = [name for name in display_order("group") if name in alike]
    little = "a little " if first["finding"] == "small_difference" or _is_small_path(first) else ""
    way = "less" if first["impact_ratio"] < 1 else "more"
    who = _together(names)
    among = (
        ""
        if first["step_order"] == 0 or first["step_kind"] == WHOLE_PATH
        else f", of those {_at(first['from_stage'])},"
    )
    return (
        f"{who}{among} were {little}{way} likely {to_stage(first['to_stage'])} than {people(first['reference_name'])}"
    )


def _told(row: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return what a title says about a difference, without the group."""
    return row["step_order"], row["finding"], row["impact_ratio"] < 1


def _is_small_path(row: Mapping[str, Any]) -> bool:
    """Whether the whole path's own figure is small: its finding is that of the span, which can differ."""
    return row["step_kind"] == WHOLE_PATH and USUAL[0] <= row["impact_ratio"] <= USUAL[1]


def _at(stage: str) -> str:
    return at_stage(stage).replace(" and decided on", "")


def _possible(row: Mapping[str, Any]) -> dict[str, str]:
    """Return a difference that is clear by its range alone."""
    figure = point_or_range(row, "impact_ratio")
    likely = f" (likely range {likely_range(row['impact_ratio_low'], row['impact_ratio_high'])})"
    return {
        "who": f"{sentence(people(row['group_name']))}, {step_words(row)}",
        "sentence": f"{figure} times as likely as {people(row['reference_name'])}"
        f"{'' if row['impact_ratio'] is None else likely}",
    }


def _together(names: list[str]) -> str:
    """Join groups as the subject of a sentence."""
    if len(names) == 1:
        return people(names[0])
    listed = ", ".join(names[:-1]) + f" and {names[-1]}"
    if set(names) <= {"Asian", "Black"}:
        return f"{listed} applicants"
    return f"{listed.replace('Mixed', 'mixed').replace('Other', 'other')} ethnic groups"


def _difference(row: dict[str, Any], edition: Edition) -> dict[str, str]:
    key = ("level", "breakdown", "breakdown_value", "step_order")
    same_step = edition.tables["selection_rates"].filter(*(pl.col(name) == row[name] for name in key))
    rates = {r["group_name"]: r for r in shown_rows(same_step, "selection_rates")}
    both = rates[row["group_name"]], rates[row["reference_name"]]
    detail = ""
    if all(rate["selection_rate"] is not None for rate in both):
        ours, theirs = (f"{percent(rate['selection_rate'])} of {people(rate['group_name'])}" for rate in both)
        of = "Over the whole path" if row["step_kind"] == WHOLE_PATH else f"Of those {at_stage(row['from_stage'])}"
        detail = f"{of}: {ours}, {theirs}."
    return {
        "lead": _lead(row),
        "range": likely_range(row["impact_ratio_low"], row["impact_ratio_high"]),
        "detail": detail,
    }
