"""Numbers of staff beside recruitment, from file to edition and back; and what stops them from being published."""

import csv
import io
import json
from collections.abc import Callable
from datetime import date
from importlib.resources import files as resources
from pathlib import Path

import pytest
from rich.console import Console

from assets.lineage import sql_text
from assets.partitions import home_folder
from assets.published_counts import Fallen
from equity_audit.errors import CheckFailed, DisclosureFailed
from equity_audit.synthetic import generate, generate_workforce, write, write_workforce
from pipelines import commands
from pipelines.resources import prepare_home
from pipelines.verifying import verify_edition
from tests.pipelines.test_blocking import NOBODY

QUIET = Console(quiet=True)
FALLEN = {("T", "board"): Fallen(NOBODY, {})}
MAPPING = """
[source]
name = "staff"
organisation = "{name}"
shape = "workforce"
ethnicity_classification = "ons_2021"
[columns]
snapshot = "snapshot"
ethnicity = "ethnicity"
pay_band = "pay_band"
staff_group = "staff_group"
headcount = "headcount"
leavers = "leavers"
board_member = "board_member"
"""


@pytest.fixture(autouse=True)
def _home(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("EQUITY_AUDIT_HOME", "DAGSTER_HOME"):
        monkeypatch.setenv(name, str(home_folder()))
    prepare_home(home_folder())


@pytest.fixture
def files(tmp_path: Path, request: pytest.FixtureRequest) -> list[Path]:
    """An export and headcounts of an organisation of its own, for one year that no other test reports."""
    name = f"Staff {sum(map(ord, request.node.name))}"
    first = date(2017, 4, 1)
    mapping = (resources("assets") / "mappings" / "standard_wide.toml").read_text(encoding="utf-8")
    named = mapping.replace('name = "standard_wide"', f'name = "x"\norganisation = "{name}"')
    write(generate(600, 3, years=1, first_day=first), tmp_path / "export.csv", "wide")
    staff = write_workforce(generate_workforce(3, years=1, first_day=first), tmp_path / "export.csv")
    (tmp_path / "export.csv.toml").write_text(named, encoding="utf-8")
    staff.with_name(f"{staff.name}.toml").write_text(MAPPING.format(name=name), encoding="utf-8")
    return [tmp_path / "export.csv", staff]


def take_in(files: list[Path]) -> list[Path]:
    return commands.run_files(files, None, None, QUIET)


def test_headcounts_are_part_of_the_edition_and_follow_from_the_records(files: list[Path]) -> None:
    (page,) = take_in(files)
    assert "Who works here" in page.read_text(encoding="utf-8")
    edition = page.parent
    record = json.loads((edition / "edition.json").read_text(encoding="utf-8"))
    assert [extract["file_name"] for extract in record["extracts"]] == [file.name for file in files]
    assert {"workforce", "workforce_measures"} <= record["tables"].keys()
    assert "ranges_hold_the_exact_ones" in {check["name"] for check in record["checks"]}
    text = (edition / "tables" / "workforce.csv").read_text(encoding="utf-8-sig")
    whole = [row["headcount"] for row in csv.DictReader(io.StringIO(text)) if row["group_name"] == "All staff"]
    assert whole == ["4000", "15"]
    said = Console(record=True, width=200, file=io.StringIO())
    verify_edition(edition, home_folder(), None, said)
    assert "follow from the records" in said.export_text()


def test_staff_without_applicants_have_no_edition(files: list[Path]) -> None:
    assert take_in(files[1:]) == []


@pytest.mark.parametrize(
    ("replaced", "wrong", "kind", "name"),
    [
        ("staff_that_falls", lambda *_: FALLEN, DisclosureFailed, "nothing_can_be_worked_out"),
        ("breaks_rule", lambda *_: 1, DisclosureFailed, "counts_protected"),
        ("ranges_that_miss", lambda *_: 1, DisclosureFailed, "ranges_hold_the_exact_ones"),
        ("disclosed_measures", lambda frame, *_: frame, DisclosureFailed, "figures_follow_from_counts"),
        ("intervals_that_miss", lambda *_: 1, CheckFailed, "intervals_contain_figures"),
        (
            "sql_text",
            lambda name: "select 'T', $period_start, $period_end" if name == "uncounted_staff" else sql_text(name),
            CheckFailed,
            "every_member_of_staff_counted",
        ),
    ],
)
def test_what_does_not_hold_of_staff_publishes_nothing(
    files: list[Path],
    monkeypatch: pytest.MonkeyPatch,
    replaced: str,
    wrong: Callable[..., object],
    kind: type[Exception],
    name: str,
) -> None:
    monkeypatch.setattr(f"assets.workforce_checks.{replaced}", wrong)
    with pytest.raises(kind, match=name):
        take_in(files)
