"""The first answer on a programme: which step it is about, and the verdict on its change (words: verdict_words.py)."""

from collections.abc import Sequence

from equity_audit.programme.ratio_model import Estimate
from equity_audit.programme.verdict_words import YEARLY_SENTENCES, YearlyVerdict
from equity_audit.programme.yearly_change import YearlyChange
from equity_audit.settings import Settings
from equity_audit.wording import ratio


def yearly_verdict(
    change: YearlyChange | None, settings: Settings, path: tuple[Estimate, Estimate] | None = None
) -> YearlyVerdict:
    """Return the verdict on a change between years: the first that holds.

    - too_few: fewer than settings.programme.least_selected selected in one of the four cells, or fewer than
      settings.programme.least_years on a side
    - about_the_same: the whole range lies within four fifths to five fourths
    - cannot_tell: the range holds 1
    - rose_..., fell_...: already on its way, if the earlier path was clearly going there and has not clearly been left;
      beyond its path, if it clearly has been left; beyond drifts, if the breakdown drift is settings.programme.drift or
      more; otherwise a drift is possible

    path: from the series by month or quarter, the effect and the trend before; None if there is no series.
    """
    policy = settings.programme
    if change is None or min(map(len, change.years)) < policy.least_years:
        return "too_few"
    numerator, denominator = settings.comparison.four_fifths
    usual = change.change.low >= numerator / denominator and change.change.high <= denominator / numerator
    direction = change.change.direction
    effect, trend = (estimate.direction for estimate in path) if path else (0, 0)
    holds: dict[YearlyVerdict, bool] = {
        "too_few": change.fewest_selected < policy.least_selected,
        "about_the_same": usual,
        "cannot_tell": direction == 0,
        **_of_direction(direction > 0, trend == direction, effect == direction),
        "rose_beyond_drifts" if direction > 0 else "fell_beyond_drifts": change.breakdown_drift >= policy.drift,
        "rose_or_drifted" if direction > 0 else "fell_or_drifted": True,
    }
    return next(verdict for verdict, true in holds.items() if true)


def _of_direction(rose: bool, was_on_its_way: bool, left_its_path: bool) -> dict[YearlyVerdict, bool]:
    """Return whether the verdicts by the earlier path hold."""
    already, beyond = was_on_its_way and not left_its_path, left_its_path
    if rose:
        return {"rose_already_rising": already, "rose_beyond_its_path": beyond}
    return {"fell_already_falling": already, "fell_beyond_its_path": beyond}


def yearly_sentence(verdict: YearlyVerdict, change: YearlyChange | None) -> str:
    """Return the verdict in words."""
    if change is None:
        return YEARLY_SENTENCES[verdict]
    return YEARLY_SENTENCES[verdict].format(
        low=ratio(change.change.low),
        high=ratio(change.change.high),
        sides=f": {ratio(change.before[0])} to {ratio(change.since[0])}" if all(change.true_enough[:2]) else "",
        drift=f"{change.breakdown_drift:.1%}",
    )


def step_by_counts(spans: Sequence[tuple[int, YearlyChange | None]], settings: Settings) -> int | None:
    """Return the index of the step that is the answer, as counts decide it and never what is found.

    spans: the number of single steps that each has, and its change. As many steps as possible at once, so that a change
    of policy's size would be found over them, so few years being allowed for, or else if years differed by chance
    alone; of equally long ones the first at which chance alone would not hide it. None if there is none: too few to
    tell.
    """
    most = settings.programme.detectable_change
    known = [(steps, change) for steps, change in spans if change]
    surely = [steps for steps, change in known if change.detectable <= most]
    longest = max(surely or [steps for steps, change in known if change.detectable_by_chance <= most], default=0)
    found = (
        index
        for index, (steps, change) in enumerate(spans)
        if change and steps == longest and change.detectable_by_chance <= most
    )
    return next(found, None)
