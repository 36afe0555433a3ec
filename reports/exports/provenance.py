"""How an edition was made as W3C PROV, in PROV-JSON (member submission of 24 April 2013): `provenance.json`.

Entities are extracts, mappings, settings, SQL statements (plans), tables and files; activities are the computations;
agents are the software and the publisher. It has no time and no run, which the format does not require, so that the
same figures give the same file; the record beside it has both. It contains no figure.
"""

import json
from collections.abc import Mapping
from typing import Any

from reports.edition.asset_graph import Asset, statements_of
from reports.edition.manifest_hash import sha256
from reports.edition.record import Edition
from reports.edition.sources import sources

PROVENANCE = "provenance.json"
_NAMESPACE = "urn:recruitment-equity-audit:"
_KINDS = ("extract", "mapping", "settings", "statement", "table", "file", "computation", "software", "publisher")
_OWN = "software:recruitment-equity-audit"

Records = dict[str, dict[str, Any]]


def write_provenance(edition: Edition, files: Mapping[str, bytes]) -> bytes:
    """Write the document. files: those that it lists with their hashes, by name."""
    assets = edition.made.assets
    document: dict[str, Any] = {
        "prefix": {"equity": _NAMESPACE, **{kind: f"{_NAMESPACE}{kind}:" for kind in _KINDS}},
        "entity": {**_sources(edition), **_tables(edition), **_files(files)},
        "activity": {f"computation:{asset.computation}": {"prov:label": asset.how} for asset in assets},
        "agent": _agents(edition),
        **_relations(edition, files),
    }
    return json.dumps(document, indent=2, ensure_ascii=False).encode() + b"\n"


def _sources(edition: Edition) -> Records:
    """Return the sources that are not tables: loaded files, their mappings, the settings, the statements."""
    records: Records = {}
    for row in sources(edition):
        records[f"extract:{row['extract_id']}"] = _committed("Extract", row["name"], row["file_commitment"])
        records[_mapping(row)] = _committed("Mapping", f"Mapping of {row['name'].lower()}", row["mapping_commitment"])
    records[_settings(edition)] = _entity("Settings", "settings", edition.settings_sha256)
    for name, statement in edition.made.statements.items():
        records[f"statement:{name}"] = _entity("Plan", statement["file"], statement["sha256"], prefix="prov")
    return records


def _tables(edition: Edition) -> Records:
    """Return the tables of the warehouse. They have no hash: exact tables are secret, and an edition lists its own."""
    return {
        f"table:{asset.name}": _entity("Table", asset.meaning)
        for asset in edition.made.assets
        if asset.layer != "edition"
    }


def _files(files: Mapping[str, bytes]) -> Records:
    return {f"file:{name}": _entity("File", name, sha256(content)) for name, content in sorted(files.items())}


def _agents(edition: Edition) -> Records:
    return {
        "publisher:organisation": _entity("Organization", edition.organisation, prefix="prov"),
        **{
            f"software:{name}": _entity("SoftwareAgent", name, prefix="prov") | {"equity:version": version}
            for name, version in {**edition.made.packages, **edition.software}.items()
        },
    }


def _relations(edition: Edition, files: Mapping[str, bytes]) -> dict[str, Records]:
    """Return relations by kind, each once. Nothing refers to them, so their names are local ("_:used1")."""
    relations: dict[str, dict[tuple[str, ...], None]] = {kind: {} for kind in _ROLES}
    for asset in edition.made.assets:
        activity = f"computation:{asset.computation}"
        for made, origins in _made(asset, edition, files).items():
            relations["wasGeneratedBy"][made, activity] = None
            for source in origins:
                relations["used"][activity, source] = None
                relations["wasDerivedFrom"][made, source, activity] = None
        relations["used"][activity, _settings(edition)] = None
        relations["wasAssociatedWith"][activity, _OWN] = None
        for statement in statements_of(asset.name, edition.made.statement_texts, edition.made.assets):
            relations["wasAssociatedWith"][activity, _OWN, f"statement:{statement}"] = None
    for agent in _agents(edition):
        if agent.startswith("software:"):
            relations["actedOnBehalfOf"][agent, "publisher:organisation" if agent == _OWN else _OWN] = None
    return {
        kind: {
            f"_:{kind}{number}": dict(zip(_ROLES[kind], names, strict=False)) for number, names in enumerate(of_kind, 1)
        }
        for kind, of_kind in relations.items()
    }


# In the order of PROV-DM; an association may omit its plan.
_ROLES = {
    "wasGeneratedBy": ("prov:entity", "prov:activity"),
    "used": ("prov:activity", "prov:entity"),
    "wasDerivedFrom": ("prov:generatedEntity", "prov:usedEntity", "prov:activity"),
    "wasAssociatedWith": ("prov:activity", "prov:agent", "prov:plan"),
    "actedOnBehalfOf": ("prov:delegate", "prov:responsible"),
}


def _made(asset: Asset, edition: Edition, files: Mapping[str, bytes]) -> dict[str, list[str]]:
    """Return what a computation made from what: a table from others or from loaded files, a CSV from its table."""
    tables = [f"table:{name}" for name in asset.made_from]
    if asset.layer != "edition":
        rows = sources(edition)
        return {f"table:{asset.name}": tables or [f"extract:{row['extract_id']}" for row in rows] + _mappings(rows)}
    csv_sources = {f"tables/{name.rpartition('.')[2]}.csv": [f"table:{name}"] for name in asset.made_from}
    return {f"file:{name}": csv_sources.get(name, tables) for name in files}


def _mappings(rows: list[dict[str, Any]]) -> list[str]:
    return list(dict.fromkeys(map(_mapping, rows)))


def _mapping(row: Mapping[str, Any]) -> str:
    return f"mapping:{row['mapping_commitment']}"


def _settings(edition: Edition) -> str:
    return f"settings:{edition.settings_sha256}"


def _entity(kind: str, label: str, hash_: str = "", prefix: str = "equity") -> dict[str, Any]:
    # xsd:QName is how PROV-JSON says that a value is a name and not a text.
    entity: dict[str, Any] = {"prov:type": {"$": f"{prefix}:{kind}", "type": "xsd:QName"}, "prov:label": label}
    return entity | ({"equity:sha256": hash_} if hash_ else {})


def _committed(kind: str, label: str, commitment: str) -> dict[str, Any]:
    """Return a file identified by a keyed commitment: its hash would reveal a small file."""
    return _entity(kind, label) | {"equity:commitment": commitment}
