"""Whole years of published counts: which are complete, and which of their figures are single numbers."""

from datetime import date
from math import isnan

import numpy as np
import polars as pl
import pytest

from equity_audit.disclosure.estimates.sums_true_enough import moments_of_counts, products_true_enough
from equity_audit.programme.published.years import complete_years, ratios_by_year
from equity_audit.programme.quarterly_counts import unsplit_counts
from equity_audit.programme.review import review
from equity_audit.settings import Settings
from equity_audit.vocabulary import ALL_APPLICANTS
from tests.backtests.test_published_programme import PROGRAMME, policy
from tests.published_rows import as_published

WHICH = ("wres", "applied", "appointed", "BME", "White")
_FIRST, _YEARS = 2017, 7


def quarterly(unit: str = "quarter") -> Settings:
    settings = policy()
    return settings.model_copy(update={"period": settings.period.model_copy(update={"unit": unit})})


def editions(selected: int, scale: int = 10, since: float = 1.0, months: int = 3) -> pl.DataFrame:
    """Published counts of quarters: so many BME applicants selected in each, by the plain rule of rounding.

    months: 1 for months instead. scale: how many times as many were decided on; since: by what their number selected is
    multiplied from 2020 on.
    """
    rows = []
    for place in range(12 // months * _YEARS):
        day = date(_FIRST + place * months // 12, place * months % 12 + 1, 1)
        bme = round((selected + place % 3) * (since if day.year >= PROGRAMME.start.year else 1.0))
        sides = {"BME": (bme, scale * selected), "White": (2 * selected + place % 2, scale * selected)}
        everybody = tuple(map(sum, zip(*sides.values(), strict=True)))
        for level, name, (progressed, decided) in (
            ("all", ALL_APPLICANTS, everybody),
            *(("wres", name, side) for name, side in sides.items()),
        ):
            rows.append(
                {
                    "organisation": "Trust",
                    "period": day,
                    "level": level,
                    "breakdown": "all",
                    "breakdown_value": "all",
                    "step_order": 0,
                    "step_kind": "stage",
                    "from_stage": "applied",
                    "to_stage": "appointed",
                    "group_name": name,
                    "reached": decided,
                    "decided": decided,
                    "progressed": progressed,
                }
            )
    return as_published(rows, quarterly())


def withheld(counts: pl.DataFrame, day: date) -> pl.DataFrame:
    here = (pl.col("period") == day) & (pl.col("group_name") == "BME")
    return counts.with_columns(
        progressed=pl.when(here).then(None).otherwise("progressed"),
        progressed_note=pl.when(here).then(pl.lit("protects_another")).otherwise("progressed_note"),
    )


@pytest.mark.parametrize(
    "spoil",
    [
        lambda counts: withheld(counts, date(2018, 4, 1)),
        lambda counts: counts.filter(pl.col("period") != date(2018, 4, 1)),
    ],
    ids=["withheld", "not-published"],
)
def test_a_year_that_lacks_a_quarter_is_left_out_and_named(spoil) -> None:
    found = review(spoil(editions(60)), PROGRAMME, quarterly())
    assert found is not None
    assert found.answer.years is not None
    assert [day.year for day in found.answer.years.years[0]] == [2017, 2019]
    assert [day.year for day in found.left_out] == [2018]
    assert [year.year for year, (_, low, _) in found.by_year if isnan(low)] == [2018]


def test_a_year_is_the_sum_of_its_quarters_and_their_bounds() -> None:
    counts = unsplit_counts(editions(60), quarterly())
    whole = complete_years(counts, WHICH, 3, quarterly()).whole
    assert [year.year for year in whole] == list(range(_FIRST, _FIRST + _YEARS))
    (_, (ratio, low, high)), *_ = ratios_by_year(counts, WHICH, whole, quarterly())
    of_2017 = counts.filter(pl.col("period").dt.year() == 2017, pl.col("level") == "wres")
    (bme, white) = (of_2017.filter(group_name=name).select(pl.col("progressed", "decided").sum()) for name in WHICH[3:])
    expected = bme["progressed"][0] * white["decided"][0] / (bme["decided"][0] * white["progressed"][0])
    assert ratio == pytest.approx(expected)
    exact = (60 + 61 + 62 + 60) / (120 + 121 + 120 + 121)
    assert low < exact < high


def test_small_quarters_have_a_range_and_no_single_figure() -> None:
    found = review(editions(7, since=1.6), PROGRAMME, quarterly())
    assert found is not None
    assert found.answer.years is not None
    assert all(isnan(ratio) and low > 0 for _, (ratio, low, _) in found.by_year)
    large = review(editions(200), PROGRAMME, quarterly())
    assert large is not None
    assert not any(isnan(ratio) for _, (ratio, *_) in large.by_year)
    assert large.answer.years is not None
    assert large.answer.years.true_enough == (True, True, True)


def test_too_small_quarters_are_said_to_be_too_few() -> None:
    found = review(editions(2), PROGRAMME, quarterly())
    assert found is not None
    assert found.answer.verdict == "too_few"


@pytest.mark.parametrize("within", [0.1, 0.05, 0.02])
def test_the_share_for_a_change_is_that_of_drawn_counts(within: float) -> None:
    """Four sides of three years each: the share near the point by drawing is on the same side of policy."""
    rng = np.random.default_rng(5)
    sides = []
    for selected, decided in ((20, 80), (60, 150), (15, 90), (55, 140)):
        s, n = np.full(3, selected), np.full(3, decided)
        bounds = (s - 2, s + 2, n - 2, n + 2)
        sums = {name: values.sum(keepdims=True) for name, values in moments_of_counts(bounds).items()}
        draws = [rng.integers(low, high + 1, (200_000, 3)).sum(axis=1) for low, high in (bounds[:2], bounds[2:])]
        sides.append((sums, draws[0] / draws[1]))
    (a, a_drawn), (b, b_drawn), (c, c_drawn), (d, d_drawn) = sides
    shown = (20 / 80) / (60 / 150) / ((15 / 90) / (55 / 140))
    near = float(np.mean(np.abs(a_drawn / b_drawn / c_drawn * d_drawn - shown) <= within * shown))
    for share, enough in ((near - 0.01, True), (near + 0.01, False)):
        rule = policy().disclosure.model_copy(update={"point_share": share, "point_within": within})
        assert products_true_enough(np.array([shown]), [a, d], [b, c], rule).tolist() == [enough]
