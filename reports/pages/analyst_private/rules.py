"""Tables that rules of the United States prescribe, exactly: New York City and the Uniform Guidelines."""

import polars as pl
from markupsafe import Markup

from equity_audit.measures.rules import LL144, UGESP
from reports.pages.analyst_private import tables
from reports.pages.analyst_private.tables import Column, count, ratio, share, step

_TABLES = {"race_ethnicity": "race or ethnicity", "sex": "sex", "intersectional": "sex with race or ethnicity"}
_RULES = {LL144: "New York City", UGESP: "Uniform Guidelines"}
_REASONS = {
    "unknown_category": "unknown: counted, not compared",
    "below_minimum_share": "too small a share to be compared",
    "no_applicants": "no applicants",
    "nobody_selected": "nobody was selected",
}
_CATEGORY = Column("Category", lambda row: row["category"])
_COUNTS = (
    Column("Applicants", lambda row: count(row["applicants"])),
    Column("Selected", lambda row: count(row["selected"])),
    Column("Selection rate", lambda row: share(row["selection_rate"])),
)
_AGAINST = (
    Column(
        "Share of known", lambda row: "" if row["share_of_applicants"] is None else share(row["share_of_applicants"])
    ),
    Column(
        "Impact ratio",
        lambda row: ratio(row["impact_ratio"]) if row["left_out_reason"] is None else _REASONS[row["left_out_reason"]],
    ),
    Column("Compared with", lambda row: row["compared_with"] if row["left_out_reason"] is None else "", words=True),
)
_FOUR_FIFTHS = Column(
    "Four fifths",
    lambda row: "" if row["impact_ratio"] is None else "below" if row["impact_ratio"] < 0.8 else "met",
    words=True,
)


def of_rule(rule_tables: pl.DataFrame, rule: str) -> list[tuple[str, Markup]]:
    """Return the tables of one rule, from rows of out.rule_tables, each with its step; empty if there are none."""
    rows = rule_tables.filter(rule=rule)
    columns = (_CATEGORY, *_COUNTS, *_AGAINST, *((_FOUR_FIFTHS,) if rule == UGESP else ()))
    in_order = rows.sort("step_order", pl.col("table_name").cast(pl.Enum([*_TABLES])), maintain_order=True)
    return [
        (
            step(of_table.row(0, named=True)),
            tables.table(
                f"{_RULES[rule]}: {step(of_table.row(0, named=True)).lower()}, by {_TABLES[str(name)]}",
                columns,
                of_table.sort(pl.col("left_out_reason") == "unknown_category", "category").iter_rows(named=True),
            ),
        )
        for (_, name), of_table in in_order.group_by("step_order", "table_name", maintain_order=True)
    ]
