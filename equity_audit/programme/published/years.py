"""Whole reporting years of published counts: which are complete, their impact ratios, and which of these are points.

A year of quarters or months is the sum of their published counts, and each count that it may be is a sum of theirs. A
year in which one of them is not published, or withheld to protect another, is not known and is left out.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from math import nan

import numpy as np
import polars as pl

from equity_audit.disclosure.estimates.comparisons import count_bounds, widest_koopman
from equity_audit.disclosure.estimates.sums_true_enough import moments_of_counts, products_true_enough
from equity_audit.disclosure.estimates.true_enough import ratios_true_enough
from equity_audit.measures.intervals import Floats
from equity_audit.periods import MONTHS_IN, period_start
from equity_audit.programme.whole_years import CompleteYears, Which
from equity_audit.programme.yearly_change import YearlyChange
from equity_audit.settings import DisclosurePolicy, Settings

_COUNTS = ("decided", "progressed")
_SUMMED = [f"{name}{end}" for name in _COUNTS for end in ("", "_low", "_high")]


def complete_years(counts: pl.DataFrame, which: Which, months: int, settings: Settings) -> CompleteYears:
    """Return the reporting years in which every period's counts of both groups are known, and those in which not.

    counts: as quarterly_counts gives them; months: the length of a period. A group without a row in a period that has
    others of the step has nobody in it.
    """
    known = _years(set(_known(counts, which)["period"]), settings)
    whole = [year for year in sorted(set(known)) if known.count(year) == MONTHS_IN["year"] // months]
    every = set(_years(set(counts["period"]), settings))
    return CompleteYears(whole, sorted(every - set(whole)))


def with_points(change: YearlyChange, counts: pl.DataFrame, which: Which, settings: Settings) -> YearlyChange:
    """Return the change with what of it is true enough to be published as single numbers (sums_true_enough.py).

    counts: the published ones that it is made from.
    """
    step = _known(counts, which)
    before, since = ([_moments(_of_years(step, name, years, settings)) for name in which[3:]] for years in change.years)
    policy = settings.disclosure
    return replace(
        change,
        true_enough=(
            _decided(change.before[0], before[:1], before[1:], policy),
            _decided(change.since[0], since[:1], since[1:], policy),
            _decided(change.change.ratio, [since[0], before[1]], [since[1], before[0]], policy),
        ),
    )


def ratios_by_year(
    counts: pl.DataFrame, which: Which, whole: Sequence[date], settings: Settings
) -> Iterator[tuple[date, tuple[float, float, float]]]:
    """Yield each reporting year with the impact ratio of its published counts and the range that these allow.

    The ratio is nan if only its range is shown (true_enough.py), and all three are if the year is not among the `whole`
    ones, or if its counts are too small. The range is the union of Koopman's intervals over all sums of counts that
    would be published the same.
    """
    step = _of_step(counts, which)
    for year in sorted(set(_years(set(step["period"]), settings))):
        sides = [_of_years(step, name, [year], settings) for name in which[3:]]
        sums = [side.select(pl.col(_SUMMED).sum()) for side in sides]
        if year not in whole or not all(_is_shown(side, settings.disclosure) for side in sums):
            yield year, (nan, nan, nan)
            continue
        (s_g, n_g), (s_r, n_r) = ((side["progressed"][0], side["decided"][0]) for side in sums)
        if not s_r:
            yield year, (nan, nan, nan)
            continue
        bounds = [count_bounds(side) for side in sums]
        low, high = widest_koopman(bounds[0], bounds[1], settings.comparison.confidence)
        ratio = s_g * n_r / (n_g * s_r)
        if max(side.height for side in sides) == 1:
            true = bool(ratios_true_enough(np.array([ratio]), bounds[0], bounds[1], settings.disclosure)[0])
        else:
            true = _decided(ratio, [_moments(sides[0])], [_moments(sides[1])], settings.disclosure)
        yield year, (ratio if true else nan, float(low[0]), float(high[0]))


def _of_step(counts: pl.DataFrame, which: Which) -> pl.DataFrame:
    level, start, end, *_ = which
    return counts.filter(pl.col("level") == level, pl.col("from_stage") == start, pl.col("to_stage") == end)


def _known(counts: pl.DataFrame, which: Which) -> pl.DataFrame:
    """Return the step's counts in the periods in which those of both groups are known."""
    null = pl.any_horizontal(pl.col(_COUNTS).is_null()) & pl.col("group_name").is_in(which[3:])
    return _of_step(counts, which).filter(~null.any().over("period"))


def _years(periods: set[date], settings: Settings) -> list[date]:
    policy = settings.period.model_copy(update={"unit": "year"})
    return [period_start(day, policy) for day in periods]


def _of_years(step: pl.DataFrame, group: str, years: Sequence[date], settings: Settings) -> pl.DataFrame:
    days = [day for day in step["period"].unique() if _years({day}, settings)[0] in years]
    return step.filter(pl.col("group_name") == group, pl.col("period").is_in(days))


def _moments(rows: pl.DataFrame) -> dict[str, Floats]:
    """Return SIDE of the sum of a group's counts."""
    return {name: values.sum(keepdims=True) for name, values in moments_of_counts(count_bounds(rows)).items()}


def _decided(
    shown: float,
    above: Sequence[Mapping[str, Floats]],
    below: Sequence[Mapping[str, Floats]],
    policy: DisclosurePolicy,
) -> bool:
    return bool(products_true_enough(np.array([shown]), above, below, policy)[0])


def _is_shown(side: pl.DataFrame, policy: DisclosurePolicy) -> bool:
    """Return whether an edition would show a rate of these counts: not small, and enough decided on."""
    progressed, decided, high = (side[name][0] for name in ("progressed", "decided", "progressed_high"))
    return bool(decided >= policy.rate_min_denominator and (progressed >= policy.withhold_below or high == 0))
