"""What all shapes of export share on the way from a file to core.applications, as small SQL steps.

The steps run in order inside one transaction: rows are read, their labels matched, and what cannot be used is sorted
out. A file with a row per application streams straight into core.applications and its few bad rows are deleted again,
which is several times faster than keeping all rows aside first.
Identifiers of the export are quoted here and nowhere else; its values are never part of a statement.
"""

from dataclasses import dataclass
from datetime import date

from equity_audit.details import TEXT_DETAILS
from equity_audit.intake.mapping import Mapping
from equity_audit.intake.pseudonyms import pseudonym_sql
from equity_audit.vocabulary import race_named

# What each rule means, for people: set-aside rows carry the rule's name.
RULES = {
    "missing_application_id": "the application has no id",
    "missing_vacancy_id": "the application has no vacancy id",
    "unreadable_date": "a date cannot be read in the mapping's format",
    "missing_applied_date": "the application has no date of applying",
    "purged": "the application is from before the day up to which records were removed",
    "date_outside_range": "the date of applying is before the first period covered or in the future",
    "unreadable_flag": "a stage is neither yes nor no",
    "dates_out_of_order": "a stage is dated before the one before it",
    "outcome_contradicts_stages": "the outcome does not fit the stages reached",
    "missing_outcome": "the last stage reached has no outcome",
    "duplicate_application": "two different rows for one application",
    "duplicate_application_stage": "two different rows for one application and stage",
    "inconsistent_application": "rows of one application differ in vacancy, ethnicity or a detail of the post",
    "application_set_aside": "another row of the same application broke a rule",
}


# What cannot be read as a date is kept as this until its row is set aside: null means that there is no date.
UNREADABLE = "date 'infinity'"


@dataclass(frozen=True)
class Fault:
    """One rule as SQL: rows of `table` for which `column_sql` gives the name of a column of the file break it."""

    rule: str
    column_sql: str
    table: str = "suspects"

    def select_sql(self) -> str:
        """Source rows that break the rule."""
        return (
            f"select source_row, '{self.rule}' as rule, {self.column_sql} as column_name "
            f"from {self.table} where {self.column_sql} is not null"
        )


def where(*cases: tuple[str, str]) -> str:
    """SQL that gives the column of the first condition that holds, else null: (condition, column of the file)."""
    return f"case {' '.join(f'when {condition} then {literal(column)}' for condition, column in cases)} end"


def quoted(identifier: str) -> str:
    """A column name of the export as an SQL identifier."""
    return '"' + identifier.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


# How several answers about one person's ethnicity stand in one label.
ANSWERS_APART, HISPANIC_BESIDE = "; ", "Hispanic or Latino? "

# A day with a time and a zone, in capitals: Z, UTC, GMT, BST or a difference in hours. And one with any other zone.
_ISO_DAY = r"^\d{4}-\d\d-\d\d"
_ZONED = r"^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(?::\d\d(?:[.,]\d+)?)?( ?(?:Z|UTC|GMT|BST|[+-]\d\d(?::?\d\d)?))(?:\[.*\])?$"
_OTHER_ZONE = r"[T ]\d\d:\d\d.*(?:[A-LN-Z]|[^AP]M|[A-Z/]{3,}.*|\])$"

YES = ("yes", "y", "true", "t", "1", "x")
NO = ("no", "n", "false", "f", "0")


@dataclass(frozen=True)
class Cells:
    """How single cells of an export are read, as SQL expressions.

    `types`: the columns with DuckDB's types, all text but for Parquet. `serial_epoch`: a workbook may hold a day as the
    number of days since this one. `time_zone`: a moment that is given with its zone belongs to the day there; without a
    time zone it cannot be read.
    """

    types: dict[str, str]
    date_format: str
    blanks: tuple[str, ...]
    serial_epoch: date | None = None
    time_zone: str | None = None

    def text(self, column: str) -> str:
        """A column as trimmed text; null where it is blank or one of the words for blank."""
        cell = quoted(column) if self.types[column] == "VARCHAR" else f"{quoted(column)}::varchar"
        # Most cells need no trimming, and looking first costs a quarter of trimming them all.
        trimmed = f"case when {cell} <= '!' or ends_with({cell}, ' ') then trim({cell}) else {cell} end"
        # Compared one by one: DuckDB makes a join of a longer IN, which is slow and loses the order of the file.
        filled = " and ".join(f"{trimmed} <> {literal(word)}" for word in ("", *self.blanks))
        return f"case when {filled} then {trimmed} end"

    def label(self, column: str) -> str:
        """A column as it stands: labels are trimmed when their few different values are matched."""
        return quoted(column) if self.types[column] == "VARCHAR" else f"{quoted(column)}::varchar"

    def flag(self, column: str) -> str:
        """A yes or no as a boolean: blank is no, and what is neither is null."""
        word = f"lower({self.text(column)})"
        yes, no = ("[" + ", ".join(map(literal, words)) + "]" for words in (YES, NO))
        return (
            f"case when {word} is null or list_contains({no}, {word}) then false "
            f"when list_contains({yes}, {word}) then true end"
        )

    def date(self, column: str) -> str:
        """A column as a date; null where it is blank, UNREADABLE where it is not a date in the mapping's format."""
        if self.types[column] == "TIMESTAMP WITH TIME ZONE":
            return self._local_day(quoted(column))
        if self.types[column].startswith(("DATE", "TIMESTAMP")):
            return f"{quoted(column)}::date"
        cell, text = (
            quoted(column) if self.types[column] == "VARCHAR" else f"{quoted(column)}::varchar",
            self.text(column),
        )
        moment = self.moment(text)
        if self.date_format == "%Y-%m-%d":
            # The general parser is five times slower than the cast, and ISO dates are what most files have. The cast
            # reads 2023-06-1 too, which is what is left of 2023-06-10 at the end of a file that was cut off. It also
            # reads over whatever stands behind the day, so that zones are looked for first.
            plain = f"when length({cell}) = 10 then try_cast({cell} as date)"
            day = f"case when length({cell}) > 10 then {moment} {plain} end"
        elif "%z" in self.date_format:
            zoned = f"regexp_replace({text}, '(?i) ?(?:z|utc|gmt)$', '+00:00')"
            day = self._local_day(f"try_strptime({zoned}, {literal(self.date_format)})")
        else:
            day = f"try_strptime({text}, {literal(self.date_format)})::date"
        if self.serial_epoch:
            number = f"try_cast({text} as double)"
            serial = f"date '{self.serial_epoch}' + floor({number})::int"
            serial = f"case when {number} between 18000 and 80000 then {serial} end"
            # A cell that is a date comes as ISO text whatever the mapping says of typed ones.
            written = f"case when regexp_matches({text}, '{_ISO_DAY}') then {moment} end"
            day = f"coalesce({written}, {serial}, {day})"
        return (
            f"case when {cell} is not null then coalesce({day}, case when {text} is not null then {UNREADABLE} end) end"
        )

    def moment(self, text: str) -> str:
        """SQL: the day of an ISO date with a time behind it, in the mapping's time zone where it has a zone of its own.

        Null where the zone is none that is read: names such as IST or EST mean several, and are not guessed at.
        """
        canonical = f"regexp_replace(upper({text}), '{_ZONED}', '\\1 \\2:00\\3')"
        utc = f"regexp_replace(regexp_replace({canonical}, ' ?(Z|UTC|GMT)$', '+00'), ' ?BST$', '+01')"
        zoned = self._local_day(f"try_cast(replace({utc}, '00 +', '00+') as timestamptz)")
        # What most software writes is read by the cast alone, without five looks at each cell.
        usual = self._local_day(f"try_cast({text} as timestamptz)")
        return (
            f"case when ends_with({text}, 'Z') and length({text}) = 20 then coalesce({usual}, {zoned}) "
            f"when regexp_matches(upper({text}), '{_ZONED}') then {zoned} "
            f"when not regexp_matches(upper({text}), '{_OTHER_ZONE}') then try_cast({text} as date) end"
        )

    def zoned(self, column: str) -> str:
        """SQL: whether a cell has a moment with its zone; true for a whole column of Parquet's own kind."""
        if self.types[column] == "TIMESTAMP WITH TIME ZONE":
            return f"{quoted(column)} is not null"
        if self.types[column] != "VARCHAR":
            return "false"
        text = self.text(column)
        by_format = "true" if "%z" in self.date_format else f"regexp_matches(upper({text}), '{_ZONED}')"
        return f"coalesce(length({quoted(column)}) > 10 and {by_format}, false)"

    def _local_day(self, moment: str) -> str:
        return f"({moment} at time zone {literal(self.time_zone)})::date" if self.time_zone else "null::date"


def skipped(day: str) -> str:
    """SQL: a line of blanks or of totals is no application. It is counted as ignored, its labels are not read.

    A line that has a day of its own is an application, however little else it has: it breaks a rule and is listed.
    """
    return (
        "(coalesce(lower(application_key) in ('total', 'totals', 'grand total'), false) or (vacancy_key is null "
        "and coalesce(trim(ethnicity_code), '') = '' and coalesce(trim(outcome_label), '') = '' "
        f"and not coalesce(isfinite({day}), false)))"
    )


def ethnicity_sql(mapping: Mapping, cells: Cells) -> str:
    """SQL: the label of ethnicity as received; where several columns ask for it, one label of all their answers.

    labels.py takes such a label apart again. A tick under a race's name is that race.
    """
    columns = mapping.columns
    if not (columns.hispanic or columns.more_races):
        return cells.label(columns.ethnicity)
    yes, no = ("[" + ", ".join(map(literal, words)) + "]" for words in (YES, NO))
    parts = []
    for column in (columns.ethnicity, *columns.more_races):
        text = cells.text(column)
        if columns.more_races:
            ticked = f"list_contains({yes}, lower({text})) then {literal(race_named(column))}"
            text = f"case when {ticked} when not list_contains({no}, lower({text})) then {text} end"
        parts.append(text)
    if columns.hispanic:
        parts.append(f"{literal(HISPANIC_BESIDE)} || {cells.text(columns.hispanic)}")
    return f"nullif(concat_ws({literal(ANSWERS_APART)}, {', '.join(parts)}), '')"


def received_columns(mapping: Mapping, cells: Cells) -> list[str]:
    """The select list of ids, labels and details, as text: a typed null where the export has no such column."""
    columns = mapping.columns.model_dump()
    named = {
        "application_key": mapping.columns.application_id,
        "candidate_key": mapping.columns.candidate_id,
        "vacancy_key": mapping.columns.vacancy_id,
        **{name: columns[name] for name in TEXT_DETAILS},
    }
    flag = mapping.columns.ring_fenced
    return [
        *(f"{cells.text(column) if column else 'null::varchar'} as {name}" for name, column in named.items()),
        f"{ethnicity_sql(mapping, cells)} as ethnicity_code",
        f"{cells.label(mapping.columns.outcome)} as outcome_label",
        f"{cells.flag(flag) if flag else 'null::boolean'} as ring_fenced",
    ]


def faults_sql(faults: list[Fault]) -> str:
    """All rules in one table: one row per source row and rule."""
    return "create temp table faults as " + " union all ".join(fault.select_sql() for fault in faults)


def suspects_sql(faults: list[Fault], rows: str) -> str:
    """The few rows that break any of the rules, found in one pass over all."""
    broken = ", ".join(fault.column_sql for fault in faults if fault.table == "suspects")
    return f"create temp table suspects as select * from {rows} where coalesce({broken}) is not null"


def pseudonym_columns() -> str:
    """The select list that replaces the ids. Nothing downstream sees the keys themselves."""
    return ", ".join(
        f"{pseudonym_sql(kind, f'{kind}_key')} as {kind}_id" for kind in ("application", "candidate", "vacancy")
    )
