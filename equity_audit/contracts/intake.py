"""Tables of intake: the register of files, the meanings of labels, invalid rows, checks, and published counts."""

from equity_audit.contracts.model import Column, Table

ETHNICITY = (
    Column("ethnicity_category", "varchar", "ONS 2021 category; null for broad labels and unknown"),
    Column(
        "ethnicity_group",
        "varchar",
        "Asian, Black, Mixed, White, Other or Unknown, or a group of another country's classification; null if only BME is known",
    ),
    Column(
        "wres_group",
        "varchar",
        "White, BME or Unknown, as the Workforce Race Equality Standard groups them; null for those of other countries",
    ),
)

ETHNICITY_LABELS = Table(
    "intake",
    "ethnicity_labels",
    "one row per ethnicity code or label of an extract: how it was read",
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
    "one row per outcome or status label of an extract: how it was read",
    ("extract_id", "label"),
    (
        Column("extract_id", "varchar", "the extract", derived_from=("intake.extracts.extract_id",)),
        Column("label", "varchar", "label as received"),
        Column("outcome", "varchar", "outcome of the last stage reached"),
        Column("last_order", "tinyint", "order of the stage that a status proves was reached; null for outcomes"),
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
        Column("meaning", "varchar", "what the fact means, in one line"),
        Column("applications", "bigint", "applications of the extract for which it is true", "applications"),
    ),
)

EXTRACTS = Table(
    "intake",
    "extracts",
    "one row per file loaded",
    ("extract_id",),
    (
        Column(
            "extract_id",
            "varchar",
            "first 16 hexadecimal digits of an HMAC-SHA-256, under the home's key for commitments, of the file, the "
            "mapping as far as policy allows it to be read, and the organisation",
        ),
        Column(
            "extract_number", "integer", "order of loading: if two extracts have an application, the later one counts"
        ),
        Column("organisation", "varchar", "the employer, as the mapping names it"),
        Column("file_name", "varchar", "name of the file, without its folder"),
        Column("file_sha256", "varchar", "SHA-256 of the file's bytes"),
        Column("file_bytes", "bigint", "size of the file", "bytes"),
        Column("mapping_name", "varchar", "name of the source mapping"),
        Column("mapping_sha256", "varchar", "SHA-256 of what the mapping says; comments and layout make no difference"),
        Column(
            "shape",
            "varchar",
            "wide, flags or status (a row per application), long (a row per application and stage), counts (counted by "
            "the source), workforce (staff headcounts) or survey (numbers of answers)",
        ),
        Column("ethnicity_classification", "varchar", "classification of the ethnicity values as received"),
        Column("stages", "varchar[]", "the stages of the source, in order; empty for headcounts and answers"),
        Column("rows_in", "bigint", "rows in the file", "rows"),
        Column("rows_accepted", "bigint", "rows used", "rows"),
        Column("rows_ignored", "bigint", "rows that repeat another exactly, or are blank or totals", "rows"),
        Column("rows_rejected", "bigint", "invalid rows, which broke a rule", "rows"),
        Column("applications", "bigint", "applications accepted", "applications"),
        Column("stage_rows", "bigint", "rows in core.applicant_stages", "rows"),
        Column("first_applied_on", "date", "date of the earliest application accepted, or of a headcount or survey"),
        Column("last_applied_on", "date", "date of the latest application accepted, or of a headcount or survey"),
        Column("columns_ignored", "varchar[]", "columns of the file that the mapping does not name: never read"),
        Column("pseudonym_key_id", "varchar", "fingerprint of the pseudonym key; it does not disclose the key"),
        Column("intake_run_id", "varchar", "the run that loaded it, in which its checks are recorded"),
    ),
)

REJECTED_ROWS = Table(
    "intake",
    "rejected_rows",
    "one row per invalid row of a file and rule that it broke",
    ("extract_id", "row_number", "rule"),
    (
        Column("extract_id", "varchar", "the extract", derived_from=("intake.extracts.extract_id",)),
        Column("row_number", "bigint", "row of the file, counted from 1 below the header"),
        Column("rule", "varchar", "the rule that the row broke"),
        Column("column_name", "varchar", "the column of the file that broke the rule; never its value"),
    ),
)

ACCEPTED_EXTRACTS = Table(
    "intake",
    "accepted_extracts",
    "one row per extract that passed its blocking checks; only these are counted",
    ("extract_id",),
    (
        Column("extract_id", "varchar", "the extract", derived_from=("intake.extracts.extract_id",)),
        Column("extract_number", "integer", "order of loading", derived_from=("intake.extracts.extract_number",)),
    ),
)

CHECK_RESULTS = Table(
    "intake",
    "check_results",
    "one row per check, organisation, and partition of the table checked: the latest result",
    ("table_name", "partition_key", "organisation", "check_name"),
    (
        Column("table_name", "varchar", "the table checked"),
        Column("partition_key", "varchar", "the extract or the first day of the period"),
        Column("check_name", "varchar", "name of the check"),
        Column("meaning", "varchar", "what the check ensures, in one line"),
        Column(
            "severity",
            "varchar",
            "critical: stops the run; warning: reported, and the run goes on",
            values=("critical", "warning"),
        ),
        Column("passed", "boolean", "whether the check passed; also false if the check itself could not run"),
        Column("run_id", "varchar", "the run in which it was checked"),
        Column("organisation", "varchar", "the organisation whose rows were checked; null for all of the partition"),
    ),
)

PURGES = Table(
    "intake",
    "purges",
    "one row per removal of records, kept permanently",
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
    "one row per count of every published edition: the range that it allows, which an attacker knows",
    (
        *("organisation", "period", "revision", "level", "breakdown", "breakdown_value", "group_name"),
        *("quantity", "from_stage", "to_stage"),
    ),
    (
        Column("organisation", "varchar", "the employer"),
        Column("period", "date", "first day of the reporting period"),
        Column("period_end", "date", "first day after it"),
        Column("revision", "integer", "the edition's revision"),
        Column("level", "varchar", "level of detail of ethnicity"),
        Column("breakdown", "varchar", "how the people are further split; all for no split"),
        Column("breakdown_value", "varchar", "the part of that split"),
        Column("group_name", "varchar", "the ethnic group at this level"),
        Column(
            "quantity",
            "varchar",
            "reached, decided, an outcome, or one that is not published: rejected, left; also reached for staff and answers",
        ),
        Column(
            "from_stage",
            "varchar",
            "where the step begins; for staff employed, in_post or on_board; for answers answered or agreed, with the date "
            "and the question",
        ),
        Column("to_stage", "varchar", "where the step ends; the same for reached"),
        Column("lowest", "bigint", "smallest count that remains possible", "applications"),
        Column("highest", "bigint", "largest count that remains possible; 1000000000: any", "applications"),
        Column("exact", "bigint", "the exact count, until the records are removed", "applications"),
    ),
)

PUBLISHED_EFFECTS = Table(
    "intake",
    "published_effects",
    "one row per step of every published edition: the design effect that it gives, which corrections keep",
    ("organisation", "period", "revision", "from_stage", "to_stage"),
    (
        Column("organisation", "varchar", "the employer"),
        Column("period", "date", "first day of the reporting period"),
        Column("revision", "integer", "the edition's revision"),
        Column("from_stage", "varchar", "where the step begins"),
        Column("to_stage", "varchar", "where the step ends"),
        Column("design_effect", "double", "the class or default published", "ratio"),
        Column("basis", "varchar", "where it comes from, as in disclosed.design_effects"),
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
            "applicants, workforce, board, or answers to a question of a survey, each protected separately",
        ),
        Column("published_sha256", "varchar", "fingerprint of the published counts that were proven safe"),
        Column("counts_published", "bigint", "counts that are shown or marked as small", "counts"),
        Column("counts_withheld", "bigint", "counts withheld to protect others", "counts"),
        Column("counts_fallen", "bigint", "counts that could otherwise have been inferred", "counts"),
        Column("cheapest", "boolean", "whether no cheaper protection is known"),
        Column("run_id", "varchar", "the run that protected them"),
    ),
)
