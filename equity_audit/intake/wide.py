"""Exports with one row for each application: a date or a yes or no for each stage, or a status with a known path."""

from equity_audit.details import DETAIL_NAMES
from equity_audit.intake.faults import Fault, faults_sql, suspects_sql, where
from equity_audit.intake.mapping import Mapping
from equity_audit.intake.steps import (
    NOT_FURTHER,
    UNREADABLE,
    Cells,
    filled_sql,
    literal,
    pseudonym_columns,
    received_columns,
    skipped,
)

# The furthest stage of a line that is not an application.
_NO_APPLICATION = -1


def receive_sql(mapping: Mapping, cells: Cells, source: str) -> list[str]:
    """Stream the mapped columns of `source` into core.applications, typed and pseudonymised, in the file's order."""
    stages = range(len(mapping.source.stages))
    columns = received_columns(mapping, cells)
    dates = [cells.date(column) if column else "null::date" for column in mapping.stage_date_columns()]
    if day := mapping.constants.applied_on:
        dates[0] = f"case when {filled_sql(mapping, cells)} then date '{day}' end"
    columns += [f"{date} as date_{order}" for order, date in enumerate(dates)]
    columns += [f"{cells.flag(column)} as flag_{order}" for order, column in _flag_columns(mapping).items()]
    flags = ", ".join(f"flag_{order}" for order in _flag_columns(mapping))
    reached = " ".join(f"when {_reached(mapping, order)} then {order}" for order in reversed(stages))
    return [
        f"""insert into core.applications by name
        select
            $organisation as organisation, $extract_id as extract_id, {pseudonym_columns()},
            ethnicity_code, {_outcome_label(mapping)} as outcome_label, {", ".join(DETAIL_NAMES)}, date_0 as applied_on,
            [{", ".join(f"date_{order}" for order in stages)}] as reached_on,
            {f"[{flags}]" if flags else "null::boolean[]"} as stage_flags,
            (case when {skipped("date_0")} then {_NO_APPLICATION} {reached} end)::tinyint as last_order
        from (select {", ".join(columns)} from {source})"""
    ]


def rows_sql(extract_id: str) -> str:
    """Return the rows just received, for counting."""
    return f"(select * from core.applications where extract_id = {literal(extract_id)})"


def numbered_sql(extract_id: str) -> str:
    """Return the rows just received, with their numbers in the file, whose order DuckDB keeps."""
    rows = f"from core.applications where extract_id = {literal(extract_id)}"
    return f"(select rowid - (select min(rowid) {rows}) + 1 as source_row, * {rows})"


def labelled_sql(extract_id: str) -> str:
    """Return the rows whose labels have a meaning: lines of totals have numbers instead of labels."""
    this_extract = f"extract_id = {literal(extract_id)}"
    return f"(select * from core.applications where {this_extract} and last_order is distinct from {_NO_APPLICATION})"


def sort_sql(mapping: Mapping, extract_id: str, first_rowid: int) -> list[str]:
    """Find duplicates and faults, put them in temporary tables, and delete their rows.

    Ids that occur more than once are in the temporary table repeated_ids, so only their rows are compared.
    """
    content = [
        "vacancy_id",
        "candidate_id",
        "ethnicity_code",
        "outcome_label",
        *DETAIL_NAMES,
        "reached_on",
        "stage_flags",
    ]
    this_extract = f"extract_id = {literal(extract_id)}"
    candidates = f"""(
        select a.*, a.rowid - {first_rowid} + 1 as source_row, l.outcome
        from core.applications as a
            left join intake.outcome_labels as l on l.{this_extract} and l.label = coalesce(a.outcome_label, '')
        where a.{this_extract} and a.last_order is distinct from {_NO_APPLICATION}
    )"""
    faults = _faults(mapping)
    return [
        *([_status_sql(this_extract)] if mapping.source.shape == "status" else []),
        f"""create temp table repeats as
            select application_id, min(source_row) as first_row, count(distinct row({", ".join(content)})) as versions
            from {candidates} semi join repeated_ids using (application_id)
            group by all""",
        suspects_sql(faults, candidates),
        f"""create temp table repeated as
            select source_row, first_row, versions from {candidates} join repeats using (application_id)""",
        faults_sql(faults),
        f"""create temp table ignored as
            select rowid - {first_rowid} + 1 as source_row from core.applications
            where {this_extract} and last_order = {_NO_APPLICATION}
            union all
            select source_row from repeated anti join faults using (source_row)
            where versions = 1 and source_row <> first_row""",
        f"""delete from core.applications where {this_extract} and rowid in (
            select source_row + {first_rowid} - 1 from (select source_row from faults union all from ignored)
        )""",
    ]


def filled_in_sql(mapping: Mapping) -> str:
    """Return a condition on core.applications: a later stage proves an earlier one that the source does not show."""
    if mapping.source.shape == "status":
        return "false"
    shown = "list_count(reached_on[:last_order + 1]) - 1"
    if mapping.stage_flags:
        shown = "len(list_filter(stage_flags[:last_order], lambda flag: flag))"
    return f"last_order > 0 and {shown} < last_order"


def _status_sql(this_extract: str) -> str:
    """Set the furthest stage to the one that the status proves."""
    return f"""update core.applications set last_order = l.last_order from intake.outcome_labels as l
        where core.applications.{this_extract} and l.{this_extract} and l.label = coalesce(outcome_label, '')
            and core.applications.last_order is distinct from {_NO_APPLICATION}"""


def _outcome_label(mapping: Mapping) -> str:
    """Return SQL for the outcome label: as received, or by the stages reached if no column has outcomes."""
    if not mapping.source.without_outcome:
        return "outcome_label"
    last = len(mapping.source.stages) - 1
    further = f"case when not coalesce({_reached(mapping, last)}, false) then {literal(NOT_FURTHER)} end"
    return f"coalesce(outcome_label, {further})"


def _reached(mapping: Mapping, order: int) -> str:
    """Return SQL for whether the row itself shows that a stage was reached."""
    if order in _flag_columns(mapping):
        return f"flag_{order}"
    return f"date_{order} is not null"


def _flag_columns(mapping: Mapping) -> dict[int, str]:
    """Return the yes or no column of each stage, by the stage's order."""
    return dict(enumerate(mapping.stage_flags.values(), start=1))


def _faults(mapping: Mapping) -> list[Fault]:
    columns, last = mapping.columns, len(mapping.source.stages) - 1
    outcome = columns.outcome or ", ".join(mapping.outcome_columns.values())
    dates = mapping.stage_date_columns()
    dated = [(f"reached_on[{order + 1}]", column) for order, column in enumerate(dates) if column]
    finite = [f"nullif(reached_on[{order + 1}], {UNREADABLE})" for order in range(len(dates))]
    shown = [(order, column) for order, column in enumerate(dates) if column and order]
    # Most applications end at the first stage: checking the furthest stage first halves the time.
    backwards = [
        (f"last_order >= {k} and {finite[k]} < greatest({', '.join([finite[0], *finite[:k]])})", column)
        for k, column in shown
    ]
    unread = [(f"stage_flags[{k}] is null", column) for k, column in _flag_columns(mapping).items()]
    applied = mapping.stage_date_columns()[0] or "(none: constants.applied_on)"
    contradiction = (
        f"(outcome = 'progressed' and last_order < {last}) or (outcome <> 'progressed' and last_order = {last})"
    )
    outside = (
        f"(applied_on > $today and applied_on <> {UNREADABLE}) "
        "or (applied_on < $earliest and applied_on >= $purged_before)"
    )
    no_outcome = f"outcome is null and coalesce(last_order < {last}, applied_on is not null)"
    return [
        Fault("missing_application_id", where(("application_id is null", columns.application_id))),
        Fault("missing_vacancy_id", where(("vacancy_id is null", columns.vacancy_id))),
        Fault(
            "unreadable_date",
            f"case when list_contains(reached_on, {UNREADABLE}) then "
            f"{where(*((f'{day} = {UNREADABLE}', column) for day, column in dated))} end",
        ),
        Fault("missing_applied_date", where(("applied_on is null", applied))),
        Fault("purged", where(("applied_on < $purged_before", applied))),
        Fault("date_outside_range", where((outside, applied))),
        *([Fault("unreadable_flag", where(*unread))] if unread else []),
        *([Fault("dates_out_of_order", where(*backwards))] if backwards else []),
        Fault("missing_outcome", where((no_outcome, outcome))),
        Fault("outcome_contradicts_stages", where((contradiction, outcome))),
        Fault("duplicate_application", where(("versions > 1", columns.application_id)), "repeated"),
    ]
