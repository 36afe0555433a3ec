"""What an edition says of clustering, and that it tells nothing of counts (docs/adr/0023)."""

from collections.abc import Sequence

import numpy as np
import polars as pl
import pytest

from equity_audit.contracts import DISCLOSED_DESIGN_EFFECTS
from equity_audit.disclosure.estimates.design_effects import disclose_design_effects
from equity_audit.measures.clustering import design_effects, effect_class, small_sample
from equity_audit.settings import load_settings
from tests.clusters import Applications, Ints, sums_and_counts

POLICY = load_settings()
GROUPS = ("White", "Asian", "Black")
# Applied, shortlisted, appointed: two steps and the whole path, just above the fewest that a class is published of.
SPANS = [(0, 1), (1, 2), (0, 2)]
REACHED = {"White": (200, 70, 35), "Asian": (110, 40, 20), "Black": (90, 30, 15)}
BASE = POLICY.disclosure.round_to


def rounded(counts: pl.DataFrame) -> pl.DataFrame:
    nearest = {name: (pl.col(name) + BASE // 2) // BASE * BASE for name in ("decided", "progressed")}
    return counts.with_columns(**nearest)


def arranged(reached: Sequence[tuple[int, int, int]], vacancy: Ints) -> Applications:
    """Applications of every group that got so far, in order of group and then of stage."""
    group = np.repeat(np.arange(len(reached)), [first for first, *_ in reached])
    last = np.concatenate([np.repeat([2, 1, 0], [c, b - c, a - b]) for a, b, c in reached])
    return Applications(vacancy, None, group, last, GROUPS)


def published(applications: Applications) -> pl.DataFrame:
    sums, counts = sums_and_counts(applications, SPANS)
    return disclose_design_effects(design_effects(sums, counts, POLICY), rounded(counts), POLICY)


def clustered(rng: np.random.Generator, reached: Sequence[tuple[int, int, int]], strength: float) -> Ints:
    """Vacancies that take more of some kinds of applications than of others, the more the stronger."""
    kinds = arranged(reached, np.zeros(sum(first for first, *_ in reached), np.int64))
    chance = rng.dirichlet(np.full(60, 1 / strength), size=(len(reached), 3))
    return np.array(
        [rng.choice(60, p=chance[group, last]) for group, last in zip(kinds.group, kinds.last, strict=True)]
    )


def by_numpy(applications: Applications) -> np.ndarray:
    """The design effects of all steps, fast enough to search with; the test compares them with the project's."""
    found = []
    for start, end in SPANS:
        decided = applications.last >= start
        vacancy, group = applications.vacancy[decided], applications.group[decided]
        selected = (applications.last[decided] >= end).astype(float)
        sizes = np.bincount(vacancy)
        effects = []
        for members in ((1, 2), (1,), (2,)):
            ours, theirs = np.isin(group, members), group == 0
            s, n, r, m = selected[ours].sum(), ours.sum(), selected[theirs].sum(), theirs.sum()
            residual = np.where(ours, (selected - s / n) / s, 0) - np.where(theirs, (selected - r / m) / r, 0)
            number = np.unique(vacancy[ours | theirs]).size
            clusters = np.bincount(vacancy, residual)
            independent = (1 - s / n) / s + (1 - r / m) / r
            effects.append((clusters @ clusters * number / (number - 1) / independent, 1 / independent))
        (wres, _), *groups = effects
        mean = np.average([effect for effect, _ in groups], weights=[weight for _, weight in groups])
        worth = small_sample(np.array([sizes.sum() ** 2 / (sizes @ sizes)]), POLICY)[0]
        found.append(max(1.0, wres, mean) * worth)
    return np.array(found)


def arranged_for(
    rng: np.random.Generator, reached: Sequence[tuple[int, int, int]], like: Ints, classes: np.ndarray
) -> Applications:
    """An arrangement of these applications with these classes, by moving one after the other."""
    number = sum(first for first, *_ in reached)
    made = arranged(reached, np.resize(like, number))
    bounds = np.array([*POLICY.clustering.classes])
    lower = np.array([bounds[bounds < one].max(initial=0.0) for one in classes])

    def far(effects: np.ndarray) -> float:
        return float(np.maximum(0, np.maximum(np.log(effects / classes), np.log((lower + 1e-9) / effects))).sum())

    away = far(by_numpy(made))
    for _ in range(20_000):
        if away == 0:
            return made
        vacancy = made.vacancy.copy()
        moved = rng.integers(0, number, rng.integers(1, 4))
        vacancy[moved] = rng.integers(0, 90, moved.size)
        tried = arranged(reached, vacancy)
        if (distance := far(by_numpy(tried))) <= away:
            made, away = tried, distance
    raise AssertionError(f"no arrangement found with {classes} for {reached}")


def fitting(rng: np.random.Generator, truth: Sequence[tuple[int, int, int]]) -> list[np.ndarray]:
    """Changes of the counts that leave those published as they are, of groups, of BME and of all; the largest first."""
    sums = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 1, 1], [1, 1, 1]])
    shown = (sums @ truth + BASE // 2) // BASE
    shifts = [
        shift
        for shift in rng.integers(-2, 3, (20_000, 3, 3))
        if ((sums @ (truth + shift) + BASE // 2) // BASE == shown).all()
    ]
    return sorted(shifts, key=lambda shift: -np.abs(shift).sum())[:6] + shifts[:3]


@pytest.mark.parametrize(("seed", "strength"), [(1, 0.05), (2, 0.2), (3, 0.5), (4, 1.0)])
def test_every_table_that_fits_could_have_the_same_classes(seed: int, strength: float) -> None:
    """Counts that round to the published ones at every level, many of them at the ends of what these allow.

    For each, an arrangement of its applications over vacancies gives the published table of design effects.
    """
    rng = np.random.default_rng(seed)
    truth = [*REACHED.values()]
    vacancy = clustered(rng, truth, strength)
    made = arranged(truth, vacancy)
    shown = published(made)
    assert set(shown["basis"]) == {"estimated"}
    classes = shown["design_effect"].to_numpy()
    for shift in fitting(rng, truth):
        other = [tuple(row) for row in (np.array(truth) + shift).tolist()]
        again = arranged_for(rng, other, vacancy, classes)
        assert effect_class(by_numpy(again), POLICY.clustering).tolist() == classes.tolist()
        assert published(again).equals(shown)


def of(reached: dict[str, tuple[int, int, int]] = REACHED) -> tuple[pl.DataFrame, pl.DataFrame]:
    made = arranged([*reached.values()], clustered(np.random.default_rng(9), [*reached.values()], 0.5))
    sums, counts = sums_and_counts(made, SPANS)
    return design_effects(sums, counts, POLICY), rounded(counts)


def test_the_class_is_the_estimate_rounded_up() -> None:
    exact, counts = of()
    shown = disclose_design_effects(exact, counts, POLICY)
    assert tuple(shown.columns) == DISCLOSED_DESIGN_EFFECTS.column_names
    assert (shown["design_effect"] >= exact["design_effect"]).all()
    assert set(shown["design_effect"]) <= {*POLICY.clustering.classes}
    assert set(shown["basis"]) == {"estimated"}


@pytest.mark.parametrize("group", ["White", "BME"])
@pytest.mark.parametrize(("progressed", "basis"), [(30, "estimated"), (25, "default"), (None, "default")])
def test_the_published_counts_decide_whether_there_are_enough(group: str, progressed: int | None, basis: str) -> None:
    exact, counts = of()
    step = (pl.col("group_name") == group) & (pl.col("level") == "wres") & (pl.col("step_order") == 1)
    fewer = counts.with_columns(
        progressed=pl.when(step).then(pl.lit(progressed, pl.Int64)).otherwise(pl.col("progressed"))
    )
    shown = disclose_design_effects(exact, fewer, POLICY).filter(step_order=1).row(0, named=True)
    assert shown["basis"] == basis
    assert (shown["design_effect"] == POLICY.clustering.default_effect) or basis == "estimated"
    # As few that were not selected would do the same.
    least = POLICY.clustering.published_least
    nearly_all = counts.with_columns(
        progressed=pl.when(step).then(pl.col("decided") - least + 5).otherwise(pl.col("progressed"))
    )
    assert disclose_design_effects(exact, nearly_all, POLICY).filter(step_order=1)["basis"].item() == "default"


def test_without_white_and_bme_the_groups_decide() -> None:
    """As in a US source, which has one level."""
    exact, counts = of()
    groups = counts.filter(pl.col("level").is_in(["all", "group"]))
    assert disclose_design_effects(exact, groups, POLICY)["basis"].to_list() == ["estimated", "default", "default"]


def test_counts_without_vacancies_are_independent() -> None:
    exact, counts = of()
    counted = exact.with_columns(undefined_reason=pl.lit("counted_by_source"), design_effect=pl.lit(1.0))
    shown = disclose_design_effects(counted, counts, POLICY)
    assert shown.select("design_effect", "basis").unique().rows() == [(1.0, "independent")]


def test_a_correction_keeps_the_classes_of_the_first_revision() -> None:
    exact, counts = of()
    first = disclose_design_effects(exact, counts, POLICY)
    larger = exact.with_columns(design_effect=pl.col("design_effect") * 5)
    assert disclose_design_effects(larger, counts, POLICY, first).equals(first)
    # Another organisation's say nothing of it, and a step that the first did not have gets its own.
    others = first.with_columns(organisation=pl.lit("Another"))
    assert not disclose_design_effects(larger, counts, POLICY, others).equals(first)
    shorter = disclose_design_effects(larger, counts, POLICY, first.filter(pl.col("step_order") < 2))
    assert shorter["design_effect"].to_list()[:2] == first["design_effect"].to_list()[:2]
    assert shorter["design_effect"][2] > first["design_effect"][2]
