"""Whatever an edition prints follows from what it shows: other records that are shown the same give the same bytes.

What may differ is said in `twins.canonical`, and nothing else: keyed ids and commitments, runs, times, and hashes of
files with one of these. So a hash, tally, fact or outcome of a check that hangs on an exact count is found, wherever it
is printed.
"""

from importlib.resources import files
from pathlib import Path

import pytest

from tests.pipelines.twins import ONE, OTHER, answers, counted, differences, long, published_twins, staff, wide

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


PAIRS = {
    "wide": [("a", bundled("standard_wide"), wide(ONE, untidy=False), wide(OTHER, untidy=True))],
    "long": [("a", bundled("standard_long"), long(ONE, untidy=False), long(OTHER, untidy=True))],
    "counted": [("a", TABLE, counted(ONE, untidy=False), counted(OTHER, untidy=True))],
    "staff and a survey": [
        ("a", bundled("standard_wide"), wide(ONE, untidy=False), wide(OTHER, untidy=True)),
        ("b", bundled("standard_workforce"), staff(untidy=False), staff(untidy=True)),
        ("c", bundled("nhs_staff_survey_style"), answers(untidy=False), answers(untidy=True)),
    ],
}


@pytest.mark.parametrize("pairs", PAIRS.values(), ids=PAIRS)
def test_records_that_are_shown_the_same_are_published_the_same(
    tmp_path: Path, pairs: list[tuple[str, str, str, str]]
) -> None:
    one, other = published_twins(tmp_path, *pairs)
    assert len(one) > 15
    assert not list(differences(one, other))
    # That the records do differ is for the analyst's eyes.
    lists = [sorted(path.read_bytes() for path in (tmp_path / home).rglob("private/**/records.csv")) for home in HOMES]
    assert lists[0]
    assert lists[0] != lists[1]
    assert (b"check not met" in lists[1][0]) == (pairs[0][1] != TABLE)
