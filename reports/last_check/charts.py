"""The figure of a chart, as the page hands it to Plotly: its data, its hover texts and its layout."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from reports.last_check.known import Known, digits

Path = tuple[str | int, ...]


def strange_leaves(text: str, drawn: str, known: Known) -> Iterator[tuple[str, str]]:
    """Place and kind of what is not known. `drawn`: the same chart made again from the disclosed tables alone.

    Rows of values and of texts must be disclosed figures. Sizes, colours, axes and marks are no figures, so they must
    be what the chart's code makes of the disclosed tables: an axis that ends elsewhere would tell of something else.
    """
    try:
        found = dict(leaves(json.loads(text, object_pairs_hook=_once)))
    except ValueError:
        yield "json", "a figure that cannot be read, or that says something twice"
        return
    wanted = dict(leaves(json.loads(drawn))) if drawn else {}
    ends = _axis_ends(wanted)
    keys = {key for path in wanted for key in path}
    for path, value in found.items():
        if (path in wanted and value == wanted[path] and not _is_row(path)) or value is None or isinstance(value, bool):
            kinds = []
        elif isinstance(value, str):
            kinds = [] if value.casefold() in known.names else known.strange(value)
        elif not _is_row(path):
            kinds = ["a number of the layout"]
        else:
            near = digits(value) in known.chart or any(digits(value) == digits(end) for end in ends)
            kinds = [] if near else ["a value of a chart"]
        strange_key = any(isinstance(key, str) and key not in keys and known.strange(key) for key in path)
        for kind in [*kinds, *["a number in a name"] * strange_key]:
            yield _said(path, keys), kind


def leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every value of a document that holds no others, with its path."""
    if isinstance(value, (dict, list)) and value:
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(inner, (*path, key))
    elif not isinstance(value, (dict, list)):
        yield path, value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose names differ: of a name given twice, only the last would be looked at."""
    if len({name for name, _ in pairs}) < len(pairs):
        raise ValueError
    return dict(pairs)


def _is_row(path: Path) -> bool:
    return path[:1] == ("data",) and isinstance(path[-1], int)


def _axis_ends(drawn: Mapping[Path, Any]) -> list[float]:
    """Distances from a point to the end of a log axis: how a range without an upper end is drawn."""
    end = drawn.get(("layout", "xaxis", "range", 1))
    if drawn.get(("layout", "xaxis", "type")) != "log" or end is None:
        return []
    points = [value for path, value in drawn.items() if _is_row(path) and path[2] == "x"]
    return [10**end - value for value in points]


def _said(path: Path, keys: set[str | int]) -> str:
    """The path, without names that the chart's code has not."""
    return ".".join(str(key) if isinstance(key, int) or key in keys else "?" for key in path)
