"""The command `attack`: read a published table and say what it discloses. Needs neither a home nor a warehouse."""

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
    """Attack a table and print what it discloses.

    Raises DisclosureFailed if any figure is disclosed, InputRefused if the table cannot be read.
    """
    settings = load_settings(settings_file)
    policy, marks = _policy(settings.disclosure, given), frozenset(mark.strip().casefold() for mark in small)
    frame = _texts(path)
    try:
        result = attack_frame(frame, policy, settings.comparison.confidence, marks)
    except Contradiction as error:
        raise InputRefused(
            Problem(
                f"{error}: the table contradicts itself or was made under other rules",
                path.name,
                "check --below, --round-to and --zeros, and that the rows of a total do not include subtotals",
            )
        ) from None
    for line in attack_lines(result):
        console.print(line, markup=False)
    if result.disclosed:
        raise DisclosureFailed(
            Problem(
                f"figures that can be inferred more closely than the rule allows: {len(result.disclosed)}",
                path.name,
                "withhold or round one of the figures from which each can be inferred",
            )
        )


def _policy(policy: DisclosurePolicy, given: dict[str, Any]) -> DisclosurePolicy:
    """Return the policy of the settings with the options given. An option for zeros also applies to splits."""
    options = {name: value for name, value in given.items() if value is not None}
    if "zeros" in options:
        options["zeros_in_splits"] = options["zeros"]
    try:
        return DisclosurePolicy.model_validate(policy.model_dump() | options)
    except ValidationError as error:
        raise UsageError(
            *(
                Problem(
                    fault["msg"].removeprefix("Value error, "),
                    "the rule",
                    "change --below, --round-to, --zeros or --interval",
                )
                for fault in error.errors()
            )
        ) from None


def _texts(path: Path) -> pl.DataFrame:
    """Return all rows as text. Raises InputRefused if the file cannot be read or has no rows."""
    with duckdb.connect() as connection:
        source = open_source(connection, path)
        with source.rows(connection) as rows:
            frame = connection.sql(f"select * from {rows}").pl()
    if frame.is_empty():
        raise InputRefused(Problem("the table has no rows", path.name, "give a table with a row for each group"))
    return frame.select(pl.all().cast(pl.String).fill_null(""))
