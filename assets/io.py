"""Tables of the warehouse by partition: a step reads only tables that it declares, and replaces all or none.

Declaring a table is what permits reading it. An asset may read what its `deps` name; a check may read its own table,
the ancestors of that table and its `additional_deps`. Anything else raises, so that the graph shows where every figure
comes from. docs/adr/0019 says why these are not IO managers.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import dagster as dg
import duckdb
import polars as pl

from assets.resources import Kept, Warehouse
from assets.warehouse.connection import views
from assets.warehouse.tables import read_period, replace_all, replace_period, rows_of, sql_text, tables_in
from equity_audit.contracts import CHECK_RESULTS, PROTECTIONS, PUBLISHED_COUNTS, PUBLISHED_EFFECTS, PURGES, Table

# Registers that steps write beside their tables. No asset makes these, so they cannot be declared.
REGISTERS = frozenset(
    table.full_name for table in (CHECK_RESULTS, PROTECTIONS, PUBLISHED_COUNTS, PUBLISHED_EFFECTS, PURGES)
)

Context = dg.AssetExecutionContext | dg.AssetCheckExecutionContext

# Schemas whose tables are replaced through Tables alone, so that what was read from them is known to be current.
_MADE_HERE = ("out", "disclosed")


@dataclass(frozen=True)
class Tables:
    """What one step may read and replace in one partition; only one organisation's rows if the run is restricted to it.

    partition: its key, empty for a step without partitions. reads, makes: names of tables with their schemas.
    connection: for the registers that steps write. kept: what the run has read, by table and partition.
    """

    connection: duckdb.DuckDBPyConnection
    partition: str
    reads: frozenset[str]
    makes: frozenset[str]
    kept: Kept = field(default_factory=dict)

    def read(self, table: Table) -> pl.DataFrame:
        """Return the rows of the partition, in the contract's columns and in the order of its key."""
        self._check_declared({table.full_name})
        key = (table.full_name, self.partition)
        # Views follow from other tables, and registers are written by steps themselves.
        if table.is_view or table.schema not in _MADE_HERE:
            return read_period(self.connection, table, self.partition)
        if key not in self.kept:
            self.kept[key] = read_period(self.connection, table, self.partition)
        # A copy of the frame and not of its columns, so that no step can change what another reads.
        return self.kept[key].clone()

    def query(self, statement: str, parameters: Mapping[str, Any]) -> pl.DataFrame:
        """Return the rows that assets/sql/<statement>.sql selects."""
        self._check_declared(undeclared(self.connection, sql_text(statement), self.reads))
        return rows_of(self.connection, statement, dict(parameters))

    def replace(self, table: Table, rows: pl.DataFrame) -> None:
        """Replace the rows of the partition."""
        self._check_made(table)
        self.kept.pop((table.full_name, self.partition), None)
        replace_period(self.connection, table, self.partition, rows)

    def replace_all(self, table: Table, parts: Sequence[pl.DataFrame]) -> None:
        """Replace all rows of a table that is not partitioned by period."""
        self._check_made(table)
        for kept in [key for key in self.kept if key[0] == table.full_name]:
            del self.kept[kept]
        replace_all(self.connection, table, parts)

    def _check_made(self, table: Table) -> None:
        if table.full_name not in self.makes:
            raise UndeclaredTableError(f"{table.full_name} is not made by this step, which makes {_list(self.makes)}")

    def _check_declared(self, names: set[str]) -> None:
        if missing := names - self.reads:
            raise UndeclaredTableError(f"{_list(missing)}: read but not declared; declared are {_list(self.reads)}")


class UndeclaredTableError(RuntimeError):
    """A step reads or replaces a table that its definition does not declare: an internal error."""


@contextmanager
def replacing(context: dg.AssetExecutionContext, warehouse: Warehouse) -> Iterator[Tables]:
    """Open the tables of an asset's partition in one transaction: all replacements take effect, or none."""
    with warehouse.transaction():
        yield reading(context, warehouse)


def reading(context: Context, warehouse: Warehouse) -> Tables:
    """Return the tables of a step's partition, for a step that only reads, or within its caller's transaction."""
    step = context.op_execution_context
    definition = step.assets_def
    declared = {dep.asset_key for spec in definition.specs for dep in spec.deps}
    graph = context.job_def.asset_layer.asset_graph
    for spec in definition.check_specs:
        direct = {spec.asset_key, *(dep.asset_key for dep in spec.additional_deps)}
        declared |= direct.union(*map(graph.get_ancestor_asset_keys, direct))
    partition = step.partition_key if step.has_partition_key else ""
    return Tables(warehouse.connection, partition, _names(declared), _names(definition.keys), warehouse.kept)


def undeclared(connection: duckdb.DuckDBPyConnection, query: str, declared: frozenset[str]) -> set[str]:
    """Return the tables that a statement reads, directly or through views, but that are not declared or registers."""
    missing, view_queries = set[str](), views()
    for name in tables_in(connection, query) - declared - REGISTERS:
        missing |= undeclared(connection, view_queries[name], declared) if name in view_queries else {name}
    return missing


def _names(keys: Any) -> frozenset[str]:
    return frozenset(".".join(key.path) for key in keys)


def _list(names: Any) -> str:
    return ", ".join(sorted(names)) or "none"
