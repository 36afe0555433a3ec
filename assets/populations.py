"""Populations other than applicants: counted by SQL; measured and protected by equity_audit.

An organisation without applicants in a period has no edition, so its other populations are not published either.
"""

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import dagster as dg

from assets.io import replacing
from assets.lineage import as_failure, materialized, table_asset
from assets.partitions import PERIODS
from assets.release.published_register import earlier_editions, record_protections
from assets.release.suppression_report import withheld_list, write_protection_report
from assets.resources import Home, Warehouse
from assets.warehouse.tables import period_bounds, sql_text
from equity_audit.contracts import (
    ACCEPTED_EXTRACTS,
    DISCLOSED_STAGE_COUNTS,
    ETHNICITY_LABELS,
    STAGE_COUNTS,
    Table,
)
from equity_audit.errors import EquityAuditError
from equity_audit.populations.kinds import POPULATIONS
from equity_audit.populations.measured import exact_measures
from equity_audit.populations.population import Population
from equity_audit.populations.protection import disclosed_people_tables

# The accepted extracts, and the meaning of their ethnicity labels.
LABELLED = [ACCEPTED_EXTRACTS, ETHNICITY_LABELS]

_Body = TypeVar("_Body", bound=Callable[..., Any])


def population_assets(population: Population) -> list[dg.AssetsDefinition]:
    """Return the assets of a population: its counts, its exact measures if they are kept, and its disclosed tables."""
    exact_table = population.tables.exact_measures
    measured = [_measured(population, exact_table)] if exact_table else []
    return [_counted(population), *measured, _disclosed(population)]


def _counted(population: Population) -> dg.AssetsDefinition:
    table, deps = population.tables.exact, [population.tables.received, *LABELLED]

    @dg.asset(**table_asset(table, deps, partitions=PERIODS))
    @_known_as(table.name, population.counting)
    def counted(context: dg.AssetExecutionContext, home: Home, warehouse: Warehouse) -> dg.MaterializeResult[Any]:
        bounds = period_bounds(context.partition_key, home.settings())
        with replacing(context, warehouse) as tables:
            tables.replace(table, tables.query(table.name, bounds))
        return materialized(table, sql=sql_text(table.name))

    return counted


def _measured(population: Population, table: Table) -> dg.AssetsDefinition:
    exact = population.tables.exact

    @dg.asset(**table_asset(table, [exact, STAGE_COUNTS], partitions=PERIODS))
    @_known_as(table.name, population.measuring)
    def measured(context: dg.AssetExecutionContext, home: Home, warehouse: Warehouse) -> dg.MaterializeResult[Any]:
        with replacing(context, warehouse) as tables:
            people, applicants = tables.read(exact), tables.read(STAGE_COUNTS)
            tables.replace(table, exact_measures(population, people, home.settings(), applicants))
        return materialized(table)

    return measured


def _disclosed(population: Population) -> dg.AssetsDefinition:
    tables = population.tables
    name = f"disclose_{tables.name}"
    deps = {tables.shown: [tables.exact, DISCLOSED_STAGE_COUNTS], tables.shown_measures: [tables.shown]}
    if population.of_applicants:
        deps[tables.shown_measures].append(DISCLOSED_STAGE_COUNTS)
    specs = [dg.AssetSpec(**table_asset(table, table_deps, partitions=PERIODS)) for table, table_deps in deps.items()]

    @dg.multi_asset(name=name, specs=specs)
    @_known_as(
        name,
        f"Round and withhold numbers of {tables.people} until no withheld number can be inferred; then calculate "
        "measures from the rest.",
    )
    def disclosed(
        context: dg.AssetExecutionContext, home: Home, warehouse: Warehouse
    ) -> Iterator[dg.MaterializeResult[Any]]:
        settings, period = home.settings(), context.partition_key
        with replacing(context, warehouse) as of_period:
            exact, counts = of_period.read(tables.exact), of_period.read(DISCLOSED_STAGE_COUNTS)
            connection = of_period.connection
            try:
                earlier = earlier_editions(connection, period)
                rows_by_table, protected = disclosed_people_tables(
                    population, exact, counts, settings, earlier, home.choices()
                )
            except EquityAuditError as error:
                raise as_failure(error) from None
            record_protections(connection, period, protected, context.run.run_id, population.set_names)
            for organisation, sets in protected.items():
                for set_name, listed in population.list_names(sets).items():
                    write_protection_report(withheld_list(home.private, organisation, period, listed), sets[set_name])
            for table, rows in rows_by_table.items():
                of_period.replace(table, rows)
        for table in rows_by_table:
            yield materialized(table)

    return disclosed


def _known_as(name: str, description: str) -> Callable[[_Body], _Body]:
    """Return a decorator that gives a computation the name and the docstring that an edition prints."""

    def decorate(body: _Body) -> _Body:
        body.__name__, body.__doc__ = name, description
        return body

    return decorate


POPULATION_ASSETS = [asset for population in POPULATIONS for asset in population_assets(population)]
