"""Projection of a workforce: the share at which a group settles if people are selected and leave as they do now."""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit, ndtri

Figure = tuple[float, float, float]


@dataclass(frozen=True)
class Flows:
    """The flows of a year and the stock, of a group and of everybody else whose ethnicity is known.

    appointed: joiners. leavers: those of the employed who left. employed: at the beginning of the year. applicants:
    those decided on.
    """

    group_appointed: int
    others_appointed: int
    group_leavers: int
    others_leavers: int
    group_employed: int
    others_employed: int
    group_applicants: int
    others_applicants: int


@dataclass(frozen=True)
class Projection:
    """settles_at: the group's eventual share, with its interval; at_parity: the same if selection rates were equal.

    path: the present share, then the share at the end of each year. halfway_years: how long it takes to cover half of
    the distance; 0 if the first year covers all of it.
    """

    settles_at: Figure
    at_parity: float
    path: tuple[float, ...]
    halfway_years: float


def projection(flows: Flows, years: int, confidence: float) -> Projection | None:
    """Return a cohort projection of a group's share of the workforce, with its fixed point and the interval of that.

    Assumptions: the number of posts is constant; everybody who leaves is replaced; the group's share of those appointed
    (c), and the fractions of the group and of others who leave in a year (l, k), are constant; people do not change
    group. If the share is x, next year's is x (1 - l) + c (x l + (1 - x) k). It settles at logit(x) = logit(c) +
    log(k / l), where as many join as leave. At equal selection rates, c would be the group's share of applicants. The
    interval adds the variances of logit(c), 1/appointed of both, and of log l and log k, 1/leavers - 1/employed (delta
    method). It does not reflect whether the assumptions hold: the projection is not a forecast.

    None if any of the counts is 0, on either side. Source: Bartholomew, Forbes and McClean,
    Statistical Techniques for Manpower Planning, 2nd ed. Wiley 1991, chapter 3.
    """
    counts = tuple(vars(flows).values())
    if min(counts) <= 0:
        return None
    joining = flows.group_appointed / (flows.group_appointed + flows.others_appointed)
    leaving = flows.group_leavers / flows.group_employed
    others_leaving = flows.others_leavers / flows.others_employed
    applying = flows.group_applicants / (flows.group_applicants + flows.others_applicants)
    centre = float(logit(joining)) + np.log(others_leaving / leaving)
    variance = 1 / flows.group_appointed + 1 / flows.others_appointed
    variance += (
        1 / flows.group_leavers - 1 / flows.group_employed + 1 / flows.others_leavers - 1 / flows.others_employed
    )
    half_width = float(ndtri(0.5 + confidence / 2)) * np.sqrt(variance)
    path = [flows.group_employed / (flows.group_employed + flows.others_employed)]
    for _ in range(years):
        share = path[-1]
        path.append(share * (1 - leaving) + joining * (share * leaving + (1 - share) * others_leaving))
    # The fraction of the distance that remains after a year.
    remaining = 1 - leaving * (1 - joining) - others_leaving * joining
    halfway = float(np.log(0.5) / np.log(remaining)) if remaining > 0 else 0.0
    settles = tuple(float(expit(centre + shift)) for shift in (0.0, -half_width, half_width))
    return Projection(
        (settles[0], settles[1], settles[2]),
        float(expit(logit(applying) + np.log(others_leaving / leaving))),
        tuple(path),
        halfway,
    )
