"""Tables of what extracts hold: applications, and numbers that their source had already counted."""

from equity_audit.contracts.intake import ETHNICITY
from equity_audit.contracts.model import Column, Table, passed_on
from equity_audit.details import DETAILS

_EXTRACT_ID = Column(
    "extract_id", "varchar", "the extract that brought the row", derived_from=("intake.extracts.extract_id",)
)
_DETAILS = tuple(Column(detail.name, detail.type, detail.meaning) for detail in DETAILS)
APPLICATIONS = Table(
    "core",
    "applications",
    "one row per application of an extract, typed and under its pseudonym",
    ("extract_id", "application_id"),
    (
        Column("organisation", "varchar", "the employer, as the mapping names it"),
        Column("application_id", "uuid", "pseudonym of the application: keyed, so it cannot be looked up"),
        Column("candidate_id", "uuid", "pseudonym of the person, where the source tells one from another"),
        Column("vacancy_id", "uuid", "pseudonym of the advertised post"),
        Column("ethnicity_code", "varchar", "code or label as received"),
        Column("outcome_label", "varchar", "outcome or status as received"),
        Column("last_order", "tinyint", "place of the furthest stage reached in the source's own list, from 0"),
        Column("applied_on", "date", "day of the application; decides the reporting period"),
        Column(
            "reached_on", "date[]", "day on which each stage was reached, in the order of stages, where it is known"
        ),
        Column("stage_flags", "boolean[]", "whether the source itself says yes to each stage after the first"),
        *_DETAILS,
        _EXTRACT_ID,
    ),
)

APPLICANT_STAGES = Table(
    "core",
    "applicant_stages",
    "one row per application and stage reached, for each extract that has the application",
    ("extract_id", "application_id", "stage"),
    (
        *passed_on((APPLICATIONS.column("organisation"), APPLICATIONS.column("vacancy_id")), APPLICATIONS.full_name),
        *passed_on((APPLICATIONS.column("application_id"), APPLICATIONS.column("candidate_id")), "core.applications"),
        Column("stage", "varchar", "a stage that the application reached, at any time"),
        Column("stage_order", "tinyint", "place of the stage in the source's own list, from 0"),
        Column(
            "reached_on",
            "date",
            "day on which the stage was reached, where the source has it",
            derived_from=("core.applications.reached_on",),
        ),
        Column(
            "outcome",
            "varchar",
            "what happened from this stage; null at the last one",
            derived_from=("core.applications.outcome_label", "intake.outcome_labels.outcome"),
        ),
        *passed_on((APPLICATIONS.column("ethnicity_code"),), "core.applications"),
        *passed_on(ETHNICITY, "intake.ethnicity_labels"),
        *passed_on(_DETAILS, "core.applications"),
        *passed_on((APPLICATIONS.column("applied_on"),), "core.applications"),
        _EXTRACT_ID,
    ),
    is_view=True,
)

GROUP_COUNTS = Table(
    "core",
    "group_counts",
    "one row per extract of counts, ethnicity label, stage and outcome: people whom the source had already counted",
    ("extract_id", "ethnicity_code", "stage_order", "outcome"),
    (
        Column("organisation", "varchar", "the employer, as the mapping names it"),
        Column("period", "date", "first day of the reporting period that the source counted"),
        Column("ethnicity_code", "varchar", "code or label as received"),
        *passed_on(ETHNICITY, "intake.ethnicity_labels"),
        Column("stage_order", "tinyint", "place of the stage in the source's own list, from 0"),
        Column("outcome", "varchar", "progressed, rejected for all others who reached the stage; null at the last one"),
        Column("applications", "bigint", "applications that reached the stage and had the outcome", "applications"),
        _EXTRACT_ID,
    ),
)

HEADCOUNTS = Table(
    "core",
    "headcounts",
    "one row per extract of staff, snapshot, ethnicity label, pay band, staff group, and board or not, as received",
    ("extract_id", "snapshot", "ethnicity_code", "pay_band", "staff_group", "board"),
    (
        Column("organisation", "varchar", "the employer, as the mapping names it"),
        Column("snapshot", "date", "day of the headcount; decides the reporting period"),
        Column("ethnicity_code", "varchar", "code or label as received"),
        *passed_on(ETHNICITY, "intake.ethnicity_labels"),
        Column("pay_band", "varchar", "pay band of the staff, where the source has it"),
        Column(
            "tier",
            "varchar",
            "lower (band 5 and below), middle (6 and 7) or upper (8a and above) by the band's name; null off these bands",
            values=("lower", "middle", "upper"),
        ),
        Column("staff_group", "varchar", "staff group, where the source has it"),
        Column("board", "boolean", "voting members of the board, who are counted apart from the staff"),
        Column("headcount", "bigint", "people in post on the day", "people"),
        Column("leavers", "bigint", "people who left since the snapshot before, where the source has it", "people"),
        Column("joiners", "bigint", "people who joined since the snapshot before, where the source has it", "people"),
        _EXTRACT_ID,
    ),
)
