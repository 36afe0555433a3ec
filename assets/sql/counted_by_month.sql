-- The number of applications of each extract that count now, by month of application, or by period for table counts.
-- grain: organisation, month, extract
-- inputs: core.counted_applications, core.group_counts, intake.accepted_extracts
select
    organisation,
    date_trunc('month', applied_on)::date as month,
    extract_id,
    count(*) as applications
from core.counted_applications
group by all
union all
select
    g.organisation,
    g.period as month,
    g.extract_id,
    sum(g.applications)::bigint as applications
from core.group_counts as g
inner join intake.accepted_extracts as e on g.extract_id = e.extract_id
where g.stage_order = 0
group by g.organisation, g.period, g.extract_id, e.extract_number
qualify e.extract_number = max(e.extract_number) over (partition by g.organisation, g.period)
order by organisation, month, extract_id
