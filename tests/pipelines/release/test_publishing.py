"""Editions on disk: whole or not at all, the same content once, a correction beside what it replaces."""

import errno
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from assets.release.edition_files import with_signature
from assets.release.publish import RECORD, finish_all_interrupted, folder_name, publish
from assets.warehouse.durable import write_synced
from equity_audit.errors import UsageError
from reports.edition.manifest_hash import sha256, with_manifest_hash


def whole(record: dict[str, Any], files: Mapping[str, bytes]) -> dict[str, Any]:
    """A record that names its files by their hashes."""
    names = {name: {"sha256": sha256(content), "bytes": len(content)} for name, content in files.items()}
    return {**record, "tables": {"a": names["tables/a.csv"]["sha256"]}, "files": names}


def building(text: str, run: str = "run") -> Callable[[int, int | None], dict[str, bytes]]:
    def build(revision: int, replaces: int | None) -> dict[str, bytes]:
        record = {"revision": revision, "replaces": replaces, "run": run}
        files = {"panel.html": f"{text} r{revision}".encode(), "tables/a.csv": text.encode()}
        return {
            **files,
            RECORD: with_manifest_hash(whole(record, files)),
        }

    return build


@pytest.fixture
def place(tmp_path: Path) -> tuple[Path, Path]:
    return tmp_path / "published" / "trust" / "2023-04-01", tmp_path / "superseded" / "trust" / "2023-04-01"


def noted(revision: int) -> None:
    """What must be done before anybody can see an edition: here nothing."""


def test_a_revision_is_noted_before_anybody_can_see_it(place: tuple[Path, Path]) -> None:
    seen: list[tuple[int, bool]] = []
    publish(*place, building("one"), lambda revision: seen.append((revision, place[0].exists())))
    publish(*place, building("one"), lambda revision: seen.append((revision, place[0].exists())))
    assert seen == [(1, False)]


def names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_the_first_edition_is_revision_1(place: tuple[Path, Path]) -> None:
    assert publish(*place, building("one"), noted) == (1, True)
    assert (place[0] / "panel.html").read_text() == "one r1"
    assert [path.name for path in place[0].parent.iterdir()] == ["2023-04-01"]


def test_the_same_content_is_left_alone_even_by_another_run(place: tuple[Path, Path]) -> None:
    publish(*place, building("one"), noted)
    before = (place[0] / RECORD).read_bytes()
    assert publish(*place, building("one", run="another"), noted) == (1, False)
    assert (place[0] / RECORD).read_bytes() == before


def test_events_that_name_another_run_are_no_other_content(place: tuple[Path, Path]) -> None:
    def with_events(run: str) -> Callable[[int, int | None], dict[str, bytes]]:
        return lambda revision, replaces: building("one")(revision, replaces) | {"openlineage.json": run.encode()}

    publish(*place, with_events("run"), noted)
    assert publish(*place, with_events("another"), noted) == (1, False)
    assert (place[0] / "openlineage.json").read_text() == "run"


def test_a_signature_alone_is_no_other_content(place: tuple[Path, Path]) -> None:
    def signing(revision: int, replaces: int | None) -> dict[str, bytes]:
        return with_signature(building("one", run="another")(revision, replaces), b"k" * 32)

    publish(*place, building("one"), noted)
    assert publish(*place, signing, noted) == (1, False)
    (place[0] / "panel.html").write_text("tampered")
    assert publish(*place, signing, noted) == (2, True)
    assert names(place[0]) == sorted(["edition.json", "edition.json.sig", "panel.html", "tables/a.csv"])
    assert publish(*place, building("one"), noted) == (2, False)


def test_other_content_is_a_revision_that_names_the_one_it_replaces(place: tuple[Path, Path]) -> None:
    publish(*place, building("one"), noted)
    assert publish(*place, building("two"), noted) == (2, True)
    assert json.loads((place[0] / RECORD).read_text())["replaces"] == 1
    assert (place[1] / "r1" / "panel.html").read_text() == "one r1"
    assert publish(*place, building("two"), noted) == (2, False)


def test_a_file_that_someone_changed_is_published_anew(place: tuple[Path, Path]) -> None:
    publish(*place, building("one"), noted)
    (place[0] / "panel.html").write_text("tampered")
    assert publish(*place, building("one"), noted) == (2, True)


def test_a_full_disk_leaves_the_old_edition_and_no_half_of_the_new(
    place: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(*place, building("one"), noted)

    def full(path: Path, content: bytes) -> None:
        if path.name == "a.csv":
            raise OSError(errno.ENOSPC, "No space left on device")
        write_synced(path, content)

    monkeypatch.setattr("assets.release.publish.write_synced", full)
    with pytest.raises(UsageError, match="No space left"):
        publish(*place, building("two"), noted)
    assert (place[0] / "panel.html").read_text() == "one r1"
    assert [path.name for path in place[0].parent.iterdir()] == ["2023-04-01"]


@pytest.mark.parametrize("name", [".2023-04-01.building", "2023-04-01.building"])
@pytest.mark.parametrize("moment", ["while writing", "before the old is moved", "between the two renames"])
def test_after_a_kill_the_next_run_ends_with_one_whole_edition(
    place: tuple[Path, Path], moment: str, name: str
) -> None:
    edition, superseded = place
    publish(*place, building("one"), noted)
    half = edition.with_name(name)
    half.mkdir()
    for file, content in building("two")(2, 1).items():
        if moment == "while writing" and file == RECORD:
            continue
        target = half / file
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(content)
    if moment == "between the two renames":
        superseded.mkdir(parents=True)
        edition.rename(superseded / "r1")

    publish(*place, building("two"), noted)
    assert (edition / "panel.html").read_text() == "two r2"
    assert names(edition) == sorted(["edition.json", "panel.html", "tables/a.csv"])
    assert (superseded / "r1" / "panel.html").read_text() == "one r1"
    assert not half.exists()


def cut_short(folder: Path, name: str) -> None:
    """What a power cut leaves of a file that was never synced: its name, and less than its content."""
    path = folder / name
    path.write_bytes(path.read_bytes()[: len(path.read_bytes()) // 2])


def test_a_record_that_was_cut_short_blocks_nothing(place: tuple[Path, Path]) -> None:
    edition, superseded = place
    publish(*place, building("one"), noted)
    cut_short(edition, RECORD)
    assert publish(*place, building("one"), noted) == (1, True)
    assert (edition / "panel.html").read_text() == "one r1"
    assert names(superseded / "damaged-1") == names(edition)
    assert publish(*place, building("one"), noted) == (1, False)
    cut_short(edition, RECORD)
    assert publish(*place, building("two"), noted) == (1, True)
    assert sorted(path.name for path in superseded.iterdir()) == ["damaged-1", "damaged-2"]


def test_after_a_damaged_edition_none_has_the_number_of_one_that_was_seen(place: tuple[Path, Path]) -> None:
    edition, superseded = place
    for text in ("one", "two"):
        publish(*place, building(text), noted)
    cut_short(edition, RECORD)
    assert publish(*place, building("three"), noted, taken=2) == (3, True)
    assert json.loads((edition / RECORD).read_text())["replaces"] == 1
    assert sorted(path.name for path in superseded.iterdir()) == ["damaged-1", "r1"]


@pytest.mark.parametrize("name", [RECORD, "panel.html", "tables/a.csv"])
def test_nothing_that_was_cut_short_is_put_in_place(place: tuple[Path, Path], name: str) -> None:
    edition, _ = place
    publish(*place, building("one"), noted)
    half = edition.with_name(".2023-04-01.building")
    edition.rename(half)
    cut_short(half, name)
    finish_all_interrupted(edition.parents[1])
    assert not edition.exists()
    assert not half.exists()
    assert publish(*place, building("one"), noted) == (1, True)


def test_a_whole_edition_is_put_in_place_by_the_next_run_whatever_it_is_about(place: tuple[Path, Path]) -> None:
    edition, _ = place
    publish(*place, building("one"), noted)
    edition.rename(edition.with_name(".2023-04-01.building"))
    index = edition.with_name(".index.html.building")
    index.write_text("half of one")
    finish_all_interrupted(edition.parents[1])
    assert [path.name for path in edition.parent.iterdir()] == ["2023-04-01"]


def test_everything_is_on_the_disk_before_it_has_its_name(
    place: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No power is cut here: the calls are looked at, in their order."""
    edition, superseded = place
    publish(*place, building("one"), noted)
    calls: list[tuple[str, str]] = []
    sync, replace = os.fsync, Path.replace

    def synced(descriptor: int) -> None:
        calls.append(("sync", str(Path(f"/proc/self/fd/{descriptor}").readlink())))
        sync(descriptor)

    def renamed(self: Path, target: Path) -> Path:
        calls.append(("rename", str(target)))
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(Path, "replace", renamed)
    publish(*place, building("two"), noted)
    half = edition.with_name(".2023-04-01.building")
    put = calls.index(("rename", str(edition)))
    before, after = calls[:put], calls[put:]
    for name in (*names(edition), "tables", ""):
        assert ("sync", str(half / name).rstrip("/")) in before, name
    assert ("sync", str(superseded)) in before
    assert ("sync", str(edition.parent)) in after


@pytest.mark.parametrize(
    ("name", "folder"), [("St Mary's NHS Trust", "st-mary-s-nhs-trust"), ("../..", "organisation"), ("Ärzte", "ärzte")]
)
def test_folder_names_stay_inside_the_published_folder(name: str, folder: str) -> None:
    assert folder_name(name) == folder
