"""The analyst's private page of a period: every exact figure beside what the panel sees. Never published.

See docs/adr/0027 for how exact figures reach a page at all.
"""

from equity_audit.measures.rules import LL144, UGESP
from reports.figures.printable import setting_percent
from reports.pages.analyst_private.comparisons import (
    every_comparison,
    filters,
    forests,
    power,
    settled_table,
    unknown_bounds,
)
from reports.pages.analyst_private.departments import departments
from reports.pages.analyst_private.like_for_like import differing, like_for_like
from reports.pages.analyst_private.over_time import over_time
from reports.pages.analyst_private.path import whole_path
from reports.pages.analyst_private.record import PRIVATE, ExactReport
from reports.pages.analyst_private.rules import of_rule
from reports.pages.analyst_private.staff import indicators, measures
from reports.pages.analyst_private.withheld import withheld
from reports.pages.shell import PLOTLY, Page, render


def render_exact(report: ExactReport) -> Page:
    """Return the page as HTML."""
    return render(
        "analyst_private/analyst_private.html.j2",
        (PLOTLY, "draw.js", "tables.js"),
        "analyst_private/private.css",
        knows_figures=False,
        private=PRIVATE,
        report=report,
        settings=report.settings,
        british="wres" in report.comparisons["level"],
        reference=_group_reference(report),
        settled=settled_table(report),
        forests=forests(report),
        comparisons=every_comparison(report),
        listed=report.comparisons.height,
        filters=filters(),
        like=like_for_like(report),
        differing=differing(report),
        path=whole_path(report),
        unknown=unknown_bounds(report),
        power=power(report),
        power_share=setting_percent(report.settings.comparison.power),
        departments=departments(report),
        quarters=over_time(report),
        indicators=indicators(report),
        staff=measures(report),
        city=of_rule(report.tables["rule_tables"], LL144),
        guidelines=of_rule(report.tables["rule_tables"], UGESP),
        withheld=withheld(report),
        limits=[setting_percent(level) for level in report.settings.variation.funnel_limits],
        settings_sha256=report.settings.sha256(),
    )


def _group_reference(report: ExactReport) -> str:
    """Return the group that others are compared with at the level of groups."""
    named = report.unsplit.filter(level="group")["reference_name"].drop_nulls()
    return str(named[0]) if named.len() else report.settings.comparison.reference_group
