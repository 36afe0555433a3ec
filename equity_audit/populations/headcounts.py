"""The workforce from headcounts: who works where, how that compares, and who leaves. Flow and stock: projection.py.

Headcounts are whole populations, not samples. Intervals say how far a share or ratio could be from what produces it by
chance alone, which is what matters when years, bands or employers are compared.
"""

import re
from functools import lru_cache
from typing import Literal

import numpy as np
from statsmodels.stats.contingency_tables import Table2x2

from equity_audit.measures.intervals import koopman_interval, newcombe_interval, wilson_interval

Tier = Literal["lower", "middle", "upper"]
# From which tier to which: the three race disparity ratios of the WRES.
TIER_STEPS: tuple[tuple[Tier, Tier], ...] = (("lower", "middle"), ("middle", "upper"), ("lower", "upper"))
Figure = tuple[float, float, float]


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


def disparity_ratio(white: tuple[int, int], bme: tuple[int, int], confidence: float) -> Figure | None:
    """How many times as likely White staff are to be in the higher rather than the lower tier, as BME staff are.

    Each side: staff in the (lower, higher) tier. (White higher / White lower) / (BME higher / BME lower), an odds ratio
    with Woolf's interval (Ann Hum Genet 1955;19:251), so the first two steps multiply to the third. Above 1: BME staff
    are fewer in the higher tier than their part of the lower one. It describes who is where and follows nobody's path.
    None where one of the four counts is 0. Source: NHS England, WRES data analysis reports from 2021.
    """
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
