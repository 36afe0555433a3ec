"""Made-up histories, protected year by year as editions are, and judged from what is published of them alone."""

from functools import cache

import polars as pl
import pytest

from equity_audit.contracts import STAGE_COUNTS
from equity_audit.disclosure.publish import disclose_counts
from equity_audit.programme.difference_in_differences import DifferenceInDifferences
from equity_audit.programme.programme_file import Programme
from equity_audit.programme.review import Review, review
from equity_audit.settings import Settings, load_settings
from equity_audit.synthetic.history import PROGRAMME_EFFECT as HISTORIES_EFFECT
from equity_audit.synthetic.history import PROGRAMME_START, WITHOUT_PROGRAMME, Scenario, history
from tests.published_rows import as_published

PROGRAMME = Programme(name="A programme", start=PROGRAMME_START, lead_in_months=6)


def policy() -> Settings:
    """As shipped, with quarters published, and years from January as the histories have them."""
    settings = load_settings()
    return settings.model_copy(
        update={
            "period": settings.period.model_copy(update={"year_starts": "01-01"}),
            "disclosure": settings.disclosure.model_copy(update={"publish_splits": ("pay_band", "quarter")}),
        }
    )


def counted(scenario: Scenario, seed: int = 1) -> pl.DataFrame:
    """A history of the departments with the programme as rows of out.stage_counts, from applied to appointed."""
    months = history(scenario, seed).filter(~pl.col("unit").is_in(WITHOUT_PROGRAMME))
    sides = [
        months.select(
            "period",
            band="pay_band",
            group_name=pl.lit(name),
            progressed=f"{side}_selected",
            decided=f"{side}_decided",
        )
        for name, side in (("BME", "group"), ("White", "reference"))
    ]
    wres = pl.concat(sides).with_columns(level=pl.lit("wres"))
    everybody = wres.with_columns(level=pl.lit("all"), group_name=pl.lit("All applicants"))
    first = pl.col("period").dt.truncate("1q")
    quarter = first.dt.strftime("%Y-%m") + " to " + first.dt.offset_by("2mo").dt.strftime("%Y-%m")
    rows = pl.concat([wres, everybody]).with_columns(quarter=quarter, all=pl.lit("all"), pay_band=pl.col("band"))
    key = ["period", "level", "breakdown", "breakdown_value", "group_name"]
    parts = [
        rows.with_columns(pl.col("period").dt.truncate("1y"), breakdown=pl.lit(name), breakdown_value=pl.col(name))
        .group_by(key)
        .agg(pl.col("decided", "progressed").sum())
        for name in ("all", "pay_band", "quarter")
    ]
    nobody = {name: pl.lit(0, pl.Int64) for name in ("withdrew", "declined", "ineligible", "pending")}
    return (
        pl.concat(parts)
        .with_columns(
            **nobody,
            organisation=pl.lit("Trust"),
            step_order=pl.lit(0, pl.Int8),
            step_kind=pl.lit("stage"),
            from_stage=pl.lit("applied"),
            to_stage=pl.lit("appointed"),
            reached=pl.col("decided"),
            rejected=pl.col("decided") - pl.col("progressed"),
            basis=pl.lit("records"),
        )
        .select(STAGE_COUNTS.column_names)
        .sort(*key)
    )


@cache
def published(scenario: Scenario) -> pl.DataFrame:
    exact, settings = counted(scenario), policy()
    years = exact.partition_by("period", maintain_order=True)
    return pl.concat(disclose_counts(year, settings).stage_counts for year in years)


@cache
def by_department(scenario: Scenario) -> pl.DataFrame:
    """The same with the departments without the programme, split by department alone; nothing is withheld."""
    sides = [
        history(scenario, 1)
        .group_by(pl.col("period").dt.truncate("1y"), pl.col("unit").alias("breakdown_value"))
        .agg(decided=pl.col(f"{side}_decided").sum(), progressed=pl.col(f"{side}_selected").sum())
        .with_columns(group_name=pl.lit(name))
        for name, side in (("BME", "group"), ("White", "reference"))
    ]
    step = {"step_kind": "stage", "from_stage": "applied", "to_stage": "appointed", "level": "wres"}
    told = {
        name: pl.lit(value) for name, value in (step | {"organisation": "Trust", "breakdown": "department"}).items()
    }
    rows = pl.concat(sides).with_columns(**told, step_order=pl.lit(0, pl.Int8), reached=pl.col("decided"))
    return as_published(rows.sort("period", "breakdown_value", "group_name").to_dicts(), policy())


@cache
def reviewed(scenario: Scenario) -> Review:
    return review(published(scenario), PROGRAMME, policy())


@pytest.mark.parametrize(
    ("scenario", "verdict"),
    [
        ("effect", "improved"),
        ("none", "no_clear_change"),
        ("tighter_market", "no_clear_change"),
        ("advertised_mix", "follows_what_was_advertised"),
    ],
)
def test_published_counts_find_the_effect_where_there_is_one_and_nowhere_else(scenario: Scenario, verdict: str) -> None:
    (found,) = reviewed(scenario).judged
    assert found.effect.verdict == verdict


@pytest.mark.parametrize(("scenario", "direction"), [("effect", 1), ("none", 0), ("tighter_market", 0)])
def test_published_departments_without_the_programme_show_what_would_have_been(
    scenario: Scenario, direction: int
) -> None:
    told = PROGRAMME.model_copy(update={"comparator_units": WITHOUT_PROGRAMME})
    counts = pl.concat([published(scenario), by_department(scenario)], how="diagonal_relaxed")
    (found,) = review(counts, told, policy()).judged
    against = found.effect.comparison
    assert isinstance(against, DifferenceInDifferences)
    assert against.units == (40, 10)
    assert against.on_the_same_path
    assert against.difference.direction == direction
    true = HISTORIES_EFFECT if scenario == "effect" else 1.0
    assert against.difference.low < true < against.difference.high
    assert found.effect.verdict == reviewed(scenario).judged[0].effect.verdict
