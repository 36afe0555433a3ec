"""A page taken apart: every text, attribute and comment with its place, and what scripts and styles hold."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


@dataclass(frozen=True)
class Part:
    """A text, with the element that it is in (for an attribute "element@attribute") and its line."""

    element: str
    line: int
    text: str

    @property
    def place(self) -> str:
        """Where it is, for a person."""
        return f"line {self.line}, {self.element}"


@dataclass
class Parts:
    """texts: of elements, attributes and comments; code: of script and style elements, with their attributes."""

    texts: list[Part] = field(default_factory=list)
    code: list[tuple[Part, Mapping[str, str]]] = field(default_factory=list)


def parts(page: str) -> Parts:
    """Take a page apart."""
    parser = _Parser()
    parser.feed(page)
    parser.close()
    parser.end_text()
    return parser.found


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found = Parts()
        self._open: list[tuple[str, dict[str, str]]] = [("page", {})]
        self._text, self._line = "", 1

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.end_text()
        given = {name: value or "" for name, value in attrs}
        # Names of elements and attributes are texts too: anybody can make one up.
        if tag not in ("h1", "h2", "h3", "h4", "h5", "h6"):
            self._add("element's name", tag)
        for name, value in attrs:
            self._add("attribute's name", name)
            # A place names neither element nor attribute that could be a count in disguise.
            said = (word if word.replace("-", "").isalpha() else "other" for word in (tag, name))
            self._add("@".join(said), value or "")
        if tag not in _VOID:
            self._open.append((tag, given))

    def handle_endtag(self, tag: str) -> None:
        self.end_text()
        places = [place for place, (name, _) in enumerate(self._open) if name == tag]
        if places:
            del self._open[places[-1] :]

    def handle_data(self, data: str) -> None:
        if not self._text:
            self._line = self.getpos()[0]
        self._text += data

    def handle_comment(self, data: str) -> None:
        self._add("comment", data)

    def handle_decl(self, decl: str) -> None:
        self._add("declaration", decl)

    def handle_pi(self, data: str) -> None:
        self._add("instruction", data)

    def unknown_decl(self, data: str) -> None:
        self._add("declaration", data)

    def end_text(self) -> None:
        """A text ends where an element begins or ends."""
        tag, attributes = self._open[-1]
        if tag in ("script", "style"):
            self.found.code.append((Part(tag, self._line, self._text), attributes))
        elif self._text.strip():
            self.found.texts.append(Part(tag, self._line, self._text))
        self._text = ""

    def _add(self, element: str, text: str) -> None:
        self.found.texts.append(Part(element, self.getpos()[0], text))
