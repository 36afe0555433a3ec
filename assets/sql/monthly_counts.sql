-- The numbers decided and progressed of each group at each step, by month of application, pay band, staff group and
-- department.
-- For the analyst only: exact, and far more detailed than what may be published. It is not kept in the warehouse.
-- grain: period, level, step, pay band, staff group, department, group; only if there are decisions
-- inputs: core.counted_applications (one scan), intake.extracts, intake.level_names, intake.outcome_labels
-- parameters: $organisation, $spans (pairs of stages besides the whole path)
-- columns: period (first day of the month of application), level (wres or group), step_order, from_stage, to_stage,
-- pay_band, staff_group and department (null if not recorded), group_name, decided, progressed
with

-- The only pass over the records.
scanned as (
    select
        extract_id,
        ethnicity_code,
        outcome_label,
        last_order,
        date_trunc('month', applied_on)::date as period,
        pay_band,
        staff_group,
        department,
        count(*) as applications
    from core.counted_applications
    where organisation = $organisation
    group by all
),

-- The two levels that are compared over time: categories have too few people in a month.
levelled as (
    select
        s.period,
        s.pay_band,
        s.staff_group,
        s.department,
        l.level,
        l.group_name,
        s.last_order,
        o.outcome,
        sum(s.applications) as applications
    from scanned as s
    inner join intake.level_names as l on s.extract_id = l.extract_id and coalesce(s.ethnicity_code, '') = l.label
    left join intake.outcome_labels as o on s.extract_id = o.extract_id and coalesce(s.outcome_label, '') = o.label
    where l.level in ('wres', 'group')
    group by all
),

-- The organisation's stages in order; all its extracts have the same.
stages as (
    select distinct
        unnest(stages) as stage,
        generate_subscripts(stages, 1) - 1 as stage_order
    from intake.extracts
    where organisation = $organisation
),

pairs as (
    select
        f.stage as from_stage,
        t.stage as to_stage,
        f.stage_order as from_order,
        t.stage_order as to_order,
        t.stage_order = f.stage_order + 1 as is_step,
        f.stage_order = 0 and t.stage_order = max(t.stage_order) over () as is_whole_path
    from stages as f
    inner join stages as t on f.stage_order < t.stage_order
),

-- The whole path first, then the spans that policy names, then single steps.
steps as (
    select
        *,
        row_number() over (order by is_whole_path desc, is_step asc, from_order asc, to_order asc) - 1 as step_order
    from pairs
    where is_step or is_whole_path or list_contains($spans::varchar[][], [from_stage, to_stage])
),

counted as (
    select
        l.period,
        l.level,
        s.step_order,
        s.from_stage,
        s.to_stage,
        l.pay_band,
        l.staff_group,
        l.department,
        l.group_name,
        coalesce(sum(l.applications) filter (where l.last_order >= s.to_order), 0) as progressed,
        coalesce(sum(l.applications) filter (where l.last_order < s.to_order and l.outcome = 'rejected'), 0) as rejected
    from levelled as l
    inner join steps as s on l.last_order >= s.from_order
    group by all
)

select
    period,
    level,
    step_order::tinyint as step_order,
    from_stage,
    to_stage,
    pay_band,
    staff_group,
    department,
    group_name,
    (progressed + rejected)::bigint as decided,
    progressed::bigint as progressed
from counted
where progressed + rejected > 0
order by period, level, step_order, pay_band, staff_group, department, group_name
