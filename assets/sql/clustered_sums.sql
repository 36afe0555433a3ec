-- Sums over clusters from which out.design_effects follows: how far decisions of one vacancy, or on one person, go
-- together.
-- grain: organisation, kind of cluster (vacancy, candidate), level, step and group
-- inputs: core.counted_applications (one scan), intake.extracts, intake.level_names, intake.outcome_labels,
-- out.stage_counts
-- parameters: $period_start, $period_end (exclusive), $references (pairs of level and group)
-- Within a cluster, with s selected of n decided: own sums are those of the group, cross sums (_with_) those of the
-- group times the reference's of the same cluster. All applicants together are a group without a reference. Clusters of
-- candidates only where a source identifies people.
with

-- Small numbers instead of names, as in stratified_sums.
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
    where l.level <> 'category'
),

labels as (
    select
        extract_id,
        label,
        organisation_code,
        max(code) filter (where level = 'group') as group_code,
        max(code) filter (where level = 'wres') as wres_code,
        max(code) filter (where level = 'all') as all_code
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

steps as (
    select distinct
        g.organisation_code,
        c.step_order,
        list_position(e.stages, c.from_stage) - 1 as from_order,
        list_position(e.stages, c.to_stage) - 1 as to_order
    from out.stage_counts as c
    inner join intake.extracts as e on c.organisation = e.organisation
    inner join groups as g on c.organisation = g.organisation
    where c.period = $period_start
),

-- Every label of an extract, and a blank one, which not every source has.
outcomes as (
    select
        e.extract_id,
        coalesce(o.label, '') as label,
        coalesce(bool_or(o.outcome = 'rejected'), false) as is_rejected
    from intake.extracts as e
    left join intake.outcome_labels as o on e.extract_id = o.extract_id
    group by e.extract_id, coalesce(o.label, '')
),

-- The only pass over the records, limited to applications with a decision.
people as (
    select
        l.organisation_code,
        l.group_code,
        l.wres_code,
        l.all_code,
        a.vacancy_id,
        a.application_id,
        a.candidate_id,
        a.last_order,
        coalesce(o.is_rejected, false) as is_rejected
    from core.counted_applications as a
    inner join labels as l on a.extract_id = l.extract_id and coalesce(a.ethnicity_code, '') = l.label
    left join outcomes as o on a.extract_id = o.extract_id and coalesce(a.outcome_label, '') = o.label
    where
        a.applied_on >= $period_start and a.applied_on < $period_end
        and (a.last_order > 0 or o.is_rejected)
),

identifying as (
    select distinct organisation_code
    from people
    where candidate_id is not null
),

-- A vacancy that is not recorded, and a person who is not identified, is a cluster of one application.
clustered as (
    select
        'vacancy' as clustered_by,
        coalesce(vacancy_id, application_id) as cluster_id,
        organisation_code,
        group_code,
        wres_code,
        all_code,
        last_order,
        is_rejected,
        count(*) as applications
    from people
    group by all
    union all
    select
        'candidate' as clustered_by,
        coalesce(p.candidate_id, p.application_id) as cluster_id,
        p.organisation_code,
        p.group_code,
        p.wres_code,
        p.all_code,
        p.last_order,
        p.is_rejected,
        count(*) as applications
    from people as p
    inner join identifying as i on p.organisation_code = i.organisation_code
    group by all
),

-- Decided at a step: past it, or rejected in it.
by_level as (
    select
        c.clustered_by,
        c.cluster_id,
        s.step_order,
        grouping(c.group_code, c.wres_code, c.all_code)::tinyint as level_code,
        coalesce(c.group_code, c.wres_code, c.all_code) as code,
        coalesce(sum(c.applications) filter (where c.last_order >= s.to_order), 0)::double as s,
        sum(c.applications)::double as n
    from clustered as c
    inner join steps as s on c.organisation_code = s.organisation_code
    where c.last_order >= s.to_order or (c.last_order >= s.from_order and c.is_rejected)
    group by grouping sets (
        (c.clustered_by, c.cluster_id, s.step_order, c.group_code),
        (c.clustered_by, c.cluster_id, s.step_order, c.wres_code),
        (c.clustered_by, c.cluster_id, s.step_order, c.all_code)
    )
),

in_reference as (
    select b.*
    from by_level as b
    inner join groups as g on b.code = g.code
    where g.is_reference
),

-- Sums of doubles, which represent whole numbers exactly.
summed as (
    select
        l.clustered_by,
        l.step_order,
        l.code,
        count(*) as clusters,
        count(r.n) as clusters_with_reference,
        sum(l.s)::bigint as selected,
        sum(l.n)::bigint as decided,
        sum(l.s * l.s)::bigint as selected_selected,
        sum(l.s * l.n)::bigint as selected_decided,
        sum(l.n * l.n)::bigint as decided_decided,
        coalesce(sum(l.s * r.s), 0)::bigint as selected_with_selected,
        coalesce(sum(l.s * r.n), 0)::bigint as selected_with_decided,
        coalesce(sum(l.n * r.s), 0)::bigint as decided_with_selected,
        coalesce(sum(l.n * r.n), 0)::bigint as decided_with_decided
    from by_level as l
    left join in_reference as r
        on
            l.clustered_by = r.clustered_by
            and l.cluster_id = r.cluster_id
            and l.step_order = r.step_order
            and l.level_code = r.level_code
    where l.code is not null
    group by l.clustered_by, l.step_order, l.code
)

select
    g.organisation,
    s.clustered_by,
    g.level,
    s.step_order,
    g.group_name,
    g.is_reference,
    s.clusters,
    s.clusters_with_reference,
    s.selected,
    s.decided,
    s.selected_selected,
    s.selected_decided,
    s.decided_decided,
    s.selected_with_selected,
    s.selected_with_decided,
    s.decided_with_selected,
    s.decided_with_decided
from summed as s
inner join groups as g on s.code = g.code
order by g.organisation, s.clustered_by, g.level, s.step_order, g.group_name
