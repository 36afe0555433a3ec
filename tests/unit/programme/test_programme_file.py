from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import get_args

import pytest

from equity_audit.errors import UsageError
from equity_audit.programme.programme_file import Milestone, MilestoneKind, Programme, parse_programme

NAME = "health_innovation_network_south_london.toml"
TEXT = (files("data") / "programmes" / NAME).read_text(encoding="utf-8")
README = (Path(__file__).parents[3] / "data" / "programmes" / "README.md").read_text(encoding="utf-8")


def test_the_example_says_what_is_documented_and_no_day_more() -> None:
    found = parse_programme(TEXT, NAME)
    assert (found.programme.start, found.programme.end) == (date(2020, 1, 1), date(2023, 12, 31))
    assert found.programme.lead_in_months == 12
    assert {milestone.kind for milestone in found.milestones} == {
        *("commitment", "champions", "listening", "workshops", "training")
    }
    assert all(isinstance(milestone.when, int) for milestone in found.milestones)


@pytest.mark.parametrize(
    ("old", "new", "place", "word"),
    [
        ("start = 2020-01-01", "start = 2020-01-15", "line 9, key programme.start", "first day of a month"),
        ("start = 2020-01-01", "", "line 6, key programme.start", "required"),
        ("lead_in_months = 12", "lead_in_months = -1", "line 10, key programme.lead_in_months", "greater than"),
        ("lead_in_months = 12", "lead_in = 12", "line 10, key programme.lead_in", "not permitted"),
        ("end = 2023-12-31", "end = 2019-12-31", "line 6, key programme", "after start"),
        ("comparator_units = []", 'comparator_units = ["A", "A"]', "line 13, key programme.comparator_units", "once"),
        ('kind = "listening"', 'kind = "listen"', "line 31, key milestones.2.kind", "listening"),
        ('label = "Workshops"', 'label = ""', "line 36, key milestones.3.label", "at least 1"),
        (
            'until = 2023\nlabel = "Training"',
            'until = 2019\nlabel = "Training"',
            "line 39, key milestones.4",
            "before when",
        ),
        ("when = 2020\nlabel", "when = 20\nlabel", "line 17, key milestones.0.when", "a year such as 2020"),
        ("when = 2020\nlabel", 'when = "soon"\nlabel', "line 17, key milestones.0.when", "a year such as 2020"),
    ],
)
def test_a_fault_is_named_by_key_and_line(old: str, new: str, place: str, word: str) -> None:
    assert old in TEXT
    with pytest.raises(UsageError) as caught:
        parse_programme(TEXT.replace(old, new, 1), "mine.toml")
    hits = [problem for problem in caught.value.problems if problem.where == f"mine.toml, {place}"]
    assert hits, caught.value
    assert word in hits[0].what


def test_all_faults_are_named_at_once() -> None:
    text = TEXT.replace("2020-01-01", "2020-01-15").replace('kind = "training"', 'kind = "trainng"')
    with pytest.raises(UsageError) as caught:
        parse_programme(text, "mine.toml")
    assert len(caught.value.problems) == 2


def test_broken_toml_names_the_line() -> None:
    with pytest.raises(UsageError, match="line 2"):
        parse_programme("[programme]\nname name", "mine.toml")


def test_milestones_stand_in_the_order_of_their_days() -> None:
    text = '[programme]\nname = "P"\nstart = 2020-01-01\nlead_in_months = 0\n'
    for when in ("2021-03-01", "2020", "2020-06-15"):
        text += f'[[milestones]]\nwhen = {when}\nlabel = "M"\nkind = "other"\n'
    found = parse_programme(text, "mine.toml")
    assert [milestone.first_day for milestone in found.milestones] == [
        date(2020, 1, 1),
        date(2020, 6, 15),
        date(2021, 3, 1),
    ]


def test_every_key_and_kind_is_explained() -> None:
    for part, fields in (("programme", Programme.model_fields), ("milestones", Milestone.model_fields)):
        for key in fields:
            assert f"| `{part}.{key}` |" in README
    for kind in get_args(MilestoneKind):
        assert f"`{kind}`" in README
