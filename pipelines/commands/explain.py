"""The command `explain`: say where a published figure comes from, using only the edition's folder."""

from importlib.resources import files
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from assets.warehouse.keys import WAREHOUSE_FILE
from equity_audit.contracts import DISCLOSED_EARLIER_YEARS, DISCLOSED_SOURCES
from equity_audit.contracts.model import TOO_COARSE
from equity_audit.errors import Problem, UsageError
from reports.edition.folder import EditionFolder, open_edition
from reports.edition.manifest_hash import sha256
from reports.origins.figure_names import Figure, find, near, printed, rows
from reports.origins.figure_origin import Step, chain, published_behind, rule, statements_behind

_LISTED = 30
AUDIT = "audit.html"
# Why a count is not shown, and why a figure made from it is not.
_COUNT = {
    "fewer_than": "not shown: it is a small count",
    "protects_another": "withheld: another count could be inferred from it, or at random",
}
_MADE = {
    "fewer_than": "not shown: a count behind it is small",
    "protects_another": "not shown: a count behind it is withheld, to protect another or at random",
    TOO_COARSE: "only a range is shown, since too many of the counts that would be published identically give another "
    "figure",
}


def explain_figure(folder: Path, asked: str, home: Path, console: Console) -> None:
    """Explain one figure, or list those that match a number. If the home made the edition, files are named.

    Raises UsageError for a folder that is not an edition or an unknown figure, CheckFailed for an edition that was
    changed after publication.
    """
    edition = open_edition(folder)
    figures = find(edition, asked)
    if not figures:
        names = near(edition, asked)
        raise UsageError(
            Problem(
                f"no figure of this edition is named or printed as {asked}",
                str(folder),
                f"did you mean {', or '.join(names)}" if names else "equity-audit explain --help says how to name one",
            )
        )
    if len(figures) > 1:
        _list(figures, asked, console)
        return
    _explain(edition, figures[0], home, console)


def _list(figures: list[Figure], asked: str, console: Console) -> None:
    console.print(f"{len(figures):,} figures are printed as {asked}. Choose one by its name:", markup=False)
    for figure in figures[:_LISTED]:
        console.print(f"  {figure.name} = {figure.value}", markup=False)
    if len(figures) > _LISTED:
        console.print(f"and {len(figures) - _LISTED:,} more, in splits and other tables")


def _explain(edition: EditionFolder, figure: Figure, home: Path, console: Console) -> None:
    record = edition.record
    sources = rows(edition, DISCLOSED_SOURCES)
    steps = chain(figure, frozenset(source["shape"] for source in sources))
    _heading(console, figure.name)
    console.print(f"Value: {_value(figure)}", markup=False)
    console.print(f"Meaning: {figure.column.meaning}", markup=False)
    console.print(
        f"Published by {record['organisation']} for {record['period_label']}, revision {record['revision']}, in "
        f"tables/{figure.table.name}.csv.",
        markup=False,
    )
    if AUDIT in record["files"]:
        console.print(f"Diagram of how that table was made: {AUDIT}#table-{figure.table.full_name}", markup=False)
    if behind := published_behind(edition, figure):
        _heading(console, "Calculated from these published figures")
        _print_table(console, ("figure", "value"), [(source.name, _value(source)) for source in behind])
    _heading(console, "What disclosure control did")
    for line in rule(record, figure):
        console.print(line, markup=False)
    _heading(console, "Column by column, back to the file")
    for step in steps:
        console.print(f"{step.name}: {step.column.meaning}", markup=False)
        console.print(f"    from {', '.join(step.made_of)}" if step.made_of else f"    {_read(step)}", markup=False)
    _heading(console, "SQL statements")
    for table, statement in statements_behind(record, steps).items():
        console.print(
            f"{table}: {statement['file']}, {_compare(statement)}\n    SHA-256 {statement['sha256']}", markup=False
        )
    _heading(console, "Source files")
    _say_files(record, home, console)
    _say_checks(record, {step.table.full_name for step in steps}, console)


def _say_files(record: dict[str, Any], home: Path, console: Console) -> None:
    """Print the files: by name and hash if the home made the edition, otherwise by their commitments."""
    opened = {}
    if (home / WAREHOUSE_FILE).exists():
        # Heavy, and not needed for a copy of an edition.
        from pipelines.commands.opened_files import opened_files

        opened = opened_files(record, home)
    for row in record["extracts"]:
        extract = row["extract_id"]
        if extract in opened:
            file = opened[extract]
            console.print(
                f"{file.file_name}, extract {extract}\n    SHA-256 {file.file_sha256}\n"
                f"    read with the mapping {file.mapping_name}, SHA-256 {file.mapping_sha256}",
                markup=False,
            )
        else:
            console.print(f"extract {extract}\n    commitment {row['file_commitment']}", markup=False)
    if not opened:
        console.print(
            "Only the home that made this edition can open commitments (--home). Elsewhere, equity-audit verify --file "
            "checks a file with its key."
        )


def _say_checks(record: dict[str, Any], tables: set[str], console: Console) -> None:
    """Print the checks on tables of the chain, each once however many extracts it covered, and all that failed."""
    _heading(console, "Checks")
    passed: dict[str, list[str]] = {}
    for check in record["checks"]:
        # Records are checked in this view, which has a row for each stage reached.
        on_chain = check["table"] in tables or check["table"] == "core.applicant_stages"
        if check["passed"] and on_chain and check["name"] not in passed.setdefault(check["table"], []):
            passed[check["table"]].append(check["name"])
    _print_table(console, ("table", "passed"), [(table, ", ".join(names)) for table, names in passed.items() if names])
    for check in record["checks"]:
        if not check["passed"]:
            console.print(f"Did not pass ({check['severity']}): {check['name']} on {check['table']}", markup=False)
    console.print("To recompute the figure from the records, use equity-audit verify with the home that has them.")


def _value(figure: Figure) -> str:
    """Return a figure as published and as printed, or why it is not shown."""
    if not figure.value:
        note, reason = figure.row.get(f"{figure.column.name}_note"), figure.row.get("not_shown_reason")
        why = note or reason or figure.row.get(figure.column.point_reason) or "no value"
        low, high = (figure.row.get(f"{figure.column.name}_{end}", "") for end in ("low", "high"))
        if why == TOO_COARSE and low:
            return f"{_MADE[TOO_COARSE]}; from {low} to {high or 'no upper end'}"
        return (_COUNT if note else _MADE).get(why, f"not shown: {why.replace('_', ' ')}")
    ways = printed(figure)
    return figure.value if figure.value == ways[0] else f"{figure.value} (printed as {ways[0]})"


def _read(step: Step) -> str:
    """Return the origin of a column that is not calculated from others."""
    if step.table.schema == "core":
        return "read from the file, from the column that the mapping names"
    if step.table == DISCLOSED_EARLIER_YEARS:
        return "copied from that year's edition, where its own origin can be explained"
    return "set when the file was loaded" if step.table.schema == "intake" else "part of the table's layout"


def _compare(statement: dict[str, str]) -> str:
    """Say whether the statement is the same in this installation, where it can then be read."""
    installed = files("assets") / "sql" / statement["file"].rpartition("/")[2]
    same = installed.is_file() and sha256(installed.read_bytes()) == statement["sha256"]
    return "the same as in this installation" if same else "not the same as in this installation"


def _heading(console: Console, text: str) -> None:
    console.print()
    console.print(Text(text, style="bold"))


def _print_table(console: Console, header: tuple[str, ...], lines: list[tuple[str, ...]]) -> None:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in header:
        # A truncated number is a wrong number: a cell that is too wide continues on the next line.
        table.add_column(name, overflow="fold")
    for line in lines:
        table.add_row(*map(Text, line))
    console.print(table)
