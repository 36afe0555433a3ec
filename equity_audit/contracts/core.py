"""Tables of the content of extracts: applications, and numbers counted by their source."""

from equity_audit.contracts.intake import ETHNICITY
from equity_audit.contracts.model import Column, Table, passed_on
from equity_audit.details import DETAILS

_EXTRACT_ID = Column("extract_id", "varchar", "the extract of the row", derived_from=("intake.extracts.extract_id",))
_DETAILS = tuple(Column(detail.name, detail.type, detail.meaning) for detail in DETAILS)
APPLICATIONS = Table(
    "core",
    "applications",
    "one row per application of an extract, typed and pseudonymised",
    ("extract_id", "application_id"),
    (
        Column("organisation", "varchar", "the employer, as the mapping names it"),
        Column("application_id", "uuid", "pseudonym of the application: keyed, so it cannot be reversed"),
        Column("candidate_id", "uuid", "pseudonym of the person, if the source identifies people"),
        Column("vacancy_id", "uuid", "pseudonym of the advertised post"),
        Column("ethnicity_code", "varchar", "code or label as received"),
        Column("outcome_label", "varchar", "outcome or status as received"),
        Column("last_order", "tinyint", "order of the furthest stage reached in the source's own list, from 0"),
        Column("applied_on", "date", "date of the application; determines the reporting period"),
        Column("reached_on", "date[]", "date on which each stage was reached, in the order of stages, if known"),
        Column("stage_flags", "boolean[]", "whether the source says yes to each stage after the first"),
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
        Column("stage_order", "tinyint", "order of the stage in the source's own list, from 0"),
        Column(
            "reached_on",
            "date",
            "date on which the stage was reached, if the source has it",
            derived_from=("core.applications.reached_on",),
        ),
        Column(
            "outcome",
            "varchar",
            "outcome of this stage; null at the last stage",
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
    "one row per extract of counts, ethnicity label, stage and outcome: applications counted by the source",
    ("extract_id", "ethnicity_code", "stage_order", "outcome"),
    (
        Column("organisation", "varchar", "the employer, as the mapping names it"),
        Column("period", "date", "first day of the reporting period that the source counted"),
        Column("ethnicity_code", "varchar", "code or label as received"),
        *passed_on(ETHNICITY, "intake.ethnicity_labels"),
        Column("stage_order", "tinyint", "order of the stage in the source's own list, from 0"),
        Column("outcome", "varchar", "progressed, or rejected for all others who reached it; null at the last stage"),
        Column("applications", "bigint", "applications that reached the stage and had the outcome", "applications"),
        _EXTRACT_ID,
    ),
)

HEADCOUNTS = Table(
    "core",
    "headcounts",
    "one row per extract of staff, snapshot, ethnicity label, pay band, staff group and membership of the board, as "
    "received",
    ("extract_id", "snapshot", "ethnicity_code", "pay_band", "staff_group", "board", "executive"),
    (
        Column("organisation", "varchar", "the employer, as the mapping names it"),
        Column("snapshot", "date", "date of the headcount; determines the reporting period"),
        Column("ethnicity_code", "varchar", "code or label as received"),
        *passed_on(ETHNICITY, "intake.ethnicity_labels"),
        Column("pay_band", "varchar", "pay band of the staff, if the source has it"),
        Column(
            "tier",
            "varchar",
            "lower (band 5 and below), middle (6 and 7) or upper (8a and above), by the band's name; null for others",
            values=("lower", "middle", "upper"),
        ),
        Column("staff_group", "varchar", "staff group, if the source has it"),
        Column(
            "clinical",
            "varchar",
            "clinical or other, by the staff group's name; null if it is not one of the Electronic Staff Record's",
            values=("clinical", "other"),
        ),
        Column("board", "boolean", "whether these are voting members of the board, counted separately from staff"),
        Column(
            "executive",
            "boolean",
            "whether these are executive members of the board, voting or not; null if the source does not say. For the "
            "analyst alone",
        ),
        Column("headcount", "bigint", "people in post on that date", "people"),
        Column("leavers", "bigint", "people who left since the previous snapshot, if the source has it", "people"),
        Column("joiners", "bigint", "people who joined since the previous snapshot, if the source has it", "people"),
        _EXTRACT_ID,
    ),
)
