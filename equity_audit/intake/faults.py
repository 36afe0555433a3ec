"""Rules that rows of an export must keep, as SQL: which rows break which rule, and in which column."""

from dataclasses import dataclass

from equity_audit.intake.steps import literal

# What each rule means, in messages and in the list of invalid rows.
RULES = {
    "missing_application_id": "the application has no id",
    "missing_vacancy_id": "the application has no vacancy id",
    "unreadable_date": "a date is not in the mapping's format",
    "missing_applied_date": "the application has no application date",
    "purged": "the application date is before the day up to which records were removed",
    "date_outside_range": "the application date is before the first period covered, or in the future",
    "unreadable_flag": "a stage is neither yes nor no",
    "dates_out_of_order": "a stage has an earlier date than the stage before it",
    "outcome_contradicts_stages": "the outcome contradicts the stages reached",
    "missing_outcome": "the last stage reached has no outcome",
    "duplicate_application": "the application has two rows that differ",
    "duplicate_application_stage": "the application has two rows for one stage that differ",
    "inconsistent_application": "rows of the application differ in vacancy, ethnicity or a detail of the post",
    "application_set_aside": "another row of the same application broke a rule",
}


@dataclass(frozen=True)
class Fault:
    """One rule as SQL: a row of `table` breaks it if `column_sql` gives the name of a column of the file."""

    rule: str
    column_sql: str
    table: str = "suspects"

    def select_sql(self) -> str:
        """Return SQL for the source rows that break the rule."""
        return (
            f"select source_row, '{self.rule}' as rule, {self.column_sql} as column_name "
            f"from {self.table} where {self.column_sql} is not null"
        )


def where(*cases: tuple[str, str]) -> str:
    """Return SQL for the column of the first condition that holds, else null. cases: (condition, file's column)."""
    return f"case {' '.join(f'when {condition} then {literal(column)}' for condition, column in cases)} end"


def faults_sql(faults: list[Fault]) -> str:
    """Return SQL that creates the table of faults: one row for each source row and rule that it breaks."""
    return "create temp table faults as " + " union all ".join(fault.select_sql() for fault in faults)


def suspects_sql(faults: list[Fault], rows: str) -> str:
    """Return SQL that creates the table of the few rows that break any rule, found in one pass over all rows."""
    broken = ", ".join(fault.column_sql for fault in faults if fault.table == "suspects")
    return f"create temp table suspects as select * from {rows} where coalesce({broken}) is not null"
