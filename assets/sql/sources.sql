-- The extracts from which a period's figures were counted; disclosed.sources has keyed commitments instead of hashes.
-- grain: organisation, extract
-- Numbers of staff and of answers are beside recruitment: without applicants of the period they are no source of it.
-- inputs: core.counted_applications, core.counted_people, core.group_counts, intake.accepted_extracts, intake.extracts
-- parameters: $period_start, $period_end (exclusive)
with

applicants as (
    select distinct
        organisation,
        extract_id
    from core.counted_applications
    where applied_on >= $period_start and applied_on < $period_end
    union
    select
        g.organisation,
        max_by(g.extract_id, e.extract_number) as extract_id
    from core.group_counts as g
    inner join intake.accepted_extracts as e on g.extract_id = e.extract_id
    where g.period = $period_start
    group by g.organisation
),

counted as (
    select
        organisation,
        extract_id
    from applicants
    union
    select
        organisation,
        max_by(extract_id, day) as extract_id
    from core.counted_people
    where
        day >= $period_start
        and day < $period_end
        and organisation in (select a.organisation from applicants as a)
    group by organisation, kind
)

select
    e.organisation,
    $period_start::date as period,
    e.extract_id,
    e.extract_number,
    e.file_sha256,
    e.mapping_sha256,
    e.shape,
    e.ethnicity_classification
from intake.extracts as e
inner join counted as c on e.extract_id = c.extract_id
order by e.organisation, e.extract_number
