"""Tables of several years together: what earlier editions published, and what follows from it and this year's counts."""

from dataclasses import replace

from equity_audit.contracts.disclosed import DISCLOSED_DESIGN_EFFECTS, DISCLOSED_DISPARITIES, DISCLOSED_STAGE_COUNTS
from equity_audit.contracts.model import Column, Table, passed_on, points
from equity_audit.contracts.out import GROUP_COLUMN, STEP_COLUMNS

LEFT_OUT = (
    "not_published",
    "different_settings",
    "different_tables",
    "different_stages",
    "different_classification",
    "different_source",
    "year_after_left_out",
)
_PERIOD = STEP_COLUMNS[:2]
_STEP = (STEP_COLUMNS[2], *STEP_COLUMNS[5:])
_YEAR = Column("year", "date", "first day of the earlier year")
_AS_PRINTED = "as the edition of that year published it"
_COUNTS = tuple(f"{name}{of}" for name in ("reached", "decided", "progressed") for of in ("", "_note"))
_COMPARED = (
    *("reference_name", "impact_ratio", "impact_ratio_reason", "impact_ratio_low", "impact_ratio_high"),
    *("finding", "not_shown_reason"),
)
# What is copied from an earlier edition, by its table.
EARLIER_COLUMNS = {
    "design_effects": ("step_order", "design_effect"),
    "stage_counts": ("breakdown", *_COUNTS),
    "disparities": ("breakdown", *_COMPARED),
}

DISCLOSED_YEARS_TOGETHER = Table(
    "disclosed",
    "years_together",
    "one row per earlier year that policy puts together with this one; none if reporting periods are not years",
    ("organisation", "period", "year"),
    (
        *passed_on(_PERIOD, "disclosed.stage_counts"),
        _YEAR,
        Column("edition_revision", "integer", "revision of that year's edition; null if there is none to read"),
        Column("edition_hash", "varchar", "manifest hash of that edition, by which it can be recognised"),
        Column(
            "left_out_reason",
            "varchar",
            "why that year is left out: not_published; different_settings, different_tables, different_stages, "
            "different_classification or different_source, so that its counts do not mean the same; "
            "year_after_left_out (between it and this year one is left out); null if it is included",
            values=LEFT_OUT,
        ),
    ),
)


def _printed(column: Column) -> Column:
    """Return a column of an earlier edition: it is made from nothing in this one."""
    return replace(column, meaning=f"{column.meaning}; {_AS_PRINTED}", derived_from=())


DISCLOSED_EARLIER_YEARS = Table(
    "disclosed",
    "earlier_years",
    "one row per earlier year combined with this one, level, step and group of the headlines; every value is "
    "copied from that year's edition",
    ("organisation", "period", "year", "level", "step_order", "group_name"),
    (
        *passed_on(_PERIOD, "disclosed.stage_counts"),
        _YEAR,
        *(replace(column, derived_from=()) for column in (*_STEP, GROUP_COLUMN)),
        *(_printed(DISCLOSED_STAGE_COUNTS.column(name)) for name in _COUNTS),
        _printed(DISCLOSED_DESIGN_EFFECTS.column("design_effect")),
        *(_printed(DISCLOSED_DISPARITIES.column(name)) for name in _COMPARED),
    ),
)

_SHOWN = tuple(
    f"disclosed.{table}.{name}" for table in ("stage_counts", "earlier_years") for name in ("progressed", "decided")
)
_EFFECTS = tuple(f"disclosed.{table}.design_effect" for table in ("design_effects", "earlier_years"))
# Ranges, and what is concluded from them.
_INFERRED = (*_SHOWN, *_EFFECTS)
_ANY = "over every count of every year that would round to the published one"


def _sums(prefix: str, who: str) -> tuple[Column, ...]:
    """Return the sums over the years of one group's counts, each with the smallest and the largest possible one."""
    return tuple(
        column
        for name, meaning in (("progressed", "progressed"), ("decided", "decided"))
        for column in (
            Column(
                f"{prefix}{name}",
                "bigint",
                f"{who} {meaning}: sum of the published counts of the years; one that is not shown enters as the middle "
                "of what it can be; null if none is shown",
                "applications",
                _SHOWN,
            ),
            Column(f"{prefix}{name}_low", "bigint", f"smallest sum {_ANY}", "applications", _SHOWN),
            Column(f"{prefix}{name}_high", "bigint", f"largest sum {_ANY}", "applications", _SHOWN),
        )
    )


DISCLOSED_SEVERAL_YEARS = Table(
    "disclosed",
    "several_years",
    "one row per level, step and group of the headlines other than the reference, over several years together; every "
    "value is a function of disclosed.stage_counts, disclosed.design_effects and disclosed.earlier_years only",
    ("organisation", "period", "level", "step_order", "group_name"),
    (
        *passed_on((*_PERIOD, *_STEP, GROUP_COLUMN), "disclosed.stage_counts"),
        Column("first_year", "date", "first day of the first year"),
        Column("years", "bigint", "number of years together", "years"),
        Column("reference_name", "varchar", "the group compared with: fixed by policy"),
        Column(
            "design_effect",
            "double",
            "the largest published design effect of the years at this step, by which everything inferred takes numbers as "
            "smaller",
            "ratio",
            _EFFECTS,
        ),
        *_sums("", "the group's"),
        *_sums("reference_", "the reference's"),
        *points(
            Column("selection_rate", "double", "the group's progressed / decided, from these sums", "share", _SHOWN),
            of="selection_rate",
        ),
        Column("selection_rate_low", "double", f"lowest Wilson bound {_ANY}", "share", _INFERRED),
        Column("selection_rate_high", "double", f"highest Wilson bound {_ANY}", "share", _INFERRED),
        *points(
            Column("reference_rate", "double", "the reference's progressed / decided, the same", "share", _SHOWN),
            of="reference_rate",
        ),
        Column("reference_rate_low", "double", f"lowest Wilson bound {_ANY}", "share", _INFERRED),
        Column("reference_rate_high", "double", f"highest Wilson bound {_ANY}", "share", _INFERRED),
        *points(
            Column("impact_ratio", "double", "the group's rate / the reference's, from these sums", "ratio", _SHOWN),
            of="impact_ratio",
        ),
        Column("impact_ratio_low", "double", f"lowest Koopman bound {_ANY}", "ratio", _INFERRED),
        Column(
            "impact_ratio_high", "double", f"highest Koopman bound {_ANY}; null: no upper limit", "ratio", _INFERRED
        ),
        Column("p_value", "double", f"largest P-value of equal rates {_ANY}", "probability", _INFERRED),
        Column(
            "p_adjusted",
            "double",
            "the same adjusted by Holm's method over groups and single steps with the whole path; shortlisted to "
            "appointed is a family of its own",
            "probability",
            _INFERRED,
        ),
        *(
            replace(DISCLOSED_DISPARITIES.column(name), derived_from=_INFERRED)
            for name in ("reading", "finding", "not_shown_reason")
        ),
    ),
)

YEARS = (DISCLOSED_YEARS_TOGETHER, DISCLOSED_EARLIER_YEARS, DISCLOSED_SEVERAL_YEARS)
