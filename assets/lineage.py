"""What every asset tells Dagster about its table, so that an auditor can trace a figure to its source.

Schema, grain and column lineage come from equity_audit.contracts; SQL comes from the run.
"""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import dagster as dg

from assets.warehouse.failures import keep_words
from equity_audit.contracts import TABLES, Table
from equity_audit.errors import EquityAuditError

OWNERS = ["team:recruitment-equity"]
_TABLE_NAMES = {table.full_name for table in TABLES}


def asset_key(table: Table) -> dg.AssetKey:
    """Return the key of a table's asset, which has the table's name."""
    return dg.AssetKey([table.schema, table.name])


# Schemas whose tables are partitioned by extract: a reporting period depends on all extracts.
_BY_EXTRACT = ("intake", "core")


def table_asset(
    table: Table,
    deps: list[Table],
    *,
    partitions: dg.PartitionsDefinition[Any] | None = None,
    made_from: Sequence[dg.AssetKey] = (),
) -> dict[str, Any]:
    """Return the arguments of `dg.asset` or `dg.AssetSpec` that a table's contract defines.

    deps: tables. made_from: other assets that it depends on.
    """
    return {
        "key": asset_key(table),
        "deps": [*(_dep(table, dep) for dep in deps), *map(dg.AssetDep, made_from)],
        "partitions_def": partitions,
        "group_name": table.schema,
        "owners": OWNERS,
        "kinds": {"duckdb"},
        "description": f"{table.full_name}: {table.grain}.",
        "metadata": {
            "dagster/table_name": table.full_name,
            "dagster/column_schema": dg.TableSchema(
                columns=[dg.TableColumn(c.name, type=c.type, description=_describe(c)) for c in table.columns]
            ),
            **_column_lineage(table),
        },
    }


def materialized(table: Table, **facts: Any) -> dg.MaterializeResult[Any]:
    """Return the record of one materialization, with facts that may be disclosed.

    It has no number of rows: an auditor reads Dagster's history, and the number of applications is exact, as is the
    number of groups that have members. A statement has its SHA-256 beside it, by which an edition names it.
    """
    texts = {name: value for name, value in facts.items() if "\n" in str(value)}
    facts |= {f"{name}_sha256": hashlib.sha256(text.encode()).hexdigest() for name, text in texts.items()}
    return dg.MaterializeResult(
        asset_key=asset_key(table),
        metadata={name: _metadata(value) for name, value in facts.items()},
    )


def as_failure(error: EquityAuditError) -> dg.Failure:
    """Return a user's error as Dagster keeps it: kind and exit code, no traceback. Its message is kept in the home."""
    with suppress(dg.DagsterInvariantViolationError):  # outside a run the caller reports the message
        step = dg.OpExecutionContext.get()
        resource_keys = step.op_def.required_resource_keys
        home = step.resources.home if "home" in resource_keys else step.resources.warehouse.home
        keep_words(home.path, step.run_id, error)
    return dg.Failure(
        description=f"{type(error).__name__}: what is wrong, and what to do, is in the home's folder private/failures",
        metadata={"exit_code": error.exit_code, "kind": type(error).__name__},
        allow_retries=False,
    )


def _dep(table: Table, dep: Table) -> dg.AssetDep:
    across_partitions = dep.schema in _BY_EXTRACT and table.schema not in _BY_EXTRACT
    return dg.AssetDep(asset_key(dep), partition_mapping=dg.AllPartitionMapping() if across_partitions else None)


def _metadata(value: Any) -> Any:
    return dg.MetadataValue.md(f"```sql\n{value}\n```") if "\n" in str(value) else value


def _describe(column: Any) -> str:
    return f"{column.meaning} ({column.unit})" if column.unit else column.meaning


def _column_lineage(table: Table) -> dict[str, Any]:
    """Return the lineage of columns that are derived from columns of other tables of the warehouse."""
    lineage: dict[str, list[dg.TableColumnDep]] = defaultdict(list)
    for column in table.columns:
        for source in column.derived_from:
            name, source_column = source.rsplit(".", 1)
            if name in _TABLE_NAMES and name != table.full_name:
                dep = dg.TableColumnDep(asset_key=dg.AssetKey(name.split(".")), column_name=source_column)
                lineage[column.name].append(dep)
    return {"dagster/column_lineage": dg.TableColumnLineage(deps_by_column=lineage)} if lineage else {}
