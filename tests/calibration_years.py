"""Several years together: how exact, and what they settle.

python -m tests.calibration --only several_years years_added

Accuracy: made-up organisations, each year protected as policy has it; ratios over three years from the yearly published
counts, and from the sum of the years rounded once, against the exact ones. Answers: of organisations that select all
groups alike, how many have a title that says otherwise; and of those with a true gap, how many have it settled.
"""

from datetime import date

import numpy as np
import polars as pl

from equity_audit.contracts import DISCLOSED_STAGE_COUNTS, STEP_KEY
from equity_audit.disclosure.estimates.comparisons import disclose_disparities
from equity_audit.disclosure.estimates.design_effects import disclose_design_effects
from equity_audit.disclosure.estimates.several_years import disclose_several_years, earlier_rows
from equity_audit.disclosure.publish import disclose_counts
from equity_audit.disclosure.suppression.keyed_choices import Choices
from equity_audit.disclosure.table.possible_counts import with_possible_counts
from equity_audit.measures.clustering import design_effects
from equity_audit.settings import Settings, load_settings
from equity_audit.vocabulary import DEFAULT_STAGES, UNKNOWN
from tests.bench_disclosure import stage_counts_of
from tests.calibration_clustering import SETTINGS, SPANS, organisation
from tests.calibration_points import GROUPS, people_of
from tests.clusters import sums_and_counts

POLICY = load_settings()
EVERY_POINT = POLICY.model_copy(update={"disclosure": POLICY.disclosure.model_copy(update={"point_share": 1e-9})})
UNROUNDED = POLICY.model_copy(
    update={
        "disclosure": POLICY.disclosure.model_copy(
            update={"withhold_below": 1, "round_to": 1, "zeros": "show", "zeros_in_splits": "show"}
        )
    }
)
YEARS = [date(year, 4, 1) for year in (2021, 2022, 2023)]
SIZES = (500, 1_200, 5_000)
KEY = ["level", "from_stage", "to_stage", "group_name"]
SETTLED = pl.col("finding").is_in(["disparity", "small_difference"]) & pl.col("impact_ratio").is_not_null()
SIMULATED = (
    "every decision by itself",
    "mix of groups by vacancy, kappa 20",
    "three applications a person, ability 1.0",
)
# Ratios are compared here, not their ranges.
_INDEPENDENT = pl.DataFrame(schema={"step_order": pl.Int8, "design_effect": pl.Float64})
# What rounding leaves of a sum over the years.
_WIDEST = (POLICY.disclosure.round_to - 1) * len(YEARS)


def accuracy(rng: np.random.Generator, organisations: int) -> pl.DataFrame:
    """For each size and level: how far ratios over three years are from exact ones, and how many are shown."""
    rows = []
    for size in SIZES:
        seeds = rng.integers(2**31, size=organisations)
        compared = pl.concat(_compared(size, int(seed)) for seed in seeds)
        for name, (level, groups) in GROUPS.items():
            own = compared.filter(pl.col("level") == level, pl.col("group_name").is_in(groups))
            rows.append({"applications a year": size, "ratios": name} | _summary(own))
    return pl.DataFrame(rows)


def _summary(rows: pl.DataFrame) -> dict[str, float | str]:
    # A count that is withheld to protect another has no middle that could be near it, and its ratio is never a point.
    both = rows.drop_nulls(["every_year", "once", "exact"]).filter(pl.col("exact") > 0, pl.col("widest") <= _WIDEST)
    error = {name: (both[name] / both["exact"]).log().std() for name in ("every_year", "once")}
    off = ((rows["exact"] / rows["shown"] - 1).abs() > 0.1).sum()
    return {
        "each year rounded: sd": f"{error['every_year']:.1%}",
        "sum rounded once: sd": f"{error['once']:.1%}",
        "points, one year": f"{rows['one_year'].count() / rows.height:.1%}",
        "points, three years": f"{rows['shown'].count() / rows.height:.1%}",
        "ranges, three years": f"{rows['range'].count() / rows.height:.1%}",
        "points: over 10% off": f"{off / rows['shown'].count():.1%}",
    }


def _compared(size: int, seed: int) -> pl.DataFrame:
    exact = [
        stage_counts_of(people_of(size, seed + number), (), DEFAULT_STAGES).with_columns(period=pl.lit(year))
        for number, year in enumerate(YEARS)
    ]
    counts = [disclose_counts(rows, POLICY, choices=Choices(seed.to_bytes(8))).stage_counts for rows in exact]
    summed = (
        pl.concat(exact)
        .with_columns(period=pl.lit(YEARS[-1]))
        .group_by(*STEP_KEY, "group_name", "basis", maintain_order=True)
        .sum()
    )
    once = disclose_counts(summed, POLICY, choices=Choices(seed.to_bytes(8))).stage_counts
    of_counts = with_possible_counts(once, ("progressed", "decided"), POLICY.disclosure)
    ratios = [_ratios(rows) for rows in counts]
    earlier = pl.concat(
        earlier_rows({"stage_counts": rows, "disparities": ratio, "design_effects": _INDEPENDENT}, year, YEARS[-1])
        for rows, ratio, year in zip(counts[:-1], ratios[:-1], YEARS[:-1], strict=True)
    )
    shown, every = (disclose_several_years(counts[-1], earlier, policy) for policy in (POLICY, EVERY_POINT))
    tables = {
        "every_year": every.select(*KEY, every_year="impact_ratio"),
        "once": disclose_disparities(of_counts, EVERY_POINT).select(*KEY, once="impact_ratio"),
        "one_year": ratios[-1].select(*KEY, one_year="impact_ratio"),
        "exact": _exact(summed),
    }
    widest = pl.max_horizontal(
        pl.col(f"{prefix}{name}_high") - pl.col(f"{prefix}{name}_low")
        for prefix in ("", "reference_")
        for name in ("progressed", "decided")
    )
    rows = shown.select(*KEY, shown="impact_ratio", range="impact_ratio_reason", widest=widest)
    for table in tables.values():
        rows = rows.join(table.filter(pl.col("level").is_in(["wres", "group"])), on=KEY, how="left")
    return rows


def _ratios(counts: pl.DataFrame) -> pl.DataFrame:
    return disclose_disparities(with_possible_counts(counts, ("progressed", "decided"), POLICY.disclosure), POLICY)


def _exact(counts: pl.DataFrame) -> pl.DataFrame:
    rates = counts.select(*KEY, rate=pl.col("progressed") / pl.col("decided"))
    reference = rates.filter(pl.col("group_name") == "White").select(*KEY[:3], reference="rate")
    return rates.join(reference, on=KEY[:3]).select(*KEY, exact=pl.col("rate") / pl.col("reference"))


def answers(rng: np.random.Generator, repeats: int) -> pl.DataFrame:
    """What one year and three say: of fair organisations, and of those with a gap of 0.7 at shortlisting."""
    rows = []
    for name_of, how in SETTINGS.items():
        if name_of not in SIMULATED:
            continue
        for size in (500, 1_200, 7_000):
            for gap in (1.0, 0.7):
                exact = [
                    [sums_and_counts(organisation(rng, size, how, gap), SPANS, f"{one:05}") for one in range(repeats)]
                    for _ in YEARS
                ]
                told = {name: _told(found, gap) for name, found in _ways(exact).items()}
                rows.append(
                    {"organisations": name_of, "applications a year": size, "true ratio": gap}
                    | {name: len(found) / repeats for name, found in told.items()}
                    | {"title": len(told["one year"] | told["three years"]) / repeats}
                )
    return pl.DataFrame(rows)


def _ways(made: list[list[tuple[pl.DataFrame, pl.DataFrame]]]) -> dict[str, pl.DataFrame]:
    """Comparisons of the last year, of three years added as published, of their sum rounded once, and of exact sums."""
    sums, exact = ([pl.concat([pair[k] for pair in year]) for year in made] for k in (0, 1))
    years = [as_rounded(counts).with_columns(period=pl.lit(year)) for counts, year in zip(exact, YEARS, strict=True)]
    effects = [
        disclose_design_effects(design_effects(own, counts, POLICY), shown, POLICY)
        for own, counts, shown in zip(sums, exact, years, strict=True)
    ]
    earlier = pl.concat(
        counts.with_columns(year="period", period=pl.lit(YEARS[-1])).join(
            effect.select("organisation", "step_order", "design_effect"), on=["organisation", "step_order"], how="left"
        )
        for counts, effect in zip(years[:-1], effects[:-1], strict=True)
    )
    key = ["organisation", "step_order"]
    largest = pl.concat(effects).group_by(key).agg(pl.col("design_effect").max())
    step = [
        "organisation",
        "level",
        "breakdown",
        "breakdown_value",
        "step_order",
        "step_kind",
        "from_stage",
        "to_stage",
    ]
    summed = (
        pl.concat(exact)
        .group_by([*step, "group_name"], maintain_order=True)
        .agg(pl.col("decided", "progressed").sum(), period=pl.lit(YEARS[-1]))
    )
    return {
        "one year": _alone(years[-1], POLICY, effects[-1]),
        "three years": disclose_several_years(years[-1], earlier, POLICY, effects[-1]),
        "sum rounded once": _alone(as_rounded(summed), POLICY, largest),
        "exact sum": _alone(as_rounded(summed, UNROUNDED), UNROUNDED, largest),
    }


def as_rounded(counts: pl.DataFrame, policy: Settings = POLICY) -> pl.DataFrame:
    """As published: to the nearest 5, those below 5 withheld, and nothing withheld besides."""
    rule, rows = policy.disclosure, counts
    nobody_small = 0 if rule.zeros == "suppress" else 1
    for name in ("decided", "progressed"):
        small = pl.col(name).is_between(nobody_small, rule.withhold_below - 1)
        rows = rows.with_columns(
            pl.when(~small).then((pl.col(name) + rule.round_to // 2) // rule.round_to * rule.round_to).alias(name),
            pl.when(small).then(pl.lit("fewer_than")).alias(f"{name}_note"),
        )
    missing = [name for name in DISCLOSED_STAGE_COUNTS.column_names if name not in rows.columns]
    return with_possible_counts(
        rows.with_columns(pl.lit(None).alias(name) for name in missing), ("decided", "progressed"), rule
    )


def _alone(counts: pl.DataFrame, policy: Settings, effects: pl.DataFrame) -> pl.DataFrame:
    rows = counts.filter(pl.col("level") == "group", pl.col("group_name") != UNKNOWN)
    return disclose_disparities(rows, policy, effects)


def _told(found: pl.DataFrame, gap: float) -> set[str]:
    """Organisations with a settled lower rate: of any group, or of the one that has the gap at the step that has it."""
    path = found.filter((pl.col("step_kind") == "stage") | (pl.col("from_stage") == DEFAULT_STAGES[0]))
    settled = path.filter(SETTLED, pl.col("level") == "group", pl.col("impact_ratio") < 1)
    if gap < 1:
        settled = settled.filter(pl.col("group_name") == "Asian", pl.col("step_order") == 0)
    return set(settled["organisation"])
