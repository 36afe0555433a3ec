"""Which ids stand on more than one row of an extract, found without a hash table of all of them.

Grouping ten million ids takes DuckDB as long as a third of their loading. Eight bytes of each are sorted here instead,
and only the few that meet are looked at in full: two ids that share their eight bytes by chance are no repeat.
"""

import duckdb
import numpy as np
import polars as pl


def keep_repeated_ids(connection: duckdb.DuckDBPyConnection, extract_id: str) -> None:
    """Leave the ids of an extract that occur more than once in the temporary table repeated_ids."""
    own = "from core.applications where extract_id = $extract_id and application_id is not null"
    parts = connection.execute(f"select hash(application_id) as part {own}", {"extract_id": extract_id})
    sorted_parts = np.sort(parts.fetchnumpy()["part"])
    met = np.unique(sorted_parts[1:][sorted_parts[1:] == sorted_parts[:-1]])
    among = "hash(application_id) in (select part from met)" if len(met) else "false"
    connection.register("met", pl.DataFrame({"part": met}, schema={"part": pl.UInt64}))
    connection.execute(
        f"create temp table repeated_ids as select application_id {own} and {among} group by all having count(*) > 1",
        {"extract_id": extract_id},
    )
    connection.unregister("met")
