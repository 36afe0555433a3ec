"""The comparisons by which a programme is judged, by step, from one organisation's counts by month or quarter.

The first is the main result: BME against White applicants over the whole path. It is fixed before any figure is seen,
so that nobody can choose the comparison with the result they hoped for. The others show where to look.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

import polars as pl

from equity_audit.programme.interrupted_series import InterruptedSeries
from equity_audit.programme.like_posts import LIKENESS, going_with_posts
from equity_audit.programme.programme_effect import AsPublished, ProgrammeEffect, programme_effect
from equity_audit.programme.programme_file import Programme
from equity_audit.programme.series import RatioSeries, ratio_series
from equity_audit.programme.verdict_words import verdict_sentence
from equity_audit.settings import Settings
from equity_audit.vocabulary import UNKNOWN, display_order
from equity_audit.wording import people

# The splits that programme_effect takes, by the column that they come from.
_SPLITS = {**{name: name for name in LIKENESS}, "unit": "department"}
_NOT_RECORDED = "Not recorded"
# The length of a period, in polars' notation.
Every = Literal["1mo", "3mo"]


class Comparison(NamedTuple):
    """A group against its reference at one step; `counts` as programme_effect takes them, with every period."""

    level: str
    from_stage: str
    to_stage: str
    group: str
    reference: str
    counts: pl.DataFrame


@dataclass(frozen=True)
class Judged:
    """A comparison, its effect, and its impact ratios over time."""

    comparison: Comparison
    effect: ProgrammeEffect
    series: RatioSeries

    @property
    def main(self) -> InterruptedSeries | None:
        """The series that the verdict is about: within like posts if they are known, else over all posts."""
        return self.effect.within or self.effect.overall

    @property
    def sentence(self) -> str:
        """The verdict in words."""
        main, follows = self.main, going_with_posts(self.effect.like_posts)
        estimate = main.effect if main else None
        if self.effect.verdict == "follows_what_was_advertised" and follows:
            estimate = follows.within
        figures = (estimate.ratio, estimate.low, estimate.high) if estimate else None
        group = people(self.comparison.group)
        return verdict_sentence(self.effect.verdict, group, figures, main.detectable_rise if main else float("nan"))


def comparisons(counts: pl.DataFrame, settings: Settings, every: Every = "1mo") -> Iterator[Comparison]:
    """Yield every comparison that the counts allow: by step, the whole path first; White and BME before the groups.

    counts: period (first day of a month, or of a quarter if `every` is "3mo"), level, step_order, from_stage, to_stage,
    group_name, decided, progressed and, if available, pay_band, staff_group and department, as
    assets/sql/monthly_counts.sql and quarterly_counts.quarterly_counts give them. Pay bands and staff groups define
    like posts, and departments are units, if any value is recorded; missing values are then "Not recorded". Applicants
    of unknown ethnicity are not compared (see unknown_shares). A step without decisions on the reference has no
    comparison. A period in which a count of either side is null counts as one without decisions.
    """
    recorded = {new: old for new, old in _SPLITS.items() if old in counts.columns and counts[old].is_not_null().any()}
    named = counts.with_columns(pl.col(old).fill_null(_NOT_RECORDED).alias(new) for new, old in recorded.items())
    ends = counts.select(first=pl.col("period").min(), last=pl.col("period").max())
    periods = ends.select(period=pl.date_ranges("first", "last", every)).explode("period")
    steps = named.partition_by("step_order", as_dict=True, maintain_order=True)
    for _, step in sorted(steps.items()):
        for level in ("wres", "group"):
            rows, reference = step.filter(level=level), settings.comparison.reference(level)
            present = set(rows["group_name"])
            if reference is None or reference not in present:
                continue
            stages = step.row(0, named=True)
            for group in display_order(level):
                if group in present - {reference, UNKNOWN}:
                    counts = _side_by_side(rows, periods, group, reference, list(recorded))
                    yield Comparison(level, stages["from_stage"], stages["to_stage"], group, reference, counts)


def judged(
    comparison: Comparison, programme: Programme, settings: Settings, published: AsPublished | None = None
) -> Judged:
    """Judge a comparison: its effect and its series. Comparator units are used only if there are counts of them.

    published: further information if the counts are published ones.
    """
    counts = comparison.counts
    units = set(counts["unit"]) if "unit" in counts.columns else set()
    without = sorted(units.intersection(programme.comparator_units))
    effect = programme_effect(counts, programme.start, programme.lead_in_months, settings, without, published)
    with_programme = counts.filter(~pl.col("unit").is_in(without)) if without else counts
    return Judged(comparison, effect, ratio_series(with_programme, programme.start, settings.trend))


def unknown_shares(counts: pl.DataFrame, programme: Programme) -> tuple[float, float]:
    """Return the share of decisions on applicants of unknown ethnicity over the whole path, before the start and since.

    nan without decisions. A programme may change what is recorded, and so who is compared.
    """
    path = counts.filter(pl.col("level") == "group", pl.col("step_order") == pl.col("step_order").min())
    shares = []
    for part in (pl.col("period") < programme.start, pl.col("period") >= programme.start):
        side = path.filter(part)
        unknown, decided = (int(rows["decided"].sum()) for rows in (side.filter(group_name=UNKNOWN), side))
        shares.append(unknown / decided if decided else float("nan"))
    return shares[0], shares[1]


def _side_by_side(
    rows: pl.DataFrame, periods: pl.DataFrame, group: str, reference: str, splits: list[str]
) -> pl.DataFrame:
    """Return selected and decided of both, by period and split; a period without decisions has a row of zeros."""
    sides = {"group": pl.col("group_name") == group, "reference": pl.col("group_name") == reference}
    sums = {
        f"{side}_{new}": pl.col(old).filter(is_side).sum()
        for side, is_side in sides.items()
        for new, old in (("selected", "progressed"), ("decided", "decided"))
    }
    both = rows.filter(sides["group"] | sides["reference"])
    # Both sides of a period or neither: otherwise sums over periods would cover different times.
    hidden = pl.any_horizontal(pl.col("decided", "progressed").is_null()).any().over("period", *splits)
    counts = both.filter(~hidden).group_by("period", *splits, maintain_order=True).agg(**sums)
    filled = periods.join(counts, on="period", how="left", maintain_order="left")
    # A period of zeros can be given any split: it adds nothing to it.
    return filled.with_columns(pl.col(list(sums)).fill_null(0), pl.col(splits).forward_fill().backward_fill())
