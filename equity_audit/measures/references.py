"""The group that others of its level are compared with: by policy, or by the national classification of the groups."""

import polars as pl

from equity_audit.settings import Settings


def references(rows: pl.DataFrame, settings: Settings) -> pl.Expr:
    """Return an expression for the reference group of each row; null at the level of all applicants together.

    rows: with organisation, level and group_name. At the level of groups it follows from the groups that the
    organisation has, since a run may have organisations with classifications of several countries, each with its own
    reference (vocabulary/nations.py). Otherwise it is the one of policy.
    """
    levels = rows["level"].unique().to_list()
    by_level = {level: name for level in levels if (name := settings.comparison.reference(level))}
    named = rows.filter(pl.col("level") == "group").group_by("organisation").agg(pl.col("group_name").unique())
    of_groups = {
        organisation: settings.comparison.reference("group", names) for organisation, names in named.iter_rows()
    }
    return (
        pl.when(pl.col("level") == "group")
        .then(pl.col("organisation").replace_strict(of_groups, default=None, return_dtype=pl.String))
        .otherwise(pl.col("level").replace_strict(by_level, default=None, return_dtype=pl.String))
    )
