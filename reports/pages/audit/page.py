"""The page for an auditor: how the edition was made, step by step, with what every step read, ran and checked.

It reads no figure about a group: of the disclosed tables it uses only the details of each extract, and which marks are
where. Run and time are in the record, so that the same figures give the same page.
"""

from collections.abc import Sequence
from typing import Any

from reports.cells.words import small_counts
from reports.charts.lineage import NODE_HEIGHT, NODE_WIDTH, draw
from reports.edition.asset_graph import LAYERS, Asset, statements_of
from reports.edition.check_results import check_results, checks_in_words, not_met
from reports.edition.mark_tallies import cells_by_mark, marks_of_counts, reasons_of_rates
from reports.edition.record import Edition
from reports.edition.sources import sources
from reports.pages.policy_words import settings_in_words
from reports.pages.shell import Page, render


def render_audit(edition: Edition) -> Page:
    """Return the page of an edition as HTML."""
    assets = edition.made.assets
    checks = check_results(edition.checks)
    return render(
        "audit/audit.html.j2",
        ("audit/audit.js",),
        "audit/audit.css",
        knows_figures=False,
        edition=edition,
        policy=edition.settings,
        small=small_counts(edition.settings["disclosure"]),
        picture=draw(assets),
        node_width=NODE_WIDTH,
        node_height=NODE_HEIGHT,
        layers=[(name, title, meaning) for name, (title, meaning) in LAYERS.items()],
        cards=[_card(asset, edition, checks) for asset in assets],
        sources=sources(edition),
        checks=sorted(checks, key=lambda check: (check["passed"], check["table"])),
        checks_in_words=checks_in_words(checks),
        not_met=len(not_met(checks)),
        cells=cells_by_mark(edition),
        marks=marks_of_counts(edition),
        reasons=reasons_of_rates(edition),
        sections=settings_in_words(edition.settings),
    )


def _card(asset: Asset, edition: Edition, results: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return what the page says about one table; checks on another kind of file have no result in the record."""
    made = edition.made
    of_table = {result["name"]: result for result in results if result["table"] == asset.name}
    checks: list[dict[str, Any]] = [
        {"meaning": check.meaning, "blocking": check.blocking, "result": of_table.get(check.name)}
        for check in asset.checks
    ]
    return {
        "asset": asset,
        "checks": checks,
        "not_met": sum(bool(check["result"]) and not check["result"]["passed"] for check in checks),
        "goes_into": [other.name for other in made.assets if asset.name in other.made_from],
        "statements": [
            {"name": name, "text": made.statement_texts[name], **made.statements[name]}
            for name in statements_of(asset.name, made.statement_texts, made.assets)
        ],
    }
