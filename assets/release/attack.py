"""Attack the tables to be published: can a count be inferred from everything that will be known?"""

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb
import polars as pl

from assets.release.published_register import earlier_editions
from assets.release.suppression_report import APPLICANTS
from assets.warehouse.tables import read_period
from equity_audit.contracts import DISCLOSED_OUTCOME_COUNTS, DISCLOSED_STAGE_COUNTS, STAGE_COUNTS
from equity_audit.disclosure.suppression.attacker_knowledge import attacker_knowledge
from equity_audit.disclosure.suppression.choosing import Cell, disclosed_in
from equity_audit.disclosure.suppression.earlier_revisions import Earlier
from equity_audit.disclosure.table.count_rows import published_again
from equity_audit.disclosure.table.count_table import CountTable, count_table_of, published_rows
from equity_audit.disclosure.table.suppression_status import Published
from equity_audit.populations.population import Population
from equity_audit.populations.protection import published_people
from equity_audit.settings import Settings


@dataclass(frozen=True)
class DisclosedCells:
    """Counts that can be inferred, each with the published counts that reveal it.

    Empty if no count can be inferred but the tables differ from those proven safe, which also fails the check.
    """

    people: CountTable
    counts: Mapping[Cell, frozenset[Cell]]


def disclosed_counts_of(
    connection: duckdb.DuckDBPyConnection, period: str, settings: Settings
) -> dict[str, DisclosedCells]:
    """Attack the tables to be published; return the disclosed counts by organisation. Empty if there are none.

    The attack reads the disclosed tables as anybody would, adds earlier editions, and passes bounds along every sum.
    """
    tables = (STAGE_COUNTS, DISCLOSED_STAGE_COUNTS, DISCLOSED_OUTCOME_COUNTS)
    exact, counts, outcomes = (read_period(connection, table, period) for table in tables)
    earlier, fingerprints = earlier_editions(connection, period), proven(connection, period)
    disclosed_cells = {}
    for (organisation,), rows in published_rows(exact, settings.disclosure).group_by("organisation"):
        of_organisation = pl.col("organisation") == organisation
        published = published_again(
            count_table_of(rows), counts.filter(of_organisation), outcomes.filter(of_organisation)
        )
        name = str(organisation)
        result = disclosed_cells_of(published, fingerprints.get((name, APPLICANTS)), settings, earlier.get(name))
        if result is not None:
            disclosed_cells[name] = result
    return disclosed_cells


def proven(connection: duckdb.DuckDBPyConnection, period: str) -> dict[tuple[str, str], str]:
    """Return the fingerprints of the tables proven safe, by organisation and set of people."""
    rows = connection.execute(
        "select organisation, population, published_sha256 from intake.protections where period = ?", [period]
    ).fetchall()
    return {(organisation, population): sha256 for organisation, population, sha256 in rows}


def disclosed_cells_of(
    published: Published, fingerprint: str | None, settings: Settings, earlier: Earlier | None
) -> DisclosedCells | None:
    """Attack the published counts of one set of people; None if no count is disclosed and the tables match their proof.

    They are attacked both together with earlier revisions and alone, since not everybody has the earlier revisions.
    """
    policy = settings.disclosure
    disclosed_cells = disclosed_in(attacker_knowledge(published, policy, earlier)) | disclosed_in(
        attacker_knowledge(published, policy)
    )
    return (
        DisclosedCells(published.people, disclosed_cells)
        if disclosed_cells or published.sha256() != fingerprint
        else None
    )


def disclosed_sets_of(
    connection: duckdb.DuckDBPyConnection, period: str, settings: Settings, population: Population
) -> dict[tuple[str, str], DisclosedCells]:
    """Attack the published numbers of people other than applicants; return the disclosed numbers.

    The key is the organisation and the name of the set's list (`list_names`). Empty if no number is disclosed.
    """
    exact, shown = (
        read_period(connection, table, period) for table in (population.tables.exact, population.tables.shown)
    )
    earlier, fingerprints = earlier_editions(connection, period), proven(connection, period)
    disclosed_cells = {}
    for organisation in shown["organisation"].unique():
        of_organisation = (rows.filter(organisation=organisation) for rows in (exact, shown))
        sets = published_people(population, *of_organisation, settings)
        for name, list_name in population.list_names(sets).items():
            fingerprint = fingerprints.get((organisation, name))
            result = disclosed_cells_of(sets[name], fingerprint, settings, earlier.get(organisation))
            if result is not None:
                disclosed_cells[organisation, list_name] = result
    return disclosed_cells
