"""The command `attack`: reads one published table and says what it gives away. Needs no home and no warehouse."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
from pydantic import ValidationError
from rich.console import Console

from assets.ingest.source_files import open_source
from equity_audit.disclosure.external import Contradiction, attack_frame, attack_lines
from equity_audit.errors import DisclosureFailed, InputRefused, Problem, UsageError
from equity_audit.settings import DisclosurePolicy, load_settings


def attack_table(
    path: Path, settings_file: Path, given: dict[str, Any], small: Iterable[str], console: Console
) -> None:
    """Attack a table and print what falls. Raises DisclosureFailed if anything does, InputRefused for no such table."""
    settings = load_settings(settings_file)
    policy, marks = _rule(settings.disclosure, given), frozenset(mark.strip().casefold() for mark in small)
    frame = _texts(path)
    try:
        found = attack_frame(frame, policy, settings.comparison.confidence, marks)
    except Contradiction as error:
        raise InputRefused(
            Problem(
                f"{error}: the table contradicts itself or was made by other rules",
                path.name,
                "check --below, --round-to and --zeros, and that no subtotal stands among the rows of a total",
            )
        ) from None
    for line in attack_lines(found):
        console.print(line, markup=False)
    if found.falls:
        raise DisclosureFailed(
            Problem(
                f"figures that can be worked out more closely than the rule allows: {len(found.falls)}",
                path.name,
                "withhold or round one of the figures that each rests on",
            )
        )


def _rule(policy: DisclosurePolicy, given: dict[str, Any]) -> DisclosurePolicy:
    """The rule of the settings with what was said on the command line. Of splits the table's own rule is taken."""
    said = {name: value for name, value in given.items() if value is not None}
    if "zeros" in said:
        said["zeros_in_splits"] = said["zeros"]
    try:
        return DisclosurePolicy.model_validate(policy.model_dump() | said)
    except ValidationError as error:
        raise UsageError(
            *(
                Problem(fault["msg"], "the rule", "change --below, --round-to, --zeros or --interval")
                for fault in error.errors()
            )
        ) from None


def _texts(path: Path) -> pl.DataFrame:
    """All rows as texts. Raises InputRefused for what cannot be read, and for a table without rows."""
    with duckdb.connect() as connection:
        source = open_source(connection, path)
        with source.rows(connection) as rows:
            frame = connection.sql(f"select * from {rows}").pl()
    if frame.is_empty():
        raise InputRefused(Problem("the table has no rows", path.name, "give a table with a row for each group"))
    return frame.select(pl.all().cast(pl.String).fill_null(""))
