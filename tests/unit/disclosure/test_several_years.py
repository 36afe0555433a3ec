"""Several years together: sums that hold the exact ones, and figures as an independent computation has them."""

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import product
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint, proportions_ztest

from equity_audit.contracts import DISCLOSED_DISPARITIES, DISCLOSED_SEVERAL_YEARS
from equity_audit.disclosure.estimates.several_years import disclose_several_years, earlier_rows
from equity_audit.measures.disparity import disparities
from equity_audit.measures.intervals import koopman_interval
from equity_audit.measures.rates import selection_rates
from equity_audit.settings import Settings, load_settings
from tests.published_rows import as_published

POLICY = load_settings()
STEPS = (
    (0, "stage", "applied", "shortlisted"),
    (1, "stage", "shortlisted", "appointed"),
    (2, "span", "applied", "appointed"),
)
YEARS = (2021, 2022, 2023)
# Applied, shortlisted, appointed.
Path = tuple[int, int, int]
Groups = Mapping[str, Path]
FEWER, PROTECTS = "fewer_than", "protects_another"


def exact(groups: Groups, year: int) -> list[dict[str, Any]]:
    """Rows of all three headline levels, everybody decided on."""

    def total(names: list[str]) -> Path:
        return tuple(sum(groups[name][k] for name in names) for k in range(3))  # type: ignore[return-value]

    known = [name for name in groups if name not in ("White", "Unknown")]
    levels = {
        "all": {"All applicants": total([*groups])},
        "wres": {"BME": total(known), **{name: groups[name] for name in ("White", "Unknown") if name in groups}},
        "group": groups,
    }
    return [
        {
            "organisation": "Trust",
            "period": date(year, 4, 1),
            "level": level,
            "breakdown": "all",
            "breakdown_value": "all",
            **dict(zip(("step_order", "step_kind", "from_stage", "to_stage"), step, strict=True)),
            "group_name": name,
            "reached": path[start],
            "decided": path[start],
            "progressed": path[end],
        }
        for level, people in levels.items()
        for name, path in people.items()
        for step, (start, end) in zip(STEPS, ((0, 1), (1, 2), (0, 2)), strict=True)
    ]


def published(groups: Groups, year: int, withheld: frozenset[int] = frozenset()) -> pl.DataFrame:
    """disclosed.stage_counts of a year; `withheld`: numbers of cells that are withheld to protect another."""
    rows = as_published(exact(groups, year), POLICY)
    for offset, name in enumerate(("reached", "decided", "progressed")):
        marked = pl.Series([3 * line + offset in withheld for line in range(rows.height)])
        rows = rows.with_columns(
            pl.when(marked).then(None).otherwise(pl.col(name)).alias(name),
            pl.when(marked).then(pl.lit(PROTECTS)).otherwise(pl.col(f"{name}_note")).alias(f"{name}_note"),
        )
    return rows.select(pl.exclude("^.*_(low|high)$"))


def no_ratios() -> pl.DataFrame:
    return pl.DataFrame(
        schema={column.name: pl.String for column in DISCLOSED_DISPARITIES.columns} | {"step_order": pl.Int64}
    )


def effects_of_year(effects: Sequence[float] = (1.0, 1.0, 1.0)) -> pl.DataFrame:
    """disclosed.design_effects of a year, by step."""
    return pl.DataFrame({"organisation": "Trust", "step_order": [0, 1, 2], "design_effect": [*effects]})


def together(*years: pl.DataFrame, policy: Settings = POLICY, effects: Sequence[Sequence[float]] = ()) -> pl.DataFrame:
    """The last of these years with those before it. effects: design effects of each, by step."""
    *before, own = years
    each = [effects_of_year(*chosen) for chosen in ([(one,) for one in effects] or [()] * len(years))]
    rows = [
        earlier_rows(
            {"stage_counts": counts, "disparities": no_ratios(), "design_effects": effect},
            counts["period"][0],
            own["period"][0],
        )
        for counts, effect in zip(before, each, strict=False)
    ]
    return disclose_several_years(own, pl.concat(rows), policy, each[-1])


def summed(years: list[Groups]) -> Groups:
    names = sorted({name for groups in years for name in groups})
    return {
        name: tuple(sum(groups.get(name, (0, 0, 0))[k] for groups in years) for k in range(3))  # type: ignore[misc]
        for name in names
    }


def row_of(rows: pl.DataFrame, group: str, step: int = 0) -> dict[str, Any]:
    return rows.row(by_predicate=(pl.col("group_name") == group) & (pl.col("step_order") == step), named=True)


paths = st.tuples(st.integers(0, 90), st.integers(0, 60), st.integers(0, 40)).map(
    lambda drawn: (sum(drawn), drawn[1] + drawn[2], drawn[2])
)
yearly = st.fixed_dictionaries(
    {"White": paths.map(lambda path: (path[0] + 60, path[1] + 20, path[2] + 10))},
    optional={"Asian": paths, "Black": paths, "Unknown": paths},
)


@settings(deadline=None, max_examples=25)
@given(st.lists(yearly, min_size=2, max_size=3), st.data())
def test_what_is_true_of_the_exact_sums_lies_within_what_is_shown(years: list[Groups], data: st.DataObject) -> None:
    """Whatever is rounded, small, absent, or withheld to protect another: sums, intervals, tests, findings."""
    shown = []
    for groups, year in zip(years, YEARS, strict=False):
        cells = 3 * len(exact(groups, year))
        withheld = data.draw(st.frozensets(st.integers(0, cells - 1), max_size=5))
        shown.append(published(groups, year, withheld))
    rows = together(*shown)
    sums = pl.DataFrame(exact(summed(years), 2023)).filter(pl.col("level") != "all")
    truth = {(row["level"], row["group_name"], row["step_order"]): row for row in sums.iter_rows(named=True)}
    known = sums.filter(pl.col("group_name") != "Unknown")
    judged = {
        (row["level"], row["group_name"], row["step_order"]): row
        for row in disparities(selection_rates(known, POLICY), POLICY).iter_rows(named=True)
    }
    for row in rows.iter_rows(named=True):
        place = row["level"], row["step_order"]
        own, reference = truth[place[0], row["group_name"], place[1]], truth[place[0], "White", place[1]]
        for prefix, of in (("", own), ("reference_", reference)):
            for name in ("progressed", "decided"):
                assert row[f"{prefix}{name}_low"] <= of[name] <= row[f"{prefix}{name}_high"]
        if row["not_shown_reason"] is not None or own["decided"] == 0:
            continue
        counts = [np.array([of[name]]) for of in (own, reference) for name in ("progressed", "decided")]
        low, high = koopman_interval(*counts, POLICY.comparison.confidence)
        assert row["impact_ratio_low"] <= low[0] + 1e-9
        assert row["impact_ratio_high"] is None or high[0] - 1e-9 <= row["impact_ratio_high"]
        of_exact = judged[place[0], row["group_name"], place[1]]
        assert row["p_value"] >= (of_exact["p_value"] or 0) - 1e-9
        assert row["finding"] in ("not_settled", of_exact["finding"])


def test_sums_and_rates_are_those_of_the_years_added_up() -> None:
    years: list[Groups] = [
        {"White": (500, 150, 40), "Black": (200, 40, 8)},
        {"White": (600, 190, 50), "Black": (255, 50, 10)},
        {"White": (550, 165, 45), "Black": (245, 45, 13)},
    ]
    row = row_of(together(*(published(g, y) for g, y in zip(years, YEARS, strict=True))).filter(level="group"), "Black")
    # As published: 40 + 50 + 45 of 200 + 255 + 245, and 150 + 190 + 165 of 500 + 600 + 550; each within 2 of it.
    assert (row["progressed"], row["progressed_low"], row["progressed_high"]) == (135, 129, 141)
    assert (row["decided"], row["decided_low"], row["decided_high"]) == (700, 694, 706)
    assert (row["reference_progressed"], row["reference_decided"]) == (505, 1650)
    assert (row["first_year"], row["years"], row["not_shown_reason"]) == (date(2021, 4, 1), 3, None)
    assert row["selection_rate"] == pytest.approx(135 / 700)
    assert row["impact_ratio"] == pytest.approx((135 / 700) / (505 / 1650))
    low, high = proportion_confint([129, 141], [706, 694], method="wilson")
    assert (row["selection_rate_low"], row["selection_rate_high"]) == (pytest.approx(low[0]), pytest.approx(high[1]))
    # statsmodels: Koopman's interval at the ends where it is lowest and highest.
    lowest, _ = confint_proportions_2indep(129, 706, 511, 1644, compare="ratio", method="score", correction=False)
    _, highest = confint_proportions_2indep(141, 694, 499, 1656, compare="ratio", method="score", correction=False)
    assert row["impact_ratio_low"] == pytest.approx(lowest, abs=1e-4)
    assert row["impact_ratio_high"] == pytest.approx(highest, abs=1e-4)
    assert row["reading"] == "less_often"


def test_p_values_are_the_largest_that_rounding_leaves_and_are_adjusted_in_families() -> None:
    groups = {"White": (500, 150, 60), "Black": (200, 40, 15), "Asian": (250, 60, 20)}
    rows = together(*(published(groups, year) for year in YEARS)).filter(level="group")

    def largest(group: str, start: int, end: int) -> float:
        ends = [
            [3 * groups[name][k] - 6 * up, 3 * groups[name][k] + 6 * up]
            for name in (group, "White")
            for k, up in ((end, 1), (start, 1))
        ]
        return max(
            float(proportions_ztest([s, t], [n, m])[1]) for s, n, t, m in product(*ends)
        )  # the score test at every corner of what rounding leaves

    every = {(g, k): largest(g, *span) for g in ("Asian", "Black") for k, span in enumerate(((0, 1), (1, 2), (0, 2)))}
    adjusted = dict(zip(every, multipletests([*every.values()], method="holm")[1], strict=True))
    for (group, step), p in every.items():
        row = row_of(rows, group, step)
        if p < 0.5:  # beyond, one of the ends may lie on the other side of equal: 1
            assert row["p_value"] == pytest.approx(p, rel=1e-6)
            assert row["p_adjusted"] == pytest.approx(adjusted[group, step], rel=1e-6)
        else:
            assert row["p_value"] >= p


def test_what_no_year_settles_the_years_together_can() -> None:
    groups = {"White": (400, 120, 40), "Black": (150, 30, 8)}
    own = [published(groups, year) for year in YEARS]
    row = row_of(together(*own).filter(level="group"), "Black")
    assert row["finding"] == "disparity"
    assert row_of(together(own[0], own[1]).filter(level="group"), "Black")["years"] == 2
    one = row_of(together(published({"White": (5, 0, 0)}, 2022), own[2]).filter(level="group"), "Black")
    assert one["finding"] == "not_settled"


def test_small_counts_enter_by_what_they_can_be() -> None:
    small, larger = {"White": (100, 30, 10), "Black": (60, 3, 1)}, {"White": (100, 30, 10), "Black": (60, 20, 5)}
    row = row_of(together(published(small, 2022), published(larger, 2023)).filter(level="group"), "Black")
    # Fewer than 5, so 0 to 4 and 2 in the middle; and 20, so 18 to 22.
    assert (row["progressed"], row["progressed_low"], row["progressed_high"]) == (22, 18, 26)
    row = row_of(together(published(small, 2022), published(small, 2023)).filter(level="group"), "Black")
    assert (row["progressed"], row["progressed_high"], row["not_shown_reason"]) == (None, 8, None)
    # Statsmodels: 8 of 116 beside 56 of 204.
    highest = confint_proportions_2indep(8, 116, 56, 204, compare="ratio", method="score", correction=False)[1]
    assert (row["impact_ratio"], row["impact_ratio_low"]) == (None, 0)
    assert row["impact_ratio_high"] == pytest.approx(highest, abs=1e-4)


def test_a_group_that_a_year_does_not_list_had_nobody_in_it() -> None:
    before, now = {"White": (100, 30, 10)}, {"White": (100, 30, 10), "Black": (60, 20, 5)}
    row = row_of(together(published(before, 2022), published(now, 2023)).filter(level="group"), "Black")
    assert (row["decided"], row["decided_low"], row["decided_high"]) == (60, 58, 62)


def test_what_is_withheld_to_protect_another_is_bounded_by_the_rest() -> None:
    groups = {"White": (100, 30, 10), "Black": (60, 20, 5), "Asian": (50, 20, 10)}
    lines = [(row["level"], row["group_name"], row["step_order"]) for row in exact(groups, 2022)]
    at = 3 * lines.index(("group", "Black", 0))
    row = row_of(
        together(published(groups, 2022, frozenset({at + 2})), published(groups, 2023)).filter(level="group"), "Black"
    )
    # All 70 shortlisted (68 to 72) less 30 White (28 to 32) and 20 Asian (18 to 22): 14 to 26; and 18 to 22 of 2023.
    assert (row["progressed_low"], row["progressed_high"]) == (14 + 18, 26 + 22)
    # A range, and no single figure.
    assert (row["impact_ratio"], row["impact_ratio_reason"]) == (None, "rounding_too_coarse")
    both = frozenset({at, at + 1, at + 2})
    row = row_of(together(published(groups, 2022, both), published(groups, 2023, both)).filter(level="group"), "Black")
    assert row["not_shown_reason"] == PROTECTS
    assert row["impact_ratio_low"] is None


def test_what_nothing_bounds_is_not_shown_and_nothing_is_inferred_from_it() -> None:
    """All applicants are withheld beside the group: the search for the largest p-value would go on without end."""
    groups = {"White": (100, 30, 10), "Black": (60, 20, 5), "Asian": (50, 20, 10)}
    lines = [(row["level"], row["group_name"]) for row in exact(groups, 2022)]
    withheld = [at for at, line in enumerate(lines) if line in {("all", "All applicants"), ("group", "Black")}]
    years = (
        published(groups, 2022, frozenset(3 * at + cell for at in withheld for cell in range(3))),
        published(groups, 2023),
    )
    row = row_of(together(*years).filter(level="group"), "Black")
    assert (row["progressed"], row["decided"], row["not_shown_reason"]) == (None, None, PROTECTS)
    assert [row[name] for name in ("impact_ratio_low", "impact_ratio_high", "p_value", "finding")] == [None] * 4
    # The others are shown as if there were no such group.
    assert row_of(together(*years).filter(level="group"), "Asian")["not_shown_reason"] is None


def test_a_single_figure_stands_where_enough_of_all_combinations_agree() -> None:
    """Two years have eight counts, 390,625 combinations: every one is counted here."""
    years: list[Groups] = [{"White": (90, 30, 10), "Black": (60, 15, 5)}, {"White": (80, 25, 10), "Black": (55, 20, 5)}]
    point = (35 / 115) / (55 / 170)
    steps = np.arange(-2, 3)
    s, n, t, m = (sum(np.meshgrid(steps, steps)).ravel() for _ in range(4))
    ours = ((35 + s)[:, None] / (115 + n)[None, :]).ravel()
    theirs = ((55 + t)[:, None] / (170 + m)[None, :]).ravel()
    # A sum of two evenly spread counts has the same distribution at every place, so each side is counted once.
    ratios = ours[:, None] / theirs[None, :]
    share = float((np.abs(ratios / point - 1) <= 0.1).mean())
    for least, is_shown in ((share - 0.02, True), (share + 0.02, False)):
        policy = POLICY.model_copy(
            update={"disclosure": POLICY.disclosure.model_copy(update={"point_share": min(least, 1.0)})}
        )
        own = [published(groups, year) for groups, year in zip(years, YEARS, strict=False)]
        row = row_of(together(*own, policy=policy).filter(level="group"), "Black")
        assert (row["impact_ratio"] is not None) == is_shown
        if is_shown:
            assert row["impact_ratio"] == pytest.approx(point)


def test_without_an_earlier_year_there_is_nothing() -> None:
    own = published({"White": (100, 30, 10), "Black": (60, 20, 5)}, 2023)
    before = earlier_rows(
        {"stage_counts": own, "disparities": no_ratios(), "design_effects": effects_of_year()},
        date(2022, 4, 1),
        date(2023, 4, 1),
    )
    rows = disclose_several_years(own, before.clear(), POLICY)
    assert rows.is_empty()
    assert rows.columns == list(DISCLOSED_SEVERAL_YEARS.column_names)


def test_the_largest_design_effect_of_the_years_widens_everything_inferred() -> None:
    groups = {"White": (400, 120, 40), "Black": (150, 30, 10)}
    own = [published(groups, year) for year in YEARS]
    rows = together(*own, effects=[(1.5, 1.0, 1.0), (2.0, 1.25, 1.0), (1.0, 1.5, 1.0)]).filter(level="group")
    assert [row_of(rows, "Black", step)["design_effect"] for step in (0, 1, 2)] == [2.0, 1.5, 1.0]
    row = row_of(rows, "Black")
    # As if half as many had been decided on and selected: statsmodels, Koopman's interval and the score test.
    ends = (84 / 2, 456 / 2, 366 / 2, 1194 / 2), (96 / 2, 444 / 2, 354 / 2, 1206 / 2)
    options = {"compare": "ratio", "method": "score", "correction": False}
    assert row["impact_ratio_low"] == pytest.approx(confint_proportions_2indep(*ends[0], **options)[0], abs=1e-4)
    assert row["impact_ratio_high"] == pytest.approx(confint_proportions_2indep(*ends[1], **options)[1], abs=1e-4)
    s, n, t, m = ends[1]
    assert row["p_value"] == pytest.approx(float(proportions_ztest([s, t], [n, m])[1]), rel=1e-6)
    assert row["impact_ratio"] == pytest.approx(90 / 450 / (360 / 1200))
