"""Writing that outlasts a power cut: what is put in place is on the disk before its name is, and the name soon after.

A rename alone promises nothing: after a power cut the name can be there and the content not.
"""

import os
from pathlib import Path


def write_synced(path: Path, content: bytes) -> None:
    """Write a file and wait until it is on the disk."""
    with path.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def sync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on the disk. A system that has no such thing is left to itself."""
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
    """Make a folder with those above it, and wait until the names of those that are new are on the disk."""
    new = [path for path in (folder, *folder.parents) if not path.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for path in new:
        sync_folder(path.parent)


def move(source: Path, target: Path) -> None:
    """Rename, over what may be there, and wait until both folders know."""
    source.replace(target)
    sync_folder(target.parent)
    if source.parent != target.parent:
        sync_folder(source.parent)


def replace_file(path: Path, content: bytes) -> None:
    """Put a file in place whole, or leave the one that is there."""
    building = path.with_name(f".{path.name}.building")
    write_synced(building, content)
    move(building, path)
