-- core.applicant_stages: one row per application and stage reached, for each extract that has the application.
-- A view: reaching a stage means that all earlier stages were reached, so the rows follow from the furthest one.
-- inputs: core.applications, intake.extracts, intake.ethnicity_labels, intake.outcome_labels
with

stages as (
    select
        *,
        unnest(range(last_order + 1)) as place
    from core.applications
)

select
    s.organisation,
    s.vacancy_id,
    s.application_id,
    s.candidate_id,
    e.stages[s.place + 1] as stage,
    s.place::tinyint as stage_order,
    s.reached_on[s.place + 1] as reached_on,
    case when s.place < s.last_order then 'progressed' when s.place + 1 < len(e.stages) then o.outcome end as outcome,
    s.ethnicity_code,
    l.ethnicity_category,
    l.ethnicity_group,
    l.wres_group,
    -- All details of post and person in equity_audit.details.
    -- noqa: disable=RF02
    s.* exclude (
        organisation,
        vacancy_id,
        application_id,
        candidate_id,
        ethnicity_code,
        outcome_label,
        last_order,
        applied_on,
        reached_on,
        stage_flags,
        extract_id,
        place
    ),
    -- noqa: enable=RF02
    s.applied_on,
    s.extract_id
from stages as s
inner join intake.extracts as e on s.extract_id = e.extract_id
inner join intake.ethnicity_labels as l on s.extract_id = l.extract_id and coalesce(s.ethnicity_code, '') = l.label
left join intake.outcome_labels as o on s.extract_id = o.extract_id and coalesce(s.outcome_label, '') = o.label
