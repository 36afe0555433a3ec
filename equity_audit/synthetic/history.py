"""Ten years of made-up monthly counts around a programme, with a known effect on the impact ratio, or none.

Two groups of applicants to fifty departments of the made-up employer (organisation.py), by pay band. In every history
months, seasons, departments and bands differ in the same way for both groups; histories differ in one thing only.
"""

from datetime import date
from typing import Literal, get_args

import numpy as np
import polars as pl

from equity_audit.measures.intervals import Floats
from equity_audit.synthetic import organisation as org

Scenario = Literal["effect", "none", "advertised_mix", "tighter_market"]
FIRST_YEAR, YEARS, DEPARTMENTS = 2015, 10, 50
PROGRAMME_START = date(2020, 1, 1)
# The departments without the programme.
WITHOUT_PROGRAMME = tuple(f"Department {number:02}" for number in range(41, DEPARTMENTS + 1))
# The impact ratio of every band without a programme, and the factor by which a programme changes it.
IMPACT_RATIO, PROGRAMME_EFFECT = 0.65, 1.25
# Decisions of a department in a month, both groups together.
DECISIONS = 60
# The group's share of applicants, and the reference's selection rate, from the lowest band to the highest.
_GROUP_SHARE, _RATE = (0.60, 0.10), (0.50, 0.10)
# Standard deviations of the logarithms: of months (the same for all), of departments' rates, and of impact ratios.
_MONTHS, _DEPARTMENTS, _RATIOS = 0.10, 0.15, 0.08
# How far the logarithm of all rates falls in the ten months from the start, if the market tightens.
_TIGHTER = 0.35
# If the mix changes: the bands from which vacancies move, and their share, half of it below and half above them.
_MIDDLE, _MOVED = slice(2, 5), 0.9


def history(scenario: Scenario, seed: int) -> pl.DataFrame:
    """Return counts by month, department and pay band; the same arguments give the same counts.

    effect: from the start the impact ratio is PROGRAMME_EFFECT times what it was, in departments with the programme.
    none: nothing changes. advertised_mix: from the start, posts are advertised in the lowest and highest bands, not in
    the middle ones; the group applies mostly for the lowest, where selection rates are higher for all, so the impact
    ratio over all posts rises while that within each band stays. tighter_market: from the start selection rates fall
    for all. Columns: period, unit, pay_band, group_selected, group_decided, reference_selected, reference_decided.
    """
    rng = np.random.default_rng([seed, get_args(Scenario).index(scenario)])
    months, bands = 12 * YEARS, len(org.BANDS)
    shape = (months, DEPARTMENTS, bands)
    since = np.arange(months) - 12 * (PROGRAMME_START.year - FIRST_YEAR)
    after = (since >= 0).astype(float)[:, None, None]
    share = np.tile(np.array(list(org.BANDS.values())), (months, 1))
    if scenario == "advertised_mix":
        share[since >= 0] = _moved(share[0])
    season = 0.05 * np.cos(2 * np.pi * np.arange(months) / 12)
    common = season + rng.normal(0, _MONTHS, months)
    if scenario == "tighter_market":
        common = common - _TIGHTER * np.clip(since / 10, 0, 1)
    rate = np.linspace(*_RATE, bands) * np.exp(
        common[:, None, None] + rng.normal(0, _DEPARTMENTS, DEPARTMENTS)[:, None]
    )
    ratio = IMPACT_RATIO * np.exp(rng.normal(0, _RATIOS, DEPARTMENTS)[:, None]) * np.ones(shape)
    if scenario == "effect":
        reached = np.arange(DEPARTMENTS) < DEPARTMENTS - len(WITHOUT_PROGRAMME)
        ratio *= np.where(after * reached[:, None] > 0, PROGRAMME_EFFECT, 1.0)
    in_group = np.linspace(*_GROUP_SHARE, bands)
    of_group, of_reference = (
        rng.poisson(np.broadcast_to(DECISIONS * share[:, None, :] * part, shape)) for part in (in_group, 1 - in_group)
    )
    counts = {
        "group_selected": rng.binomial(of_group, np.minimum(rate * ratio, 0.99)),
        "group_decided": of_group,
        "reference_selected": rng.binomial(of_reference, np.minimum(rate, 0.99)),
        "reference_decided": of_reference,
    }
    periods = pl.Series([date(FIRST_YEAR + month // 12, month % 12 + 1, 1) for month in range(months)])
    units = pl.Series([f"Department {number:02}" for number in range(1, DEPARTMENTS + 1)])
    keys = {"period": periods, "unit": units, "pay_band": pl.Series(list(org.BANDS))}
    indices = np.indices(shape).reshape(3, -1)
    columns = {name: values.gather(index) for (name, values), index in zip(keys.items(), indices, strict=True)}
    return pl.DataFrame(columns | {name: values.ravel() for name, values in counts.items()})


def _moved(share: Floats) -> Floats:
    """Return the shares of vacancies by band after the mix has changed."""
    moved = share.copy()
    moved[_MIDDLE] *= 1 - _MOVED
    half = (1 - moved.sum()) / 2
    moved[: _MIDDLE.start] += half / _MIDDLE.start
    moved[_MIDDLE.stop :] += half / (share.size - _MIDDLE.stop)
    return moved
