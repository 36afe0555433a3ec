"""Tables of exact figures: counts, rates, disparities. They stay in the warehouse."""

from equity_audit.contracts.model import Column, Table, passed_on
from equity_audit.details import TEXT_DETAILS

STEP_COLUMNS = (
    Column("organisation", "varchar", "the employer", derived_from=("core.applications.organisation",)),
    Column("period", "date", "first day of the reporting period", derived_from=("core.applications.applied_on",)),
    Column(
        "level",
        "varchar",
        "level of detail of ethnicity: all, wres, group or category",
        values=("all", "wres", "group", "category"),
    ),
    Column("breakdown", "varchar", "how the people are further split; all for no split"),
    Column(
        "breakdown_value",
        "varchar",
        "the part of that split, Not recorded if a record has none; all for no split",
        derived_from=tuple(f"core.applications.{name}" for name in (*TEXT_DETAILS, "applied_on")),
    ),
    Column("step_order", "tinyint", "order of the step: single steps first, then spans of several"),
    Column("step_kind", "varchar", "stage for one step, span for several together", values=("stage", "span")),
    Column("from_stage", "varchar", "where the step begins", derived_from=("intake.extracts.stages",)),
    Column("to_stage", "varchar", "where the step ends", derived_from=("intake.extracts.stages",)),
)
GROUP_COLUMN = Column(
    "group_name",
    "varchar",
    "the ethnic group at this level",
    derived_from=(
        "intake.ethnicity_labels.ethnicity_category",
        "intake.ethnicity_labels.ethnicity_group",
        "intake.ethnicity_labels.wres_group",
    ),
)
STEP_KEY = tuple(column.name for column in STEP_COLUMNS)

COUNT_MEANINGS = {
    "reached": "reached the step's first stage, at any time",
    "decided": "progressed or rejected: the denominator of the selection rate",
    "progressed": "reached the step's last stage",
    "rejected": "rejected by the employer during the step",
    "withdrew": "withdrew during the step",
    "declined": "declined an offer during the step",
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
            Column(
                name,
                "bigint",
                meaning,
                "applications",
                (
                    "core.applications.last_order",
                    "core.applications.outcome_label",
                    "intake.outcome_labels.outcome",
                    "core.group_counts.applications",
                ),
            )
            for name, meaning in COUNT_MEANINGS.items()
        ),
        Column(
            "basis",
            "varchar",
            "records: counted here; aggregated: counted by the source, which does not distinguish withdrawn and rejected "
            "applications",
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
        "lower limit of the Wilson interval",
        "share",
        ("out.stage_counts.progressed", "out.stage_counts.decided"),
    ),
    Column(
        "selection_rate_high",
        "double",
        "upper limit of the Wilson interval",
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
        Column("undefined_reason", "varchar", "why there is no rate; null if there is one"),
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
    "one row per step, comparator and group other than the reference, at levels wres, group and category",
    (*STEP_KEY, "comparator", "group_name"),
    (
        *passed_on((*STEP_COLUMNS, GROUP_COLUMN), "out.selection_rates"),
        Column(
            "comparator", "varchar", "how the reference was chosen: reference, everyone_else, overall or highest_rate"
        ),
        Column("reference_name", "varchar", "the group compared with"),
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
        _measure("rate_difference_low", "lower limit of the Newcombe interval", "share"),
        _measure("rate_difference_high", "upper limit of the Newcombe interval", "share"),
        _measure("impact_ratio", "the group's rate / the reference's rate; below 1: selected less often", "ratio"),
        _measure("impact_ratio_low", "lower limit of the Koopman score interval", "ratio"),
        _measure("impact_ratio_high", "upper limit of the Koopman score interval; null: no upper limit", "ratio"),
        _measure(
            "relative_likelihood",
            "the reference's rate / the group's rate (WRES direction); above 1: the group is selected less often",
            "ratio",
        ),
        _measure("z", "pooled two-proportion z; negative: the group is selected less often", "standard deviations"),
        _measure(
            "p_value",
            "probability of a difference at least this extreme if the rates were equal; two-sided",
            "probability",
        ),
        _measure("p_method", "the test: score, or exact_mid_p if an expected count is below 5", type_="varchar"),
        _measure("p_adjusted", "p_value adjusted by Holm's method for all comparisons of the family", "probability"),
        _measure("family", "the comparisons that are read together, and so adjusted together", type_="varchar"),
        _measure("family_size", "number of tests in the family", "tests", "bigint"),
        _measure("below_four_fifths", "impact ratio below 4/5, decided in whole numbers", type_="boolean"),
        _measure("above_five_fourths", "impact ratio above 5/4, decided in whole numbers", type_="boolean"),
        _measure(
            "shortfall",
            "selections at the reference's rate minus the actual ones; negative: the group has more",
            "applications",
        ),
        _measure(
            "selections_to_four_fifths",
            "further selections needed to reach four fifths; 0: none",
            "applications",
            "bigint",
        ),
        _measure(
            "selections_to_parity", "further selections needed for equal rates; 0: none", "applications", "bigint"
        ),
        _measure("flip_flop", "moving one selection would reverse which rate is higher", type_="boolean"),
        _measure(
            "smallest_detectable_ratio",
            "ratio below 1, nearest to 1, that a test on these numbers would find with 80% power; null: none",
            "ratio",
        ),
        _measure("unknown_low", "lowest impact ratio under any allocation of unknown ethnicity", "ratio"),
        _measure("unknown_high", "highest impact ratio under any allocation of unknown ethnicity; null: none", "ratio"),
        _measure(
            "finding",
            "disparity, possible_disparity, small_difference, no_disparity_detected or too_few_to_say",
            type_="varchar",
        ),
        Column("undefined_reason", "varchar", "why measures are missing; null if none is"),
    ),
)

_CLUSTERS = ("core.applications.vacancy_id", "core.applications.candidate_id", *_PAIR)
DESIGN_EFFECTS = Table(
    "out",
    "design_effects",
    "one row per organisation, period and step",
    ("organisation", "period", "step_order"),
    (
        *passed_on(tuple(c for c in STEP_COLUMNS if c.name in ("organisation", "period")), "out.stage_counts"),
        *passed_on(STEP_COLUMNS[5:], "out.stage_counts"),
        Column(
            "vacancies",
            "bigint",
            "vacancies with decisions; null if not known",
            "vacancies",
            _CLUSTERS[:1],
        ),
        Column("vacancies_worth", "double", "how many vacancies of equal size these are worth", "vacancies", _CLUSTERS),
        Column(
            "candidates",
            "bigint",
            "people with decisions; null if the source does not identify people",
            "people",
            _CLUSTERS[1:2],
        ),
        Column("of_wres", "double", "design effect of BME and White applicants, as estimated", "ratio", _CLUSTERS),
        Column("of_groups", "double", "mean design effect of the groups, as estimated", "ratio", _CLUSTERS),
        Column(
            "design_effect",
            "double",
            "how many times larger the variance is than that of independent decisions; at least 1",
            "ratio",
            _CLUSTERS,
        ),
        Column(
            "undefined_reason",
            "varchar",
            "why it is not estimated: counted_by_source (then 1) or too_few_to_estimate (then the default); null if it is",
            values=("counted_by_source", "too_few_to_estimate"),
        ),
    ),
)
