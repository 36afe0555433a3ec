"""One shape for everybody who is counted beside recruitment: what a kind of people, and a set of them, is.

A kind has one or more sets of people. No sum holds between two sets, nor between a set and applicants, so each is
protected by itself: staff in post and the board's members; those who answered one question and those who answered
another. Applicants are no such kind: a row of theirs has a whole path of stages.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from equity_audit.contracts import PopulationTables
from equity_audit.disclosure.table.count_table import Part
from equity_audit.disclosure.table.totals_and_parts import CountedPeople, people_counted
from equity_audit.measures.count_ranges import Count, Measure
from equity_audit.settings import Settings

# Level, breakdown, part of it, group.
Place = tuple[str, str, str, str]
# Of each row the numbers of its kind, in the kind's order: exact, or with all that they stand for.
Numbers = Mapping[Place, tuple[Count, ...]]
# Of applicants by group: appointed of those decided on, and these, over the whole path. None: no such group.
Recruited = Mapping[str, tuple[Count, ...]]
MeasureRow = dict[str, Any]


@dataclass(frozen=True)
class PeopleSet:
    """One set of people of an organisation and period.

    name: what its protection is recorded under. rows: the exact ones that policy publishes. columns: the column of each
    number by what it counts, which tells the set from others in the register of published counts; of two numbers the
    second counts some of the first. part: the breakdown and the part of it that the whole set stands under; None where
    its rows are told apart by splits. coarser: parts of a split that make up a part of another. day: the column that,
    with organisation and name, settles which of equal choices its protection makes.
    """

    name: str
    rows: pl.DataFrame
    columns: Mapping[str, str]
    part: Part | None = None
    coarser: Mapping[Part, Part] | None = None
    day: str = "period"

    def people(self) -> CountedPeople:
        """The people set out, with every sum that holds between them."""
        return people_counted(self.whole(self.rows), self.columns, self.coarser)

    def whole(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Rows of the set with nothing split, where the whole of it stands under a part."""
        unsplit = (pl.lit("all").alias(name) for name in ("breakdown", "breakdown_value"))
        return rows.with_columns(unsplit) if self.part else rows

    def under_its_part(self, rows: pl.DataFrame) -> pl.DataFrame:
        """The reverse: rows as they stand in the tables."""
        if self.part is None:
            return rows
        return rows.with_columns(breakdown=pl.lit(self.part[0]), breakdown_value=pl.lit(self.part[1]))


@dataclass(frozen=True)
class Population:
    """A kind of people who are counted beside recruitment: all that is not done alike for every kind.

    numbers: each number of the shown table, from columns of the exact one. sets: the sets of people in exact rows (with
    these numbers) of one organisation and period, as far as policy publishes them. measures: rows of the measure
    tables, of one organisation, from numbers, applicants, settings and the fewest people that are a denominator.
    apart: breakdowns under whose parts a whole set stands. set_names: of the sets; of sets that are named "name: ..."
    what stands before the colon. of_applicants: whether measures need recruitment too.

    In words: counting and measuring say what is done, everybody (name and meaning) what the second count makes sure of,
    attack what the attack does.
    """

    tables: PopulationTables
    numbers: Mapping[str, pl.Expr]
    sets: Callable[[pl.DataFrame, Settings], Iterable[PeopleSet]]
    measures: Callable[[Numbers, Recruited, Settings, int], list[MeasureRow]]
    apart: tuple[str, ...]
    set_names: tuple[str, ...]
    counting: str
    everybody: tuple[str, str]
    attack: str
    measuring: str = ""
    of_applicants: bool = False

    def people_sets(self, exact: pl.DataFrame, settings: Settings) -> list[PeopleSet]:
        """The sets of people in rows of the exact table of one organisation and period."""
        return list(self.sets(exact.with_columns(**self.numbers), settings))

    def rows_of(self, one: PeopleSet, shown: pl.DataFrame) -> pl.DataFrame:
        """The rows of the shown table that are about a set."""
        if one.part is None:
            return shown.filter(~pl.col("breakdown").is_in(self.apart))
        return one.whole(shown.filter(breakdown=one.part[0], breakdown_value=one.part[1]))

    def list_names(self, names: Iterable[str]) -> dict[str, str]:
        """What the analyst's lists of sets are called: as the set, or by the kind and a number where sets are many."""
        return {
            name: name if name in self.set_names else f"{self.tables.name} {place}"
            for place, name in enumerate(names, 1)
        }


def measure_row(name: str, place: Place, found: Measure) -> MeasureRow:
    """A row of the measure tables."""
    level, breakdown, value, group = place
    return {
        "measure": name,
        "level": level,
        "breakdown": breakdown,
        "breakdown_value": value,
        "group_name": group,
        "reference_name": None,
        "value": found.value,
        "value_low": found.low,
        "value_high": found.high,
        "why_not": found.why_not,
    }
