"""The table of New York City's rule as a page of its own, which a firm may publish: exact, so never by this project.

The rule wants the numbers of all categories, small ones too: see docs/adr/0027. It is separate: whoever publishes it
publishes nothing else of the private pages.
"""

from itertools import groupby

import polars as pl

from equity_audit.measures.rules import LL144
from equity_audit.settings import Settings
from reports.figures.printable import setting_percent
from reports.pages.analyst_private.rules import of_rule
from reports.pages.shell import Page, render


def render_new_york_city(
    organisation: str, period_label: str, rule_tables: pl.DataFrame, settings: Settings
) -> Page | None:
    """Return the page as HTML; None if no row is of this rule. rule_tables: of out.rule_tables, of one period."""
    tables = of_rule(rule_tables, LL144)
    if not tables:
        return None
    return render(
        "analyst_private/new_york_city.html.j2",
        (),
        "analyst_private/private.css",
        knows_figures=False,
        organisation=organisation,
        period_label=period_label,
        steps=[(step, [table for _, table in own]) for step, own in groupby(tables, key=lambda pair: pair[0])],
        has_sex="sex" in rule_tables.filter(rule=LL144)["table_name"],
        least_share=setting_percent(settings.comparison.highest_rate_min_share),
    )
