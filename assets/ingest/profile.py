"""What a mapping for an unknown export could say: the file is looked at, and equity_audit proposes.

The first rows show what columns hold; the labels of the chosen columns come from the whole file, lest one be missed.
"""

from collections import Counter
from pathlib import Path

import duckdb

from assets.ingest.source_files import SourceFile, open_source
from assets.ingest.source_mappings import bundled_mapping
from equity_audit.errors import InputRefused, Problem, UsageError
from equity_audit.intake.dates import ISO
from equity_audit.intake.mapping import Mapping, parse_mapping
from equity_audit.intake.proposal import BLANKS, Evidence, Layout, find_layout, looks_headerless, proposal_toml
from equity_audit.intake.steps import Cells, quoted
from equity_audit.settings import Settings

_ROWS = 5000
# So that a file of thousands of columns is looked at in seconds as well.
_CELLS = 500_000
# As many rows as are looked at for dates when the file is taken in.
_DATE_ROWS = 20_000
# More different labels than this are none.
_LABELS = 1000


def profile_file(connection: duckdb.DuckDBPyConnection, path: Path, settings: Settings) -> str:
    """A proposed mapping for a file, as TOML with comments. Nothing is loaded. Raises InputRefused.

    It parses as a mapping if everything needed was found; else its key `unfinished` lists what a person must say.
    """
    file = open_source(connection, path, policy=settings.intake)
    sample = _sample(connection, file)
    if not next(iter(sample.values())):
        raise InputRefused(Problem("the file has a header and no rows", path.name, "check the filter of the export"))
    layout = find_layout(sample, serial_dates=file.serial_epoch is not None)
    if looks_headerless(sample) or not layout.columns:
        # Its first line may hold a person and is not repeated.
        raise InputRefused(
            Problem("no name in its first line is known", path.name, "export again with a line of column names")
        )
    evidence = Evidence(_labels(connection, file, layout), _days(connection, file, layout))
    file.check_unchanged()
    text = proposal_toml(path.name, layout, evidence, settings.intake)
    fits = _bundled(file, text, settings)
    return proposal_toml(path.name, layout, evidence, settings.intake, fits) if fits else text


def _sample(connection: duckdb.DuckDBPyConnection, file: SourceFile) -> dict[str, list[str]]:
    """The first rows as text, by column."""
    rows = max(50, min(_ROWS, _CELLS // len(file.types)))
    cells = ", ".join(f"{quoted(column)}::varchar" for column in file.types)
    with file.rows(connection) as source:
        found = connection.sql(f"select {cells} from {source} limit {rows}").fetchall()
    return {column: [row[place] or "" for row in found] for place, column in enumerate(file.types)}


def _labels(connection: duckdb.DuckDBPyConnection, file: SourceFile, layout: Layout) -> dict[str, Counter[str]]:
    """How often each label of the chosen columns occurs in the whole file."""
    cells = Cells(file.types, ISO, tuple(BLANKS))
    found = {}
    for key in ("ethnicity", "outcome", "stage"):
        if key in layout.columns:
            column = layout.columns[key].column
            with file.rows(connection) as source:
                rows = connection.sql(
                    f"select label, count(*) from (select {cells.text(column)} as label from {source}) "
                    f"where label is not null group by all order by all limit {_LABELS}"
                ).fetchall()
            found[column] = Counter(dict(rows))
    return found


def _days(connection: duckdb.DuckDBPyConnection, file: SourceFile, layout: Layout) -> list[str]:
    """The different days of the first rows as they are written; cells that are dates by themselves need no format."""
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


def _bundled(file: SourceFile, text: str, settings: Settings) -> str:
    """Which bundled mapping the columns fit, and whether the proposal agrees with it; "" if none fits."""
    try:
        name, bundled = bundled_mapping(file.path, list(file.types), settings)
    except InputRefused:
        return ""
    try:
        differs = _differences(parse_mapping(text, file.path.name), bundled)
    except UsageError:
        differs = ["what is not complete"]
    says = f"differs from it in {', '.join(differs)}" if differs else "says the same in its own words"
    return f"The file fits the bundled mapping {name}; this proposal {says}."


def _differences(proposed: Mapping, bundled: Mapping) -> list[str]:
    """The parts in which two mappings would read a file differently; a label that only one has is no difference."""
    parts = [
        key for key in ("columns", "stage_dates", "stage_flags") if getattr(proposed, key) != getattr(bundled, key)
    ]
    for key in ("shape", "stages", "ethnicity_classification"):
        if getattr(proposed.source, key) != getattr(bundled.source, key):
            parts.append(f"source.{key}")
    for key in ("outcomes", "statuses", "ethnicity_labels"):
        ours, theirs = getattr(proposed, key), getattr(bundled, key)
        if any(ours[label] != theirs[label] for label in ours.keys() & theirs.keys()):
            parts.append(key)
    return parts
