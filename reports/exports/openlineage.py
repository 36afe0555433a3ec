"""How an edition was made as OpenLineage events, version 2-0-2 of the specification: `openlineage.json`.

One event of completion for each table, and one for the edition's files. The format asks for a time and a run. Both are
the record's: the time of publication, by when everything here was complete, and a run for each table whose id follows
from the run that published. So this file belongs to the record, and is like it not compared when asking whether an
edition has changed: all else that it says is in provenance.json and on the audit page too. It knows no figure.
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
    """The events, by layer. files: those that they name with their hashes; run_id, published_at: as in the record."""
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
    """The program, and for tables of the period the run that published; the record does not name those of intake."""
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
    """The tables that a table is made from, or of whose columns its own are made; for the first ones, the files."""
    names = {*asset.made_from, *(source.rpartition(".")[0] for column in asset.columns for source in column.made_of)}
    yield from (_dataset(name) for name in sorted(names - {asset.name}))
    if not asset.made_from:
        for row in sources(edition):
            version = _facet("1-0-1/DatasetVersionDatasetFacet", datasetVersion=row["file_commitment"])
            said = _facet("1-1-0/DocumentationDatasetFacet", description=f"{row['name']}: {row['kind']}")
            yield _dataset(f"extract/{row['extract_id']}", version=version, documentation=said)


def _outputs(asset: Asset, edition: Edition, files: Mapping[str, bytes]) -> Iterator[dict[str, Any]]:
    if asset.layer == "edition":
        for name, content in sorted(files.items()):
            version = _facet("1-0-1/DatasetVersionDatasetFacet", datasetVersion=sha256(content))
            yield _dataset(f"edition/{edition.period}/revision {edition.revision}/{name}", version=version)
        return
    fields = [{"name": one.name, "type": one.type, "description": one.meaning} for one in asset.columns]
    facets = {
        "documentation": _facet("1-1-0/DocumentationDatasetFacet", description=asset.meaning),
        "schema": _facet("1-2-0/SchemaDatasetFacet", fields=fields),
    }
    made_of = {one.name: {"inputFields": list(map(_field, one.made_of))} for one in asset.columns if one.made_of}
    if made_of:
        facets["columnLineage"] = _facet("1-2-0/ColumnLineageDatasetFacet", fields=made_of)
    yield _dataset(asset.name, **facets)


def _dataset(name: str, **facets: Any) -> dict[str, Any]:
    return {"namespace": _NAMESPACE, "name": name, "facets": facets}


def _field(column: str) -> dict[str, str]:
    table, _, name = column.rpartition(".")
    return {"namespace": _NAMESPACE, "name": table, "field": name}


def _facet(schema: str, **said: Any) -> dict[str, Any]:
    name = schema.partition("/")[2]
    return {"_producer": _PRODUCER, "_schemaURL": f"{_SPEC}/facets/{schema}.json#/$defs/{name}", **said}
