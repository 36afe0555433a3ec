-- Sums over strata from which out.stratified_disparities follows: each group beside its reference within one stratum.
-- grain: organisation, level, step, group other than the reference, and what people are stratified by
-- inputs: core.counted_applications (one scan), intake.extracts, intake.level_names, intake.outcome_labels,
-- out.stage_counts
-- parameters: $period_start, $period_end (exclusive), $references (pairs of level and group),
-- $strata (what to stratify by)
-- Within a stratum, with s selected of n decided, 1 the group and 0 the reference: t = n1 + n0, m = s1 + s0.
with

-- Small numbers for names: what follows holds a row for every vacancy, step and group.
names as (
    select
        l.extract_id,
        l.label,
        e.organisation,
        l.level,
        l.group_name,
        dense_rank() over (order by e.organisation)::smallint as organisation_code,
        dense_rank() over (order by e.organisation, l.level, l.group_name)::smallint as code,
        list_contains($references::varchar[][], [l.level, l.group_name]) as is_reference
    from intake.level_names as l
    inner join intake.extracts as e on l.extract_id = e.extract_id
    where l.level <> 'all'
),

labels as (
    select
        extract_id,
        label,
        organisation_code,
        max(code) filter (where level = 'category') as category_code,
        max(code) filter (where level = 'group') as group_code,
        max(code) filter (where level = 'wres') as wres_code
    from names
    group by extract_id, label, organisation_code
),

groups as (
    select distinct
        organisation,
        organisation_code,
        level,
        group_name,
        code,
        is_reference
    from names
),

reference_of as (
    select
        g.code,
        r.code as reference_code
    from groups as g
    inner join groups as r on g.organisation = r.organisation and g.level = r.level
    where r.is_reference and not g.is_reference
),

steps as (
    select distinct
        g.organisation_code,
        c.organisation,
        c.step_order,
        list_position(e.stages, c.from_stage)::tinyint - 1 as from_order,
        list_position(e.stages, c.to_stage)::tinyint - 1 as to_order
    from out.stage_counts as c
    inner join intake.extracts as e on c.organisation = e.organisation
    inner join groups as g on c.organisation = g.organisation
    where c.period = $period_start
),

-- The only pass over the records, of those whom somebody decided on.
cells as (
    select
        a.vacancy_id,
        l.organisation_code,
        l.category_code,
        l.group_code,
        l.wres_code,
        a.last_order,
        count(*) as applications,
        coalesce(o.outcome = 'rejected', false) as is_rejected
    from core.counted_applications as a
    inner join labels as l on a.extract_id = l.extract_id and coalesce(a.ethnicity_code, '') = l.label
    left join intake.outcome_labels as o on a.extract_id = o.extract_id and coalesce(a.outcome_label, '') = o.label
    where
        list_contains($strata::varchar[], 'vacancy')
        and a.applied_on >= $period_start and a.applied_on < $period_end
        and (a.last_order > 0 or o.outcome = 'rejected')
    group by all
),

-- Decided at a step: past it, or turned down in it.
in_vacancies as (
    select
        c.vacancy_id,
        s.step_order,
        c.category_code,
        c.group_code,
        c.wres_code,
        sum(c.applications)::integer as decided,
        coalesce(sum(c.applications) filter (where c.last_order >= s.to_order), 0)::integer as selected
    from cells as c
    inner join steps as s on c.organisation_code = s.organisation_code
    where c.last_order >= s.to_order or (c.last_order >= s.from_order and c.is_rejected)
    group by all
),

by_level as (
    select
        vacancy_id,
        step_order,
        grouping(category_code, group_code, wres_code)::tinyint as level_code,
        coalesce(category_code, group_code, wres_code) as code,
        sum(decided)::integer as decided,
        sum(selected)::integer as selected
    from in_vacancies
    group by grouping sets (
        (vacancy_id, step_order, category_code),
        (vacancy_id, step_order, group_code),
        (vacancy_id, step_order, wres_code)
    )
),

in_reference as (
    select b.*
    from by_level as b
    inner join groups as g on b.code = g.code
    where g.is_reference
),

paired as (
    select
        'vacancy' as stratified_by,
        l.step_order,
        l.code,
        l.selected as s1,
        l.decided as n1,
        r.selected as s0,
        r.decided as n0
    from by_level as l
    inner join in_reference as r
        on l.vacancy_id = r.vacancy_id and l.step_order = r.step_order and l.level_code = r.level_code
    where l.code <> r.code
    union all
    select
        c.breakdown as stratified_by,
        c.step_order,
        g.code,
        c.progressed as s1,
        c.decided as n1,
        r.progressed as s0,
        r.decided as n0
    from out.stage_counts as c
    inner join groups as g on c.organisation = g.organisation and c.level = g.level and c.group_name = g.group_name
    inner join out.stage_counts as r
        on
            c.organisation = r.organisation
            and c.period = r.period
            and c.level = r.level
            and c.breakdown = r.breakdown
            and c.breakdown_value = r.breakdown_value
            and c.step_order = r.step_order
    where
        c.period = $period_start
        and list_contains($strata::varchar[], c.breakdown)
        and not g.is_reference
        and list_contains($references::varchar[][], [r.level, r.group_name])
        and c.decided > 0
        and r.decided > 0
),

tables as (
    select
        stratified_by,
        step_order,
        code,
        s1::double as s1,
        n1::double as n1,
        s0::double as s0,
        n0::double as n0,
        (n1 + n0)::double as t,
        (s1 + s0)::double as m
    from paired
),

summed as (
    select
        stratified_by,
        step_order,
        code,
        count(*) as strata,
        count(*) filter (where m > 0 and m < t) as informative_strata,
        sum(s1)::bigint as group_selected,
        sum(n1)::bigint as group_decided,
        sum(s0)::bigint as reference_selected,
        sum(n0)::bigint as reference_decided,
        sum(s1 * n0 / t) as ratio_numerator,
        sum(s0 * n1 / t) as ratio_denominator,
        sum((n1 * n0 * m - s1 * s0 * t) / (t * t)) as ratio_variance,
        sum(s1 * (n0 - s0) / t) as odds_numerator,
        sum(s0 * (n1 - s1) / t) as odds_denominator,
        sum(s1 - n1 * m / t) as excess,
        sum(n1 * n0 * m * (t - m) / (t * t * (t - 1))) as excess_variance
    from tables
    group by all
)

select
    g.organisation,
    g.level,
    g.group_name,
    r.group_name as reference_name,
    s.*
from summed as s
inner join groups as g on s.code = g.code
inner join reference_of as f on s.code = f.code
inner join groups as r on f.reference_code = r.code
order by g.organisation, g.level, s.stratified_by, s.step_order, g.group_name
