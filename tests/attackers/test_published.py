"""The attacker of other make, on tables so small that all that fit can be written down one after another."""

import csv
import itertools
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from tests.attackers.applicants_system import decided, reached
from tests.attackers.levels import Cell
from tests.attackers.published import attack_editions, attack_revisions, main
from tests.attackers.rule import FEWER, NUMBER, Print, Rule
from tests.attackers.solver import Contradiction, possible
from tests.attackers.system import Asked, Constraints, Linear

GROUPS = ("Asian", "White")
COLUMNS = ("reached", "decided", "progressed")
# Of each group: how many reached, were decided on, and progressed.
Table = tuple[tuple[int, int, int], ...]
Shown = dict[tuple[str, str, str], str]


def shown(count: int, zeros: str) -> str:
    """The publishing rule once more, by a table instead of by arithmetic."""
    if count == 0 and zeros == "show":
        return "0"
    return (
        "fewer" if count < 5 else next(str(number) for number in range(5, 99, 5) if number - 2 <= count <= number + 2)
    )


def counts_of(table: Table) -> dict[tuple[str, str, str], int]:
    """All printed counts of a table of two groups and one step."""
    found: dict[tuple[str, str, str], int] = {}
    for place, column in enumerate(COLUMNS):
        for group, numbers in zip(GROUPS, table, strict=True):
            found["group", group, column] = numbers[place]
        found["all", "All applicants", column] = sum(numbers[place] for numbers in table)
    return found


def printed(table: Table, zeros: str, withheld: tuple[tuple[str, str, str], ...]) -> Shown:
    return {name: "withheld" if name in withheld else shown(count, zeros) for name, count in counts_of(table).items()}


def by_enumeration(seen: Shown, zeros: str, most: int) -> dict[tuple[str, str, str], set[int]]:
    """What every count can be, over all tables of at most so many a group that would be printed so."""
    withheld = tuple(name for name, mark in seen.items() if mark == "withheld")
    fits = [
        [
            numbers
            for numbers in ((r, d, p) for r in range(most + 1) for d in range(r + 1) for p in range(d + 1))
            if all(
                seen["group", group, column] in ("withheld", shown(count, zeros))
                for column, count in zip(COLUMNS, numbers, strict=True)
            )
        ]
        for group in GROUPS
    ]
    found: dict[tuple[str, str, str], set[int]] = defaultdict(set)
    for table in itertools.product(*fits):
        if sum(numbers[0] for numbers in table) and printed(table, zeros, withheld) == seen:
            counts = counts_of(table)
            for level, group in dict.fromkeys((level, group) for level, group, _ in counts):
                counts[level, group, "left"] = counts[level, group, "reached"] - counts[level, group, "decided"]
                counts[level, group, "rejected"] = counts[level, group, "decided"] - counts[level, group, "progressed"]
            for name, count in counts.items():
                found[name].add(count)
    return found


def lay_out(folder: Path, seen: Shown, *, zeros: str = "suppress", revision: int = 1, **more: Any) -> Path:
    """An edition with those prints and one step."""
    (folder / "tables").mkdir(parents=True)
    policy = {
        "withhold_below": 5, "round_to": 5, "zeros": zeros, "zeros_in_splits": zeros,
        "protection_interval": 3, "inferred_interval": 2, **more,
    }  # fmt: skip
    record = {"period": "2023-04-01", "revision": revision, "settings": {"disclosure": policy}}
    (folder / "edition.json").write_text(json.dumps(record), encoding="utf-8")
    rows = []
    for level, group in dict.fromkeys((level, group) for level, group, _ in seen):
        row = {
            "level": level, "breakdown": "all", "breakdown_value": "all", "step_order": 0, "step_kind": "stage",
            "from_stage": "applied", "to_stage": "appointed", "group_name": group,
        }  # fmt: skip
        for column in COLUMNS:
            mark = seen[level, group, column]
            row[column] = mark if mark.isdigit() else ""
            row[f"{column}_note"] = {"fewer": "fewer_than", "withheld": "protects_another"}.get(mark, "")
        rows.append(row)
    with (folder / "tables" / "stage_counts.csv").open("w", encoding="utf-8", newline="") as text:
        writer = csv.DictWriter(text, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return folder


def exact(table: Table) -> dict[Any, int]:
    """The numbers of a table by the attacker's names."""
    found: dict[Any, int] = {}
    for (level, group, column), count in counts_of(table).items():
        cell = Cell(level, "all", "all", group)
        name = {"reached": reached(cell, "applied"), "decided": decided(cell, "applied")}
        found[name.get(column, reached(cell, "appointed"))] = count
    return found


@pytest.mark.parametrize(
    ("table", "zeros", "withheld"),
    [
        (((5, 5, 1), (4, 4, 0)), "suppress", ()),
        (((7, 7, 7), (1, 0, 0)), "suppress", ()),
        (((6, 2, 0), (3, 3, 3)), "show", ()),
        (((4, 1, 0), (4, 4, 4)), "show", (("group", "Asian", "reached"),)),
        (((7, 5, 5), (0, 0, 0)), "show", (("all", "All applicants", "reached"), ("group", "White", "decided"))),
        (((2, 2, 1), (7, 6, 5)), "suppress", (("all", "All applicants", "progressed"),)),
    ],
)
def test_every_count_keeps_exactly_the_values_that_enumeration_finds(
    table: Table, zeros: str, withheld: tuple[tuple[str, str, str], ...], tmp_path: Path
) -> None:
    seen = printed(table, zeros, withheld)
    expected = by_enumeration(seen, zeros, 14)
    report = attack_editions([lay_out(tmp_path / "e", seen, zeros=zeros, protection_interval=9, inferred_interval=9)])
    told = {(a.asked.name[0], a.asked.name[3], a.asked.name[-1]): a for _, a in report.narrowed}
    for name, values in expected.items():
        if name in told:
            assert told[name].values == values, name
        elif values == {0} and seen.get(name) != "0":
            # Nothing is left to hide of nobody.
            assert "0" in (seen[*name[:2], "reached"], seen[*name[:2], "decided"])
        else:
            # As many as the print leaves by itself.
            alone = {"fewer": 5 - (zeros == "show"), "0": 1, "5": 3, "10": 5}
            assert len(values) >= alone.get(seen.get(name, "inferred"), 9), name
    assert not report.unsettled
    assert not report.contradictions


def test_five_and_four_small_groups_give_each_other_away(tmp_path: Path) -> None:
    """Of 5 to 7 in all, at least 5 are of one group: of the other there are 1 or 2, where a zero would be shown."""
    seen = printed(((5, 5, 5), (1, 1, 1)), "show", ())
    report = attack_editions([lay_out(tmp_path / "e", seen, zeros="show")])
    assert {tuple(sorted(a.values)) for _, a in report.narrowed if a.asked.name[3] == "White"} == {(1, 2)}


def test_two_revisions_give_away_what_each_alone_hides(tmp_path: Path) -> None:
    """7 or fewer before, 8 or more with one more: it was 7. Only who knows the difference can tell."""
    before: Table = ((20, 20, 7), (20, 20, 10))
    after: Table = ((21, 21, 8), (20, 20, 10))
    folders = [
        lay_out(tmp_path / f"r{number}", printed(table, "suppress", ()), revision=number)
        for number, table in ((1, before), (2, after))
    ]
    assert not attack_editions(folders).narrowed
    report = attack_revisions(folders, [exact(before), exact(after)])
    assert ("group", "all", "all", "Asian", "applied-appointed", "progressed") in [
        a.asked.name for _, a in report.narrowed
    ]
    [progressed] = [a for _, a in report.narrowed if a.asked.name[3] == "Asian" and a.asked.name[-1] == "progressed"]
    assert progressed.values == {7}
    assert not report.contradictions


def test_a_level_that_was_left_out_before_had_people_all_the_same(tmp_path: Path) -> None:
    table: Table = ((20, 20, 7), (20, 20, 10))
    seen = printed(table, "suppress", ())
    alone = {name: mark for name, mark in seen.items() if name[0] == "all"}
    folders = [lay_out(tmp_path / "r1", alone), lay_out(tmp_path / "r2", seen, revision=2)]
    assert not attack_revisions(folders, [exact(table), exact(table)]).contradictions


def test_what_was_known_before_the_last_revision_is_not_laid_at_its_door(tmp_path: Path) -> None:
    """Three of a cell of at most 4 are known to have gone: 3 or 4 there were, also where all the rest is withheld."""
    before: Table = ((20, 20, 4), (20, 20, 12))
    after: Table = ((20, 20, 1), (20, 20, 13))
    silent = printed(after, "suppress", tuple(counts_of(after)))
    first = lay_out(tmp_path / "r1", printed(before, "suppress", ()))
    nothing = lay_out(tmp_path / "nothing", silent, revision=2)
    white = lay_out(tmp_path / "white", silent | {("group", "White", "progressed"): "15"}, revision=2)
    assert not attack_revisions([first, nothing], [exact(before), exact(after)]).narrowed
    found = attack_revisions([first, white], [exact(before), exact(after)]).narrowed
    assert {a.asked.name[3:]: a.values for _, a in found} == {
        ("White", "applied-appointed", "progressed"): {12},
        ("All applicants", "applied-appointed", "progressed"): {15, 16},
    }


def test_what_the_rule_prints_exactly_may_be_inferred_exactly(tmp_path: Path) -> None:
    """Of 30 decided on 20 progressed: 10 were turned down, as a rule without rounding would print; 3 it would not."""
    row = {("group", "Asian", "reached"): "30", ("group", "Asian", "decided"): "30"}
    rule = {"withhold_below": 10, "round_to": 1}
    open_, small = (
        attack_editions([lay_out(tmp_path / n, row | {("group", "Asian", "progressed"): n}, **rule)])
        for n in ("20", "27")
    )
    assert {a.asked.name[-1] for _, a in open_.narrowed} == {"left"}
    assert {a.asked.name[-1] for _, a in small.narrowed} == {"left", "rejected"}


def test_what_fits_no_table_is_said(tmp_path: Path) -> None:
    seen = printed(((9, 9, 9), (9, 9, 9)), "suppress", ()) | {("all", "All applicants", "reached"): "5"}
    folder = lay_out(tmp_path / "e", seen)
    report = attack_editions([folder])
    assert report.contradictions
    assert main([str(folder)]) == 1


def test_the_command_names_what_falls(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = lay_out(tmp_path / "e", printed(((5, 5, 5), (1, 1, 1)), "show", ()), zeros="show")
    assert main([str(folder)]) == 1
    said = capsys.readouterr().out
    assert "group / all / all / White / applied-appointed / reached (published): 1, 2 remains; 3 are asked for" in said


@pytest.mark.parametrize(
    ("seen", "zeros", "behind"),
    [
        (Print(FEWER), "suppress", ((0, 4),)),
        (Print(FEWER), "show", ((1, 4),)),
        (Print(NUMBER, 0), "show", ((0, 0),)),
        (Print(NUMBER, 5), "suppress", ((5, 7),)),
        (Print(NUMBER, 10), "suppress", ((8, 12),)),
    ],
)
def test_what_a_print_leaves_possible(seen: Print, zeros: str, behind: tuple[tuple[int, int], ...]) -> None:
    assert Rule(zeros=zeros).behind(seen) == behind


def test_holes_are_not_counted_as_possible() -> None:
    """Twice a whole number up to 2: 0, 2 and 4 remain, though five numbers lie between."""
    system = Constraints()
    system.know(Linear((("half", 1),)), ((0, 2),), "half")
    system.asked.append(Asked(("even",), Linear((("half", 2),)), "published", 4))
    [answer] = possible(system)
    assert answer.values == {0, 2, 4}
    assert answer.narrowed


def test_a_contradiction_is_raised_by_the_solver_itself() -> None:
    system = Constraints()
    system.know(Linear((("one", 1),)), ((0, 2),), "low")
    system.know(Linear((("one", 1),)), ((3, 4),), "high")
    with pytest.raises(Contradiction):
        possible(system)
