"""A finished datapackage.json: sizes and hashes are those of the files beside it, all else is what contracts give."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from reports.data_package import table_path, write_descriptor
from reports.last_check.charts import leaves
from reports.last_check.finding import Finding
from reports.record import Edition


def strange_in_descriptor(file: str, text: str, edition: Edition, files: Mapping[str, bytes]) -> Iterator[Finding]:
    """What is not so of the `files`, and what differs from the descriptor made again, which knows no figure."""
    try:
        described = json.loads(text)
        found = dict(leaves(described))
    except ValueError:
        yield Finding(file, "whole file", "not readable as JSON")
        return
    strange = [
        Finding(file, f"resources.{place}", "size or hash is not the file's")
        for place, resource in enumerate(_resources(described))
        if not _is_of_its_file(resource, files)
    ]
    due = {table_path(name): files.get(table_path(name), b"") for name in edition.tables}
    again = write_descriptor(edition, due).decode()
    wanted = dict(leaves(json.loads(again)))
    names = {key for path in wanted for key in path}
    for path in found.keys() | wanted.keys():
        is_of_file = path in wanted and path[0] == "resources" and path[-1] in ("bytes", "hash")
        if not is_of_file and (path not in found or path not in wanted or found[path] != wanted[path]):
            where = ".".join(str(key) if key in names else "?" for key in path)
            strange.append(Finding(file, where, "not what the contract of the tables gives"))
    if not strange and text != again:
        strange.append(Finding(file, "whole file", "not as the package writes it"))
    yield from strange


def hashes(files: Mapping[str, bytes]) -> frozenset[str]:
    """What the descriptor may name its files by."""
    return frozenset(hashlib.sha256(content).hexdigest() for content in files.values())


def _resources(described: Any) -> list[Any]:
    resources = described.get("resources") if isinstance(described, dict) else None
    return resources if isinstance(resources, list) else []


def _is_of_its_file(resource: Any, files: Mapping[str, bytes]) -> bool:
    content = files.get(str(resource.get("path"))) if isinstance(resource, dict) else None
    if content is None:
        return False
    size, digest = len(content), hashlib.sha256(content).hexdigest()
    return bool(resource.get("bytes") == size and resource.get("hash") == f"sha256:{digest}")
