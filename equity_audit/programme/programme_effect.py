"""A programme's effect on the impact ratio by every method, and the verdict."""

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
from equity_audit.programme.interrupted_series import InterruptedSeries, interrupted_series, why_not
from equity_audit.programme.like_posts import LIKENESS, LikePosts
from equity_audit.programme.pairing import paired
from equity_audit.programme.ratio_model import PairedCounts
from equity_audit.programme.sensitivity import Tried, leave_one_quarter_out, placebo_dates
from equity_audit.programme.timeline import Timeline
from equity_audit.programme.verdict import judge
from equity_audit.programme.verdict_words import Verdict
from equity_audit.programme.whole_years import CompleteYears
from equity_audit.settings import Settings


@dataclass(frozen=True)
class AsPublished:
    """Further information for counts that are published ones.

    possible: tables that may be the exact ones; ranges are widened for the differences between them (imputation.py).
    like: results for like posts from yearly counts, one for each column that makes posts alike. comparison: with
    departments without the programme. years: which reporting years have every period's counts; None: not asked.
    """

    possible: Sequence[pl.DataFrame] = ()
    like: Sequence[LikePosts] = ()
    comparison: DifferenceInDifferences | NoComparison | None = None
    years: CompleteYears | None = None


@dataclass(frozen=True)
class ProgrammeEffect:
    """The effect for one group against its reference at one step.

    plain: before and after without a model. overall: against the path before, all posts together. within: the same
    among like posts, None if nothing is known about posts. alike: what like posts have in common. Both effects are None
    if the verdict says that they cannot be calculated. placebos, without_a_quarter: the within (else overall) effect at
    other dates and without single quarters. comparison: with units without the programme, or the reason why not; None
    if no units were given.
    """

    timeline: Timeline
    plain: BeforeAfter
    overall: InterruptedSeries | None
    within: InterruptedSeries | None
    placebos: Sequence[Tried]
    without_a_quarter: Sequence[Tried]
    comparison: DifferenceInDifferences | NoComparison | None
    verdict: Verdict
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
    reference_decided and, if available, pay_band and staff_group, which define like posts, and `unit` (a department or
    organisation). Rows of the same period, posts and unit are added up. Units named in `comparators` had no programme
    and are used only in the comparison. The lead-in counts as neither before nor after. `published`: for published
    counts, which have neither posts nor units.

    Like posts share pay band and staff group; if this leaves too few selected with like posts to compare, they share
    only the band, else only the group. The verdict is about the effect among like posts if there is one; if posts are
    known but too few can be compared in any of these ways, no effect is given. Raises ValueError for periods that are
    not first days of months, and for comparators that are not units of the counts.
    """
    units = set(counts["unit"]) if "unit" in counts.columns else set()
    if unknown := sorted(set(comparators) - units):
        raise ValueError(f"there are no counts of the comparators {', '.join(unknown)}")
    if any(day.day != 1 for day in counts["period"].unique()):
        raise ValueError("a period is named by its first day, the first of a month")
    timeline = Timeline(tuple(counts["period"].unique().sort()), start, lead_in_months)
    with_programme = counts.filter(~pl.col("unit").is_in(list(comparators))) if comparators else counts
    whole = paired(with_programme, timeline.periods)
    published = published or AsPublished()
    confidence = settings.comparison.confidence
    others = [paired(table, timeline.periods) for table in published.possible]
    plain, *plains = (before_after(table, timeline.before, timeline.after, confidence) for table in (whole, *others))
    plain = widened_plain(plain, plains, confidence)
    available = [name for name in LIKENESS if name in counts.columns]
    alike, strata = _alike(with_programme, timeline, settings, available)
    reason = why_not(whole, timeline, settings)
    if reason is None and available and strata is None:
        reason = "too_few_selected"
    if reason:
        return ProgrammeEffect(timeline, plain, None, None, (), (), None, reason)
    comparison = published.comparison
    if comparators:
        comparison = _comparison(counts, timeline, settings, comparators, alike)
    usable = (table for table in others if why_not(table, timeline, settings) is None)
    fitted = [interrupted_series(table, timeline, settings) for table in usable]
    overall = widened_series(interrupted_series(whole, timeline, settings), fitted)
    within = interrupted_series(strata, timeline, settings) if strata else None
    placebos = placebo_dates(strata or whole, timeline, settings)
    without = leave_one_quarter_out(strata or whole, timeline, settings)
    verdict = judge(plain, overall, within, (placebos, without), comparison, published.like)
    return ProgrammeEffect(timeline, plain, overall, within, placebos, without, comparison, verdict, alike)


def _alike(
    counts: pl.DataFrame, timeline: Timeline, settings: Settings, available: Sequence[str]
) -> tuple[Sequence[str], PairedCounts | None]:
    """Return the columns that define like posts, and the counts by them: all available columns if enough were selected.

    Otherwise the first single column with enough selected, or none.
    """
    for by in dict.fromkeys((tuple(available), *((name,) for name in available))):
        strata = paired(counts, timeline.periods, *by)
        if by and why_not(strata, timeline, settings) is None:
            return by, strata
    return (), None


def _comparison(
    counts: pl.DataFrame, timeline: Timeline, settings: Settings, comparators: Sequence[str], alike: Sequence[str]
) -> DifferenceInDifferences | NoComparison:
    units = {str(name): paired(part, timeline.periods, *alike) for (name,), part in counts.group_by("unit")}
    return difference_in_differences(units, comparators, timeline, settings.comparison.confidence)
