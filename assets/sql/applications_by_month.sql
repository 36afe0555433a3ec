-- The number of applications in each month before and after an extract counts: it replaces those of earlier extracts.
-- grain: organisation and month of application, for the extract's organisation
-- inputs: core.applications, core.counted_applications
-- parameters: $extract_id
with

incoming as (
    select
        organisation,
        application_id,
        applied_on
    from core.applications
    where extract_id = $extract_id
),

before as (
    select
        organisation,
        application_id,
        applied_on
    from core.counted_applications
    where extract_id <> $extract_id and organisation in (select i.organisation from incoming as i)
),

after as (
    select
        organisation,
        application_id,
        applied_on
    from before
    where (organisation, application_id) not in (select (i.organisation, i.application_id) from incoming as i)
    union all
    select
        organisation,
        application_id,
        applied_on
    from incoming
),

states as (
    select
        organisation,
        applied_on,
        1 as before,
        0 as after
    from before
    union all
    select
        organisation,
        applied_on,
        0 as before,
        1 as after
    from after
)

select
    organisation,
    date_trunc('month', applied_on)::date as month,
    sum(before)::bigint as before,
    sum(after)::bigint as after
from states
group by all
order by organisation, month
