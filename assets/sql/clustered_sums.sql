-- Sums over clusters from which out.design_effects follows: how far decisions of one vacancy, or on one person, go
-- together.
-- grain: organisation, kind of cluster (vacancy, candidate), level, step and group
-- inputs: core.counted_applications (one scan), intake.extracts, intake.level_names, intake.outcome_labels,
-- out.step_blocks
-- parameters: $period_start, $period_end (exclusive), $references (triples of classification, level and group)
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
        list_contains(
            $references::varchar[][], [e.ethnicity_classification, l.level, l.group_name]
        ) as is_reference
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

blocks as (
    select distinct
        g.organisation_code,
        b.*
    from out.step_blocks as b
    inner join groups as g on b.organisation = g.organisation
    where b.period = $period_start
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
        0::tinyint as cluster_kind,
        coalesce(vacancy_id, application_id) as cluster_id,
        organisation_code,
        group_code,
        wres_code,
        all_code,
        last_order,
        is_rejected
    from people
    union all
    select
        1::tinyint as cluster_kind,
        coalesce(p.candidate_id, p.application_id) as cluster_id,
        p.organisation_code,
        p.group_code,
        p.wres_code,
        p.all_code,
        p.last_order,
        p.is_rejected
    from people as p
    inner join identifying as i on p.organisation_code = i.organisation_code
),

-- Decided at a step: past it, or rejected in it. A step that the block does not have counts 0.
cells as (
    select
        p.cluster_kind,
        p.cluster_id,
        b.block,
        p.group_code,
        p.wres_code,
        p.all_code,
        count(*) filter (where p.last_order >= b.to_1) as s1,
        count(*) filter (where p.last_order >= b.to_1 or (p.last_order >= b.from_1 and p.is_rejected)) as n1,
        count(*) filter (where p.last_order >= b.to_2) as s2,
        count(*) filter (where p.last_order >= b.to_2 or (p.last_order >= b.from_2 and p.is_rejected)) as n2,
        count(*) filter (where p.last_order >= b.to_3) as s3,
        count(*) filter (where p.last_order >= b.to_3 or (p.last_order >= b.from_3 and p.is_rejected)) as n3,
        count(*) filter (where p.last_order >= b.to_4) as s4,
        count(*) filter (where p.last_order >= b.to_4 or (p.last_order >= b.from_4 and p.is_rejected)) as n4,
        count(*) filter (where p.last_order >= b.to_5) as s5,
        count(*) filter (where p.last_order >= b.to_5 or (p.last_order >= b.from_5 and p.is_rejected)) as n5,
        count(*) filter (where p.last_order >= b.to_6) as s6,
        count(*) filter (where p.last_order >= b.to_6 or (p.last_order >= b.from_6 and p.is_rejected)) as n6,
        count(*) filter (where p.last_order >= b.to_7) as s7,
        count(*) filter (where p.last_order >= b.to_7 or (p.last_order >= b.from_7 and p.is_rejected)) as n7,
        count(*) filter (where p.last_order >= b.to_8) as s8,
        count(*) filter (where p.last_order >= b.to_8 or (p.last_order >= b.from_8 and p.is_rejected)) as n8
    from clustered as p
    inner join blocks as b on p.organisation_code = b.organisation_code
    group by p.cluster_kind, p.cluster_id, b.block, p.group_code, p.wres_code, p.all_code
),

by_level as (
    select
        c.cluster_kind,
        c.cluster_id,
        c.block,
        grouping(c.group_code, c.wres_code, c.all_code)::tinyint as level_code,
        coalesce(c.group_code, c.wres_code, c.all_code) as code,
        sum(c.s1::double)::integer as s1,
        sum(c.n1::double)::integer as n1,
        sum(c.s2::double)::integer as s2,
        sum(c.n2::double)::integer as n2,
        sum(c.s3::double)::integer as s3,
        sum(c.n3::double)::integer as n3,
        sum(c.s4::double)::integer as s4,
        sum(c.n4::double)::integer as n4,
        sum(c.s5::double)::integer as s5,
        sum(c.n5::double)::integer as n5,
        sum(c.s6::double)::integer as s6,
        sum(c.n6::double)::integer as n6,
        sum(c.s7::double)::integer as s7,
        sum(c.n7::double)::integer as n7,
        sum(c.s8::double)::integer as s8,
        sum(c.n8::double)::integer as n8
    from cells as c
    group by grouping sets (
        (c.cluster_kind, c.cluster_id, c.block, c.group_code),
        (c.cluster_kind, c.cluster_id, c.block, c.wres_code),
        (c.cluster_kind, c.cluster_id, c.block, c.all_code)
    )
),

in_reference as (
    select b.*
    from by_level as b
    inner join groups as g on b.code = g.code
    where g.is_reference
),

-- Here, at last, one row for each step.
beside as (
    select
        l.cluster_kind,
        l.code,
        unnest(range(8 * l.block, 8 * l.block + 8))::tinyint as step_order,
        unnest([l.s1, l.s2, l.s3, l.s4, l.s5, l.s6, l.s7, l.s8])::double as s,
        unnest([l.n1, l.n2, l.n3, l.n4, l.n5, l.n6, l.n7, l.n8])::double as n,
        unnest([r.s1, r.s2, r.s3, r.s4, r.s5, r.s6, r.s7, r.s8])::double as s0,
        unnest([r.n1, r.n2, r.n3, r.n4, r.n5, r.n6, r.n7, r.n8])::double as n0
    from by_level as l
    left join in_reference as r
        on
            l.cluster_kind = r.cluster_kind
            and l.cluster_id = r.cluster_id
            and l.block = r.block
            and l.level_code = r.level_code
    where l.code is not null
),

-- Sums of doubles, which represent whole numbers exactly.
summed as (
    select
        cluster_kind,
        step_order,
        code,
        count(*) as clusters,
        count(*) filter (where n0 > 0) as clusters_with_reference,
        sum(s)::bigint as selected,
        sum(n)::bigint as decided,
        sum(s * s)::bigint as selected_selected,
        sum(s * n)::bigint as selected_decided,
        sum(n * n)::bigint as decided_decided,
        coalesce(sum(s * s0), 0)::bigint as selected_with_selected,
        coalesce(sum(s * n0), 0)::bigint as selected_with_decided,
        coalesce(sum(n * s0), 0)::bigint as decided_with_selected,
        coalesce(sum(n * n0), 0)::bigint as decided_with_decided
    from beside
    where n > 0
    group by cluster_kind, step_order, code
)

select
    g.organisation,
    case s.cluster_kind when 0 then 'vacancy' else 'candidate' end as clustered_by,
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
order by g.organisation, s.cluster_kind, g.level, s.step_order, g.group_name
