-- core.counted_headcounts: staff and board headcounts that count, those of the newest accepted extract for each date.
-- A view: it follows the extracts, so any edition can be rebuilt from the extracts that it names.
-- inputs: core.headcounts, intake.accepted_extracts
-- columns: those of core.headcounts
select
    h.organisation,
    h.snapshot,
    h.ethnicity_code,
    h.ethnicity_category,
    h.ethnicity_group,
    h.wres_group,
    h.pay_band,
    h.tier,
    h.staff_group,
    h.clinical,
    h.board,
    h.executive,
    h.headcount,
    h.leavers,
    h.joiners,
    h.extract_id
from core.headcounts as h
inner join intake.accepted_extracts as a on h.extract_id = a.extract_id
qualify a.extract_number = max(a.extract_number) over (partition by h.organisation, h.snapshot)
