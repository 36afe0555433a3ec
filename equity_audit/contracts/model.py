"""The classes of table contracts."""

from dataclasses import dataclass, replace
from functools import cached_property

# The meaning of a note on a published count.
NOTE = (
    "why the value is not shown: fewer_than (below the threshold; includes 0 if zeros are suppressed), protects_another "
    "(another count could be inferred from it, or by chance); null if it is shown"
)
NOTES = ("fewer_than", "protects_another")
# Why the range of a figure is shown and the figure itself is not.
TOO_COARSE = "rounding_too_coarse"


@dataclass(frozen=True)
class Column:
    """One column: DuckDB type, meaning in one line, unit if any, and the columns from which it is made.

    values: every value that the column can have, if these are few and fixed; otherwise empty. point_reason: the column
    that says why only the range of this one is shown, for a figure made from rounded counts; otherwise empty.
    """

    name: str
    type: str
    meaning: str
    unit: str = ""
    derived_from: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    point_reason: str = ""


@dataclass(frozen=True)
class Table:
    """One table or view. `grain`: what one row is. `key`: the columns that make it unique."""

    schema: str
    name: str
    grain: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    is_view: bool = False

    @property
    def full_name(self) -> str:
        """The name with its schema, as SQL uses it."""
        return f"{self.schema}.{self.name}"

    @cached_property
    def column_names(self) -> tuple[str, ...]:
        """Names in order."""
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column:
        """Return the column of that name."""
        return self._by_name[name]

    @cached_property
    def _by_name(self) -> dict[str, Column]:
        return {column.name: column for column in self.columns}

    def create_sql(self) -> str:
        """Return the statement that creates the table if it does not exist."""
        columns = ", ".join(f"{column.name} {column.type}" for column in self.columns)
        return f"create table if not exists {self.full_name} ({columns})"


@dataclass(frozen=True)
class PopulationTables:
    """The tables of one kind of people who are counted beside recruitment: staff, answers to a survey.

    received: numbers as their source gave them; the second column of its key is the day that they are of. exact: those
    that count, by period, made by the statement of its name. shown, shown_measures: what is published of them.
    people, numbers: the kind in words, alone ("staff") and as a file's content ("numbers of staff").
    """

    people: str
    numbers: str
    received: Table
    exact: Table
    shown: Table
    shown_measures: Table
    exact_measures: Table | None = None

    @property
    def name(self) -> str:
        """What the kind is called everywhere: as the shape of its files, and in the names of steps."""
        return self.exact.name

    @property
    def day(self) -> str:
        """The column of the day that numbers are of, which decides the reporting period."""
        return self.received.key[1]

    @property
    def view(self) -> str:
        """The view of those received numbers that count, made by the statement of its name."""
        return f"{self.received.schema}.counted_{self.received.name}"

    @property
    def by_period(self) -> tuple[Table, ...]:
        """Every table that is cut by reporting period."""
        exact = (self.exact, self.exact_measures) if self.exact_measures else (self.exact,)
        return (*exact, self.shown, self.shown_measures)


def shown_count(count: Column, source: str) -> tuple[Column, Column]:
    """A count of `source` as it is published, and the note in its place where it is not shown."""
    of = (f"{source}.{count.name}",)
    shown = replace(count, meaning=f"{count.meaning}; rounded", derived_from=of)
    return shown, Column(f"{count.name}_note", "varchar", NOTE, "", of, NOTES)


def points(*columns: Column, of: str) -> tuple[Column, ...]:
    """Return figures made from rounded counts, and the column that says why only their range is shown.

    of: the figure after which that column is named; all of them are shown, or none.
    """
    reason = Column(
        f"{of}_reason",
        "varchar",
        f"{TOO_COARSE}: the range is shown and {of} is not, because too many of the counts that would be published "
        "identically give another figure; null if it is shown, or if nothing is",
        "",
        columns[0].derived_from,
        (TOO_COARSE,),
    )
    return (*(replace(column, point_reason=reason.name) for column in columns), reason)


def passed_on(columns: tuple[Column, ...], source: str) -> tuple[Column, ...]:
    """Return the same columns for a table made from `source`."""
    return tuple(replace(column, derived_from=(f"{source}.{column.name}",)) for column in columns)
