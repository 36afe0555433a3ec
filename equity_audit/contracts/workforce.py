"""Tables of the workforce: exact numbers and measures, and the published figures."""

from equity_audit.contracts.core import HEADCOUNTS
from equity_audit.contracts.model import NOTE, NOTES, Column, PopulationTables, Table, passed_on, points, shown_count
from equity_audit.contracts.out import GROUP_COLUMN, STEP_COLUMNS

# Those of the second line are exact only: never published.
_BREAKDOWNS = (
    *("all", "pay_band", "tier", "staff_group", "clinical", "board"),
    *("clinical_band", "clinical_tier", "board_executive"),
)
_PEOPLE = (
    Column("organisation", "varchar", "the employer", derived_from=("core.headcounts.organisation",)),
    Column("period", "date", "first day of the reporting period", derived_from=("core.headcounts.snapshot",)),
    Column(
        "snapshot",
        "date",
        "date of the headcount: the last one of the period",
        derived_from=("core.headcounts.snapshot",),
    ),
    STEP_COLUMNS[2],
    Column(
        "breakdown",
        "varchar",
        "all for no split, pay_band, tier, staff_group, clinical; or board: voting members, who are not in other rows; "
        "exact alone: clinical_band and clinical_tier, clinical and other staff by pay band and tier, and "
        "board_executive, executive members of the board, voting or not, and other voting members",
        values=_BREAKDOWNS,
    ),
    Column(
        "breakdown_value",
        "varchar",
        "the part of that split, Not recorded if a row has none; lower, middle, upper or no tier; clinical, other or not "
        "known; voting members; executive members or other voting members; all",
        derived_from=tuple(
            f"core.headcounts.{name}" for name in ("pay_band", "tier", "staff_group", "clinical", "board", "executive")
        ),
    ),
    GROUP_COLUMN,
)
_KEY = ("organisation", "period", "level", "breakdown", "breakdown_value", "group_name")

WORKFORCE = Table(
    "out",
    "workforce",
    "one row per organisation, period, level, breakdown, part of it and group that is not empty",
    _KEY,
    (
        *_PEOPLE,
        Column("headcount", "bigint", "people in post on that date", "people", ("core.headcounts.headcount",)),
        Column(
            "leavers", "bigint", "people who left since the previous snapshot", "people", ("core.headcounts.leavers",)
        ),
        Column(
            "joiners", "bigint", "people who joined since the previous snapshot", "people", ("core.headcounts.joiners",)
        ),
    ),
)

MEASURES = {
    "share": "the group's share of those in post, including unknown ethnicity (WRES indicator 1 for BME)",
    "share_if_unknown_bme": "the share of BME staff if all of unknown ethnicity were BME",
    "representation": "the group's share of those in post / its share of the benchmark",
    "race_disparity_ratio": "(White higher / White lower tier) / (BME higher / BME lower tier)",
    "board_gap": "BME share of the board's voting members minus that of those in post (WRES indicator 9)",
    "leaving_ratio": "the share of the group that left since the previous snapshot / that of the reference",
    "share_of_known": "the BME share of those in post of known ethnicity, the start of a projection",
    "settles_at": "the long-term BME share of those of known ethnicity if selection and leaving stay as they are",
    "settles_at_if_selected_alike": "the same if BME and White applicants were selected at the same rate",
    "halfway_years": "years until half of the change to the long-term share is reached",
    "share_in_years": "the share of those of known ethnicity after the number of years in breakdown_value",
}
# The breakdown of measures between tiers, and that of a projection.
TIER_STEPS = "tier_step"
# The same among clinical and among other staff: exact alone.
CLINICAL_TIER_STEPS = "clinical_tier_step"
YEARS = "years"
_OF = ("headcount", "leavers")


def _measures(schema: str, source: str, counts: tuple[str, ...], reason: Column) -> Table:
    """Return the table of measures made from a table of numbers."""
    people = {column.name: column for column in passed_on(_PEOPLE, source)}
    made_of = (*(f"{source}.{name}" for name in counts),)
    settles = (*made_of, f"{schema}.stage_counts.progressed", f"{schema}.stage_counts.decided")
    value = (
        Column("value", "double", "the measure: a share, ratio, difference of shares, or years", "ratio", settles),
    )
    return Table(
        schema,
        "workforce_measures",
        "one row per measure of the people in post, level, breakdown, part of it and group"
        + ("" if schema == "out" else "; every value is a function of published numbers only"),
        ("organisation", "period", "measure", *_KEY[2:]),
        (
            people["organisation"],
            people["period"],
            people["snapshot"],
            Column(
                "measure",
                "varchar",
                "; ".join(f"{name}: {meaning}" for name, meaning in MEASURES.items()),
                values=tuple(MEASURES),
            ),
            people["level"],
            Column(
                "breakdown",
                "varchar",
                "as in the numbers; tier_step: from one tier to another; clinical_tier_step: the same of clinical and of "
                "other staff, exact alone; years: since the snapshot",
                values=(*_BREAKDOWNS, TIER_STEPS, CLINICAL_TIER_STEPS, YEARS),
            ),
            people["breakdown_value"],
            people["group_name"],
            Column("reference_name", "varchar", "the group compared with, for measures that compare two groups"),
            Column("benchmark_share", "double", "the group's share of the benchmark, for representation", "share"),
            *(value if schema == "out" else points(*value, of="value")),
            Column("value_low", "double", "lower limit of its interval; null if it has none", "ratio", settles),
            Column("value_high", "double", "upper limit of its interval; null if it has none", "ratio", settles),
            reason,
        ),
    )


_UNDEFINED = ("nobody_there", "no_reference_group", "not_collected", "no_applicants", "not_by_year")
WORKFORCE_MEASURES = _measures(
    "out",
    "out.workforce",
    _OF,
    Column("undefined_reason", "varchar", f"why there is no value: {', '.join(_UNDEFINED)}; null if there is one"),
)
DISCLOSED_WORKFORCE = Table(
    "disclosed",
    "workforce",
    "one row per level, breakdown that policy publishes, part of it and group; protected",
    _KEY,
    (
        *passed_on(_PEOPLE, "out.workforce"),
        *shown_count(WORKFORCE.column("headcount"), "out.workforce"),
        Column(
            "employed",
            "bigint",
            "people in post on that date and those who left since the previous snapshot; rounded",
            "people",
            ("out.workforce.headcount", "out.workforce.leavers"),
        ),
        Column(
            "employed_note",
            "varchar",
            f"{NOTE}; not_collected if the source has no leavers",
            "",
            ("out.workforce.leavers",),
            (*NOTES, "not_collected"),
        ),
    ),
)
DISCLOSED_WORKFORCE_MEASURES = _measures(
    "disclosed",
    "disclosed.workforce",
    ("headcount", "employed"),
    Column(
        "not_shown_reason",
        "varchar",
        f"why there is no value: a number behind it is small (fewer_than) or withheld (protects_another), "
        f"too_few_people, {', '.join(_UNDEFINED)}; null if its range is shown",
        values=(*NOTES, "too_few_people", *_UNDEFINED),
    ),
)

STAFF_TABLES = PopulationTables(
    "staff",
    "numbers of staff",
    HEADCOUNTS,
    WORKFORCE,
    DISCLOSED_WORKFORCE,
    DISCLOSED_WORKFORCE_MEASURES,
    WORKFORCE_MEASURES,
)
