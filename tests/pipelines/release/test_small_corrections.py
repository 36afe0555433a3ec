"""A correction of few applications, from file to page: the edition stands, and what is otherwise says so."""

from pathlib import Path

from tests.pipelines.conftest import run
from tests.pipelines.release.test_twins import TABLE
from tests.pipelines.twins import INDIAN, ONE, counted


def taken_in(home: Path, name: str, more: int) -> str:
    """Take in a table of the same groups with so many more of one that applied; returns what is said."""
    file = home.parent / f"{name}.csv"
    applied, *further = ONE[INDIAN]
    file.write_text(counted({**ONE, INDIAN: (applied + more, *further)}, untidy=False), encoding="utf-8")
    file.with_name(f"{file.name}.toml").write_text(TABLE, encoding="utf-8")
    code, said = run(home, "run", file)
    assert code == 0, said
    return said


def test_what_a_run_made_and_did_not_publish_is_told_apart(tmp_path: Path) -> None:
    home = tmp_path / "home"
    edition = home / "published" / "this-organisation" / "2023-04-01"
    note = home / "private" / "this-organisation" / "2023-04-01" / "not-published.txt"
    taken_in(home, "first", 0)
    first = (edition / "edition.json").read_bytes()
    assert not note.exists()
    said = taken_in(home, "few", 3)
    assert (edition / "edition.json").read_bytes() == first
    words = note.read_text(encoding="utf-8")
    assert "Revision 1 of the period from 2023-04-01 is unchanged" in words
    assert "are those of the last run and not of the edition" in words
    assert note.stat().st_mode & 0o777 == 0o600
    assert "too few applications changed for a new edition" in said
    assert " withheld because " not in said
    # Nothing of it is in the edition, nor how many there are.
    assert not [path for path in edition.rglob("*") if path.name == note.name]
    said = taken_in(home, "many", 40)
    assert (edition / "edition.json").read_bytes() != first
    assert not note.exists()
    assert "too few" not in said
