-- out.survey: how many answered each question of the last survey in a period, and how many of them agreed.
-- grain: organisation, period, level, question, group
-- Categories are left out: most would be too small to be shown.
-- inputs: core.counted_answers, intake.level_names
-- parameters: $period_start, $period_end (exclusive)
with

latest as (
    select *
    from core.counted_answers
    where wave >= $period_start and wave < $period_end
    qualify wave = max(wave) over (partition by organisation)
)

select
    s.organisation,
    $period_start::date as period,
    s.wave,
    l.level,
    'item' as breakdown,
    s.item as breakdown_value,
    case when l.level = 'all' then 'All staff' else l.group_name end as group_name,
    sum(s.answered)::bigint as answered,
    sum(s.agreed)::bigint as agreed
from latest as s
inner join intake.level_names as l on s.extract_id = l.extract_id and s.ethnicity_code = l.label
where l.level <> 'category'
group by all
order by all
