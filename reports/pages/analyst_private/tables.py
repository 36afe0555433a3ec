"""Tables of exact figures as HTML: a column is a heading and the words of a row's cell.

Written at once rather than cell by cell through the template engine, which takes a second for a thousand rows. Every
text is escaped here.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

from equity_audit import wording

Row = Mapping[str, Any]
NONE = "none"


@dataclass(frozen=True)
class Column:
    """A heading, the words of a cell, and smaller words below them. words: aligned as text. name: for the filters."""

    heading: str
    write: Callable[[Row], str]
    small: Callable[[Row], str] | None = None
    words: bool = False
    name: str = ""


def table(
    caption: str, columns: Sequence[Column], rows: Iterable[Row], element_id: str = "", kind: str = "wide"
) -> Markup:
    """Return a table of rows, every text escaped; the first column holds the headings of the rows."""
    head = "".join(
        f'<th scope="col"{_class(column)}{f" data-name={column.name!r}" if column.name else ""}>'
        f"{escape(column.heading)}</th>"
        for column in columns
    )
    body = "\n".join(f"<tr>{''.join(_cell(column, row, first=index == 0) for index, column in enumerate(columns))}</tr>"
                     for row in rows)  # fmt: skip
    id_ = f' id="{element_id}"' if element_id else ""
    long = " long" if element_id else ""
    return Markup(
        f'<div class="scroll{long}" tabindex="0" role="region" aria-label="{escape(caption)}">'
        f'<table class="{kind}"{id_}><caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead>\n'
        f"<tbody>{body}</tbody></table></div>"
    )


def _class(column: Column) -> str:
    return ' class="words"' if column.words else ""


def _cell(column: Column, row: Row, *, first: bool) -> str:
    small = escape(column.small(row)) if column.small else ""
    content = f"{escape(column.write(row))}{f'<small>{small}</small>' if small else ''}"
    return f'<th scope="row">{content}</th>' if first else f"<td{_class(column)}>{content}</td>"


def ratio(value: float | None) -> str:
    """Write a ratio to two decimal places."""
    return NONE if value is None else wording.ratio(value)


def ends(low: float | None, high: float | None, write: Callable[[float], str] = wording.ratio) -> str:
    """Write a range; empty if there is none."""
    if low is None:
        return ""
    return f"{write(low)} to {write(high)}" if high is not None else f"{write(low)} or more"


def share(value: float | None) -> str:
    """Write a share as a percentage to one decimal place."""
    return NONE if value is None else f"{100 * value:.1f}%"


def points(value: float | None) -> str:
    """Write a difference of two shares in percentage points."""
    return NONE if value is None else f"{100 * value:+.1f}".replace("-", "\N{MINUS SIGN}")


def probability(value: float | None) -> str:
    """Write a p-value: three decimal places, and below that so."""
    if value is None:
        return NONE
    return "below 0.001" if value < 0.001 else f"{value:.3f}"


def count(value: int | None) -> str:
    """Write a number of people."""
    return NONE if value is None else wording.number(value)


def one_place(value: float | None) -> str:
    """Write a number to one decimal place."""
    return NONE if value is None else f"{value:,.1f}".replace("-", "\N{MINUS SIGN}")


def in_words(code: str | None) -> str:
    """Write a code of a table, such as a finding or a reason, in words."""
    return "" if code is None else wording.stage_name(code)


def step(row: Row) -> str:
    """Write the step of a row."""
    return wording.step_name(row["from_stage"], row["to_stage"])


def ranged(name: str, write: Callable[[float | None], str]) -> tuple[Callable[[Row], str], Callable[[Row], str]]:
    """Return how to write a figure of a row, and its range below it."""
    return (
        lambda row: write(row[name]),
        lambda row: ends(row[f"{name}_low"], row[f"{name}_high"], write),
    )
