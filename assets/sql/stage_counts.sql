-- out.stage_counts: how many people of each group took each step, in one reporting period.
-- grain: organisation, period, level, breakdown, step, group; every group has every step, including zeros
-- inputs: core.counted_applications (one scan), core.group_counts, intake.accepted_extracts, intake.extracts,
-- intake.level_names, intake.outcome_labels
-- parameters: $period_start, $period_end (exclusive), $spans (pairs of stages besides the whole path),
-- $breakdowns (how people are further split; 'quarter': the three months of the period in which they applied)
with

in_period as (
    select
        *,
        datediff('month', $period_start::date, applied_on) // 3 as quarter
    from core.counted_applications
    where applied_on >= $period_start and applied_on < $period_end
),

-- The only pass over the records: everything else works on these few thousand counts. Splits with few parts are counted
-- together: three tables of a few thousand rows take half the time of one for each split.
scanned as (
    select
        organisation,
        extract_id,
        ethnicity_code,
        outcome_label,
        last_order,
        pay_band,
        staff_group,
        department,
        clinical,
        applicant_source,
        sex,
        disability,
        quarter,
        case
            when grouping(pay_band) = 0 then 1
            when grouping(department) = 0 then 2
            when grouping(sex) = 0 then 3
            else 4
        end as part,
        count(*) as applications
    from in_period
    group by grouping sets (
        (organisation, extract_id, ethnicity_code, outcome_label, last_order, pay_band, staff_group, clinical),
        (organisation, extract_id, ethnicity_code, outcome_label, last_order, department),
        (organisation, extract_id, ethnicity_code, outcome_label, last_order, applicant_source, sex, disability),
        (organisation, extract_id, ethnicity_code, outcome_label, last_order, quarter)
    )
),

-- Each split separately, and without a split.
split as (
    select
        s.organisation,
        s.extract_id,
        s.ethnicity_code,
        s.outcome_label,
        s.last_order,
        b.breakdown,
        case b.breakdown
            when 'pay_band' then s.pay_band
            when 'staff_group' then s.staff_group
            when 'department' then s.department
            when 'clinical' then s.clinical
            when 'applicant_source' then s.applicant_source
            when 'sex' then s.sex
            when 'disability' then s.disability
            when 'quarter' then strftime(
                $period_start::date + to_months(3 * s.quarter::integer), '%Y-%m'
            ) || ' to ' || strftime($period_start::date + to_months(3 * s.quarter::integer + 2), '%Y-%m')
        end as value,
        sum(s.applications) as applications
    from scanned as s
    inner join (
        values
        (1, 'all'),
        (1, 'pay_band'),
        (1, 'staff_group'),
        (1, 'clinical'),
        (2, 'department'),
        (3, 'applicant_source'),
        (3, 'sex'),
        (3, 'disability'),
        (4, 'quarter')
    ) as b (part, breakdown) on s.part = b.part
    where b.breakdown = 'all' or list_contains($breakdowns::varchar[], b.breakdown)
    group by all
),

-- A split that the organisation's sources do not have is left out.
recorded as (
    select
        *,
        max(value) over (partition by organisation, breakdown) is not null as has_values
    from split
),

-- By the furthest stage reached and its outcome; null at the last stage.
furthest as (
    select
        r.organisation,
        r.extract_id,
        coalesce(r.ethnicity_code, '') as label,
        r.breakdown,
        case when r.breakdown = 'all' then 'all' else coalesce(r.value, 'Not recorded') end as breakdown_value,
        r.last_order,
        o.outcome,
        r.applications,
        'records' as basis
    from recorded as r
    left join intake.outcome_labels as o on r.extract_id = o.extract_id and coalesce(r.outcome_label, '') = o.label
    where r.breakdown = 'all' or r.has_values
    union all
    -- Counts made by a source, from the newest extract that has the period; there are no records for the same period.
    select
        g.organisation,
        g.extract_id,
        g.ethnicity_code as label,
        'all' as breakdown,
        'all' as breakdown_value,
        g.stage_order as last_order,
        g.outcome,
        g.applications,
        'aggregated' as basis
    from core.group_counts as g
    inner join intake.accepted_extracts as e on g.extract_id = e.extract_id
    where g.period = $period_start
    qualify
        e.extract_number = max(e.extract_number) over (partition by g.organisation)
        and g.outcome is distinct from 'progressed'
),

-- The same people at four levels of detail.
levelled as (
    select
        f.organisation,
        f.basis,
        f.breakdown,
        f.breakdown_value,
        l.level,
        l.group_name,
        f.last_order,
        f.outcome,
        f.applications
    from furthest as f
    inner join intake.level_names as l on f.extract_id = l.extract_id and f.label = l.label
),

-- The organisation's stages in order; all its extracts have the same.
stages as (
    select distinct
        organisation,
        unnest(stages) as stage,
        generate_subscripts(stages, 1) - 1 as stage_order
    from intake.extracts
    where organisation in (select f.organisation from furthest as f)
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

-- Each person at each step of their organisation: pending in it, lost in it, or past it.
taken as (
    select
        l.*,
        s.step_order,
        s.step_kind,
        s.from_stage,
        s.to_stage,
        l.last_order >= s.from_order as has_reached,
        l.last_order >= s.to_order as has_progressed,
        case when l.last_order >= s.from_order and l.last_order < s.to_order then l.outcome end as lost_as
    from levelled as l
    inner join steps as s on l.organisation = s.organisation
),

counted as (
    select
        organisation,
        basis,
        level,
        breakdown,
        breakdown_value,
        group_name,
        step_order,
        step_kind,
        from_stage,
        to_stage,
        coalesce(sum(applications) filter (where has_reached), 0) as reached,
        coalesce(sum(applications) filter (where has_progressed), 0) as progressed,
        coalesce(sum(applications) filter (where lost_as = 'rejected'), 0) as rejected,
        coalesce(sum(applications) filter (where lost_as = 'withdrew'), 0) as withdrew,
        coalesce(sum(applications) filter (where lost_as = 'declined'), 0) as declined,
        coalesce(sum(applications) filter (where lost_as = 'ineligible'), 0) as ineligible,
        coalesce(sum(applications) filter (where lost_as = 'pending'), 0) as pending
    from taken
    group by all
)

select
    organisation,
    $period_start::date as period,
    level,
    breakdown,
    breakdown_value,
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
order by organisation, level, breakdown, breakdown_value, step_order, group_name
