-- core.counted_applications: one row per application that counts, from the newest accepted extract that has it.
-- A view: it follows the extracts, so any edition can be rebuilt from the extracts that it names.
-- inputs: core.applications, intake.accepted_extracts, intake.extracts
-- columns: those of core.applications
with

-- Materialised, it would make DuckDB read every column of the applications, whatever the question needs.
accepted as not materialized (
    select
        a.extract_id,
        a.extract_number,
        a.extract_number > min(a.extract_number) over (partition by e.organisation) as may_replace
    from intake.accepted_extracts as a
    inner join intake.extracts as e on a.extract_id = e.extract_id
),

-- Only later extracts can replace applications, so with a single extract nothing is looked up.
brought_later as (
    select
        b.organisation,
        b.application_id,
        max(a.extract_number) as newest
    from core.applications as b
    inner join accepted as a on b.extract_id = a.extract_id
    where a.may_replace
    group by b.organisation, b.application_id
)

select b.*
from core.applications as b
inner join accepted as a on b.extract_id = a.extract_id
left join brought_later as l on b.organisation = l.organisation and b.application_id = l.application_id
where coalesce(l.newest = a.extract_number, true)
