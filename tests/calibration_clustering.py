"""Ranges when decisions go together: python -m tests.calibration --only clustering

How often 95% ranges hold the truth where vacancies differ, panels differ, or people apply several times: as if every
decision were made by itself, with the exact design effect of the step, and with the one that is published.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import polars as pl

from equity_audit.disclosure.estimates.design_effects import disclose_design_effects
from equity_audit.measures.clustering import design_effects, effects_of
from equity_audit.measures.intervals import koopman_interval
from equity_audit.measures.significance import two_sided_p
from equity_audit.settings import load_settings
from tests.clusters import REFERENCE, Applications, sums_and_counts

POLICY = load_settings()
RATES = (0.25, 0.7, 0.4, 0.9)
GROUPS = {"White": 0.5, "Asian": 0.2, "Black": 0.15, "Mixed": 0.05, "Other": 0.04, "Unknown": 0.06}
SPANS = [*pairwise(range(5)), (0, 4), (1, 4)]
APPLICATIONS, TO_A_VACANCY = 7_000, 20
# Of Asian applicants at the first step, for power.
LOWER = 0.85
Rng = np.random.Generator
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Setting:
    """How far decisions go together.

    kappa: concentration of the mix of groups in a vacancy (Dirichlet), None for the same everywhere. spread: standard
    deviation of the vacancies' difficulty on the logit. panel: that of the log ratio of BME to White applicants between
    vacancies, where a step selects less than half. times: applications of each person. ability: standard deviation of
    what people bring to all their applications, on the logit.
    """

    kappa: float | None = None
    spread: float = 0.7
    panel: float = 0.0
    times: int = 1
    ability: float = 0.0


SETTINGS = {
    "every decision by itself": Setting(spread=0.0),
    "mix of groups by vacancy, kappa 20": Setting(kappa=20),
    "mix of groups by vacancy, kappa 8": Setting(kappa=8),
    "kappa 8, vacancies differ by 1.0": Setting(kappa=8, spread=1.0),
    "panels whose log ratio differs by 0.3": Setting(panel=0.3),
    "three applications a person, ability 1.0": Setting(times=3, ability=1.0),
    "six applications a person, ability 1.5": Setting(times=6, ability=1.5),
}


def organisation(rng: Rng, size: int, how: Setting, lower: float = 1.0) -> Applications:
    """One year of one organisation. lower: the ratio of Asian applicants' chances at the first step."""
    vacancies = max(size // TO_A_VACANCY, 2)
    vacancy = rng.integers(0, vacancies, size)
    shares = np.array([*GROUPS.values()])
    candidate, able = None, np.zeros(size)
    if how.times > 1:
        candidate = np.arange(size) // how.times
        people = int(candidate[-1]) + 1
        group = rng.choice(shares.size, people, p=shares)[candidate]
        able = how.ability * rng.standard_normal(people)[candidate]
    elif how.kappa is None:
        group = rng.choice(shares.size, size, p=shares)
    else:
        mix = rng.dirichlet(shares * how.kappa, vacancies).cumsum(1)
        group = np.minimum((rng.random(size)[:, None] > mix[vacancy]).sum(1), shares.size - 1)
    bme = (group > 0) & (group < shares.size - 1)
    last = np.zeros(size, np.int64)
    for step, rate in enumerate(RATES):
        logit = np.log(rate / (1 - rate)) + how.spread * rng.standard_normal(vacancies)[vacancy] + able
        chance = 1 / (1 + np.exp(-logit))
        if rate < 0.5:
            deviation = how.panel * rng.standard_normal(vacancies)[vacancy] - how.panel**2 / 2
            chance = chance * np.where(bme, np.exp(deviation), 1)
        if step == 0:
            chance = chance * np.where(group == 1, lower, 1)
        last += (last == step) & (rng.random(size) < chance)
    return Applications(vacancy, candidate, group, last, [*GROUPS])


def rounded(counts: pl.DataFrame) -> pl.DataFrame:
    """Counts as published: to the nearest 5, without those below 5."""
    base, below = POLICY.disclosure.round_to, POLICY.disclosure.withhold_below
    return counts.with_columns(
        pl.when(pl.col(name) >= below).then((pl.col(name) + base // 2) // base * base).alias(name)
        for name in ("decided", "progressed")
    )


def clustering(rng: Rng, repeats: int) -> pl.DataFrame:
    """For each setting and kind of range: coverage, how much wider, and how often a ratio of 0.85 is found."""
    rows = []
    for name, how in SETTINGS.items():
        compared = _compared([organisation(rng, APPLICATIONS, how) for _ in range(repeats)])
        lower = _compared([organisation(rng, APPLICATIONS, how, LOWER) for _ in range(repeats)]).filter(
            pl.col("group_name") == "Asian", pl.col("step_order") == 0
        )
        for kind in ("as if by itself", "exact design effect", "published class"):
            held = compared.with_columns(held=_held(compared, kind)).group_by("group_name", "step_order")
            coverage = held.agg(pl.col("held").mean())["held"]
            p, _ = two_sided_p(*_counts(lower), lower[kind].to_numpy())
            rows.append(
                {
                    "setting": name,
                    "range": kind,
                    "lowest coverage": coverage.min(),
                    "mean coverage": coverage.mean(),
                    "times as wide": compared[kind].sqrt().mean(),
                    "0.85 found": float((p < 0.05).mean()),
                }
            )
    return pl.DataFrame(rows)


def _compared(made: list[Applications]) -> pl.DataFrame:
    """Every comparison with White applicants of every organisation, with the three design effects of its step."""
    both = [sums_and_counts(one, SPANS, f"{number:05}") for number, one in enumerate(made)]
    sums, counts = (pl.concat(frames) for frames in zip(*both, strict=True))
    exact = design_effects(sums, counts, POLICY)
    shown = disclose_design_effects(exact, rounded(counts), POLICY)
    key = ["organisation", "level", "step_order"]
    reference = counts.filter(group_name=REFERENCE).select(*key, s0="progressed", n0="decided")
    groups = (pl.col("level") == "group") & (pl.col("group_name") != REFERENCE)
    rows = counts.filter(groups | (pl.col("group_name") == "BME")).join(reference, on=key)
    return rows.with_columns(
        pl.lit(1.0).alias("as if by itself"),
        pl.Series("exact design effect", effects_of(rows, exact)),
        pl.Series("published class", effects_of(rows, shown)),
    )


def _counts(rows: pl.DataFrame) -> list[npt.NDArray[np.int64]]:
    return [rows[name].to_numpy() for name in ("progressed", "decided", "s0", "n0")]


def _held(rows: pl.DataFrame, kind: str) -> pl.Series:
    """Whether each range holds the truth, equal rates; null where nobody was selected on either side."""
    effect = rows[kind].to_numpy()
    low, high = koopman_interval(*(count / effect for count in _counts(rows)), 0.95)
    held = pl.Series((low <= 1) & (high >= 1))
    return pl.select(pl.when(pl.Series(~np.isnan(low))).then(held)).to_series()
