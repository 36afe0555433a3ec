-- out.starters: who started a year before the last such day of a period, and who of these is still in post.
-- grain: organisation, period, level, group
-- inputs: core.counted_starters, intake.level_names
-- parameters: $period_start, $period_end (exclusive)
with

latest as (
    select *
    from core.counted_starters
    where followed_up >= $period_start and followed_up < $period_end
    qualify followed_up = max(followed_up) over (partition by organisation)
)

select
    s.organisation,
    $period_start::date as period,
    s.followed_up,
    l.level,
    'all' as breakdown,
    'all' as breakdown_value,
    case when l.level = 'all' then 'All starters' else l.group_name end as group_name,
    sum(s.started)::bigint as started,
    sum(s.stayed)::bigint as stayed
from latest as s
inner join intake.level_names as l on s.extract_id = l.extract_id and s.ethnicity_code = l.label
where l.level <> 'category'
group by all
order by all
