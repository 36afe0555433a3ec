"""A long export: one row for each application and stage reached, with the outcome of that stage.

In a history of statuses, the outcome has a row of its own ("Rejected", with its date) that is not a stage.
If one row of an application breaks a rule, all of its rows are invalid: a path with a gap would be counted wrongly.
"""

from equity_audit.details import DETAIL_NAMES
from equity_audit.intake.faults import Fault, faults_sql, suspects_sql, where
from equity_audit.intake.mapping import Mapping
from equity_audit.intake.steps import (
    NOT_FURTHER,
    UNREADABLE,
    Cells,
    literal,
    pseudonym_columns,
    received_columns,
    skipped,
)

_SKIPPED = skipped("reached_on")


def receive_sql(mapping: Mapping, cells: Cells, source: str) -> list[str]:
    """Read the mapped columns of `source` with dates parsed and rows numbered as in the file."""
    stage, reached_on = _stage_columns(mapping)
    columns = [
        # The readers preserve the order of the file.
        "row_number() over () as source_row",
        *received_columns(mapping, cells),
        f"coalesce({cells.text(stage)}, '') as stage_label",
        f"{cells.date(reached_on)} as reached_on",
    ]
    return [f"create temp table incoming as select {', '.join(columns)} from {source}"]


def rows_sql(extract_id: str) -> str:
    """Return the rows just received, for counting."""
    del extract_id
    return "incoming"


def numbered_sql(extract_id: str) -> str:
    """Return the rows just received, with their numbers in the file."""
    return rows_sql(extract_id)


def labelled_sql(extract_id: str) -> str:
    """Return the rows whose labels have a meaning: lines of totals have numbers instead of labels."""
    del extract_id
    return f"(select * from incoming where not {_SKIPPED})"


def sort_sql(mapping: Mapping, extract_id: str, first_rowid: int) -> list[str]:
    """Find duplicates and faults, put them in temporary tables, and insert the complete applications.

    A stage with several rows and different dates was passed more than once, as when an application is re-opened: it was
    reached on the first date and has the outcome of the last. If the vacancy changes, the last one counts.
    """
    del first_rowid
    this_extract = f"extract_id = {literal(extract_id)}"
    stages = ", ".join(f"({literal(stage)}, {order})" for order, stage in enumerate(mapping.source.stages))
    same = ["vacancy_key", "candidate_key", "ethnicity_code", *DETAIL_NAMES]
    post = f"row({', '.join(('candidate_key', *DETAIL_NAMES))})"
    faults = _faults(mapping)
    return [
        f"""create temp table candidates as
            select i.*, o.outcome, s.stage, s.stage_order
            from incoming as i
                join stage_labels as l on l.label = i.stage_label
                left join (values {stages}) as s (stage, stage_order) on s.stage = l.stage
                left join intake.outcome_labels as o on o.{this_extract} and o.label = coalesce(i.outcome_label, '')
            where not {_SKIPPED}""",
        f"""create temp table repeats as
            select
                application_key, stage, min(source_row) as first_row,
                count(distinct row({", ".join([*same, "outcome_label", "reached_on"])})) as versions,
                count(distinct row({", ".join(same)})) as kinds, count(distinct reached_on) as days
            from candidates semi join (
                select application_key, stage from candidates group by all having count(*) > 1
            ) using (application_key, stage)
            group by all""",
        """create temp table repeated as
            select
                c.source_row, r.first_row, r.versions,
                r.versions > 1 and (r.kinds > 1 or r.days < r.versions) as conflict
            from candidates as c join repeats as r using (application_key, stage)""",
        # One row for each application and stage, with its neighbours on the path.
        f"""create temp table paths as
            select p.*,
                lag(stage_order) over path as order_before, max(reached_on) over (path rows between unbounded preceding
                    and 1 preceding) as date_before,
                lead(stage_order) over path as order_after,
                ethnicity_code is distinct from first_value(ethnicity_code) over path
                    or (vacancy_key = first_value(vacancy_key) over path
                        and {post} is distinct from first_value({post}) over path) as differs,
                vacancy_key <> first_value(vacancy_key) over path as moved
            from (
                select * replace (min(nullif(reached_on, {UNREADABLE})) over passages as reached_on),
                    reached_on is not distinct from {UNREADABLE} as unread
                from candidates where application_key is not null and stage is not null
                window passages as (partition by application_key, stage)
                qualify row_number() over (passages order by reached_on desc nulls last, source_row) = 1
            ) as p
            window path as (partition by application_key order by stage_order)""",
        # The last row of an outcome, unless the application was taken up again after it.
        """create temp table endings as
            select e.application_key, e.stage_label as ending
            from (
                from candidates where stage is null and application_key is not null
                qualify row_number() over (
                    partition by application_key order by reached_on desc nulls first, source_row desc
                ) = 1
            ) as e
                join paths as p on p.application_key = e.application_key and p.order_after is null
            where e.reached_on is null or p.reached_on is null or e.reached_on >= p.reached_on""",
        """create temp table orphans as
            select source_row from candidates
            where stage is null and application_key is not null
                and application_key not in (select application_key from paths)""",
        suspects_sql(faults, "(from paths left join endings using (application_key))"),
        faults_sql(faults),
        """insert into faults
            select p.source_row, 'application_set_aside', f.column_name
            from (
                select application_key, min(column_name) as column_name
                from faults join candidates using (source_row) where application_key is not null group by all
            ) as f
                join candidates as p using (application_key)
            where p.source_row not in (select source_row from faults)""",
        f"""create temp table ignored as
            select source_row from incoming where {_SKIPPED}
            union all
            select source_row from repeated anti join faults using (source_row)
            where versions = 1 and source_row <> first_row""",
        _insert_sql(mapping),
    ]


def filled_in_sql(mapping: Mapping) -> str:
    """Return a condition on core.applications: a later stage proves an earlier one that the source does not show."""
    del mapping
    return "len(list_filter(stage_flags[:last_order], lambda flag: flag)) < last_order"


def _insert_sql(mapping: Mapping) -> str:
    """Insert the complete applications, each with the values of its last row."""
    orders = range(len(mapping.source.stages))
    days = ", ".join(f"max(reached_on) filter (where stage_order = {order})" for order in orders)
    flags = ", ".join(f"coalesce(bool_or(stage_order = {order}), false)" for order in orders[1:])
    last = len(orders) - 1
    outcome = "outcome_label"
    if mapping.source.without_outcome:
        outcome = f"case when stage_order < {last} then coalesce(ending, {literal(NOT_FURTHER)}) end as outcome_label"
    return f"""insert into core.applications by name
        select
            $organisation as organisation, $extract_id as extract_id, {pseudonym_columns()},
            ethnicity_code, {outcome}, {", ".join(DETAIL_NAMES)}, days[1] as applied_on, days as reached_on,
            flags as stage_flags, stage_order::tinyint as last_order
        from (select * from paths where order_after is null)
            left join endings using (application_key)
            join (
                select application_key, [{days}] as days, [{flags}] as flags from paths group by all
            ) using (application_key)
            anti join (select application_key from faults join candidates using (source_row)) using (application_key)"""


def _stage_columns(mapping: Mapping) -> tuple[str, str]:
    """Return the two columns that only a long mapping has, which its checks require."""
    return mapping.columns.stage or "", mapping.columns.reached_on or ""


def _faults(mapping: Mapping) -> list[Fault]:
    columns, last = mapping.columns, len(mapping.source.stages) - 1
    stage, reached_on = _stage_columns(mapping)
    undated = "order_before is null and not unread and (stage_order > 0 or reached_on is null)"
    contradiction = (
        f"(order_after is null and outcome = 'progressed' and stage_order < {last}) "
        f"or (outcome <> 'progressed' and stage_order = {last})"
    )
    contradiction += f" or (order_after is null and ending is not null and stage_order = {last})"
    too_far = "reached_on > $today or (reached_on < $earliest and reached_on >= $purged_before)"
    unfinished = f"outcome is null and order_after is null and stage_order < {last}"
    if mapping.source.without_outcome:
        unfinished = "false"
    return [
        Fault("missing_application_id", where(("application_key is null", columns.application_id)), "candidates"),
        Fault("missing_vacancy_id", where(("vacancy_key is null", columns.vacancy_id))),
        Fault("unreadable_date", where((f"reached_on = {UNREADABLE}", reached_on)), "candidates"),
        Fault("missing_applied_date", where((undated, reached_on))),
        Fault("missing_applied_date", literal(stage), "orphans"),
        Fault("purged", where(("stage_order = 0 and reached_on < $purged_before", reached_on))),
        Fault("date_outside_range", where((f"stage_order = 0 and ({too_far})", reached_on))),
        Fault("dates_out_of_order", where(("reached_on < date_before", reached_on))),
        Fault("missing_outcome", where((unfinished, columns.outcome))),
        Fault("outcome_contradicts_stages", where((contradiction, columns.outcome or stage))),
        Fault("inconsistent_application", where(("differs", columns.application_id))),
        Fault("duplicate_application_stage", where(("conflict", stage)), "repeated"),
    ]
