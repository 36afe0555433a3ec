"""The command `attack` as people use it: no home, an exit code for each verdict, no traceback."""

from pathlib import Path

import pytest

from equity_audit.contracts import DISCLOSED_SOURCES, DISCLOSED_SURVEY, DISCLOSED_WORKFORCE, Table
from tests.pipelines.conftest import invoke

LEAK = "Ethnic group,Applied\nWhite,45\nAsian,12\nBlack,<5\nTotal,60\n"
REPAIRED = "Ethnic group,Applied\nWhite,45\nAsian,10\nBlack,<5\nTotal,60\n"


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "table.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_leak_is_told_with_its_reason_and_code_5_and_no_home_is_made(tmp_path: Path) -> None:
    home = tmp_path / "home"
    code, said = invoke(home, "attack", written(tmp_path, LEAK), "--round-to", 1)
    assert code == 5
    assert 'Black / Applied: printed "<5", can only be 3' in said
    assert "Total / Applied 60" in said
    assert "Counts in the table: 4. Protected: 3. Disclosed: 1." in said
    assert not home.exists()


def test_its_repair_stands(tmp_path: Path) -> None:
    code, said = invoke(tmp_path / "home", "attack", written(tmp_path, REPAIRED))
    assert code == 0, said
    assert "Protected: 4. Disclosed: 0." in said


@pytest.mark.parametrize(
    ("text", "options", "expected", "words"),
    [
        (None, (), 3, "there is no such file"),
        ("group,note\nWhite,none\n", (), 3, "no column holds counts"),
        ("group,n\n", (), 3, "no rows"),
        ("group,n\na,12\nb,15\n", (), 3, "--round-to 1"),
        ("group,n\na,10\nb,15\nTotal,90\n", (), 3, "contradicts itself or was made under other rules"),
        (REPAIRED, ("--zeros", "hide"), 2, "--zeros"),
        (REPAIRED, ("--zeros", "round"), 2, "withhold_below = 1"),
        (REPAIRED, ("--interval", 1), 2, "--interval"),
    ],
)
def test_mistakes_are_told_without_a_traceback(
    tmp_path: Path, text: str | None, options: tuple[object, ...], expected: int, words: str
) -> None:
    path = written(tmp_path, text) if text else tmp_path / "missing.csv"
    code, said = invoke(tmp_path / "home", "attack", path, *options)
    assert code == expected, said
    assert words in said


def test_a_symbol_can_be_said_to_mean_small(tmp_path: Path) -> None:
    # Two that make 8: with "*" for 1 to 4, both are 4.
    path = written(tmp_path, "group,n\na,20\nb,*\nc,*\nTotal,28\n")
    assert invoke(tmp_path, "attack", path, "--round-to", 1)[0] == 0
    code, said = invoke(tmp_path, "attack", path, "--round-to", 1, "--small", "*")
    assert code == 5
    assert "can only be 4" in said


@pytest.mark.parametrize("table", [DISCLOSED_WORKFORCE, DISCLOSED_SURVEY, DISCLOSED_SOURCES])
def test_other_tables_of_an_edition_are_refused_by_name(tmp_path: Path, table: Table) -> None:
    row = {column.name: "10" if column.type == "bigint" else "a" for column in table.columns}
    path = written(tmp_path, f"{','.join(row)}\n{','.join(row.values())}\n")
    code, said = invoke(tmp_path, "attack", path)
    assert code == 3, said
    assert f"this is {table.name}.csv of an edition of this project, which is not read" in said
    assert "give stage_counts.csv" in said
