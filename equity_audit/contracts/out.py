"""Tables of exact figures: counts, rates, disparities. They stay in the warehouse."""

from equity_audit.contracts.model import Column, Table, passed_on

STEP_COLUMNS = (
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
GROUP_COLUMN = Column(
    "group_name",
    "varchar",
    "the ethnic group at this level",
    derived_from=(
        "core.applicant_stages.ethnicity_category",
        "core.applicant_stages.ethnicity_group",
        "core.applicant_stages.wres_group",
    ),
)
STEP_KEY = tuple(column.name for column in STEP_COLUMNS)

COUNT_MEANINGS = {
    "reached": "reached the step's first stage, at any time",
    "decided": "progressed or rejected: the denominator of the selection rate",
    "progressed": "reached the step's last stage",
    "rejected": "turned down by the employer on the way",
    "withdrew": "withdrew on the way",
    "declined": "turned an offer down on the way",
    "ineligible": "could not be considered",
    "pending": "not decided when the file was made",
}
COUNTS = tuple(COUNT_MEANINGS)

STAGE_COUNTS = Table(
    "out",
    "stage_counts",
    "one row per organisation, period, level, breakdown, step and group",
    (*STEP_KEY, "group_name"),
    (
        *STEP_COLUMNS,
        GROUP_COLUMN,
        *(
            Column(name, "bigint", meaning, "applications", ("core.applicant_stages.outcome",))
            for name, meaning in COUNT_MEANINGS.items()
        ),
        Column(
            "basis",
            "varchar",
            "records: counted here; aggregated: counted by the source, which does not tell those who withdrew from those "
            "who were turned down",
            derived_from=("core.group_counts.applications",),
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
        *passed_on((*STEP_COLUMNS, GROUP_COLUMN), "out.stage_counts"),
        Column("decided", "bigint", COUNT_MEANINGS["decided"], "applications", ("out.stage_counts.decided",)),
        Column("progressed", "bigint", COUNT_MEANINGS["progressed"], "applications", ("out.stage_counts.progressed",)),
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
        *passed_on((*STEP_COLUMNS, GROUP_COLUMN), "out.selection_rates"),
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
        *passed_on(_RATE, "out.selection_rates"),
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
