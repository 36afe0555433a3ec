"""Several years together: yearly published counts added up, with their rounding carried through.

Everything follows from tables that are published already, this year's and those of earlier editions, so it tells
nobody more than they do (docs/adr/0024). A sum lies between the sums of the smallest and of the largest counts that
each year's edition leaves possible. Intervals, tests and findings hold for every sum between the two, as those of one
year hold for every count. A single figure is shown by the same rule as for one year, over all counts of all years that
would be published identically (sums_true_enough.py).
"""

from collections.abc import Mapping
from datetime import date

import numpy as np
import polars as pl

from equity_audit.contracts import DISCLOSED_EARLIER_YEARS, DISCLOSED_SEVERAL_YEARS
from equity_audit.disclosure.estimates.comparisons import count_bounds, pairs_of, points, rate_bounds, widest_koopman
from equity_audit.disclosure.estimates.finding_bounds import settled_findings
from equity_audit.disclosure.estimates.sums_true_enough import (
    SIDE,
    crude_true_enough,
    moments_of_counts,
    rates_of_sums_true_enough,
)
from equity_audit.disclosure.estimates.true_enough import Truths
from equity_audit.disclosure.table.count_rows import FEWER_THAN, PROTECTS
from equity_audit.disclosure.table.possible_counts import with_possible_counts
from equity_audit.measures.clustering import effects_of
from equity_audit.measures.intervals import Floats
from equity_audit.settings import Settings
from equity_audit.vocabulary import UNKNOWN

HEADLINES = ("all", "wres", "group")
# More than any number of applications: stands for a bound that is not known.
_UNBOUNDED = 10**12
_STEP = ["organisation", "level", "step_order", "step_kind", "from_stage", "to_stage"]
_GROUP = [*_STEP, "group_name"]
_EFFECT_OF = ["organisation", "step_order"]
_COUNTS = ("progressed", "decided")
_PRINTED = [f"{name}{of}" for name in ("reached", *_COUNTS) for of in ("", "_note")]


def disclose_several_years(
    stage_counts: pl.DataFrame, earlier: pl.DataFrame, settings: Settings, effects: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Each headline group against its reference, over this year and the earlier ones together.

    stage_counts, effects: disclosed.stage_counts and disclosed.design_effects of one period; effects None for
    independent decisions. earlier: rows of disclosed.earlier_years. Organisations without any have no rows. With
    selected s and decided n of a year, the rate is sum(s) / sum(n) and the impact ratio the group's rate over the
    reference's: all years as if they were one. A group without a row in a year has nobody in it. Everything inferred
    uses the largest design effect of the years.

    not_shown_reason is as for one year, of the sums: "too_few_decided" where they are below rate_min_denominator,
    "fewer_than" or "protects_another" where no year's count is shown. Columns as in contracts.DISCLOSED_SEVERAL_YEARS.
    """
    if earlier.is_empty():
        return pl.DataFrame(schema=dict.fromkeys(DISCLOSED_SEVERAL_YEARS.column_names, pl.String))
    sums = _added_up(_every_year(stage_counts, earlier, settings))
    largest = _largest_effects(sums, earlier, effects)
    pairs = pairs_of(sums, settings).join(largest, on=_EFFECT_OF, how="left", maintain_order="left")
    effect = effects_of(pairs, largest)
    group, reference = count_bounds(pairs), count_bounds(pairs, "reference_")
    confidence = settings.comparison.confidence
    low, high = widest_koopman(group, reference, confidence, effect)
    shown = pl.col("not_shown_reason").is_null()
    s_g, n_g, s_r, n_r = (
        pl.col(f"{prefix}{name}").cast(pl.Float64) for prefix in ("", "reference_") for name in _COUNTS
    )
    figures = pairs.select(
        selection_rate=pl.when(shown).then(s_g / n_g),
        reference_rate=pl.when(shown).then(s_r / n_r),
        impact_ratio=pl.when(shown).then((s_g * n_r) / (s_r * n_g)),
    )
    columns: dict[str, pl.Expr] = {}
    for name, enough in _true_enough(pairs, sums, figures, settings).items():
        columns |= points(enough, shown, name, **{name: figures[name]})
    for name, bounds in (("selection_rate", group), ("reference_rate", reference)):
        for end, values in zip(("low", "high"), rate_bounds(bounds, confidence, effect), strict=True):
            columns[f"{name}_{end}"] = pl.when(shown).then(pl.Series(values))
    reading = (
        pl.when(pl.col("impact_ratio_high") < 1)
        .then(pl.lit("less_often"))
        .when(pl.col("impact_ratio_low") > 1)
        .then(pl.lit("more_often"))
        .otherwise(pl.lit("not_clear"))
    )
    of_exact = ["finding", "p_value", "p_adjusted"]
    return (
        pairs.with_columns(
            **columns,
            impact_ratio_low=pl.when(shown).then(pl.Series(low)),
            impact_ratio_high=pl.when(shown & pl.Series(np.isfinite(high))).then(pl.Series(high)),
        )
        .join(
            settled_findings(sums, settings, largest).select(*_GROUP, *of_exact),
            on=_GROUP,
            how="left",
            maintain_order="left",
        )
        .with_columns(
            *(pl.when(shown).then(pl.col(name)).alias(name) for name in of_exact),
            reading=pl.when(shown).then(reading),
        )
        .select(DISCLOSED_SEVERAL_YEARS.column_names)
    )


def _largest_effects(sums: pl.DataFrame, earlier: pl.DataFrame, effects: pl.DataFrame | None) -> pl.DataFrame:
    """The largest published design effect of the years at each step of this year's; 1 where none is published."""
    steps = sums.select(*_EFFECT_OF, "from_stage", "to_stage").unique(maintain_order=True)
    before = earlier.group_by("organisation", "from_stage", "to_stage").agg(before=pl.col("design_effect").max())
    beside = steps.join(before, on=["organisation", "from_stage", "to_stage"], how="left", maintain_order="left")
    own = pl.Series("own", effects_of(beside, effects))
    return beside.select(*_EFFECT_OF, design_effect=pl.max_horizontal(own, pl.col("before").cast(pl.Float64)))


def earlier_rows(tables: Mapping[str, pl.DataFrame], year: date, period: date) -> pl.DataFrame:
    """Return what the edition of an earlier year published of the headlines, as rows of disclosed.earlier_years."""
    step = ["level", "step_order", "group_name"]
    ratios = tables["disparities"].filter(pl.col("breakdown") == "all")
    compared = ratios.select(*step, *(c for c in DISCLOSED_EARLIER_YEARS.column_names if c in _compared(ratios)))
    effects = tables["design_effects"].select("step_order", "design_effect")
    return (
        _headlines(tables["stage_counts"])
        .join(effects, on="step_order", how="left", maintain_order="left")
        .join(compared, on=step, how="left", maintain_order="left")
        .with_columns(year=pl.lit(year, pl.Date), period=pl.lit(period, pl.Date))
        .select(DISCLOSED_EARLIER_YEARS.column_names)
    )


def _compared(ratios: pl.DataFrame) -> set[str]:
    return set(ratios.columns) - {*_GROUP, "period"}


def _headlines(stage_counts: pl.DataFrame) -> pl.DataFrame:
    return stage_counts.filter(pl.col("breakdown") == "all", pl.col("level").is_in(HEADLINES))


def _every_year(stage_counts: pl.DataFrame, earlier: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """Every group at every step in every year, with the counts that it can have; nobody where a year has no row."""
    own = _headlines(stage_counts).with_columns(year="period")
    columns = [*_GROUP, "period", "year", *_PRINTED]
    # The same steps have the same stages; their order is this year's.
    steps = own.select(*_STEP, "period").unique(maintain_order=True)
    on = ["organisation", "level", "from_stage", "to_stage"]
    before = earlier.drop("step_order", "step_kind", "period").join(steps, on=on, how="inner", maintain_order="left")
    rows = pl.concat([own.select(columns), before.select(columns)], how="vertical_relaxed")
    rows = rows.filter(pl.col("organisation").is_in(earlier["organisation"].unique().implode()))
    years = rows.select("organisation", "period", "year").unique(maintain_order=True)
    every = (
        rows.select(_GROUP)
        .unique(maintain_order=True)
        .join(years, on="organisation", how="left", maintain_order="left")
        .join(rows, on=[*_GROUP, "period", "year"], how="left", maintain_order="left")
    )
    absent = pl.all_horizontal(pl.col(name).is_null() for name in _PRINTED)
    zeros = every.with_columns(pl.when(absent).then(0).otherwise(pl.col(name)).alias(name) for name in _PRINTED[::2])
    return _bounded(
        with_possible_counts(zeros.with_columns(breakdown=pl.lit("all")), ("reached", *_COUNTS), settings.disclosure)
    )


def _bounded(rows: pl.DataFrame) -> pl.DataFrame:
    """Bound counts that are withheld to protect others, by what their edition shows beside them.

    Such a count is no more than reached the step, and it is what the other groups of its level leave of all applicants.
    wide: whether a row has such a count. unbounded: whether nothing bounds it.
    """
    for name in ("reached", *_COUNTS):
        rows = _left_by_others(rows, name)
    within = [
        pl.when(_withheld(name)).then(pl.min_horizontal(f"{name}_high", "reached_high")).otherwise(f"{name}_high")
        for name in _COUNTS
    ]
    return rows.with_columns(end.alias(f"{name}_high") for name, end in zip(_COUNTS, within, strict=True)).with_columns(
        wide=_withheld("progressed") | _withheld("decided"),
        unbounded=pl.max_horizontal("progressed_high", "decided_high") >= _UNBOUNDED,
    )


def _left_by_others(rows: pl.DataFrame, name: str) -> pl.DataFrame:
    """Bound a withheld count by the count of all applicants and those of the other groups of the level."""
    part = ["organisation", "year", "from_stage", "to_stage"]
    low = pl.when(_withheld(name)).then(0).otherwise(f"{name}_low")
    high = pl.when(_withheld(name)).then(_UNBOUNDED).otherwise(f"{name}_high")
    rows = rows.with_columns(low=low, high=high)
    everyone = rows.filter(pl.col("level") == "all").select(*part, all_low="low", all_high="high")
    level = [*part, "level"]
    least = pl.col("all_low") - (pl.col("high").sum().over(level) - pl.col("high"))
    # Where the count of all applicants is withheld, too, nothing is left: a large number less a few is no bound.
    others = pl.col("low").sum().over(level) - pl.col("low")
    most = pl.when(pl.col("all_high") < _UNBOUNDED).then(pl.col("all_high") - others).otherwise(_UNBOUNDED)
    bounded = _withheld(name) & (pl.col("level") != "all")
    return (
        rows.join(everyone, on=part, how="left", maintain_order="left")
        .with_columns(
            pl.when(bounded).then(pl.max_horizontal("low", least)).otherwise("low").alias(f"{name}_low"),
            pl.when(bounded).then(pl.min_horizontal("high", most)).otherwise("high").alias(f"{name}_high"),
        )
        .drop("low", "high", "all_low", "all_high")
    )


def _withheld(name: str) -> pl.Expr:
    return (pl.col(f"{name}_note") == PROTECTS).fill_null(value=False)


def _added_up(rows: pl.DataFrame) -> pl.DataFrame:
    """Sums over the years in the columns of published counts, with the ends and the moments (SIDE) of each sum."""
    # Where a count is withheld to protect another, combinations are too many to try, and no single figure is shown.
    narrow = [
        pl.when("wide").then(pl.col(f"{name}_low")).otherwise(pl.col(f"{name}_high")).alias(f"{name}_high")
        for name in _COUNTS
    ]
    moments = moments_of_counts(count_bounds(rows.with_columns(narrow)))
    sums: dict[str, pl.Expr] = {name: pl.col(name).sum() for name in SIDE}
    for name in _COUNTS:
        low, high, note = (pl.col(f"{name}_{end}") for end in ("low", "high", "note"))
        shown = pl.col(name).is_not_null()
        hidden = pl.col("unbounded").any() | ~shown.any()
        sums[name] = pl.when(~hidden).then(pl.col(name).fill_null((low + high) // 2).sum())
        sums[f"{name}_note"] = pl.when(hidden).then(
            pl.when((note == PROTECTS).any()).then(pl.lit(PROTECTS)).otherwise(pl.lit(FEWER_THAN))
        )
        # Nothing is inferred from a count that nothing bounds: a search of all that it can be would not end.
        bounded = ~pl.col("unbounded").any()
        sums |= {
            f"{name}_{end}": pl.when(bounded).then(of.sum()).otherwise(0) for end, of in (("low", low), ("high", high))
        }
    return (
        rows.with_columns(pl.Series(name, values) for name, values in moments.items())
        # Applicants of unknown ethnicity are not a group here.
        .filter(pl.col("level") != "all", pl.col("group_name") != UNKNOWN)
        .group_by(*_GROUP, "period", maintain_order=True)
        .agg(
            first_year=pl.col("year").min(),
            years=pl.col("year").n_unique().cast(pl.Int64),
            wide=pl.col("wide").any(),
            breakdown=pl.lit("all"),
            breakdown_value=pl.lit("all"),
            **sums,
        )
        .sort("organisation", "level", "step_order", "group_name")
    )


def _true_enough(
    pairs: pl.DataFrame, sums: pl.DataFrame, figures: pl.DataFrame, settings: Settings
) -> dict[str, Truths]:
    """Whether each figure is true enough to be shown as a single number; never where a count of a year is withheld."""
    beside = pairs.select(*_GROUP, "reference_name").join(
        sums.select(*_STEP, reference_name="group_name", **{f"reference_{name}": name for name in ("wide", *SIDE)}),
        on=[*_STEP, "reference_name"],
        how="left",
        maintain_order="left",
    )
    frame = beside.join(sums.select(*_GROUP, "wide", *SIDE), on=_GROUP, how="left", maintain_order="left")
    sides = {
        prefix: {name: _numbers(frame[f"{of}{name}"]) for name in SIDE}
        for prefix, of in (("group", ""), ("reference", "reference_"))
    }
    both = {f"{prefix}_{name}": values for prefix, side in sides.items() for name, values in side.items()}
    exact_enough = {
        prefix: ~frame[f"{of}wide"].fill_null(value=True).to_numpy()
        for prefix, of in (("group", ""), ("reference", "reference_"))
    }
    policy = settings.disclosure
    shown = {name: _numbers(figures[name]) for name in figures.columns}
    return {
        "selection_rate": exact_enough["group"]
        & rates_of_sums_true_enough(shown["selection_rate"], sides["group"], policy),
        "reference_rate": exact_enough["reference"]
        & rates_of_sums_true_enough(shown["reference_rate"], sides["reference"], policy),
        "impact_ratio": exact_enough["group"]
        & exact_enough["reference"]
        & crude_true_enough(shown["impact_ratio"], both, policy),
    }


def _numbers(figures: pl.Series) -> Floats:
    return figures.cast(pl.Float64).fill_null(np.nan).to_numpy()
