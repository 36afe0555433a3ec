"""Read a mapping from its TOML file: every wrong key is named with its line, and all are reported together."""

import hashlib
import re
from typing import Any

from pydantic import ValidationError

from equity_audit.errors import Problem, UsageError
from equity_audit.intake.mapping import Mapping
from equity_audit.intake.own_groups import with_own_groups
from equity_audit.toml_text import line_of, parts_of, read_toml

_ADVICE = "see docs/source-mappings.md for the keys of a mapping"
# A problem that concerns several keys names the first of them in its message.
_NAMED_KEY = re.compile(r"\[(\w+)\]|((?:columns|source)\.\w+)")
# What a proposal lists as missing. Stages are not among them: a proposal can have stages and doubt them.
_MISSING_LABEL = re.compile(r"\[(?P<table>\w+)\] (?P<label>.+)", re.DOTALL)
_MISSING_KEY = re.compile(
    r"(?P<table>source|columns)\.(?P<key>period|date_format|time_zone|add_same_labels|sum_over"
    r"|(?<=columns\.)\w+):"
)
# Keys and tables that earlier versions did not have.
_ADDED_KEYS = {
    "source": (
        *("details_if_present", "orientation", "sum_over", "add_same_labels"),
        *("yes", "no", "without_outcome", "number_rows"),
    ),
    "columns": ("more_outcomes", "more_ids", "number", "period", "executive_member"),
    "constants": ("vacancy_id", "applied_on"),
}


def parse_mapping(text: str, file_name: str) -> Mapping:
    """Read a mapping from TOML text. Raises UsageError that names every wrong key, with its line."""
    values = read_toml(text, file_name)
    unfinished = values.pop("unfinished", [])
    listed = unfinished if isinstance(unfinished, list) else [unfinished]
    if listed := [what for what in listed if not _is_decided(str(what), values)]:
        where = f"{file_name}, line {line_of(text, ('unfinished',))}, key unfinished"
        remedy = "decide what the end of the proposal asks, each in the line that it names"
        raise UsageError(*(Problem(f"the mapping is unfinished: {what}", where, remedy) for what in listed))
    values, faults = with_own_groups(values)
    if faults:
        raise UsageError(*(_problem(fault, (), text, file_name) for fault in faults))
    try:
        return Mapping.model_validate(values)
    except ValidationError as error:
        problems = []
        for fault in error.errors():
            location = tuple(str(part) for part in fault["loc"])
            for message in fault["msg"].removeprefix("Value error, ").split("; "):
                problems.append(_problem(message, location, text, file_name))
        raise UsageError(*problems) from None


def _problem(message: str, location: tuple[str, ...], text: str, file_name: str) -> Problem:
    """Return a problem with the line of its key; if no location is given, of the first key that the message names."""
    named = _NAMED_KEY.search(message)
    key = location or (parts_of(named[1] or named[2]) if named else ())
    line = line_of(text, key)
    where = f"{file_name}, line {line}" if line else file_name
    return Problem(message, f"{where}, key {'.'.join(key) or '(whole file)'}", _ADVICE)


def _is_decided(what: str, values: dict[str, Any]) -> bool:
    """Return whether a mapping has by now what a proposal listed as missing: a key, or the meaning of a label."""
    if label := _MISSING_LABEL.fullmatch(what):
        return label["label"] in _table(values, label["table"])
    key = _MISSING_KEY.match(what)
    if not key:
        return False
    of_all = _table(values, "constants") if key["table"] == "columns" else {}
    return key["key"] in _table(values, key["table"]) or key["key"] in of_all


def _table(values: dict[str, Any], name: str) -> dict[str, Any]:
    table = values.get(name)
    return table if isinstance(table, dict) else {}


def mapping_sha256(mapping: Mapping) -> str:
    """Return the hash of what a mapping says, whatever its comments and layout.

    A key that did not always exist counts only if it is given, so that commitments of earlier editions can be opened.
    """
    parts = {part: getattr(mapping, part) for part in _ADDED_KEYS}
    unused: dict[str, Any] = {
        part: {key for key in keys if getattr(parts[part], key) == type(parts[part]).model_fields[key].default}
        for part, keys in _ADDED_KEYS.items()
    }
    if len(unused["constants"]) == len(_ADDED_KEYS["constants"]):
        unused["constants"] = True
    unused |= {part: True for part in ("only", "outcome_columns") if not getattr(mapping, part)}
    return hashlib.sha256(mapping.model_dump_json(exclude=unused).encode()).hexdigest()
