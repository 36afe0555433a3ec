-- The critical checks behind one period: those on its counts and on each extract from which it was counted.
-- Publication of an edition already shows that they passed. A warning may depend on one exact count, so warnings are
-- not published.
-- grain: organisation, check and partition
-- inputs: intake.check_results, disclosed.sources
-- parameters: $period_start
with

extracts as (
    select
        organisation,
        period,
        extract_id
    from disclosed.sources
    where period = $period_start
),

partitions as (
    select
        organisation,
        period,
        extract_id as partition_key
    from extracts
    union
    select
        organisation,
        period,
        period::varchar as partition_key
    from extracts
)

select
    p.organisation,
    p.period,
    r.table_name,
    r.partition_key,
    r.check_name,
    r.meaning,
    r.severity,
    r.passed
from intake.check_results as r
inner join partitions as p
    on r.partition_key = p.partition_key and coalesce(r.organisation, p.organisation) = p.organisation
where
    r.severity = 'critical'
order by p.organisation, r.table_name, r.partition_key, r.check_name
