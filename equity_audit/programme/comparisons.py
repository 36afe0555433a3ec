"""From one organisation's counts by month or quarter to what is judged of a programme: each comparison, by step.

The first is the answer: BME against White applicants over the whole path, settled before any figure is seen, so that
nobody picks the comparison that says what they hoped. The others say where to look.
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

# What programme_effect calls posts' likeness and units, and the column that it is made of.
_SPLITS = {**{name: name for name in LIKENESS}, "unit": "department"}
_NOT_RECORDED = "Not recorded"
# How long a period is, as polars says it.
Every = Literal["1mo", "3mo"]


class Comparison(NamedTuple):
    """A group against its reference at one step; `counts` as programme_effect takes them, with every month."""

    level: str
    from_stage: str
    to_stage: str
    group: str
    reference: str
    counts: pl.DataFrame


@dataclass(frozen=True)
class Judged:
    """A comparison, what became of it, and its impact ratios over time."""

    comparison: Comparison
    effect: ProgrammeEffect
    series: RatioSeries

    @property
    def main(self) -> InterruptedSeries | None:
        """What the verdict is about: within like posts where they are known, else over all posts."""
        return self.effect.within or self.effect.overall

    @property
    def sentence(self) -> str:
        """The verdict in words."""
        main, follows = self.main, going_with_posts(self.effect.like_posts)
        said = main.effect if main else None
        if self.effect.verdict == "follows_what_was_advertised" and follows:
            said = follows.within
        figures = (said.ratio, said.low, said.high) if said else None
        group = people(self.comparison.group)
        return verdict_sentence(self.effect.verdict, group, figures, main.detectable_rise if main else float("nan"))


def comparisons(counts: pl.DataFrame, settings: Settings, every: Every = "1mo") -> Iterator[Comparison]:
    """Every comparison that the counts have: by step, the whole path first; White and BME before the groups.

    counts: period (first day of a month, or of a quarter where `every` is "3mo"), level, step_order, from_stage,
    to_stage, group_name, decided, progressed and, where there are any, pay_band, staff_group and department, as
    assets/sql/monthly_counts.sql and published_counts.quarterly_counts give them. Pay bands and staff groups say which
    posts are alike, departments are units, where any is recorded; where one is not, it is "Not recorded". Applicants of
    unknown ethnicity are compared with nobody (see unknown_shares). A step at which nobody of the reference was decided
    on has no comparison. A period of which a count of either side is null has nothing to compare, and counts as one
    without decisions.
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
    """A comparison with its effect and series. Units without the programme count only where it has counts of them.

    published: what there is beside counts that are published ones.
    """
    counts = comparison.counts
    units = set(counts["unit"]) if "unit" in counts.columns else set()
    without = sorted(units.intersection(programme.comparator_units))
    effect = programme_effect(counts, programme.start, programme.lead_in_months, settings, without, published)
    own = counts.filter(~pl.col("unit").is_in(without)) if without else counts
    return Judged(comparison, effect, ratio_series(own, programme.start, settings.trend))


def unknown_shares(counts: pl.DataFrame, programme: Programme) -> tuple[float, float]:
    """The share of unknown ethnicity among those decided on over the whole path, before the start and from it on.

    nan where nobody was decided on. A programme may change what is recorded, and with it who is compared.
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
    """Selected and decided of both, a row for each period and split; a period without decisions has a row of zeros."""
    sides = {"group": pl.col("group_name") == group, "reference": pl.col("group_name") == reference}
    sums = {
        f"{side}_{new}": pl.col(old).filter(mine).sum()
        for side, mine in sides.items()
        for new, old in (("selected", "progressed"), ("decided", "decided"))
    }
    found = rows.filter(sides["group"] | sides["reference"])
    # Of a period, both sides or neither: else the sums of many would be of different times.
    hidden = pl.any_horizontal(pl.col("decided", "progressed").is_null()).any().over("period", *splits)
    counts = found.filter(~hidden).group_by("period", *splits, maintain_order=True).agg(**sums)
    filled = periods.join(counts, on="period", how="left", maintain_order="left")
    # A period of zeros may stand with any split: it adds nothing to it.
    return filled.with_columns(pl.col(list(sums)).fill_null(0), pl.col(splits).forward_fill().backward_fill())
