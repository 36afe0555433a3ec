"""What the first lines of the page say, chosen by rule: the clearest differences, or plainly that there are none."""

from typing import Any

import polars as pl

from equity_audit.vocabulary import display_order
from reports.cells.words import count, reversed_range
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
from reports.figures.shown_numbers import derived, fixed, shown_rows

_MOST = 3


def headline(edition: Edition) -> dict[str, Any]:
    """Return the title, at most three differences between groups (widest first), and how many comparisons there are."""
    rows = _between_groups(edition)
    compared = rows.filter(pl.col("reading").is_not_null())
    clear = compared.filter(pl.col("reading") != "not_clear")
    return {
        "title": _title(compared.height, clear.height, clear.filter(pl.col("impact_ratio").is_not_null())),
        "differences": [_difference(row, edition) for row in shown_rows(clearest(edition), "disparities")],
        "clear_ones": clear.height,
        "compared": compared.height,
    }


def clearest(edition: Edition) -> pl.DataFrame:
    """Return rows of disclosed.disparities: at most three clear differences between groups, widest first.

    Only those that are shown as single figures.
    """
    clear = _between_groups(edition).filter(
        pl.col("reading").is_in(("less_often", "more_often")), pl.col("impact_ratio").is_not_null()
    )
    # How far the whole range is from equal, on the log scale, so that half and twice as likely are equally far.
    distance = (
        pl.when(pl.col("reading") == "less_often")
        .then(-pl.col("impact_ratio_high").log())
        .otherwise(pl.col("impact_ratio_low").log())
    )
    return clear.sort(distance, pl.col("step_order"), descending=[True, False]).head(_MOST)


def wres_line(edition: Edition) -> dict[str, str] | None:
    """Return WRES indicator 2, White and BME from shortlisting to appointment in both directions; None if not shown.

    "range" is empty if both directions are ranges already.
    """
    rows = edition.tables["disparities"].filter(
        pl.col("level") == "wres",
        pl.col("group_name") == "BME",
        pl.col("from_stage") == "shortlisted",
        pl.col("to_stage") == "appointed",
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


def _between_groups(edition: Edition) -> pl.DataFrame:
    """Return the comparisons of the five groups; applicants of unknown ethnicity are not a group here."""
    return edition.tables["disparities"].filter(pl.col("level") == "group", pl.col("group_name") != "Unknown")


def _title(compared: int, clear_ones: int, clear: pl.DataFrame) -> str:
    """Return the title. clear: those of the clear differences that are shown as single figures."""
    if compared == 0:
        return "There are too few applications to compare groups"
    if clear_ones == 0:
        return "No clear difference between groups was found"
    if clear.is_empty():
        return "Numbers are too small to give differences between groups in single figures"
    less = clear.filter(pl.col("reading") == "less_often")["group_name"].unique().to_list()
    if not less:
        return "Some groups were selected more often than White applicants"
    names = [name for name in display_order("group") if name in less]
    return f"{sentence(_together(names))} were selected less often than White applicants"


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
        detail = f"Of those {at_stage(row['from_stage'])}: {ours}, {theirs}."
    return {
        "lead": f"{sentence(people(row['group_name']))} were {ratio(row['impact_ratio'])} times as likely as "
        f"{people(row['reference_name'])} {to_stage(row['to_stage'])}",
        "range": likely_range(row["impact_ratio_low"], row["impact_ratio_high"]),
        "detail": detail,
    }
