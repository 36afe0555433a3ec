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

received as (
    select
        h.organisation,
        h.board,
        sum(h.headcount)::bigint as headcount
    from core.headcounts as h
    inner join intake.accepted_extracts as e on h.extract_id = e.extract_id
    inner join latest as l
        on h.organisation = l.organisation and h.snapshot = l.snapshot and e.extract_number = l.extract_number
    group by h.organisation, h.board
),

counted as (
    select
        organisation,
        breakdown = 'board' as board,
        breakdown,
        level,
        sum(headcount)::bigint as headcount
    from out.workforce
    where period = $period_start
    group by all
),

-- Levels that staff and board must have, so that a missing level is found.
wanted as (
    select
        r.organisation,
        r.board,
        v.level
    from received as r
    cross join (values ('all'), ('wres'), ('group')) as v (level)
)

select coalesce(r.organisation, c.organisation) as organisation
from received as r
full join counted as c on r.organisation = c.organisation and r.board = c.board
where r.headcount is distinct from c.headcount
union
select w.organisation
from wanted as w
left join counted as c
    on
        w.organisation = c.organisation
        and w.level = c.level
        and c.breakdown = case when w.board then 'board' else 'all' end
where c.organisation is null
