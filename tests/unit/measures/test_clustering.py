"""Design effects against statsmodels' clustered covariance, and what they do to everything inferred."""

from itertools import pairwise

import numpy as np
import polars as pl
import pytest
import statsmodels.api as sm
from scipy.stats import norm
from scipy.stats import t as student
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from equity_audit.contracts import DESIGN_EFFECTS
from equity_audit.measures.clustering import design_effects, effect_class, effects_of, small_sample
from equity_audit.measures.disparity import disparities
from equity_audit.measures.paths import overall_paths
from equity_audit.measures.rates import selection_rates
from equity_audit.measures.significance import two_sided_p
from equity_audit.settings import Settings, load_settings
from tests.clusters import PERIOD, Applications, sums_and_counts

SPANS = [*pairwise(range(5)), (0, 4), (1, 4)]
POLICY = load_settings()


def with_clustering(**changes: object) -> Settings:
    return POLICY.model_copy(update={"clustering": POLICY.clustering.model_copy(update=changes)})


def made_up(
    seed: int, *, people: bool, groups: tuple[str, ...] = ("White", "Asian"), vacancies: int = 60
) -> Applications:
    """Vacancies that differ, each with another mix of groups; people apply to several, never twice to one."""
    rng = np.random.default_rng(seed)
    applicants = 300
    times = 3 if people else 1
    candidate = np.repeat(np.arange(applicants), times)
    vacancy = np.concatenate([rng.choice(vacancies, times, replace=False) for _ in range(applicants)])
    group = rng.integers(0, len(groups), applicants)[candidate]
    able = rng.standard_normal(applicants)[candidate] + 0.8 * rng.standard_normal(vacancies)[vacancy]
    last = np.zeros(candidate.size, np.int64)
    for step, level in enumerate((-0.6, 0.5, -0.2, 1.5)):
        last += (last == step) & (able + level + rng.logistic(size=able.size) > 0)
    return Applications(vacancy, candidate if people else None, group, last, groups)


def by_statsmodels(made: Applications, start: int, end: int) -> float:
    """Variance over that of independent decisions: a Poisson model's ratio of rates, with clustered covariance."""
    decided = made.last >= start
    y, group = (made.last[decided] >= end).astype(float), (made.group[decided] > 0).astype(float)
    clusters = [made.vacancy[decided]] + ([] if made.candidate is None else [made.candidate[decided]])
    independent = sum((1 - y[group == g].mean()) / y[group == g].sum() for g in (0, 1))
    fitted = [
        sm.GLM(y, sm.add_constant(group), family=sm.families.Poisson()).fit(
            cov_type="cluster", cov_kwds={"groups": cluster, "use_correction": False}
        )
        for cluster in clusters
    ]
    corrected = [
        float(fit.cov_params()[1, 1]) * (n := np.unique(cluster).size) / (n - 1)
        for fit, cluster in zip(fitted, clusters, strict=True)
    ]
    return (sum(corrected) - independent * (len(clusters) - 1)) / independent


@pytest.mark.parametrize("people", [False, True])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_variance_is_that_of_statsmodels(seed: int, people: bool) -> None:
    made = made_up(seed, people=people)
    sums, counts = sums_and_counts(made, SPANS)
    found = design_effects(sums, counts, POLICY)
    assert tuple(found.columns) == DESIGN_EFFECTS.column_names
    for row, (start, end) in zip(found.iter_rows(named=True), SPANS, strict=True):
        expected = by_statsmodels(made, start, end)
        assert row["of_wres"] == pytest.approx(expected)
        assert row["of_groups"] == pytest.approx(expected)
        assert row["vacancies"] == np.unique(made.vacancy[made.last >= start]).size
        assert (row["candidates"] is None) == (not people)


def test_two_groups_are_weighted_by_their_precision() -> None:
    """By a loop over residuals, application by application."""
    made = made_up(5, people=False, groups=("White", "Asian", "Black", "Unknown"))
    sums, counts = sums_and_counts(made, [(0, 1)])
    effects, weights = [], []
    y = (made.last >= 1).astype(float)
    for group in (1, 2, 3):
        residuals, independent = np.zeros(made.vacancy.max() + 1), 0.0
        used = set()
        for vacancy, its_group, selected in zip(made.vacancy, made.group, y, strict=True):
            if its_group in (0, group):
                own = made.group == its_group
                e = (selected - y[own].mean()) / y[own].sum() * (1 if its_group else -1)
                residuals[vacancy] += e
                independent += e * e
                used.add(vacancy)
        effects.append((residuals**2).sum() * len(used) / (len(used) - 1) / independent)
        weights.append(1 / independent)
    found = design_effects(sums, counts, POLICY).row(0, named=True)
    assert found["of_groups"] == pytest.approx(np.average(effects, weights=weights))
    assert found["design_effect"] == pytest.approx(max(1, found["of_wres"], found["of_groups"]))


def test_the_example_of_the_methodology() -> None:
    """One vacancy takes 2 of 2 Asian and 1 of 6 White applicants, another 1 of 6 and 2 of 2."""
    vacancy = np.repeat([0, 1], 8)
    group = np.array([1] * 2 + [0] * 6 + [1] * 6 + [0] * 2)
    last = np.array([1, 1] + [1] + [0] * 5 + [1] + [0] * 5 + [1, 1])
    sums, counts = sums_and_counts(Applications(vacancy, None, group, last, ("White", "Asian")), [(0, 1)])
    row = design_effects(sums, counts, POLICY).row(0, named=True)
    assert row["of_wres"] == pytest.approx(2 * (2.5 / 3) ** 2 * 2 / (2 * 0.625 / 3)) == pytest.approx(20 / 3)


def test_few_vacancies_make_it_larger() -> None:
    made = made_up(7, people=False, vacancies=20)
    sums, counts = sums_and_counts(made, [(0, 1)])
    row = design_effects(sums, counts, POLICY).row(0, named=True)
    sizes = np.bincount(made.vacancy)
    worth = sizes.sum() ** 2 / (sizes**2).sum()
    assert row["vacancies_worth"] == pytest.approx(worth)
    factor = (student.ppf(0.975, worth - 1) / norm.ppf(0.975)) ** 2
    assert row["design_effect"] == pytest.approx(max(1, row["of_wres"]) * factor)
    assert small_sample(np.array([49.9, 50.0]), POLICY)[1] == 1


def test_too_few_vacancies_and_counts_of_a_source() -> None:
    made = made_up(7, people=False, vacancies=9)
    sums, counts = sums_and_counts(made, [(0, 1)])
    row = design_effects(sums, counts, POLICY).row(0, named=True)
    assert (row["design_effect"], row["undefined_reason"]) == (POLICY.clustering.default_effect, "too_few_to_estimate")
    aggregated = counts.with_columns(basis=pl.lit("aggregated"))
    row = design_effects(sums.clear(), aggregated, POLICY).row(0, named=True)
    assert (row["design_effect"], row["undefined_reason"], row["vacancies"]) == (1.0, "counted_by_source", None)


def test_applications_by_themselves_have_no_design_effect() -> None:
    made = made_up(3, people=False)
    alone = Applications(np.arange(made.group.size), None, made.group, made.last, made.groups)
    sums, counts = sums_and_counts(alone, SPANS)
    found = design_effects(sums, counts, POLICY)
    number = found["vacancies"].to_numpy()
    assert found["of_wres"].to_numpy() == pytest.approx(number / (number - 1))


@pytest.mark.parametrize(
    ("effect", "expected"),
    [(1, 1), (1 + 1e-12, 1), (1.01, 1.1), (1.1, 1.1), (1.6, 2), (50, 50), (50.1, 100), (120, 150)],
)
def test_classes_round_up(effect: float, expected: float) -> None:
    classes = {"classes": (1.0, 1.1, 1.25, 1.5, 2.0, 3.0, 50.0)}
    assert effect_class(np.array([effect]), with_clustering(**classes).clustering)[0] == expected


def test_a_step_without_an_effect_is_independent() -> None:
    rows = pl.DataFrame({"organisation": ["A", "A", "B"], "step_order": [0, 1, 0]})
    effects = pl.DataFrame({"organisation": ["A"], "step_order": [1], "design_effect": [2.0]})
    assert effects_of(rows, effects).tolist() == [1, 2, 1]
    assert effects_of(rows, None).tolist() == [1, 1, 1]


def counts_of(white: tuple[int, int], asian: tuple[int, int]) -> pl.DataFrame:
    same = {
        **{"organisation": "Trust", "period": PERIOD, "level": "group", "breakdown": "all", "breakdown_value": "all"},
        **{"step_order": 0, "step_kind": "stage", "from_stage": "applied", "to_stage": "shortlisted"},
        **dict.fromkeys(("reached", "rejected", "withdrew", "declined", "ineligible", "pending"), 0),
    }
    rows = [
        same | {"group_name": name, "progressed": s, "decided": n}
        for name, (s, n) in (("White", white), ("Asian", asian))
    ]
    return pl.DataFrame(rows)


EFFECTS = pl.DataFrame({"organisation": ["Trust"], "step_order": [0], "design_effect": [4.0]})


def test_everything_inferred_takes_a_quarter_of_the_numbers() -> None:
    """At a design effect of 4, ranges are those of a quarter of the applications, and z is half."""
    counts = counts_of((160, 800), (124, 800))
    rates = selection_rates(counts, POLICY, EFFECTS)
    white = rates.filter(group_name="White").row(0, named=True)
    assert (white["selection_rate_low"], white["selection_rate_high"]) == pytest.approx(
        proportion_confint(40, 200, method="wilson")
    )
    row = disparities(rates, POLICY, EFFECTS).row(0, named=True)
    plain = disparities(selection_rates(counts, POLICY), POLICY).row(0, named=True)
    quarter = disparities(selection_rates(counts_of((40, 200), (31, 200)), POLICY), POLICY).row(0, named=True)
    assert (row["impact_ratio_low"], row["impact_ratio_high"]) == pytest.approx(
        confint_proportions_2indep(31, 200, 40, 200, compare="ratio", method="score", correction=False), rel=1e-4
    )
    assert (row["rate_difference_low"], row["rate_difference_high"]) == pytest.approx(
        confint_proportions_2indep(31, 200, 40, 200, compare="diff", method="newcomb")
    )
    for name in ("z", "p_value", "smallest_detectable_ratio"):
        assert row[name] == pytest.approx(quarter[name])
    assert row["z"] == pytest.approx(plain["z"] / 2)
    for name in ("impact_ratio", "group_selected", "shortfall", "flip_flop", "p_method"):
        assert row[name] == plain[name]
    assert (plain["finding"], row["finding"]) == ("disparity", "possible_disparity")


def test_the_exact_test_is_widened_through_z() -> None:
    tables = [np.array([count]) for count in (1, 20, 9, 30)]
    (p,), (method,) = two_sided_p(*tables)
    (wider,), (again,) = two_sided_p(*tables, np.array([2.0]))
    assert method == again == "exact_mid_p"
    assert wider == pytest.approx(2 * norm.cdf(norm.ppf(p / 2) / np.sqrt(2)))
    assert two_sided_p(*tables, np.array([1.0]))[0][0] == p


def test_each_stage_of_the_path_is_widened_by_its_own_effect() -> None:
    """A path of one stage is that stage, with its effect."""
    counts = counts_of((160, 800), (124, 800))
    path = overall_paths(counts, POLICY, EFFECTS).filter(group_name="Asian", withdrawals="censored").row(0, named=True)
    row = disparities(selection_rates(counts, POLICY, EFFECTS), POLICY, EFFECTS).row(0, named=True)
    assert (path["overall_ratio_low"], path["overall_ratio_high"]) == pytest.approx(
        (row["impact_ratio_low"], row["impact_ratio_high"])
    )
    assert path["overall_rate_high"] == pytest.approx(row["selection_rate_high"])
