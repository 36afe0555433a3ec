"""An edition's tables made again from the warehouse as they were made then, and held against the published ones.

As then: from the extracts that the edition names, with its settings, knowing the revisions before it. Whatever else the
warehouse has taken in since is left out, so a correction that came later does not count. Checks are not made again:
what they found is a record of what happened.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb
import polars as pl

from assets.release.published_register import earlier_editions
from assets.warehouse.connection import views
from assets.warehouse.extract_register import purged_before
from assets.warehouse.tables import count_parameters, period_bounds, read_period, replace_period, sql_text
from equity_audit.contracts import (
    ACCEPTED_EXTRACTS,
    APPLICATIONS,
    DISCLOSED,
    DISCLOSED_CHECKS,
    DISCLOSED_STAGE_COUNTS,
    ETHNICITY_LABELS,
    EXTRACTS,
    GROUP_COUNTS,
    OUTCOME_LABELS,
    STAGE_COUNTS,
    Table,
)
from equity_audit.disclosure.publish import disclose_counts, disclosed_tables
from equity_audit.disclosure.suppression.attacker_knowledge import Earlier
from equity_audit.disclosure.suppression.keyed_choices import Choices
from equity_audit.intake.commitments import commit
from equity_audit.intake.steps import literal
from equity_audit.populations.kinds import POPULATIONS
from equity_audit.populations.protection import disclosed_people_tables
from equity_audit.settings import Settings

REDERIVED = tuple(table for table in DISCLOSED if table != DISCLOSED_CHECKS)
_OF_EXTRACTS = (ETHNICITY_LABELS, OUTCOME_LABELS)


@dataclass(frozen=True)
class Made:
    """Which edition it is and what it was made from. extracts: ids of those that were counted in the period.

    choices: of the home, which decide what is withheld too. key: the home's, for commitments to the files.
    """

    organisation: str
    period: str
    revision: int
    extracts: frozenset[str]
    settings: Settings
    choices: Choices
    key: bytes


def why_not(connection: duckdb.DuckDBPyConnection, made: Made) -> str | None:
    """Why an edition cannot be made again from this warehouse; None if it can."""
    known = connection.execute(
        "select extract_id from intake.accepted_extracts where list_contains($ids, extract_id)",
        {"ids": sorted(made.extracts)},
    ).fetchall()
    if missing := sorted(made.extracts - {extract for (extract,) in known}):
        return f"this warehouse has not taken in the extracts {', '.join(missing)}"
    before = purged_before(connection)
    if before and period_bounds(made.period, made.settings)["period_start"] < before:
        return f"records of applications from before {before} were removed"
    earlier = connection.execute(
        "select count(distinct revision) from intake.published_counts "
        "where organisation = ? and period = ? and revision < ?",
        [made.organisation, made.period, made.revision],
    ).fetchone()
    if (earlier or (0,))[0] < made.revision - 1:
        return "this warehouse does not know what the revisions before it said, which decides what was withheld"
    return None


def tables_again(connection: duckdb.DuckDBPyConnection, made: Made) -> Iterator[dict[str, pl.DataFrame]]:
    """The edition's tables, made from its extracts and those that came before them; then with later ones, if need be.

    A later extract that the edition does not name may have been there already, if all that it did was to move
    applications out of the period. So there is one set of tables for each number of extracts that gives the extracts
    named and other counts than the number before.
    """
    earlier = earlier_editions(connection, made.period, before=made.revision)
    seen: dict[Table, pl.DataFrame] | None = None
    for last in _last_extracts(connection, made):
        with _as_it_was(connection, made.organisation, last):
            bounds = period_bounds(made.period, made.settings)
            sources = connection.sql(sql_text("sources"), params=bounds).pl()
            if set(sources["extract_id"]) != made.extracts:
                continue
            parameters = {STAGE_COUNTS: count_parameters(made.period, made.settings)}
            parameters |= {one.tables.exact: bounds for one in POPULATIONS}
            counted = {
                table: connection.sql(sql_text(table.name), params=own).pl() for table, own in parameters.items()
            }
            if seen is None or any(not rows.equals(seen[table]) for table, rows in counted.items()):
                yield _disclosed(connection, made, counted, sources, earlier)
            seen = counted


def _last_extracts(connection: duckdb.DuckDBPyConnection, made: Made) -> list[int]:
    """The number of the last extract that the edition names, and those of all later ones of the organisation."""
    rows = connection.execute(
        "select a.extract_number from intake.accepted_extracts as a inner join intake.extracts as e using (extract_id) "
        "where e.organisation = $organisation and a.extract_number >= (select max(extract_number) "
        "from intake.accepted_extracts where list_contains($ids, extract_id)) order by all",
        {"organisation": made.organisation, "ids": sorted(made.extracts)},
    ).fetchall()
    return [number for (number,) in rows]


@contextmanager
def _as_it_was(connection: duckdb.DuckDBPyConnection, organisation: str, last: int) -> Iterator[None]:
    """The warehouse as it was for one organisation when the extract numbered `last` was the newest.

    A database in memory whose tables are views of the warehouse's, so that the statements run as they are.
    """
    connection.execute("attach ':memory:' as again")
    for schema in ("core", "intake", "disclosed"):
        connection.execute(f"create schema again.{schema}")
    ours = f"organisation = {literal(organisation)}"
    then = f"extract_id in (select extract_id from warehouse.intake.accepted_extracts where extract_number <= {last})"
    conditions = {
        **dict.fromkeys((APPLICATIONS, GROUP_COUNTS, EXTRACTS), f"{ours} and {then}"),
        **{one.tables.received: f"{ours} and {then}" for one in POPULATIONS},
        **dict.fromkeys((ACCEPTED_EXTRACTS, *_OF_EXTRACTS), then),
    }
    for table, condition in conditions.items():
        name = table.full_name
        connection.execute(f"create view again.{name} as select * from warehouse.{name} where {condition}")
    connection.execute("use again")
    try:
        for view, query in views().items():
            connection.execute(f"create view {view} as {query}")
        for table in REDERIVED:
            connection.execute(table.create_sql())
        yield
    finally:
        connection.execute("use warehouse")
        connection.execute("detach again")


def _disclosed(
    connection: duckdb.DuckDBPyConnection,
    made: Made,
    exact: Mapping[Table, pl.DataFrame],
    sources: pl.DataFrame,
    earlier: Mapping[str, Earlier],
) -> dict[str, pl.DataFrame]:
    """Protected as for publishing, and through the same types and the same order as in the warehouse."""
    period, settings = made.period, made.settings
    counts = disclose_counts(exact[STAGE_COUNTS], settings, earlier, made.choices)
    for table, rows in disclosed_tables(counts, commit(sources, made.key), settings).items():
        replace_period(connection, table, period, rows)
    published = read_period(connection, DISCLOSED_STAGE_COUNTS, period)
    for one in POPULATIONS:
        beside, _ = disclosed_people_tables(one, exact[one.tables.exact], published, settings, earlier, made.choices)
        for table, rows in beside.items():
            replace_period(connection, table, period, rows)
    return {table.name: read_period(connection, table, period) for table in REDERIVED}
