"""A long export: one row per application and stage reached, with the outcome of that stage.

An application of which one row breaks a rule is set aside as a whole: a path with a hole in it counts wrongly.
"""

from equity_audit.intake.mapping import OPTIONAL_COLUMNS, Mapping
from equity_audit.intake.steps import (
    ROW_NUMBER,
    SKIPPED,
    Cells,
    Fault,
    attribute_columns,
    core_rows_sql,
    faults_sql,
    identity_columns,
    literal,
    pseudonym_columns,
    repeats_sql,
    where,
)


def incoming_sql(mapping: Mapping, cells: Cells, source: str) -> str:
    """Read the mapped columns of `source`, the date parsed; rows numbered as in the file."""
    stage, reached_on = _stage_columns(mapping)
    day = cells.date(reached_on)
    columns = [
        ROW_NUMBER,
        *identity_columns(mapping, cells),
        *attribute_columns(mapping, cells),
        f"coalesce({cells.text(stage)}, '') as stage_label",
        f"{day} as reached_on",
        f"{where((f'{cells.text(reached_on)} is not null and {day} is null', reached_on))} as unreadable_column",
    ]
    return f"create temp table incoming as select {', '.join(columns)} from {source}"


def sort_rows_sql(mapping: Mapping) -> list[str]:
    """Sort the rows into candidates, repeats and faults, and leave `accepted`: one row per application and stage."""
    stages = ", ".join(f"({literal(stage)}, {order})" for order, stage in enumerate(mapping.source.stages))
    same_throughout = ["vacancy_key", "ethnicity_label", *OPTIONAL_COLUMNS]
    content = [*same_throughout, "outcome_label", "reached_on", "unreadable_column"]
    details = f"row({', '.join(same_throughout)})"
    application = "partition by application_key"
    return [
        f"""create temp table candidates as
            select i.*, o.outcome, s.stage, s.stage_order
            from incoming as i
                join stage_labels as l on l.label = i.stage_label
                join (values {stages}) as s (stage, stage_order) on s.stage = l.stage
                left join outcome_labels as o on o.label = i.outcome_label
            where not ({SKIPPED})""",
        repeats_sql("application_key, stage", content),
        # Each row beside its neighbours of the same application, exact repeats left out.
        f"""create temp table paths as
            select c.*,
                lag(stage_order) over steps as order_before, lag(reached_on) over steps as date_before,
                lead(stage_order) over steps as order_after,
                first_value(reached_on) over (steps rows unbounded preceding) as applied_on,
                {details} is distinct from first_value({details}) over (steps rows unbounded preceding) as differs
            from candidates as c left join repeats as r using (application_key, stage)
            where c.application_key is not null and (r.stage is null or r.versions > 1 or c.source_row = r.first_row)
            window steps as ({application} order by stage_order, source_row)""",
        faults_sql(_faults(mapping)),
        """insert into faults
            select p.source_row, 'application_set_aside', f.column_name
            from (
                select application_key, min(column_name) as column_name
                from faults join candidates using (source_row) where application_key is not null group by all
            ) as f
                join candidates as p using (application_key)
            where p.source_row not in (select source_row from faults)""",
        f"""create temp table accepted as
            select p.* exclude (application_key, vacancy_key), {pseudonym_columns()}
            from paths as p anti join faults using (source_row)""",
    ]


def core_sql(mapping: Mapping) -> str:
    """One core row for each accepted row; what the last stage of the process leads to is nothing."""
    last = len(mapping.source.stages) - 1
    return core_rows_sql(
        f"""(
            select * replace (
                case when order_after is not null then 'progressed' when stage_order < {last} then outcome
                end as outcome
            )
            from accepted
        )"""
    )


def _stage_columns(mapping: Mapping) -> tuple[str, str]:
    """The two columns that only a long mapping has, and always has: its validation saw to it."""
    return mapping.columns.stage or "", mapping.columns.reached_on or ""


def _faults(mapping: Mapping) -> list[Fault]:
    columns, last = mapping.columns, len(mapping.source.stages) - 1
    stage, reached_on = _stage_columns(mapping)
    undated = "stage_order = 0 and reached_on is null and unreadable_column is null"
    contradiction = (
        "(order_after > stage_order and outcome <> 'progressed') "
        f"or (order_after is null and outcome = 'progressed' and stage_order < {last}) "
        f"or (outcome <> 'progressed' and stage_order = {last})"
    )
    out_of_range = "stage_order = 0 and (reached_on < $earliest or reached_on > $today)"
    unfinished = f"outcome is null and order_after is null and stage_order < {last}"
    conflicting = "candidates join repeats using (application_key, stage)"
    return [
        Fault("missing_application_id", where(("application_key is null", columns.application_id))),
        Fault("missing_vacancy_id", where(("vacancy_key is null", columns.vacancy_id))),
        Fault("unreadable_date", "unreadable_column"),
        Fault("missing_applied_date", where((undated, reached_on))),
        Fault("date_outside_range", where((out_of_range, reached_on))),
        Fault("stage_gap", where(("stage_order > coalesce(order_before, -1) + 1", stage)), "paths"),
        Fault("dates_out_of_order", where(("reached_on < date_before", reached_on)), "paths"),
        Fault("missing_outcome", where((unfinished, columns.outcome)), "paths"),
        Fault("outcome_contradicts_stages", where((contradiction, columns.outcome)), "paths"),
        Fault("inconsistent_application", where(("differs", columns.application_id)), "paths"),
        Fault("duplicate_application_stage", where(("versions > 1", stage)), conflicting),
    ]
