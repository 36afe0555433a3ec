"""`make calibration`: what the measures' guarantees are worth, on simulated recruitment whose truth is known.

Each study simulates many organisations, runs the project's own measures on all of them at once, and counts how often
they were right. The page docs/calibration.md is written from the results; tests/backtests/test_calibration.py runs the
same studies smaller. Not part of `make test`: it takes minutes.
"""

import argparse
import sys
import time
from collections.abc import Callable, Collection
from datetime import UTC, date, datetime
from importlib.metadata import version
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.stats import binom

from equity_audit.contracts import STAGE_COUNTS
from equity_audit.measures.disparity import disparities
from equity_audit.measures.intervals import koopman_interval, newcombe_interval, wilson_interval
from equity_audit.measures.paths import overall_paths
from equity_audit.measures.power import smallest_detectable_ratio
from equity_audit.measures.rates import selection_rates
from equity_audit.measures.significance import two_sided_p
from equity_audit.measures.stratified import stratified_disparities
from equity_audit.settings import load_settings
from tests.calibration_answers import titles, years
from tests.calibration_attacks import attacks
from tests.calibration_clustering import clustering
from tests.calibration_page import Made, page, with_studies
from tests.calibration_points import ORGANISATIONS, points
from tests.calibration_programme import change_coverage, effect_coverage, published_coverage, verdicts
from tests.calibration_years import accuracy, answers

SEED = 20261124
LEAVES = 0.04  # of the applicants of a stage, the share that withdraws before a decision
SIZES = (25, 50, 100, 400, 1500)  # applicants of the group
TIMES = (0.5, 1, 4, 20)  # how many times as many applicants the reference has, for tests and power
RATES = (0.05, 0.1, 0.3, 0.5, 0.8, 0.95)
RATIOS = (0.5, 0.8, 1.0, 1.25)
STEPS = (0.30, 0.78, 0.34, 0.93)  # to shortlisted, interviewed, offered, appointed
STAGES = ("applied", "shortlisted", "interviewed", "offered", "appointed")
Rng = np.random.Generator
Ints = npt.NDArray[np.int64]


def decided_and_selected(rng: Rng, applicants: int, rate: float, repeats: int) -> tuple[Ints, Ints]:
    """One stage, simulated: some withdraw, of the rest each is selected with the rate."""
    decided = rng.binomial(applicants, 1 - LEAVES, repeats)
    return decided, rng.binomial(decided, rate)


def covers(low: Any, high: Any, truth: float) -> npt.NDArray[np.bool_]:
    """Whether an interval holds the truth; one that is undefined is not judged and taken out by the caller."""
    held: npt.NDArray[np.bool_] = (low <= truth * (1 + 1e-9)) & (truth * (1 - 1e-9) <= high)
    return held


def interval_coverage(rng: Rng, repeats: int) -> pl.DataFrame:
    """Wilson, Koopman and Newcombe, over the grid of sizes, rates and ratios."""
    rows = []
    for size, rate, ratio in product(SIZES, RATES, RATIOS):
        if rate * ratio > 1:
            continue
        n_g, s_g = decided_and_selected(rng, size, rate * ratio, repeats)
        n_r, s_r = decided_and_selected(rng, 4 * size, rate, repeats)
        # Of the group, the fewer of those selected and those not that are expected.
        fewer = size * min(rate * ratio, 1 - rate * ratio)
        cell = {"applicants": size, "reference_rate": rate, "ratio": ratio, "expected": fewer}
        low, high = wilson_interval(s_g, n_g, 0.95)
        rows.append(cell | {"interval": "Wilson", "coverage": covers(low, high, rate * ratio).mean()})
        low, high = koopman_interval(s_g, n_g, s_r, n_r, 0.95)
        defined = ~np.isnan(low)
        rows.append(cell | {"interval": "Koopman", "coverage": covers(low, high, ratio)[defined].mean()})
        low, high = newcombe_interval(s_g, n_g, s_r, n_r, 0.95)
        truth = rate * ratio - rate
        rows.append(cell | {"interval": "Newcombe", "coverage": ((low <= truth) & (truth <= high)).mean()})
    return pl.DataFrame(rows)


def wilson_where_few_are_expected(_rng: Rng, _repeats: int) -> pl.DataFrame:
    """Wilson's interval below the grid: for each number decided on, where it holds the truth least often.

    Not simulated but added up: the binomial probabilities of the counts whose interval holds the rate, for every rate
    at which fewer are expected than anywhere in the grid, in steps of a thousandth of a selection.
    """
    fewest = min(size * rate * ratio for size, rate, ratio in product(SIZES, RATES, RATIOS))
    expected = np.arange(0.001, fewest, 0.001)
    rows = []
    for decided in SIZES:
        # With so few expected, 30 selections are out of the question.
        counts = np.arange(min(decided, 30) + 1)
        low, high = wilson_interval(counts, np.full_like(counts, decided), 0.95)
        rates = expected[:, None] / decided
        held = ((low <= rates) & (rates <= high)) * binom.pmf(counts, decided, rates)
        coverage = held.sum(1)
        worst = int(coverage.argmin())
        rows.append({"decided": decided, "expected": float(expected[worst]), "coverage": float(coverage[worst])})
    return pl.DataFrame(rows)


def size_of_tests(rng: Rng, repeats: int) -> pl.DataFrame:
    """How often equal rates are called different at 5%, and how often the range of the ratio says otherwise."""
    rows = []
    for size, times, rate in product(SIZES, TIMES, RATES):
        p, method, apart = tested(rng, (size, rate), (round(times * size), rate), repeats)
        cell = {"applicants": size, "reference": round(times * size), "rate": rate}
        shares = {"score_share": (method == "score").mean(), "contradicts": ((p < 0.05) != apart).mean()}
        rows.append(cell | {"size": (p < 0.05).mean()} | shares)
    return pl.DataFrame(rows)


def tested(
    rng: Rng, group: tuple[int, float], reference: tuple[int, float], repeats: int
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.str_], npt.NDArray[np.bool_]]:
    """P-values, methods, and whether the range excludes 1, of simulated comparisons; a side is applicants and rate."""
    (n_g, s_g), (n_r, s_r) = (decided_and_selected(rng, *side, repeats) for side in (group, reference))
    # The same table comes up again and again, and the exact test takes time.
    tables, which = np.unique(np.stack([s_g, n_g, s_r, n_r]), axis=1, return_inverse=True)
    p, method = two_sided_p(*tables)
    low, high = koopman_interval(*tables, 0.95)
    return p[which], method[which], ((low > 1) | (high < 1))[which]


def power_at_the_smallest_ratio(rng: Rng, repeats: int) -> pl.DataFrame:
    """How often the ratio that is said to be detectable with 80% power is found."""
    rows = []
    for size, times, rate in product(SIZES, TIMES, RATES):
        n_g, n_r = (np.array([round(people * (1 - LEAVES))]) for people in (size, round(times * size)))
        ratio = smallest_detectable_ratio(n_g, n_r, np.array([rate]), 0.95, 0.8)[0]
        if np.isnan(ratio):
            continue
        p, _, _ = tested(rng, (size, rate * ratio), (round(times * size), rate), repeats)
        cell = {"applicants": size, "reference": round(times * size), "rate": rate, "ratio": ratio}
        rows.append(cell | {"power": (p < 0.05).mean()})
    return pl.DataFrame(rows)


def organisations(groups: dict[str, tuple[Ints, Ints]], step: int = 0, **key: Any) -> pl.DataFrame:
    """Rows of out.stage_counts, an organisation for each repeat, from {group: (decided, progressed)}."""
    repeats = len(next(iter(groups.values()))[0])
    names = pl.Series([f"{number:06}" for number in range(repeats)])
    frames = [
        pl.DataFrame({"organisation": names, "decided": decided, "progressed": progressed}).with_columns(
            group_name=pl.lit(name)
        )
        for name, (decided, progressed) in groups.items()
    ]
    constant = {"level": "group", "breakdown": "all", "breakdown_value": "all", "step_order": step, "basis": "records"}
    constant |= {"step_kind": "stage", "from_stage": STAGES[step], "to_stage": STAGES[step + 1]}
    constant |= dict.fromkeys(("withdrew", "declined", "ineligible", "pending"), 0)
    return (
        pl.concat(frames)
        .with_columns(
            **{name: pl.lit(value) for name, value in (constant | key).items()}, period=pl.lit(date(2023, 4, 1))
        )
        .with_columns(reached=pl.col("decided"), rejected=pl.col("decided") - pl.col("progressed"))
        .select(STAGE_COUNTS.column_names)
    )


def simulated_paths(rng: Rng, applicants: dict[str, int], ratio: dict[str, float], repeats: int) -> pl.DataFrame:
    """Whole paths; `ratio` is what a group's rate at the first stage is of everybody's."""
    here = {name: np.full(repeats, size) for name, size in applicants.items()}
    steps = []
    for step, rate in enumerate(STEPS):
        groups = {}
        for name, present in here.items():
            decided = rng.binomial(present, 1 - LEAVES)
            progressed = rng.binomial(decided, rate * (ratio.get(name, 1.0) if step == 0 else 1.0))
            groups[name], here[name] = (decided, progressed), progressed
        steps.append(organisations(groups, step))
    return pl.concat(steps)


def path_coverage(rng: Rng, repeats: int) -> pl.DataFrame:
    """The interval of the overall rate, and that of the ratio of two."""
    rows, policy = [], load_settings()
    for size, ratio in product((25, 50, 100, 400, 1500), (0.6, 1.0)):
        counts = simulated_paths(rng, {"White": 4 * size, "Black": size}, {"Black": ratio}, repeats)
        paths = overall_paths(counts, policy).filter(pl.col("withdrawals") == "censored")
        for figure, truth in (("overall_rate", ratio * float(np.prod(STEPS))), ("overall_ratio", ratio)):
            mine = paths.filter(pl.col("group_name") == "Black", pl.col(f"{figure}_low").is_not_null())
            held = covers(mine[f"{figure}_low"].to_numpy(), mine[f"{figure}_high"].to_numpy(), truth)
            cell = {"applicants": size, "ratio": ratio, "interval": figure, "coverage": held.mean()}
            rows.append(cell | {"defined": mine.height / repeats, "expected": size * ratio * float(np.prod(STEPS))})
    return pl.DataFrame(rows)


def family_wise_error(rng: Rng, repeats: int) -> pl.DataFrame:
    """Organisations without any disparity: how many have at least one finding that is called sure."""
    rows, policy = [], load_settings()
    for size in (300, 1500, 10000):
        shares = {"White": 0.5, "Asian": 0.2, "Black": 0.15, "Mixed": 0.05, "Other": 0.04, "Unknown": 0.06}
        counts = simulated_paths(rng, {name: round(share * size) for name, share in shares.items()}, {}, repeats)
        found = disparities(selection_rates(counts, policy), policy)
        sure = found.group_by("organisation").agg(
            sure=pl.col("finding").is_in(["disparity", "small_difference"]).any(),
            unadjusted=(pl.col("p_value") < 0.05).any(),
            tests=pl.col("p_value").count(),
        )
        error, raw = (float(sure[name].to_numpy().mean()) for name in ("sure", "unadjusted"))
        tests = float(sure["tests"].to_numpy().mean())
        rows.append({"applicants": size, "tests": tests, "findings": error, "unadjusted": raw})
    return pl.DataFrame(rows)


def stratified_study(rng: Rng, repeats: int) -> pl.DataFrame:
    """Mantel-Haenszel where the crude ratio is confounded: the group applies where fewer are selected."""
    rows, policy = [], load_settings()
    designs = {
        "6 bands of 300": (6, (120, 180), (0.1, 0.5)),
        "60 vacancies of 30": (60, (10, 20), (0.1, 0.5)),
        "300 vacancies of 12": (300, (4, 8), (0.1, 0.5)),
    }
    for (design, (strata, sizes, span)), ratio in product(designs.items(), (0.7, 1.0)):
        base = np.linspace(*span, strata)
        # Where fewer are selected the group has more applicants, up to three times as many as elsewhere.
        n1 = np.round(sizes[0] * np.linspace(1.5, 0.5, strata)).astype(int)
        n0 = np.round(sizes[1] * np.linspace(0.5, 1.5, strata)).astype(int)
        s1, s0 = (rng.binomial(n, p, (repeats, strata)) for n, p in ((n1, base * ratio), (n0, base)))
        everybody = {"White": (np.full(repeats, n0.sum()), s0.sum(1)), "Black": (np.full(repeats, n1.sum()), s1.sum(1))}
        counts = [organisations(everybody)]
        kind = "pay_band" if strata == 6 else "vacancy"
        if kind == "pay_band":
            for part in range(strata):
                here = {"White": (n0[part], s0[:, part]), "Black": (n1[part], s1[:, part])}
                groups = {name: (np.full(repeats, n), s) for name, (n, s) in here.items()}
                counts.append(organisations(groups, breakdown="pay_band", breakdown_value=str(part)))
        frame = pl.concat(counts)
        crude = disparities(selection_rates(frame.filter(pl.col("breakdown") == "all"), policy), policy)
        found = stratified_disparities(_sums(s1, n1, s0, n0, kind), frame, crude, policy)
        held = covers(found["adjusted_ratio_low"].to_numpy(), found["adjusted_ratio_high"].to_numpy(), ratio)
        heterogeneous = found["homogeneity_p_value"].drop_nulls().to_numpy()
        rows.append(
            {
                "design": design,
                "ratio": ratio,
                "crude": float(np.median(found["crude_ratio"].to_numpy())),
                "adjusted": float(np.exp(np.log(found["adjusted_ratio"].to_numpy()).mean())),
                "coverage": held.mean(),
                "cmh_rejects": float((found["cmh_p_value"].to_numpy() < 0.05).mean()),
                "homogeneity_rejects": float((heterogeneous < 0.05).mean()) if heterogeneous.size else None,
            }
        )
    return pl.DataFrame(rows)


def _sums(s1: Ints, n1: Ints, s0: Ints, n0: Ints, kind: str) -> pl.DataFrame:
    """What assets/sql/stratified_sums.sql gives, for each repeat."""
    t, m = n1 + n0, s1 + s0
    key = {"level": "group", "group_name": "Black", "reference_name": "White", "stratified_by": kind}
    columns = {
        "strata": np.full(len(s1), s1.shape[1]),
        "informative_strata": ((m > 0) & (m < t)).sum(1),
        "group_selected": s1.sum(1),
        "group_decided": np.full(len(s1), n1.sum()),
        "reference_selected": s0.sum(1),
        "reference_decided": np.full(len(s1), n0.sum()),
        "ratio_numerator": (s1 * n0 / t).sum(1),
        "ratio_denominator": (s0 * n1 / t).sum(1),
        "ratio_variance": ((n1 * n0 * m - s1 * s0 * t) / t**2).sum(1),
        "odds_numerator": (s1 * (n0 - s0) / t).sum(1),
        "odds_denominator": ((n1 - s1) * s0 / t).sum(1),
        "excess": (s1 - n1 * m / t).sum(1),
        "excess_variance": (n1 * n0 * m * (t - m) / (t**2 * (t - 1))).sum(1),
    }
    names = pl.Series("organisation", [f"{number:06}" for number in range(len(s1))])
    return pl.DataFrame({"organisation": names, **columns}).with_columns(
        **{name: pl.lit(value) for name, value in key.items()}, step_order=pl.lit(0)
    )


def competition(rng: Rng, repeats: int) -> pl.DataFrame:
    """Applicants compete: each vacancy of 40 takes a fixed number, and vacancies differ in how many that is.

    The measures take decisions as separate. Here they are not: how far does coverage move?
    """
    rows = []
    for spread in (0.0, 0.5, 1.0):
        vacancies, of_group, of_reference = 40, 8, 32
        odds = np.exp(rng.normal(np.log(0.3 / 0.7), spread, (repeats, vacancies)))
        places = np.round(40 * odds / (1 + odds)).astype(int)
        s_g = rng.hypergeometric(of_group, of_reference, np.clip(places, 0, 40))
        selected, taken = s_g.sum(1), places.sum(1)
        n_g, n_r = np.full(repeats, vacancies * of_group), np.full(repeats, vacancies * of_reference)
        low, high = koopman_interval(selected, n_g, taken - selected, n_r, 0.95)
        p, _ = two_sided_p(selected, n_g, taken - selected, n_r)
        rows.append({"spread": spread, "coverage": covers(low, high, 1.0).mean(), "size": (p < 0.05).mean()})
    return pl.DataFrame(rows)


STUDIES: dict[str, tuple[Callable[..., pl.DataFrame], int]] = {
    "intervals": (interval_coverage, 100_000),
    "tests": (size_of_tests, 100_000),
    "power": (power_at_the_smallest_ratio, 100_000),
    "paths": (path_coverage, 50_000),
    "families": (family_wise_error, 20_000),
    "strata": (stratified_study, 20_000),
    "competition": (competition, 100_000),
    # Last, so that the others keep their streams of random numbers; worked out, so without repeats.
    "few": (wilson_where_few_are_expected, 0),
    "effects": (effect_coverage, 2_000),
    "changes": (change_coverage, 1_000),
    "verdicts": (verdicts, 400),
    "published": (published_coverage, 300),
    "attacks": (attacks, 50),
    "points": (points, ORGANISATIONS),
    "titles": (titles, 400),
    "years": (years, 200),
    "several_years": (answers, 400),
    "years_added": (accuracy, 24),
    "clustering": (clustering, 400),
}


def run(
    scale: float = 1.0, only: Collection[str] = STUDIES, organisations: int | None = None, jobs: int = 0
) -> dict[str, pl.DataFrame]:
    """Studies, each with its own stream of random numbers; `scale` makes them smaller.

    organisations: how many are attacked, whatever the scale. jobs: how many of them at a time; 0: in this process.
    """
    results = {}
    for number, name in enumerate(STUDIES):
        if name in only:
            begun, often = time.perf_counter(), repeats(name, scale, organisations)
            options = {"jobs": jobs} if name == "attacks" else {}
            results[name] = STUDIES[name][0](np.random.default_rng([SEED, number]), often, **options)
            print(f"{name}: {time.perf_counter() - begun:.1f} s", file=sys.stderr)
    return results


def repeats(name: str, scale: float = 1.0, organisations: int | None = None) -> int:
    """How often a study is repeated, or how many organisations it is of."""
    if name == "attacks" and organisations is not None:
        return organisations
    return round(STUDIES[name][1] * scale)


def main() -> None:
    """Write docs/calibration.md, or its parts about the studies that are named."""
    parser = argparse.ArgumentParser(prog="python -m tests.calibration", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=STUDIES, metavar="STUDY", help=f"of {', '.join(STUDIES)}")
    parser.add_argument("--organisations", type=int, help="how many are attacked")
    parser.add_argument("--jobs", type=int, default=2, help="how many of them at a time; 0: in this process")
    given = parser.parse_args()
    software = {name: version(name) for name in ("numpy", "scipy", "statsmodels", "polars", "ortools")}
    chosen = given.only or list(STUDIES)
    results = run(1.0, chosen, given.organisations, given.jobs)
    often = {name: repeats(name, organisations=given.organisations) for name in chosen}
    file = Path(__file__).parents[1] / "docs" / "calibration.md"
    made = Made(SEED, often, software, datetime.now(UTC).date())
    text = with_studies(file.read_text(encoding="utf-8"), results, made) if given.only else page(results, made)
    file.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
