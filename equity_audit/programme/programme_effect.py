"""A programme's effect on the impact ratio, every way it is looked at, and what that comes to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from equity_audit.programme.before_after import BeforeAfter, before_after
from equity_audit.programme.difference_in_differences import (
    DifferenceInDifferences,
    NoComparison,
    difference_in_differences,
)
from equity_audit.programme.imputation import widened_plain, widened_series
from equity_audit.programme.interrupted_series import InterruptedSeries, Unanswerable, interrupted_series, why_not
from equity_audit.programme.like_posts import LIKENESS, LikePosts
from equity_audit.programme.pairing import paired
from equity_audit.programme.ratio_model import PairedCounts
from equity_audit.programme.sensitivity import Tried, leave_one_quarter_out, placebo_dates
from equity_audit.programme.timeline import Timeline
from equity_audit.programme.verdict import judge
from equity_audit.programme.verdict_words import Verdict
from equity_audit.settings import Settings


@dataclass(frozen=True)
class AsPublished:
    """What there is beside counts that are published ones.

    possible: tables of the same that may be the exact ones: ranges are widened for what differs between them
    (imputation.py). like: what yearly counts say of like posts, by what makes them alike; comparison: of departments
    without the programme.
    """

    possible: Sequence[pl.DataFrame] = ()
    like: Sequence[LikePosts] = ()
    comparison: DifferenceInDifferences | NoComparison | None = None


@dataclass(frozen=True)
class ProgrammeEffect:
    """One group against its reference at one step.

    plain: before and after without a model. overall: against the path of before, all posts together; within: the same
    among like posts, None where nothing is known of posts; alike: what these have in common. Both effects are None
    where unanswerable says why. placebos, without_a_quarter: the within (else overall) effect at other dates and
    without single quarters. comparison: against units without the programme, or why not; None where none were given.
    like_posts: what yearly counts say of like posts, where they are all there is.
    """

    timeline: Timeline
    plain: BeforeAfter
    unanswerable: Unanswerable | None
    overall: InterruptedSeries | None
    within: InterruptedSeries | None
    placebos: Sequence[Tried]
    without_a_quarter: Sequence[Tried]
    comparison: DifferenceInDifferences | NoComparison | None
    verdict: Verdict
    like_posts: Sequence[LikePosts] = ()
    alike: Sequence[str] = ()


def programme_effect(
    counts: pl.DataFrame,
    start: date,
    lead_in_months: int,
    settings: Settings,
    comparators: Sequence[str] = (),
    published: AsPublished | None = None,
) -> ProgrammeEffect:
    """Judge a programme that began on `start` from counts by month or quarter.

    counts: period (first day of a month or quarter), group_selected, group_decided, reference_selected,
    reference_decided, and where there are any pay_band and staff_group, within which like is compared with like, and
    `unit` (a department or organisation). Several rows of the same period, posts and unit are added up. Units named in
    `comparators` had no programme, and count in the comparison only. The lead-in counts as neither before nor after.
    `published`: for counts as they are published, which have neither posts nor units.

    Posts are alike that share pay band and staff group; where too few selected have anybody like them to be compared
    with, those that share the band, else the group. The verdict is about the effect among like posts where there is
    any; where too few have anybody alike even so, there is none. Raises ValueError for periods that are no first days
    of months, and for comparators that are no unit of the counts.
    """
    units = set(counts["unit"]) if "unit" in counts.columns else set()
    if unknown := sorted(set(comparators) - units):
        raise ValueError(f"there are no counts of the comparators {', '.join(unknown)}")
    if any(day.day != 1 for day in counts["period"].unique()):
        raise ValueError("a period is named by its first day, the first of a month")
    timeline = Timeline(tuple(counts["period"].unique().sort()), start, lead_in_months)
    own = counts.filter(~pl.col("unit").is_in(list(comparators))) if comparators else counts
    whole = paired(own, timeline.periods)
    published = published or AsPublished()
    confidence = settings.comparison.confidence
    others = [paired(table, timeline.periods) for table in published.possible]
    plain, *plains = (before_after(one, timeline.before, timeline.after, confidence) for one in (whole, *others))
    plain = widened_plain(plain, plains, confidence)
    told = [name for name in LIKENESS if name in counts.columns]
    alike, strata = _alike(own, timeline, settings, told)
    reason = why_not(whole, timeline, settings)
    if reason is None and told and strata is None:
        reason = "too_few_selected"
    if reason:
        return ProgrammeEffect(timeline, plain, reason, None, None, (), (), None, reason, published.like)
    comparison = published.comparison
    if comparators:
        comparison = _comparison(counts, timeline, settings, comparators, alike)
    fitted = [interrupted_series(one, timeline, settings) for one in others if why_not(one, timeline, settings) is None]
    overall = widened_series(interrupted_series(whole, timeline, settings), fitted)
    within = interrupted_series(strata, timeline, settings) if strata else None
    placebos = placebo_dates(strata or whole, timeline, settings)
    without = leave_one_quarter_out(strata or whole, timeline, settings)
    verdict = judge(plain, overall, within, (placebos, without), comparison, published.like)
    return ProgrammeEffect(
        timeline, plain, None, overall, within, placebos, without, comparison, verdict, published.like, alike
    )


def _alike(
    counts: pl.DataFrame, timeline: Timeline, settings: Settings, told: Sequence[str]
) -> tuple[Sequence[str], PairedCounts | None]:
    """By what posts are compared, and their counts: by all that is told of them, if enough were selected so."""
    for by in dict.fromkeys((tuple(told), *((name,) for name in told))):
        strata = paired(counts, timeline.periods, *by)
        if by and why_not(strata, timeline, settings) is None:
            return by, strata
    return (), None


def _comparison(
    counts: pl.DataFrame, timeline: Timeline, settings: Settings, comparators: Sequence[str], alike: Sequence[str]
) -> DifferenceInDifferences | NoComparison:
    units = {str(name): paired(part, timeline.periods, *alike) for (name,), part in counts.group_by("unit")}
    return difference_in_differences(units, comparators, timeline, settings.comparison.confidence)
