-- Organisations whose staff or board in a period are not all in every split of out.workforce; there should be none.
-- An independent count: the newest extract is found by a join, not from core.counted_headcounts.
-- inputs: core.headcounts, intake.accepted_extracts, out.workforce
-- parameters: $period_start, $period_end (exclusive)
with

newest as (
    select
        h.organisation,
        h.snapshot,
        max(e.extract_number) as extract_number
    from core.headcounts as h
    inner join intake.accepted_extracts as e on h.extract_id = e.extract_id
    where h.snapshot >= $period_start and h.snapshot < $period_end
    group by h.organisation, h.snapshot
),

latest as (
    select
        organisation,
        max(snapshot) as snapshot,
        max_by(extract_number, snapshot) as extract_number
    from newest
    group by organisation
),

last_rows as (
    select
        h.organisation,
        h.board,
        h.executive,
        h.headcount
    from core.headcounts as h
    inner join intake.accepted_extracts as e on h.extract_id = e.extract_id
    inner join latest as l
        on h.organisation = l.organisation and h.snapshot = l.snapshot and e.extract_number = l.extract_number
),

-- Staff and board, and once more those who are executive members and the other voting members, if the source says.
received as (
    select
        organisation,
        case when board then 'board' else 'staff' end as people,
        sum(headcount)::bigint as headcount
    from last_rows
    group by all
    union all
    select
        organisation,
        case when executive then 'executive members' else 'other voting members' end as people,
        sum(headcount)::bigint as headcount
    from last_rows
    where executive is not null and (board or executive)
    group by all
),

counted as (
    select
        organisation,
        case breakdown when 'board' then 'board' when 'board_executive' then breakdown_value else 'staff' end as people,
        breakdown,
        level,
        sum(headcount)::bigint as headcount
    from out.workforce
    where period = $period_start
    group by all
),

-- Levels that all of them must have, so that a missing level is found.
wanted as (
    select
        r.organisation,
        r.people,
        v.level
    from received as r
    cross join (values ('all'), ('wres'), ('group')) as v (level)
)

select coalesce(r.organisation, c.organisation) as organisation
from received as r
full join counted as c on r.organisation = c.organisation and r.people = c.people
where r.headcount is distinct from c.headcount
union
select w.organisation
from wanted as w
left join counted as c
    on
        w.organisation = c.organisation
        and w.level = c.level
        and w.people = c.people
        and (c.people <> 'staff' or c.breakdown = 'all')
where c.organisation is null
