"""A statement without a test is a figure without a check."""

from importlib.resources import files
from pathlib import Path

import pytest

SQL = sorted(Path(str(files("assets") / "sql")).glob("*.sql"))


@pytest.mark.parametrize("file", SQL, ids=lambda file: file.stem)
def test_each_statement_has_a_test_of_its_name(file: Path) -> None:
    assert (Path(__file__).parent / f"test_{file.stem}.py").exists()


@pytest.mark.parametrize("file", SQL, ids=lambda file: file.stem)
def test_each_statement_says_what_it_gives_and_from_what(file: Path) -> None:
    head = file.read_text(encoding="utf-8").split("\nwith", maxsplit=1)[0]
    assert "-- inputs:" in head
