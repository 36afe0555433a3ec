"""Tables over time and on programmes: exact ones for the analyst, and those that anyone can make from editions.

They cover an organisation as a whole, not a period, and are rebuilt as a whole.
"""

from dataclasses import replace

from equity_audit.contracts.model import Column, Table, points
from equity_audit.contracts.out import COUNT_MEANINGS, GROUP_COLUMN, STEP_COLUMNS
from equity_audit.programme.verdict_words import IN_SHORT, YEARLY_IN_SHORT

_RECORDS = ("core.applications.applied_on", "core.applications.last_order", "core.applications.outcome_label")
_ORGANISATION, _LEVEL, _STEP_ORDER = STEP_COLUMNS[0], STEP_COLUMNS[2], STEP_COLUMNS[5]
_STAGES = STEP_COLUMNS[7:9]
_REFERENCE = Column("reference_name", "varchar", "the group compared with; null for the reference and for unknown")
_SIGNALS = (
    "names of the control chart rules that the point breaks, separated by spaces; null for none, or without a point"
)
_MADE_FROM_RECORDS = "exact: never published"
_MADE_FROM_EDITIONS = "made only from published editions"


def _limits(short: str, what: str, unit: str) -> tuple[Column, ...]:
    return (
        Column(f"{short}_centre", "double", f"mean of the whole series of {what}", unit),
        Column(f"{short}_lower", "double", f"lower limit of {what} at this point", unit),
        Column(f"{short}_upper", "double", f"upper limit of {what} at this point", unit),
        Column(f"{short}_signals", "varchar", _SIGNALS),
    )


def _trend(schema: str, grain: str, source: tuple[str, ...], *, exact: bool = True) -> Table:
    count = ("applications", source)

    def figure(*column: str) -> tuple[Column, ...]:
        own = Column(column[0], "double", column[1], column[2], source)
        if exact:
            return (own,)
        low, high = (
            Column(f"{own.name}_{end}", "double", f"{words} of the interval of {own.name}", own.unit, source)
            for end, words in (("low", "lower limit"), ("high", "upper limit"))
        )
        return _point(own, low, replace(high, meaning=f"{high.meaning}; null: no upper limit"))

    return Table(
        schema,
        "trend",
        f"one row per step, group and month, quarter or year of application; {grain}",
        ("organisation", "unit", "period", "level", "from_stage", "to_stage", "group_name"),
        (
            _ORGANISATION,
            Column("unit", "varchar", "the period of a point", values=("month", "quarter", "year")),
            Column("period", "date", "first day of the month, quarter or year", derived_from=source[:1]),
            _LEVEL,
            replace(_STEP_ORDER, meaning="order of the step: the whole path first"),
            *_STAGES,
            GROUP_COLUMN,
            Column("decided", "bigint", COUNT_MEANINGS["decided"], *count),
            Column("progressed", "bigint", COUNT_MEANINGS["progressed"], *count),
            *figure("selection_rate", "progressed / decided", "share"),
            Column(
                "rate_chart",
                "varchar",
                "the control chart chosen for the series of rates",
                "",
                (),
                ("xmr", "p", "p_prime"),
            ),
            *_limits("rate", "rates", "share"),
            _REFERENCE,
            *figure("impact_ratio", "the rate / the reference's, on an XmR chart of logarithms", "ratio"),
            *_limits("ratio", "impact ratios", "ratio"),
            Column("trial_limits", "boolean", "whether there are too few points for reliable limits"),
        ),
    )


def _range(name: str, meaning: str) -> tuple[Column, ...]:
    return (
        Column(name, "double", meaning, "ratio"),
        Column(f"{name}_low", "double", f"lower limit of the interval of {name}", "ratio"),
        Column(f"{name}_high", "double", f"upper limit of the interval of {name}; null: no upper limit", "ratio"),
    )


def _point(figure: Column, low: Column, high: Column) -> tuple[Column, ...]:
    return (*points(figure, of=figure.name), low, high)


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
            Column("alike", "varchar", "what like posts share: pay_band, staff_group or both; null: not known"),
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
            Column("years_before", "bigint", "whole years before the programme", "years"),
            Column("years_since", "bigint", "whole years since the lead-in", "years"),
            Column("before_selected", "bigint", "the group's selected in the years before", "applications"),
            Column("before_decided", "bigint", "the group's decided in the years before", "applications"),
            Column("since_selected", "bigint", "the group's selected in the years since", "applications"),
            Column("since_decided", "bigint", "the group's decided in the years since", "applications"),
            *(
                column
                for name, meaning in (
                    ("ratio_before", "impact ratio of the years before"),
                    ("ratio_since", "impact ratio of the years since"),
                    ("change", "ratio_since / ratio_before"),
                )
                for column in (_range(name, meaning) if within else _point(*_range(name, meaning)))
            ),
            Column("years_dispersion", "double", "variance of single years / that expected by chance", "ratio"),
            Column("breakdown_drift", "double", "steady yearly change that would explain all of it", "share a year"),
            Column("detectable_change", "double", "a change that these counts would have found", "ratio"),
            *_range("effect", "the impact ratio since the lead-in / its projection from the path before"),
            *split,
            *_range("effect_against_comparators", "the change / that of units without the programme"),
            *_range("trend_against_comparators", "the yearly trend before / that of these units: 1 on the same path"),
            *_range("level_change", "the effect at the end of the lead-in"),
            *_range("slope_change", "the yearly change since the lead-in / that before the programme"),
            *_range("trend_before", "the yearly change of the impact ratio before the programme, as a factor"),
            Column("detectable_rise", "double", "the smallest rise that would probably have been found", "ratio"),
            Column("detectable_fall", "double", "the smallest fall that would probably have been found", "ratio"),
            Column("dispersion", "double", "variance of the points / that expected by chance", "ratio"),
            Column(
                "autocorrelation", "double", "of the residuals of neighbouring points, 0 if negative", "correlation"
            ),
            Column("verdict", "varchar", "the verdict on the years, from a fixed set", values=tuple(YEARLY_IN_SHORT)),
            Column("series_verdict", "varchar", "the verdict on the series, a second look", values=tuple(IN_SHORT)),
        ),
    )


TREND = _trend("out", _MADE_FROM_RECORDS, _RECORDS)
PROGRAMME_EFFECT = _effect("out", _MADE_FROM_RECORDS, within=True)
_PUBLISHED = (
    "disclosed.stage_counts.breakdown_value",
    "disclosed.stage_counts.decided",
    "disclosed.stage_counts.progressed",
)
DISCLOSED_TREND = _trend("disclosed", _MADE_FROM_EDITIONS, _PUBLISHED, exact=False)
DISCLOSED_PROGRAMME_EFFECT = _effect("disclosed", _MADE_FROM_EDITIONS, within=False)
DISCLOSED_PROGRAMME_SENSITIVITY = Table(
    "disclosed",
    "programme_sensitivity",
    f"one row per programme, comparison and sensitivity analysis; {_MADE_FROM_EDITIONS}",
    (*_WHICH_KEY, "tried", "day"),
    (
        *_WHICH,
        Column(
            "tried",
            "varchar",
            "placebo_date: as if it had begun on an earlier date; without_quarter: one quarter left out",
            values=("placebo_date", "without_quarter"),
        ),
        Column("day", "date", "that date, or the first day of that quarter"),
        *_range("effect", "the effect in this analysis"),
    ),
)
EXACT_OVER_TIME = (TREND, PROGRAMME_EFFECT)
DISCLOSED_OVER_TIME = (DISCLOSED_TREND, DISCLOSED_PROGRAMME_EFFECT, DISCLOSED_PROGRAMME_SENSITIVITY)
