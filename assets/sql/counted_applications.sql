-- core.counted_applications: one row per application that counts, in the newest accepted extract that has it.
-- A view: it follows the extracts, and any edition can be rebuilt from the extracts that it names.
-- inputs: core.applicant_stages, intake.accepted_extracts
-- columns: organisation, application_id, extract_id, applied_on
select
    s.organisation,
    s.application_id,
    max_by(s.extract_id, e.extract_number) as extract_id,
    max_by(s.applied_on, e.extract_number) as applied_on
from core.applicant_stages as s
inner join intake.accepted_extracts as e on s.extract_id = e.extract_id
where s.stage_order = 0
group by s.organisation, s.application_id
