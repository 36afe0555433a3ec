"""Small changes of a table that leave every sum as it is: a few applicants end otherwise, or change places.

A change swaps two outcomes: in some rows (`there`) one applicant who ended with the first ends with the second, in
others (`back`) the reverse. Whoever belongs to a row belongs to every wider row too, and to one part of every split; so
the rows of a change are those of one or two applicants, less what both have in common, where nothing changes. That
makes every changed table one of real people: its sums hold by construction.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from equity_audit.disclosure.table.constraints import Ints
from equity_audit.disclosure.table.count_table import LEVELS, CountTable, Part

# Changes drawn for each row that is not split, whether or not it needs any; of them, by one applicant alone.
_UNSPLIT, _ALONE = 100, 50


@dataclass(frozen=True)
class Changes:
    """One change a line. Rows are filled up with `nowhere`, the place behind the last row.

    within_a_split: whether all rows are those of parts of one split: what is not split stays as it is.
    """

    there: Ints
    back: Ints
    within_a_split: bool = False


@dataclass(frozen=True)
class _Ragged:
    """Lists of different lengths, laid end to end."""

    values: Ints
    starts: Ints
    lengths: Ints

    @classmethod
    def of(cls, lists: list[Ints]) -> "_Ragged":
        lengths = np.array([len(each) for each in lists])
        return cls(np.concatenate([*lists, [0]]).astype(np.int64), np.cumsum(lengths) - lengths, lengths)

    def draw(self, places: Ints, random: np.random.Generator) -> Ints:
        """One value of each list in `places`; of an empty list anything."""
        drawn = self.starts[places] + (random.random(len(places)) * self.lengths[places]).astype(np.int64)
        return self.values[np.minimum(drawn, len(self.values) - 1)]


class Moves:
    """The changes of one organisation's tables, set out once and drawn at random as often as wanted."""

    def __init__(self, people: CountTable) -> None:
        at = {row: place for place, row in enumerate(people.rows)}
        self.nowhere = len(people.rows)
        depth = {level: place for place, level in enumerate(LEVELS)}
        wider = {
            part: whole
            for whole, parts in people.ties
            for part in parts
            if people.rows[part].breakdown == people.rows[whole].breakdown == "all"
        }
        unsplit = [place for place, row in enumerate(people.rows) if row.breakdown == "all"]
        finest = [place for place in unsplit if place not in wider.values()]
        # For each finest group, its rows by level; for each split, the same within each part.
        self._whole = np.full((len(finest), len(LEVELS)), self.nowhere)
        for line, place in enumerate(finest):
            for one in _with_wider(place, wider):
                self._whole[line, depth[people.rows[one].level]] = one
        self._parts = []
        self._split, self._part = np.full((2, len(people.rows)), -1)
        for split, parts in enumerate(_splits(people)):
            # Whoever belongs to a part belongs to the part of the coarser split too: its rows stand behind.
            layers = 1 + any(part in people.coarser for part in parts)
            rows = np.full((len(parts), layers, *self._whole.shape), self.nowhere)
            for place, part in enumerate(parts):
                for layer, (breakdown, value) in enumerate(filter(None, (part, people.coarser.get(part)))):
                    for where in np.argwhere(self._whole != self.nowhere):
                        row = people.rows[self._whole[tuple(where)]]
                        found = at.get(row._replace(breakdown=breakdown, breakdown_value=value), self.nowhere)
                        rows[(place, layer, *where)] = found
                        if found != self.nowhere:
                            self._split[found], self._part[found] = split, place
            self._parts.append(np.concatenate([rows[:, layer] for layer in range(layers)], axis=2))
        within = [self._within(at[row._replace(breakdown="all", breakdown_value="all")]) for row in people.rows]
        self._members = _Ragged.of([np.nonzero(mine)[0] for mine, _ in within])
        self._beside = _Ragged.of([np.nonzero(beside)[0] for _, beside in within])

    def draw(self, rows: Ints, random: np.random.Generator) -> Iterator[Changes]:
        """Changes that touch the given rows (some of them more than once, for more changes), by kind."""
        for split, parts in enumerate(self._parts):
            mine = rows[self._split[rows] == split]
            if len(mine):
                part, other = self._part[mine], random.integers(len(parts), size=len(mine))
                one, two = self._members.draw(mine, random), self._beside.draw(mine, random)
                # Two of one group change parts; or two of each of two groups, which leaves the groups as they are.
                yield self._without_common(parts[part, one], parts[other, one], within_a_split=True)
                yield self._crosswise(parts, (part, other), (one, two))
        unsplit = np.nonzero(self._split < 0)[0]
        drawn = np.concatenate([rows[self._split[rows] < 0], random.choice(unsplit, _UNSPLIT * len(unsplit))])
        places = [random.integers(len(parts), size=len(drawn)) for parts in self._parts]
        first = self._of_applicants(self._members.draw(drawn, random), places)
        yield self._without_common(first, self._of_applicants(self._beside.draw(drawn, random), places))
        alone = first[: _ALONE * len(unsplit)]
        yield Changes(alone, np.full_like(alone, self.nowhere))

    def _within(self, place: int) -> tuple[Ints, Ints]:
        """Which finest groups belong to an unsplit row, and which to the next wider one but not to it."""
        mine = (self._whole == place).any(axis=1)
        levels = self._whole[mine.argmax()]
        above = [level for level in levels[: list(levels).index(place)] if level != self.nowhere]
        return mine, (self._whole == above[-1]).any(axis=1) & ~mine if above else np.zeros_like(mine)

    def _of_applicants(self, finest: Ints, places: list[Ints]) -> Ints:
        """All rows that an applicant of each finest group, in those parts of the splits, belongs to."""
        split = (parts[part, finest] for parts, part in zip(self._parts, places, strict=True))
        return np.hstack([self._whole[finest], *split])

    def _crosswise(self, parts: Ints, places: tuple[Ints, Ints], groups: tuple[Ints, Ints]) -> Changes:
        (part, other), (one, two) = places, groups
        different = parts[part, one] != parts[part, two]
        # A coarser part that both parts make up stays as it is.
        different &= parts[part, one] != parts[other, one]
        here, there, mine, yours = (
            np.where(different, rows, self.nowhere)
            for rows in (parts[part, one], parts[other, two], parts[other, one], parts[part, two])
        )
        kept = (part != other) & different.any(axis=1)
        return Changes(np.hstack([here, there])[kept], np.hstack([mine, yours])[kept], within_a_split=True)

    def _without_common(self, first: Ints, second: Ints, *, within_a_split: bool = False) -> Changes:
        common = first == second
        there, back = np.where(common, self.nowhere, first), np.where(common, self.nowhere, second)
        kept = (there != self.nowhere).any(axis=1)
        return Changes(there[kept], back[kept], within_a_split)


def _splits(people: CountTable) -> list[list[Part]]:
    """The parts of each split, but for splits that others make up."""
    coarse = {breakdown for breakdown, _ in people.coarser.values()}
    found: dict[str, dict[Part, None]] = {}
    for row in people.rows:
        if row.breakdown not in ("all", *coarse):
            found.setdefault(row.breakdown, {})[row.breakdown, row.breakdown_value] = None
    return [list(parts) for parts in found.values()]


def _with_wider(place: int, wider: Mapping[int, int]) -> Iterator[int]:
    """A row and all wider ones."""
    yield place
    if place in wider:
        yield from _with_wider(wider[place], wider)
