"""A critical check that fails stops everything after it, with the exit code of its kind; a warning is only said."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl
import pytest
from rich.console import Console

from assets import io
from assets.checks import counts as checks
from assets.release.attack import DisclosedCells
from assets.warehouse.connection import look_into_warehouse
from assets.warehouse.home import home_folder
from equity_audit.disclosure.table.count_table import CountTable
from equity_audit.errors import CheckFailed, DisclosureFailed, EquityAuditError
from equity_audit.synthetic import generate, write
from expectations.adapter import CheckResult
from pipelines.commands.run import run_files
from pipelines.definitions import build_definitions
from tests.instances import in_memory
from tests.pipelines.conftest import unsplit_home

CONSOLE = Console(quiet=True)
YEAR = "2021-04-01"
NOBODY = CountTable((), (), (), np.zeros((0, 0), np.int64), np.zeros((0, 0), np.int64), ())


@pytest.fixture(scope="module", autouse=True)
def _home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with unsplit_home(tmp_path_factory.mktemp("home")):
        yield


class TakenIn(NamedTuple):
    """An export; what was said when its rows failed a critical check, and what was accepted and published by then; what
    was said when its counts failed two, and what was published by then.
    """

    export: Path
    refused: str
    accepted: list[tuple[object, ...]]
    editions: dict[Path, bytes]
    uncounted: str
    editions_then: dict[Path, bytes]


@pytest.fixture(scope="module")
def taken_in(tmp_path_factory: pytest.TempPathFactory) -> TakenIn:
    """An export that is refused first and then taken in; its period is not reported, as checks of the counts fail."""
    export = tmp_path_factory.mktemp("exports") / "export.csv"
    write(generate(400, 5, years=1), export, "wide")
    honest, missed = io.rows_of, pl.DataFrame({"organisation": ["somebody"]})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("assets.checks.counts.run_suite", failing("dates_in_order"))
        with pytest.raises(CheckFailed) as caught:
            run_files([export], None, None, CONSOLE)
        accepted, there = ask("select extract_number from intake.accepted_extracts"), editions()
        patch.setattr("assets.checks.counts.run_suite", failing("stages_dated", "groups_add_up"))
        patch.setattr(io, "rows_of", lambda *asked: missed if asked[1] == "uncounted_applications" else honest(*asked))
        with pytest.raises(CheckFailed) as uncounted:
            run_files([export], None, None, CONSOLE)
    return TakenIn(export, str(caught.value), accepted, there, str(uncounted.value), editions())


@pytest.fixture
def report(taken_in: TakenIn) -> Callable[[], list[Path]]:
    """Report on the period of that export."""
    return lambda: run_files([taken_in.export], None, None, CONSOLE)


@pytest.fixture(scope="module")
def page(taken_in: TakenIn) -> Path:
    """The page of the period, once it is reported."""
    (found,) = run_files([taken_in.export], None, None, CONSOLE)
    return found


def failing(
    *names: str, honest: Callable[..., list[CheckResult]] = checks.run_suite
) -> Callable[..., list[CheckResult]]:
    def run_suite(*arguments: object) -> list[CheckResult]:
        return [
            CheckResult(r.name, r.meaning, r.severity, passed=r.name not in names and r.passed)
            for r in honest(*arguments)
        ]

    return run_suite


def failed_checks(step: str) -> set[str]:
    """The checks that one step of the report finds not to hold."""
    with in_memory() as instance:
        done = (
            build_definitions(home_folder())
            .resolve_job_def("report_period")
            .execute_in_process(
                partition_key=YEAR,
                op_selection=[step],
                instance=instance,
                raise_on_error=False,
            )
        )
    return {one.check_name for one in done.get_asset_check_evaluations() if not one.passed}


def ask(query: str) -> list[tuple[object, ...]]:
    with look_into_warehouse(home_folder()) as connection:
        return connection.sql(query).fetchall()


def editions() -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in (home_folder() / "published").glob("*/*/edition.json")}


def private_pages() -> dict[Path, int]:
    """When each private page was written."""
    return {path: path.stat().st_mtime_ns for path in (home_folder() / "private").glob("*/*/analyst.html")}


def test_rows_that_fail_a_critical_check_never_count_until_they_pass(taken_in: TakenIn) -> None:
    assert "dates_in_order" in taken_in.refused
    assert "no stage is dated before" in taken_in.refused
    assert taken_in.accepted == []
    assert taken_in.editions == {}
    # The same file again, now sound.
    assert ask("select extract_number from intake.accepted_extracts") == ask(
        "select max(extract_number) from intake.extracts"
    )


def test_counts_that_fail_a_critical_check_or_leave_out_a_person_publish_nothing(taken_in: TakenIn) -> None:
    assert "groups_add_up" in taken_in.uncounted
    assert "every_application_counted" in taken_in.uncounted
    assert taken_in.editions_then == {}


def test_a_warning_that_hangs_on_exact_counts_is_gone_on_from_and_not_published(page: Path) -> None:
    assert "not met that every stage reached has a date" not in page.read_text(encoding="utf-8")
    (listed,) = (page.parents[3] / "private").rglob("records.csv")
    assert "check not met: every stage reached has a date" in listed.read_text(encoding="utf-8")


# By step of the report: each of its checks, with what it asks and an answer that it must not pass.
WRONG: dict[str, dict[str, tuple[str, Callable[..., object]]]] = {
    "check_disparities": {
        "fairlearn_agrees": ("assets.checks.measures.largest_difference", lambda *_: 0.001),
        "bounds_contain_figures": ("assets.checks.measures.bounds_that_miss", lambda *_: 1),
        "intervals_contain_figures": ("assets.checks.measures.intervals_that_miss", lambda *_: 1),
    },
    "check_measures": {
        "contributions_add_up": ("assets.checks.measures.contributions_that_do_not_add_up", lambda *_: 1),
        "rule_tables_add_up": ("assets.checks.measures.margin_problems", lambda *_: ["sex adds up to 2, race to 3"]),
    },
    "check_disclosed_counts": {
        "counts_protected": ("assets.checks.disclosed.breaks_rule", lambda *_: 1),
        "nothing_can_be_worked_out": (
            "assets.checks.disclosed.disclosed_counts_of",
            lambda *_: {"Trust": DisclosedCells(NOBODY, {})},
        ),
    },
    "check_disclosed_figures": {
        "figures_follow_from_counts": ("assets.checks.disclosed.figures_that_do_not_follow", lambda *_: 1),
        "findings_are_those_of_exact_counts": ("assets.checks.disclosed.findings_not_exact", lambda *_: 1),
    },
}


@pytest.mark.parametrize(
    "steps", [("check_disparities",), ("check_measures",), ("check_disclosed_counts", "check_disclosed_figures")]
)
def test_figures_that_fail_the_checks_of_a_step_publish_nothing(
    report: Callable[[], list[Path]], monkeypatch: pytest.MonkeyPatch, steps: tuple[str, ...]
) -> None:
    """All checks of the step at once, and of what is disclosed all of both steps, since a run takes long; that each
    blocks by itself is in the graph's test.
    """
    before, private = editions(), private_pages()
    wrong = {name: one for step in steps for name, one in WRONG[step].items()}
    for replaced, instead in wrong.values():
        monkeypatch.setattr(replaced, instead)
    disclosed = steps[0].startswith("check_disclosed")
    with pytest.raises(DisclosureFailed if disclosed else CheckFailed) as caught:
        report()
    assert caught.value.exit_code == (5 if disclosed else 4)
    assert [name for name in wrong if name not in str(caught.value)] == []
    assert editions() == before
    # The analyst needs the exact figures most when nothing may leave the building, unless it is they that are wrong.
    assert (private_pages() != private) == disclosed


@pytest.mark.usefixtures("page")
def test_no_check_of_figures_fails_where_nothing_is_wrong() -> None:
    for step in WRONG:
        assert failed_checks(step) == set()


@pytest.mark.parametrize(("step", "name"), [(step, name) for step, checks in WRONG.items() for name in checks])
@pytest.mark.usefixtures("page")
def test_each_check_of_figures_sees_what_it_is_for(monkeypatch: pytest.MonkeyPatch, step: str, name: str) -> None:
    replaced, wrong = WRONG[step][name]
    monkeypatch.setattr(replaced, wrong)
    assert failed_checks(step) == {name}


def test_an_edition_is_published_although_the_private_page_fails(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def broken(*_: object) -> None:
        raise KeyError("SECRET")

    monkeypatch.setattr("assets.release.exact_report.render_exact", broken)
    export = tmp_path / "export.csv"
    write(generate(400, 6, years=1), export, "wide")
    with unsplit_home(tmp_path), pytest.raises(EquityAuditError, match="internal error") as caught:
        run_files([export], None, None, CONSOLE)
    assert "SECRET" not in str(caught.value)
    assert "not published: nothing. Published nevertheless: This organisation" in str(caught.value)


def test_each_kind_of_error_has_its_exit_code() -> None:
    assert {kind.__name__: kind.exit_code for kind in EquityAuditError.__subclasses__()} == {
        "UsageError": 2,
        "InputRefused": 3,
        "CheckFailed": 4,
        "DisclosureFailed": 5,
    }
