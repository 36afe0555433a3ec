-- Organisations whose starters of a period are not all in every level of out.starters: none, if all is well.
-- inputs: core.starters, intake.accepted_extracts, out.starters
-- parameters: $period_start, $period_end (exclusive)
with

newest as (
    select
        s.organisation,
        arg_max(s.extract_id, (s.followed_up, e.extract_number)) as extract_id,
        max(s.followed_up) as followed_up
    from core.starters as s
    inner join intake.accepted_extracts as e on s.extract_id = e.extract_id
    where s.followed_up >= $period_start and s.followed_up < $period_end
    group by s.organisation
),

received as (
    select
        s.organisation,
        sum(s.started)::bigint as started,
        sum(s.stayed)::bigint as stayed
    from core.starters as s
    inner join newest as n on s.extract_id = n.extract_id and s.followed_up = n.followed_up
    group by s.organisation
),

counted as (
    select
        organisation,
        level,
        sum(started)::bigint as started,
        sum(stayed)::bigint as stayed
    from out.starters
    where period = $period_start
    group by all
)

select distinct coalesce(r.organisation, c.organisation) as organisation
from received as r
full join counted as c on r.organisation = c.organisation
where r.started is distinct from c.started or r.stayed is distinct from c.stayed
