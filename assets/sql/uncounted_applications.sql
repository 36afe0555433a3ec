-- Organisations whose applications in a period are not all at the first step of out.stage_counts; there should be none.
-- An independent count: the newest extract is found by a window, not from core.counted_applications.
-- inputs: core.applications, core.group_counts, intake.accepted_extracts, out.stage_counts
-- parameters: $period_start, $period_end (exclusive)
with

newest as (
    select
        s.organisation,
        s.applied_on
    from core.applications as s
    inner join intake.accepted_extracts as e on s.extract_id = e.extract_id
    qualify row_number() over (partition by s.organisation, s.application_id order by e.extract_number desc) = 1
),

applications as (
    select
        organisation,
        count(*) as applications
    from newest
    where applied_on >= $period_start and applied_on < $period_end
    group by organisation
    union all
    select
        g.organisation,
        sum(g.applications)::bigint as applications
    from core.group_counts as g
    where
        g.period = $period_start
        and g.stage_order = 0
        and g.extract_id = (
            select max_by(o.extract_id, e.extract_number)
            from core.group_counts as o
            inner join intake.accepted_extracts as e on o.extract_id = e.extract_id
            where o.organisation = g.organisation and o.period = g.period
        )
    group by g.organisation
),

published as (
    select
        organisation,
        reached
    from out.stage_counts
    where period = $period_start and level = 'all' and breakdown = 'all' and step_order = 0
)

select coalesce(a.organisation, p.organisation) as organisation
from applications as a
full join published as p on a.organisation = p.organisation
where a.applications is distinct from p.reached
