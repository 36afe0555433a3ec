"""Tables of intake: the register of files, what labels were taken to mean, what was set aside, checked and published."""

from equity_audit.contracts.model import Column, Table

ETHNICITY = (
    Column("ethnicity_category", "varchar", "ONS 2021 category; null for broad labels and unknown"),
    Column(
        "ethnicity_group",
        "varchar",
        "Asian, Black, Mixed, White, Other or Unknown, or a US category; null where only BME is known",
    ),
    Column(
        "wres_group",
        "varchar",
        "White, BME or Unknown, as the Workforce Race Equality Standard groups them; null for US classifications",
    ),
)

ETHNICITY_LABELS = Table(
    "intake",
    "ethnicity_labels",
    "one row per ethnicity code or label of an extract: what it was taken to mean",
    ("extract_id", "label"),
    (
        Column("extract_id", "varchar", "the extract", derived_from=("intake.extracts.extract_id",)),
        Column("label", "varchar", "code or label as received; empty for blank"),
        *ETHNICITY,
    ),
)

OUTCOME_LABELS = Table(
    "intake",
    "outcome_labels",
    "one row per outcome or status label of an extract: what it was taken to mean",
    ("extract_id", "label"),
    (
        Column("extract_id", "varchar", "the extract", derived_from=("intake.extracts.extract_id",)),
        Column("label", "varchar", "label as received"),
        Column("outcome", "varchar", "what happened from the last stage reached"),
        Column("last_order", "tinyint", "place of the stage that a status proves was reached; null for outcomes"),
    ),
)

EXTRACT_FACTS = Table(
    "intake",
    "extract_facts",
    "one row per extract and fact that a reader of its figures should know",
    ("extract_id", "fact"),
    (
        Column("extract_id", "varchar", "the extract", derived_from=("intake.extracts.extract_id",)),
        Column("fact", "varchar", "name of the fact"),
        Column("meaning", "varchar", "what it says, in a line"),
        Column("applications", "bigint", "applications of the extract that it is true of", "applications"),
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
            "first 16 hexadecimal digits of an HMAC-SHA-256, under the home's key for commitments, of file, mapping as "
            "far as policy lets it be read, and organisation together",
        ),
        Column("extract_number", "integer", "order of arrival: where two extracts have an application, the later wins"),
        Column("organisation", "varchar", "the employer, as the mapping names it"),
        Column("file_name", "varchar", "name of the file, without its folder"),
        Column("file_sha256", "varchar", "SHA-256 of the file's bytes"),
        Column("file_bytes", "bigint", "size of the file", "bytes"),
        Column("mapping_name", "varchar", "name of the source mapping"),
        Column("mapping_sha256", "varchar", "SHA-256 of what the mapping says; comments and layout make no difference"),
        Column(
            "shape",
            "varchar",
            "wide, flags or status (a row per application), long (a row per application and stage), counts (already counted), workforce (numbers of staff) or survey (numbers of answers)",
        ),
        Column("ethnicity_classification", "varchar", "classification of the ethnicity values as received"),
        Column("stages", "varchar[]", "the stages of the source, in order; none of numbers of staff or answers"),
        Column("rows_in", "bigint", "rows in the file", "rows"),
        Column("rows_accepted", "bigint", "rows used", "rows"),
        Column("rows_ignored", "bigint", "rows that repeat another one exactly, or are blank or totals", "rows"),
        Column("rows_rejected", "bigint", "rows set aside, with the rule they broke", "rows"),
        Column("applications", "bigint", "applications accepted", "applications"),
        Column("stage_rows", "bigint", "rows in core.applicant_stages", "rows"),
        Column("first_applied_on", "date", "earliest application accepted, or day of a headcount or survey"),
        Column("last_applied_on", "date", "latest application accepted, or day of a headcount or survey"),
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
    "one row per check, organisation, and partition of the table it looked at: its latest result",
    ("table_name", "partition_key", "organisation", "check_name"),
    (
        Column("table_name", "varchar", "the table checked"),
        Column("partition_key", "varchar", "the extract or the first day of the period"),
        Column("check_name", "varchar", "name of the check"),
        Column("meaning", "varchar", "what the check makes sure of, in a line"),
        Column(
            "severity", "varchar", "critical: stops the run; warning: said and gone on", values=("critical", "warning")
        ),
        Column("passed", "boolean", "whether it held; false too where the check itself failed to run"),
        Column("run_id", "varchar", "the run that made the check"),
        Column("organisation", "varchar", "whose rows it looked at; null where it looked at all of the partition"),
    ),
)

PURGES = Table(
    "intake",
    "purges",
    "one row per removal of records, kept for good",
    ("purged_at",),
    (
        Column("purged_at", "timestamp", "when it was done, UTC"),
        Column("purged_before", "date", "applications from before this day were removed"),
        Column("applications", "bigint", "applications removed, over all extracts", "applications"),
        Column("files_removed", "varchar[]", "exports removed from the drop folder, by name"),
    ),
)

PUBLISHED_COUNTS = Table(
    "intake",
    "published_counts",
    "one row per count of each edition ever published: what it left possible, part of what an attacker knows",
    (
        *("organisation", "period", "revision", "level", "breakdown", "breakdown_value", "group_name"),
        *("quantity", "from_stage", "to_stage"),
    ),
    (
        Column("organisation", "varchar", "the employer"),
        Column("period", "date", "first day of the reporting period"),
        Column("period_end", "date", "first day after it"),
        Column("revision", "integer", "the edition's revision"),
        Column("level", "varchar", "how finely ethnicity is told apart"),
        Column("breakdown", "varchar", "what the people are further split by; all for no split"),
        Column("breakdown_value", "varchar", "the part of that split"),
        Column("group_name", "varchar", "the ethnic group at this level"),
        Column(
            "quantity",
            "varchar",
            "reached, decided, an outcome, or one that is not published: rejected, left; reached too for numbers of staff and answers",
        ),
        Column(
            "from_stage",
            "varchar",
            "where the step begins; of staff employed, in_post or on_board; of answers answered or agreed, with the day and the question",
        ),
        Column("to_stage", "varchar", "where the step ends; the same for reached"),
        Column("lowest", "bigint", "smallest count that was left possible", "applications"),
        Column("highest", "bigint", "largest count that was left possible; 1000000000: any", "applications"),
        Column("exact", "bigint", "the count itself, until the records are removed", "applications"),
    ),
)

PROTECTIONS = Table(
    "intake",
    "protections",
    "one row per organisation, period and population: how its latest counts were protected",
    ("organisation", "period", "population"),
    (
        Column("organisation", "varchar", "the employer"),
        Column("period", "date", "first day of the reporting period"),
        Column(
            "population",
            "varchar",
            "whose counts: applicants, workforce, board, or answers to a question of a survey, each protected by itself",
        ),
        Column("published_sha256", "varchar", "fingerprint of the published counts that were proven safe"),
        Column("counts_published", "bigint", "counts that are shown or marked as small", "counts"),
        Column("counts_withheld", "bigint", "counts withheld to protect others", "counts"),
        Column("counts_fallen", "bigint", "counts that could have been worked out without that", "counts"),
        Column("cheapest", "boolean", "whether no cheaper protection is known to exist"),
        Column("run_id", "varchar", "the run that protected them"),
    ),
)
