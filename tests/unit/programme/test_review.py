"""A programme judged from published counts: what rounding widens, what full records take back, what is hidden."""

from datetime import date
from math import isnan

import polars as pl
import pytest

from equity_audit.disclosure.table.count_table import published_rows
from equity_audit.programme.programme_effect import AsPublished, programme_effect
from equity_audit.programme.review import Review, review
from equity_audit.settings import load_settings
from tests.backtests.test_published_programme import PROGRAMME, counted, policy, published
from tests.published_rows import as_published

SETTINGS = load_settings()


@pytest.fixture(scope="module")
def found() -> Review:
    return review(published("effect"), PROGRAMME, policy())


def test_tables_that_may_be_the_exact_ones_widen_what_is_said() -> None:
    """Both the plain comparison and the effect, whose figures stay."""
    months = [date(2015 + month // 12, month % 12 + 1, 1) for month in range(96)]
    wobble = [(7 * place) % 11 - 5 for place in range(96)]
    counts = pl.DataFrame(
        {
            "period": months,
            "group_selected": [30 + w // 2 for w in wobble],
            "group_decided": [200] * 96,
            "reference_selected": [90 - w for w in wobble],
            "reference_decided": [400] * 96,
        }
    )
    since = pl.col("period") >= date(2019, 1, 1)
    possible = [
        counts.with_columns(group_selected=pl.col("group_selected") + pl.when(since).then(by).otherwise(0))
        for by in (-2, 0, 2)
    ]
    plain = programme_effect(counts, date(2019, 1, 1), 0, SETTINGS)
    wide = programme_effect(counts, date(2019, 1, 1), 0, SETTINGS, published=AsPublished(possible))
    assert plain.overall is not None
    assert wide.overall is not None
    assert wide.overall.effect.ratio == plain.overall.effect.ratio
    assert wide.overall.effect.low < plain.overall.effect.low < plain.overall.effect.high < wide.overall.effect.high
    assert wide.overall.detectable_rise > plain.overall.detectable_rise
    assert wide.plain.change[0] == plain.plain.change[0]
    assert wide.plain.change[1] < plain.plain.change[1] < plain.plain.change[2] < wide.plain.change[2]


def test_quarters_with_a_withheld_number_are_counted_once_each() -> None:
    exact = published_rows(counted("effect"), policy().disclosure)
    # By the plain rule, by which nothing is withheld.
    counts = as_published(exact.to_dicts(), policy())
    assert review(counts, PROGRAMME, policy()).hidden == 0
    first, second = (pl.col("breakdown_value") == f"{month} to {last}" for month, last in (
        ("2016-01", "2016-03"), ("2017-04", "2017-06"),
    ))  # fmt: skip
    hidden = (first & pl.col("group_name").is_in(["White", "BME"])) | (second & (pl.col("group_name") == "White"))
    withheld = counts.with_columns(
        progressed=pl.when(hidden).then(None).otherwise(pl.col("progressed")),
        progressed_note=pl.when(hidden).then(pl.lit("protects_another")).otherwise(pl.col("progressed_note")),
    )
    assert review(withheld, PROGRAMME, policy()).hidden == 2


def test_any_published_split_of_posts_can_show_that_a_change_goes_with_them() -> None:
    """Published by pay band, posts change between staff groups alone: the bands see nothing of it."""
    counts, banded = published("advertised_mix"), pl.col("breakdown") == "pay_band"
    groups = counts.with_columns(breakdown=pl.when(banded).then(pl.lit("staff_group")).otherwise("breakdown"))
    one_band = counts.filter(breakdown="all").with_columns(
        breakdown=pl.lit("pay_band"), breakdown_value=pl.lit("Band 5")
    )
    both, bands_alone = (
        review(table, PROGRAMME, policy()).judged[0]
        for table in (pl.concat([groups, one_band]), pl.concat([counts.filter(~banded), one_band]))
    )
    assert [one.alike for one in both.like] == ["pay_band", "staff_group"]
    assert [one.goes_with_posts for one in both.like] == [False, True]
    assert both.effect.verdict == "follows_what_was_advertised"
    assert bands_alone.effect.verdict != "follows_what_was_advertised"


def test_quarters_are_published_at_their_own_levels() -> None:
    exact = counted("none").filter(pl.col("period") == date(2016, 1, 1))
    rows = published_rows(exact, policy().disclosure)
    levels = {name: set(rows.filter(breakdown=name)["level"]) for name in ("all", "pay_band", "quarter")}
    assert levels == {"all": {"all", "wres"}, "pay_band": {"all", "wres"}, "quarter": {"wres"}}


def test_a_period_whose_counts_are_withheld_or_small_has_no_ratio() -> None:
    counts = published("effect")
    shown = {period: ratio for period, (ratio, *_) in review(counts, PROGRAMME, policy()).by_year}
    row = counts.filter(breakdown="all", level="wres", group_name="BME", period=date(2016, 1, 1)).row(0, named=True)
    white = counts.filter(breakdown="all", level="wres", group_name="White", period=date(2016, 1, 1)).row(0, named=True)
    expected = row["progressed"] * white["decided"] / (row["decided"] * white["progressed"])
    assert shown[date(2016, 1, 1)] == pytest.approx(expected)
    # A count of White applicants is withheld in the editions of these years.
    assert [period.year for period, ratio in shown.items() if isnan(ratio)] == [2021, 2022]
    of_2016 = (pl.col("breakdown") == "all") & (pl.col("period") == date(2016, 1, 1)) & (pl.col("group_name") == "BME")
    small = counts.with_columns(
        progressed=pl.when(of_2016).then(None).otherwise("progressed"),
        progressed_note=pl.when(of_2016).then(pl.lit("fewer_than")).otherwise("progressed_note"),
    )
    assert isnan(dict(review(small, PROGRAMME, policy()).by_year)[date(2016, 1, 1)][0])
