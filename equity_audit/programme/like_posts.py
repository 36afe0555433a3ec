"""From yearly counts of like posts: does a change go with what was advertised, or is it among like posts too?"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from equity_audit.periods import period_end
from equity_audit.programme.imputation import widened
from equity_audit.programme.programme_file import Programme
from equity_audit.programme.ratio_model import Estimate, PairedCounts, fit_ratio
from equity_audit.programme.timeline import Timeline
from equity_audit.settings import Settings

# A level and a jump leave a third year to show how much years vary by themselves.
_LEAST_YEARS = 3
# What makes posts alike, as far as it is known of them.
LIKENESS = ("pay_band", "staff_group")
# Level, from_stage, to_stage, group, reference.
Which = tuple[str, str, str, str, str]


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
    years = counts["period"].unique().sort().to_list()
    timeline = Timeline(years, programme.start, programme.lead_in_months)
    # The year in which the programme begins is neither.
    before = [day for day in years if period_end(day, settings.period) <= programme.start]
    after = [day for day in years if day >= timeline.settled]
    confidence = settings.comparison.confidence

    def changes(table: pl.DataFrame) -> tuple[Estimate, Estimate] | None:
        pairs = _paired(table, alike, which, [*before, *after])
        whole = pairs.group_by("period", maintain_order=True).agg(pl.col(_COUNTS).sum())
        told = whole.filter(pl.col("group_selected") + pl.col("reference_selected") > 0)["period"]
        if len(told) < _LEAST_YEARS or not set(before) & set(told) or not set(after) & set(told):
            return None
        return _change(whole, before, after, confidence), _change(pairs, before, after, confidence)

    found = changes(counts)
    if found is None:
        return None
    others = [other for table in possible if (other := changes(table))]
    wide = (widened(one, [other[place] for other in others]) for place, one in enumerate(found))
    return LikePosts(alike, *wide)


_COUNTS = ("group_selected", "group_decided", "reference_selected", "reference_decided")


def _paired(counts: pl.DataFrame, alike: str, which: Which, years: Sequence[object]) -> pl.DataFrame:
    """Both sides of each year and kind of post beside each other, where all four counts are known."""
    level, start, end, group, reference = which
    own = counts.filter(
        pl.col("level") == level,
        pl.col("from_stage") == start,
        pl.col("to_stage") == end,
        pl.col("period").is_in(years),
    )
    sides = [
        own.filter(pl.col("group_name") == name).select(
            "period", alike, **{f"{side}_selected": pl.col("progressed"), f"{side}_decided": pl.col("decided")}
        )
        for side, name in (("group", group), ("reference", reference))
    ]
    return sides[0].join(sides[1], on=["period", alike]).drop_nulls().sort("period", alike)


def _change(pairs: pl.DataFrame, before: Sequence[object], after: Sequence[object], confidence: float) -> Estimate:
    years = [*before, *after]
    place = pairs["period"].replace_strict({day: number for number, day in enumerate(years)}, return_dtype=pl.Int64)
    counts = PairedCounts(place.to_numpy(), *(pairs[name].to_numpy().astype(np.int64) for name in _COUNTS))
    design = np.column_stack([np.ones(len(years)), np.repeat([0.0, 1.0], [len(before), len(after)])])
    return fit_ratio(counts, design).estimate(np.array([0.0, 1.0]), confidence)
