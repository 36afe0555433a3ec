"""Rows of the tables workforce_measures: every measure of staff, from exact or published counts.

The statistics are in headcounts.py and projection.py; this module applies them to the tables.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from equity_audit.contracts.workforce import CLINICAL_TIER_STEPS, TIER_STEPS, YEARS
from equity_audit.measures.count_ranges import Count, Figure, Measure, measure
from equity_audit.measures.intervals import Counts, Floats, wilson_interval
from equity_audit.populations.headcounts import TIER_STEPS as STEPS
from equity_audit.populations.headcounts import board_gap, disparity_ratio, leaving_ratio, representation
from equity_audit.populations.points import Part, share, with_point
from equity_audit.populations.population import MeasureRow, Numbers, Place, Recruited, measure_row
from equity_audit.populations.projection import Flows, LongRun, long_run, projection
from equity_audit.settings import Settings
from equity_audit.vocabulary import ALL_STAFF

_ALL, _BOARD = ("all", "all"), ("board", "voting members")
# Exact alone.
_EXECUTIVE = ("board_executive", "executive members")
_NOBODY = Count()


def workforce_measures(staff: Numbers, recruited: Recruited, settings: Settings, fewest: int = 0) -> list[MeasureRow]:
    """Return rows of the measure tables, for one organisation and period.

    staff: those in post, and those in post or left; the second is not known if the source has no leavers. fewest: a
    share or ratio with a smaller denominator is not given. Raises nothing: a figure that cannot be calculated has a
    reason.
    """
    measures = _Measures(staff, recruited, settings, fewest)
    return [
        *measures.shares(),
        *measures.representations(),
        *measures.disparity(),
        *measures.board(),
        *measures.leaving(),
        *measures.settling(),
    ]


class _Measures:
    """The measures of one organisation."""

    def __init__(self, staff: Numbers, recruited: Recruited, settings: Settings, fewest: int) -> None:
        self.staff, self.recruited, self.fewest = staff, recruited, fewest
        self.confidence, self.policy = settings.comparison.confidence, settings.workforce
        self.reference = settings.comparison.reference
        self.disclosure = settings.disclosure
        self.by_year = settings.period.unit == "year"

    def shares(self) -> Iterator[MeasureRow]:
        """Yield each group's share of everybody in a part, including people of unknown ethnicity."""
        for place in self.staff:
            level, breakdown, value, group = place
            # A board has few members, so only the share that the WRES requires is given.
            if level != "all" and (breakdown not in (_BOARD[0], _EXECUTIVE[0]) or group == "BME"):
                counts = [self._post(place), self._enough(self._everybody(breakdown, value))]
                yield measure_row("share", place, self._measure(counts, self._share, share))
                if (breakdown, group) == ("all", "BME"):
                    unknown = self._post(("wres", *_ALL, "Unknown"))
                    with_unknown = self._measure([counts[0], unknown, counts[1]], self._share_with, _share_with)
                    yield measure_row("share_if_unknown_bme", place, with_unknown)

    def representations(self) -> Iterator[MeasureRow]:
        """Yield shares divided by those of the benchmark."""
        for group, benchmark in self.policy.benchmark.items():
            level = "wres" if ("wres", *_ALL, group) in self.staff else "group"
            place = (level, *_ALL, group)
            counts = [self._post(place), self._enough(self._everybody(*_ALL))]

            def ratio(members: int, people: int, benchmark: float = benchmark) -> Figure:
                return representation(members, max(members, people), benchmark, self.confidence)

            # The benchmark is exact, so the ratio is as true as the share.
            yield measure_row("representation", place, self._measure(counts, ratio, share)) | {
                "benchmark_share": benchmark
            }

    def disparity(self) -> Iterator[MeasureRow]:
        """Yield the race disparity ratios, if there are tiers: of all staff, and of clinical and of other staff."""
        tiers = {place[1:3] for place in self.staff}
        for kind, steps, prefix in (
            ("tier", TIER_STEPS, ""),
            ("clinical_tier", CLINICAL_TIER_STEPS, "clinical, "),
            ("clinical_tier", CLINICAL_TIER_STEPS, "other, "),
        ):
            if not any(breakdown == kind and value.startswith(prefix) for breakdown, value in tiers):
                continue
            for lower, higher in STEPS:
                counts = [
                    self._post(("wres", kind, f"{prefix}{tier}", group))
                    for group in ("White", "BME")
                    for tier in (lower, higher)
                ]
                # Both tiers of both groups are denominators.
                ratio = self._measure([self._enough(count) for count in counts], self._disparity, _disparity)
                place = ("wres", steps, f"{prefix}{lower} to {higher}", "BME")
                yield measure_row("race_disparity_ratio", place, ratio) | {"reference_name": "White"}

    def board(self) -> Iterator[MeasureRow]:
        """Yield the gap between those in post and the board: voting members, and executive ones, if there are any."""
        parts = {place[1:3] for place in self.staff}
        for members in (part for part in (_BOARD, _EXECUTIVE) if part in parts):
            sides = [(members, self._everybody(*members)), (_ALL, self._everybody(*_ALL))]
            counts = [c for part, all_ in sides for c in (self._post(("wres", *part, "BME")), self._enough(all_))]
            gap = measure(counts, self._board, "nobody_there")
            shares = [Part(side, share) for side in (counts[:2], counts[2:])]
            yield measure_row("board_gap", ("wres", *members, "BME"), with_point(gap, shares, self.disclosure))

    def leaving(self) -> Iterator[MeasureRow]:
        """Yield the ratio of each group's leaving rate to the reference's."""
        for place in self.staff:
            level, breakdown, _, group = place
            reference = self.reference(level)
            if breakdown != "all" or level not in ("wres", "group") or group == reference:
                continue
            other = (level, *_ALL, str(reference))
            if other in self.staff:
                ratio = self._measure([*self._stayed(place), *self._stayed(other)], self._leaving, _leaving)
            else:
                ratio = Measure(why_not="no_reference_group")
            yield measure_row("leaving_ratio", place, ratio) | {"reference_name": reference}

    def settling(self) -> Iterator[MeasureRow]:
        """Yield the projection of the BME share of those whose ethnicity is known."""
        post = [self._post(("wres", *_ALL, group)) for group in ("BME", "White")]
        known = self._measure([self._enough(count) for count in post], self._share_of_known, _share_of_known)
        yield measure_row("share_of_known", ("wres", *_ALL, "BME"), known) | {"reference_name": "White"}
        counts = self._flows()
        kinds: list[tuple[str, tuple[str, str], Callable[[LongRun], Floats]]] = [
            ("settles_at", _ALL, lambda run: run.settles_at),
            ("settles_at_if_selected_alike", _ALL, lambda run: run.at_parity),
            ("halfway_years", _ALL, lambda run: run.halfway_years),
        ]
        kinds += [
            ("share_in_years", (YEARS, str(years)), lambda run, years=years: run.path[years])  # type: ignore[misc]
            for years in self.policy.projection_years
        ]
        for name, part, chosen in kinds:
            figure = self._measure(
                counts,
                lambda *flows, name=name, chosen=chosen: self._project(name, chosen, *flows),
                lambda *flows, chosen=chosen: chosen(long_run(_flows(*flows), self._years)),
            )
            yield measure_row(name, ("wres", *part, "BME"), figure) | {"reference_name": "White"}

    @property
    def _years(self) -> int:
        return max(self.policy.projection_years, default=1)

    def _measure(
        self, counts: Sequence[Count], formula: Callable[..., Figure | None], point: Callable[..., Floats]
    ) -> Measure:
        """Return a measure; without its value if that, whose formula is `point`, is not true enough."""
        return with_point(measure(counts, formula, "nobody_there"), [Part(counts, point)], self.disclosure)

    def _flows(self) -> Sequence[Count]:
        """Return the counts in the order of _project, or only the reason if some are missing."""
        if not self.by_year:
            return [Count(why_not="not_by_year")]
        if not {"BME", "White"} <= self.recruited.keys():
            return [Count(why_not="no_applicants")]
        sides = [(*self.recruited[group], *self._stayed(("wres", *_ALL, group))) for group in ("BME", "White")]
        return [count for side in sides for count in side]

    def _project(self, name: str, chosen: Callable[[LongRun], Floats], *counts: int) -> Figure | None:
        """Return the chosen figure. counts, of BME then of White: appointed, decided on, in post, in post or left."""
        projected = projection(_flows(*counts), self._years, self.confidence)
        if projected is None:
            return None
        # Only settles_at has a confidence interval: the range of the others comes from rounding alone.
        return projected.settles_at if name == "settles_at" else (float(chosen(projected.run)),) * 3

    def _post(self, place: Place) -> Count:
        return self.staff[place][0] if place in self.staff else _NOBODY

    def _everybody(self, breakdown: str, value: str) -> Count:
        return self._post(("all", breakdown, value, ALL_STAFF))

    def _stayed(self, place: Place) -> tuple[Count, Count]:
        """Return those in post, and those in post or left as a denominator."""
        post, employed = self.staff.get(place, (_NOBODY, _NOBODY))
        return post, self._enough(employed)

    def _enough(self, people: Count) -> Count:
        """Return the count as a denominator."""
        return people.of_at_least(self.fewest)

    def _share(self, members: int, people: int) -> Figure:
        people = max(people, members)
        low, high = wilson_interval(np.array([members]), np.array([people]), self.confidence)
        return (members / people if people else np.nan), float(low[0]), float(high[0])

    def _share_of_known(self, bme: int, white: int) -> Figure:
        return self._share(bme, bme + white)

    def _share_with(self, members: int, unknown: int, people: int) -> Figure:
        return self._share(members + unknown, people)

    def _disparity(self, white: int, white_higher: int, bme: int, bme_higher: int) -> Figure | None:
        return disparity_ratio((white, white_higher), (bme, bme_higher), self.confidence)

    def _board(self, board_bme: int, board: int, bme: int, staff: int) -> Figure:
        return board_gap(board_bme, max(board, board_bme), bme, max(staff, bme), self.confidence)

    def _leaving(self, post: int, employed: int, other_post: int, other_employed: int) -> Figure:
        left, other_left = max(employed - post, 0), max(other_employed - other_post, 0)
        return leaving_ratio(left, max(employed, post), other_left, max(other_employed, other_post), self.confidence)


def _flows(*counts: Any) -> Flows:
    """Return flows from counts of BME, then of White: appointed, decided on, in post, in post or left."""
    (a, n, h, e), (b, m, g, f) = counts[:4], counts[4:]
    left, others_left = np.maximum(e - h, 0), np.maximum(f - g, 0)
    posts = np.maximum(h, left), np.maximum(g, others_left)
    return Flows(a, b, left, others_left, *posts, np.maximum(n, a), np.maximum(m, b))


def _share_with(members: Counts, unknown: Counts, people: Counts) -> Floats:
    return share(members + unknown, people)


def _share_of_known(bme: Counts, white: Counts) -> Floats:
    return share(bme, bme + white)


def _disparity(white: Counts, white_higher: Counts, bme: Counts, bme_higher: Counts) -> Floats:
    ratio: Floats = (white_higher * bme) / (white * bme_higher)
    return ratio


def _leaving(post: Counts, employed: Counts, other_post: Counts, other_employed: Counts) -> Floats:
    return share(employed - post, employed) / share(other_employed - other_post, other_employed)
