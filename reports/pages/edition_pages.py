"""The pages of an edition by file name: what is published, and what the release check rebuilds."""

from collections.abc import Callable, Mapping

from reports.edition.made_once import once
from reports.edition.record import Edition
from reports.pages.analyst.page import render_analyst
from reports.pages.audit.page import render_audit
from reports.pages.panel.page import render_panel

PAGES: Mapping[str, Callable[[Edition], str]] = {
    "panel.html": once(render_panel),
    "analyst.html": once(render_analyst),
    "audit.html": once(render_audit),
}
