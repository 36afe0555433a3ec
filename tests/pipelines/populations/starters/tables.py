"""Tables of those who started a year before, and of these who are still in post."""

from equity_audit.contracts.core import HEADCOUNTS
from equity_audit.contracts.model import Column, PopulationTables, Table, passed_on, shown_count
from equity_audit.contracts.out import GROUP_COLUMN, STEP_COLUMNS

_AS_RECEIVED = ("ethnicity_code", "ethnicity_category", "ethnicity_group", "wres_group")
_MEANINGS = {
    "started": "people who started in the year before the day",
    "stayed": "of these, people in post on the day",
}
_KEY = ("organisation", "period", "level", "breakdown", "breakdown_value", "group_name")

RECEIVED = Table(
    "core",
    "starters",
    "one row per extract of starters, day and ethnicity label, as received",
    ("extract_id", "followed_up", "ethnicity_code"),
    (
        HEADCOUNTS.column("organisation"),
        Column("followed_up", "date", "day on which it was seen who is still in post; decides the reporting period"),
        *(HEADCOUNTS.column(name) for name in _AS_RECEIVED),
        *(Column(name, "bigint", meaning, "people") for name, meaning in _MEANINGS.items()),
        HEADCOUNTS.column("extract_id"),
    ),
)
_PEOPLE = (
    Column("organisation", "varchar", "the employer", derived_from=("core.starters.organisation",)),
    Column("period", "date", "first day of the reporting period", derived_from=("core.starters.followed_up",)),
    Column("followed_up", "date", "the last such day of the period", derived_from=("core.starters.followed_up",)),
    STEP_COLUMNS[2],
    Column("breakdown", "varchar", "all: starters are not split", values=("all",)),
    Column("breakdown_value", "varchar", "all", values=("all",)),
    GROUP_COLUMN,
)
EXACT = Table(
    "out",
    "starters",
    "one row per organisation, period, level and group",
    _KEY,
    (
        *_PEOPLE,
        *(Column(name, "bigint", meaning, "people", (f"core.starters.{name}",)) for name, meaning in _MEANINGS.items()),
    ),
)
SHOWN = Table(
    "disclosed",
    "starters",
    "one row per level that policy publishes and group; protected",
    _KEY,
    (
        *passed_on(_PEOPLE, "out.starters"),
        *(column for name in _MEANINGS for column in shown_count(EXACT.column(name), "out.starters")),
    ),
)
_SHOWN = {column.name: column for column in passed_on(_PEOPLE, "disclosed.starters")}
_ENDS = ("", "_low", "_high")
_OF = ("disclosed.starters.started", "disclosed.starters.stayed")
SHOWN_MEASURES = Table(
    "disclosed",
    "starters_measures",
    "one row per measure, level and group; every value a function of published numbers alone",
    ("organisation", "period", "measure", *_KEY[2:]),
    (
        *(_SHOWN[name] for name in ("organisation", "period", "followed_up")),
        Column(
            "measure", "varchar", "share_staying: of those who started, the part in post", values=("share_staying",)
        ),
        *(_SHOWN[name] for name in _KEY[2:]),
        Column("reference_name", "varchar", "none: a share is compared with nobody's"),
        *(Column(f"value{end}", "double", "the measure, or an end of its interval", "share", _OF) for end in _ENDS),
        Column("not_shown_reason", "varchar", "why there is no value; null where there is one"),
    ),
)
STARTER_TABLES = PopulationTables("starters", "numbers of starters", RECEIVED, EXACT, SHOWN, SHOWN_MEASURES)
