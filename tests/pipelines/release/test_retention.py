"""Records of single people removed: gone from the disk, never counted again, and published figures left as they are."""

import json
import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from assets.warehouse.connection import look_into_warehouse
from assets.warehouse.extract_register import check_not_purged
from assets.warehouse.retention import Purge, purge
from equity_audit.errors import UsageError
from equity_audit.settings import load_settings
from equity_audit.synthetic import generate, write
from pipelines.jobs import purge_records
from pipelines.resources import make_resources
from tests.pipelines.conftest import invoke, run
from tests.pipelines.homes import two_years

OLD, NEW = date(2021, 4, 1), date(2022, 4, 1)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home of its own with two years published, and exports that were put away."""
    home = shutil.copytree(two_years(tmp_path_factory) / "home", tmp_path_factory.mktemp("retention") / "home")
    taken = home / "drop" / "taken-in"
    taken.mkdir(parents=True, exist_ok=True)
    for name, first, last in (("old.csv", OLD, date(2022, 3, 31)), ("both.csv", OLD, date(2022, 5, 1))):
        (taken / name).write_text("people", encoding="utf-8")
        receipt = {"first_applied_on": str(first), "last_applied_on": str(last)}
        (taken / f"{name}.receipt.json").write_text(json.dumps(receipt), encoding="utf-8")
    return home


def ask(home: Path, query: str) -> list[tuple[object, ...]]:
    with look_into_warehouse(home) as connection:
        return connection.sql(query).fetchall()


@pytest.fixture(scope="module")
def purged(home: Path) -> Path:
    editions = {path: path.read_bytes() for path in (home / "published").rglob("*") if path.is_file()}
    disclosed = ask(home, "select * from disclosed.stage_counts order by all")
    done = purge(home, NEW, load_settings())
    assert done.applications > 500
    assert (done.files_removed, done.files_left) == (["old.csv", "old.csv.receipt.json"], ["both.csv"])
    assert {path: path.read_bytes() for path in (home / "published").rglob("*") if path.is_file()} == editions
    assert ask(home, "select * from disclosed.stage_counts order by all") == disclosed
    return home


def test_no_record_and_no_exact_count_from_before_the_day_is_left(purged: Path) -> None:
    assert ask(purged, "select count(*) from core.applications where applied_on < '2022-04-01'") == [(0,)]
    assert ask(purged, "select count(*) > 0 from core.applications") == [(True,)]
    for table in ("stage_counts", "selection_rates", "disparities"):
        assert ask(purged, f"select count(*) from out.{table} where period < '2022-04-01'") == [(0,)]
    ((before, applications, files),) = ask(
        purged, "select purged_before, applications, files_removed from intake.purges"
    )
    assert (before, files) == (NEW, ["old.csv", "old.csv.receipt.json"])
    assert isinstance(applications, int)
    names = {path.name for path in (purged / "drop" / "taken-in").iterdir()}
    assert names == {"both.csv", "both.csv.receipt.json"}


def test_no_private_file_reaches_back_before_the_day(purged: Path) -> None:
    (organisation,) = (path for path in (purged / "private").iterdir() if path.name != "failures")
    left = {path.relative_to(organisation).as_posix() for path in organisation.rglob("*") if path.is_file()}
    assert left == {f"{NEW}-withheld.csv", f"{NEW}/records.csv"}


def test_the_warehouse_is_a_new_smaller_file(purged: Path) -> None:
    assert not list(purged.glob("*.fresh*"))
    with look_into_warehouse(purged) as connection:
        row = connection.sql(
            "select free_blocks from pragma_database_size() where database_name = 'warehouse'"
        ).fetchone()
    assert row is not None
    assert row[0] <= 1


def test_a_purged_period_is_not_counted_again(purged: Path) -> None:
    export = purged.parent / "again.csv"
    write(generate(1500, 78, years=2), export, "wide")
    _, said = run(purged, "run", export)
    assert "Published" in said
    assert "2021-04-01" not in said
    listed = (purged / "rejected" / "again.csv.rejected.csv").read_text(encoding="utf-8-sig").splitlines()
    assert listed[0] == "row_below_header,column,rule,meaning"
    assert {line.split(",")[2] for line in listed[1:]} == {"purged"}
    assert ask(purged, "select count(*) from core.applications where applied_on < '2022-04-01'") == [(0,)]
    with look_into_warehouse(purged) as connection:
        check_not_purged(connection, NEW)
        with pytest.raises(UsageError, match="its published edition remains valid"):
            check_not_purged(connection, OLD)


def test_the_command_says_what_was_done_and_what_was_not(purged: Path) -> None:
    _, said = invoke(purged, "purge", "--before", "2022-04-01")
    assert "Removed 0 applications from before 2022-04-01; published figures are kept." in said
    assert "were kept: both.csv" in said
    assert "your backups" in said


def test_twice_is_as_once(purged: Path) -> None:
    rows = ask(purged, "select * from intake.purges")
    purge(purged, NEW, load_settings())
    assert ask(purged, "select * from intake.purges") == rows


@pytest.mark.parametrize(
    ("day", "word"), [(date(2022, 5, 1), "not the first day"), (date(2099, 4, 1), "in the future")]
)
def test_half_a_period_and_the_future_are_refused(tmp_path: Path, day: date, word: str) -> None:
    with pytest.raises(UsageError, match=word):
        purge(tmp_path, day, load_settings())
    assert list(tmp_path.iterdir()) == []


def test_policy_can_do_it_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[Path, date]] = []

    def note(home: Path, before: date, _: object) -> Purge:
        asked.append((home, before))
        return Purge(before, 0, [], [])

    monkeypatch.setattr("pipelines.jobs.purge", note)
    for years in (0, 2):
        (tmp_path / "settings.toml").write_text(f"[retention]\nkeep_years = {years}\n", encoding="utf-8")
        asked.clear()
        result = purge_records.execute_in_process(resources={"home": make_resources(tmp_path)["home"]})
        assert result.success
        assert [home for home, _ in asked] == [tmp_path] * bool(years)
    ((_, before),) = asked
    today = datetime.now(UTC).date()
    assert before.month == 4
    assert 2 <= (today - before).days / 365.25 < 3
