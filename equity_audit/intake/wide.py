"""A wide export: one row per application, a date column per stage, one outcome of the last stage reached."""

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
    """Read the mapped columns of `source`, dates parsed; rows numbered as in the file."""
    columns = [ROW_NUMBER, *identity_columns(mapping, cells), *attribute_columns(mapping, cells)]
    unreadable = []
    for order, column in enumerate(mapping.stage_dates.values()):
        day = cells.date(column)
        columns.append(f"{day} as date_{order}")
        unreadable.append((f"{cells.text(column)} is not null and {day} is null", column))
    columns.append(f"{where(*unreadable)} as unreadable_column")
    return f"create temp table incoming as select {', '.join(columns)} from {source}"


def sort_rows_sql(mapping: Mapping) -> list[str]:
    """Sort the rows into candidates, repeats and faults, and leave `accepted`: one row per application to be used."""
    dates = list(mapping.stage_dates.values())
    reached = " ".join(f"when date_{order} is not null then {order}" for order in reversed(range(len(dates))))
    content = ["vacancy_key", "ethnicity_label", "outcome_label", *OPTIONAL_COLUMNS, *_date_columns(mapping)]
    return [
        f"""create temp table candidates as
            select i.*, o.outcome, case {reached} end as last_order
            from incoming as i left join outcome_labels as o on o.label = i.outcome_label
            where not ({SKIPPED})""",
        repeats_sql("application_key", content),
        faults_sql(_faults(mapping, dates)),
        f"""create temp table accepted as
            select c.* exclude (application_key, vacancy_key), {pseudonym_columns()}
            from candidates as c
                anti join faults using (source_row)
                left join repeats as r using (application_key)
            where r.application_key is null or c.source_row = r.first_row""",
    ]


def core_sql(mapping: Mapping) -> str:
    """One core row for each stage that an accepted application reached."""
    stages = ", ".join(literal(stage) for stage in mapping.source.stages)
    last = len(mapping.source.stages) - 1
    return core_rows_sql(
        f"""(
            select * exclude (outcome), date_0 as applied_on,
                [{stages}][stage_order + 1] as stage,
                [{", ".join(_date_columns(mapping))}][stage_order + 1] as reached_on,
                case when stage_order < last_order then 'progressed' when stage_order < {last} then outcome
                end as outcome
            from (select *, unnest(range(last_order + 1)) as stage_order from accepted)
        )"""
    )


def _date_columns(mapping: Mapping) -> list[str]:
    return [f"date_{order}" for order in range(len(mapping.source.stages))]


def _faults(mapping: Mapping, dates: list[str]) -> list[Fault]:
    columns, last = mapping.columns, len(dates) - 1
    gaps = [(f"date_{k} is null and last_order > {k} and unreadable_column is null", dates[k]) for k in range(1, last)]
    backwards = [(f"date_{k} < date_{k - 1}", dates[k]) for k in range(1, last + 1)]
    contradiction = (
        f"(outcome = 'progressed' and last_order < {last}) or (outcome <> 'progressed' and last_order = {last})"
    )
    conflicting = "candidates join repeats using (application_key)"
    return [
        Fault("missing_application_id", where(("application_key is null", columns.application_id))),
        Fault("missing_vacancy_id", where(("vacancy_key is null", columns.vacancy_id))),
        Fault("unreadable_date", "unreadable_column"),
        Fault("missing_applied_date", where(("date_0 is null and unreadable_column is null", dates[0]))),
        Fault("date_outside_range", where(("date_0 < $earliest or date_0 > $today", dates[0]))),
        *([Fault("stage_gap", where(*gaps))] if gaps else []),
        Fault("dates_out_of_order", where(*backwards)),
        Fault("missing_outcome", where((f"outcome is null and last_order < {last}", columns.outcome))),
        Fault("outcome_contradicts_stages", where((contradiction, columns.outcome))),
        Fault("duplicate_application", where(("versions > 1", columns.application_id)), conflicting),
    ]
