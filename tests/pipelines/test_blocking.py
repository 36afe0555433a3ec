"""A critical check that fails stops everything after it, with the exit code of its kind; a warning is only said."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from assets import checks
from assets.attack import Fallen
from assets.lineage import sql_text
from assets.partitions import home_folder
from assets.warehouse import look_into_warehouse
from equity_audit.disclosure.people import People
from equity_audit.errors import CheckFailed, DisclosureFailed, EquityAuditError
from equity_audit.synthetic import generate, write
from expectations.adapter import CheckResult
from pipelines import commands
from tests.pipelines.conftest import unsplit_home

CONSOLE = Console(quiet=True)
NOBODY = People((), (), (), np.zeros((0, 0), np.int64), np.zeros((0, 0), np.int64), ())


@pytest.fixture(scope="module", autouse=True)
def _home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with unsplit_home(tmp_path_factory.mktemp("home")):
        yield


@pytest.fixture
def take_in(tmp_path: Path, request: pytest.FixtureRequest) -> Callable[[], list[Path]]:
    """Take in an export that no other test has, and report on it."""
    seed = sum(map(ord, request.node.name))
    write(generate(400, seed, years=1), tmp_path / "export.csv", "wide")
    return lambda: commands.run_files([tmp_path / "export.csv"], None, None, CONSOLE)


@pytest.fixture(scope="module")
def taken_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An export that has been taken in; its period is not reported, as a check of the counts fails."""
    export = tmp_path_factory.mktemp("exports") / "export.csv"
    write(generate(400, 5, years=1), export, "wide")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("assets.checks.run_suite", failing("groups_add_up"))
        with pytest.raises(CheckFailed, match="groups_add_up"):
            commands.run_files([export], None, None, CONSOLE)
    return export


@pytest.fixture
def report(taken_in: Path) -> Callable[[], list[Path]]:
    """Report on the period of that export."""
    return lambda: commands.run_files([taken_in], None, None, CONSOLE)


def failing(name: str) -> Callable[..., list[CheckResult]]:
    honest = checks.run_suite

    def run_suite(*arguments: object) -> list[CheckResult]:
        return [
            CheckResult(r.name, r.meaning, r.severity, passed=(r.name != name) and r.passed)
            for r in honest(*arguments)  # type: ignore[arg-type]
        ]

    return run_suite


def ask(query: str) -> list[tuple[object, ...]]:
    with look_into_warehouse(home_folder()) as connection:
        return connection.sql(query).fetchall()


def editions() -> set[str]:
    return {str(path) for path in (home_folder() / "published").glob("*/*/edition.json")}


def test_rows_that_fail_a_critical_check_never_count_until_they_pass(
    take_in: Callable[[], list[Path]], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = editions()
    with monkeypatch.context() as patch:
        patch.setattr("assets.checks.run_suite", failing("dates_in_order"))
        with pytest.raises(CheckFailed) as caught:
            take_in()
    assert "dates_in_order" in str(caught.value)
    assert "no stage is dated before" in str(caught.value)
    assert editions() == before
    number = ask("select max(extract_number) from intake.extracts")
    assert not set(number) & set(ask("select extract_number from intake.accepted_extracts"))

    pages = take_in()  # the same file again, now sound
    assert pages
    assert set(ask("select max(extract_number) from intake.extracts")) <= set(
        ask("select extract_number from intake.accepted_extracts")
    )


def test_a_warning_is_printed_and_gone_on_from(
    take_in: Callable[[], list[Path]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assets.checks.run_suite", failing("stages_dated"))
    pages = take_in()
    assert "Warning: not met that every stage reached has a date" in pages[0].read_text(encoding="utf-8")


def test_counts_that_fail_a_critical_check_publish_nothing(
    report: Callable[[], list[Path]], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {path: Path(path).read_bytes() for path in editions()}
    monkeypatch.setattr("assets.checks.run_suite", failing("groups_add_up"))
    with pytest.raises(CheckFailed, match="groups_add_up"):
        report()
    assert {path: Path(path).read_bytes() for path in editions()} == before


def test_a_person_who_is_not_counted_publishes_nothing(
    report: Callable[[], list[Path]], monkeypatch: pytest.MonkeyPatch
) -> None:
    somebody = "select 'somebody', $period_start, $period_end"
    monkeypatch.setattr(
        "assets.checks.sql_text", lambda name: somebody if name == "uncounted_applications" else sql_text(name)
    )
    with pytest.raises(CheckFailed, match="every_application_counted"):
        report()


def test_a_recomputation_that_disagrees_publishes_nothing(
    report: Callable[[], list[Path]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assets.checks.largest_difference", lambda *_: 0.001)
    with pytest.raises(CheckFailed, match="fairlearn_agrees"):
        report()


def test_a_figure_that_breaks_the_disclosure_rule_is_an_error_of_its_own_kind(
    report: Callable[[], list[Path]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assets.disclosure_checks.breaks_rule", lambda *_: 1)
    with pytest.raises(DisclosureFailed, match="counts_protected") as caught:
        report()
    assert caught.value.exit_code == 5


@pytest.mark.parametrize(
    ("replaced", "wrong", "name"),
    [
        ("counts_that_fall", lambda *_: {"Trust": Fallen(NOBODY, {})}, "nothing_can_be_worked_out"),
        ("figures_that_do_not_follow", lambda *_: 1, "figures_follow_from_counts"),
        ("findings_not_exact", lambda *_: 1, "findings_are_those_of_exact_counts"),
    ],
)
def test_what_could_be_worked_out_is_not_published(
    report: Callable[[], list[Path]], monkeypatch: pytest.MonkeyPatch, replaced: str, wrong: object, name: str
) -> None:
    monkeypatch.setattr(f"assets.disclosure_checks.{replaced}", wrong)
    with pytest.raises(DisclosureFailed, match=name) as caught:
        report()
    assert caught.value.exit_code == 5


def test_a_fault_of_ours_is_said_to_be_one_without_its_words(
    report: Callable[[], list[Path]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise KeyError("SECRET")

    monkeypatch.setattr("assets.counts.selection_rates", broken)
    with pytest.raises(EquityAuditError, match="a fault of the program") as caught:
        report()
    assert caught.value.exit_code == 1
    assert "SECRET" not in str(caught.value)


def test_each_kind_of_error_has_its_exit_code() -> None:
    assert {kind.__name__: kind.exit_code for kind in EquityAuditError.__subclasses__()} == {
        "UsageError": 2,
        "InputRefused": 3,
        "CheckFailed": 4,
        "DisclosureFailed": 5,
    }


@pytest.mark.parametrize(
    ("replaced", "wrong", "name"),
    [
        ("bounds_that_miss", lambda *_: 1, "bounds_contain_figures"),
        ("intervals_that_miss", lambda *_: 1, "intervals_contain_figures"),
        ("contributions_that_do_not_add_up", lambda *_: 1, "contributions_add_up"),
        ("margin_problems", lambda *_: ["sex adds up to 2, race to 3"], "rule_tables_add_up"),
    ],
)
def test_figures_that_contradict_each_other_publish_nothing(
    report: Callable[[], list[Path]], monkeypatch: pytest.MonkeyPatch, replaced: str, wrong: object, name: str
) -> None:
    before = {path: Path(path).read_bytes() for path in editions()}
    monkeypatch.setattr(f"assets.checks.{replaced}", wrong)
    with pytest.raises(CheckFailed, match=name):
        report()
    assert {path: Path(path).read_bytes() for path in editions()} == before
