"""Tables of staff survey answers: numbers of answers as received and counted, and the published figures."""

from equity_audit.contracts.core import HEADCOUNTS
from equity_audit.contracts.model import NOTES, Column, PopulationTables, Table, passed_on, points, shown_count
from equity_audit.contracts.out import GROUP_COLUMN

_AS_RECEIVED = ("ethnicity_code", "ethnicity_category", "ethnicity_group", "wres_group")
_ANSWERED = "people who answered the question"
_AGREED = "people who agreed among those who answered, as counted by the source"

ANSWERS = Table(
    "core",
    "answers",
    "one row per extract of a survey, wave, question and ethnicity label, as received; no individual answers",
    ("extract_id", "wave", "item", "ethnicity_code"),
    (
        HEADCOUNTS.column("organisation"),
        Column("wave", "date", "date of the survey; determines the reporting period"),
        Column("item", "varchar", "the question in short form"),
        *(HEADCOUNTS.column(name) for name in _AS_RECEIVED),
        Column("answered", "bigint", _ANSWERED, "people"),
        Column("agreed", "bigint", _AGREED, "people"),
        HEADCOUNTS.column("extract_id"),
    ),
)

_PEOPLE = (
    Column("organisation", "varchar", "the employer", derived_from=("core.answers.organisation",)),
    Column("period", "date", "first day of the reporting period", derived_from=("core.answers.wave",)),
    Column("wave", "date", "date of the survey: the last one of the period", derived_from=("core.answers.wave",)),
    Column(
        "level",
        "varchar",
        "level of detail of ethnicity: all, wres or group",
        values=("all", "wres", "group"),
    ),
    Column("breakdown", "varchar", "item: each question separately", values=("item",)),
    Column("breakdown_value", "varchar", "the question in short form", derived_from=("core.answers.item",)),
    GROUP_COLUMN,
)
_KEY = ("organisation", "period", "level", "breakdown", "breakdown_value", "group_name")

SURVEY = Table(
    "out",
    "survey",
    "one row per organisation, period, question, level and group with answers",
    _KEY,
    (
        *_PEOPLE,
        Column("answered", "bigint", _ANSWERED, "people", ("core.answers.answered",)),
        Column("agreed", "bigint", _AGREED, "people", ("core.answers.agreed",)),
    ),
)

DISCLOSED_SURVEY = Table(
    "disclosed",
    "survey",
    "one row per question, level that policy publishes and group; protected",
    _KEY,
    (
        *passed_on(_PEOPLE, "out.survey"),
        *shown_count(SURVEY.column("answered"), "out.survey"),
        *shown_count(SURVEY.column("agreed"), "out.survey"),
    ),
)

SURVEY_MEASURES = {
    "share_agreeing": "share who agreed among those of the group who answered",
    "difference": "the group's share agreeing minus the reference's",
}
_REASONS = (*NOTES, "too_few_people", "nobody_there", "no_reference_group")
_MADE_OF = ("disclosed.survey.answered", "disclosed.survey.agreed")
_SAID = {column.name: column for column in passed_on(_PEOPLE, "disclosed.survey")}

DISCLOSED_SURVEY_MEASURES = Table(
    "disclosed",
    "survey_measures",
    "one row per measure of answers, question, level and group; every value is a function of published numbers only",
    ("organisation", "period", "measure", *_KEY[2:]),
    (
        *(_SAID[name] for name in ("organisation", "period", "wave")),
        Column(
            "measure",
            "varchar",
            "; ".join(f"{name}: {meaning}" for name, meaning in SURVEY_MEASURES.items()),
            values=tuple(SURVEY_MEASURES),
        ),
        *(_SAID[name] for name in _KEY[2:]),
        Column("reference_name", "varchar", "the group compared with, for difference"),
        *points(Column("value", "double", "the measure", "share", _MADE_OF), of="value"),
        Column("value_low", "double", "lower limit of its interval", "share", _MADE_OF),
        Column("value_high", "double", "upper limit of its interval", "share", _MADE_OF),
        Column(
            "not_shown_reason",
            "varchar",
            f"why there is no value: a number behind it is small (fewer_than) or withheld (protects_another), "
            f"{', '.join(_REASONS[2:])}; null if its range is shown",
            values=_REASONS,
        ),
    ),
)

ANSWER_TABLES = PopulationTables(
    "answers", "numbers of answers to a survey", ANSWERS, SURVEY, DISCLOSED_SURVEY, DISCLOSED_SURVEY_MEASURES
)
