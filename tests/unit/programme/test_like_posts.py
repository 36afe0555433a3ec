"""The change among like posts against an independent model, and what a changed mix of posts does to it."""

from dataclasses import replace
from datetime import date

import numpy as np
import polars as pl
import pytest
from statsmodels.genmod.families import Poisson
from statsmodels.genmod.generalized_linear_model import GLM

from equity_audit.programme.like_posts import going_with_posts, like_posts
from equity_audit.programme.programme_file import Programme
from equity_audit.settings import load_settings

SETTINGS = load_settings().model_copy(
    update={"period": load_settings().period.model_copy(update={"year_starts": "01-01"})}
)
PROGRAMME = Programme(name="P", start=date(2020, 1, 1), lead_in_months=6)
WHICH = ("wres", "applied", "appointed", "BME", "White")
BANDS = {"Band 2": (0.4, 0.6), "Band 7": (0.1, 0.1)}  # selection rate of the reference, share of BME among applicants


def years(mix: dict[int, tuple[float, float]], ratio: dict[int, float], size: int = 40_000) -> pl.DataFrame:
    """Expected counts by year, band and group: the mix of bands and the impact ratio of each year."""
    rows = []
    for year, shares in mix.items():
        for (band, (rate, bme)), share in zip(BANDS.items(), shares, strict=True):
            for group, part, times in (("BME", bme, ratio[year]), ("White", 1 - bme, 1.0)):
                decided = round(size * share * part)
                row = (date(year, 1, 1), band, group, decided, round(decided * rate * times))
                rows.append(dict(zip(("period", "pay_band", "group_name", "decided", "progressed"), row, strict=True)))
    return pl.DataFrame(rows).with_columns(
        level=pl.lit("wres"), from_stage=pl.lit("applied"), to_stage=pl.lit("appointed")
    )


ALL = range(2016, 2025)
SAME = dict.fromkeys(ALL, (0.5, 0.5))
MOVED = {year: (0.5, 0.5) if year < 2020 else (0.9, 0.1) for year in ALL}
BETTER = {year: 0.6 if year < 2020 else 0.75 for year in ALL}
STEADY = dict.fromkeys(ALL, 0.6)


def test_a_change_of_what_is_advertised_is_told_from_one_of_fairness() -> None:
    """By hand: over all posts 1.114 becomes 0.696, since White applicants now apply where more are selected."""
    found = like_posts(years(MOVED, STEADY), [], WHICH, PROGRAMME, SETTINGS)
    assert found is not None
    assert found.goes_with_posts
    assert found.within.ratio == pytest.approx(1, abs=0.01)
    assert found.all_posts.ratio == pytest.approx(0.625, abs=0.001)
    assert found.all_posts.direction == -1


def test_a_change_among_like_posts_is_one() -> None:
    found = like_posts(years(SAME, BETTER), [], WHICH, PROGRAMME, SETTINGS)
    assert found is not None
    assert not found.goes_with_posts
    assert found.within.ratio == pytest.approx(0.75 / 0.6, rel=0.005)


def test_staff_groups_make_posts_alike_as_bands_do() -> None:
    """The same counts under the other name."""
    counts = years(MOVED, STEADY)
    band, group = (
        like_posts(one, [], WHICH, PROGRAMME, SETTINGS) for one in (counts, counts.rename({"pay_band": "staff_group"}))
    )
    assert band is not None
    assert group == replace(band, alike="staff_group")
    assert going_with_posts([replace(band, within=band.all_posts), group]) is group
    assert going_with_posts([replace(band, within=band.all_posts)]) is None


# Expected counts fit without a residual, which statsmodels takes for separation.
@pytest.mark.filterwarnings("ignore:Perfect separation")
def test_within_bands_is_the_interaction_of_a_model_with_an_effect_for_each_year_and_band() -> None:
    """statsmodels' Poisson model of selections with log decisions as offset; the year of the start left out."""
    counts = years(MOVED, BETTER).filter(pl.col("period") != date(2020, 1, 1))
    after = (counts["period"] > date(2020, 1, 1)).to_numpy()
    bme = (counts["group_name"] == "BME").to_numpy()
    strata = counts.select(pl.struct("period", "pay_band").rank("dense")).to_series().to_numpy() - 1
    design = np.column_stack([np.eye(strata.max() + 1)[strata.astype(int)], bme, bme & after])
    model = GLM(
        counts["progressed"].to_numpy(),
        design.astype(float),
        family=Poisson(),
        offset=np.log(counts["decided"].to_numpy()),
    ).fit()
    found = like_posts(years(MOVED, BETTER), [], WHICH, PROGRAMME, SETTINGS)
    assert found is not None
    assert np.log(found.within.ratio) == pytest.approx(model.params[-1], abs=1e-8)


def test_the_year_of_the_start_counts_on_neither_side() -> None:
    ordinary = years(SAME, BETTER)
    wild = ordinary.with_columns(
        progressed=pl.when(pl.col("period") == date(2020, 1, 1)).then(1).otherwise(pl.col("progressed"))
    )
    found, other = (like_posts(counts, [], WHICH, PROGRAMME, SETTINGS) for counts in (ordinary, wild))
    assert found == other


def test_a_band_of_a_year_with_a_withheld_count_is_left_out_on_both_sides() -> None:
    hidden = years(SAME, BETTER).with_columns(
        progressed=pl.when(
            (pl.col("period") == date(2022, 1, 1))
            & (pl.col("pay_band") == "Band 7")
            & (pl.col("group_name") == "White")
        )
        .then(None)
        .otherwise(pl.col("progressed"))
    )
    without = years(SAME, BETTER).filter(~((pl.col("period") == date(2022, 1, 1)) & (pl.col("pay_band") == "Band 7")))
    found, other = (like_posts(counts, [], WHICH, PROGRAMME, SETTINGS) for counts in (hidden, without))
    assert found == other is not None


@pytest.mark.parametrize("kept", [(2018, 2019), (2019, 2022), (2022, 2023, 2024), (2019, 2020)])
def test_fewer_than_three_years_or_none_on_a_side_say_nothing(kept: tuple[int, ...]) -> None:
    few = years(SAME, BETTER).filter(pl.col("period").dt.year().is_in(kept))
    assert like_posts(few, [], WHICH, PROGRAMME, SETTINGS) is None


def test_what_rounding_hides_widens_both() -> None:
    counts = years(SAME, BETTER, size=2_000)
    shifts = (
        counts.with_columns(
            progressed=pl.col("progressed") + pl.when(pl.col("period") > date(2020, 1, 1)).then(by).otherwise(0)
        )
        for by in (-4, 4)
    )
    plain, wide = (like_posts(counts, others, WHICH, PROGRAMME, SETTINGS) for others in ([], list(shifts)))
    assert plain is not None
    assert wide is not None
    assert wide.within.low < plain.within.low
    assert wide.all_posts.high > plain.all_posts.high
