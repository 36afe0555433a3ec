"""Tables that regulators prescribe, with their own rules on who is counted, which groups are compared, and exclusions.

They differ from the rest of this project on purpose. A selection rate here is selected / applicants as the rule counts
them, including applicants who are still undecided.
"""

from collections.abc import Iterable

import polars as pl

from equity_audit.contracts import RULE_TABLES
from equity_audit.settings import Settings
from equity_audit.vocabulary import UNKNOWN, fold, is_unknown

WRES, LL144, UGESP = "wres_indicator_2", "nyc_ll144", "ugesp_four_fifths"
_TABLE = ("organisation", "period", "rule", "from_stage", "to_stage", "table_name")
# The name that stage_counts.sql gives to records without a value.
_NOT_RECORDED = "Not recorded"
# Refused as an ethnicity label (vocabulary/unknown.py), but kept as received for sex, where it means no value.
_NOT_ASKED = "not applicable"


def rule_tables(stage_counts: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """Return the tables of three rules from out.stage_counts. Columns as in contracts.RULE_TABLES.

    - wres_indicator_2: shortlisted to appointed, BME against White, internal and external applicants together, without
      those who declined an offer; relative_likelihood is the published figure (White / BME). Unknown ethnicity is
      counted but not compared. International recruits count as external applicants: the breakdown applicant_source of
      out.disparities shows them separately. NHS England, Workforce Race Equality Standard, technical guidance.
    - nyc_ll144: every step; sex, race or ethnicity, and both together, each against the category with the highest rate.
      Categories below highest_rate_min_share may be left out of the ratios, but their numbers remain (section
      5-301(d)). Applicants whose sex or ethnicity is unknown or not stated are in no ratio, but their number is given
      (5-301(b)(4)). Rules of the City of New York, title 6, chapter 5, subchapter T.
    - ugesp_four_fifths: every step; race or ethnicity, and sex, against the group with the highest rate among those
      with that share; withdrawn applicants are not counted, and unknown categories are counted but not compared. 29 CFR
      1607.4(D); Questions and Answers 15.

    The rows of each table add up to all applicants counted (margin_problems).
    """
    least = settings.comparison.highest_rate_min_share
    with_withdrawn = pl.col("reached")
    remaining = pl.col("reached") - pl.col("withdrew") - pl.col("declined")
    wres = (
        stage_counts.filter(
            pl.col("level") == "wres",
            pl.col("breakdown") == "all",
            pl.col("from_stage") == "shortlisted",
            pl.col("to_stage") == "appointed",
        )
        .with_columns(applicants=with_withdrawn - pl.col("declined"))
        .with_columns(rule=pl.lit(WRES), table_name=pl.lit("wres"), category=pl.col("group_name"))
    )
    parts = [
        _against_reference(wres, "White"),
        *(_against_highest(_table(stage_counts, LL144, name, with_withdrawn), least) for name in _TABLES),
        *(_against_highest(_table(stage_counts, UGESP, name, remaining), least) for name in _TABLES[:2]),
    ]
    return pl.concat([part.select(RULE_TABLES.column_names) for part in parts])


_TABLES = ("race_ethnicity", "sex", "intersectional")


def margin_problems(tables: pl.DataFrame) -> list[str]:
    """Return messages on tables of one rule and step that count the same people but add up to different numbers.

    Empty if all tables agree. The worked example in New York City's own rules does not pass: by race it has 2,584
    people and 1,254 selected, by sex 2,571 and 1,222.
    """
    sums = (
        tables.group_by(_TABLE, maintain_order=True)
        .agg(pl.col("applicants", "selected").sum())
        .group_by(_TABLE[:-1], maintain_order=True)
        .agg("table_name", "applicants", "selected")
        .filter((pl.col("applicants").list.n_unique() > 1) | (pl.col("selected").list.n_unique() > 1))
    )
    return [
        f"{row['rule']}, {row['from_stage']} to {row['to_stage']}: "
        + ", ".join(
            f"{name} adds up to {applicants} applicants and {selected} selected"
            for name, applicants, selected in zip(row["table_name"], row["applicants"], row["selected"], strict=True)
        )
        for row in sums.iter_rows(named=True)
    ]


def _table(stage_counts: pl.DataFrame, rule: str, name: str, applicants: pl.Expr) -> pl.DataFrame:
    """Return the rows of one table: race or ethnicity by the level of five groups, sex in the source's own words."""
    level, breakdown = {
        "race_ethnicity": ("group", "all"),
        "sex": ("all", "sex"),
        "intersectional": ("group", "sex"),
    }[name]
    category = {
        "race_ethnicity": pl.col("group_name"),
        "sex": pl.col("breakdown_value"),
        "intersectional": pl.concat_str("breakdown_value", pl.lit(", "), "group_name"),
    }[name]
    return (
        stage_counts.filter(pl.col("level") == level, pl.col("breakdown") == breakdown)
        .with_columns(applicants=applicants)
        .with_columns(rule=pl.lit(rule), table_name=pl.lit(name), category=category)
    )


def against_highest(tables: pl.DataFrame, least_share: float, unknown: Iterable[str] = ()) -> pl.DataFrame:
    """Add selection rate, share and impact ratio against the category with the highest rate, table by table.

    `tables` has the columns organisation, period, rule, from_stage, to_stage, table_name, category, applicants,
    selected. Categories in `unknown` are counted but not compared; known categories whose share is below `least_share`
    are left out of the ratios, with the reason.
    """
    known = ~pl.col("category").is_in(list(unknown))
    applicants, rate, best = pl.col("applicants"), pl.col("selection_rate"), pl.col("best")
    return (
        _with_rates(tables, known)
        .with_columns(compared=known & (pl.col("share_of_applicants") >= least_share) & (applicants > 0))
        .with_columns(best=pl.when("compared").then(rate).max().over(_TABLE))
        .with_columns(
            compared_with=pl.when(pl.col("compared"), rate == best).then(pl.col("category")).min().over(_TABLE),
            impact_ratio=pl.when(pl.col("compared"), best > 0).then(rate / best),
        )
        .with_columns(
            relative_likelihood=pl.when(pl.col("impact_ratio") > 0).then(1 / pl.col("impact_ratio")),
            left_out_reason=pl.when(~known)
            .then(pl.lit("unknown_category"))
            .when(applicants == 0)
            .then(pl.lit("no_applicants"))
            .when(~pl.col("compared"))
            .then(pl.lit("below_minimum_share"))
            .when(best == 0)
            .then(pl.lit("nobody_selected")),
        )
    )


def _against_highest(rows: pl.DataFrame, least_share: float) -> pl.DataFrame:
    counted = rows.with_columns(selected=pl.col("progressed"))
    values = counted["breakdown_value"].unique().to_list()
    not_stated = [value for value in values if value == _NOT_RECORDED or is_unknown(value) or fold(value) == _NOT_ASKED]
    is_not_known = (pl.col("group_name") == UNKNOWN) | pl.col("breakdown_value").is_in(not_stated)
    unknown = counted.filter(is_not_known)["category"]
    return against_highest(counted, least_share, unknown.unique().to_list())


def _with_rates(tables: pl.DataFrame, known: pl.Expr) -> pl.DataFrame:
    """Add each category's share of the known applicants of its table, and its selection rate."""
    applicants = pl.col("applicants")
    in_table = pl.when(known).then(applicants).sum().over(_TABLE)
    return tables.with_columns(
        share_of_applicants=pl.when(known, in_table > 0).then(applicants / in_table),
        selection_rate=pl.when(applicants > 0).then(pl.col("selected") / applicants),
    )


def _against_reference(rows: pl.DataFrame, name: str) -> pl.DataFrame:
    known, applicants, rate = pl.col("category") != UNKNOWN, pl.col("applicants"), pl.col("selection_rate")
    return (
        _with_rates(rows.with_columns(selected=pl.col("progressed"), compared_with=pl.lit(name)), known)
        .with_columns(reference_rate=pl.when(pl.col("category") == name).then(rate).max().over(_TABLE))
        .with_columns(impact_ratio=pl.when(known, pl.col("reference_rate") > 0).then(rate / pl.col("reference_rate")))
        .with_columns(
            relative_likelihood=pl.when(pl.col("impact_ratio") > 0).then(1 / pl.col("impact_ratio")),
            left_out_reason=pl.when(~known)
            .then(pl.lit("unknown_category"))
            .when(applicants == 0)
            .then(pl.lit("no_applicants"))
            .when(pl.col("impact_ratio").is_null())
            .then(pl.lit("nobody_selected")),
        )
    )
