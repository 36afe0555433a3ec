"""Tables of intake: the core rows, the register of files, what was set aside, what was checked."""

from equity_audit.contracts.model import Column, Table

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
        Column(
            "extract_id",
            "varchar",
            "first 16 hexadecimal digits of the SHA-256 of file, mapping and organisation together",
        ),
        Column("extract_number", "integer", "order of arrival: where two extracts have an application, the later wins"),
        Column("organisation", "varchar", "the employer, as the mapping names it"),
        Column("file_name", "varchar", "name of the file, without its folder"),
        Column("file_sha256", "varchar", "SHA-256 of the file's bytes"),
        Column("file_bytes", "bigint", "size of the file", "bytes"),
        Column("mapping_name", "varchar", "name of the source mapping"),
        Column("mapping_sha256", "varchar", "SHA-256 of what the mapping says; comments and layout make no difference"),
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
        Column(
            "pseudonym_key_id", "varchar", "fingerprint of the key of the pseudonyms; it does not give the key away"
        ),
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
