"""Which differences a page may state: those that are settled, those that are only possible, and what is ruled out.

A settled finding holds for all exact counts that would be published the same, after Holm's adjustment for every group
at every single step and over the whole path. Titles and cards state nothing else.
"""

from typing import Any

import polars as pl

from reports.cells.whole_path import step_words
from reports.cells.words import SETTLED
from reports.charts.stage_charts import USUAL
from reports.edition.record import Edition
from reports.figures.printable import between, people, sentence
from reports.figures.shown_numbers import WHOLE_PATH, shown_rows

_KEY = ("level", "breakdown", "breakdown_value", "step_order", "from_stage", "to_stage")

# WRES indicator 2: BME against White applicants, from shortlisting to appointment.
WRES_INDICATOR = (
    (pl.col("level") == "wres")
    & (pl.col("group_name") == "BME")
    & (pl.col("from_stage") == "shortlisted")
    & (pl.col("to_stage") == "appointed")
)


def compared(edition: Edition) -> pl.DataFrame:
    """Return the shown comparisons of the five groups at single steps and over the whole path.

    Functions here take an edition as `reports.cells.whole_path.with_whole_path` returns it.
    """
    return edition.tables["disparities"].filter(
        pl.col("level") == "group",
        # Applicants of unknown ethnicity are not a group here.
        pl.col("group_name") != "Unknown",
        pl.col("step_kind").is_in(("stage", WHOLE_PATH)),
        pl.col("not_shown_reason").is_null(),
    )


def settled(edition: Edition) -> pl.DataFrame:
    """Return the settled differences between groups that have a single figure, those furthest from equal first."""
    least = edition.settings["comparison"]["stated_least_selected"]
    counts = edition.tables["stage_counts"].select(*_KEY, "group_name", "progressed")
    rows = compared(edition).filter(pl.col("finding").is_in(SETTLED), pl.col("impact_ratio").is_not_null())
    for side in ("group_name", "reference_name"):
        selected = counts.rename({"group_name": side, "progressed": f"{side}_selected"})
        rows = rows.join(selected, on=[*_KEY, side], how="left", maintain_order="left")
    enough = pl.min_horizontal("group_name_selected", "reference_name_selected") >= least
    # How far the whole range is from equal, on the log scale, so that half and twice as likely are equally far.
    distance = pl.max_horizontal(-pl.col("impact_ratio_high").log(), pl.col("impact_ratio_low").log())
    kept = rows.filter(enough.fill_null(value=False)).select(edition.tables["disparities"].columns)
    return kept.sort(distance, pl.col("step_order"), descending=[True, False])


def asked_step(edition: Edition) -> int:
    """Return the order of the step that a page looks into: that of the first settled difference, else the first."""
    stated = settled(edition)
    return 0 if stated.is_empty() else int(stated["step_order"][0])


def possible(edition: Edition) -> pl.DataFrame:
    """Return differences whose whole range is on one side of 1 without being settled: nothing is claimed of them."""
    stated = settled(edition).select(*_KEY, "group_name")
    clear = compared(edition).filter(pl.col("reading").is_in(("less_often", "more_often")))
    return clear.join(stated, on=[*_KEY, "group_name"], how="anti", maintain_order="left")


def ruled_out(edition: Edition) -> list[dict[str, str]]:
    """Return a sentence for each headline without a stated difference: the gaps that its range leaves possible.

    Headlines: BME and White applicants at every step, and each group over the whole path.
    """
    disparities = edition.tables["disparities"]
    groups = compared(edition).filter(pl.col("step_kind") == WHOLE_PATH)
    bme = disparities.filter(
        pl.col("level") == "wres", pl.col("group_name") == "BME", pl.col("not_shown_reason").is_null()
    )
    stated = settled(edition).select(*_KEY, "group_name")
    rows = pl.concat([groups, bme]).filter(~pl.col("finding").is_in(SETTLED).fill_null(value=False))
    left = rows.join(stated, on=[*_KEY, "group_name"], how="anti", maintain_order="left")
    return [_ruled_out(row) for row in shown_rows(left.sort("level", "step_order"), "disparities")]


def _ruled_out(row: dict[str, Any]) -> dict[str, str]:
    low, high = row["impact_ratio_low"], row["impact_ratio_high"]
    range_in_words = between(low, high)
    usual = high is not None and low >= USUAL[0] and high <= USUAL[1]
    told = "the whole range gives no cause for concern" if usual else "nothing in this range can be ruled out"
    return {
        "who": f"{sentence(people(row['group_name']))}, {step_words(row)}",
        "sentence": f"{range_in_words} times as likely as {people(row['reference_name'])}: {told}",
    }
