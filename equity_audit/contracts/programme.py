"""Tables over time and of a programme: exact ones for the analyst, and those that anybody can make from editions.

They are of an organisation as a whole, not of a period, and are made anew as a whole.
"""

from dataclasses import replace

from equity_audit.contracts.model import Column, Table
from equity_audit.contracts.out import COUNT_MEANINGS, GROUP_COLUMN, STEP_COLUMNS
from equity_audit.programme.verdict_words import IN_SHORT

_RECORDS = ("core.applications.applied_on", "core.applications.last_order", "core.applications.outcome_label")
_ORGANISATION, _LEVEL, _STEP_ORDER = STEP_COLUMNS[0], STEP_COLUMNS[2], STEP_COLUMNS[5]
_STAGES = STEP_COLUMNS[7:9]
_REFERENCE = Column("reference_name", "varchar", "the group compared with; null for the reference and for unknown")
_SIGNALS = "the rules of a control chart that the point breaks, by name with spaces between; null for none"
_MADE_FROM_RECORDS = "exact: never published"
_MADE_FROM_EDITIONS = "made from published editions alone"


def _limits(short: str, what: str, unit: str) -> tuple[Column, ...]:
    return (
        Column(f"{short}_centre", "double", f"mean of the whole series of {what}", unit),
        Column(f"{short}_lower", "double", f"lower limit of {what} at this point", unit),
        Column(f"{short}_upper", "double", f"upper limit of {what} at this point", unit),
        Column(f"{short}_signals", "varchar", _SIGNALS),
    )


def _trend(schema: str, grain: str, source: tuple[str, ...]) -> Table:
    count = ("applications", source)
    return Table(
        schema,
        "trend",
        f"one row per step, group and month or quarter of applying; {grain}",
        ("organisation", "unit", "period", "level", "from_stage", "to_stage", "group_name"),
        (
            _ORGANISATION,
            Column("unit", "varchar", "what a point is of", values=("month", "quarter")),
            Column("period", "date", "first day of the month or quarter", derived_from=source[:1]),
            _LEVEL,
            replace(_STEP_ORDER, meaning="place of the step: the whole path first"),
            *_STAGES,
            GROUP_COLUMN,
            Column("decided", "bigint", COUNT_MEANINGS["decided"], *count),
            Column("progressed", "bigint", COUNT_MEANINGS["progressed"], *count),
            Column("selection_rate", "double", "progressed / decided", "share", source),
            Column(
                "rate_chart",
                "varchar",
                "the control chart that fits the series of rates",
                "",
                (),
                ("xmr", "p", "p_prime"),
            ),
            *_limits("rate", "rates", "share"),
            _REFERENCE,
            Column(
                "impact_ratio", "double", "the rate / the reference's, on an XmR chart of logarithms", "ratio", source
            ),
            *_limits("ratio", "impact ratios", "ratio"),
            Column("trial_limits", "boolean", "whether there are too few points to rely on the limits"),
        ),
    )


def _range(name: str, meaning: str) -> tuple[Column, ...]:
    return (
        Column(name, "double", meaning, "ratio"),
        Column(f"{name}_low", "double", f"lower end of the range of {name}", "ratio"),
        Column(f"{name}_high", "double", f"upper end of the range of {name}; null: no upper end", "ratio"),
    )


_WHICH = (
    _ORGANISATION,
    Column("programme", "varchar", "the programme, by the name of its file"),
    _LEVEL,
    *_STAGES,
    GROUP_COLUMN,
    replace(_REFERENCE, meaning="the group compared with"),
)
_WHICH_KEY = ("organisation", "programme", "level", "from_stage", "to_stage", "group_name")


def _effect(schema: str, grain: str, *, within: bool) -> Table:
    split = (
        (
            *_range("effect_within", "the same among like posts"),
            Column("alike", "varchar", "what like posts share: pay_band, staff_group or both; null: nothing is known"),
        )
        if within
        else ()
    )
    return Table(
        schema,
        "programme_effect",
        f"one row per programme and comparison; {grain}",
        _WHICH_KEY,
        (
            *_WHICH,
            Column("before_selected", "bigint", "of the group selected before the programme", "applications"),
            Column("before_decided", "bigint", "of the group decided on before the programme", "applications"),
            Column("since_selected", "bigint", "of the group selected since the lead-in", "applications"),
            Column("since_decided", "bigint", "of the group decided on since the lead-in", "applications"),
            *_range("ratio_before", "impact ratio before the programme"),
            *_range("ratio_since", "impact ratio since the lead-in"),
            *_range("change", "ratio_since / ratio_before"),
            *_range("effect", "the impact ratio since the lead-in / what the path before led to"),
            *split,
            *_range("effect_against_comparators", "the change over that of units without the programme"),
            *_range("trend_against_comparators", "the yearly trend before over theirs: 1 where both were on one path"),
            *_range("level_change", "the same at the end of the lead-in"),
            *_range("slope_change", "how many times the yearly change is what it was"),
            *_range("trend_before", "how many times the impact ratio became in a year before the programme"),
            Column("detectable_rise", "double", "the smallest rise that would probably have been found", "ratio"),
            Column("detectable_fall", "double", "the smallest fall that would probably have been found", "ratio"),
            Column("dispersion", "double", "how many times the variance of chance the points have", "ratio"),
            Column("autocorrelation", "double", "of neighbouring points' residuals, 0 where negative", "correlation"),
            Column("verdict", "varchar", "what it comes to, from a fixed set", values=tuple(IN_SHORT)),
        ),
    )


TREND = _trend("out", _MADE_FROM_RECORDS, _RECORDS)
PROGRAMME_EFFECT = _effect("out", _MADE_FROM_RECORDS, within=True)
_PUBLISHED = (
    "disclosed.stage_counts.breakdown_value",
    "disclosed.stage_counts.decided",
    "disclosed.stage_counts.progressed",
)
DISCLOSED_TREND = _trend("disclosed", _MADE_FROM_EDITIONS, _PUBLISHED)
DISCLOSED_PROGRAMME_EFFECT = _effect("disclosed", _MADE_FROM_EDITIONS, within=False)
DISCLOSED_PROGRAMME_SENSITIVITY = Table(
    "disclosed",
    "programme_sensitivity",
    f"one row per programme, comparison and other way of asking; {_MADE_FROM_EDITIONS}",
    (*_WHICH_KEY, "tried", "day"),
    (
        *_WHICH,
        Column(
            "tried",
            "varchar",
            "placebo_date: as if it had begun on another day before; without_quarter: one quarter left out",
            values=("placebo_date", "without_quarter"),
        ),
        Column("day", "date", "that day, or the first day of that quarter"),
        *_range("effect", "the effect found so"),
    ),
)
EXACT_OVER_TIME = (TREND, PROGRAMME_EFFECT)
DISCLOSED_OVER_TIME = (DISCLOSED_TREND, DISCLOSED_PROGRAMME_EFFECT, DISCLOSED_PROGRAMME_SENSITIVITY)
