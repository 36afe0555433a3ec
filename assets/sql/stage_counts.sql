-- out.stage_counts: how many people of each group took each step, in one reporting period.
-- grain: organisation, period, level, breakdown, step, group; every group has every step, zeros included
-- inputs: core.applicant_stages (one scan), core.counted_applications, core.group_counts, intake.accepted_extracts,
-- intake.extracts
-- parameters: $period_start, $period_end (exclusive), $spans (pairs of stages besides the whole path)
with

-- The only pass over the rows: everything after works on these few hundred counts.
recorded as (
    select
        s.organisation,
        s.wres_group,
        s.ethnicity_group,
        s.ethnicity_category,
        s.stage_order,
        s.outcome,
        count(*) as applications
    from core.applicant_stages as s
    inner join core.counted_applications as c
        on s.organisation = c.organisation and s.application_id = c.application_id and s.extract_id = c.extract_id
    where s.applied_on >= $period_start and s.applied_on < $period_end
    group by all
),

-- What a source counted itself, from the newest extract that has the period; it has no records beside it.
aggregated as (
    select
        g.organisation,
        g.wres_group,
        g.ethnicity_group,
        g.ethnicity_category,
        g.stage_order,
        g.outcome,
        g.applications
    from core.group_counts as g
    inner join intake.accepted_extracts as e on g.extract_id = e.extract_id
    where g.period = $period_start
    qualify e.extract_number = max(e.extract_number) over (partition by g.organisation)
),

cells as (
    select
        *,
        'records' as basis
    from recorded
    union all
    select
        *,
        'aggregated' as basis
    from aggregated
),

-- The same people at four levels of detail. A broad label has its own row, so that each level adds up to all.
levelled as (
    select
        c.organisation,
        c.basis,
        l.level,
        c.stage_order,
        c.outcome,
        c.applications,
        case l.level
            when 'all' then 'All applicants'
            when 'wres' then c.wres_group
            when 'group' then coalesce(c.ethnicity_group, c.wres_group || ', group not given')
            else
                coalesce(
                    c.ethnicity_category,
                    case when c.wres_group = 'Unknown' then 'Unknown' end,
                    coalesce(c.ethnicity_group, c.wres_group) || ', category not given'
                )
        end as group_name
    from cells as c
    cross join (values ('all'), ('wres'), ('group'), ('category')) as l (level)
    -- A US classification has one level only and no place in White and BME.
    where l.level in ('all', 'group') or c.wres_group is not null
),

groups as (
    select distinct
        organisation,
        basis,
        level,
        group_name
    from levelled
),

-- The organisation's stages in order; every extract of it has the same.
stages as (
    select distinct
        organisation,
        unnest(stages) as stage,
        generate_subscripts(stages, 1) - 1 as stage_order
    from intake.extracts
    where organisation in (select c.organisation from cells as c)
),

pairs as (
    select
        f.organisation,
        f.stage as from_stage,
        t.stage as to_stage,
        f.stage_order as from_order,
        t.stage_order as to_order,
        t.stage_order = f.stage_order + 1 as is_step,
        f.stage_order = 0 and t.stage_order = max(t.stage_order) over (partition by f.organisation) as is_whole_path
    from stages as f
    inner join stages as t on f.organisation = t.organisation and f.stage_order < t.stage_order
),

-- Single steps first, then the whole path, then the spans that policy names.
steps as (
    select
        *,
        case when is_step then 'stage' else 'span' end as step_kind,
        row_number() over (
            partition by organisation order by is_step desc, is_whole_path desc, from_order asc, to_order asc
        ) - 1 as step_order
    from pairs
    where is_step or is_whole_path or list_contains($spans::varchar[][], [from_stage, to_stage])
),

counted as (
    select
        g.organisation,
        g.basis,
        g.level,
        g.group_name,
        s.step_order,
        s.step_kind,
        s.from_stage,
        s.to_stage,
        coalesce(sum(l.applications) filter (where l.stage_order = s.from_order), 0) as reached,
        coalesce(sum(l.applications) filter (where l.stage_order = s.to_order), 0) as progressed,
        -- On the way: at any stage of the step before its last.
        coalesce(
            sum(l.applications) filter (where l.stage_order < s.to_order and l.outcome = 'rejected'), 0
        ) as rejected,
        coalesce(
            sum(l.applications) filter (where l.stage_order < s.to_order and l.outcome = 'withdrew'), 0
        ) as withdrew,
        coalesce(
            sum(l.applications) filter (where l.stage_order < s.to_order and l.outcome = 'declined'), 0
        ) as declined,
        coalesce(
            sum(l.applications) filter (where l.stage_order < s.to_order and l.outcome = 'ineligible'), 0
        ) as ineligible,
        coalesce(sum(l.applications) filter (where l.stage_order < s.to_order and l.outcome = 'pending'), 0) as pending
    from groups as g
    inner join steps as s on g.organisation = s.organisation
    left join levelled as l
        on
            g.organisation = l.organisation
            and g.level = l.level
            and g.group_name = l.group_name
            and l.stage_order between s.from_order and s.to_order
    group by all
)

select
    organisation,
    $period_start::date as period,
    level,
    'all' as breakdown,
    'all' as breakdown_value,
    step_order::tinyint as step_order,
    step_kind,
    from_stage,
    to_stage,
    group_name,
    reached::bigint as reached,
    (progressed + rejected)::bigint as decided,
    progressed::bigint as progressed,
    rejected::bigint as rejected,
    withdrew::bigint as withdrew,
    declined::bigint as declined,
    ineligible::bigint as ineligible,
    pending::bigint as pending,
    basis
from counted
order by organisation, level, step_order, group_name
