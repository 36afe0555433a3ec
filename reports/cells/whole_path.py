"""One figure for the whole path: the product of its stages, in the place of "applied to appointed".

A span from the first stage to the last leaves out everybody who withdrew on the way or is undecided, so it differs from
the product-limit figures of disclosed.overall_paths, which count them up to where they were decided. Pages for readers
have the latter alone; the span is in the tables and on the analyst's page.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import polars as pl

from reports.cells.words import SETTLED
from reports.edition.record import Earlier, Edition
from reports.figures.printable import step_name
from reports.figures.shown_numbers import WHOLE_PATH, of_whole_path

_GROUP = ("level", "breakdown", "breakdown_value", "group_name")
# A path without a figure rests on a rate that is not shown, of the group or of the one compared with.
_REASONS = dict.fromkeys(("a_stage_not_shown", "reference_not_shown"), "fewer_than")


def with_whole_path(edition: Edition) -> Edition:
    """Return the edition, and the one before it, with the whole path in the rows of its span: step_kind "path".

    An edition without shown whole paths, of an earlier version, has no such rows. A finding of the span is kept where
    the range of the whole path lies on the same side of 1; it is otherwise null.
    """
    previous = edition.previous
    return replace(
        edition,
        tables=_tables(edition.tables),
        previous=replace(previous, tables=_tables(previous.tables)) if isinstance(previous, Earlier) else None,
    )


def path_ratios(tables: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Return disclosed.disparities with the whole path in the rows of its span."""
    rows = tables["disparities"]
    paths = _of_paths(tables, "disparities")
    low, high = pl.col("impact_ratio_low"), pl.col("impact_ratio_high")
    reading = pl.when(high < 1).then(pl.lit("less_often")).when(low > 1).then(pl.lit("more_often"))
    agrees = (pl.col("reading") == pl.col("span_reading")) & pl.col("finding").is_in(SETTLED)
    return _replaced(
        rows,
        paths.with_columns(
            span_reading="reading",
            relative_likelihood=1 / pl.col("impact_ratio"),
            reading=pl.when(low.is_not_null()).then(reading.otherwise(pl.lit("not_clear"))),
            **dict.fromkeys(("rate_difference", "shortfall_low", "shortfall_high"), pl.lit(None)),
        ).with_columns(finding=pl.when(agrees.fill_null(value=False)).then("finding")),
    )


def step_title(step: Mapping[str, Any]) -> str:
    """Return a step as a heading; the whole path is called that."""
    return "Whole path" if step["step_kind"] == WHOLE_PATH else step_name(step["from_stage"], step["to_stage"])


def step_words(step: Mapping[str, Any]) -> str:
    """Return a step as part of a sentence, which says where the whole path begins and ends."""
    name = step_name(step["from_stage"], step["to_stage"]).lower()
    return f"whole path ({name})" if step["step_kind"] == WHOLE_PATH else name


def _tables(tables: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    changed: dict[str, pl.DataFrame] = {}
    if {"disparities", "selection_rates"} <= tables.keys():
        changed = {
            "disparities": path_ratios(tables),
            "selection_rates": _replaced(tables["selection_rates"], _of_paths(tables, "selection_rates")),
        }
    if "like_for_like" in tables:
        # Its whole path is the span; there is none of the product of stages.
        changed["like_for_like"] = tables["like_for_like"].filter(~_is_whole_span(tables["like_for_like"]))
    return {**tables, **changed}


def _of_paths(tables: Mapping[str, pl.DataFrame], table: str) -> pl.DataFrame:
    """Return the rows of the span from the first stage to the last, with the figures of the whole path."""
    rows = tables[table]
    if "overall_paths" not in tables:
        return rows.clear()
    figures = of_whole_path(table)
    paths = tables["overall_paths"].select(*_GROUP, *figures.values(), reason="not_shown_reason")
    kept = rows.filter(_is_whole_span(rows)).drop(*figures)
    return (
        kept.join(
            paths.rename({figure: name for name, figure in figures.items()}),
            on=_GROUP,
            how="left",
            maintain_order="left",
        )
        .with_columns(
            step_kind=pl.lit(WHOLE_PATH),
            not_shown_reason=pl.when(pl.col(_low(table)).is_null()).then(
                pl.coalesce(pl.col("reason").replace(_REASONS), "not_shown_reason", pl.lit("fewer_than"))
            ),
        )
        .select(rows.columns)
    )


def _low(table: str) -> str:
    return "impact_ratio_low" if table == "disparities" else "selection_rate_low"


def _replaced(rows: pl.DataFrame, paths: pl.DataFrame) -> pl.DataFrame:
    """Return rows without the span from the first stage to the last, and `paths` instead."""
    others = rows.filter(~_is_whole_span(rows))
    return pl.concat([others, paths.select(rows.columns).cast(dict(rows.schema))])  # type: ignore[arg-type]


def _is_whole_span(rows: pl.DataFrame) -> pl.Expr:
    """Whether a row's step is the span from the first stage to the last."""
    stages = rows.filter(step_kind="stage").sort("step_order")
    ends = stages["from_stage"].head(1), stages["to_stage"].tail(1)
    at_ends = pl.col("from_stage").is_in(ends[0].implode()) & pl.col("to_stage").is_in(ends[1].implode())
    return at_ends & (pl.col("step_kind") == "span")
