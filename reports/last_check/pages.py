"""A finished page against what the disclosed tables have: its words, attributes, charts, scripts and styles."""

import base64
import hashlib
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files

from reports.last_check.charts import strange_leaves
from reports.last_check.finding import Finding
from reports.last_check.known import Known, plain
from reports.last_check.parts import Part, Parts, parts
from reports.shell import plotly

_SHAPES = {"path": ("d",), "circle": ("cx", "cy", "r"), "rect": ("x", "y", "width", "height"), "text": ("x", "y")}
# These name or span elements, or draw lines, and hold no figures: they must be as in the page made again.
_STRUCTURE = ("@id", "@data-figure", "@colspan", "@rowspan", "@value", "@data-part")
_DRAWN = ("svg@viewbox", *(f"{element}@{name}" for element, names in _SHAPES.items() for name in names))
# Numbers of comparisons, of checks and of parts of a split, not of people.
_TALLY = re.compile(r"\d+ (?:of \d+ )?(?=(?:comparisons?|critical checks|warnings?|parts|departments|organisations)\b)")


def strange_on_page(
    file: str, page: str, again: str, known: Known, words: Mapping[str, re.Pattern[str]]
) -> Iterator[Finding]:
    """What a page has that it may not. `again`: the page made again from disclosed tables; `words`: of templates."""
    found = parts(page)
    made = found if again == page else parts(again)
    structure = {(part.element, part.text) for part in made.texts}
    nothing = re.compile(r"(?!)")
    for part in found.texts:
        if part.element.endswith((*_STRUCTURE, *_DRAWN)) and (part.element, part.text) in structure:
            continue
        if part.element == "th" and part.text.strip().casefold() in known.names:
            continue
        said = _TALLY.sub(" ", plain(_own_hashes().sub(" ", part.text)))
        for kind in known.strange(words.get(part.element, nothing).sub(" ", said.strip())):
            yield Finding(file, part.place, kind)
    yield from _strange_code(file, found, made, known)


def without_own_code(page: str) -> str:
    """The page with the package's scripts and styles taken out, lines kept."""
    for text in _own_code():
        page = page.replace(text, "\n" * text.count("\n"))
    return page


def _strange_code(file: str, found: Parts, made: Parts, known: Known) -> Iterator[Finding]:
    drawn = {attributes.get("id"): part.text for part, attributes in made.code if _is_figure(part, attributes)}
    for part, attributes in found.code:
        if _is_figure(part, attributes):
            name = attributes.get("id", "")
            shown = name if name in drawn else "figure"
            for place, kind in strange_leaves(part.text, drawn.get(name, ""), known):
                yield Finding(file, f"line {part.line}, {shown}, {place}", kind)
        elif part.text.strip() and part.text not in _own_code():
            yield Finding(file, part.place, "not as the package ships it")


def _is_figure(part: Part, attributes: Mapping[str, str]) -> bool:
    return part.element == "script" and attributes.get("type") == "application/json"


@cache
def _own_code() -> frozenset[str]:
    """Scripts and styles as they are shipped, and the library as the package hands it to a page."""
    own = [file for file in (files("reports") / "templates").iterdir() if file.name.endswith((".js", ".css"))]
    return frozenset({plotly(), *(file.read_text(encoding="utf-8") for file in own)})


@cache
def _own_hashes() -> re.Pattern[str]:
    """Their hashes, by which the page's security policy names them."""
    hashes = (base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in _own_code())
    return re.compile("|".join(re.escape(f"sha256-{text}") for text in hashes))
