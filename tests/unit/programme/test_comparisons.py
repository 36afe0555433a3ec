"""Monthly counts as what is judged of a programme, by hand."""

from datetime import date
from math import exp, isnan, log
from typing import Any, get_args

import polars as pl
import pytest

from equity_audit.programme.comparisons import TABLE, Comparison, comparisons, judged, unknown_shares
from equity_audit.programme.programme_file import Programme
from equity_audit.programme.series import ratio_series
from equity_audit.programme.verdict_words import IN_SHORT, SENTENCES, Verdict
from equity_audit.settings import load_settings
from equity_audit.synthetic.history import history

SETTINGS = load_settings()
JAN, FEB, MARCH = (date(2020, month, 1) for month in (1, 2, 3))
PROGRAMME = Programme(name="A", start=FEB, lead_in_months=0)
Row = tuple[date, str, str, str | None, int, int]


def monthly(*rows: Row, step: tuple[int, str, str] = (0, "applied", "appointed")) -> pl.DataFrame:
    """period, level, group, pay band, decided and progressed, all at one step and of no department."""
    columns = ("period", "level", "group_name", "pay_band", "decided", "progressed")
    frame = pl.DataFrame(rows, schema=columns, orient="row", schema_overrides={"pay_band": pl.String})
    order, start, end = step
    place = {"step_order": pl.lit(order), "from_stage": pl.lit(start), "to_stage": pl.lit(end)}
    return frame.with_columns(**place, department=pl.lit(None, pl.String))


def sides(counts: pl.DataFrame) -> list[tuple[Any, ...]]:
    names = ("group_selected", "group_decided", "reference_selected", "reference_decided")
    return counts.select("period", *names).rows()


def test_both_sides_stand_in_one_row_and_no_month_is_left_out() -> None:
    rows = monthly(
        (JAN, "wres", "BME", None, 5, 1),
        (JAN, "wres", "White", None, 9, 3),
        (JAN, "wres", "Unknown", None, 2, 1),
        (MARCH, "wres", "White", None, 4, 2),
    )
    (found,) = comparisons(rows, SETTINGS)
    assert found[:5] == ("wres", "applied", "appointed", "BME", "White")
    assert sides(found.counts) == [(JAN, 1, 5, 3, 9), (FEB, 0, 0, 0, 0), (MARCH, 0, 0, 2, 4)]
    assert set(found.counts.columns).isdisjoint({"pay_band", "staff_group", "unit"})


def test_bands_tell_posts_apart_where_any_is_recorded() -> None:
    rows = monthly(
        (JAN, "wres", "BME", "Band 5", 5, 1), (JAN, "wres", "White", None, 9, 3), (FEB, "wres", "BME", None, 1, 1)
    )
    (found,) = comparisons(rows, SETTINGS)
    assert found.counts.select("period", "pay_band", "group_decided").rows() == [
        (JAN, "Band 5", 5), (JAN, "Not recorded", 0), (FEB, "Not recorded", 1),
    ]  # fmt: skip


def test_staff_groups_and_departments_stand_beside_bands() -> None:
    row = monthly((JAN, "wres", "BME", "Band 5", 5, 1), (JAN, "wres", "White", "Band 5", 9, 3))
    rows = row.with_columns(staff_group=pl.Series(["Nursing", "Medical"]), department=pl.Series(["Renal", None]))
    (found,) = comparisons(rows, SETTINGS)
    posts = found.counts.select("pay_band", "staff_group", "unit", "group_decided", "reference_decided").rows()
    assert posts == [("Band 5", "Nursing", "Renal", 5, 0), ("Band 5", "Medical", "Not recorded", 0, 9)]


def test_the_whole_path_and_white_and_bme_come_first() -> None:
    people = [
        (JAN, level, group, None, 5, 1)
        for level, groups in (("group", ("White", "Other", "Black", "Asian")), ("wres", ("White", "BME")))
        for group in groups
    ]
    later = monthly(*people, step=(1, "applied", "shortlisted"))
    found = [each[:4] for each in comparisons(pl.concat([later, monthly(*people)]), SETTINGS)]
    groups = [("wres", "BME"), ("group", "Asian"), ("group", "Black"), ("group", "Other")]
    assert found == [(level, "applied", end, group) for end in ("appointed", "shortlisted") for level, group in groups]


def test_nobody_is_compared_where_nobody_of_the_reference_was_decided_on() -> None:
    assert list(comparisons(monthly((JAN, "wres", "BME", None, 5, 1)), SETTINGS)) == []


def test_unknown_ethnicity_before_and_since_is_of_the_whole_path_alone() -> None:
    rows = [
        (JAN, "group", "Unknown", None, 1, 0), (JAN, "group", "White", None, 9, 3),
        (FEB, "group", "Unknown", None, 3, 0), (MARCH, "group", "Asian", None, 3, 1),
    ]  # fmt: skip
    other = monthly((JAN, "group", "Unknown", None, 50, 0), step=(1, "applied", "shortlisted"))
    assert unknown_shares(pl.concat([monthly(*rows), other]), PROGRAMME) == pytest.approx((0.1, 0.5))
    assert isnan(unknown_shares(monthly(*rows[2:]), PROGRAMME)[0])


def flat(months: int, since: int, selected: int) -> pl.DataFrame:
    """Monthly counts: 20 and 21 of 100 in turn by quarter, `selected` in the last `since` months, against 40 of 100."""
    periods = [date(2020 + month // 12, month % 12 + 1, 1) for month in range(months)]
    place = pl.int_range(pl.len())
    return pl.DataFrame({"period": periods}).with_columns(
        group_selected=pl.when(place < months - since).then(20 + place // 3 % 2).otherwise(selected),
        group_decided=100,
        reference_selected=40,
        reference_decided=100,
    )


@pytest.mark.parametrize(("before", "by", "points"), [(33, "month", 40), (34, "quarter", 14)])
def test_quarters_where_enough_lie_before_the_start_for_limits(before: int, by: str, points: int) -> None:
    """33 months before are eleven quarters; the 34th is of a twelfth, which the start cuts."""
    counts = flat(40, 40 - before, 40)
    found = ratio_series(counts, counts["period"][before], SETTINGS.trend)
    assert (found.by, len(found.periods)) == (by, points)
    assert found.counts["group_decided"].sum() == 100 * 40
    assert found.chart.trial == [by == "quarter"] * points
    if by == "quarter":
        # The last quarter is of the one month that there is.
        assert found.counts["group_decided"].to_list() == [300] * 13 + [100]


def test_limits_are_those_of_the_time_before_carried_on() -> None:
    """0.5 and 0.525 in turn by quarter: the mean of their logarithms, and 2.66 times their difference."""
    counts = flat(60, 12, 40)
    found = ratio_series(counts, counts["period"][48], SETTINGS.trend)
    middle, width = (log(0.5) + log(0.525)) / 2, 2.66 * log(0.525 / 0.5)
    assert found.chart.centre == pytest.approx([exp(middle)] * 20)
    assert found.chart.upper == pytest.approx([exp(middle + width)] * 20)
    outside = ["outside_limits" in broken for broken in found.chart.signals]
    assert outside == [False] * 16 + [True] * 4
    assert not any(found.chart.signals[:14])


def test_nothing_before_the_start_has_no_limits() -> None:
    counts = flat(12, 0, 0)
    found = ratio_series(counts, counts["period"][0], SETTINGS.trend)
    assert all(map(isnan, found.chart.upper))
    assert not any("outside_limits" in broken for broken in found.chart.signals)


def test_units_without_the_programme_stand_in_no_chart() -> None:
    counts = history("none", 1).filter(pl.col("unit") <= "Department 02")
    programme = PROGRAMME.model_copy(update={"comparator_units": ("Department 02",)})
    found = judged(Comparison("wres", "applied", "appointed", "BME", "White", counts), programme, SETTINGS)
    own = counts.filter(unit="Department 01")
    for name in ("group_selected", "reference_decided"):
        assert found.series.counts[name].sum() == own[name].sum()


def test_every_verdict_has_a_sentence_and_a_few_words() -> None:
    assert set(SENTENCES) == set(IN_SHORT) == set(get_args(Verdict))


@pytest.mark.parametrize("band", [None, "Band 5"])
def test_several_tables_below_one_another_are_compared_as_each_alone(band: str | None) -> None:
    rows = monthly(
        (MARCH, "wres", "White", None, 4, 2),
        (JAN, "wres", "White", None, 9, 3),
        (JAN, "wres", "BME", band, 5, 1),
        (MARCH, "group", "Asian", band, 7, 2),
        (MARCH, "group", "Black", None, 3, 3),
        (JAN, "group", "White", None, 8, 5),
    )
    hidden = rows["group_name"] == "Asian"
    tables = [
        rows.with_columns(
            progressed=pl.when(~hidden).then(pl.col("progressed") - each), decided=pl.col("decided") + each
        )
        for each in (0, 1)
    ]

    together = comparisons(pl.concat(t.with_columns(pl.lit(n).alias(TABLE)) for n, t in enumerate(tables)), SETTINGS)

    for stacked, *alone in zip(together, *(comparisons(table, SETTINGS) for table in tables), strict=True):
        assert all(stacked[:5] == each[:5] for each in alone)
        apart = stacked.counts.partition_by(TABLE, maintain_order=True, include_key=False)
        assert [part.to_dict(as_series=False) for part in apart] == [c.counts.to_dict(as_series=False) for c in alone]


def test_a_period_of_which_a_count_is_withheld_counts_on_neither_side() -> None:
    """Else the sums before and since would be of different times on the two sides."""
    rows = monthly(
        (JAN, "wres", "BME", None, 5, 1),
        (JAN, "wres", "White", None, 9, 3),
        (FEB, "wres", "BME", None, 50, 10),
        (FEB, "wres", "White", None, 90, 30),
    ).with_columns(
        progressed=pl.when((pl.col("period") == FEB) & (pl.col("group_name") == "BME"))
        .then(None)
        .otherwise(pl.col("progressed"))
    )
    (found,) = comparisons(rows, SETTINGS)
    assert sides(found.counts) == [(JAN, 1, 5, 3, 9), (FEB, 0, 0, 0, 0)]
