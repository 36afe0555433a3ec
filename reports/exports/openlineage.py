"""How an edition was made as OpenLineage events, version 2-0-2 of the specification: `openlineage.json`.

One completion event for each table, and one for the edition's files. The format requires a time and a run. Both are
taken from the record: the time of publication, by when everything here was complete, and for each table a run whose id
is derived from the run that published. So this file belongs to the record and, like it, is left out when asking whether
an edition has changed: all its other content is also in provenance.json and on the audit page. It contains no figure.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from reports.edition.asset_graph import Asset, statements_of
from reports.edition.manifest_hash import sha256
from reports.edition.record import Edition
from reports.edition.sources import sources

_NAMESPACE = "recruitment-equity-audit"
_JOB = "report_period"
_PRODUCER = f"urn:{_NAMESPACE}"
_SPEC = "https://openlineage.io/spec"


def write_events(edition: Edition, files: Mapping[str, bytes], run_id: str, published_at: str) -> bytes:
    """Write the events, by layer. files: those listed with their hashes; run_id, published_at: as in the record."""
    events = [
        {
            "eventType": "COMPLETE",
            "eventTime": published_at,
            "run": {
                "runId": str(uuid5(NAMESPACE_OID, f"{run_id}/{asset.name}")),
                "facets": _run_facets(asset, edition, run_id),
            },
            "job": {"namespace": _NAMESPACE, "name": asset.name, "facets": _job_facets(asset, edition)},
            "inputs": list(_inputs(asset, edition)),
            "outputs": list(_outputs(asset, edition, files)),
            "producer": _PRODUCER,
            "schemaURL": f"{_SPEC}/2-0-2/OpenLineage.json#/$defs/RunEvent",
        }
        for asset in edition.made.assets
    ]
    return json.dumps(events, indent=2, ensure_ascii=False).encode() + b"\n"


def _run_facets(asset: Asset, edition: Edition, run_id: str) -> dict[str, Any]:
    """Return the program, and for tables of the period the run that published; the record lists no intake runs."""
    version = edition.software.get(_NAMESPACE, "")
    facets = {"processing_engine": _facet("1-1-1/ProcessingEngineRunFacet", name=_NAMESPACE, version=version)}
    if asset.per == "period":
        job = {"namespace": _NAMESPACE, "name": _JOB}
        facets["parent"] = _facet("1-2-0/ParentRunFacet", run={"runId": run_id}, job=job)
    return facets


def _job_facets(asset: Asset, edition: Edition) -> dict[str, Any]:
    facets = {"documentation": _facet("1-1-0/DocumentationJobFacet", description=asset.how)}
    texts = edition.made.statement_texts
    if names := statements_of(asset.name, texts, edition.made.assets):
        facets["sql"] = _facet("1-1-0/SQLJobFacet", dialect="duckdb", query="\n".join(texts[name] for name in names))
    return facets


def _inputs(asset: Asset, edition: Edition) -> Iterator[dict[str, Any]]:
    """Yield the tables that a table is made from or has columns derived from; for the first tables, the files."""
    names = {*asset.made_from, *(source.rpartition(".")[0] for column in asset.columns for source in column.made_of)}
    yield from (_dataset(name) for name in sorted(names - {asset.name}))
    if not asset.made_from:
        for row in sources(edition):
            version = _facet("1-0-1/DatasetVersionDatasetFacet", datasetVersion=row["file_commitment"])
            documentation = _facet("1-1-0/DocumentationDatasetFacet", description=f"{row['name']}: {row['kind']}")
            yield _dataset(f"extract/{row['extract_id']}", version=version, documentation=documentation)


def _outputs(asset: Asset, edition: Edition, files: Mapping[str, bytes]) -> Iterator[dict[str, Any]]:
    if asset.layer == "edition":
        for name, content in sorted(files.items()):
            version = _facet("1-0-1/DatasetVersionDatasetFacet", datasetVersion=sha256(content))
            yield _dataset(f"edition/{edition.period}/revision {edition.revision}/{name}", version=version)
        return
    fields = [{"name": column.name, "type": column.type, "description": column.meaning} for column in asset.columns]
    facets = {
        "documentation": _facet("1-1-0/DocumentationDatasetFacet", description=asset.meaning),
        "schema": _facet("1-2-0/SchemaDatasetFacet", fields=fields),
    }
    made_of = {
        column.name: {"inputFields": list(map(_field, column.made_of))} for column in asset.columns if column.made_of
    }
    if made_of:
        facets["columnLineage"] = _facet("1-2-0/ColumnLineageDatasetFacet", fields=made_of)
    yield _dataset(asset.name, **facets)


def _dataset(name: str, **facets: Any) -> dict[str, Any]:
    return {"namespace": _NAMESPACE, "name": name, "facets": facets}


def _field(column: str) -> dict[str, str]:
    table, _, name = column.rpartition(".")
    return {"namespace": _NAMESPACE, "name": table, "field": name}


def _facet(schema: str, **content: Any) -> dict[str, Any]:
    name = schema.partition("/")[2]
    return {"_producer": _PRODUCER, "_schemaURL": f"{_SPEC}/facets/{schema}.json#/$defs/{name}", **content}
