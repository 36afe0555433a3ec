"""provenance.json and openlineage.json: the rules of the formats, and what they say of the edition."""

import hashlib
import json
import re
from datetime import datetime
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest

from assets.release.edition_files import edition_files
from reports.edition.record import Edition

RUN = "5c523b80-df1a-4803-9bb6-d7f86ae673f5"
# PROV-JSON, W3C member submission of 24 April 2013, sections 3 and 4: what each relation has to name, by kind.
RELATIONS = {
    "wasGeneratedBy": {"prov:entity": "entity"},
    "used": {"prov:activity": "activity"},
    "wasDerivedFrom": {"prov:generatedEntity": "entity", "prov:usedEntity": "entity"},
    "wasAssociatedWith": {"prov:activity": "activity"},
    "actedOnBehalfOf": {"prov:delegate": "agent", "prov:responsible": "agent"},
}
OPTIONAL = {"prov:activity": "activity", "prov:entity": "entity", "prov:agent": "agent", "prov:plan": "entity"}
KNOWN_PREFIXES = {"prov", "xsd"}


@pytest.fixture(scope="module")
def files(edition: Edition) -> dict[str, bytes]:
    return edition_files(edition, RUN)


@pytest.fixture(scope="module")
def prov(files: dict[str, bytes]) -> dict[str, Any]:
    return dict(json.loads(files["provenance.json"]))


@pytest.fixture(scope="module")
def events(files: dict[str, bytes]) -> list[dict[str, Any]]:
    return list(json.loads(files["openlineage.json"]))


def related(prov: dict[str, Any], kind: str, *names: str) -> set[tuple[str, ...]]:
    return {tuple(one[f"prov:{name}"] for name in names) for one in prov[kind].values()}


def test_prov_json_keeps_the_rules_of_the_format(prov: dict[str, Any]) -> None:
    prefixes = prov["prefix"]
    assert set(prov) == {"prefix", "entity", "activity", "agent", *RELATIONS}
    for uri in prefixes.values():
        assert re.fullmatch(r"urn:[a-z0-9][a-z0-9-]{1,31}:\S*", uri)  # RFC 8141
    names = [name for kind in ("entity", "activity", "agent") for name in prov[kind]]
    assert len(names) == len(set(names))
    for name in names:
        prefix, _, local = name.partition(":")
        assert prefix in prefixes
        assert re.fullmatch(r"\S+", local)
    for kind, needed in RELATIONS.items():
        for name, relation in prov[kind].items():
            assert name.startswith("_:")
            assert set(needed) <= set(relation) <= set(needed) | set(OPTIONAL)
            for role, value in relation.items():
                assert value in prov[{**OPTIONAL, **needed}[role]], (kind, role, value)
    for thing in (*prov["entity"].values(), *prov["agent"].values()):
        for attribute, value in thing.items():
            assert attribute.partition(":")[0] in set(prefixes) | KNOWN_PREFIXES
            if isinstance(value, dict):
                assert set(value) == {"$", "type"}
                assert value["$"].partition(":")[0] in set(prefixes) | KNOWN_PREFIXES


def test_prov_goes_from_the_file_taken_in_to_the_files_published(prov: dict[str, Any], files: dict[str, bytes]) -> None:
    derived = related(prov, "wasDerivedFrom", "generatedEntity", "usedEntity")
    way = [
        "file:panel.html",
        "table:disclosed.stage_counts",
        "table:out.stage_counts",
        "table:core.applicant_stages",
        f"extract:{'a' * 16}",
    ]
    assert {*pairwise(way)} <= derived
    assert ("file:tables/stage_counts.csv", "table:disclosed.stage_counts") in derived
    assert prov["entity"][way[-1]]["equity:commitment"] == "f" * 64
    assert prov["entity"]["file:panel.html"]["equity:sha256"] == hashlib.sha256(files["panel.html"]).hexdigest()
    named = {name.partition(":")[2] for name in prov["entity"] if name.startswith("file:")}
    assert named == set(files) - {"provenance.json", "openlineage.json", "edition.json"}
    assert ("computation:assets.counts.stage_counts", "statement:out.stage_counts") in {
        (one["prov:activity"], one.get("prov:plan")) for one in prov["wasAssociatedWith"].values()
    }


# OpenLineage 2-0-2, OpenLineage.json: required properties of RunEvent, Run, Job, Dataset and BaseFacet; the facets'
# own files: required properties of each.
REQUIRED_OF_FACETS = {
    "ParentRunFacet": {"run", "job"},
    "ProcessingEngineRunFacet": {"version"},
    "DocumentationJobFacet": {"description"},
    "SQLJobFacet": {"query"},
    "DocumentationDatasetFacet": {"description"},
    "DatasetVersionDatasetFacet": {"datasetVersion"},
    "SchemaDatasetFacet": {"fields"},
    "ColumnLineageDatasetFacet": {"fields"},
}


def facets(value: Any) -> Any:
    if isinstance(value, dict):
        yield from value.get("facets", {}).values()
        for inner in value.values():
            yield from facets(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from facets(inner)


def test_events_keep_the_rules_of_the_format(events: list[dict[str, Any]]) -> None:
    for event in events:
        assert set(event) == {
            *("eventType", "eventTime", "run", "job", "inputs", "outputs", "producer", "schemaURL"),
        }
        assert event["eventType"] in {"START", "RUNNING", "COMPLETE", "ABORT", "FAIL", "OTHER"}
        assert datetime.fromisoformat(event["eventTime"]).tzinfo
        assert event["schemaURL"] == "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent"
        assert str(UUID(event["run"]["runId"])) == event["run"]["runId"]
        for dataset in (event["job"], *event["inputs"], *event["outputs"]):
            assert set(dataset) == {"namespace", "name", "facets"}
        for facet in facets(event):
            assert re.fullmatch(r"urn:[a-z0-9-]+", facet["_producer"])
            kind = re.fullmatch(
                r"https://openlineage.io/spec/facets/\d-\d-\d/(\w+).json#/\$defs/\1", facet["_schemaURL"]
            )
            assert kind
            assert REQUIRED_OF_FACETS[kind[1]] <= set(facet)
    assert len({event["run"]["runId"] for event in events}) == len(events)


def test_events_name_what_each_column_is_made_of(events: list[dict[str, Any]], files: dict[str, bytes]) -> None:
    by_job = {event["job"]["name"]: event for event in events}
    counted = by_job["out.stage_counts"]
    assert [one["name"] for one in counted["inputs"]] == ["core.applicant_stages"]
    assert counted["job"]["facets"]["sql"]["query"] == "select 61 as reached\nfrom core.applicant_stages\n"
    (made,) = counted["outputs"]
    (source,) = made["facets"]["columnLineage"]["fields"]["reached"]["inputFields"]
    assert (source["name"], source["field"]) == ("core.applicant_stages", "last_order")
    # Only tables of the period are made in the run that publishes.
    assert counted["run"]["facets"]["parent"]["run"]["runId"] == RUN
    assert "parent" not in by_job["core.applicant_stages"]["run"]["facets"]
    published = by_job["edition.edition"]["outputs"]
    versions = {
        one["name"].partition("revision 1/")[2]: one["facets"]["version"]["datasetVersion"] for one in published
    }
    assert versions["panel.html"] == hashlib.sha256(files["panel.html"]).hexdigest()
    record = json.loads(files["edition.json"])
    assert {event["eventTime"] for event in events} == {record["published_at"]}
    assert set(record["files"]) == set(files) - {"edition.json"}


def test_the_record_says_the_lineage(files: dict[str, bytes]) -> None:
    assert json.loads(files["edition.json"])["lineage"]["out.stage_counts"] == {
        "made_by": "assets.counts.stage_counts",
        "made_from": ["core.applicant_stages"],
        "checks": ["unique"],
        "columns": {"reached": ["core.applicant_stages.last_order"]},
    }


def test_another_run_changes_the_events_and_the_record_alone(edition: Edition, files: dict[str, bytes]) -> None:
    other = edition_files(edition, RUN.replace("5c", "6c"))
    assert {name for name in files if files[name] != other[name]} == {"openlineage.json", "edition.json"}
