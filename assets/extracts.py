"""Intake: load one extract from its file into the register and the core tables; accept it once its checks pass."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg

from assets.ingest.extract import Load
from assets.ingest.loading import load_extract
from assets.ingest.source_files import open_source
from assets.ingest.source_mappings import load_mapping
from assets.lineage import as_failure, materialized, table_asset
from assets.partitions import EXTRACTS
from assets.resources import Home, Warehouse
from assets.warehouse.extract_register import extract_id, organisation_of
from equity_audit.contracts import (
    ACCEPTED_EXTRACTS,
    APPLICANT_STAGES,
    APPLICATIONS,
    ETHNICITY_LABELS,
    EXTRACT_FACTS,
    GROUP_COUNTS,
    OUTCOME_LABELS,
    POPULATION_TABLES,
    REJECTED_ROWS,
)
from equity_audit.contracts import EXTRACTS as EXTRACTS_TABLE
from equity_audit.errors import EquityAuditError, InputRefused, Problem

LABELS = (ETHNICITY_LABELS, OUTCOME_LABELS)
# What an extract can contain: applications, or numbers that its source has counted.
LOADED = (APPLICATIONS, GROUP_COUNTS, *(tables.received for tables in POPULATION_TABLES))


class ExtractConfig(dg.Config):
    """The file to load, and its source mapping: a path, or the name of a bundled one."""

    file: str
    mapping: str


@dg.multi_asset(
    name="load_extract",
    specs=[
        *(
            dg.AssetSpec(**table_asset(table, [], partitions=EXTRACTS))
            for table in (EXTRACTS_TABLE, REJECTED_ROWS, EXTRACT_FACTS, *LABELS, *LOADED)
        ),
        dg.AssetSpec(**table_asset(APPLICANT_STAGES, [APPLICATIONS, EXTRACTS_TABLE, *LABELS], partitions=EXTRACTS)),
    ],
)
def load_extract_tables(
    context: dg.AssetExecutionContext, config: ExtractConfig, home: Home, warehouse: Warehouse
) -> Any:
    """Map, check row by row and load one export file, in one transaction."""
    try:
        settings, mapping = home.settings(), load_mapping(config.mapping)
        file = open_source(warehouse.connection, Path(config.file), mapping, settings.intake)
        if extract_id(file.sha256, mapping, settings, home.commitment_key()) != context.partition_key:
            raise InputRefused(
                Problem("the file or its mapping has changed since the run was requested", file.path.name, "run again")
            )
        load = Load(
            extract_id=context.partition_key,
            organisation=organisation_of(mapping, settings),
            run_id=context.run.run_id,
            key=home.pseudonym_key(),
            today=datetime.now(UTC).date(),
            settings=settings,
            invalid_rows=home.rejected,
        )
        with warehouse.transaction() as connection:
            extract = load_extract(connection, file, mapping, load)
    except EquityAuditError as error:
        raise as_failure(error) from None
    yield materialized(EXTRACTS_TABLE, mapping_sha256=extract["mapping_sha256"])
    for table in (REJECTED_ROWS, EXTRACT_FACTS, *LABELS, *LOADED, APPLICANT_STAGES):
        yield materialized(table)


@dg.asset(**table_asset(ACCEPTED_EXTRACTS, [EXTRACTS_TABLE, APPLICANT_STAGES, *LOADED[1:]], partitions=EXTRACTS))
def accepted_extracts(context: dg.AssetExecutionContext, warehouse: Warehouse) -> dg.MaterializeResult[Any]:
    """Accept an extract, so that its rows count. Runs only if the blocking checks on its rows passed."""
    with warehouse.transaction() as connection:
        connection.execute("delete from intake.accepted_extracts where extract_id = ?", [context.partition_key])
        connection.execute(
            "insert into intake.accepted_extracts by name "
            "select extract_id, extract_number from intake.extracts where extract_id = ?",
            [context.partition_key],
        )
    return materialized(ACCEPTED_EXTRACTS)
