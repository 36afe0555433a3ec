"""The numbers that a page's template says itself, read from its source, so that nobody keeps a list of them.

The source is parsed as the page is. What an expression puts in is a hole, except where policy or the edition's own
record alone decide it ("rounded to the nearest 5"): that is worked out. What is left between the holes, and has a
number in it, is allowed in that element and as these words only: a cell that holds nothing but a 5 is not covered.
"""

import html
import inspect
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined, TemplateError
from jinja2.environment import TemplateExpression

from equity_audit import wording
from reports.last_check.known import plain
from reports.last_check.made_again import MADE_AGAIN
from reports.last_check.parts import parts
from reports.record import Edition

_HOLE = "\0"
_SET = re.compile(r"\s*set\s+(\w+)\s*=(.*)", re.DOTALL)


def own_words(edition: Edition | None) -> Mapping[str, re.Pattern[str]]:
    """For each kind of element or attribute, a pattern of the numbered words that templates have in it.

    Templates of pages that are held to the letter are left out, so that what they have allows nothing on other pages.
    edition: None for a page that is of several.
    """
    return _words_of_several() if edition is None else _own_words(edition)


@cache
def _words_of_several() -> Mapping[str, re.Pattern[str]]:
    return _own_words(None)


def _own_words(edition: Edition | None) -> Mapping[str, re.Pattern[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for source in _sources():
        for element, patterns in _patterns_in(_filled(source, edition)):
            found[element] |= patterns
    return {element: re.compile("|".join(sorted(p, key=len, reverse=True)) or r"(?!)") for element, p in found.items()}


@cache
def _sources() -> tuple[str, ...]:
    templates = (file for file in (files("reports") / "templates").iterdir() if file.name.endswith(".j2"))
    return tuple(
        file.read_text(encoding="utf-8") for file in templates if file.name.removesuffix(".j2") not in MADE_AGAIN
    )


@lru_cache(maxsize=256)
def _patterns_in(filled: str) -> tuple[tuple[str, frozenset[str]], ...]:
    """Each element or attribute of a filled template with its patterns: most templates are filled alike every time."""
    found = ((part.element, frozenset(_patterns(plain(part.text)))) for part in parts(filled).texts)
    return tuple((element, patterns) for element, patterns in found if patterns)


def _patterns(text: str) -> Iterator[str]:
    """Each fragment between holes as a pattern, tied to the ends of the text where the template ends there too."""
    fragments = text.split(_HOLE)
    for place, fragment in enumerate(fragments):
        words = fragment.strip()
        if any(c.isnumeric() for c in words):
            start = r"\A" if place == 0 else r"(?<!\w)" if words[0].isalnum() else ""
            end = r"\Z" if place == len(fragments) - 1 else r"(?!\w)" if words[-1].isalnum() else ""
            yield start + re.escape(words) + end


def _filled(source: str, edition: Edition | None) -> str:
    """The template with a hole for every expression, except those that the edition's record alone decides."""
    context: dict[str, Any] = {}
    if edition is not None:
        context = {"policy": edition.settings, "edition": replace(edition, tables={}, checks=[])}
    pieces, inside = [], ""
    tokens = _tokens(source)
    for statement in _statements(tokens):
        if match := _SET.match(statement):
            context[match[1]] = _value(match[2], context)
    for _, kind, text in tokens:
        if kind in ("variable_begin", "block_begin", "comment_begin"):
            inside = kind
            expression = ""
        elif kind in ("variable_end", "block_end", "comment_end"):
            value = _value(expression, context) if inside == "variable_begin" else None
            pieces.append(_HOLE if value in (None, "") else html.escape(str(value)))
            inside = ""
        elif inside:
            expression += text
        else:
            pieces.append(text)
    return "".join(pieces)


@cache
def _environment() -> Environment:
    environment = Environment(undefined=StrictUndefined)
    environment.filters |= dict(inspect.getmembers(wording, inspect.isfunction))
    return environment


@cache
def _tokens(source: str) -> list[tuple[int, str, str]]:
    return list(_environment().lex(source))


def _statements(tokens: list[tuple[int, str, str]]) -> Iterator[str]:
    statement: list[str] | None = None
    for _, kind, text in tokens:
        if kind == "block_begin":
            statement = []
        elif kind == "block_end" and statement is not None:
            yield "".join(statement)
            statement = None
        elif statement is not None:
            statement.append(text)


def _value(expression: str, context: dict[str, Any]) -> Any:
    """What an expression gives, or None where it needs anything else than the context."""
    try:
        return _compiled(expression)(**context) or None
    except (TemplateError, TypeError):
        return None


@cache
def _compiled(expression: str) -> TemplateExpression:
    """Compiling takes far longer than working out, and every edition asks for the same expressions."""
    return _environment().compile_expression(expression, undefined_to_none=False)
