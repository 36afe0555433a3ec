"""One row per application: a date for each stage, or a yes or no for each, or one current status with a known path."""

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
    """Read the mapped columns of `source`, dates and flags parsed; rows numbered as in the file."""
    columns = [ROW_NUMBER, *identity_columns(mapping, cells), *attribute_columns(mapping, cells)]
    unreadable = []
    for order, column in enumerate(mapping.stage_date_columns()):
        day = cells.date(column) if column else "null::date"
        columns.append(f"{day} as date_{order}")
        if column:
            unreadable.append((f"{cells.text(column)} is not null and {day} is null", column))
    columns.append(f"{where(*unreadable)} as unreadable_column")
    columns += [
        f"{cells.flag(column)} as flag_{order}" for order, column in enumerate(mapping.stage_flags.values(), start=1)
    ]
    return f"create temp table incoming as select {', '.join(columns)} from {source}"


def sort_rows_sql(mapping: Mapping) -> list[str]:
    """Sort the rows into candidates, repeats and faults, and leave `accepted`: one row per application to be used."""
    content = ["vacancy_key", "ethnicity_label", "outcome_label", *OPTIONAL_COLUMNS]
    content += [*_date_columns(mapping), *(f"flag_{order}" for order in _flags(mapping))]
    return [
        _candidates_sql(mapping),
        repeats_sql("application_key", content),
        faults_sql(_faults(mapping)),
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


def _candidates_sql(mapping: Mapping) -> str:
    """The rows that are applications, with the last stage reached and what happened there."""
    if mapping.source.shape == "status":
        return f"""create temp table candidates as
            select i.*, s.outcome, s.last_order::bigint as last_order
            from incoming as i left join status_labels as s on s.label = i.outcome_label
            where not ({SKIPPED})"""
    last = len(mapping.source.stages) - 1
    reached = " ".join(f"when {_reached(mapping, order)} then {order}" for order in range(last, -1, -1))
    return f"""create temp table candidates as
        select i.*, o.outcome, (case {reached} end)::bigint as last_order
        from incoming as i left join outcome_labels as o on o.label = i.outcome_label
        where not ({SKIPPED})"""


def _reached(mapping: Mapping, order: int) -> str:
    """Whether the row says of itself that a stage was reached."""
    return f"flag_{order}" if order in _flags(mapping) else f"date_{order} is not null"


def _flags(mapping: Mapping) -> range:
    return range(1, len(mapping.stage_flags) + 1)


def _date_columns(mapping: Mapping) -> list[str]:
    return [f"date_{order}" for order in range(len(mapping.source.stages))]


def _faults(mapping: Mapping) -> list[Fault]:
    columns, last = mapping.columns, len(mapping.source.stages) - 1
    dates = mapping.stage_date_columns()
    applied = dates[0] or ""
    says = dict(enumerate(mapping.stage_flags.values(), start=1)) or {k: dates[k] or "" for k in range(1, last + 1)}
    gaps = [
        (f"not ({_reached(mapping, k)}) and last_order > {k} and unreadable_column is null", says[k])
        for k in range(1, last)
        if mapping.source.shape != "status"
    ]
    unread = [(f"flag_{k} is null", says[k]) for k in _flags(mapping)]
    backwards = [(f"date_{k} < date_{k - 1}", says[k]) for k in range(1, last + 1)]
    contradiction = (
        f"(outcome = 'progressed' and last_order < {last}) or (outcome <> 'progressed' and last_order = {last})"
    )
    no_outcome = f"outcome is null and coalesce(last_order < {last}, date_0 is not null)"
    conflicting = "candidates join repeats using (application_key)"
    return [
        Fault("missing_application_id", where(("application_key is null", columns.application_id))),
        Fault("missing_vacancy_id", where(("vacancy_key is null", columns.vacancy_id))),
        Fault("unreadable_date", "unreadable_column"),
        Fault("missing_applied_date", where(("date_0 is null and unreadable_column is null", applied))),
        Fault("date_outside_range", where(("date_0 < $earliest or date_0 > $today", applied))),
        *([Fault("unreadable_flag", where(*unread))] if unread else []),
        *([Fault("stage_gap", where(*gaps))] if gaps else []),
        Fault("dates_out_of_order", where(*backwards)),
        Fault("missing_outcome", where((no_outcome, columns.outcome))),
        Fault("outcome_contradicts_stages", where((contradiction, columns.outcome))),
        Fault("duplicate_application", where(("versions > 1", columns.application_id)), conflicting),
    ]
