"""Tables of protected figures: those that may be published, and the only ones that reports can read."""

from equity_audit.contracts.model import NOTE, NOTES, Column, Table, passed_on, points
from equity_audit.contracts.out import COUNT_MEANINGS, COUNTS, GROUP_COLUMN, STEP_COLUMNS, STEP_KEY

_FINDINGS = ("disparity", "possible_disparity", "small_difference", "no_disparity_detected", "too_few_to_say")
_STRATIFIED_FINDINGS = (
    "not_explained_by",
    "explained_by",
    "reversed_within",
    "appears_within",
    "cannot_tell",
    "nothing_to_explain",
)
NO_RATE = ("no_decisions", "too_few_decided", "protects_another")
DISCLOSED_STAGE_COUNTS = Table(
    "disclosed",
    "stage_counts",
    "one row per step and group, for all applicants and for the splits that policy publishes; protected",
    (*STEP_KEY, "group_name"),
    (
        *passed_on((*STEP_COLUMNS, GROUP_COLUMN), "out.stage_counts"),
        *(
            column
            for name in ("reached", "decided", "progressed")
            for column in (
                Column(
                    name, "bigint", f"{COUNT_MEANINGS[name]}; rounded", "applications", (f"out.stage_counts.{name}",)
                ),
                Column(f"{name}_note", "varchar", NOTE, "", (f"out.stage_counts.{name}",), NOTES),
            )
        ),
    ),
)

DISCLOSED_DESIGN_EFFECTS = Table(
    "disclosed",
    "design_effects",
    "one row per step: by how much its ranges are widened because decisions of one vacancy, and on one person, go together",
    ("organisation", "period", "step_order"),
    (
        *passed_on(tuple(c for c in STEP_COLUMNS if c.name in ("organisation", "period")), "disclosed.stage_counts"),
        *passed_on(STEP_COLUMNS[5:], "disclosed.stage_counts"),
        Column(
            "design_effect",
            "double",
            "how many times larger the variance is than that of independent decisions: rounded up to a class of the "
            "settings; in every inference numbers count as that many times smaller",
            "ratio",
            ("out.design_effects.design_effect",),
        ),
        Column(
            "basis",
            "varchar",
            "estimated: the class of the estimate; default: too few to estimate it or to publish its class, so that of the "
            "settings; independent: counted by its source without vacancies, so taken as 1",
            "",
            ("out.design_effects.undefined_reason", "disclosed.stage_counts.progressed"),
            ("estimated", "default", "independent"),
        ),
    ),
)

_SHOWN = ("disclosed.stage_counts.progressed", "disclosed.stage_counts.decided")
# Ranges, and what is concluded from them.
_INFERRED = (*_SHOWN, "disclosed.design_effects.design_effect")
_WIDENED = "over every count that would round to the published one"
DISCLOSED_SELECTION_RATES = Table(
    "disclosed",
    "selection_rates",
    "one row per row of disclosed.stage_counts; every value is a function of that row and the design effect of its step only",
    (*STEP_KEY, "group_name"),
    (
        *passed_on((*STEP_COLUMNS, GROUP_COLUMN), "disclosed.stage_counts"),
        *points(
            Column("selection_rate", "double", "progressed / decided, from the rounded counts", "share", _SHOWN),
            of="selection_rate",
        ),
        Column("selection_rate_low", "double", f"lowest Wilson bound {_WIDENED}", "share", _INFERRED),
        Column("selection_rate_high", "double", f"highest Wilson bound {_WIDENED}", "share", _INFERRED),
        Column(
            "not_shown_reason",
            "varchar",
            "no_decisions, too_few_decided or protects_another; null if its range is shown",
            values=NO_RATE,
        ),
    ),
)

DISCLOSED_DISPARITIES = Table(
    "disclosed",
    "disparities",
    "one row per step and group other than the reference; every value is a function of disclosed.stage_counts and disclosed.design_effects only",
    (*STEP_KEY, "group_name"),
    (
        *passed_on((*STEP_COLUMNS, GROUP_COLUMN), "disclosed.stage_counts"),
        Column("reference_name", "varchar", "the group compared with: fixed by policy"),
        *points(
            Column("rate_difference", "double", "the group's published rate minus the reference's", "share", _SHOWN),
            Column("impact_ratio", "double", "the group's published rate / the reference's", "ratio", _SHOWN),
            Column(
                "relative_likelihood",
                "double",
                "the reference's published rate / the group's (WRES direction)",
                "ratio",
                _SHOWN,
            ),
            of="impact_ratio",
        ),
        Column("impact_ratio_low", "double", f"lowest Koopman bound {_WIDENED}", "ratio", _INFERRED),
        Column(
            "impact_ratio_high", "double", f"highest Koopman bound {_WIDENED}; null: no upper limit", "ratio", _INFERRED
        ),
        Column(
            "reading",
            "varchar",
            "less_often or more_often if the interval excludes 1, otherwise not_clear",
            "",
            _INFERRED,
            ("less_often", "more_often", "not_clear"),
        ),
        Column(
            "finding",
            "varchar",
            "the finding of the exact counts, if all counts that would be published the same give it; otherwise not_settled",
            "",
            (*_INFERRED, "out.disparities.finding"),
            (*_FINDINGS, "not_settled"),
        ),
        Column("shortfall_low", "double", f"smallest shortfall {_WIDENED}", "applications", _SHOWN),
        Column("shortfall_high", "double", f"largest shortfall {_WIDENED}", "applications", _SHOWN),
        Column(
            "not_shown_reason",
            "varchar",
            "no_decisions, too_few_decided, protects_another, fewer_than (the reference's progressed), "
            "reference_never_selected or no_reference_group; "
            "null if its range is shown",
            values=(*NO_RATE, "fewer_than", "reference_never_selected", "no_reference_group"),
        ),
    ),
)

_HELD = "an interval that contains the exact one for every count that would round to the published one"
DISCLOSED_OVERALL_PATHS = Table(
    "disclosed",
    "overall_paths",
    "one row per level, breakdown and group; every value is a function of disclosed.stage_counts and disclosed.design_effects only",
    (*STEP_KEY[:5], "group_name"),
    (
        *passed_on((*STEP_COLUMNS[:5], GROUP_COLUMN), "disclosed.stage_counts"),
        Column("reference_name", "varchar", "the group compared with; null for the reference and all applicants"),
        *passed_on(STEP_COLUMNS[7:9], "disclosed.stage_counts"),
        *points(
            Column(
                "overall_rate",
                "double",
                "product over stages of progressed / decided, from the rounded counts",
                "share",
                _SHOWN,
            ),
            of="overall_rate",
        ),
        Column("overall_rate_low", "double", f"lower limit of {_HELD}", "share", _INFERRED),
        Column("overall_rate_high", "double", f"upper limit of {_HELD}", "share", _INFERRED),
        *points(
            Column("overall_ratio", "double", "the group's overall rate / the reference's", "ratio", _SHOWN),
            Column("overall_log_ratio", "double", "natural logarithm of overall_ratio", "log", _SHOWN),
            of="overall_ratio",
        ),
        Column("overall_ratio_low", "double", f"lower limit of {_HELD}", "ratio", _INFERRED),
        Column("overall_ratio_high", "double", f"upper limit of {_HELD}; null: none", "ratio", _INFERRED),
        Column(
            "not_shown_reason",
            "varchar",
            "a_stage_not_shown (or without selections), no_reference_group or reference_not_shown; null if its range is shown",
            values=("a_stage_not_shown", "no_reference_group", "reference_not_shown"),
        ),
    ),
)

_RATIO = tuple(f"disclosed.disparities.impact_ratio{end}" for end in ("", "_low", "_high"))
DISCLOSED_STAGE_CONTRIBUTIONS = Table(
    "disclosed",
    "stage_contributions",
    "one row per stage of each whole path whose ratio is shown as a single number, as is that of each of its stages; "
    "every value is a function of disclosed.disparities only",
    (*STEP_KEY[:5], "step_order", "group_name"),
    (
        *passed_on((*STEP_COLUMNS[:6], *STEP_COLUMNS[7:9], GROUP_COLUMN), "disclosed.stage_counts"),
        Column("reference_name", "varchar", "the group compared with: fixed by policy"),
        Column(
            "log_ratio",
            "double",
            "natural logarithm of the stage's published impact ratio; these add up to that of the published whole path",
            "log",
            _RATIO[:1],
        ),
        Column("log_before", "double", "sum of log_ratio over earlier stages: the gap so far", "log", _RATIO[:1]),
        Column("log_ratio_low", "double", "logarithm of the lower limit of its published interval", "log", _RATIO[1:2]),
        Column("log_ratio_high", "double", "logarithm of the upper limit of its published interval", "log", _RATIO[2:]),
    ),
)

_PARTS = "over the parts of the split whose counts are published for both groups"
DISCLOSED_LIKE_FOR_LIKE = Table(
    "disclosed",
    "like_for_like",
    "one row per level, split, step and group other than the reference; every value is a function of "
    "disclosed.stage_counts only",
    ("organisation", "period", "level", "stratified_by", "step_order", "group_name"),
    (
        *passed_on((*STEP_COLUMNS[:3], *STEP_COLUMNS[5:], GROUP_COLUMN), "disclosed.stage_counts"),
        Column("stratified_by", "varchar", "the split within whose parts like is compared with like"),
        Column("reference_name", "varchar", "the group compared with: fixed by policy"),
        Column("parts", "bigint", "parts of the split", "parts", _SHOWN),
        Column("parts_compared", "bigint", "parts with published counts of both groups", "parts", _SHOWN),
        Column(
            "compared_share",
            "double",
            "the group's decided in the parts compared / its decided in all, as published",
            "share",
            _SHOWN[1:],
        ),
        *points(
            Column(
                "crude_ratio", "double", f"the group's rate / the reference's, all together {_PARTS}", "ratio", _SHOWN
            ),
            of="crude_ratio",
        ),
        Column("crude_ratio_low", "double", f"lowest Koopman bound {_WIDENED}", "ratio", _INFERRED),
        Column(
            "crude_ratio_high", "double", f"highest Koopman bound {_WIDENED}; null: no upper limit", "ratio", _INFERRED
        ),
        *points(
            Column("adjusted_ratio", "double", f"Mantel-Haenszel risk ratio {_PARTS}", "ratio", _SHOWN),
            of="adjusted_ratio",
        ),
        Column("adjusted_ratio_low", "double", f"lower limit of {_HELD} (Greenland and Robins)", "ratio", _INFERRED),
        Column(
            "adjusted_ratio_high",
            "double",
            f"upper limit of {_HELD} (Greenland and Robins); null: no upper limit",
            "ratio",
            _INFERRED,
        ),
        Column(
            "stratified_finding",
            "varchar",
            "what comparing like with like shows about the crude ratio, from these two intervals",
            "",
            _INFERRED,
            _STRATIFIED_FINDINGS,
        ),
        Column(
            "not_shown_reason",
            "varchar",
            "no_reference_group, too_few_parts (fewer than two compared), too_few_decided (in those together) or "
            "nobody_selected (in either group); null if its range is shown",
            values=("no_reference_group", "too_few_parts", "too_few_decided", "nobody_selected"),
        ),
    ),
)

DISCLOSED_OUTCOME_COUNTS = Table(
    "disclosed",
    "outcome_counts",
    "one row per single step and outcome, all applicants together",
    ("organisation", "period", "step_order", "outcome"),
    (
        *passed_on(
            tuple(
                c for c in STEP_COLUMNS if c.name in ("organisation", "period", "step_order", "from_stage", "to_stage")
            ),
            "out.stage_counts",
        ),
        Column("outcome", "varchar", "outcome of the step"),
        Column(
            "applications",
            "bigint",
            "applications with that outcome; rounded; for rejected, the difference of two published counts, marked as "
            "small if it cannot be larger",
            "applications",
            tuple(f"out.stage_counts.{name}" for name in COUNTS[2:]),
        ),
        Column("applications_note", "varchar", NOTE, values=NOTES),
    ),
)
