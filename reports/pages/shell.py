"""What every page shares: one HTML file that needs no network and opens from disk.

Numbers cannot be typed into a page. The engine prints what `reports.figures.printable` has marked, texts without
numerals, and the template's own text; it refuses everything else. The same holds for charts. A page keeps the list of
what was marked on it, in order, for the check of finished files (`reports.release_check`).

The only scripts are Plotly's own and the few lines of the *.js files beside the templates; a content security policy
names each by hash, so that nothing else can run, whatever a label contains. No page makes a request.
"""

import base64
import hashlib
import json
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Undefined
from markupsafe import Markup

from equity_audit.errors import DisclosureFailed, Problem
from reports.charts.stage_charts import Chart
from reports.figures import printable
from reports.figures.printable import BareNumber, Printed
from reports.figures.shown_numbers import Value

PLOTLY = "plotly"
# How the library, which is one function, begins and ends.
_FUNCTION, _END = "this, () => {", "}));"
# The filters that templates may use; "safe" and anything that turns a number into text are not among them.
_BUILTIN = ("capitalize", "default", "first", "join", "length", "lower", "map", "selectattr")


class Page(str):
    """A finished page, with everything marked on it, in order."""

    printed: tuple[Printed, ...]


def render(
    template: str, scripts: Sequence[str], style: str = "", *, knows_figures: bool = True, **values: Any
) -> Page:
    """Render a template of this package, by its path under pages/, as a page. Raises DisclosureFailed.

    scripts: what the page runs, in this order: names of files beside the templates, or PLOTLY, which does not run by
    itself but only when draw.js starts it. style: the name of the page's own style sheet.
    knows_figures: False for a page that is given no shown figure at all; it may print any text.
    """
    texts = [plotly() if name == PLOTLY else template_text(name) for name in scripts]
    try:
        marked = (
            _environment(knows_figures)
            .get_template(template)
            .render(
                scripts=[(name == PLOTLY, Markup(text)) for name, text in zip(scripts, texts, strict=True)],
                script_sources=printable.name(" ".join(f"'{_csp_hash(text)}'" for text in texts) or "'none'"),
                style=Markup(template_text("page.css") + (template_text(style) if style else "")),
                **values,
            )
        )
    except BareNumber as error:
        raise DisclosureFailed(Problem(str(error), template, "nothing was published: report this")) from error
    page = Page(printable.opened(marked))
    page.printed = printable.printed_in(marked)
    return page


@cache
def _environment(knows_figures: bool) -> Environment:
    environment = Environment(
        loader=PackageLoader("reports", "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_printable if knows_figures else _not_a_number,
    )
    builtin = environment.filters
    environment.filters = {name: builtin[name] for name in _BUILTIN} | {
        "number": printable.number,
        "percent": printable.percent,
        "tally": printable.tally,
        "setting": printable.setting,
        "layout": printable.layout,
        "name": printable.name,
        "stage": printable.stage_name,
        "sentence": printable.sentence,
        "as_json": _as_json,
    }
    return environment


def _printable(value: Any) -> Any:
    """Return what a template expression prints. Raises BareNumber if it has a number that is not marked."""
    if isinstance(value, str) and not isinstance(value, Markup) and printable.is_bare(value):
        raise BareNumber("a text with a number that is not marked")
    return _not_a_number(value)


def _not_a_number(value: Any) -> Any:
    if not isinstance(value, (str, Undefined)):
        raise BareNumber(f"a bare {type(value).__name__} instead of a figure")
    return value


def _as_json(chart: Chart) -> Markup:
    """Write a figure for a script element, without "<", which could end it early. Raises BareNumber as a page does."""
    _check_chart(chart.figure)
    text = json.dumps(chart.figure, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c"))


def _check_chart(figure: Any) -> None:
    """Check the lists of a trace, which are what it draws: figures, names and words. All else is how it is drawn."""
    for trace in figure["data"]:
        drawn = {name: row for name, row in trace.items() if isinstance(row, list)} | trace.get("error_x", {})
        for row in drawn.values():
            for value in row if isinstance(row, list) else ():
                _printable(value) if isinstance(value, str) else None
                if isinstance(value, (int, float)) and not isinstance(value, Value):
                    raise BareNumber("a chart draws a number that no shown table has")
    for note in figure["layout"].get("annotations", ()):
        _printable(note["text"])


def _csp_hash(script: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


@cache
def plotly() -> str:
    """Return the library as shipped in the plotly package, with two changes that do not affect what it does.

    A script element must not contain its own end. And the whole library is one function that is called at once:
    brackets round it tell the browser so, which otherwise parses it twice, once to skip it (a fifth of its start-up).
    """
    text = (files("plotly") / "package_data" / "plotly.min.js").read_text(encoding="utf-8")
    text = text.replace("</script", "<\\/script").rstrip()
    before, opening, inside = text.partition(_FUNCTION)
    if opening and inside.endswith(_END):
        return f"{before}this, (() => {{{inside.removesuffix(_END)}}})));"
    return text


@cache
def template_text(name: str) -> str:
    """Return a file beside the templates, by its path under pages/."""
    return (files("reports") / "pages" / name).read_text(encoding="utf-8")
