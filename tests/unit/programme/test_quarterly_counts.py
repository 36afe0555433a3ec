"""Published counts by quarter, and what they may stand for: by the rule of rounding itself, not by its inverse."""

from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from equity_audit.contracts import DISCLOSED_STAGE_COUNTS
from equity_audit.programme.quarterly_counts import drawn_counts, quarterly_counts, unsplit_counts, yearly_counts
from equity_audit.settings import load_settings

SETTINGS = load_settings()


def published(rows: list[dict[str, object]]) -> pl.DataFrame:
    """Rows of disclosed.stage_counts: BME applicants from applied to shortlisted, unless a row says otherwise."""
    usual = {
        "organisation": "Trust",
        "period": date(2023, 4, 1),
        "level": "wres",
        "breakdown": "quarter",
        "breakdown_value": "2023-04 to 2023-06",
        "step_order": 0,
        "step_kind": "stage",
        "from_stage": "applied",
        "to_stage": "shortlisted",
        "group_name": "BME",
        "reached": 100,
        "reached_note": None,
        "decided": 100,
        "decided_note": None,
        "progressed": 25,
        "progressed_note": None,
    }
    types = {"varchar": pl.String, "bigint": pl.Int64, "tinyint": pl.Int8, "date": pl.Date}
    schema = {column.name: types[column.type] for column in DISCLOSED_STAGE_COUNTS.columns}
    return pl.DataFrame([usual | row for row in rows], schema=schema)


def as_published(count: int) -> int | None:
    """The rule of splits as docs/disclosure.md has it: 0 to 4 marked, others to the nearest 5, halves up."""
    return None if count < 5 else (count + 2) // 5 * 5


@given(st.integers(0, 400), st.integers(0, 400))
def test_draws_would_be_published_as_the_count_was(decided: int, progressed: int) -> None:
    decided, progressed = max(decided, progressed), min(decided, progressed)
    cells = {}
    for name, count in (("decided", decided), ("progressed", progressed)):
        shown = as_published(count)
        cells |= {name: shown, f"{name}_note": "fewer_than" if shown is None else None}
    counts = quarterly_counts(published([cells]), SETTINGS)
    row = counts.row(0, named=True)
    for name, count in (("decided", decided), ("progressed", progressed)):
        assert row[f"{name}_low"] <= count <= row[f"{name}_high"]
    for drawn in drawn_counts(counts, 5):
        found = drawn.row(0, named=True)
        assert 0 <= found["progressed"] <= found["decided"]
        assert as_published(found["decided"]) == as_published(decided)
        # Where fewer were decided on than may have progressed, progressed follows decided.
        if found["decided"] >= row["progressed_high"]:
            assert as_published(found["progressed"]) == as_published(progressed)


def test_a_small_count_stands_as_the_middle_of_what_it_may_be_and_a_withheld_one_not_at_all() -> None:
    rows = [
        {"progressed": None, "progressed_note": "fewer_than"},
        {"group_name": "White", "decided": None, "decided_note": "protects_another"},
    ]
    small, withheld = quarterly_counts(published(rows), SETTINGS).iter_rows(named=True)
    assert [small[name] for name in ("progressed", "progressed_low", "progressed_high")] == [2, 0, 4]
    assert [withheld[name] for name in ("decided", "decided_low", "decided_high")] == [None, None, None]
    assert withheld["progressed"] == 25


def test_draws_keep_what_is_withheld_withheld_and_are_the_same_every_time() -> None:
    rows = [{}, {"group_name": "White", "progressed": None, "progressed_note": "protects_another"}]
    counts = quarterly_counts(published(rows), SETTINGS)
    first, again = (list(drawn_counts(counts, 3)) for _ in range(2))
    assert all(one.equals(other) for one, other in zip(first, again, strict=True))
    assert not first[0].equals(first[1])
    for drawn in first:
        assert drawn.filter(group_name="White").select("decided", "progressed").row(0) == (None, None)


def test_steps_stand_with_the_whole_path_first_whatever_their_names_and_numbers() -> None:
    later = {"period": date(2024, 4, 1), "breakdown_value": "2024-04 to 2024-06"}
    step = {"step_order": 0, "from_stage": "sifted", "to_stage": "invited"}
    second = {"step_order": 1, "from_stage": "invited", "to_stage": "appointed"}
    whole = {"step_order": 2, "step_kind": "span", "from_stage": "sifted", "to_stage": "appointed"}
    other = {"step_order": 3, "step_kind": "span", "from_stage": "invited", "to_stage": "hired"}
    # The year after has a stage more, so that its spans have other numbers.
    rows = [step, second, whole, other]
    rows += [row | later | {"step_order": row["step_order"] + ("step_kind" in row)} for row in rows]
    found = quarterly_counts(published(rows), SETTINGS)
    assert found.height == len(rows)
    order = found.select("step_order", "from_stage", "to_stage").unique().sort("step_order").rows()
    assert order == [
        (0, "sifted", "appointed"), (1, "invited", "hired"), (2, "sifted", "invited"), (3, "invited", "appointed"),
    ]  # fmt: skip
    assert set(found["period"]) == {date(2023, 4, 1), date(2024, 4, 1)}


@pytest.mark.parametrize("unit", ["quarter", "month"])
def test_periods_shorter_than_a_year_are_their_own_quarters_or_months(unit: str) -> None:
    shorter = SETTINGS.model_copy(update={"period": SETTINGS.period.model_copy(update={"unit": unit})})
    rows = [{"breakdown": "all", "breakdown_value": "all"}, {"breakdown": "pay_band", "breakdown_value": "Band 5"}]
    found = quarterly_counts(published(rows), shorter)
    assert found["period"].to_list() == [date(2023, 4, 1)]
    assert found["decided"].to_list() == [100]


@pytest.mark.parametrize("split", ["pay_band", "staff_group"])
def test_posts_keep_their_names_and_years(split: str) -> None:
    other = {"breakdown": "department", "breakdown_value": "A"}
    rows = [{"breakdown": split, "breakdown_value": name} for name in ("A", "B")] + [{}, other]
    found = yearly_counts(published(rows), split, SETTINGS)
    assert found.select("period", split).rows() == [(date(2023, 4, 1), "A"), (date(2023, 4, 1), "B")]


def groups(**of_black: object) -> pl.DataFrame:
    """A year whose BME applicants were withheld, and what is shown of their groups."""
    whole = {"breakdown": "all", "breakdown_value": "all"}
    hidden = {"progressed": None, "progressed_note": "protects_another"}
    shown = [("Asian", 60, 25), ("Black", 40, 15), ("White", 300, 100), ("Unknown", 10, 5)]
    rows = [
        whole | {"level": "group", "group_name": name, "decided": decided, "progressed": progressed}
        for name, decided, progressed in shown
    ]
    rows[1] |= of_black
    return unsplit_counts(published([whole | hidden, *rows]), SETTINGS)


def of_bme(counts: pl.DataFrame) -> dict[str, object]:
    return counts.row(by_predicate=pl.col("group_name") == "BME", named=True)


def test_a_withheld_count_of_bme_applicants_is_the_sum_of_their_groups() -> None:
    """Asian 23 to 27 and Black 13 to 17, as the rounding of splits and headlines has it: 36 to 44."""
    row = of_bme(groups())
    assert (row["progressed"], row["progressed_low"], row["progressed_high"]) == (40, 36, 44)
    assert (row["decided"], row["decided_low"], row["decided_high"]) == (100, 98, 102)


def test_the_sum_is_not_known_if_a_group_is_withheld_too() -> None:
    assert of_bme(groups(progressed=None, progressed_note="protects_another"))["progressed"] is None


def test_a_small_group_counts_with_what_it_may_be() -> None:
    row = of_bme(groups(progressed=None, progressed_note="fewer_than"))
    assert (row["progressed"], row["progressed_low"], row["progressed_high"]) == (27, 23, 31)
