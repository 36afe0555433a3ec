"""The comparisons by which a programme is judged, by step, from one organisation's counts by month, quarter or year.

The answer is about BME against White applicants at one step, which is chosen by counts and never by what is found
(`answer_of`), so that nobody can choose the comparison with the result they hoped for. The others show where to look.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

import polars as pl

from equity_audit.programme.difference_in_differences import DifferenceInDifferences, NoComparison
from equity_audit.programme.interrupted_series import InterruptedSeries
from equity_audit.programme.like_posts import LIKENESS, LikePosts, going_with_posts
from equity_audit.programme.pairing import COUNTS
from equity_audit.programme.programme_effect import AsPublished, ProgrammeEffect, programme_effect
from equity_audit.programme.programme_file import Programme
from equity_audit.programme.ratio_model import Estimate
from equity_audit.programme.series import RatioSeries, ratio_series
from equity_audit.programme.verdict_words import YearlyVerdict, verdict_sentence
from equity_audit.programme.whole_years import years_on_each_side
from equity_audit.programme.yearly_change import YearlyChange, yearly_change
from equity_audit.programme.yearly_verdict import step_by_counts, yearly_sentence, yearly_verdict
from equity_audit.settings import Settings
from equity_audit.vocabulary import UNKNOWN, display_order
from equity_audit.wording import people

# The splits that programme_effect takes, by the column that they come from.
_SPLITS = {**{name: name for name in LIKENESS}, "unit": "department"}
_NOT_RECORDED = "Not recorded"
# The column that says of which of several tables a row is.
TABLE = "table"
# The length of a period, in polars' notation.
Every = Literal["1mo", "3mo", "12mo"]
MONTHS: dict[Every, int] = {"1mo": 1, "3mo": 3, "12mo": 12}


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
    """A comparison and what is found.

    years: the change between whole years, None if there are none on one side; verdict: the first answer, about it.
    like: the same among like posts; against: compared with units without the programme, or the reason why not, None if
    no units were given. effect, series: the second look, by month or quarter; None if there are only years.
    """

    comparison: Comparison
    years: YearlyChange | None
    verdict: YearlyVerdict
    like: Sequence[LikePosts] = ()
    against: DifferenceInDifferences | NoComparison | None = None
    effect: ProgrammeEffect | None = None
    series: RatioSeries | None = None

    @property
    def sentence(self) -> str:
        """The verdict in words."""
        return yearly_sentence(self.verdict, self.years)

    @property
    def main(self) -> InterruptedSeries | None:
        """The series of the second look: within like posts if they are known, else over all posts."""
        return (self.effect.within or self.effect.overall) if self.effect else None

    @property
    def second_look(self) -> str:
        """The verdict of the series in words; empty without one."""
        if self.effect is None:
            return ""
        main, follows = self.main, going_with_posts(self.like)
        estimate = main.effect if main else None
        if self.effect.verdict == "follows_what_was_advertised" and follows:
            estimate = follows.within
        figures = (estimate.ratio, estimate.low, estimate.high) if estimate else None
        group = people(self.comparison.group)
        return verdict_sentence(self.effect.verdict, group, figures, main.detectable_rise if main else float("nan"))


def comparisons(counts: pl.DataFrame, settings: Settings, every: Every = "1mo") -> Iterator[Comparison]:
    """Yield every comparison that the counts allow: by step, the whole path first; White and BME before the groups.

    counts: period (first day of a month, quarter or year, as `every` says), level, step_order, from_stage, to_stage,
    group_name, decided, progressed and, if available, pay_band, staff_group and department, as
    assets/sql/monthly_counts.sql and quarterly_counts.quarterly_counts give them. Pay bands and staff groups define
    like posts, and departments are units, if any value is recorded; missing values are then "Not recorded". Applicants
    of unknown ethnicity are not compared (see unknown_shares). A step without decisions on the reference has no
    comparison. A period in which a count of either side is null counts as one without decisions. TABLE, if available:
    several tables with the same rows and other counts, below one another; each has every period by itself, and the
    comparisons keep the column. So the forty tables that published counts may be take one pass and not forty.
    """
    recorded = {new: old for new, old in _SPLITS.items() if old in counts.columns and counts[old].is_not_null().any()}
    named = counts.with_columns(pl.col(old).fill_null(_NOT_RECORDED).alias(new) for new, old in recorded.items())
    ends = counts.select(first=pl.col("period").min(), last=pl.col("period").max())
    periods = ends.select(period=pl.date_ranges("first", "last", every)).explode("period")
    if TABLE in counts.columns:
        periods = counts.select(pl.col(TABLE).unique(maintain_order=True)).join(periods, how="cross")
    steps = named.partition_by("step_order", as_dict=True, maintain_order=True)
    for _, step in sorted(steps.items()):
        for level in ("wres", "group"):
            rows = step.filter(level=level)
            present = set(rows["group_name"])
            reference = settings.comparison.reference(level, present)
            if reference is None or reference not in present:
                continue
            stages = step.row(0, named=True)
            for group in display_order(level):
                if group in present - {reference, UNKNOWN}:
                    counts = _side_by_side(rows, periods, group, reference, list(recorded))
                    yield Comparison(level, stages["from_stage"], stages["to_stage"], group, reference, counts)


def judged(
    comparison: Comparison,
    programme: Programme,
    settings: Settings,
    every: Every = "1mo",
    published: AsPublished | None = None,
) -> Judged:
    """Judge a comparison by whole years and, if its counts are by month or quarter, by its series.

    every: the length of a period of its counts. Comparator units are used only if there are counts of them.
    published: further information if the counts are published ones.
    """
    counts = comparison.counts
    units = set(counts["unit"]) if "unit" in counts.columns else set()
    without = sorted(units.intersection(programme.comparator_units))
    with_programme = counts.filter(~pl.col("unit").is_in(without)) if without else counts
    published = published or AsPublished()
    change = _between_years(with_programme, programme, settings, every, published)
    if every == "12mo":
        verdict = yearly_verdict(change, settings)
        return Judged(comparison, change, verdict, published.like, published.comparison)
    effect = programme_effect(counts, programme.start, programme.lead_in_months, settings, without, published)
    series = ratio_series(with_programme, programme.start, settings.trend)
    verdict = yearly_verdict(change, settings, _path(effect))
    return Judged(comparison, change, verdict, published.like, effect.comparison, effect, series)


def _path(effect: ProgrammeEffect | None) -> tuple[Estimate, Estimate] | None:
    main = (effect.within or effect.overall) if effect else None
    return (main.effect, main.trend_before) if main else None


def _between_years(
    counts: pl.DataFrame, programme: Programme, settings: Settings, every: Every, published: AsPublished
) -> YearlyChange | None:
    sums = counts.group_by("period").agg(pl.col(COUNTS).sum())
    compared = sums.filter(pl.col("group_decided") > 0, pl.col("reference_decided") > 0)["period"].to_list()
    years = years_on_each_side(compared, MONTHS[every], programme.start, programme.settled, settings.period)
    if published.years is None:
        return yearly_change(counts, years, settings, published.possible)
    whole = set(published.years.whole)
    before, since = ([year for year in side if year in whole] for side in years)
    change = yearly_change(counts, (before, since), settings, published.possible)
    return replace(change, left_out=published.years.incomplete) if change else None


def with_second_look(yearly: Judged, series: Judged, settings: Settings) -> Judged:
    """Return a judgement from years with the series of another, whose counts are by quarter.

    Where a year's own count is withheld and its quarters' are not, the sum of these replaces it.
    """
    years = max(yearly.years, series.years, key=_number_of_years)
    verdict = yearly_verdict(years, settings, _path(series.effect))
    return replace(yearly, years=years, verdict=verdict, effect=series.effect, series=series.series)


def _number_of_years(change: YearlyChange | None) -> int:
    return sum(map(len, change.years)) if change else 0


def answer_of(judged: Sequence[Judged], settings: Settings) -> Judged:
    """Return the judgement that answers whether the programme worked: the first group at the step chosen by counts.

    judged: as `comparisons` orders them, at least one. If a change of policy's size would be found at no step, the
    verdict is too_few, on the first.
    """
    first = judged[0].comparison
    candidates = [each for each in judged if each.comparison[::3] == (first.level, first.group)]
    length = _lengths([each.comparison for each in candidates])
    chosen = step_by_counts([(length[each.comparison[1:3]], each.years) for each in candidates], settings)
    return replace(judged[0], verdict="too_few") if chosen is None else candidates[chosen]


def _lengths(compared: Sequence[Comparison]) -> dict[tuple[str, str], int]:
    """Return the number of single steps between the stages of each comparison."""
    steps = [(each.from_stage, each.to_stage) for each in compared]
    place = dict.fromkeys((stage for step in steps for stage in step), 0)
    for _ in place:
        for start, end in steps:
            place[end] = max(place[end], place[start] + 1)
    return {(start, end): place[end] - place[start] for start, end in steps}


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
    hidden = pl.any_horizontal(pl.col("decided", "progressed").is_null()).any().over(*periods.columns, *splits)
    counts = both.filter(~hidden).group_by(*periods.columns, *splits, maintain_order=True).agg(**sums)
    filled = periods.join(counts, on=periods.columns, how="left", maintain_order="left")
    # A period of zeros can be given any split: it adds nothing to it.
    any_split = pl.col(splits).forward_fill().backward_fill()
    return filled.with_columns(
        pl.col(list(sums)).fill_null(0), any_split.over(TABLE) if TABLE in periods.columns else any_split
    )
