"""Whether a change follows the mix of posts advertised or also occurs among like posts, from yearly counts."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from equity_audit.programme.imputation import widened
from equity_audit.programme.pairing import paired
from equity_audit.programme.programme_file import Programme
from equity_audit.programme.ratio_model import Estimate, PairedCounts, fit_ratio
from equity_audit.programme.whole_years import Which, side_by_side, years_on_each_side
from equity_audit.settings import Settings

# After a level and a jump are fitted, a third year shows how much years vary by themselves.
_LEAST_YEARS = 3
# The columns that make posts alike, if available.
LIKENESS = ("pay_band", "staff_group")


@dataclass(frozen=True)
class LikePosts:
    """The impact ratio since divided by that before: over all posts, and among like posts.

    alike: what like posts have in common, one of LIKENESS. Both estimates are from the same yearly counts, so that they
    do not differ in anything else.
    """

    alike: str
    all_posts: Estimate
    within: Estimate

    @property
    def goes_with_posts(self) -> bool:
        """Whether the change is clear over all posts, but not clear in the same direction among like posts."""
        return self.all_posts.direction not in (0, self.within.direction)


def going_with_posts(like: Sequence[LikePosts]) -> LikePosts | None:
    """Return the first result in which a change follows the mix of posts advertised, or None."""
    return next((posts for posts in like if posts.goes_with_posts), None)


def like_posts(
    counts: pl.DataFrame, possible: Sequence[pl.DataFrame], which: Which, programme: Programme, settings: Settings
) -> LikePosts | None:
    """Compare whole years before the programme with whole years after its lead-in, within like posts and over all.

    counts: quarterly_counts.yearly_counts, with one column of LIKENESS; possible: tables that may be the exact ones.
    The ratio of impact ratios is that of fit_ratio with a jump and no slope, and years as its periods. A part of a year
    with a null count is left out of both. None if fewer than three of these years have selections, or none on one side.
    """
    alike = next(name for name in LIKENESS if name in counts.columns)
    periods = counts["period"].unique().to_list()
    before, after = years_on_each_side(periods, 12, programme.start, programme.settled, settings.period)
    years, confidence = [*before, *after], settings.comparison.confidence
    jump = np.repeat([0.0, 1.0], [len(before), len(after)])
    design = np.column_stack([np.ones(len(years)), jump])

    def change(counts: PairedCounts) -> Estimate:
        return fit_ratio(counts, design).estimate(np.array([0.0, 1.0]), confidence)

    def changes(table: pl.DataFrame) -> tuple[Estimate, Estimate] | None:
        pairs = side_by_side(table, alike, which, years)
        whole = paired(pairs, years)
        since = jump[whole.period[whole.group_selected + whole.reference_selected > 0]]
        if len(since) < _LEAST_YEARS or since.all() or not since.any():
            return None
        return change(whole), change(paired(pairs, years, alike))

    estimates = changes(counts)
    if estimates is None:
        return None
    others = [other for table in possible if (other := changes(table))]
    wide = (widened(estimate, [other[index] for other in others]) for index, estimate in enumerate(estimates))
    return LikePosts(alike, *wide)
