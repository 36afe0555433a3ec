"""Departments with and without a programme, from whole years of published counts."""

from datetime import date
from typing import Any

import polars as pl
import pytest

from equity_audit.programme.difference_in_differences import DifferenceInDifferences
from equity_audit.programme.programme_file import Programme
from equity_audit.programme.unit_years import yearly_difference
from equity_audit.settings import load_settings

SETTINGS = load_settings().model_copy(
    update={"period": load_settings().period.model_copy(update={"year_starts": "01-01"})}
)
WITHOUT = ("D", "E", "F")
# Begins within 2020: that year is neither before nor after.
PROGRAMME = Programme(name="P", start=date(2020, 4, 1), lead_in_months=6, comparator_units=WITHOUT)
WHICH = ("wres", "applied", "appointed", "BME", "White")
# What the impact ratio of 0.6 becomes, in each department.
CHANGES = {"A": 1.2, "B": 1.25, "C": 1.3, "D": 0.95, "E": 1.0, "F": 1.05}


def departments(changes: dict[str, float] = CHANGES, first: int = 2016, size: int = 1_000_000) -> pl.DataFrame:
    """Expected counts by year and department; 40% of White applicants are selected."""
    rows = [
        {"period": date(year, 1, 1), "department": name, "group_name": group, "decided": size, "progressed": selected}
        for name, times in changes.items()
        for year in range(first, 2025)
        for group, selected in (
            ("BME", round(size * 0.4 * 0.6 * (times if year > 2020 else 1.0))), ("White", round(size * 0.4)),
        )
    ]  # fmt: skip
    return pl.DataFrame(rows).with_columns(
        level=pl.lit("wres"), from_stage=pl.lit("applied"), to_stage=pl.lit("appointed")
    )


def compared(counts: pl.DataFrame, possible: list[pl.DataFrame] | None = None) -> Any:
    return yearly_difference(counts, possible or [], WHICH, PROGRAMME, SETTINGS)


def test_departments_with_the_programme_are_set_against_those_without() -> None:
    """By hand: the geometric mean of 1.2, 1.25 and 1.3 over that of 0.95, 1 and 1.05."""
    found = compared(departments())
    assert isinstance(found, DifferenceInDifferences)
    assert found.programme.ratio == pytest.approx((1.2 * 1.25 * 1.3) ** (1 / 3), rel=1e-4)
    assert found.comparators.ratio == pytest.approx((0.95 * 1.05) ** (1 / 3), rel=1e-4)
    assert found.difference.ratio == pytest.approx((1.2 * 1.25 * 1.3 / (0.95 * 1.05)) ** (1 / 3), rel=1e-4)
    assert found.units == (3, 3)
    assert found.on_the_same_path


def test_the_year_of_the_start_and_years_with_a_withheld_count_do_not_count() -> None:
    counts = departments()
    start = pl.col("period") == date(2020, 1, 1)
    hidden = (pl.col("period") == date(2022, 1, 1)) & (pl.col("department") == "A") & (pl.col("group_name") == "BME")
    wild = counts.with_columns(progressed=pl.when(start).then(1).when(hidden).then(None).otherwise("progressed"))
    found, expected = compared(wild), compared(counts)
    assert found.difference.ratio == pytest.approx(expected.difference.ratio, rel=1e-6)


def test_what_rounding_hides_widens_every_range() -> None:
    counts = departments(size=1_000)
    since = (pl.col("period") > date(2020, 1, 1)) & (pl.col("group_name") == "BME") & (pl.col("department") < "D")
    others = [
        counts.with_columns(progressed=pl.col("progressed") + pl.when(since).then(by).otherwise(0)) for by in (-40, 40)
    ]
    plain, wide = compared(counts), compared(counts, others)
    assert wide.difference.ratio == plain.difference.ratio
    assert wide.difference.low < plain.difference.low
    assert wide.programme.high > plain.programme.high


def test_without_comparators_there_is_nothing_to_say_and_with_few_years_a_reason() -> None:
    assert compared(departments({name: CHANGES[name] for name in "ABC"})) is None
    # Two years before cannot show whether both were on the same path.
    assert compared(departments(first=2018)) == "too_few_comparators"
