"""Whom each group is compared with, and that the overall rate, which holds the group itself, is dealt with exactly."""

from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from equity_audit.measures.disparity import disparities
from equity_audit.measures.rates import selection_rates
from equity_audit.measures.recomputation import largest_difference
from equity_audit.settings import Comparator, Settings, load_settings
from tests.conftest import IN_TENS
from tests.unit.measures.test_measures import stage_counts

GROUPS = {"White": (40, 60), "Asian": (7, 13), "Black": (9, 10), "Other": (1, 1), "Unknown": (3, 16)}


def policy(*comparators: Comparator) -> Settings:
    settings = load_settings()
    comparison = settings.comparison.model_copy(update={"comparators": comparators})
    return settings.model_copy(update={"comparison": comparison})


def compared(comparator: Comparator, groups: dict[str, tuple[int, int]] | None = None) -> dict[str, dict[str, Any]]:
    return compared_each(comparator, [groups or GROUPS])[0]


def compared_each(comparator: Comparator, cases: list[dict[str, tuple[int, int]]]) -> list[dict[str, dict[str, Any]]]:
    """The comparisons of many organisations by group: together they take hardly longer than those of one."""
    settings, names = policy(comparator), [f"Trust {place}" for place in range(len(cases))]
    counts = pl.concat(stage_counts(groups, organisation=name) for name, groups in zip(names, cases, strict=True))
    rows = disparities(selection_rates(counts, settings), settings)
    assert set(rows["comparator"]) == {comparator}
    found: dict[str, dict[str, dict[str, Any]]] = {name: {} for name in names}
    for row in rows.iter_rows(named=True):
        found[row["organisation"]][row["group_name"]] = row
    return list(found.values())


def test_everyone_else_is_all_others_of_known_ethnicity() -> None:
    rows = compared("everyone_else")
    assert set(rows) == set(GROUPS)
    assert {row["reference_name"] for row in rows.values()} == {"Everyone else"}
    counts = {name: (row["reference_selected"], row["reference_decided"]) for name, row in rows.items()}
    assert counts == {"White": (17, 24), "Asian": (50, 71), "Black": (48, 74), "Other": (56, 83), "Unknown": (57, 84)}


def test_overall_is_everybody() -> None:
    rows = compared("overall")
    assert {(row["reference_selected"], row["reference_decided"]) for row in rows.values()} == {(60, 100)}
    assert rows["Asian"]["impact_ratio"] == pytest.approx((7 / 13) / 0.6)
    assert rows["Asian"]["reference_name"] == "All applicants"


def test_tests_against_the_overall_rate_are_those_against_the_rest() -> None:
    groups = {"White": (80, 120), "Asian": (14, 40)}
    to_all, to_rest = compared("overall", groups)["Asian"], compared("everyone_else", groups)["Asian"]
    assert to_all["p_value"] == pytest.approx(to_rest["p_value"])
    for bound in ("impact_ratio", "impact_ratio_low", "impact_ratio_high", "smallest_detectable_ratio"):
        # A rate q times that of the rest, in a whole of which the group is a quarter.
        assert to_all[bound] == pytest.approx(to_rest[bound] / (0.25 * to_rest[bound] + 0.75))
    for bound in ("rate_difference", "rate_difference_low", "rate_difference_high"):
        assert to_all[bound] == pytest.approx(0.75 * to_rest[bound])


def test_the_highest_rate_needs_its_share_and_is_not_tested_against() -> None:
    """Other has the highest rate, 1 of 1, but is 1 of 84 people of known ethnicity: below 2%."""
    rows = compared("highest_rate")
    assert set(rows) == {"White", "Asian", "Other", "Unknown"}
    assert {row["reference_name"] for row in rows.values()} == {"Black"}
    asian = rows["Asian"]
    assert asian["impact_ratio"] == pytest.approx((7 / 13) / 0.9)
    assert asian["below_four_fifths"] is True
    assert (asian["p_value"], asian["impact_ratio_low"], asian["finding"]) == (None, None, None)
    assert asian["undefined_reason"] == "reference_chosen_by_rate"


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        ({"White": (5, 10), "Asian": (10, 20)}, "Asian"),  # equal rates: the larger
        ({"White": (5, 10), "Asian": (5, 10)}, "Asian"),  # equal in all: the first by name
        ({"White": (5, 10), "Unknown": (9, 10)}, "White"),  # unknown is never the one compared with
    ],
)
def test_ties_for_the_highest_rate(groups: dict[str, tuple[int, int]], expected: str) -> None:
    assert {row["reference_name"] for row in compared("highest_rate", groups).values()} == {expected}


def test_nobody_decided_has_no_highest_rate() -> None:
    rows = compared("highest_rate", {"White": (0, 0), "Asian": (0, 0)})
    assert {row["undefined_reason"] for row in rows.values()} == {"no_reference_group"}


def test_all_comparators_stand_side_by_side_each_a_family_of_its_own() -> None:
    settings = policy("reference", "everyone_else", "overall", "highest_rate")
    exact = with_all(GROUPS)
    rows = disparities(selection_rates(exact, settings), settings)
    sizes = rows.group_by("comparator").agg(pl.len(), pl.col("family_size").first()).sort("comparator").rows()
    assert sizes == [("everyone_else", 5, 5), ("highest_rate", 4, 0), ("overall", 5, 5), ("reference", 4, 4)]
    assert largest_difference(exact, rows) < 1e-12


def test_steps_and_the_whole_path_are_one_family_and_another_span_is_its_own() -> None:
    settings = policy("reference")
    steps = [
        ("stage", "applied", "shortlisted"),
        ("stage", "shortlisted", "appointed"),
        ("span", "applied", "appointed"),
    ]
    # As if interviews had been counted too: a span that is not the whole path.
    steps.insert(2, ("span", "shortlisted", "interviewed"))
    exact = pl.concat(
        stage_counts(GROUPS, step_order=order, step_kind=kind, from_stage=start, to_stage=end)
        for order, (kind, start, end) in enumerate(steps)
    )
    rows = disparities(selection_rates(exact, settings), settings)
    sizes = dict(rows.select("to_stage", "family_size").unique().rows())
    assert sizes == {"shortlisted": 12, "appointed": 12, "interviewed": 4}


def with_all(groups: dict[str, tuple[int, int]]) -> pl.DataFrame:
    """Counts of groups, and the level of all applicants beside them, as out.stage_counts has both."""
    everybody = sum(s for s, _ in groups.values()), sum(n for _, n in groups.values())
    return pl.concat([stage_counts(groups), stage_counts({"All applicants": everybody}, level="all")])


@pytest.mark.parametrize("comparator", ["everyone_else", "overall"])
@pytest.mark.parametrize("column", ["reference_selected", "reference_decided"])
def test_the_independent_check_does_not_believe_the_row(comparator: Comparator, column: str) -> None:
    """Both the count and all that follows from it are wrong alike, as if the wrong people had been added up."""
    settings, exact = policy(comparator), with_all(GROUPS)
    right = disparities(selection_rates(exact, settings), settings)
    assert largest_difference(exact, right) < 1e-12
    wrong = right.with_columns(pl.col(column) + 5).with_columns(
        impact_ratio=pl.col("selection_rate") / (pl.col("reference_selected") / pl.col("reference_decided"))
    )
    assert largest_difference(exact, wrong) > 1e-3


counts = st.integers(1, 40).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@IN_TENS
@given(
    st.lists(st.tuples(counts, counts, counts).filter(lambda all_: any(n for n, _ in all_)), min_size=10, max_size=10)
)
def test_the_rate_of_all_lies_between_the_group_and_the_rest(cases: list[tuple[tuple[int, int], ...]]) -> None:
    rows = compared_each("overall", [dict(zip(("White", "Asian", "Unknown"), case, strict=True)) for case in cases])
    for case, row in zip(cases, (found["Asian"] for found in rows), strict=True):
        if row["impact_ratio_high"] is not None:
            assert row["impact_ratio_low"] - 1e-9 <= row["impact_ratio"] <= row["impact_ratio_high"] + 1e-9
        # Nobody can be selected more often than if all selections were the group's own.
        assert row["impact_ratio"] <= sum(decided for _, decided in case) / case[1][1] + 1e-9


@IN_TENS
@given(st.lists(st.tuples(counts, counts.filter(lambda other: other[0] > 0)), min_size=10, max_size=10))
def test_one_more_selected_never_lowers_the_rate_or_the_ratio(
    cases: list[tuple[tuple[int, int], tuple[int, int]]],
) -> None:
    rows = (
        compared_each("reference", [{"White": other, "Asian": (n + more, of + more)} for (n, of), other in cases])
        for more in (0, 1)
    )
    for now, later in zip(*([found["Asian"] for found in each] for each in rows), strict=True):
        assert later["selection_rate"] >= now["selection_rate"]
        assert later["impact_ratio"] >= now["impact_ratio"] - 1e-12
