"""The pages of an edition by the names of their files: what is published, and what the release check makes again."""

from collections.abc import Callable, Mapping

from reports.analyst_page import render_analyst
from reports.audit_page import render_audit
from reports.panel_page import render_panel
from reports.record import Edition

PAGES: Mapping[str, Callable[[Edition], str]] = {
    "panel.html": render_panel,
    "analyst.html": render_analyst,
    "audit.html": render_audit,
}
