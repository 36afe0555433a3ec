"""Workforce measures from headcounts: representation, race disparity, the board, and leavers. See also projection.py.

Headcounts are whole populations, not samples. Intervals show how far chance alone could move a share or ratio from the
underlying rate, which is what matters when years, bands or employers are compared.
"""

import re
from functools import lru_cache
from typing import Literal

import numpy as np
from statsmodels.stats.contingency_tables import Table2x2

from equity_audit.measures.intervals import koopman_interval, newcombe_interval, wilson_interval
from equity_audit.vocabulary import fold

Tier = Literal["lower", "middle", "upper"]
Clinical = Literal["clinical", "other"]
# The lower and the higher tier of the three race disparity ratios of the WRES.
TIER_STEPS: tuple[tuple[Tier, Tier], ...] = (("lower", "middle"), ("middle", "upper"), ("lower", "upper"))
Figure = tuple[float, float, float]


def tier(pay_band: str) -> Tier | None:
    """Return the tier of an Agenda for Change band: 5 and below, 6 and 7, 8a and above with very senior managers.

    None for posts that are not on such a band, as those of doctors and dentists. The band is the first number after
    the word: "Band 8b to 9" is 8.
    """
    if re.search(r"\b(vsm|very senior)", pay_band, re.IGNORECASE):
        return "upper"
    match = re.search(r"\bband\D*(\d)", pay_band, re.IGNORECASE)
    if match is None:
        return None
    band = int(match[1])
    return "lower" if band <= 5 else "middle" if band <= 7 else "upper"


# The staff groups of the NHS Electronic Staff Record, and words for the two kinds themselves. The WRES counts everybody
# as clinical but administrative and clerical staff, and estates and ancillary staff.
_CLINICAL = frozenset({
    *("add prof scientific and technic", "additional professional scientific and technical"),
    *("additional clinical services", "allied health professionals", "healthcare scientists", "health care scientists"),
    *("medical and dental", "nursing and midwifery", "nursing and midwifery registered", "students", "clinical"),
})  # fmt: skip
_OTHER = frozenset({"administrative and clerical", "estates and ancillary", "non clinical", "not clinical"})


def clinical(staff_group: str) -> Clinical | None:
    """Return whether the Workforce Race Equality Standard counts a staff group as clinical staff, or as other staff.

    By the group's name; None for a name that is not one of the Electronic Staff Record's: it is never guessed. Source:
    NHS England, WRES technical guidance, indicator 1 (not checked against the official text).
    """
    name = fold(staff_group)
    return "clinical" if name in _CLINICAL else "other" if name in _OTHER else None


def disparity_ratio(white: tuple[int, int], bme: tuple[int, int], confidence: float) -> Figure | None:
    """Return the ratio of the odds that White and BME staff are in the higher rather than the lower tier.

    white, bme: staff in the (lower, higher) tier. (White higher / White lower) / (BME higher / BME lower) has Woolf's
    interval (Ann Hum Genet 1955;19:251). As it is an odds ratio, the first two steps multiply to the third. Above 1:
    BME staff are a smaller part of the higher tier than of the lower one. It describes where staff are, not how they
    moved. None if one of the four counts is 0. Source: NHS England, WRES data analysis reports from 2021. The formula
    is not checked against the official text; a ratio of shares would differ from this ratio of odds.
    """
    if min(*white, *bme) <= 0:
        return None
    table = Table2x2([[white[1], white[0]], [bme[1], bme[0]]])
    low, high = table.oddsratio_confint(1 - confidence)
    return float(table.oddsratio), float(low), float(high)


def board_gap(board_bme: int, board: int, workforce_bme: int, workforce: int, confidence: float) -> Figure:
    """Return WRES indicator 9: the BME share of the board's voting members minus that of the workforce.

    With Newcombe's interval, in shares: -0.12 is 12 percentage points fewer. The board is treated as a separate group:
    most non-executives are not on the payroll, and a few executives among thousands of staff make no difference. nan if
    either is empty. A board is small: expect a wide interval.
    """
    a, b, c, d = (np.array([count]) for count in (board_bme, board, workforce_bme, workforce))
    low, high = newcombe_interval(a, b, c, d, confidence)
    gap = board_bme / board - workforce_bme / workforce if board and workforce else float("nan")
    return gap, float(low[0]), float(high[0])


def representation(members: int, headcount: int, benchmark_share: float, confidence: float) -> Figure:
    """Return a group's share of the workforce divided by its share of a benchmark population, such as a census.

    1 means an equal share. The interval is Wilson's for the share, divided by the benchmark, which is taken as exact.
    nan if the workforce is empty. Raises ValueError for a benchmark share that is not between 0 and 1.
    """
    if not 0 < benchmark_share < 1:
        raise ValueError("a benchmark share lies between 0 and 1")
    low, high = wilson_interval(np.array([members]), np.array([headcount]), confidence)
    share = members / headcount if headcount else float("nan")
    return share / benchmark_share, float(low[0]) / benchmark_share, float(high[0]) / benchmark_share


# The same corners of ranges recur, and an edition's figures are calculated several times, to be checked.
@lru_cache(maxsize=2**14)
def leaving_ratio(
    group_leavers: int, group_headcount: int, reference_leavers: int, reference_headcount: int, confidence: float
) -> Figure:
    """Return the ratio of a group's leaving rate within a year to its reference's, with Koopman's interval.

    Leavers are counted among those employed at the beginning of the year. Above 1: the group leaves more often. nan if
    undefined; inf if there is no upper limit.
    """
    a, b, c, d = (
        np.array([count]) for count in (group_leavers, group_headcount, reference_leavers, reference_headcount)
    )
    low, high = koopman_interval(a, b, c, d, confidence)
    if not (group_headcount and reference_leavers):
        return float("nan"), float(low[0]), float(high[0])
    ratio = (group_leavers * reference_headcount) / (reference_leavers * group_headcount)
    return ratio, float(low[0]), float(high[0])
