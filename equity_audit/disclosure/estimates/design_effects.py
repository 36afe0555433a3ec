"""The design effect of each step as it is published: one of a few classes, or the default, never the estimate.

The estimate comes from who applied to which vacancy, and nothing else in an edition tells of that. So it is not a
function of the published counts, as everything else is, and could tell of them. It does not: for every table of counts
that fits an edition there are arrangements of its applications over vacancies with the published classes (decision 23,
and tests/unit/disclosure/test_design_effects.py). That needs enough applications. Whether there are enough is decided
by the published counts alone, and where there are not, a step has the default of the settings. A correction keeps the
classes of the period's first revision, so that a class never tells what a correction changed.
"""

import polars as pl

from equity_audit.contracts import DISCLOSED_DESIGN_EFFECTS
from equity_audit.measures.clustering import COUNTED_BY_SOURCE, effect_class
from equity_audit.measures.references import references
from equity_audit.settings import Settings
from equity_audit.vocabulary import UNKNOWN

ESTIMATED, DEFAULT, INDEPENDENT = "estimated", "default", "independent"
_STEP = ("organisation", "step_order")
_STAGES = ("organisation", "from_stage", "to_stage")


def disclose_design_effects(
    effects: pl.DataFrame, disclosed_counts: pl.DataFrame, settings: Settings, first: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Return the design effect with which an edition's ranges are widened, for each step of disclosed_counts.

    effects: contracts.DESIGN_EFFECTS. first: those that the period's first revision published (organisation,
    from_stage, to_stage, design_effect, basis), which stand. basis: "estimated", the class of the estimate; "default",
    clustering.default_effect, where too few can be estimated or published; "independent", 1, for counts without
    vacancies. Columns as in contracts.DISCLOSED_DESIGN_EFFECTS.
    """
    policy = settings.clustering
    classes = effects.select(
        *_STEP,
        exact_reason="undefined_reason",
        own_class=pl.Series(effect_class(effects["design_effect"].to_numpy(), policy), dtype=pl.Float64),
    )
    steps = disclosed_counts.select(*_STAGES, "period", "step_order", "step_kind").unique().sort(_STEP)
    enough = _enough(disclosed_counts, settings)
    rows = steps.join(classes, on=_STEP, how="left").join(enough, on=_STEP, how="left")
    counted = (pl.col("exact_reason") == COUNTED_BY_SOURCE).fill_null(value=False)
    shown = (
        pl.col("enough").fill_null(value=False) & pl.col("exact_reason").is_null() & pl.col("own_class").is_not_null()
    )
    own = rows.with_columns(
        design_effect=pl.when(counted).then(1.0).when(shown).then("own_class").otherwise(policy.default_effect),
        basis=pl.when(counted).then(pl.lit(INDEPENDENT)).when(shown).then(pl.lit(ESTIMATED)).otherwise(pl.lit(DEFAULT)),
    )
    if first is not None and not first.is_empty():
        own = _kept(own, first)
    return own.sort(_STEP).select(DISCLOSED_DESIGN_EFFECTS.column_names)


def _kept(own: pl.DataFrame, first: pl.DataFrame) -> pl.DataFrame:
    before = first.select(*_STAGES, first_effect="design_effect", first_basis="basis", published=pl.lit(value=True))
    rows = own.join(before, on=_STAGES, how="left")
    stands = pl.col("published").fill_null(value=False)
    return rows.with_columns(
        design_effect=pl.when(stands).then("first_effect").otherwise("design_effect"),
        basis=pl.when(stands).then("first_basis").otherwise("basis"),
    )


def _enough(disclosed_counts: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """For each step, whether enough are published as selected, and not, of the reference and of some group."""
    least = settings.clustering.published_least
    # The coarsest level with a reference that the source has: White and BME, or else groups.
    levels = disclosed_counts["level"].unique().to_list()
    level = next((name for name in ("wres", "group") if name in levels), "group")
    whole = disclosed_counts.filter(
        pl.col("level") == level, pl.col("breakdown") == "all", pl.col("group_name") != UNKNOWN
    ).with_columns(
        enough=((pl.col("progressed") >= least) & (pl.col("decided") - pl.col("progressed") >= least)).fill_null(
            value=False
        )
    )
    is_reference = pl.col("group_name") == references(whole, settings)
    return whole.group_by(_STEP).agg(
        enough=pl.col("enough").filter(is_reference).any() & pl.col("enough").filter(~is_reference).any()
    )
