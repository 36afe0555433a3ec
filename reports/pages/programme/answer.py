"""The first answer on the pages about a programme: verdict, before and after, and what drift would explain it."""

from datetime import date
from math import isfinite, isnan

from equity_audit.programme.comparisons import Judged
from equity_audit.programme.like_posts import going_with_posts
from equity_audit.programme.yearly_change import YearlyChange
from equity_audit.settings import Settings
from reports.figures.printable import (
    between,
    likely_range,
    likeness,
    name,
    number,
    people,
    ratio,
    setting_percent,
    step_name,
    tenth_percent,
    to_stage,
)
from reports.figures.shown_numbers import modelled, modelled_count

_NO_RATIO, _WHEN = "no ratio", ("Before", "Since")


def headline(answer: Judged) -> str:
    """Return the page's title: the first clause of the verdict."""
    return name(answer.sentence.partition(".")[0].partition(":")[0])


def subject(answer: Judged) -> str:
    """Return what the verdict is about, in a sentence."""
    group, reference = people(answer.comparison.group), people(answer.comparison.reference)
    return (
        f"How likely {group} were {to_stage(answer.comparison.to_stage)}, compared with {reference}: "
        f"{step_name(answer.comparison.from_stage, answer.comparison.to_stage).lower()}"
    )


def cards(answer: Judged, about: str = "") -> list[dict[str, str]]:
    """Return the answer in three figures: before, since, and the change. about: put before sums of rounded numbers."""
    change = answer.years
    if change is None:
        return []
    group, reference = people(answer.comparison.group), people(answer.comparison.reference)
    shown = [
        {
            "when": f"{side['when']}, {side['years']}",
            "figure": side["ratio"] if side["ratio"] == _NO_RATIO else _as_likely(side["ratio"]),
            "detail": f"{side['group']} {group} decided on were selected, {side['other']} {reference}",
        }
        for side in sides(answer, about)
    ]
    if isnan(change.change.ratio):
        return shown
    low, high = (modelled(end) for end in (change.change.low, change.change.high))
    return [
        *shown,
        {
            "when": "Since, against before",
            "figure": f"{ratio(modelled(change.change.ratio))} times",
            "detail": f"likely range {likely_range(low, high)}",
        }
        if change.true_enough[2]
        else {
            "when": "Since, against before",
            "figure": _as_range(low, high),
            "detail": "too few for a single figure",
        },
    ]


def _as_range(low: float, high: float) -> str:
    return f"{between(modelled(low), modelled(high) if isfinite(high) else None)} times"


def _as_likely(times: str) -> str:
    return f"{times} as likely" if times.endswith(" times") else f"{times} times as likely"


def sides(judged: Judged, about: str = "") -> list[dict[str, str]]:
    """Return the numbers before and since; `about` as in cards. Empty strings where a side has no year."""
    change = judged.years
    if change is None:
        return [
            {"when": when, "years": "", "ratio": _NO_RATIO, "group": "", "other": ""} for when in ("Before", "Since")
        ]
    return [
        {
            "when": when,
            "years": name(" to ".join(dict.fromkeys(str(day.year) for day in (years[0], years[-1])))),
            "ratio": _side(figures, enough),
            "group": about + _of(*counts[:2]),
            "other": about + _of(*counts[2:]),
        }
        for when, years, figures, enough, counts in zip(
            _WHEN, change.years, (change.before, change.since), change.true_enough[:2], change.counts, strict=True
        )
    ]


def _side(figures: tuple[float, float, float], enough: bool) -> str:
    """Return an impact ratio, or its range in words if it is not true enough to be a single number."""
    value, low, high = figures
    if isnan(value):
        return _NO_RATIO
    return ratio(modelled(value)) if enough else _as_range(low, high)


def beside_the_verdict(answer: Judged, settings: Settings) -> list[str]:
    """Return sentences that belong beside the verdict: what drift would explain it, posts, and what would be found."""
    change = answer.years
    if change is None or answer.verdict == "too_few":
        return []
    clear = answer.verdict.startswith(("rose", "fell"))
    return [
        *(_drift(change, settings) if clear else []),
        *_posts(answer),
        *(_power(change, settings) if not clear else []),
    ]


def _drift(change: YearlyChange, settings: Settings) -> list[str]:
    """Say how steady a drift would explain a clear change."""
    direction = change.change.direction
    policy, way = settings.programme, "rise" if direction > 0 else "fall"
    tried = sorted((policy.drift, *policy.drifts_beside))
    less = [setting_percent(share) for share in tried if share < change.breakdown_drift]
    more = [setting_percent(share) for share in tried if share >= change.breakdown_drift]
    told = [f"A drift of {' or '.join(less)} a year would not explain it"] if less else []
    told += [f"{'one' if less else 'A drift'} of {' or '.join(more)} would"] if more else []
    return [
        f"A steady {way} of {tenth_percent(modelled(change.breakdown_drift))} a year, all along, would explain the "
        f"whole change without any programme. {'; '.join(told)}. "
        + name(
            "Nationally, indicator 2 of the Workforce Race Equality Standard moved by at most 2.1% a year (2019-2023)."
        )
    ]


def _posts(answer: Judged) -> list[str]:
    """Say that a change follows what was advertised, if it does."""
    follows = going_with_posts(answer.like)
    if follows is None:
        return []
    within = follows.within
    return [
        f"Among posts of the same {likeness([follows.alike])} the change is not clear: "
        f"{ratio(modelled(within.ratio))} times (likely range "
        f"{likely_range(modelled(within.low), modelled(within.high))}). It follows the mix of posts advertised."
    ]


def _power(change: YearlyChange, settings: Settings) -> list[str]:
    return [
        f"With these numbers a change to {ratio(modelled(change.detectable))} times would be found "
        f"{setting_percent(settings.comparison.power)} of the time, a smaller one less often."
    ]


def year_name(first: date) -> str:
    """Return a reporting year in a few letters: "2023" if it begins in January, else "2023-24"."""
    return name(f"{first.year}" if first.month == 1 else f"{first.year}-{(first.year + 1) % 100:02}")


def _of(selected: int, decided: int) -> str:
    return f"{number(modelled_count(selected))} of {number(modelled_count(decided))}"
