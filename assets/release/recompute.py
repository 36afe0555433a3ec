"""Recompute an edition's tables from the warehouse, to compare them with the published ones.

They are recomputed as they were made: from the extracts that the edition names, with its settings and the revisions
before it. Extracts loaded since are left out, so a later correction does not count. Checks are not repeated: their
results are a record of what happened. What editions of earlier years published is taken from the edition, which has it
in a table: what follows from it and from this year's counts is recomputed, and compared with those editions elsewhere.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import duckdb
import polars as pl

from assets.release.published_register import earlier_editions, first_effects
from assets.warehouse.connection import views
from assets.warehouse.extract_register import purged_before
from assets.warehouse.tables import (
    count_parameters,
    period_bounds,
    read_period,
    reference_parameters,
    replace_period,
    sql_text,
)
from equity_audit.contracts import (
    ACCEPTED_EXTRACTS,
    APPLICATIONS,
    DESIGN_EFFECTS,
    DISCLOSED,
    DISCLOSED_CHECKS,
    DISCLOSED_EARLIER_YEARS,
    DISCLOSED_SEVERAL_YEARS,
    DISCLOSED_STAGE_COUNTS,
    DISCLOSED_YEARS_TOGETHER,
    ETHNICITY_LABELS,
    EXTRACTS,
    GROUP_COUNTS,
    OUTCOME_LABELS,
    STAGE_COUNTS,
    Table,
)
from equity_audit.disclosure.estimates.design_effects import disclose_design_effects
from equity_audit.disclosure.estimates.several_years import disclose_several_years
from equity_audit.disclosure.publish import disclose_counts, disclosed_tables
from equity_audit.disclosure.suppression.earlier_revisions import Earlier
from equity_audit.disclosure.suppression.keyed_choices import Choices
from equity_audit.intake.commitments import commit
from equity_audit.intake.steps import literal
from equity_audit.measures import clustering
from equity_audit.populations.kinds import POPULATIONS
from equity_audit.populations.protection import disclosed_people_tables
from equity_audit.settings import Settings

_COPIED = (DISCLOSED_YEARS_TOGETHER, DISCLOSED_EARLIER_YEARS)
REDERIVED = tuple(table for table in DISCLOSED if table not in (DISCLOSED_CHECKS, *_COPIED))
_LABELS = (ETHNICITY_LABELS, OUTCOME_LABELS)


@dataclass(frozen=True)
class Made:
    """An edition and what it was made from. extracts: ids of the extracts that were counted in the period.

    choices: the keyed choices of the home, which affect what is withheld. key: the home's key for commitments to files.
    earlier_years: its table of that name; empty if it puts no years together.
    """

    organisation: str
    period: str
    revision: int
    extracts: frozenset[str]
    settings: Settings
    choices: Choices
    key: bytes
    earlier_years: pl.DataFrame = field(default_factory=pl.DataFrame)


def why_not(connection: duckdb.DuckDBPyConnection, made: Made) -> str | None:
    """Return why an edition cannot be recomputed from this warehouse; None if it can."""
    known = connection.execute(
        "select extract_id from intake.accepted_extracts where list_contains($ids, extract_id)",
        {"ids": sorted(made.extracts)},
    ).fetchall()
    if missing := sorted(made.extracts - {extract for (extract,) in known}):
        return f"this warehouse does not have the extracts {', '.join(missing)}"
    before = purged_before(connection)
    if before and period_bounds(made.period, made.settings)["period_start"] < before:
        return f"records of applications from before {before} were removed"
    earlier = connection.execute(
        "select count(distinct revision) from intake.published_counts "
        "where organisation = ? and period = ? and revision < ?",
        [made.organisation, made.period, made.revision],
    ).fetchone()
    if (earlier or (0,))[0] < made.revision - 1:
        return "this warehouse does not know what the revisions before it published, which affects what was withheld"
    return None


def tables_again(connection: duckdb.DuckDBPyConnection, made: Made) -> Iterator[dict[str, pl.DataFrame]]:
    """Yield the edition's tables, from its extracts and earlier ones; then from later extracts as well, if they matter.

    A later extract that the edition does not name may already have been loaded, if it only moved applications out of
    the period. So tables are yielded for each last extract with which the period has exactly the named extracts and
    counts that differ from those before.
    """
    earlier = earlier_editions(connection, made.period, before=made.revision)
    first = first_effects(connection, made.period, before=made.revision)
    previous: dict[Table, pl.DataFrame] | None = None
    for last in _last_extracts(connection, made):
        with _as_it_was(connection, made.organisation, last):
            bounds = period_bounds(made.period, made.settings)
            sources = connection.sql(sql_text("sources"), params=bounds).pl()
            if set(sources["extract_id"]) != made.extracts:
                continue
            parameters = {STAGE_COUNTS: count_parameters(made.period, made.settings)}
            parameters |= {population.tables.exact: bounds for population in POPULATIONS}
            counted = {
                table: connection.sql(sql_text(table.name), params=values).pl() for table, values in parameters.items()
            }
            counted[DESIGN_EFFECTS] = _design_effects(connection, made, counted[STAGE_COUNTS])
            if previous is None or any(not rows.equals(previous[table]) for table, rows in counted.items()):
                yield _disclosed(connection, made, counted, sources, (earlier, first))
            previous = counted


def _design_effects(connection: duckdb.DuckDBPyConnection, made: Made, counts: pl.DataFrame) -> pl.DataFrame:
    """Return the exact design effects; the statement finds the counts where the warehouse has them."""
    replace_period(connection, STAGE_COUNTS, made.period, counts)
    sums = connection.sql(sql_text("clustered_sums"), params=reference_parameters(made.period, made.settings)).pl()
    return clustering.design_effects(sums, counts, made.settings)


def _last_extracts(connection: duckdb.DuckDBPyConnection, made: Made) -> list[int]:
    """Return the number of the last extract that the edition names, and those of the organisation's later extracts."""
    rows = connection.execute(
        "select a.extract_number from intake.accepted_extracts as a inner join intake.extracts as e using (extract_id) "
        "where e.organisation = $organisation and a.extract_number >= (select max(extract_number) "
        "from intake.accepted_extracts where list_contains($ids, extract_id)) order by all",
        {"organisation": made.organisation, "ids": sorted(made.extracts)},
    ).fetchall()
    return [number for (number,) in rows]


@contextmanager
def _as_it_was(connection: duckdb.DuckDBPyConnection, organisation: str, last: int) -> Iterator[None]:
    """Use the warehouse as it was for one organisation when the extract numbered `last` was the newest.

    The connection uses an in-memory database whose views filter the warehouse's tables, so that statements run
    unchanged.
    """
    connection.execute("attach ':memory:' as again")
    for schema in ("core", "intake", "out", "disclosed"):
        connection.execute(f"create schema again.{schema}")
    of_organisation = f"organisation = {literal(organisation)}"
    loaded_by_then = (
        f"extract_id in (select extract_id from warehouse.intake.accepted_extracts where extract_number <= {last})"
    )
    conditions = {
        **dict.fromkeys((APPLICATIONS, GROUP_COUNTS, EXTRACTS), f"{of_organisation} and {loaded_by_then}"),
        **{population.tables.received: f"{of_organisation} and {loaded_by_then}" for population in POPULATIONS},
        **dict.fromkeys((ACCEPTED_EXTRACTS, *_LABELS), loaded_by_then),
    }
    for table, condition in conditions.items():
        name = table.full_name
        connection.execute(f"create view again.{name} as select * from warehouse.{name} where {condition}")
    connection.execute("use again")
    try:
        for table in (STAGE_COUNTS, *REDERIVED):
            connection.execute(table.create_sql())
        for view, query in views().items():
            connection.execute(f"create view {view} as {query}")
        yield
    finally:
        connection.execute("use warehouse")
        connection.execute("detach again")


def _disclosed(
    connection: duckdb.DuckDBPyConnection,
    made: Made,
    exact: Mapping[Table, pl.DataFrame],
    sources: pl.DataFrame,
    before: tuple[Mapping[str, Earlier], pl.DataFrame],
) -> dict[str, pl.DataFrame]:
    """Return the disclosed tables, protected as for publishing and read back with the warehouse's types and order.

    before: what earlier revisions left possible, and the design effects of the first.
    """
    period, settings = made.period, made.settings
    earlier, first = before
    counts = disclose_counts(exact[STAGE_COUNTS], settings, earlier, made.choices)
    effects = disclose_design_effects(exact[DESIGN_EFFECTS], counts.stage_counts, settings, first)
    for table, rows in disclosed_tables(counts, effects, commit(sources, made.key), settings).items():
        replace_period(connection, table, period, rows)
    published = read_period(connection, DISCLOSED_STAGE_COUNTS, period)
    together = disclose_several_years(published, made.earlier_years, settings, effects)
    replace_period(connection, DISCLOSED_SEVERAL_YEARS, period, together)
    for population in POPULATIONS:
        counted = exact[population.tables.exact]
        shown, _ = disclosed_people_tables(population, counted, published, settings, earlier, made.choices)
        for table, rows in shown.items():
            replace_period(connection, table, period, rows)
    return {table.name: read_period(connection, table, period) for table in REDERIVED}
