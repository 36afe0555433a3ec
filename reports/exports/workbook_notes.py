"""The first sheet of the workbook: what it is, how it was protected, what every mark and column means.

It uses policy, contracts and the edition's own record, and no figure from any table.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from equity_audit.contracts import DISCLOSED, Column, Table
from equity_audit.measures.findings import FINDINGS
from equity_audit.wording import percent, stage_name
from reports.cells.not_shown import is_note, meanings
from reports.edition.record import Edition

SHEET = "Notes"
TITLE = "Recruitment equity audit: tables"
PUBLISHED_FINDINGS = {
    **FINDINGS,
    "not_settled": "other counts that would be published identically would give a different finding",
}
_WHY = "why figures beside it are not shown, in words; the CSVs have a code for each reason, or nothing if shown"
# What a column without a unit holds.
_KINDS = {
    "varchar": "text",
    "date": "date",
    "boolean": "TRUE or FALSE",
    "tinyint": "whole number",
    "integer": "whole number",
}


@dataclass(frozen=True)
class Listing:
    """A list of the notes, drawn as a table with a header."""

    name: str
    header: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]


def sheets(edition: Edition) -> dict[str, Table]:
    """Return the tables that have a sheet, by its name: those with rows, in the order of the contracts."""
    with_rows = (table for table in DISCLOSED if table.name in edition.tables and edition.tables[table.name].height)
    return {stage_name(table.name): table for table in with_rows}


def facts(edition: Edition) -> Iterator[tuple[str, str]]:
    """Yield what the workbook is and how it was protected: a heading and a sentence each."""
    replaced = f", which replaces revision {edition.replaces}" if edition.replaces else ""
    yield "What this is", "Every published figure of one recruitment equity audit, a sheet for each table."
    yield "Organisation", edition.organisation
    yield "Period", edition.period_label
    yield "Revision", f"{edition.revision}{replaced}"
    yield (
        "For programs",
        "The folder tables/ beside this file has the same tables as CSV; datapackage.json describes them.",
    )
    for sentence in _protection(edition.settings["disclosure"]):
        yield "Protection", sentence
    confidence = percent(edition.settings["comparison"]["confidence"])
    yield (
        "Ranges",
        f"{confidence} intervals, widened to contain the exact one for all counts that would be published identically.",
    )
    yield (
        "Ranges",
        "Decisions of one vacancy, and on one person, go together: ranges and findings take numbers as smaller by the "
        "design effect of their step.",
    )
    yield (
        "Ratios",
        "Below 1: the group was selected less often than the group it is compared with. Above 1: more often.",
    )
    yield "Ratios", "Only relative_likelihood runs the other way: above 1, the group was selected less often."
    yield "Meaning", "The figures are about who was selected. They do not show why, or what anybody intended."
    yield "Policy", f"Settings with SHA-256 {edition.settings_sha256}; edition.json has them in full."


def listings(edition: Edition, tables: Mapping[str, Table], present: Mapping[str, Sequence[str]]) -> list[Listing]:
    """Return the lists of marks, findings, sheets and columns. tables: by sheet; present: columns by table."""
    columns = (
        (column.name, _WHY if is_note(column) else column.meaning, _unit(column), sheet)
        for sheet, table in tables.items()
        for column in table.columns
        if column.name in present[table.name]
    )
    return [
        Listing("marks", ("Mark", "Meaning"), list(meanings(edition.settings["disclosure"]))),
        Listing("findings", ("Finding", "Meaning"), list(PUBLISHED_FINDINGS.items())),
        Listing("sheets", ("Sheet", "What it holds"), [(sheet, table.grain) for sheet, table in tables.items()]),
        Listing("columns", ("Column", "Meaning", "Unit", "Sheet"), list(columns)),
    ]


def _protection(policy: Mapping[str, Any]) -> Iterator[str]:
    """Yield the disclosure policy in sentences."""
    below, nearest = policy["withhold_below"], policy["round_to"]
    rounding = f"rounded to the nearest {nearest}, halves up" if nearest > 1 else "not rounded"
    if below > 1:
        yield f"Numbers of people below {below} are withheld and marked; all others are {rounding}."
    else:
        yield f"Numbers of people are {rounding}."
    zeros = {
        "show": "shown",
        "suppress": "withheld together with small numbers",
        "round": "shown as 0, together with any count that rounds to 0",
    }
    yield f"A true zero is {zeros[policy['zeros']]}; within splits it is {zeros[policy['zeros_in_splits']]}."
    least, share, within = (policy[name] for name in ("rate_min_denominator", "point_share", "point_within"))
    yield f"Rates and ratios are shown where the published number decided on is {least} or more."
    yield (
        "Further numbers are withheld until, for somebody who combines everything published, each number shown or "
        f"marked still has at least {policy['protection_interval']} possible values."
    )
    yield "Every rate, ratio and range is calculated from the published numbers and design effects alone."
    yield (
        f"A single figure is shown only where at least {100 * share:g}% of the numbers that would be published "
        f"identically give one within {100 * within:g}% of it; otherwise only its range is shown."
    )


def _unit(column: Column) -> str:
    """Return the unit in words; a share is shown as a percentage."""
    if column.unit == "share":
        return "share, shown as a percentage"
    return column.unit or _KINDS[column.type]
