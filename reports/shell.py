"""What every page has in common: one HTML file that needs no network and opens from the disk.

The only scripts are Plotly's own and the few lines of templates/*.js; a content security policy names each by hash, so
that nothing else can run, whatever a label may hold. No page makes a request.
"""

import base64
import hashlib
import json
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from equity_audit import wording
from reports.figures import Chart

PLOTLY = "plotly"
# How the library as one function begins and ends.
_FUNCTION, _END = "this, () => {", "}));"


def render(template: str, scripts: Sequence[str], **values: Any) -> str:
    """A template of this package, which extends `page.html.j2`, as a page of its own.

    scripts: those that the page runs, in this order: the name of a file among the templates; or PLOTLY, which does not
    run by itself but when draw.js starts it.
    """
    texts = [plotly() if name == PLOTLY else template_text(name) for name in scripts]
    return (
        _environment()
        .get_template(template)
        .render(
            scripts=[(name == PLOTLY, Markup(text)) for name, text in zip(scripts, texts, strict=True)],
            script_sources=" ".join(f"'{_csp_hash(text)}'" for text in texts) or "'none'",
            style=Markup(template_text("page.css")),
            **values,
        )
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "number": wording.number,
        "percent": wording.percent,
        "stage": wording.stage_name,
        "sentence": wording.sentence,
        "as_json": _as_json,
    }
    return environment


def _as_json(chart: Chart) -> Markup:
    """A figure inside a script element: no "<" can end the element early."""
    text = json.dumps(chart.figure, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c"))


def _csp_hash(script: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


@cache
def plotly() -> str:
    """The library as it comes with the plotly package, but for two things that its meaning does not rest on.

    A script element must not contain its own end. And all of the library is one function that is called at once:
    brackets round it tell a browser so, which otherwise reads it twice, once to skip it (a fifth of its start).
    """
    text = (files("plotly") / "package_data" / "plotly.min.js").read_text(encoding="utf-8")
    text = text.replace("</script", "<\\/script").rstrip()
    before, opening, inside = text.partition(_FUNCTION)
    if opening and inside.endswith(_END):
        return f"{before}this, (() => {{{inside.removesuffix(_END)}}})));"
    return text


@cache
def template_text(name: str) -> str:
    """A file among the templates."""
    return (files("reports") / "templates" / name).read_text(encoding="utf-8")
