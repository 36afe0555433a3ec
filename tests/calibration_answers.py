"""What pages say of organisations whose truth is known: python -m tests.calibration_answers

Titles: of organisations that select all groups alike, how many are said to select one less often. Years: what is said
of a programme with a known effect. Run by itself, it replaces its own two sections of docs/calibration.md.
"""

import argparse
from collections import Counter
from datetime import date
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import polars as pl

from equity_audit.contracts import DISCLOSED_STAGE_COUNTS
from equity_audit.disclosure.estimates.comparisons import disclose_disparities
from equity_audit.disclosure.table.possible_counts import with_possible_counts
from equity_audit.programme.pairing import COUNTS
from equity_audit.programme.yearly_change import yearly_change
from equity_audit.programme.yearly_verdict import step_by_counts, yearly_verdict
from equity_audit.settings import Settings, load_settings
from equity_audit.vocabulary import DEFAULT_STAGES
from tests.calibration_page import replace_sections

SEED = 20261130
POLICY = load_settings()
RATES = (0.25, 0.7, 0.4, 0.9)
GROUPS = {"White": 0.5, "Asian": 0.2, "Black": 0.15, "Mixed": 0.05, "Other": 0.04, "Unknown": 0.06}
BLACK = [*GROUPS].index("Black")
# Applications, and of how many repeats the share of them is simulated.
SIZES = {1_000: 1.0, 7_000: 1.0, 50_000: 0.25}
# How groups are spread over vacancies of twenty: Dirichlet's concentration, None for evenly; and by how much the chance
# of being selected differs between vacancies, on the logit.
MIXES: dict[str, tuple[float | None, float]] = {
    "every application by itself": (None, 0.0),
    "groups uneven, kappa 20": (20.0, 0.7),
    "groups uneven, kappa 8": (8.0, 0.7),
    "groups uneven, kappa 8, spread 1.0": (8.0, 1.0),
}
# Every single step, shortlisted to appointed, and the whole path.
SPANS = [*pairwise(range(len(DEFAULT_STAGES))), (1, 4), (0, 4)]
Rng = np.random.Generator
Reached = list[npt.NDArray[np.bool_]]


def titles(rng: Rng, repeats: int) -> pl.DataFrame:
    """Organisations that select all groups alike: the share with a title that says a group was less likely."""
    rows = []
    for name, (concentration, spread) in MIXES.items():
        for size, share in SIZES.items():
            number = max(round(repeats * share), 1)
            counts = [organisation_year(rng, size, concentration, spread, f"{one:05}") for one in range(number)]
            found = disclose_disparities(as_rounded(pl.concat(counts)), POLICY).filter(
                pl.col("group_name") != "Unknown"
            )
            path = found.filter((pl.col("step_kind") == "stage") | (pl.col("from_stage") == DEFAULT_STAGES[0]))
            settled = path.filter(pl.col("finding").is_in(["disparity", "small_difference"]))
            accused = settled.filter(pl.col("impact_ratio") < 1)["organisation"].n_unique()
            by_range = found.filter(reading="less_often")["organisation"].n_unique()
            cell = {"organisations": name, "applications": size, "repeats": number}
            rows.append(cell | {"titles": accused / number, "by the range alone": by_range / number})
    return pl.DataFrame(rows)


def organisation_year(
    rng: Rng, size: int, concentration: float | None, spread: float, name: str, gap: float = 1.0
) -> pl.DataFrame:
    """Exact counts of one organisation. gap: how many times as likely Black applicants are to be shortlisted."""
    vacancies, shares = max(1, size // 20), np.array([*GROUPS.values()])
    vacancy = rng.integers(0, vacancies, size)
    if concentration is None:
        group = rng.choice(len(GROUPS), size, p=shares)
    else:
        mix = rng.dirichlet(shares * concentration, vacancies).cumsum(1)
        group = np.minimum((rng.random(size)[:, None] > mix[vacancy]).sum(1), len(GROUPS) - 1)
    reached: Reached = [np.ones(size, bool)]
    for rate in RATES:
        odds = np.log(rate / (1 - rate)) + spread * rng.standard_normal(vacancies)
        less = np.where((group == BLACK) & (len(reached) == 1), gap, 1.0)
        reached.append(reached[-1] & (rng.random(size) < less / (1 + np.exp(-odds[vacancy]))))
    rows = [
        {
            "organisation": name,
            "step_order": order,
            "step_kind": "stage" if end == start + 1 else "span",
            "from_stage": DEFAULT_STAGES[start],
            "to_stage": DEFAULT_STAGES[end],
            "group_name": label,
            "decided": int((reached[start] & (group == number)).sum()),
            "progressed": int((reached[end] & (group == number)).sum()),
        }
        for order, (start, end) in enumerate(SPANS)
        for number, label in enumerate(GROUPS)
    ]
    return pl.DataFrame(rows)


def as_rounded(counts: pl.DataFrame, policy: Settings = POLICY) -> pl.DataFrame:
    """As published: to the nearest 5, those below 5 withheld, and nothing withheld besides."""
    rule = policy.disclosure
    nobody_small = 0 if rule.zeros == "suppress" else 1
    same = {"level": "group", "breakdown": "all", "breakdown_value": "all", "basis": "records"}
    rows = counts.with_columns(**{name: pl.lit(value) for name, value in same.items()}, period=pl.lit(date(2023, 4, 1)))
    for name in ("decided", "progressed"):
        small = pl.col(name).is_between(nobody_small, rule.withhold_below - 1)
        rows = rows.with_columns(
            pl.when(~small).then((pl.col(name) + rule.round_to // 2) // rule.round_to * rule.round_to).alias(name),
            pl.when(small).then(pl.lit("fewer_than")).alias(f"{name}_note"),
        )
    missing = [name for name in DISCLOSED_STAGE_COUNTS.column_names if name not in rows.columns]
    return with_possible_counts(
        rows.with_columns(pl.lit(None).alias(name) for name in missing), ("decided", "progressed"), rule
    )


# Applications a year, effect on the impact ratio, yearly drift, and spread of the years' ratio.
TRUTHS = [
    *((size, effect, 0.0, 0.0) for size in (600, 1_200, 5_000, 20_000) for effect in (1.0, 1.2, 1.4, 1.6)),
    *((size, 1.0, drift, 0.0) for size in (1_200, 5_000, 20_000) for drift in (0.03, 0.08)),
    *((size, 1.0, 0.0, 0.1) for size in (1_200, 5_000, 20_000)),
]
# The rates of the small network; the group's are lower at the first step alone.
NETWORK_RATES, GAP, SHARE = (0.24, 0.92, 0.16, 0.9), 0.6, 0.49
YEARS = [date(2016 + number, 4, 1) for number in range(7)]


def years(rng: Rng, repeats: int) -> pl.DataFrame:
    """A programme in the fourth of seven years: what is said, in shares of the repeats."""
    rows = []
    for size, effect, drift, noise in TRUTHS:
        said = Counter(_said(rng, size, effect, drift, noise) for _ in range(repeats))
        rows.append(
            {
                "applications": size,
                "effect": effect,
                "drift": drift,
                "noise": noise,
                "rose": _share(said, "rose", repeats),
                "beyond drifts": _share(said, "rose_beyond_drifts", repeats),
                "fell": _share(said, "fell", repeats),
                "about the same": _share(said, "about_the_same", repeats),
                "too few": _share(said, "too_few", repeats),
                "about shortlisting": sum(n for (_, step), n in said.items() if step == "shortlisted") / repeats,
            }
        )
    return pl.DataFrame(rows)


def _share(said: Counter[tuple[str, str]], begins: str, repeats: int) -> float:
    return sum(number for (verdict, _), number in said.items() if verdict.startswith(begins)) / repeats


def _said(rng: Rng, size: int, effect: float, drift: float, noise: float) -> tuple[str, str]:
    """The verdict on one organisation, and the stage to which its step leads."""
    counts: dict[tuple[int, int], list[tuple[date, int, int, int, int]]] = {span: [] for span in SPANS}
    for number, year in enumerate(YEARS):
        log_gap = np.log(GAP) + np.log(effect) * (number > 3) + np.log1p(drift) * number + noise * rng.standard_normal()
        group = int(rng.binomial(size, SHARE))
        sides = []
        for here, first in ((group, float(np.exp(log_gap))), (size - group, 1.0)):
            reached = [here]
            for step, rate in enumerate(NETWORK_RATES):
                reached.append(int(rng.binomial(reached[-1], min(rate * (1.0 if step else first), 0.99))))
            sides.append(reached)
        for start, end in SPANS:
            counts[start, end].append((year, *(side[stage] for side in sides for stage in (end, start))))
    changes = []
    for (start, end), rows in counts.items():
        table = pl.DataFrame(rows, ["period", *COUNTS], orient="row")
        changes.append((end - start, yearly_change(table, (YEARS[:3], YEARS[4:]), POLICY)))
    chosen = step_by_counts(changes, POLICY)
    if chosen is None:
        return "too_few", ""
    return yearly_verdict(changes[chosen][1], POLICY), DEFAULT_STAGES[SPANS[chosen][1]]


def main() -> None:
    """Run both studies and replace their sections of the page."""
    parser = argparse.ArgumentParser(prog="python -m tests.calibration_answers", description=__doc__)
    parser.add_argument("--repeats", type=int, default=400)
    repeats = parser.parse_args().repeats
    rng = np.random.default_rng(SEED)
    replace_sections(
        {"titles": (titles(rng, repeats), repeats), "years": (years(rng, repeats // 2), repeats // 2)}, SEED
    )


if __name__ == "__main__":
    main()
