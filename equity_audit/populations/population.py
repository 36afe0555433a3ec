"""The records that describe a population other than applicants, and the sets of people in it.

A population has one or more sets of people. No sum links the counts of two sets, or of a set and applicants, so each
set is protected separately: staff in post and members of the board; respondents to one question and respondents to
another. Applicants are not such a population: each of their rows has a path of stages.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from equity_audit.contracts import PopulationTables
from equity_audit.disclosure.table.count_table import Part
from equity_audit.disclosure.table.totals_and_parts import TotalsAndParts, totals_and_parts_of
from equity_audit.measures.count_ranges import Count, Measure
from equity_audit.settings import Settings

# Level, breakdown, breakdown_value, group_name.
Place = tuple[str, str, str, str]
# The numbers of each row, in the population's order: exact, or published with the range that they cover.
Numbers = Mapping[Place, tuple[Count, ...]]
# By group, the applicants appointed and those decided on, over the whole path. A group may be missing.
Recruited = Mapping[str, tuple[Count, ...]]
MeasureRow = dict[str, Any]


@dataclass(frozen=True)
class PeopleSet:
    """One set of people of an organisation and period.

    name: under which its protection is recorded. rows: the exact rows that policy publishes. columns: the column of
    each number by the quantity that it counts, which identifies the set in the register of published counts; of two
    numbers, the second counts some of those counted by the first. part: the breakdown and value that all rows of the
    set have in the tables; None if its rows are split by breakdowns. coarser: the part of another split to which each
    part belongs. day: the column that, with organisation and name, decides between equally good choices of protection.
    """

    name: str
    rows: pl.DataFrame
    columns: Mapping[str, str]
    part: Part | None = None
    coarser: Mapping[Part, Part] | None = None
    day: str = "period"

    def people(self) -> TotalsAndParts:
        """Return the counts of the set, with every sum that holds between them."""
        return totals_and_parts_of(self.whole(self.rows), self.columns, self.coarser)

    def whole(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Return the rows as unsplit if the set has a part of its own; otherwise unchanged."""
        unsplit = (pl.lit("all").alias(name) for name in ("breakdown", "breakdown_value"))
        return rows.with_columns(unsplit) if self.part else rows

    def under_its_part(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Return the rows as in the tables: the reverse of `whole`."""
        if self.part is None:
            return rows
        return rows.with_columns(breakdown=pl.lit(self.part[0]), breakdown_value=pl.lit(self.part[1]))


@dataclass(frozen=True)
class Population:
    """A population other than applicants: everything that is specific to it.

    numbers: each number of the shown table, from columns of the exact one. sets: returns the sets of people in exact
    rows (with these numbers) of one organisation and period, as far as policy publishes them. measures: returns rows of
    the measure tables of one organisation, from numbers, applicants, settings and the smallest denominator allowed.
    apart: breakdowns whose values are whole sets. set_names: the names of the sets, or the part before the colon of
    names such as "name: ...". of_applicants: whether measures need counts of applicants too.

    Texts: counting and measuring describe the computations; everybody is the name and meaning of the check that counts
    again, and attack the meaning of the check that attacks.
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
        """Return the sets of people in rows of the exact table of one organisation and period."""
        return list(self.sets(exact.with_columns(**self.numbers), settings))

    def rows_of(self, people_set: PeopleSet, shown: pl.DataFrame) -> pl.DataFrame:
        """Return the rows of the shown table that belong to a set."""
        if people_set.part is None:
            return shown.filter(~pl.col("breakdown").is_in(self.apart))
        breakdown, value = people_set.part
        return people_set.whole(shown.filter(breakdown=breakdown, breakdown_value=value))

    def list_names(self, names: Iterable[str]) -> dict[str, str]:
        """Return the name of each set's list for the analyst: that of the set, or a number if sets are many."""
        return {
            name: name if name in self.set_names else f"{self.tables.name} {number}"
            for number, name in enumerate(names, 1)
        }


def measure_row(name: str, place: Place, measure: Measure) -> MeasureRow:
    """Return a row of the measure tables."""
    level, breakdown, value, group = place
    return {
        "measure": name,
        "level": level,
        "breakdown": breakdown,
        "breakdown_value": value,
        "group_name": group,
        "reference_name": None,
        "value": measure.value,
        "value_low": measure.low,
        "value_high": measure.high,
        "why_not": measure.why_not,
        "value_reason": measure.point_reason,
    }
