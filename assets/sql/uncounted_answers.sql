-- Organisations whose survey answers in a period are not all in every level of out.survey; there should be none.
-- An independent count: the newest extract is found by a join, not from core.counted_answers.
-- inputs: core.answers, intake.accepted_extracts, out.survey
-- parameters: $period_start, $period_end (exclusive)
with

newest as (
    select
        s.organisation,
        s.wave,
        max(e.extract_number) as extract_number
    from core.answers as s
    inner join intake.accepted_extracts as e on s.extract_id = e.extract_id
    where s.wave >= $period_start and s.wave < $period_end
    group by s.organisation, s.wave
),

latest as (
    select
        organisation,
        max(wave) as wave,
        max_by(extract_number, wave) as extract_number
    from newest
    group by organisation
),

received as (
    select
        s.organisation,
        s.item,
        sum(s.answered)::bigint as answered,
        sum(s.agreed)::bigint as agreed
    from core.answers as s
    inner join intake.accepted_extracts as e on s.extract_id = e.extract_id
    inner join latest as l
        on s.organisation = l.organisation and s.wave = l.wave and e.extract_number = l.extract_number
    group by s.organisation, s.item
),

-- Every question at every level, so that a missing level is found.
wanted as (
    select
        r.*,
        v.level
    from received as r
    cross join (values ('all'), ('wres'), ('group')) as v (level)
),

counted as (
    select
        organisation,
        breakdown_value as item,
        level,
        sum(answered)::bigint as answered,
        sum(agreed)::bigint as agreed
    from out.survey
    where period = $period_start
    group by all
)

select distinct coalesce(w.organisation, c.organisation) as organisation
from wanted as w
full join counted as c on w.organisation = c.organisation and w.item = c.item and w.level = c.level
where w.answered is distinct from c.answered or w.agreed is distinct from c.agreed
