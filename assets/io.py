"""Tables of the warehouse by partition: read where a step declares them, and replaced all together or not at all.

To declare a table and to be let read it are one act: an asset reads what its `deps` name, a check its own table, what
that is made of and its `additional_deps`. Anything else raises, so that the graph shows where every figure comes from.
docs/adr/0019 says why these are no IO managers.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import dagster as dg
import duckdb
import polars as pl

from assets.resources import Warehouse
from assets.warehouse.connection import views
from assets.warehouse.tables import read_period, replace_all, replace_period, rows_of, sql_text, tables_in
from equity_audit.contracts import CHECK_RESULTS, PROTECTIONS, PUBLISHED_COUNTS, PURGES, Table

# What steps note down beside their tables: no asset makes these, so none can be declared.
NOTED = frozenset(table.full_name for table in (CHECK_RESULTS, PROTECTIONS, PUBLISHED_COUNTS, PURGES))

Context = dg.AssetExecutionContext | dg.AssetCheckExecutionContext


@dataclass(frozen=True)
class Tables:
    """What one step may read and replace of one partition, for the organisation that the run is about if it is of one.

    partition: its key, empty for a step that is not cut. reads, makes: names of tables with their schemas. connection:
    for what steps note down.
    """

    connection: duckdb.DuckDBPyConnection
    partition: str
    reads: frozenset[str]
    makes: frozenset[str]

    def read(self, table: Table) -> pl.DataFrame:
        """The rows of the partition, in the contract's columns and in the order of its key."""
        self._check_declared({table.full_name})
        return read_period(self.connection, table, self.partition)

    def query(self, statement: str, parameters: Mapping[str, Any]) -> pl.DataFrame:
        """What assets/sql/<statement>.sql gives."""
        self._check_declared(undeclared(self.connection, sql_text(statement), self.reads))
        return rows_of(self.connection, statement, dict(parameters))

    def replace(self, table: Table, rows: pl.DataFrame) -> None:
        """Put new rows in place of the partition's old ones."""
        self._check_made(table)
        replace_period(self.connection, table, self.partition, rows)

    def replace_all(self, table: Table, parts: Sequence[pl.DataFrame]) -> None:
        """Put new rows in place of all old ones, of a table that is not cut by period."""
        self._check_made(table)
        replace_all(self.connection, table, parts)

    def _check_made(self, table: Table) -> None:
        if table.full_name not in self.makes:
            raise UndeclaredTableError(f"{table.full_name} is not made by this step, which makes {_list(self.makes)}")

    def _check_declared(self, names: set[str]) -> None:
        if missing := names - self.reads:
            raise UndeclaredTableError(f"{_list(missing)}: read and not declared; declared are {_list(self.reads)}")


class UndeclaredTableError(RuntimeError):
    """A step reads or replaces a table that its definition does not name: a mistake in this program."""


@contextmanager
def replacing(context: dg.AssetExecutionContext, warehouse: Warehouse) -> Iterator[Tables]:
    """The tables of an asset's partition in one transaction: all that it replaces is replaced, or nothing."""
    with warehouse.transaction():
        yield reading(context, warehouse)


def reading(context: Context, warehouse: Warehouse) -> Tables:
    """The tables of a step's partition, for one that replaces none of them, or in a transaction of its caller."""
    step = context.op_execution_context
    definition = step.assets_def
    declared = {dep.asset_key for spec in definition.specs for dep in spec.deps}
    graph = context.job_def.asset_layer.asset_graph
    for spec in definition.check_specs:
        own = {spec.asset_key, *(dep.asset_key for dep in spec.additional_deps)}
        declared |= own.union(*map(graph.get_ancestor_asset_keys, own))
    partition = step.partition_key if step.has_partition_key else ""
    return Tables(warehouse.connection, partition, _names(declared), _names(definition.keys))


def undeclared(connection: duckdb.DuckDBPyConnection, query: str, declared: frozenset[str]) -> set[str]:
    """The tables that a statement reads, itself or through views, and that are neither declared nor notes of steps."""
    missing, through = set[str](), views()
    for name in tables_in(connection, query) - declared - NOTED:
        missing |= undeclared(connection, through[name], declared) if name in through else {name}
    return missing


def _names(keys: Any) -> frozenset[str]:
    return frozenset(".".join(key.path) for key in keys)


def _list(names: Any) -> str:
    return ", ".join(sorted(names)) or "none"
