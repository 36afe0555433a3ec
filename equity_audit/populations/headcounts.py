"""The workforce from headcounts: who works where, how that compares, and who leaves. Flow and stock: projection.py.

Headcounts are whole populations, not samples. Intervals say how far a share or ratio could be from what produces it by
chance alone, which is what matters when years, bands or employers are compared.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
import polars as pl
from statsmodels.stats.contingency_tables import Table2x2

from equity_audit.measures.intervals import koopman_interval, newcombe_interval, wilson_interval

Tier = Literal["lower", "middle", "upper"]
# From which tier to which: the three race disparity ratios of the WRES.
TIER_STEPS: tuple[tuple[Tier, Tier], ...] = (("lower", "middle"), ("middle", "upper"), ("lower", "upper"))
_KEY = ("snapshot", "clinical", "pay_band")
Figure = tuple[float, float, float]


def bme_shares(headcounts: pl.DataFrame, confidence: float) -> pl.DataFrame:
    """WRES indicator 1: the share of BME staff in each pay band, clinical staff and others apart, and of all.

    headcounts: snapshot (a date), clinical, pay_band, group_name (White, BME, Unknown), headcount. Returns a row for
    each snapshot, clinical and pay band, and for each snapshot "all" with "all": bme, white, unknown, headcount, and
    share = bme / headcount with its Wilson interval. Staff of unknown ethnicity stay in the denominator, as the WRES
    has them; share_if_unknown_bme is what it would be were all of them BME. A band without staff has no row.
    Source: NHS England, WRES technical guidance, indicator 1.
    """
    everybody = headcounts.with_columns(clinical=pl.lit("all"), pay_band=pl.lit("all"))
    counts = (
        pl.concat([headcounts, everybody.select(headcounts.columns)])
        .group_by(_KEY, maintain_order=True)
        .agg(
            *(
                pl.col("headcount").filter(pl.col("group_name") == name).sum().alias(column)
                for column, name in (("bme", "BME"), ("white", "White"), ("unknown", "Unknown"))
            ),
            pl.col("headcount").sum(),
        )
        .filter(pl.col("headcount") > 0)
    )
    low, high = wilson_interval(counts["bme"].to_numpy(), counts["headcount"].to_numpy(), confidence)
    return counts.with_columns(
        share=pl.col("bme") / pl.col("headcount"),
        share_low=pl.Series(low),
        share_high=pl.Series(high),
        share_if_unknown_bme=(pl.col("bme") + pl.col("unknown")) / pl.col("headcount"),
    )


def tier(pay_band: str) -> Tier | None:
    """The tier of an Agenda for Change band: 5 and below, 6 and 7, 8a and above with very senior managers.

    None for what is on no such band, as doctors and dentists. The band is read from its first number: "Band 8b to 9" is
    8.
    """
    if re.search(r"\b(vsm|very senior)", pay_band, re.IGNORECASE):
        return "upper"
    found = re.search(r"\bband\D*(\d)", pay_band, re.IGNORECASE)
    if found is None:
        return None
    band = int(found[1])
    return "lower" if band <= 5 else "middle" if band <= 7 else "upper"


@dataclass(frozen=True)
class RaceDisparityRatio:
    """How many times as likely White staff are to be in the higher rather than the lower tier, as BME staff are.

    Above 1: BME staff are fewer in the higher tier than their part of the lower one. Counts are (lower, higher).
    figure: ratio with interval; None where one of the four counts is 0.
    """

    lower: Tier
    higher: Tier
    white: tuple[int, int]
    bme: tuple[int, int]
    figure: Figure | None


def race_disparity_ratios(headcounts: pl.DataFrame, confidence: float) -> list[RaceDisparityRatio]:
    """The WRES race disparity ratios of one snapshot: lower to middle, middle to upper, lower to upper.

    (White higher / White lower) / (BME higher / BME lower), an odds ratio with Woolf's interval (Ann Hum Genet
    1955;19:251), so the first two multiply to the third. Tiers as in tier(); unknown ethnicity and staff outside the
    bands are left out. headcounts as in bme_shares, of one snapshot. It describes who is where; it follows nobody's
    career. Source: NHS England, WRES data analysis reports from 2021.
    """
    tiers = [
        (tier(band), group, count)
        for band, group, count in headcounts.select("pay_band", "group_name", "headcount").iter_rows()
    ]
    found = []
    for lower, higher in TIER_STEPS:
        (white, bme) = (
            tuple(sum(n for name, group, n in tiers if name == step and group == who) for step in (lower, higher))
            for who in ("White", "BME")
        )
        pairs = (white[0], white[1]), (bme[0], bme[1])
        found.append(RaceDisparityRatio(lower, higher, *pairs, disparity_ratio(*pairs, confidence)))
    return found


def disparity_ratio(white: tuple[int, int], bme: tuple[int, int], confidence: float) -> Figure | None:
    """The ratio of `race_disparity_ratios` of staff in a (lower, higher) tier; None where one of the four is 0."""
    if min(*white, *bme) <= 0:
        return None
    table = Table2x2([[white[1], white[0]], [bme[1], bme[0]]])
    low, high = table.oddsratio_confint(1 - confidence)
    return float(table.oddsratio), float(low), float(high)


def board_gap(board_bme: int, board: int, workforce_bme: int, workforce: int, confidence: float) -> Figure:
    """WRES indicator 9: the BME share of the board's voting members minus that of the workforce.

    With Newcombe's interval, in shares: -0.12 is 12 percentage points fewer. The board counts as a group of its own:
    its non-executives are mostly not on the payroll, and where executives are, a handful in thousands make no
    difference. nan where either is empty. A board is small: expect a wide interval.
    """
    a, b, c, d = (np.array([count]) for count in (board_bme, board, workforce_bme, workforce))
    low, high = newcombe_interval(a, b, c, d, confidence)
    gap = board_bme / board - workforce_bme / workforce if board and workforce else float("nan")
    return gap, float(low[0]), float(high[0])


def representation(members: int, headcount: int, benchmark_share: float, confidence: float) -> Figure:
    """A group's share of the workforce over its share of a benchmark population (local labour market, census).

    1 is as many as there; Wilson's interval of the share, divided by the benchmark, which is taken as exact. nan where
    nobody works. Raises ValueError for a benchmark share that is not between 0 and 1.
    """
    if not 0 < benchmark_share < 1:
        raise ValueError("a benchmark share lies between 0 and 1")
    low, high = wilson_interval(np.array([members]), np.array([headcount]), confidence)
    share = members / headcount if headcount else float("nan")
    return share / benchmark_share, float(low[0]) / benchmark_share, float(high[0]) / benchmark_share


# The corners of spans come up again and again, and an edition's figures are made several times over, to be checked.
@lru_cache(maxsize=2**14)
def leaving_ratio(
    group_leavers: int, group_headcount: int, reference_leavers: int, reference_headcount: int, confidence: float
) -> Figure:
    """How many times as likely members of a group are to leave within a year as its reference; Koopman's interval.

    Leavers of those employed at the year's beginning. Above 1: the group leaves more often. nan where undefined, inf
    where there is no upper end.
    """
    a, b, c, d = (
        np.array([count]) for count in (group_leavers, group_headcount, reference_leavers, reference_headcount)
    )
    low, high = koopman_interval(a, b, c, d, confidence)
    if not (group_headcount and reference_leavers):
        return float("nan"), float(low[0]), float(high[0])
    ratio = (group_leavers * reference_headcount) / (reference_leavers * group_headcount)
    return ratio, float(low[0]), float(high[0])
