-- out.workforce: staff in post at the last headcount of a period, and the board, which is counted separately. Executive
-- members of the board may be voting members or staff: their split is of both, and for the analyst alone.
-- grain: organisation, period, level, breakdown, part of it, group
-- inputs: core.counted_headcounts, intake.level_names
-- parameters: $period_start, $period_end (exclusive)
with

latest as (
    select
        *,
        max(pay_band) over (partition by organisation) is not null as has_bands,
        max(staff_group) over (partition by organisation) is not null as has_staff_groups,
        max(clinical) over (partition by organisation) is not null as has_clinical,
        count(executive) over (partition by organisation) > 0 as has_executive
    from core.counted_headcounts
    where snapshot >= $period_start and snapshot < $period_end
    qualify snapshot = max(snapshot) over (partition by organisation)
),

-- The same people by each split separately; a split that the source does not have is left out.
split as (
    select
        s.organisation,
        s.snapshot,
        s.extract_id,
        s.ethnicity_code,
        b.breakdown,
        case b.breakdown
            when 'all' then 'all'
            when 'pay_band' then coalesce(s.pay_band, 'Not recorded')
            when 'tier' then coalesce(s.tier, 'no tier')
            when 'staff_group' then coalesce(s.staff_group, 'Not recorded')
            when 'clinical' then coalesce(s.clinical, 'not known')
            when 'clinical_band' then coalesce(s.clinical, 'not known') || ', ' || coalesce(s.pay_band, 'Not recorded')
            when 'clinical_tier' then coalesce(s.clinical, 'not known') || ', ' || coalesce(s.tier, 'no tier')
            when 'board' then 'voting members'
            when 'board_executive' then if(s.executive, 'executive members', 'other voting members')
        end as breakdown_value,
        s.headcount,
        s.leavers,
        s.joiners
    from latest as s
    inner join (
        values
        ('all'),
        ('pay_band'),
        ('tier'),
        ('staff_group'),
        ('clinical'),
        ('clinical_band'),
        ('clinical_tier'),
        ('board'),
        ('board_executive')
    ) as b (breakdown)
        on
            case b.breakdown
                when 'board' then s.board
                when 'board_executive' then s.has_executive and (s.board or s.executive)
                else not s.board
            end
    where
        (b.breakdown not in ('pay_band', 'tier', 'clinical_band', 'clinical_tier') or s.has_bands)
        and (b.breakdown <> 'staff_group' or s.has_staff_groups)
        and (b.breakdown not in ('clinical', 'clinical_band', 'clinical_tier') or s.has_clinical)
)

select
    p.organisation,
    $period_start::date as period,
    p.snapshot,
    l.level,
    p.breakdown,
    p.breakdown_value,
    case when l.level = 'all' then 'All staff' else l.group_name end as group_name,
    sum(p.headcount)::bigint as headcount,
    sum(p.leavers)::bigint as leavers,
    sum(p.joiners)::bigint as joiners
from split as p
inner join intake.level_names as l on p.extract_id = l.extract_id and p.ethnicity_code = l.label
group by all
order by all
