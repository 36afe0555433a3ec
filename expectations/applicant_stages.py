"""The checks on core.applicant_stages, for the rows of one extract.

The table has one row per application and stage. Rules about words judge each combination of them once, since millions
of rows have only some hundred; rules about paths judge applications.
"""

from collections.abc import Iterable
from typing import Literal

from equity_audit.contracts import APPLICANT_STAGES
from equity_audit.intake.steps import literal
from equity_audit.vocabulary import CATEGORIES, OUTCOMES, UNKNOWN, WRES_GROUPS, group_lists
from expectations.check import ROWS, Check, Grain, Rule

_WORDS = Grain(
    "words",
    "select w.*, e.organisation as registered_organisation, e.stages as registered_stages from "
    "(select organisation, extract_id, stage, stage_order, outcome, ethnicity_category, ethnicity_group, wres_group, "
    "count(*) as stage_rows from batch group by all) as w "
    "left join intake.extracts as e on w.extract_id = e.extract_id",
)
_APPLICATIONS = Grain(
    "applications",
    "select application_id, count(stage_order) as stage_rows, max(stage_order) as last_order, "
    # A bit for each stage reached: several times faster than a distinct count for each application.
    "bit_or(1::hugeint << stage_order) as reached, "
    "min(stage_order) filter (where outcome is distinct from 'progressed') as first_not_progressed, "
    "min(description) as least_description, max(description) as greatest_description "
    "from (select application_id, stage_order, outcome, hash(organisation, vacancy_id, applied_on, ethnicity_category, "
    "ethnicity_group, wres_group) as description from batch) as described group by application_id",
)
_DATED_STAGES = Grain(
    "dated_stages",
    # The first stage is left out, which spares most rows a sort: its date is compared with the day of applying.
    "select reached_on, lag(reached_on) over (partition by application_id order by stage_order) as dated_before "
    "from batch where stage_order > 0 and reached_on is not null",
)
_EXTRACT = Grain(
    "extract_totals",
    "select loaded.*, e.shape, e.rows_in, e.rows_accepted, e.rows_ignored, e.rows_rejected, "
    "e.stage_rows as registered_stage_rows, e.applications as registered_applications from "
    # An application has its first stage once, by two checks of their own: counting those rows spares a distinct count.
    "(select coalesce(sum(stage_rows), 0) as stage_rows, "
    "coalesce(sum(stage_rows) filter (where stage_order = 0), 0) as applications, "
    f"coalesce(sum(stage_rows) filter (where stage_order = 0 and wres_group = '{UNKNOWN}'), 0) as of_unknown_ethnicity "
    "from words) as loaded left join (select * from intake.extracts where {condition}) as e on true",
    reads=(_WORDS,),
)


def applicant_stages(share: float) -> tuple[Check, ...]:
    """Return the checks of one extract's rows. A share of unknown ethnicity above `share` gives a warning."""

    def check(name: str, meaning: str, *rules: Rule, severity: Literal["critical", "warning"] = "critical") -> Check:
        return Check(name, APPLICANT_STAGES.full_name, severity, meaning, rules)

    vocabulary = {
        "outcome": OUTCOMES,
        "ethnicity_category": CATEGORIES,
        "ethnicity_group": sorted({name for groups in group_lists().values() for name in groups}),
        "wres_group": WRES_GROUPS,
    }
    parents = ", ".join(f"('{category}', '{group}')" for category, group in CATEGORIES.items())
    return (
        check(
            "required_columns_filled",
            "every row names its organisation, vacancy, application, stage, day of applying and extract",
            Rule(_WORDS, _any_null("organisation", "stage", "stage_order", "extract_id")),
            Rule(ROWS, _any_null("vacancy_id", "application_id", "applied_on")),
        ),
        check(
            "known_vocabulary",
            "outcomes and ethnic groups are words of the vocabulary",
            *(Rule(_WORDS, f"{column} not in {_listed(words)}") for column, words in vocabulary.items()),
        ),
        check(
            "application_stage_unique",
            "an application has each stage once",
            # By the place of the stage, which rows_fit_register ties to its name.
            Rule(_APPLICATIONS, "stage_rows > bit_count(reached)"),
        ),
        check(
            "stages_without_gaps",
            "an application that reached a stage reached every stage before it",
            Rule(_APPLICATIONS, "reached <> (1::hugeint << (last_order + 1)) - 1"),
        ),
        check(
            "applications_consistent",
            "organisation, vacancy, day of applying and ethnicity of an application are the same at each of its stages",
            Rule(_APPLICATIONS, "least_description <> greatest_description"),
        ),
        check(
            "dates_in_order",
            "no stage is dated before any earlier one, and the first is the day of applying",
            Rule(ROWS, "reached_on < applied_on or (stage_order = 0 and reached_on <> applied_on)"),
            Rule(_DATED_STAGES, "reached_on < dated_before"),
        ),
        check(
            "outcomes_fit_stages",
            "progressed where a later stage was reached and nowhere else; no outcome only at the last stage of all",
            Rule(_APPLICATIONS, "last_order is distinct from first_not_progressed"),
            Rule(_WORDS, "(outcome is null) <> (stage_order = len(registered_stages) - 1)"),
        ),
        check(
            "groups_fit_categories",
            "everybody has a group; each category belongs to its own group, and each group to White, BME or Unknown",
            Rule(
                _WORDS,
                f"(ethnicity_category is not null and (ethnicity_category, ethnicity_group) not in ({parents})) "
                "or coalesce(ethnicity_group, wres_group) is null or wres_group <> "
                "case when ethnicity_group in ('White', 'Unknown') then ethnicity_group else 'BME' end",
            ),
        ),
        check(
            "ids_are_pseudonyms",
            "ids of applications and vacancies are keyed pseudonyms, not those of the export",
            *(Rule(ROWS, _no_pseudonym(column)) for column in ("application_id", "vacancy_id")),
        ),
        check(
            "register_reconciles",
            "rows read are rows used, ignored and rejected, and the register's totals are those of the table",
            Rule(
                _EXTRACT,
                "shape is distinct from 'counts' and (registered_stage_rows is distinct from stage_rows "
                "or registered_applications is distinct from applications)",
            ),
            Rule(_EXTRACT, "rows_in is distinct from rows_accepted + rows_ignored + rows_rejected"),
        ),
        check(
            "rows_fit_register",
            "each row has the organisation that the register has, and each stage its place in the source's own list",
            Rule(
                _WORDS,
                "organisation <> registered_organisation or stage is distinct from registered_stages[stage_order + 1]",
            ),
        ),
        check(
            "ethnicity_mostly_known",
            f"ethnicity is known for at least {1 - share:.0%} of applications",
            Rule(_EXTRACT, f"of_unknown_ethnicity > {share} * applications"),
            severity="warning",
        ),
        check(
            "stages_dated",
            "every stage reached has a date",
            Rule(ROWS, "reached_on is null"),
            severity="warning",
        ),
    )


def _listed(words: Iterable[str]) -> str:
    return "(" + ", ".join(map(literal, words)) + ")"


def _any_null(*columns: str) -> str:
    return " or ".join(f"{column} is null" for column in columns)


def _no_pseudonym(column: str) -> str:
    """SQL for an id that is not 32 hexadecimal digits. A column of UUIDs can hold nothing else."""
    return (
        f"typeof({column}) <> 'UUID' and not regexp_full_match(replace({column}::varchar, '-', ''), '[0-9a-f]{{32}}')"
    )
