"""Writing that survives a power cut: content is on the disk before its name is, and the name immediately after.

A rename alone guarantees nothing: after a power cut the name can be there without the content.
"""

import os
from pathlib import Path
from uuid import uuid4


def write_synced(path: Path, content: bytes) -> None:
    """Write a file and wait until it is on the disk."""
    with path.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def sync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on the disk. Does nothing on Windows, which cannot sync a folder."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_tree(folder: Path) -> None:
    """Wait until the names in a folder and in all folders inside it are on the disk."""
    for inner in (*sorted(path for path in folder.rglob("*") if path.is_dir()), folder):
        sync_folder(inner)


def make_folder(folder: Path) -> None:
    """Create a folder and its parents, and wait until the names of new ones are on the disk."""
    new = [path for path in (folder, *folder.parents) if not path.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for path in new:
        sync_folder(path.parent)


def move(source: Path, target: Path) -> None:
    """Rename a file or folder, replacing any existing target, and wait until both folders are on the disk."""
    source.replace(target)
    sync_folder(target.parent)
    if source.parent != target.parent:
        sync_folder(source.parent)


def replace_file(path: Path, content: bytes) -> None:
    """Replace a file completely, or leave the existing one. Two processes may replace the same file at once."""
    building = path.with_name(f".{path.name}.{uuid4().hex}.building")
    try:
        write_synced(building, content)
        move(building, path)
    except OSError:
        building.unlink(missing_ok=True)
        raise
