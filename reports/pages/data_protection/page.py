"""The pack for a Data Protection Officer, as Markdown and as a page: facts for an impact assessment. Never published.

Its words are in data_protection.md.j2, in the order of the Information Commissioner's template for a data protection
impact assessment. The page is made of the Markdown, so both say the same.
"""

import re
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markdown_it import MarkdownIt
from markupsafe import Markup

from reports.pages.shell import Page, render

PRIVATE = "Private: numbers of records, for the organisation's own papers"
# What Markdown would read as its own, and what would begin a column of a table.
_SIGNS = re.compile(r"([\\`*_{}\[\]<>#|~&!])")


def write_pack(facts: dict[str, Any]) -> str:
    """Return the pack as Markdown. facts: the values that the template names; every text is escaped."""
    return _environment().get_template("data_protection.md.j2").render(facts)


def render_pack(markdown: str) -> Page:
    """Return the same as a page. HTML in the text stays text."""
    body = MarkdownIt("commonmark", {"html": False}).enable("table").render(markdown)
    title, _, content = body.partition("</h1>")
    return render(
        "data_protection/data_protection.html.j2",
        (),
        "data_protection/data_protection.css",
        knows_figures=False,
        private=PRIVATE,
        heading=Markup(title.removeprefix("<h1>")),
        content=Markup(_with_scrolling_tables(content)),
    )


def _with_scrolling_tables(html: str) -> str:
    """Let wide tables scroll by themselves on a phone, and by the keyboard."""
    opened = '<div class="scroll" tabindex="0" role="region" aria-label="Table"><table>'
    return html.replace("<table>", opened).replace("</table>", "</table></div>").replace("<th>", '<th scope="col">')


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("reports", "pages/data_protection"),
        autoescape=False,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_escaped,
    )
    environment.filters["code"] = _code
    return environment


def _code(value: Any) -> Markup:
    """Return a name of this project or a value of its settings as code, in which Markdown has no signs of its own."""
    return Markup(f"`{str(value).replace('`', chr(39)).replace('|', '/')}`")


def _escaped(value: Any) -> str:
    if isinstance(value, Markup):
        return value
    return _SIGNS.sub(r"\\\1", " ".join(str(value).split()))
