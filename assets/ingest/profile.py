"""Read what equity_audit needs to propose a mapping for an unknown export.

The first rows show what the columns hold. The labels of the chosen columns come from the whole file, so that none is
missed.
"""

from collections import Counter
from pathlib import Path

import duckdb

from assets.ingest.source_files import SourceFile, open_source
from assets.ingest.source_mappings import bundled_mapping
from assets.ingest.xlsx_files import WORKBOOKS, sheets_of
from equity_audit.errors import InputRefused, Problem, UsageError
from equity_audit.intake.dates import DAY_FIRST, ISO, date_format
from equity_audit.intake.mapping import Mapping
from equity_audit.intake.mapping_file import parse_mapping
from equity_audit.intake.proposal import (
    BLANKS,
    Evidence,
    Layout,
    find_layout,
    looks_headerless,
    only_percentages,
    proposal_toml,
)
from equity_audit.intake.steps import Cells, quoted, status_sql
from equity_audit.periods import period_in
from equity_audit.settings import Settings

_ROWS = 5000
# Keeps the profile of a file with thousands of columns to a few seconds.
_CELLS = 500_000
# As many rows as are examined for the date format when the file is loaded.
_DATE_ROWS = 20_000
# A column with more distinct values than this does not hold labels.
_LABELS = 1000


def profile_file(connection: duckdb.DuckDBPyConnection, path: Path, settings: Settings) -> str:
    """Return a proposed mapping for a file, as TOML with comments. Nothing is loaded. Raises InputRefused.

    It parses as a mapping if everything needed was found; otherwise its key `unfinished` lists what a person must add.
    """
    sheet = _sheet(connection, path, settings)
    file = open_source(connection, path, policy=settings.intake, sheet=sheet)
    sample = _sample(connection, file)
    if not next(iter(sample.values())):
        raise InputRefused(Problem("the file has a header but no rows", path.name, "check the filter of the export"))
    layout = find_layout(sample, serial_dates=file.serial_epoch is not None)
    if not layout.columns or (looks_headerless(sample) and not layout.table):
        # The first line may hold a person's record, so it is not repeated.
        raise InputRefused(
            Problem(
                "the first line has no known column names: it may be a record, or in a language that is not known",
                path.name,
                "export again with a line of column names in English, or write a mapping (docs/source-mappings.md)",
            )
        )
    if percentages := only_percentages(layout):
        raise InputRefused(
            Problem(
                "these are percentages; counts are needed",
                f"{path.name}, column{'s' if len(percentages) > 1 else ''} {', '.join(percentages)}",
                "ask the source for the numbers of people at each stage, by ethnic group",
            )
        )
    starts = period_in((path.stem, *file.titles), settings.period)
    days = _days(connection, file, layout)
    evidence = Evidence(_labels(connection, file, layout, days), days, starts, sheet)
    file.check_unchanged()
    text = proposal_toml(path.name, layout, evidence, settings.intake)
    note = _bundled_note(file, text, settings)
    return proposal_toml(path.name, layout, evidence, settings.intake, note) if note else text


def _sheet(connection: duckdb.DuckDBPyConnection, path: Path, settings: Settings) -> str | None:
    """Return the only sheet of several with applications; None if the file is not such a workbook. Raises InputRefused.

    Published workbooks often have a cover and notes besides.
    """
    if path.suffix.lower() not in WORKBOOKS or not path.is_file() or len(sheets := sheets_of(path)) < 2:
        return None
    found = []
    for sheet in sheets:
        try:
            file = open_source(connection, path, policy=settings.intake, sheet=sheet)
            sample = _sample(connection, file) if file.types else {}
        except InputRefused:
            continue
        layout = find_layout(sample, serial_dates=True) if sample and next(iter(sample.values())) else None
        if layout and layout.shape and ("ethnicity" in layout.columns or layout.table):
            found.append(sheet)
    if len(found) == 1:
        return found[0]
    what = f"several sheets have applications: {', '.join(found)}" if found else "no sheet seems to have applications"
    raise InputRefused(
        Problem(
            f"{what} (the workbook has {', '.join(sheets)})",
            path.name,
            "save the sheet that is meant as a file of its own, or write a mapping that names it as source.sheet",
        )
    )


def _sample(connection: duckdb.DuckDBPyConnection, file: SourceFile) -> dict[str, list[str]]:
    """Return the first rows as text, by column."""
    rows = max(50, min(_ROWS, _CELLS // len(file.types)))
    cells = ", ".join(f"{quoted(column)}::varchar" for column in file.types)
    with file.rows(connection) as source:
        sample = connection.sql(f"select {cells} from {source} limit {rows}").fetchall()
    return {column: [row[index] or "" for row in sample] for index, column in enumerate(file.types)}


def _labels(
    connection: duckdb.DuckDBPyConnection, file: SourceFile, layout: Layout, days: list[str]
) -> dict[str, Counter[str]]:
    """Count how often each label of the chosen columns occurs in the whole file."""
    form = date_format(days, file.path.name)
    # If dates can be read in two ways, either shows that an outcome is marked by a date.
    form = next(code for code in DAY_FIRST if f'"{code}"' in form.remedy) if isinstance(form, Problem) else form
    cells = Cells(file.types, form, tuple(BLANKS), file.serial_epoch, "UTC")
    counts = {}
    for key in ("ethnicity", "outcome", "stage"):
        if key in layout.columns:
            column = layout.columns[key].column
            more = layout.lists.get("more_outcomes", ()) if key == "outcome" else ()
            marks = layout.marks if key == "outcome" else {}
            label = status_sql((column, *more), cells, marks) if more or marks else cells.text(column)
            with file.rows(connection) as source:
                rows = connection.sql(
                    f"select label, count(*) from (select {label} as label from {source}) "
                    f"where label is not null group by all order by all limit {_LABELS}"
                ).fetchall()
            counts[column] = Counter(dict(rows))
    return counts


def _days(connection: duckdb.DuckDBPyConnection, file: SourceFile, layout: Layout) -> list[str]:
    """Return the distinct dates of the first rows as written, without cells of a date type, which need no format."""
    columns = [column for column in layout.date_columns if file.types[column] == "VARCHAR"]
    if not columns:
        return []
    cells = Cells(file.types, ISO, tuple(BLANKS))
    texts = ", ".join(cells.text(column) for column in columns)
    with file.rows(connection) as source:
        rows = connection.sql(
            f"select distinct unnest([{texts}]) as day from (from {source} limit {_DATE_ROWS}) order by day"
        ).fetchall()
    days = [day for (day,) in rows if day]
    return [d for d in days if not d.replace(".", "").isdigit() and ":" not in d] if file.kind == "xlsx" else days


def _bundled_note(file: SourceFile, text: str, settings: Settings) -> str:
    """Say which bundled mapping the columns fit, and whether the proposal agrees with it; "" if none fits."""
    try:
        name, bundled = bundled_mapping(file.path, list(file.types), settings)
    except InputRefused:
        return ""
    try:
        differs = _differences(parse_mapping(text, file.path.name), bundled.present(file.types))
    except UsageError:
        differs = ["the parts still to be filled in"]
    comparison = f"differs from it in {', '.join(differs)}" if differs else "reads the file in the same way"
    return f"The file fits the bundled mapping {name}; this proposal {comparison}."


def _differences(proposed: Mapping, bundled: Mapping) -> list[str]:
    """Return the parts in which two mappings read a file differently; a label that only one has does not count."""
    parts = [
        key for key in ("columns", "stage_dates", "stage_flags") if getattr(proposed, key) != getattr(bundled, key)
    ]
    for key in ("shape", "stages", "ethnicity_classification"):
        if getattr(proposed.source, key) != getattr(bundled.source, key):
            parts.append(f"source.{key}")
    for key in ("outcomes", "statuses", "ethnicity_labels"):
        in_proposed, in_bundled = getattr(proposed, key), getattr(bundled, key)
        if any(in_proposed[label] != in_bundled[label] for label in in_proposed.keys() & in_bundled.keys()):
            parts.append(key)
    return parts
