"""Every table: its grain, columns, types, units and meaning.

SQL files, checks, exports, Dagster's column lineage and docs/tables.md all read these. `derived_from` names the
columns that a value is made of, so that an auditor can walk from a printed figure back to the file.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """One column: DuckDB type, meaning in a line, unit where it has one, and what it is made of."""

    name: str
    type: str
    meaning: str
    unit: str = ""
    derived_from: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """One table: `grain` says what one row is, `key` which columns make it unique."""

    schema: str
    name: str
    grain: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def full_name(self) -> str:
        """The name with its schema, as SQL uses it."""
        return f"{self.schema}.{self.name}"

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names in order."""
        return tuple(column.name for column in self.columns)

    def create_sql(self) -> str:
        """The statement that makes the table if it is not there."""
        columns = ", ".join(f"{column.name} {column.type}" for column in self.columns)
        return f"create table if not exists {self.full_name} ({columns})"


APPLICANT_STAGES = Table(
    "core",
    "applicant_stages",
    "one row per application and stage reached, for each extract that has the application",
    ("extract_id", "application_id", "stage"),
    (
        Column("organisation", "varchar", "the employer, as the mapping names it"),
        Column("vacancy_id", "varchar", "pseudonym of the advertised post"),
        Column("application_id", "varchar", "pseudonym of the application: keyed, so it cannot be looked up"),
        Column("stage", "varchar", "a stage that the application reached, at any time"),
        Column("stage_order", "tinyint", "place of the stage in the source's own list, from 0"),
        Column("reached_on", "date", "day on which the stage was reached, where the source has it"),
        Column("outcome", "varchar", "what happened from this stage; null at the last one"),
        Column("ethnicity_code", "varchar", "code or label as received; null where blank"),
        Column("ethnicity_category", "varchar", "ONS 2021 category; null for broad labels and unknown"),
        Column(
            "ethnicity_group", "varchar", "Asian, Black, Mixed, White, Other or Unknown; null where only BME is known"
        ),
        Column("wres_group", "varchar", "White, BME or Unknown, as the Workforce Race Equality Standard groups them"),
        Column("pay_band", "varchar", "pay band of the vacancy"),
        Column("staff_group", "varchar", "staff group of the vacancy"),
        Column("department", "varchar", "department of the vacancy"),
        Column("applicant_source", "varchar", "internal, external or international, where the source has it"),
        Column("applied_on", "date", "day of the application; decides the reporting period"),
        Column("source_row", "bigint", "row of the file, counted from 1 below the header"),
        Column(
            "extract_id", "varchar", "the extract that brought the row", derived_from=("intake.extracts.extract_id",)
        ),
    ),
)

EXTRACTS = Table(
    "intake",
    "extracts",
    "one row per file taken in",
    ("extract_id",),
    (
        Column("extract_id", "varchar", "first 16 hexadecimal digits of the SHA-256 of file and mapping together"),
        Column("extract_number", "integer", "order of arrival: where two extracts have an application, the later wins"),
        Column("organisation", "varchar", "the employer, as the mapping names it"),
        Column("file_name", "varchar", "name of the file, without its folder"),
        Column("file_sha256", "varchar", "SHA-256 of the file's bytes"),
        Column("file_bytes", "bigint", "size of the file", "bytes"),
        Column("mapping_name", "varchar", "name of the source mapping"),
        Column("mapping_sha256", "varchar", "SHA-256 of the mapping's text"),
        Column("shape", "varchar", "wide (a row per application) or long (a row per application and stage)"),
        Column("ethnicity_classification", "varchar", "classification of the ethnicity values as received"),
        Column("stages", "varchar[]", "the stages of the source, in order"),
        Column("rows_in", "bigint", "rows in the file", "rows"),
        Column("rows_accepted", "bigint", "rows used", "rows"),
        Column("rows_ignored", "bigint", "rows that repeat another one exactly", "rows"),
        Column("rows_rejected", "bigint", "rows set aside, with the rule they broke", "rows"),
        Column("applications", "bigint", "applications accepted", "applications"),
        Column("stage_rows", "bigint", "rows written to core.applicant_stages", "rows"),
        Column("first_applied_on", "date", "earliest application accepted"),
        Column("last_applied_on", "date", "latest application accepted"),
        Column("columns_ignored", "varchar[]", "columns of the file that the mapping does not name: never read"),
        Column("intake_run_id", "varchar", "the run that loaded it, where its checks are recorded"),
    ),
)

REJECTED_ROWS = Table(
    "intake",
    "rejected_rows",
    "one row per rejected row of a file and rule that it broke",
    ("extract_id", "row_number", "rule"),
    (
        Column("extract_id", "varchar", "the extract", derived_from=("intake.extracts.extract_id",)),
        Column("row_number", "bigint", "row of the file, counted from 1 below the header"),
        Column("rule", "varchar", "the rule that the row broke"),
        Column("column_name", "varchar", "the column of the file that the rule looked at; never its value"),
    ),
)

ACCEPTED_EXTRACTS = Table(
    "intake",
    "accepted_extracts",
    "one row per extract whose blocking checks passed; only these are counted",
    ("extract_id",),
    (
        Column("extract_id", "varchar", "the extract", derived_from=("intake.extracts.extract_id",)),
        Column("extract_number", "integer", "order of arrival", derived_from=("intake.extracts.extract_number",)),
    ),
)

CHECK_RESULTS = Table(
    "intake",
    "check_results",
    "one row per check and partition of the table it looked at: its latest result",
    ("table_name", "partition_key", "check_name"),
    (
        Column("table_name", "varchar", "the table checked"),
        Column("partition_key", "varchar", "the extract or the first day of the period"),
        Column("check_name", "varchar", "name of the check"),
        Column("meaning", "varchar", "what the check makes sure of, in a line"),
        Column("severity", "varchar", "critical: stops the run; warning: said and gone on"),
        Column("passed", "boolean", "whether it held; false too where the check itself failed to run"),
        Column("run_id", "varchar", "the run that made the check"),
    ),
)

_STEP_KEY = (
    Column("organisation", "varchar", "the employer", derived_from=("core.applicant_stages.organisation",)),
    Column("period", "date", "first day of the reporting period", derived_from=("core.applicant_stages.applied_on",)),
    Column("level", "varchar", "how finely ethnicity is told apart: all, wres, group or category"),
    Column("breakdown", "varchar", "what the people are further split by; all for no split"),
    Column("breakdown_value", "varchar", "the part of that split; all for no split"),
    Column("step_order", "tinyint", "place of the step: single steps in order, then spans of several"),
    Column("step_kind", "varchar", "stage for one step, span for several together"),
    Column("from_stage", "varchar", "where the step begins", derived_from=("core.applicant_stages.stage",)),
    Column("to_stage", "varchar", "where the step ends", derived_from=("core.applicant_stages.stage",)),
)
_GROUP = Column(
    "group_name",
    "varchar",
    "the ethnic group at this level",
    derived_from=(
        "core.applicant_stages.ethnicity_category",
        "core.applicant_stages.ethnicity_group",
        "core.applicant_stages.wres_group",
    ),
)
STEP_KEY = tuple(column.name for column in _STEP_KEY)

_COUNT_MEANINGS = {
    "reached": "reached the step's first stage, at any time",
    "decided": "progressed or rejected: the denominator of the selection rate",
    "progressed": "reached the step's last stage",
    "rejected": "turned down by the employer on the way",
    "withdrew": "withdrew on the way",
    "declined": "turned an offer down on the way",
    "ineligible": "could not be considered",
    "pending": "not decided when the file was made",
}
COUNTS = tuple(_COUNT_MEANINGS)


def _passed_on(columns: tuple[Column, ...], source: str) -> tuple[Column, ...]:
    """The same columns in a table made from `source`."""
    return tuple(Column(c.name, c.type, c.meaning, c.unit, (f"{source}.{c.name}",)) for c in columns)


STAGE_COUNTS = Table(
    "out",
    "stage_counts",
    "one row per organisation, period, level, breakdown, step and group",
    (*STEP_KEY, "group_name"),
    (
        *_STEP_KEY,
        _GROUP,
        *(
            Column(name, "bigint", meaning, "applications", ("core.applicant_stages.outcome",))
            for name, meaning in _COUNT_MEANINGS.items()
        ),
    ),
)

_RATE = (
    Column(
        "selection_rate",
        "double",
        "progressed / decided",
        "share",
        ("out.stage_counts.progressed", "out.stage_counts.decided"),
    ),
    Column(
        "selection_rate_low",
        "double",
        "lower end of the Wilson interval",
        "share",
        ("out.stage_counts.progressed", "out.stage_counts.decided"),
    ),
    Column(
        "selection_rate_high",
        "double",
        "upper end of the Wilson interval",
        "share",
        ("out.stage_counts.progressed", "out.stage_counts.decided"),
    ),
)

SELECTION_RATES = Table(
    "out",
    "selection_rates",
    "one row per row of out.stage_counts",
    (*STEP_KEY, "group_name"),
    (
        *_passed_on((*_STEP_KEY, _GROUP), "out.stage_counts"),
        Column("decided", "bigint", _COUNT_MEANINGS["decided"], "applications", ("out.stage_counts.decided",)),
        Column("progressed", "bigint", _COUNT_MEANINGS["progressed"], "applications", ("out.stage_counts.progressed",)),
        *_RATE,
        Column("undefined_reason", "varchar", "why there is no rate; null where there is one"),
    ),
)

_PAIR = (
    "out.selection_rates.progressed",
    "out.selection_rates.decided",
)


def _measure(name: str, meaning: str, unit: str = "", type_: str = "double") -> Column:
    return Column(name, type_, meaning, unit, _PAIR)


DISPARITIES = Table(
    "out",
    "disparities",
    "one row per step and group other than the reference, at levels wres, group and category",
    (*STEP_KEY, "group_name"),
    (
        *_passed_on((*_STEP_KEY, _GROUP), "out.selection_rates"),
        Column("reference_name", "varchar", "the group compared with: fixed by policy"),
        Column(
            "group_selected", "bigint", "the group's progressed", "applications", ("out.selection_rates.progressed",)
        ),
        Column("group_decided", "bigint", "the group's decided", "applications", ("out.selection_rates.decided",)),
        Column(
            "reference_selected",
            "bigint",
            "the reference's progressed",
            "applications",
            ("out.selection_rates.progressed",),
        ),
        Column(
            "reference_decided", "bigint", "the reference's decided", "applications", ("out.selection_rates.decided",)
        ),
        *_passed_on(_RATE, "out.selection_rates"),
        _measure("rate_difference", "the group's rate minus the reference's", "share"),
        _measure("impact_ratio", "the group's rate / the reference's rate; below 1: selected less often", "ratio"),
        _measure("impact_ratio_low", "lower end of the Koopman score interval", "ratio"),
        _measure(
            "impact_ratio_high", "upper end of the Koopman score interval; null where it has no upper end", "ratio"
        ),
        _measure(
            "relative_likelihood",
            "the reference's rate / the group's rate (WRES direction); above 1: the group is selected less often",
            "ratio",
        ),
        _measure("z", "pooled two-proportion z; negative: the group is selected less often", "standard deviations"),
        _measure("below_four_fifths", "impact ratio below 4/5, decided in whole numbers", type_="boolean"),
        _measure("above_five_fourths", "impact ratio above 5/4, decided in whole numbers", type_="boolean"),
        Column("undefined_reason", "varchar", "why measures are missing; null where none is"),
    ),
)

_NOTE = "why the value is not shown: fewer_than (between 1 and the threshold), or null where it is shown"
DISCLOSED_STAGE_COUNTS = Table(
    "disclosed",
    "stage_counts",
    "one row per row of out.stage_counts, protected",
    (*STEP_KEY, "group_name"),
    (
        *_passed_on((*_STEP_KEY, _GROUP), "out.stage_counts"),
        *(
            column
            for name in ("reached", "decided", "progressed")
            for column in (
                Column(
                    name, "bigint", f"{_COUNT_MEANINGS[name]}; rounded", "applications", (f"out.stage_counts.{name}",)
                ),
                Column(f"{name}_note", "varchar", _NOTE, "", (f"out.stage_counts.{name}",)),
            )
        ),
    ),
)

_SHOWN = ("disclosed.stage_counts.progressed", "disclosed.stage_counts.decided")
_WIDENED = "over every count that would round to the published one"
DISCLOSED_SELECTION_RATES = Table(
    "disclosed",
    "selection_rates",
    "one row per row of disclosed.stage_counts; every value a function of that row alone",
    (*STEP_KEY, "group_name"),
    (
        *_passed_on((*_STEP_KEY, _GROUP), "disclosed.stage_counts"),
        Column("selection_rate", "double", "progressed / decided, from the rounded counts", "share", _SHOWN),
        Column("selection_rate_low", "double", f"lowest Wilson bound {_WIDENED}", "share", _SHOWN),
        Column("selection_rate_high", "double", f"highest Wilson bound {_WIDENED}", "share", _SHOWN),
        Column("not_shown_reason", "varchar", "no_decisions, too_few_decided or fewer_than; null where shown"),
    ),
)

DISCLOSED_DISPARITIES = Table(
    "disclosed",
    "disparities",
    "one row per step and group other than the reference; every value a function of disclosed.stage_counts alone",
    (*STEP_KEY, "group_name"),
    (
        *_passed_on((*_STEP_KEY, _GROUP), "disclosed.stage_counts"),
        Column("reference_name", "varchar", "the group compared with: fixed by policy"),
        Column("rate_difference", "double", "the group's published rate minus the reference's", "share", _SHOWN),
        Column("impact_ratio", "double", "the group's published rate / the reference's", "ratio", _SHOWN),
        Column("impact_ratio_low", "double", f"lowest Koopman bound {_WIDENED}", "ratio", _SHOWN),
        Column("impact_ratio_high", "double", f"highest Koopman bound {_WIDENED}; null: no upper end", "ratio", _SHOWN),
        Column(
            "relative_likelihood",
            "double",
            "the reference's published rate / the group's (WRES direction)",
            "ratio",
            _SHOWN,
        ),
        Column(
            "reading",
            "varchar",
            "less_often or more_often where the interval excludes 1; not_clear where it does not",
            "",
            _SHOWN,
        ),
        Column(
            "not_shown_reason",
            "varchar",
            "no_decisions, too_few_decided, fewer_than or reference_never_selected; null where shown",
        ),
    ),
)

DISCLOSED_OUTCOME_COUNTS = Table(
    "disclosed",
    "outcome_counts",
    "one row per single step and outcome, all applicants together",
    ("organisation", "period", "step_order", "outcome"),
    (
        *_passed_on(
            tuple(c for c in _STEP_KEY if c.name in ("organisation", "period", "step_order", "from_stage", "to_stage")),
            "out.stage_counts",
        ),
        Column("outcome", "varchar", "what happened at the step"),
        Column(
            "applications",
            "bigint",
            "applications with that outcome; rounded",
            "applications",
            tuple(f"out.stage_counts.{name}" for name in COUNTS[2:]),
        ),
        Column("applications_note", "varchar", _NOTE),
    ),
)

DISCLOSED_SOURCES = Table(
    "disclosed",
    "sources",
    "one row per organisation, period and extract that it was counted from",
    ("organisation", "period", "extract_id"),
    (
        Column("organisation", "varchar", "the employer", derived_from=("intake.extracts.organisation",)),
        Column("period", "date", "first day of the reporting period"),
        *(
            Column(
                c.name,
                c.type,
                c.meaning + ("; rounded" if c.unit == "rows" else ""),
                c.unit,
                (f"intake.extracts.{c.name}",),
            )
            for c in EXTRACTS.columns
            if c.name
            in (
                "extract_id",
                "extract_number",
                "file_name",
                "file_sha256",
                "mapping_name",
                "mapping_sha256",
                "ethnicity_classification",
                "rows_in",
                "rows_accepted",
                "rows_ignored",
                "rows_rejected",
            )
        ),
    ),
)

DISCLOSED_CHECKS = Table(
    "disclosed",
    "checks",
    "one row per organisation, period and check on what the period was counted from and on its counts",
    ("organisation", "period", "table_name", "partition_key", "check_name"),
    (
        Column("organisation", "varchar", "the employer"),
        Column("period", "date", "first day of the reporting period"),
        *_passed_on(CHECK_RESULTS.columns[:-1], "intake.check_results"),
    ),
)

DISCLOSED = (
    DISCLOSED_STAGE_COUNTS,
    DISCLOSED_SELECTION_RATES,
    DISCLOSED_DISPARITIES,
    DISCLOSED_OUTCOME_COUNTS,
    DISCLOSED_SOURCES,
    DISCLOSED_CHECKS,
)
TABLES = (
    EXTRACTS,
    REJECTED_ROWS,
    ACCEPTED_EXTRACTS,
    CHECK_RESULTS,
    APPLICANT_STAGES,
    STAGE_COUNTS,
    SELECTION_RATES,
    DISPARITIES,
    *DISCLOSED,
)
