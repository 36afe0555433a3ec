"""From yearly counts of like posts: does a change go with what was advertised, or is it among like posts too?"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from equity_audit.programme.imputation import widened
from equity_audit.programme.pairing import paired
from equity_audit.programme.programme_file import Programme
from equity_audit.programme.ratio_model import Estimate, PairedCounts, fit_ratio
from equity_audit.programme.whole_years import Which, before_and_after, side_by_side
from equity_audit.settings import Settings

# A level and a jump leave a third year to show how much years vary by themselves.
_LEAST_YEARS = 3
# What makes posts alike, as far as it is known of them.
LIKENESS = ("pay_band", "staff_group")


@dataclass(frozen=True)
class LikePosts:
    """How many times the impact ratio since is that before: over all posts, and among posts that are alike.

    alike: what these have in common, one of LIKENESS. Both from the same yearly counts, so that nothing else is between
    them.
    """

    alike: str
    all_posts: Estimate
    within: Estimate

    @property
    def goes_with_posts(self) -> bool:
        """Whether the change is clear over all posts, and not clear the same way among like posts."""
        return self.all_posts.direction not in (0, self.within.direction)


def going_with_posts(like: Sequence[LikePosts]) -> LikePosts | None:
    """The first by which a change goes with what was advertised, if there is any."""
    return next((one for one in like if one.goes_with_posts), None)


def like_posts(
    counts: pl.DataFrame, possible: Sequence[pl.DataFrame], which: Which, programme: Programme, settings: Settings
) -> LikePosts | None:
    """Compare whole years before the programme with whole years after its lead-in, within like posts and over all.

    counts: published_counts.yearly_counts, with one column of LIKENESS; possible: tables that may be the exact ones.
    The ratio of impact ratios is that of fit_ratio with a jump and no slope, years being its periods. A part of a year
    of which a count is null counts in neither. None for fewer than three such years with somebody selected, or none on
    a side.
    """
    alike = next(name for name in LIKENESS if name in counts.columns)
    before, after = before_and_after(counts, programme, settings)
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

    found = changes(counts)
    if found is None:
        return None
    others = [other for table in possible if (other := changes(table))]
    wide = (widened(one, [other[place] for other in others]) for place, one in enumerate(found))
    return LikePosts(alike, *wide)
