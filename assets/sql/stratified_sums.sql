-- Sums over strata from which out.stratified_disparities follows: each group and its reference within one stratum.
-- grain: organisation, level, step, group other than the reference, and kind of stratum
-- inputs: core.counted_applications (one scan), intake.extracts, intake.level_names, intake.outcome_labels,
-- out.step_blocks
-- parameters: $period_start, $period_end (exclusive), $references (triples of classification, level and group),
-- $strata (kinds of strata)
-- Within a stratum, with s selected of n decided, 1 the group and 0 the reference: t = n1 + n0, m = s1 + s0.
with

-- Small numbers instead of names, since the following tables have a row for every vacancy, step and group.
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

blocks as (
    select distinct
        g.organisation_code,
        b.*
    from out.step_blocks as b
    inner join groups as g on b.organisation = g.organisation
    where b.period = $period_start
),

-- Every label of an extract, and a blank one, which not every source has.
received as (
    select
        extract_id,
        label,
        outcome
    from intake.outcome_labels
    union all
    select
        extract_id,
        '' as label,
        null as outcome
    from intake.extracts
),

outcomes as (
    select
        extract_id,
        label,
        coalesce(bool_or(outcome = 'rejected'), false) as is_rejected
    from received
    group by extract_id, label
),

-- Both labels of an application are looked up together: joining ten million rows twice takes longer.
kinds as (
    select
        l.extract_id,
        l.label as ethnicity_label,
        o.label as outcome_label,
        o.is_rejected,
        l.organisation_code,
        l.category_code,
        l.group_code,
        l.wres_code,
        dense_rank() over (order by l.category_code, l.group_code, l.wres_code)::smallint as kind
    from labels as l
    inner join outcomes as o on l.extract_id = o.extract_id
),

codes as (
    select distinct
        kind,
        category_code,
        group_code,
        wres_code
    from kinds
),

-- The only pass over the records, limited to applications with a decision.
people as (
    select
        a.vacancy_id,
        k.organisation_code,
        k.kind,
        a.last_order,
        k.is_rejected
    from core.counted_applications as a
    inner join kinds as k
        on
            a.extract_id = k.extract_id
            and coalesce(a.ethnicity_code, '') = k.ethnicity_label
            and coalesce(a.outcome_label, '') = k.outcome_label
    where
        list_contains($strata::varchar[], 'vacancy')
        and a.applied_on >= $period_start and a.applied_on < $period_end
        and (a.last_order > 0 or k.is_rejected)
),

-- Decided at a step: past it, or rejected in it. A step that the block does not have counts 0.
cells as (
    select
        p.vacancy_id,
        b.block,
        p.kind,
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
    from people as p
    inner join blocks as b on p.organisation_code = b.organisation_code
    group by p.vacancy_id, b.block, p.kind
),

-- Sums of doubles, which represent whole numbers exactly: sums of integers need twice the memory and spill to disk.
by_level as (
    select
        c.vacancy_id,
        c.block,
        grouping(k.category_code, k.group_code, k.wres_code)::tinyint as level_code,
        coalesce(k.category_code, k.group_code, k.wres_code) as code,
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
    inner join codes as k on c.kind = k.kind
    group by grouping sets (
        (c.vacancy_id, c.block, k.category_code),
        (c.vacancy_id, c.block, k.group_code),
        (c.vacancy_id, c.block, k.wres_code)
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
        l.code,
        unnest(range(8 * l.block, 8 * l.block + 8))::tinyint as step_order,
        unnest([l.s1, l.s2, l.s3, l.s4, l.s5, l.s6, l.s7, l.s8]) as s1,
        unnest([l.n1, l.n2, l.n3, l.n4, l.n5, l.n6, l.n7, l.n8]) as n1,
        unnest([r.s1, r.s2, r.s3, r.s4, r.s5, r.s6, r.s7, r.s8]) as s0,
        unnest([r.n1, r.n2, r.n3, r.n4, r.n5, r.n6, r.n7, r.n8]) as n0
    from by_level as l
    inner join in_reference as r
        on l.vacancy_id = r.vacancy_id and l.block = r.block and l.level_code = r.level_code
    where l.code <> r.code
),

paired as (
    select
        'vacancy' as stratified_by,
        step_order,
        code,
        s1,
        n1,
        s0,
        n0
    from beside
    where n1 > 0 and n0 > 0
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
    inner join groups as h on r.organisation = h.organisation and r.level = h.level and r.group_name = h.group_name
    where
        c.period = $period_start
        and list_contains($strata::varchar[], c.breakdown)
        and not g.is_reference
        and h.is_reference
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
