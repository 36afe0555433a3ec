"""Flow against stock: where a workforce settles if people go on being selected, and leaving, as they are now."""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit, ndtri

Figure = tuple[float, float, float]


@dataclass(frozen=True)
class Flows:
    """A year's flows and the stock that they meet, of a group and of everybody else whose ethnicity is known.

    appointed: joiners. leavers: of those employed at the year's beginning (employed). applicants: those decided on.
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
    """settles_at: the group's share in the end, with its interval; at_parity: the same were all selected alike.

    path: the share at the end of each year, from this year's on, the present one first. halfway_years: how long half of
    the way takes; 0 where the first year goes all of it.
    """

    settles_at: Figure
    at_parity: float
    path: tuple[float, ...]
    halfway_years: float


def projection(flows: Flows, years: int, confidence: float) -> Projection | None:
    """A cohort projection of a group's share of the workforce, its fixed point, and how sure that is.

    Assumed: the number of posts stays; whoever leaves is replaced; the group's share of those appointed (c), and the
    parts of the group and of others who leave in a year (l, k), stay as they are; people do not change group. With
    share x, next year's is x (1 - l) + c (x l + (1 - x) k). It settles where logit(x) = logit(c) + log(k / l), since
    as many join as leave there. Selected alike, c would be the group's share of applicants. The interval adds the
    variances of logit(c), 1/appointed of both, and of log l and log k, 1/leavers - 1/employed (delta method), and knows
    nothing of whether the assumptions hold: it is no forecast.

    None where nobody was appointed, left or applied on either side. Source: Bartholomew, Forbes and McClean,
    Statistical Techniques for Manpower Planning, 2nd ed. Wiley 1991, chapter 3.
    """
    counts = tuple(vars(flows).values())
    if min(counts) <= 0:
        return None
    joining = flows.group_appointed / (flows.group_appointed + flows.others_appointed)
    leaving = flows.group_leavers / flows.group_employed
    others = flows.others_leavers / flows.others_employed
    applying = flows.group_applicants / (flows.group_applicants + flows.others_applicants)
    centre = float(logit(joining)) + np.log(others / leaving)
    variance = 1 / flows.group_appointed + 1 / flows.others_appointed
    variance += (
        1 / flows.group_leavers - 1 / flows.group_employed + 1 / flows.others_leavers - 1 / flows.others_employed
    )
    half = float(ndtri(0.5 + confidence / 2)) * np.sqrt(variance)
    path = [flows.group_employed / (flows.group_employed + flows.others_employed)]
    for _ in range(years):
        share = path[-1]
        path.append(share * (1 - leaving) + joining * (share * leaving + (1 - share) * others))
    # What is left of the distance after a year.
    kept = 1 - leaving * (1 - joining) - others * joining
    halfway = float(np.log(0.5) / np.log(kept)) if kept > 0 else 0.0
    settles = tuple(float(expit(centre + shift)) for shift in (0.0, -half, half))
    return Projection(
        (settles[0], settles[1], settles[2]),
        float(expit(logit(applying) + np.log(others / leaving))),
        tuple(path),
        halfway,
    )
