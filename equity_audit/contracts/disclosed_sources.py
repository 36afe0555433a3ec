"""Tables that say what an edition was made from: the files counted, and the checks that they and its counts passed."""

from equity_audit.contracts.intake import CHECK_RESULTS, EXTRACTS
from equity_audit.contracts.model import Column, Table, passed_on

DISCLOSED_SOURCES = Table(
    "disclosed",
    "sources",
    "one row per organisation, period and extract from which it was counted",
    ("organisation", "period", "extract_id"),
    (
        Column("organisation", "varchar", "the employer", derived_from=("intake.extracts.organisation",)),
        Column("period", "date", "first day of the reporting period"),
        *passed_on((EXTRACTS.column("extract_id"), EXTRACTS.column("extract_number")), EXTRACTS.full_name),
        Column(
            "file_commitment",
            "varchar",
            "HMAC-SHA-256 of the SHA-256 of the file's bytes, in hexadecimal digits, under a key for this file only",
            derived_from=("intake.extracts.file_sha256",),
        ),
        Column(
            "mapping_commitment",
            "varchar",
            "the same for the SHA-256 of what the mapping says",
            derived_from=("intake.extracts.mapping_sha256",),
        ),
        *passed_on((EXTRACTS.column("shape"), EXTRACTS.column("ethnicity_classification")), EXTRACTS.full_name),
    ),
)

DISCLOSED_CHECKS = Table(
    "disclosed",
    "checks",
    "one row per organisation, period and check on the sources of the period or on its counts",
    ("organisation", "period", "table_name", "partition_key", "check_name"),
    (
        Column("organisation", "varchar", "the employer"),
        Column("period", "date", "first day of the reporting period"),
        *passed_on(CHECK_RESULTS.columns[:-2], "intake.check_results"),
    ),
)
