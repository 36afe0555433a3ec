"""The second look: the verdict on a series, the first that holds, cautious ones first. verdict_words.py has its words.

The gap is the distance of the impact ratio from 1 in either direction: a ratio that rises from 1.2 is less equal.
"""

from collections.abc import Sequence

import numpy as np

from equity_audit.programme.before_after import BeforeAfter
from equity_audit.programme.difference_in_differences import DifferenceInDifferences, NoComparison
from equity_audit.programme.interrupted_series import InterruptedSeries
from equity_audit.programme.like_posts import LikePosts, going_with_posts
from equity_audit.programme.ratio_model import Estimate
from equity_audit.programme.sensitivity import Tried, as_large_without_a_programme
from equity_audit.programme.verdict_words import Verdict


def judge(
    plain: BeforeAfter,
    overall: InterruptedSeries,
    within: InterruptedSeries | None,
    tried: tuple[Sequence[Tried], Sequence[Tried]],
    comparison: DifferenceInDifferences | NoComparison | None,
    like: Sequence[LikePosts] = (),
) -> Verdict:
    """Return the verdict on an effect that could be calculated: the first that holds, cautious ones first.

    It is about the effect among like posts if there is one. `tried`: the effects at placebo dates, and those without
    single quarters; `like`: results for like posts from yearly counts. An effect is clear if its interval excludes 1.
    """
    main = within or overall
    direction = main.effect.direction
    larger = _distance(main.projected.ratio * main.effect.ratio) >= _distance(main.projected.ratio)
    follows = going_with_posts(like) is not None if like else direction == 0 != overall.effect.direction
    holds: dict[Verdict, bool] = {
        "follows_what_was_advertised": follows,
        "improved_before_the_programme": direction == 0 and _was_closing(plain, main),
        "no_clear_change": direction == 0,
        "drifts_by_itself": main.drifts,
        "unusual_changes_without_a_programme": as_large_without_a_programme(main, tried[0]),
        "hangs_on_one_quarter": any(_moves(main.effect, other.effect) for other in tried[1]),
        "worse": larger,
        "improved_like_the_comparators": _likewise(comparison, direction),
        "improved": True,
    }
    return next(verdict for verdict, true in holds.items() if true)


def _moves(effect: Estimate, without: Estimate) -> bool:
    """Return whether leaving something out turns an effect, or moves it by more than one standard error."""
    turned = (without.ratio > 1) != (effect.ratio > 1)
    return turned or abs(float(np.log(without.ratio / effect.ratio))) > effect.log_error


def _was_closing(plain: BeforeAfter, main: InterruptedSeries) -> bool:
    """Return whether the ratio is clearly nearer to 1 than before, and was already clearly moving towards it."""
    (before, *_), (after, *_), (_, low, high) = plain.before, plain.after, plain.change
    clear = low > 1 or high < 1
    towards = 1 if before < 1 else -1
    return clear and _distance(after) < _distance(before) and main.trend_before.direction == towards


def _likewise(comparison: DifferenceInDifferences | NoComparison | None, direction: int) -> bool:
    """Return whether units without the programme, on the same earlier path, changed alike by a similar amount."""
    return (
        isinstance(comparison, DifferenceInDifferences)
        and comparison.comparators.direction == direction
        and comparison.difference.direction == 0
        and comparison.on_the_same_path
    )


def _distance(impact_ratio: float) -> float:
    return abs(float(np.log(impact_ratio)))
