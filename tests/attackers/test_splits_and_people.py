"""The attacker on splits, levels, staff and answers: against enumeration where that is short, else by hand."""

import csv
import itertools
import json
from collections import defaultdict
from pathlib import Path

import pytest

from tests.attackers.levels import Cell
from tests.attackers.published import Report, attack_editions

BANDS, GROUPS = ("Band 5", "Band 7"), ("Asian", "White")
COLUMNS = ("reached", "decided", "progressed")
# Of each group in each band: how many reached, were decided on, and progressed.
Atoms = tuple[tuple[int, int, int], ...]
PLACES = tuple(itertools.product(BANDS, GROUPS))
# A rule that has something to say of very few people: 0 and 1 are small, 2 is 2, and 3 and 4 are 4.
BELOW, BASE = 2, 2


def shown(count: int) -> str:
    return "fewer" if count < BELOW else str(2 * ((count + 1) // 2))


def counted(atoms: Atoms) -> dict[tuple[Cell, str], int]:
    """All counts of a table: two bands, and everybody, each at three levels. A band without anybody is not listed."""
    found: dict[tuple[Cell, str], int] = defaultdict(int)
    for (band, group), numbers in zip(PLACES, atoms, strict=True):
        wres = {"Asian": "BME"}.get(group, group)
        for breakdown, part in (("all", "all"), ("pay_band", band)):
            for level, name in (("all", "All applicants"), ("wres", wres), ("group", group)):
                for column, count in zip(COLUMNS, numbers, strict=True):
                    found[Cell(level, breakdown, part, name), column] += count
    there = {
        cell.part for (cell, column), count in found.items() if cell.level == "all" and column == "reached" and count
    }
    return {key: count for key, count in found.items() if key[0].part in there}


def printed(atoms: Atoms, withheld: frozenset[tuple[Cell, str]]) -> dict[tuple[Cell, str], str]:
    return {key: "withheld" if key in withheld else shown(count) for key, count in counted(atoms).items()}


def lay_out(folder: Path, table: str, rows: list[dict[str, str]], **policy: object) -> Path:
    (folder / "tables").mkdir(parents=True)
    disclosure = {
        "withhold_below": 5, "round_to": 5, "zeros": "suppress", "protection_interval": 3, "inferred_interval": 2,
    } | policy  # fmt: skip
    record = {"period": "2023-04-01", "revision": 1, "settings": {"disclosure": disclosure}}
    (folder / "edition.json").write_text(json.dumps(record), encoding="utf-8")
    with (folder / "tables" / f"{table}.csv").open("w", encoding="utf-8", newline="") as text:
        writer = csv.DictWriter(text, list(dict.fromkeys(name for row in rows for name in row)))
        writer.writeheader()
        writer.writerows(rows)
    return folder


def cells(row: Cell, marks: dict[str, str]) -> dict[str, str]:
    """A row of a table: where it is, and what is printed in each column."""
    where = dict(zip(("level", "breakdown", "breakdown_value", "group_name"), row, strict=True))
    words = {"fewer": "fewer_than", "withheld": "protects_another", "none": "not_collected"}
    return where | {
        name: value
        for column, mark in marks.items()
        for name, value in ((column, mark if mark.isdigit() else ""), (f"{column}_note", words.get(mark, "")))
    }


@pytest.mark.parametrize(
    ("atoms", "withheld"),
    [
        (((1, 1, 1), (2, 1, 0), (2, 2, 2), (1, 0, 0)), ()),
        (((2, 2, 1), (2, 2, 2), (0, 0, 0), (2, 1, 1)), ()),
        (((2, 2, 2), (0, 0, 0), (2, 2, 0), (0, 0, 0)), ()),
        (((1, 0, 0), (2, 2, 2), (0, 0, 0), (0, 0, 0)), ()),
        (((1, 0, 0), (0, 0, 0), (3, 2, 2), (0, 0, 0)), ()),
        (((2, 2, 2), (2, 1, 0), (2, 2, 0), (2, 1, 1)), ((Cell("group", "all", "all", "Asian"), "decided"),)),
        (
            ((2, 1, 1), (1, 1, 0), (2, 0, 0), (2, 2, 2)),
            ((Cell("all", "pay_band", "Band 5", "All applicants"), "reached"),),
        ),
    ],
)
def test_levels_and_bands_keep_exactly_what_enumeration_finds(
    atoms: Atoms, withheld: tuple[tuple[Cell, str], ...], tmp_path: Path
) -> None:
    seen = printed(atoms, frozenset(withheld))
    # No group in a band has more than 5 here but where something is withheld, and there sums hold it.
    triples = [(r, d, p) for r in range(6) for d in range(r + 1) for p in range(d + 1)]
    fits = [
        [
            numbers
            for numbers in triples
            if all(
                seen.get((Cell("group", "pay_band", band, group), column), shown(count)) == shown(count)
                and (band in {cell.part for cell, _ in seen} or not count)
                for column, count in zip(COLUMNS, numbers, strict=True)
            )
        ]
        for band, group in PLACES
    ]
    expected: dict[tuple[Cell, str], set[int]] = defaultdict(set)
    for table in itertools.product(*fits):
        if printed(table, frozenset(withheld)) == seen:
            for key, count in counted(table).items():
                expected[key].add(count)
    rows = [
        cells(cell, {column: seen[cell, column] for column in COLUMNS})
        | {"step_order": "0", "step_kind": "stage", "from_stage": "applied", "to_stage": "appointed"}
        for cell in dict.fromkeys(cell for cell, _ in seen)
    ]
    policy = {"withhold_below": BELOW, "round_to": BASE, "protection_interval": 99}
    report = attack_editions([lay_out(tmp_path / "e", "stage_counts", rows, **policy)])
    told = {(Cell(*a.asked.name[:4]), a.asked.name[-1]): a.values for _, a in report.narrowed}
    alone = {"fewer": 2, "2": 1, "4": 2, "6": 2, "8": 2, "10": 2}
    for key, values in expected.items():
        if key in told:
            assert told[key] == values, key
        else:
            assert len(values) == alone[seen[key]], key
    assert not report.unsettled


def narrowed(report: Report) -> dict[tuple[str, ...], set[int]]:
    assert not report.contradictions
    return {answer.asked.name: answer.values for _, answer in report.narrowed}


def test_bands_make_up_tiers_and_all(tmp_path: Path) -> None:
    """Two bands of 8 to 12 each in one tier of 23 to 27: 11 to 12 and 12 at most, 23 or 24 together."""
    marks = {
        Cell("all", "all", "all", "All staff"): "25",
        Cell("all", "pay_band", "Band 2", "All staff"): "10",
        Cell("all", "pay_band", "Band 5", "All staff"): "10",
        Cell("all", "tier", "lower", "All staff"): "25",
    }
    rows = [cells(cell, {"headcount": mark, "employed": "none"}) for cell, mark in marks.items()]
    found = narrowed(attack_editions([lay_out(tmp_path / "e", "workforce", rows)]))
    assert found == {
        ("all", "all", "all", "All staff", "headcount"): {23, 24},
        ("all", "pay_band", "Band 2", "All staff", "headcount"): {11, 12},
        ("all", "pay_band", "Band 5", "All staff", "headcount"): {11, 12},
        ("all", "tier", "lower", "All staff", "headcount"): {23, 24},
    }


def test_who_left_is_inferred_and_the_board_is_apart(tmp_path: Path) -> None:
    """8 to 12 employed and 8 to 12 in post say little; two groups of at most 4 that make 8, much."""
    marks = {
        Cell("all", "all", "all", "All staff"): ("10", "10"),
        Cell("wres", "all", "all", "BME"): ("fewer", "fewer"),
        Cell("wres", "all", "all", "White"): ("fewer", "fewer"),
        Cell("all", "board", "voting members", "All staff"): ("5", "none"),
        Cell("wres", "board", "voting members", "BME"): ("fewer", "none"),
        Cell("wres", "board", "voting members", "White"): ("5", "none"),
    }
    rows = [cells(cell, {"headcount": here, "employed": employed}) for cell, (here, employed) in marks.items()]
    found = narrowed(attack_editions([lay_out(tmp_path / "e", "workforce", rows)]))
    assert found["wres", "all", "all", "BME", "headcount"] == {4}
    assert found["wres", "all", "all", "BME", "the others"] == {0}
    assert found["all", "all", "all", "All staff", "employed"] == {8}
    # Of 5 to 7 members at least 5 are White: 0 to 2 others, which is enough.
    assert not [name for name in found if name[1] == "board"]


def test_each_question_is_a_table_of_its_own(tmp_path: Path) -> None:
    """Two small groups that make 8 have 4 each; of another question one is large, and nothing is known of the other."""
    prints = {"Q1": ("10", "fewer", "fewer"), "Q2": ("15", "15", "fewer")}
    groups = (("all", "All staff"), ("group", "Asian"), ("group", "White"))
    rows = [
        cells(Cell(level, "item", item, group), {"answered": mark, "agreed": "fewer"})
        for item, marks in prints.items()
        for (level, group), mark in zip(groups, marks, strict=True)
    ]
    found = narrowed(attack_editions([lay_out(tmp_path / "e", "survey", rows)]))
    assert found == {
        ("all", "item", "Q1", "All staff", "answered"): {8},
        ("group", "item", "Q1", "Asian", "answered"): {4},
        ("group", "item", "Q1", "White", "answered"): {4},
    }
