-- Exact tallies of the files behind a period, for the analyst's private list; never published.
-- grain: organisation, extract and fact
-- inputs: disclosed.sources, intake.check_results, intake.extract_facts, intake.extracts
-- parameters: $period_start
with

files as (
    select e.*
    from intake.extracts as e
    inner join disclosed.sources as s on e.extract_id = s.extract_id
    where s.period = $period_start
),

tallies as (
    select
        extract_id,
        unnest(['rows read', 'rows used', 'rows ignored', 'rows invalid', 'applications']) as what,
        unnest([rows_in, rows_accepted, rows_ignored, rows_rejected, applications]) as number
    from files
    union all
    select
        extract_id,
        'applications: ' || meaning as what,
        applications as number
    from intake.extract_facts
    union all
    select
        partition_key as extract_id,
        'check not met: ' || meaning as what,
        null as number
    from intake.check_results
    where not passed
)

select
    f.organisation,
    f.file_name,
    f.file_sha256,
    f.extract_id,
    t.what,
    t.number
from files as f
inner join tallies as t on f.extract_id = t.extract_id
order by f.organisation, f.extract_number, t.number is null, t.what
