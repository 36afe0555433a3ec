"""The checks on the warehouse's tables, as data: what each makes sure of, how bad its failure is, and how it is asked.

Nothing here runs a check (adapter.py does). SQL is written for one batch, {batch}, which is one partition of the table,
and gives a row where the check fails: never more than one, and never a value of a record.
"""

from dataclasses import dataclass
from typing import Any, Literal

from equity_audit.contracts import APPLICANT_STAGES, COUNTS, STAGE_COUNTS
from equity_audit.settings import Settings
from equity_audit.vocabulary import CATEGORIES, GROUPS, OUTCOMES, UNKNOWN, WRES_GROUPS


@dataclass(frozen=True)
class Expectation:
    """One expectation of Great Expectations by class name, with its arguments."""

    type: str
    arguments: dict[str, Any]


@dataclass(frozen=True)
class Check:
    """One check: passes when all its expectations hold. A critical one stops the run, a warning is said."""

    name: str
    table: str
    severity: Literal["critical", "warning"]
    meaning: str
    expectations: tuple[Expectation, ...]


def suite(table: str, settings: Settings) -> tuple[Check, ...]:
    """The checks of a table, in the order in which they are shown."""
    return {APPLICANT_STAGES.full_name: _applicant_stages, STAGE_COUNTS.full_name: _stage_counts}[table](settings)


def _no_rows(query: str) -> tuple[Expectation, ...]:
    """Expect a query to give nothing."""
    return (Expectation("UnexpectedRowsExpectation", {"unexpected_rows_query": f"{query} limit 1"}),)


def _applicant_stages(settings: Settings) -> tuple[Check, ...]:
    def check(
        name: str, meaning: str, *expectations: Expectation, severity: Literal["critical", "warning"] = "critical"
    ) -> Check:
        return Check(name, APPLICANT_STAGES.full_name, severity, meaning, expectations)

    required = (
        *("organisation", "vacancy_id", "application_id", "stage", "stage_order"),
        *("wres_group", "applied_on", "source_row", "extract_id"),
    )
    words = {
        "outcome": list(OUTCOMES),
        "ethnicity_category": list(CATEGORIES),
        "ethnicity_group": list(GROUPS),
        "wres_group": list(WRES_GROUPS),
    }
    parents = ", ".join(f"('{category}', '{group}')" for category, group in CATEGORIES.items())
    share = settings.intake.warn_unknown_share
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
                for column, values in words.items()
            ),
        ),
        check(
            "application_stage_unique",
            "an application has each stage once",
            *_no_rows("select 1 as broken from {batch} group by application_id, stage having count(*) > 1"),
        ),
        check(
            "stages_without_gaps",
            "an application that reached a stage reached every stage before it",
            *_no_rows(
                "select 1 as broken from {batch} group by application_id "
                "having min(stage_order) <> 0 or max(stage_order) <> count(distinct stage_order) - 1"
            ),
        ),
        check(
            "dates_in_order",
            "no stage is dated before the one before it, and the first is the day of applying",
            *_no_rows(
                "select 1 as broken from (select stage_order, reached_on, applied_on, lag(reached_on) over "
                "(partition by application_id order by stage_order) as before from {batch}) as steps "
                "where reached_on < before or (stage_order = 0 and reached_on <> applied_on)"
            ),
        ),
        check(
            "outcomes_fit_stages",
            "progressed where a later stage was reached and nowhere else; no outcome only at the last stage of all",
            *_no_rows(
                "select 1 as broken from (select application_id, extract_id, max(stage_order) as last_order, "
                "count(*) filter (where outcome = 'progressed') as progressed, "
                "max_by(coalesce(outcome, 'none'), stage_order) as last_outcome "
                "from {batch} group by application_id, extract_id) as paths "
                "inner join intake.extracts as e on paths.extract_id = e.extract_id "
                "where progressed <> last_order or last_outcome = 'progressed' "
                "or (last_outcome = 'none') <> (last_order = len(e.stages) - 1)"
            ),
        ),
        check(
            "groups_fit_categories",
            "each category stands in its own group, and each group in White, BME or Unknown",
            *_no_rows(
                "select 1 as broken from {batch} "
                f"where (ethnicity_category is not null and (ethnicity_category, ethnicity_group) not in ({parents})) "
                "or wres_group <> case when ethnicity_group in ('White', 'Unknown') then ethnicity_group else 'BME' end"
            ),
        ),
        check(
            "ids_are_pseudonyms",
            "ids of applications and vacancies are keyed pseudonyms, not those of the export",
            *_no_rows(
                "select 1 as broken from {batch} where length(application_id) <> 32 or length(vacancy_id) <> 32 "
                "or not regexp_full_match(application_id || vacancy_id, '[0-9a-f]+')"
            ),
        ),
        check(
            "register_reconciles",
            "rows read are rows used, ignored and set aside, and the register's totals are those of the table",
            *_no_rows(
                "select 1 as broken from (select extract_id, count(*) as stage_rows, "
                "count(distinct application_id) as applications from {batch} group by extract_id) as loaded "
                "inner join intake.extracts as e on loaded.extract_id = e.extract_id "
                "where e.stage_rows <> loaded.stage_rows or e.applications <> loaded.applications "
                "or e.rows_in <> e.rows_accepted + e.rows_ignored + e.rows_rejected"
            ),
        ),
        check(
            "ethnicity_mostly_known",
            f"ethnicity is known for at least {1 - share:.0%} of applications",
            *_no_rows(
                "select 1 as broken from {batch} where stage_order = 0 "
                f"having count(*) filter (where wres_group = '{UNKNOWN}') > {share} * count(*)"
            ),
            severity="warning",
        ),
        check(
            "stages_dated",
            "every stage reached has a date",
            *_no_rows("select 1 as broken from {batch} where reached_on is null"),
            severity="warning",
        ),
    )


def _stage_counts(_: Settings) -> tuple[Check, ...]:
    def check(name: str, meaning: str, *expectations: Expectation) -> Check:
        return Check(name, STAGE_COUNTS.full_name, "critical", meaning, expectations)

    group = "organisation, level, breakdown, breakdown_value, group_name"
    sums = ", ".join(f"sum({name})" for name in COUNTS)
    return (
        check(
            "counts_unique",
            "each group has each step once",
            Expectation("ExpectCompoundColumnsToBeUnique", {"column_list": list(STAGE_COUNTS.key)}),
        ),
        check(
            "no_negative_counts",
            "no count is missing or below zero",
            *(Expectation("ExpectColumnValuesToNotBeNull", {"column": name}) for name in COUNTS),
            *_no_rows(f"select 1 as broken from {{batch}} where least({', '.join(COUNTS)}) < 0"),
        ),
        check(
            "outcomes_add_up",
            "those who reached a step are those decided, withdrawn, declined, ineligible and pending",
            *_no_rows(
                "select 1 as broken from {batch} where decided <> progressed + rejected "
                "or reached <> decided + withdrew + declined + ineligible + pending"
            ),
        ),
        check(
            "counts_never_grow",
            "those who reach a step are those who progressed from the one before it",
            *_no_rows(
                f"select 1 as broken from (select reached, lag(progressed) over (partition by {group} "
                "order by step_order) as before from {batch} where step_kind = 'stage') as steps "
                "where reached <> before"
            ),
        ),
        check(
            "groups_add_up",
            "at every level of detail the groups add up to all applicants",
            *_no_rows(
                "select 1 as broken from (select organisation, step_order, count(distinct sums) as different from "
                f"(select organisation, step_order, level, row({sums}) as sums from {{batch}} "
                "group by organisation, step_order, level) as levels group by organisation, step_order) as steps "
                "where different > 1"
            ),
        ),
        check(
            "spans_fit_steps",
            "a span of several steps begins with those who reached its first stage and ends with those of its last",
            *_no_rows(
                f"select 1 as broken from (select * from {{batch}} where step_kind = 'span') as s "
                f"left join (select {group}, from_stage, reached from {{batch}} where step_kind = 'stage') as f "
                f"using ({group}, from_stage) "
                f"left join (select {group}, to_stage, progressed from {{batch}} where step_kind = 'stage') as t "
                f"using ({group}, to_stage) "
                "where s.reached is distinct from f.reached or s.progressed is distinct from t.progressed"
            ),
        ),
        check(
            "within_register",
            "no more applications are counted than the accepted extracts brought",
            *_no_rows(
                "select 1 as broken from (select organisation, sum(reached) as reached from {batch} "
                "where level = 'all' and step_order = 0 group by organisation) as counted "
                "left join (select organisation, sum(applications) as applications from intake.extracts "
                "inner join intake.accepted_extracts using (extract_id) group by organisation) as register "
                "using (organisation) where counted.reached > coalesce(register.applications, 0)"
            ),
        ),
    )
