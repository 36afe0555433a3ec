"""How far shown ratios are from exact ones, over made-up organisations: python -m tests.calibration --only points

Each organisation's year is protected as policy has it, without splits: headlines are protected first, so that a split
takes nothing from them. Ratios as they would be if every one were a single figure, made from the same published counts,
are compared with those that are shown.
"""

import numpy as np
import polars as pl

from equity_audit.contracts import STEP_KEY
from equity_audit.disclosure.estimates.comparisons import disclose_disparities
from equity_audit.disclosure.publish import disclose_counts
from equity_audit.disclosure.suppression.keyed_choices import Choices
from equity_audit.disclosure.table.possible_counts import with_possible_counts
from equity_audit.settings import Settings, load_settings
from equity_audit.synthetic import generate
from equity_audit.vocabulary import CATEGORIES, DEFAULT_STAGES, UNKNOWN
from tests.bench_disclosure import stage_counts_of

SIZES = (500, 1_200, 5_000)
ORGANISATIONS = 100
GROUPS = {"White and BME": ("wres", ("BME",)), "groups": ("group", ("Asian", "Black", "Mixed", "Other"))}
_WAYS = {"Rejected": "rejected", "Withdrawn": "withdrew", "Offer declined": "withdrew"}


def points(rng: np.random.Generator, organisations: int) -> pl.DataFrame:
    """For each size and level: ratios that are shown as points, as ranges or not; and how many points are off."""
    rows = []
    for size in SIZES:
        seeds = rng.integers(2**31, size=organisations)
        compared = pl.concat(_compared(size, int(seed)) for seed in seeds)
        for name, (level, groups) in GROUPS.items():
            rows.append({"applications": size, "ratios": name} | _summary(compared, level, groups, organisations))
    return pl.DataFrame(rows)


def _summary(compared: pl.DataFrame, level: str, groups: tuple[str, ...], organisations: int) -> dict[str, str | float]:
    own = compared.filter(pl.col("level") == level, pl.col("group_name").is_in(groups))
    every, shown = own["every_point"], own["impact_ratio"]
    return {
        "of each": f"{own.height / organisations:g}",
        "shown or ranged": round(len(own.drop_nulls("impact_ratio_low")) / organisations, 2),
        "points": _percent(shown.count(), own.height),
        "ranges": _percent(own["impact_ratio_reason"].count(), own.height),
        "not shown": _percent(own["not_shown_reason"].count(), own.height),
        "all as points: over 10% off": _percent(_off(every, own["exact"]), every.count()),
        "points: over 10% off": _percent(_off(shown, own["exact"]), shown.count()),
    }


def _off(shown: pl.Series, exact: pl.Series) -> int:
    return int(((exact / shown - 1).abs() > 0.1).sum())


def _percent(count: int, of: int) -> str:
    return f"{count / of:.1%}" if of else "none"


def _compared(size: int, seed: int) -> pl.DataFrame:
    """Every ratio of one organisation: exact, as a point whatever rounding leaves, and as it is shown."""
    settings = load_settings()
    every = settings.model_copy(update={"disclosure": settings.disclosure.model_copy(update={"point_share": 1e-9})})
    exact = stage_counts_of(people_of(size, seed), (), DEFAULT_STAGES)
    counts = disclose_counts(exact, settings, choices=Choices(seed.to_bytes(8))).stage_counts
    key = [*STEP_KEY, "group_name"]
    ratios, points_of_all = (_ratios(counts, policy) for policy in (settings, every))
    return ratios.join(points_of_all.select(*key, every_point="impact_ratio"), on=key).join(
        _exact(exact, settings), on=["level", "step_order", "group_name"], how="left"
    )


def _ratios(counts: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    return disclose_disparities(with_possible_counts(counts, ("progressed", "decided"), settings.disclosure), settings)


def _exact(counts: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    rates = counts.select("level", "step_order", "group_name", rate=pl.col("progressed") / pl.col("decided"))
    references = [
        rates.filter(pl.col("level") == level, pl.col("group_name") == settings.comparison.reference(level))
        for level, _ in GROUPS.values()
    ]
    reference = pl.concat(references).select("level", "step_order", reference="rate")
    return rates.join(reference, on=["level", "step_order"]).select(
        "level", "step_order", "group_name", exact=pl.col("rate") / pl.col("reference")
    )


def people_of(size: int, seed: int) -> pl.DataFrame:
    """Return the applicants of one year of a made-up organisation."""
    drawn = generate(size, seed, years=1).wide.with_columns(pl.col(pl.Enum).cast(pl.String))
    reached = [pl.col(f"{stage}_on").is_not_null().cast(pl.Int64) for stage in DEFAULT_STAGES]
    known = pl.col("ethnicity").is_in(CATEGORIES)
    return drawn.select(
        category=pl.when(known).then("ethnicity").otherwise(pl.lit(UNKNOWN)),
        last=pl.sum_horizontal(reached) - 1,
        way=pl.col("outcome").replace_strict(_WAYS, default="pending"),
    )
