"""The checks on core.applicant_stages, for the rows of one extract.

The table has one row per application and stage, so checks group by application: each query reads the rows once.
"""

from typing import Literal

from equity_audit.contracts import APPLICANT_STAGES
from equity_audit.vocabulary import CATEGORIES, GROUPS, OUTCOMES, UNKNOWN, US_GROUPS, WRES_GROUPS
from expectations.check import Check, Expectation, no_rows


def applicant_stages(share: float) -> tuple[Check, ...]:
    """Return the checks of one extract's rows. A share of unknown ethnicity above `share` gives a warning."""

    def check(
        name: str, meaning: str, *expectations: Expectation, severity: Literal["critical", "warning"] = "critical"
    ) -> Check:
        return Check(name, APPLICANT_STAGES.full_name, severity, meaning, expectations)

    required = (
        *("organisation", "vacancy_id", "application_id", "stage", "stage_order"),
        *("applied_on", "extract_id"),
    )
    vocabulary = {
        "outcome": list(OUTCOMES),
        "ethnicity_category": list(CATEGORIES),
        "ethnicity_group": sorted({*GROUPS, *US_GROUPS}),
        "wres_group": list(WRES_GROUPS),
    }
    parents = ", ".join(f"('{category}', '{group}')" for category, group in CATEGORIES.items())
    return (
        check(
            "required_columns_filled",
            "every row names its organisation, vacancy, application, stage, day of applying and extract",
            *(Expectation("ExpectColumnValuesToNotBeNull", {"column": column}) for column in required),
        ),
        check(
            "known_vocabulary",
            "outcomes and ethnic groups are words of the vocabulary",
            *(
                Expectation("ExpectColumnValuesToBeInSet", {"column": column, "value_set": values})
                for column, values in vocabulary.items()
            ),
        ),
        check(
            "application_stage_unique",
            "an application has each stage once",
            *no_rows("select 1 as broken from {batch} group by application_id, stage having count(*) > 1"),
        ),
        check(
            "stages_without_gaps",
            "an application that reached a stage reached every stage before it",
            *no_rows(
                # A bit for each stage reached: four times faster than count(distinct) for each application.
                "select 1 as broken from (select max(stage_order) as last_order, "
                "bit_or(1::hugeint << stage_order) as reached from {batch} group by application_id) as paths "
                "where reached <> (1::hugeint << (last_order + 1)) - 1"
            ),
        ),
        check(
            "applications_consistent",
            "organisation, vacancy, day of applying and ethnicity of an application are the same at each of its stages",
            *no_rows(
                "select 1 as broken from (select application_id, hash(organisation, vacancy_id, applied_on, "
                "ethnicity_category, ethnicity_group, wres_group) as described from {batch}) as rows "
                "group by application_id having min(described) <> max(described)"
            ),
        ),
        check(
            "dates_in_order",
            "no stage is dated before any earlier one, and the first is the day of applying",
            *no_rows(
                "select 1 as broken from {batch} "
                "where reached_on < applied_on or (stage_order = 0 and reached_on <> applied_on) "
                "union all select 1 as broken from (select reached_on, max(reached_on) over (partition by "
                "application_id order by stage_order rows between unbounded preceding and 1 preceding) as latest "
                "from {batch} where stage_order > 0) as later where reached_on < latest"
            ),
        ),
        check(
            "outcomes_fit_stages",
            "progressed where a later stage was reached and nowhere else; no outcome only at the last stage of all",
            *no_rows(
                "select 1 as broken from {batch} group by application_id having max(stage_order) is distinct from "
                "min(stage_order) filter (where outcome is distinct from 'progressed') "
                "union all select 1 as broken from "
                "(select distinct extract_id, stage_order, outcome is null as no_outcome from {batch}) as ends "
                "inner join intake.extracts as e on ends.extract_id = e.extract_id "
                "where no_outcome <> (stage_order = len(e.stages) - 1)"
            ),
        ),
        check(
            "groups_fit_categories",
            "everybody has a group; each category stands in its own, and each group in White, BME or Unknown",
            *no_rows(
                "select 1 as broken from {batch} "
                f"where (ethnicity_category is not null and (ethnicity_category, ethnicity_group) not in ({parents})) "
                "or coalesce(ethnicity_group, wres_group) is null "
                "or wres_group <> case when ethnicity_group in ('White', 'Unknown') then ethnicity_group else 'BME' end"
            ),
        ),
        check(
            "ids_are_pseudonyms",
            "ids of applications and vacancies are keyed pseudonyms, not those of the export",
            *no_rows(
                "select 1 as broken from (select application_id as id from {batch} "
                "union all select distinct vacancy_id from {batch}) as ids "
                "where not regexp_full_match(replace(id::varchar, '-', ''), '[0-9a-f]{{32}}')"
            ),
        ),
        check(
            "register_reconciles",
            "rows read are rows used, ignored and set aside, and the register's totals are those of the table",
            *no_rows(
                "select 1 as broken from (select count(*) as stage_rows, "
                "count(distinct application_id) as applications from {batch}) as loaded "
                "left join (select * from intake.extracts where {condition}) as e on true "
                "where (e.shape is distinct from 'counts' and (e.stage_rows is distinct from loaded.stage_rows "
                "or e.applications is distinct from loaded.applications)) "
                "or e.rows_in is distinct from e.rows_accepted + e.rows_ignored + e.rows_rejected"
            ),
        ),
        check(
            "rows_fit_register",
            "each row has the organisation that the register has, and each stage its place in the source's own list",
            *no_rows(
                "select 1 as broken from "
                "(select distinct extract_id, organisation, stage, stage_order from {batch}) as places "
                "inner join intake.extracts as e on places.extract_id = e.extract_id "
                "where places.organisation <> e.organisation "
                "or places.stage is distinct from e.stages[places.stage_order + 1]"
            ),
        ),
        check(
            "ethnicity_mostly_known",
            f"ethnicity is known for at least {1 - share:.0%} of applications",
            *no_rows(
                "select 1 as broken from {batch} where stage_order = 0 "
                f"having count(*) filter (where wres_group = '{UNKNOWN}') > {share} * count(*)"
            ),
            severity="warning",
        ),
        check(
            "stages_dated",
            "every stage reached has a date",
            *no_rows("select 1 as broken from {batch} where reached_on is null"),
            severity="warning",
        ),
    )
