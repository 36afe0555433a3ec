"""What pages say of organisations whose truth is known: python -m tests.calibration --only titles years

Titles: of organisations that select all groups alike, how many are said to select one less often. Years: what is said
of a programme with a known effect.
"""

from collections import Counter
from datetime import date
from itertools import pairwise

import numpy as np
import polars as pl

from equity_audit.contracts import DISCLOSED_STAGE_COUNTS
from equity_audit.disclosure.estimates.comparisons import disclose_disparities
from equity_audit.disclosure.estimates.design_effects import disclose_design_effects
from equity_audit.disclosure.table.possible_counts import with_possible_counts
from equity_audit.measures.clustering import design_effects
from equity_audit.programme.pairing import COUNTS
from equity_audit.programme.yearly_change import yearly_change
from equity_audit.programme.yearly_verdict import step_by_counts, yearly_verdict
from equity_audit.settings import load_settings
from equity_audit.vocabulary import DEFAULT_STAGES
from tests.calibration_clustering import SETTINGS, organisation
from tests.clusters import sums_and_counts

POLICY = load_settings()
# Applications, and of how many repeats the share of them is simulated.
SIZES = {1_000: 1.0, 7_000: 1.0, 50_000: 0.25}
# Every single step, shortlisted to appointed, and the whole path.
SPANS = [*pairwise(range(len(DEFAULT_STAGES))), (1, 4), (0, 4)]
Rng = np.random.Generator


def titles(rng: Rng, repeats: int) -> pl.DataFrame:
    """Organisations that select all groups alike: the share with a title that says a group was less likely."""
    rows = []
    for name, how in SETTINGS.items():
        for size, share in SIZES.items():
            number = max(round(repeats * share), 1)
            made = [sums_and_counts(organisation(rng, size, how), SPANS, f"{one:05}") for one in range(number)]
            sums, counts = (pl.concat(frames) for frames in zip(*made, strict=True))
            shown = _rounded(counts)
            effects = disclose_design_effects(design_effects(sums, counts, POLICY), shown, POLICY)
            of_groups = shown.filter(pl.col("level") == "group")
            cell = {"organisations": name, "applications": size, "repeats": number}
            for column, used in (("titles", effects), ("without design effects", None)):
                found = disclose_disparities(of_groups, POLICY, used).filter(pl.col("group_name") != "Unknown")
                cell |= {column: _accused(found) / number}
            by_range = found.filter(reading="less_often")["organisation"].n_unique()
            rows.append(cell | {"by the range alone": by_range / number})
    return pl.DataFrame(rows)


def _accused(found: pl.DataFrame) -> int:
    """How many organisations have a settled difference to a group's disadvantage, at a single step or over the path."""
    path = found.filter((pl.col("step_kind") == "stage") | (pl.col("from_stage") == DEFAULT_STAGES[0]))
    settled = path.filter(pl.col("finding").is_in(["disparity", "small_difference"]))
    return settled.filter(pl.col("impact_ratio") < 1)["organisation"].n_unique()


def _rounded(counts: pl.DataFrame) -> pl.DataFrame:
    """As published: to the nearest 5, those below 5 withheld, and nothing withheld besides."""
    rows = counts
    for name in ("decided", "progressed"):
        small = pl.col(name) < POLICY.disclosure.withhold_below
        rows = rows.with_columns(
            pl.when(~small).then((pl.col(name) + 2) // 5 * 5).alias(name),
            pl.when(small).then(pl.lit("fewer_than")).alias(f"{name}_note"),
        )
    missing = [name for name in DISCLOSED_STAGE_COUNTS.column_names if name not in rows.columns]
    return with_possible_counts(
        rows.with_columns(pl.lit(None).alias(name) for name in missing), ("decided", "progressed"), POLICY.disclosure
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
