"""What the page says about the period before: its figures beside this period's.

Both come from published tables alone, so this reveals nothing that those do not.
"""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

import polars as pl

from equity_audit.measures.change import ratio_changes
from equity_audit.periods import period_label, period_start
from equity_audit.settings import PeriodPolicy
from equity_audit.vocabulary import display_order
from reports.cells.rate_tables import steps_of
from reports.cells.whole_path import step_title, step_words
from reports.cells.words import NOT_SHOWN, SETTLED, figure_cell
from reports.edition.comparable import why_not_comparable
from reports.edition.record import Earlier, Edition
from reports.figures.printable import between, likely_range, name, people, point_or_range, ratio, sentence
from reports.figures.shown_numbers import WHOLE_PATH, shown_rows
from reports.pages.settled import WRES_INDICATOR

_MOST = 3
_READINGS = {"fell": "lower", "rose": "higher", "not_clear": "may be chance"}


def period_before(period: date, settings: Mapping[str, Any]) -> tuple[date, str]:
    """Return the first day of the period before, and the period in words."""
    policy = PeriodPolicy.model_validate(settings["period"])
    start = period_start(period - timedelta(days=1), policy)
    return start, period_label(start, policy)


def changes(edition: Edition) -> pl.DataFrame:
    """Return the comparisons that the first lines are about, beside the period before; empty if there is none.

    Each group at single steps and over the whole path, and BME applicants at every step; an edition with the whole path
    as `reports.cells.whole_path` has it.
    """
    if edition.previous is None or why_not_comparable(edition, edition.previous):
        return pl.DataFrame()
    groups = (pl.col("level") == "group") & pl.col("step_kind").is_in(("stage", WHOLE_PATH))
    now, before = (
        tables["disparities"].filter(
            pl.col("breakdown") == "all", groups | (pl.col("level") == "wres"), pl.col("group_name") != "Unknown"
        )
        for tables in (edition.tables, edition.previous.tables)
    )
    return ratio_changes(now, before, edition.settings["comparison"]["confidence"])


def since_last_period(edition: Edition) -> dict[str, Any]:
    """Return what the page says about the period before: main differences and clear changes in sentences, all as rows.

    "why_not" says in a sentence why nothing is compared; the result then holds nothing else.
    """
    unit = edition.settings["period"]["unit"]
    before = f"the {unit} before"
    section: dict[str, Any] = {"unit": unit, "before": before}
    if edition.previous is None:
        label = name(period_before(edition.period, edition.settings)[1])
        return section | {"why_not": f"There is no published edition of {before} ({label}) to compare with."}
    if reason := why_not_comparable(edition, edition.previous):
        return section | {"why_not": f"Not compared with {before}: {reason}."}
    rows = changes(edition)
    both = rows.filter(pl.col("change_reading").is_not_null(), pl.col("level") == "group")
    clear = both.filter(pl.col("change_reading") != "not_clear")
    told = _rows_with_a_sentence(rows, edition.previous)
    return section | {
        "why_not": "",
        "label": name(edition.previous.period_label),
        "period": name(edition.previous.period.isoformat()),
        "compared": both.height,
        "clear_ones": clear.height,
        "sentences": [_item(row, before) for row in shown_rows(told, "disparities")],
        "steps": list(_steps(rows)),
    }


def _rows_with_a_sentence(rows: pl.DataFrame, before: Earlier) -> pl.DataFrame:
    """Keep the rows with a sentence: what the edition before had settled, else its largest group, and WRES indicator 2.

    Of what was settled at most _MOST have one, the earliest steps first. Nothing of this period decides which: the most
    extreme of many comparisons is less extreme the next time (regression to the mean).
    """
    told = before.tables["disparities"].filter(
        pl.col("level") == "group", pl.col("breakdown") == "all", pl.col("finding").is_in(SETTLED)
    )
    told = told.sort("step_order", maintain_order=True).head(_MOST)
    told = told.select("group_name", "step_order") if told.height else _largest(rows, before)
    first = told.with_columns(level=pl.lit("group"), rank=pl.lit(0))
    indicator = WRES_INDICATOR & pl.col("impact_ratio_low").is_not_null()
    return (
        rows.join(first, on=("level", "group_name", "step_order"), how="left", maintain_order="left")
        .with_columns(pl.when(indicator).then(1).otherwise(pl.col("rank")).alias("rank"))
        .filter(pl.col("rank").is_not_null())
        .sort("rank", "step_order", maintain_order=True)
    )


def _largest(rows: pl.DataFrame, before: Earlier) -> pl.DataFrame:
    """Return the group with most decided on at the first step of the edition before, at that step; empty if unknown."""
    groups = rows.filter(pl.col("level") == "group").select("group_name").unique()
    counts = before.tables["stage_counts"].filter(
        pl.col("level") == "group", pl.col("breakdown") == "all", pl.col("step_order") == 0
    )
    present = counts.join(groups, on="group_name", how="semi").drop_nulls("decided")
    return present.sort("decided", "group_name").tail(1).select("group_name", "step_order")


def _item(row: Mapping[str, Any], before: str) -> dict[str, str]:
    """Name the group and step, then give the figures and whether they differ clearly."""
    step = step_words(row)
    now = f"{point_or_range(row, 'impact_ratio')} times as likely as {people(row['reference_name'])}"
    then = point_or_range(row, "before_impact_ratio")
    if not then:
        text = f"{now}; not shown {before}."
    elif row["change_reading"] is None:
        text = f"{now}, {then} {before}: too few to tell whether that is a change."
    else:
        certainty = "this may be chance" if row["change_reading"] == "not_clear" else "a clear change"
        text = f"{now}, {then} {before}. The ratio is {_change(row)} times what it was{_likely(row)}: {certainty}."
    return {"who": f"{sentence(people(row['group_name']))}, {step}", "sentence": text}


def _change(row: Mapping[str, Any]) -> str:
    """Write how many times what it was a ratio is; a range if either ratio is shown only as one."""
    if row["change_ratio"] is None:
        return between(row["change_low"], row["change_high"])
    return ratio(row["change_ratio"])


def _likely(row: Mapping[str, Any]) -> str:
    likely = f" (likely range {likely_range(row['change_low'], row['change_high'])})"
    return "" if row["change_ratio"] is None else likely


def _steps(rows: pl.DataFrame) -> Iterator[dict[str, Any]]:
    """Yield the table rows of each step, groups in display order and BME last."""
    order = {name: position for position, name in enumerate((*display_order("group"), "BME"))}
    for step in steps_of(rows):
        of_step = shown_rows(rows.filter(pl.col("step_order") == step["step_order"]), "disparities")
        yield {
            "name": step_title(step),
            "rows": [_cells(row) for row in sorted(of_step, key=lambda row: order[row["group_name"]])],
        }


def _cells(row: Mapping[str, Any]) -> dict[str, Any]:
    change: dict[str, str] = {"mark": NOT_SHOWN["no_reference_group"]}
    if row["change_reading"] is not None:
        change = {
            "value": f"{_change(row)}, {_READINGS[row['change_reading']]}",
            "range": "" if row["change_ratio"] is None else likely_range(row["change_low"], row["change_high"]),
            "bold": "" if row["change_reading"] == "not_clear" else "yes",
        }
    return {"name": row["group_name"], "cells": [_figure(row, ""), _figure(row, "before_"), change]}


def _figure(row: Mapping[str, Any], prefix: str) -> dict[str, str]:
    figure = f"{prefix}impact_ratio"
    if row[f"{figure}_low"] is None:
        return {"mark": NOT_SHOWN["fewer_than"]}
    return figure_cell(row, figure, ratio, likely_range)
