-- core.counted_answers: survey answers that count, those of the newest accepted extract for each date.
-- A view: it follows the extracts, so any edition can be rebuilt from the extracts that it names.
-- inputs: core.answers, intake.accepted_extracts
-- columns: those of core.answers
select
    s.organisation,
    s.wave,
    s.item,
    s.ethnicity_code,
    s.ethnicity_category,
    s.ethnicity_group,
    s.wres_group,
    s.answered,
    s.agreed,
    s.extract_id
from core.answers as s
inner join intake.accepted_extracts as a on s.extract_id = a.extract_id
qualify a.extract_number = max(a.extract_number) over (partition by s.organisation, s.wave)
