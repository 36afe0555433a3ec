"""People who are counted beside recruitment: counted by SQL, measured and protected by equity_audit, kind by kind.

Only beside recruitment: an organisation without applicants in a period has no edition.
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

# The extracts that count, and what their labels of ethnicity mean.
LABELLED = [ACCEPTED_EXTRACTS, ETHNICITY_LABELS]

_Body = TypeVar("_Body", bound=Callable[..., Any])


def population_assets(population: Population) -> list[dg.AssetsDefinition]:
    """A kind of people counted, measured exactly where those measures are kept, and protected."""
    kept = population.tables.exact_measures
    return [_counted(population), *([_measured(population, kept)] if kept else []), _disclosed(population)]


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
    specs = [dg.AssetSpec(**table_asset(table, own, partitions=PERIODS)) for table, own in deps.items()]

    @dg.multi_asset(name=name, specs=specs)
    @_known_as(
        name,
        f"Round and withhold numbers of {tables.people} until nothing can be worked out, then make measures from what "
        "is left.",
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
                made, protected = disclosed_people_tables(population, exact, counts, settings, earlier, home.choices())
            except EquityAuditError as error:
                raise as_failure(error) from None
            record_protections(connection, period, protected, context.run.run_id, population.set_names)
            for organisation, sets in protected.items():
                for set_name, listed in population.list_names(sets).items():
                    write_protection_report(withheld_list(home.private, organisation, period, listed), sets[set_name])
            for table, rows in made.items():
                of_period.replace(table, rows)
        for table in made:
            yield materialized(table)

    return disclosed


def _known_as(name: str, what: str) -> Callable[[_Body], _Body]:
    """Give a computation the name and the words by which an edition tells of it."""

    def named(body: _Body) -> _Body:
        body.__name__, body.__doc__ = name, what
        return body

    return named


POPULATION_ASSETS = [asset for population in POPULATIONS for asset in population_assets(population)]
