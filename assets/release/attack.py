"""The attack on what is about to be published: whether a count can be worked out from everything that will be known."""

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb
import polars as pl

from assets.release.published_register import earlier_editions
from assets.release.suppression_report import APPLICANTS
from assets.warehouse.tables import read_period
from equity_audit.contracts import DISCLOSED_OUTCOME_COUNTS, DISCLOSED_STAGE_COUNTS, STAGE_COUNTS
from equity_audit.disclosure.suppression.attacker_knowledge import Earlier, knowledge
from equity_audit.disclosure.suppression.choosing import Cell, falls
from equity_audit.disclosure.table.count_rows import published_again
from equity_audit.disclosure.table.count_table import People, people_behind, published_rows
from equity_audit.disclosure.table.suppression_status import Published
from equity_audit.populations.population import Population
from equity_audit.populations.protection import published_people
from equity_audit.settings import Settings


@dataclass(frozen=True)
class Fallen:
    """Counts that can be worked out, each with the published counts that this rests on.

    Empty where the counts stand otherwise than was proven, which is a failure of its own.
    """

    people: People
    counts: Mapping[Cell, frozenset[Cell]]


def counts_that_fall(connection: duckdb.DuckDBPyConnection, period: str, settings: Settings) -> dict[str, Fallen]:
    """The attack on what is about to be published: organisations of which a count falls. Empty if all is well.

    Reads the disclosed tables as anybody would, adds what earlier editions said, and passes it all along every sum.
    """
    tables = (STAGE_COUNTS, DISCLOSED_STAGE_COUNTS, DISCLOSED_OUTCOME_COUNTS)
    exact, counts, outcomes = (read_period(connection, table, period) for table in tables)
    earlier, fingerprints = earlier_editions(connection, period), proven(connection, period)
    fallen = {}
    for (organisation,), own in published_rows(exact, settings.disclosure).group_by("organisation"):
        mine = pl.col("organisation") == organisation
        published = published_again(people_behind(own), counts.filter(mine), outcomes.filter(mine))
        name = str(organisation)
        found = fallen_counts(published, fingerprints.get((name, APPLICANTS)), settings, earlier.get(name))
        if found is not None:
            fallen[name] = found
    return fallen


def proven(connection: duckdb.DuckDBPyConnection, period: str) -> dict[tuple[str, str], str]:
    """The fingerprints of what was proven safe, by organisation and population."""
    found = connection.execute(
        "select organisation, population, published_sha256 from intake.protections where period = ?", [period]
    ).fetchall()
    return {(organisation, population): sha256 for organisation, population, sha256 in found}


def fallen_counts(
    published: Published, fingerprint: str | None, settings: Settings, earlier: Earlier | None
) -> Fallen | None:
    """The attack on published counts of one population; None if no count falls and they stand as they were proven.

    Beside earlier revisions, and alone: what is known already of a corrected count to some is news to others.
    """
    found = falls(knowledge(published, settings.disclosure, earlier)) | falls(knowledge(published, settings.disclosure))
    return Fallen(published.people, found) if found or published.sha256() != fingerprint else None


def sets_that_fall(
    connection: duckdb.DuckDBPyConnection, period: str, settings: Settings, population: Population
) -> dict[tuple[str, str], Fallen]:
    """The attack on people beside applicants: organisations and sets, as their lists are called, of which a number
    falls. Empty if all is well.
    """
    exact, shown = (
        read_period(connection, table, period) for table in (population.tables.exact, population.tables.shown)
    )
    earlier, fingerprints = earlier_editions(connection, period), proven(connection, period)
    fallen = {}
    for organisation in shown["organisation"].unique():
        own = (rows.filter(organisation=organisation) for rows in (exact, shown))
        sets = published_people(population, *own, settings)
        for name, listed in population.list_names(sets).items():
            fingerprint = fingerprints.get((organisation, name))
            found = fallen_counts(sets[name], fingerprint, settings, earlier.get(organisation))
            if found is not None:
                fallen[organisation, listed] = found
    return fallen
