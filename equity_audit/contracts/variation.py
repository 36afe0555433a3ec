"""The table of a funnel plot: departments side by side, from published counts."""

from equity_audit.contracts.disclosed import DISCLOSED_STAGE_COUNTS, NO_RATE
from equity_audit.contracts.model import Column, Table, passed_on, points
from equity_audit.contracts.out import GROUP_COLUMN, STEP_COLUMNS, STEP_KEY

_SHOWN = ("disclosed.stage_counts.progressed", "disclosed.stage_counts.decided")
_COUNTS = ("progressed", "progressed_note", "decided", "decided_note")


def _limits(prefix: str, meaning: str) -> tuple[Column, ...]:
    """Return the columns of both pairs of limits."""
    return tuple(
        Column(f"{prefix}{pair}_{end}", "double", f"{side} limit of policy's {which} level: {meaning}", "share", _SHOWN)
        for pair, which in (("inner", "first"), ("outer", "second"))
        for end, side in (("low", "lower"), ("high", "upper"))
    )


DISCLOSED_VARIATION = Table(
    "disclosed",
    "variation",
    "one row per department, step and group of White and BME, if departments are published; every value is a function of "
    "disclosed.stage_counts only",
    (*STEP_KEY, "group_name"),
    (
        *passed_on((*STEP_COLUMNS, GROUP_COLUMN), "disclosed.stage_counts"),
        *passed_on(tuple(map(DISCLOSED_STAGE_COUNTS.column, _COUNTS)), "disclosed.stage_counts"),
        *points(
            Column("selection_rate", "double", "progressed / decided, from the rounded counts", "share", _SHOWN),
            Column(
                "shrunken_rate",
                "double",
                "the same drawn towards target_rate by as much as it is uncertain (empirical Bayes, beta-binomial)",
                "share",
                _SHOWN,
            ),
            of="selection_rate",
        ),
        *(
            Column(
                f"shrunken_rate_{end}",
                "double",
                f"{side} limit of its interval, at the {rates} rates that the published counts allow",
                "share",
                _SHOWN,
            )
            for end, side, rates in (("low", "lower", "lowest"), ("high", "upper", "highest"))
        ),
        Column("target_rate", "double", "the group's published rate in the whole organisation", "share", _SHOWN),
        *_limits("", "expected by chance for a department of this size, exact binomial"),
        Column(
            "dispersion",
            "double",
            "mean squared distance of departments from target_rate in standard errors, 1 by chance; null with fewer than two",
            "ratio",
            _SHOWN,
        ),
        Column("departments_tested", "bigint", "departments from which dispersion is calculated", "parts", _SHOWN),
        Column("overdispersed", "boolean", "whether departments vary more than by chance", "", _SHOWN),
        *_limits("widened_", "widened because departments vary more than by chance; null if they do not"),
        Column(
            "place",
            "varchar",
            "within the limits (the widened ones, if any), or below or above the inner or outer ones whatever the exact "
            "counts are",
            "",
            _SHOWN,
            ("within", "below_inner", "below_outer", "above_inner", "above_outer"),
        ),
        Column(
            "not_shown_reason",
            "varchar",
            "no_decisions, too_few_decided, fewer_than, protects_another or no_whole_rate (of the organisation); null "
            "if its range is shown",
            values=(*NO_RATE, "fewer_than", "no_whole_rate"),
        ),
    ),
)
