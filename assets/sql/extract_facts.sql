-- Facts of the extracts that a period's figures were counted from; becomes disclosed.extract_facts once it is rounded.
-- grain: organisation, extract, fact
-- inputs: intake.extract_facts, disclosed.sources
-- parameters: $period_start
select
    s.organisation,
    s.period,
    f.extract_id,
    f.fact,
    f.meaning,
    f.applications
from intake.extract_facts as f
inner join disclosed.sources as s on f.extract_id = s.extract_id
where s.period = $period_start
order by s.organisation, f.extract_id, f.fact
