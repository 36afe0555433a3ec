"""Projection of a workforce: the share at which a group settles if people are selected and leave as they do now."""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit, ndtri

from equity_audit.measures.intervals import Counts, Floats

Figure = tuple[float, float, float]


@dataclass(frozen=True)
class Flows:
    """The flows of a year and the stock, of a group and of everybody else whose ethnicity is known.

    appointed: joiners. leavers: those of the employed who left. employed: at the beginning of the year. applicants:
    those decided on.
    """

    group_appointed: int | Counts
    others_appointed: int | Counts
    group_leavers: int | Counts
    others_leavers: int | Counts
    group_employed: int | Counts
    others_employed: int | Counts
    group_applicants: int | Counts
    others_applicants: int | Counts


@dataclass(frozen=True)
class LongRun:
    """The figures of a projection without intervals: of one set of flows, or of many at once as arrays.

    settles_at: the group's eventual share; at_parity: the same if selection rates were equal. path: the present share,
    then the share at the end of each year. halfway_years: how long it takes to cover half of the distance; 0 if the
    first year covers all of it.
    """

    settles_at: Floats
    at_parity: Floats
    path: tuple[Floats, ...]
    halfway_years: Floats


@dataclass(frozen=True)
class Projection:
    """settles_at: the group's eventual share, with its interval. run: the figures without intervals."""

    settles_at: Figure
    run: LongRun

    @property
    def at_parity(self) -> float:
        """The eventual share if selection rates were equal."""
        return float(self.run.at_parity)

    @property
    def path(self) -> tuple[float, ...]:
        """The present share, then the share at the end of each year."""
        return tuple(map(float, self.run.path))

    @property
    def halfway_years(self) -> float:
        """How long it takes to cover half of the distance."""
        return float(self.run.halfway_years)


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
    run = long_run(flows, years)
    centre = float(logit(run.settles_at))
    variance = 1 / flows.group_appointed + 1 / flows.others_appointed
    variance += (
        1 / flows.group_leavers - 1 / flows.group_employed + 1 / flows.others_leavers - 1 / flows.others_employed
    )
    half_width = float(ndtri(0.5 + confidence / 2)) * np.sqrt(variance)
    low, high = (float(expit(centre + shift)) for shift in (-half_width, half_width))
    return Projection((float(run.settles_at), low, high), run)


def long_run(flows: Flows, years: int) -> LongRun:
    """Return the figures of `projection` without intervals; flows may be arrays. nan or infinite where undefined."""
    joining = flows.group_appointed / (flows.group_appointed + flows.others_appointed)
    leaving = flows.group_leavers / flows.group_employed
    others_leaving = flows.others_leavers / flows.others_employed
    applying = flows.group_applicants / (flows.group_applicants + flows.others_applicants)
    turnover = np.log(others_leaving / leaving)
    path = [np.asarray(flows.group_employed / (flows.group_employed + flows.others_employed))]
    for _ in range(years):
        share = path[-1]
        path.append(share * (1 - leaving) + joining * (share * leaving + (1 - share) * others_leaving))
    # The fraction of the distance that remains after a year.
    remaining = np.asarray(1 - leaving * (1 - joining) - others_leaving * joining)
    with np.errstate(divide="ignore", invalid="ignore"):
        halfway = np.where(remaining > 0, np.log(0.5) / np.log(remaining), 0.0)
    return LongRun(expit(logit(joining) + turnover), expit(logit(applying) + turnover), tuple(path), halfway)
