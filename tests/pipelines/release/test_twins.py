"""Whatever an edition prints follows from what it shows: other records that are shown the same give the same bytes.

What may differ is said in `twins.canonical`, and nothing else: keyed ids and commitments, runs, times, and hashes of
files with one of these. So a hash, tally, fact or outcome of a check that hangs on an exact count is found, wherever it
is printed.
"""

import hashlib
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest

from assets.ingest.source_mappings import load_mapping
from equity_audit.intake.mapping_file import mapping_sha256
from tests.pipelines.twins import (
    ONE,
    OTHER,
    Pair,
    answers,
    counted,
    differences,
    long,
    published_twins,
    staff,
    unpacked,
    wide,
)

HOMES = ("one", "other")
TABLE = """
[source]
name = "a table"
shape = "counts"
ethnicity_classification = "ons_2021"
period = 2023-04-01
stages = ["applied", "shortlisted", "appointed"]

[columns]
ethnicity = "Group"

[stage_counts]
applied = "Applied"
shortlisted = "Shortlisted"
appointed = "Appointed"
"""


def bundled(name: str) -> str:
    return (files("assets") / "mappings" / f"{name}.toml").read_text(encoding="utf-8")


# By command: a second is a revision of what the first published.
COMMANDS = {
    "wide, then staff and a survey": (
        [("a", bundled("standard_wide"), wide(ONE, untidy=False), wide(OTHER, untidy=True))],
        [
            ("b", bundled("standard_workforce"), staff(untidy=False), staff(untidy=True)),
            ("c", bundled("nhs_staff_survey_style"), answers(untidy=False), answers(untidy=True)),
        ],
    ),
    "long": ([("a", bundled("standard_long"), long(ONE, untidy=False), long(OTHER, untidy=True))],),
    "counted": ([("a", TABLE, counted(ONE, untidy=False), counted(OTHER, untidy=True))],),
}


def named_in_the_open(home: Path) -> Iterator[str]:
    """Files taken in that are published by their name, or by anything that can be worked out without a key."""
    texts = {path.name: unpacked(path) for path in (home / "published").rglob("*") if path.is_file()}
    for file in home.glob("exports of */*.csv"):
        content, mapping = file.read_bytes(), load_mapping(f"{file}.toml")
        known = {file.name, file.stem, mapping_sha256(mapping), mapping_sha256(mapping)[:16]}
        for name in hashlib.algorithms_guaranteed - {"shake_128", "shake_256"}:
            known.add(hashlib.new(name, content).hexdigest()[:16])
        # As ids of extracts once were.
        parts = (hashlib.sha256(content).hexdigest(), mapping_sha256(mapping), "This organisation")
        known.add(hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16])
        yield from (f"{one} in {name}" for name, text in texts.items() for one in known if one in text)


@pytest.mark.parametrize("commands", COMMANDS.values(), ids=COMMANDS)
def test_records_that_are_shown_the_same_are_published_the_same(
    tmp_path: Path, commands: tuple[list[Pair], ...]
) -> None:
    one, other = published_twins(tmp_path, *commands)
    assert len(one) > 15
    assert not list(differences(one, other))
    for home in HOMES:
        assert not list(named_in_the_open(tmp_path / home))
    # That the records do differ is for the analyst's eyes.
    lists = [sorted(path.read_bytes() for path in (tmp_path / home).rglob("private/**/records.csv")) for home in HOMES]
    assert lists[0]
    assert lists[0] != lists[1]
    assert (b"check not met" in lists[1][0]) == (commands[0][0][1] != TABLE)
