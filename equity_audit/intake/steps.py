"""What both shapes of export share on the way from a file to core rows, as small SQL steps.

The steps run in order inside one transaction and leave temporary tables:
`incoming` (the mapped columns as read) -> `candidates` (typed, labels joined) -> `repeats`, `faults` -> core rows.
Identifiers of the export are quoted here and nowhere else; its values are never part of a statement.
"""

from dataclasses import dataclass

from equity_audit.intake.mapping import OPTIONAL_COLUMNS, Mapping
from equity_audit.intake.pseudonyms import pseudonym_sql

# What each rule means, for people: set-aside rows carry the rule's name.
RULES = {
    "missing_application_id": "the application has no id",
    "missing_vacancy_id": "the application has no vacancy id",
    "unreadable_date": "a date cannot be read in the mapping's format",
    "missing_applied_date": "the application has no date of applying",
    "date_outside_range": "the date of applying is before the first period covered or in the future",
    "unreadable_flag": "a stage is neither yes nor no",
    "stage_gap": "a stage was reached without the one before it",
    "dates_out_of_order": "a stage is dated before the one before it",
    "outcome_contradicts_stages": "the outcome does not fit the stages reached",
    "missing_outcome": "the last stage reached has no outcome",
    "duplicate_application": "two different rows for one application",
    "duplicate_application_stage": "two different rows for one application and stage",
    "inconsistent_application": "rows of one application differ in vacancy, ethnicity or a detail of the post",
    "application_set_aside": "another row of the same application broke a rule",
}


# The readers keep the order of the file. DuckDB's own rowid will not do: it is offset while a transaction is open.
ROW_NUMBER = "row_number() over () as source_row"


@dataclass(frozen=True)
class Fault:
    """One rule as SQL: rows of `table` for which `column_sql` gives the name of a column of the file break it."""

    rule: str
    column_sql: str
    table: str = "candidates"

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


_YES = ("yes", "y", "true", "t", "1", "x")
_NO = ("no", "n", "false", "f", "0")


@dataclass(frozen=True)
class Cells:
    """How single cells of an export are read, as SQL expressions.

    `types`: the columns with DuckDB's types, all text but for Parquet. `serial_dates`: a workbook may hold a day as the
    number of days since 30 December 1899.
    """

    types: dict[str, str]
    date_format: str
    blanks: tuple[str, ...]
    serial_dates: bool = False

    def text(self, column: str) -> str:
        """A column as trimmed text; null where it is blank or one of the words for blank."""
        trimmed = f"trim({quoted(column)}::varchar)"
        blanks = ", ".join(literal(word) for word in ("", *self.blanks))
        return f"case when {trimmed} not in ({blanks}) then {trimmed} end"

    def flag(self, column: str) -> str:
        """A yes or no as a boolean: blank is no, and what is neither is null."""
        word = f"lower({self.text(column)})"
        yes, no = (", ".join(map(literal, words)) for words in (_YES, _NO))
        return f"case when {word} in ({yes}) then true when {word} is null or {word} in ({no}) then false end"

    def date(self, column: str) -> str:
        """A column as a date: already one in Parquet, else read in the mapping's format; null where unreadable."""
        if self.types[column].startswith(("DATE", "TIMESTAMP")):
            return f"{quoted(column)}::date"
        if self.date_format == "%Y-%m-%d":
            # The general parser is five times slower than the cast, and ISO dates are what most files have.
            day = f"try_cast({self.text(column)} as date)"
        else:
            day = f"try_strptime({self.text(column)}, {literal(self.date_format)})::date"
        if self.serial_dates:
            number = f"try_cast({self.text(column)} as double)"
            serial = f"case when {number} between 20000 and 80000 then date '1899-12-30' + floor({number})::int end"
            # A cell that is a date comes as ISO text whatever the mapping says of typed ones.
            day = f"coalesce(try_cast({self.text(column)} as timestamp)::date, {serial}, {day})"
        return day


# A line of blanks or of totals is no application. It is counted as ignored.
SKIPPED = (
    "coalesce(lower(application_key) in ('total', 'totals', 'grand total'), vacancy_key is null "
    "and ethnicity_label = '' and outcome_label = '')"
)


def attribute_columns(mapping: Mapping, cells: Cells) -> list[str]:
    """The select list of the post's details: a typed null where the export has no such column."""
    columns = mapping.columns.model_dump()
    return [f"{cells.text(columns[name]) if columns[name] else 'null::varchar'} as {name}" for name in OPTIONAL_COLUMNS]


def identity_columns(mapping: Mapping, cells: Cells) -> list[str]:
    """The select list of ids and ethnicity, the same in both shapes."""
    return [
        f"{cells.text(mapping.columns.application_id)} as application_key",
        f"{cells.text(mapping.columns.vacancy_id)} as vacancy_key",
        f"coalesce({cells.text(mapping.columns.ethnicity)}, '') as ethnicity_label",
        f"coalesce({cells.text(mapping.columns.outcome)}, '') as outcome_label",
    ]


def faults_sql(faults: list[Fault]) -> str:
    """All rules in one table: one row per source row and rule."""
    return "create temp table faults as " + " union all ".join(fault.select_sql() for fault in faults)


def repeats_sql(key: str, content: list[str]) -> str:
    """Keys that stand on several rows, the first of them, and how many different `content` they have."""
    return f"""create temp table repeats as
        select {key}, min(source_row) as first_row, count(distinct row({", ".join(content)})) as versions
        from candidates semi join (select {key} from candidates group by all having count(*) > 1) using ({key})
        group by all"""


def core_rows_sql(rows: str) -> str:
    """Insert accepted rows into core.applicant_stages.

    `rows` is a query with the two pseudonyms, stage, stage_order, reached_on, outcome, ethnicity_label, the post's
    details, applied_on and source_row.
    """
    attributes = ", ".join(f"r.{name}" for name in OPTIONAL_COLUMNS)
    return f"""
        insert into core.applicant_stages by name
        select
            $organisation as organisation, r.vacancy_id, r.application_id, r.stage,
            r.stage_order::tinyint as stage_order, r.reached_on, r.outcome,
            nullif(r.ethnicity_label, '') as ethnicity_code, e.category as ethnicity_category,
            e.ethnic_group as ethnicity_group, e.wres as wres_group,
            {attributes}, r.applied_on, r.source_row, $extract_id as extract_id
        from {rows} as r join ethnicity_labels as e on e.label = r.ethnicity_label"""


def pseudonym_columns() -> str:
    """The select list that replaces the two ids. Nothing downstream sees the keys themselves."""
    return (
        f"{pseudonym_sql('application', 'application_key')} as application_id, "
        f"{pseudonym_sql('vacancy', 'vacancy_key')} as vacancy_id"
    )
