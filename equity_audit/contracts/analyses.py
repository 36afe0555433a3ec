"""Tables of further exact figures: like with like, the whole path, tables for statutory rules."""

from equity_audit.contracts.model import Column, Table, passed_on
from equity_audit.contracts.out import GROUP_COLUMN, STEP_COLUMNS, STEP_KEY

_SUMS = ("out.stage_counts.progressed", "out.stage_counts.decided", "core.applications.vacancy_id")


def _adjusted(name: str, meaning: str, unit: str = "", type_: str = "double") -> Column:
    return Column(name, type_, meaning, unit, _SUMS)


STRATIFIED_DISPARITIES = Table(
    "out",
    "stratified_disparities",
    "one row per step, group other than the reference, and kind of stratum",
    ("organisation", "period", "level", "step_order", "group_name", "stratified_by"),
    (
        *passed_on(
            tuple(column for column in (*STEP_COLUMNS, GROUP_COLUMN) if not column.name.startswith("breakdown")),
            "out.disparities",
        ),
        Column("reference_name", "varchar", "the group compared with"),
        Column(
            "stratified_by", "varchar", "the kind of stratum within which like is compared with like, as in settings"
        ),
        _adjusted("strata", "strata with decisions on both groups", "strata", "bigint"),
        _adjusted("informative_strata", "strata that also have both selected and not selected", "strata", "bigint"),
        _adjusted("compared_share", "share of the group's decisions in strata with both groups", "share"),
        *(
            Column(f"crude_ratio{end}", "double", meaning, "ratio", (f"out.disparities.impact_ratio{end}",))
            for end, meaning in (
                ("", "impact ratio of all strata together"),
                ("_low", "lower limit of its Koopman interval"),
                ("_high", "upper limit of its Koopman interval"),
            )
        ),
        _adjusted("adjusted_ratio", "Mantel-Haenszel risk ratio; below 1: selected less often within strata", "ratio"),
        _adjusted("adjusted_ratio_low", "lower limit of the Greenland-Robins interval", "ratio"),
        _adjusted("adjusted_ratio_high", "upper limit of the Greenland-Robins interval", "ratio"),
        _adjusted(
            "shortfall",
            "selections the group would have had at the rate of both groups in its strata, minus those it had there",
            "applications",
        ),
        _adjusted("cmh_statistic", "Cochran-Mantel-Haenszel chi-squared, 1 degree of freedom, without correction"),
        _adjusted(
            "cmh_p_value", "probability of a statistic this large if rates were equal within strata", "probability"
        ),
        _adjusted("odds_ratio", "Mantel-Haenszel odds ratio, for the test of homogeneity", "ratio"),
        _adjusted("homogeneity_statistic", "Breslow-Day chi-squared with Tarone's adjustment"),
        _adjusted(
            "homogeneity_p_value",
            "probability of a statistic this large if the odds ratio were the same in all strata",
            "probability",
        ),
        _adjusted(
            "homogeneity_reason",
            "why homogeneity is not tested: strata_too_small, one_stratum, no_odds_ratio or no_informative_strata",
            "",
            "varchar",
        ),
        _adjusted(
            "stratified_finding",
            "not_explained_by, explained_by, reversed_within, differs_between, appears_within, cannot_tell, "
            "nothing_to_explain or too_few_to_say",
            "",
            "varchar",
        ),
        Column(
            "undefined_reason",
            "varchar",
            "why measures are missing: no_informative_strata, nobody_selected, group_never_selected or "
            "reference_never_selected; null if none is missing",
        ),
    ),
)
_PATH_SOURCES = tuple(f"out.stage_counts.{name}" for name in ("progressed", "decided", "withdrew", "declined"))
_WITHDRAWALS = Column(
    "withdrawals",
    "varchar",
    "censored: withdrawn and declined applications are left out; as_rejections: counted as rejected",
)


def _path(name: str, meaning: str, unit: str) -> Column:
    return Column(name, "double", meaning, unit, _PATH_SOURCES)


_PATH_COLUMNS = (
    *passed_on(STEP_COLUMNS[:5], "out.stage_counts"),
    _WITHDRAWALS,
    *passed_on((GROUP_COLUMN,), "out.stage_counts"),
    Column("reference_name", "varchar", "the group compared with; null for the reference and all applicants"),
)

OVERALL_PATHS = Table(
    "out",
    "overall_paths",
    "one row per level, breakdown, treatment of withdrawals and group",
    (*STEP_KEY[:5], "withdrawals", "group_name"),
    (
        *_PATH_COLUMNS,
        *passed_on((STEP_COLUMNS[7], STEP_COLUMNS[8]), "out.stage_counts"),
        _path("overall_rate", "product over stages of the selection rates (product-limit estimate)", "share"),
        _path("overall_rate_low", "lower limit of Rothman's interval: Wilson's with Greenwood's variance", "share"),
        _path("overall_rate_high", "upper limit of Rothman's interval: Wilson's with Greenwood's variance", "share"),
        _path("overall_ratio", "the group's overall rate / the reference's", "ratio"),
        _path("overall_ratio_low", "lower limit of its interval: Koopman's with both Greenwood variances", "ratio"),
        _path("overall_ratio_high", "upper limit of its interval: Koopman's with both Greenwood variances", "ratio"),
        Column("undefined_reason", "varchar", "why measures are missing; null if none is"),
    ),
)

STAGE_CONTRIBUTIONS = Table(
    "out",
    "stage_contributions",
    "one row per stage of each overall path with a ratio above 0",
    (*STEP_KEY[:5], "withdrawals", "group_name", "step_order"),
    (
        *_PATH_COLUMNS,
        *passed_on((STEP_COLUMNS[5], STEP_COLUMNS[7], STEP_COLUMNS[8]), "out.stage_counts"),
        _path(
            "log_ratio",
            "natural logarithm of the stage's impact ratio; over all stages these add up to that of the whole path",
            "log",
        ),
        _path("log_ratio_low", "logarithm of the lower limit of the stage's Koopman interval", "log"),
        _path("log_ratio_high", "logarithm of the upper limit of the stage's Koopman interval", "log"),
        _path(
            "share",
            "share of the whole path's logarithm, if that is clear and no stage points the other way",
            "share",
        ),
    ),
)

_RULE_SOURCES = tuple(f"out.stage_counts.{name}" for name in ("reached", "progressed", "withdrew", "declined"))


def _rule(name: str, meaning: str, unit: str = "", type_: str = "double") -> Column:
    return Column(name, type_, meaning, unit, _RULE_SOURCES)


RULE_TABLES = Table(
    "out",
    "rule_tables",
    "one row per rule, step, table and category",
    ("organisation", "period", "rule", "step_order", "table_name", "category"),
    (
        *passed_on(STEP_COLUMNS[:2], "out.stage_counts"),
        Column("rule", "varchar", "wres_indicator_2, nyc_ll144 or ugesp_four_fifths"),
        *passed_on((STEP_COLUMNS[5], STEP_COLUMNS[7], STEP_COLUMNS[8]), "out.stage_counts"),
        Column("table_name", "varchar", "wres, race_ethnicity, sex or intersectional"),
        _rule("category", "the category in the rule's table", type_="varchar"),
        _rule("applicants", "applicants that the rule counts at the first stage", "applications", "bigint"),
        _rule("selected", "applicants who reached the last stage", "applications", "bigint"),
        _rule("share_of_applicants", "share of the applicants in known categories", "share"),
        _rule("selection_rate", "selected / applicants, as the rule defines them", "share"),
        _rule("compared_with", "the category compared with: White, or the one with the highest rate", type_="varchar"),
        _rule("impact_ratio", "the category's rate / that of compared_with", "ratio"),
        _rule("relative_likelihood", "the rate of compared_with / the category's (WRES direction)", "ratio"),
        _rule(
            "left_out_reason", "unknown_category, below_minimum_share, no_applicants or nobody_selected", "", "varchar"
        ),
    ),
)

ANALYSES = (STRATIFIED_DISPARITIES, OVERALL_PATHS, STAGE_CONTRIBUTIONS, RULE_TABLES)
