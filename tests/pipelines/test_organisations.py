"""Several organisations in one home and one command: what is wrong with one stops no other, and is said of that one."""

import json
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from assets.checks import disclosed as disclosure_checks
from assets.checks import measures as checks
from assets.release import edition_files
from assets.release.indexes import write_indexes
from assets.warehouse.connection import look_into_warehouse
from equity_audit.errors import (
    CheckFailed,
    DisclosureFailed,
    EquityAuditError,
    InputRefused,
    Problem,
    UsageError,
    together,
)
from equity_audit.measures import rates
from equity_audit.synthetic import generate, write
from pipelines.commands.outcomes import Outcomes
from reports.release_check.finding import Finding
from tests.pipelines.conftest import run

# Each has its own trouble but the last, which comes after all others. Names are as odd as names are.
CHECK, DISCLOSURE, LAST_CHECK, CRASH = "Trust: A", "Trust <b>B</b>'s", "7", "Trust %(D)s {batch}"
LOADING, ON_SIGHT, SOUND = "Trust E", "Trust F", "Trust Z"
NAMES = (CHECK, DISCLOSURE, LAST_CHECK, CRASH, LOADING, ON_SIGHT, SOUND)
YEAR = "1 April 2021 to 31 March 2022"


def export(folder: Path, number: int, name: str) -> Path:
    """An export of an organisation of its own, with the mapping that says so."""
    path = folder / f"export-{number}.csv"
    write(generate(300, 400 + number, years=1), path, "wide")
    standard = (files("assets") / "mappings" / "standard_wide.toml").read_text(encoding="utf-8")
    own = standard.replace("[source]\n", f"[source]\norganisation = {json.dumps(name)}\n", 1)
    path.with_name(path.name + ".toml").write_text(own, encoding="utf-8")
    if name == LOADING:
        path.write_text(path.read_text(encoding="utf-8").replace("Asian: Indian", "BAME"), encoding="utf-8")
    if name == ON_SIGHT:
        path.write_text(path.read_text(encoding="utf-8").replace("ethnicity", "heritage", 1), encoding="utf-8")
    return path


def only(name: str, wrong: Any, honest: Callable[..., Any]) -> Callable[..., Any]:
    """What a step does, but wrong for one organisation's rows, which are its first argument."""

    def step(rows: Any, *others: Any) -> Any:
        if set(rows["organisation"]) != {name}:
            return honest(rows, *others)
        if isinstance(wrong, Exception):
            raise wrong
        return wrong

    return step


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("several") / "home"


@pytest.fixture(scope="module")
def said(home: Path) -> tuple[int, str]:
    """The exit code and the words of a command about all of them."""
    exports = [export(home.parent, number, name) for number, name in enumerate(NAMES)]
    honest = edition_files.unexpected
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checks, "largest_difference", only(CHECK, 1.0, checks.largest_difference))
        patch.setattr(disclosure_checks, "breaks_rule", only(DISCLOSURE, 1, disclosure_checks.breaks_rule))
        patch.setattr(rates, "selection_rates", only(CRASH, KeyError("SECRET"), rates.selection_rates))
        patch.setattr(
            edition_files,
            "unexpected",
            lambda found, one, *rest: (
                [Finding("panel.html", "cell 1", "a strange figure")]
                if one.organisation == LAST_CHECK
                else honest(found, one, *rest)
            ),
        )
        return run(home, "run", *exports)


def test_the_one_without_trouble_is_published_and_no_other(home: Path, said: tuple[int, str]) -> None:
    code, words = said
    found = {json.loads(path.read_text())["organisation"] for path in home.glob("published/*/*/edition.json")}
    assert found == {SOUND}, words
    assert (home / "published" / "trust-z" / "index.html").exists()
    assert code == DisclosureFailed.exit_code


@pytest.mark.parametrize(
    ("name", "why"),
    [
        (CHECK, "check fairlearn_agrees"),
        (DISCLOSURE, "check counts_protected"),
        (LAST_CHECK, "a strange figure"),
        (CRASH, "internal error"),
        (LOADING, '"BAME"'),
        (ON_SIGHT, "ethnicity"),
    ],
)
def test_of_each_other_it_is_said_why_not(said: tuple[int, str], name: str, why: str) -> None:
    about = [line for line in said[1].splitlines() if name in line and why in line]
    assert about, said[1]
    assert "SECRET" not in said[1]


def test_the_last_words_are_who_was_published_and_who_was_not(said: tuple[int, str]) -> None:
    last = said[1].strip().splitlines()[-1]
    assert last.endswith(f"Published nevertheless: {SOUND}, {YEAR}")
    not_published = last.partition("Published")[0]
    assert [name for name in NAMES if name in not_published] == [*NAMES[:-1]]
    assert "nothing was published" not in said[1]


def test_results_of_checks_are_kept_of_each(home: Path, said: tuple[int, str]) -> None:
    with look_into_warehouse(home) as connection:
        found = dict(
            connection.sql(
                "select organisation, passed from intake.check_results where check_name = 'fairlearn_agrees'"
            ).fetchall()
        )
    assert found == {CHECK: False, DISCLOSURE: True, LAST_CHECK: True, SOUND: True}, said


def test_once_mended_the_others_are_published_and_the_first_stays(home: Path, said: tuple[int, str]) -> None:
    before = (home / "published" / "trust-z" / "2021-04-01" / "edition.json").read_bytes()
    code, words = run(home, "run", home.parent / "export-0.csv", home.parent / "export-6.csv")
    assert code == 0, (said, words)
    assert (home / "published" / "trust-z" / "2021-04-01" / "edition.json").read_bytes() == before
    record = json.loads((home / "published" / "trust-a" / "2021-04-01" / "edition.json").read_text())
    assert all(check["passed"] for check in record["checks"] if check["severity"] == "critical")
    assert record["organisation"] == CHECK


def test_a_file_of_nobody_knows_whom_is_waited_for(home: Path, tmp_path: Path, said: tuple[int, str]) -> None:
    (tmp_path / "unknown.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    code, words = run(home, "run", tmp_path / "unknown.csv", home.parent / "export-1.csv")
    assert code == 3, (said, words)
    assert not (home / "published" / "trust-b-b-b-s").exists()


def test_an_index_that_fails_keeps_back_no_other(
    home: Path, said: tuple[int, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    del said
    published = home / "published"
    for path in published.rglob("index.html"):
        path.unlink()

    def strange(name: str, *_: object) -> list[Finding]:
        return [Finding(name, "cell 1", "a strange figure")] if name.startswith("trust-a/") else []

    monkeypatch.setattr("assets.release.indexes.unexpected_in_index", strange)
    with pytest.raises(DisclosureFailed, match=r"trust-a/index\.html"):
        write_indexes(published)
    assert (published / "trust-z" / "index.html").exists()
    assert (published / "index.html").exists()
    assert write_indexes(published, SOUND) == []


@pytest.mark.parametrize(
    ("kinds", "code"),
    [
        ([UsageError], 2),
        ([UsageError, InputRefused], 3),
        ([InputRefused, CheckFailed], 4),
        ([CheckFailed, EquityAuditError], 1),
        ([EquityAuditError, DisclosureFailed, UsageError], 5),
    ],
)
def test_the_gravest_error_decides_the_exit_code(kinds: list[type[EquityAuditError]], code: int) -> None:
    joined = together([kind(Problem(str(number))) for number, kind in enumerate(kinds)])
    assert (type(joined).exit_code, len(joined.problems)) == (code, len(kinds))


def fail(error: BaseException) -> Callable[[], None]:
    def step() -> None:
        raise error

    return step


def test_what_is_wrong_with_all_is_said_once() -> None:
    outcomes = Outcomes()
    for name in ("A", "B"):
        assert not outcomes.attempt((name, YEAR), fail(UsageError(Problem("the disk is full", "home", "free some"))))
    assert outcomes.attempt(("C", YEAR), lambda: None)
    outcomes.pages["C", YEAR] = Path("panel.html")
    with pytest.raises(UsageError) as caught:
        outcomes.raise_errors()
    assert str(caught.value) == (
        f"A, {YEAR}; B, {YEAR}: home: the disk is full\n    What to do: free some\n"
        f"not published: A, {YEAR}; B, {YEAR}. Published nevertheless: C, {YEAR}"
    )


def test_of_one_organisation_alone_the_error_is_as_it_was() -> None:
    outcomes, error = Outcomes(), CheckFailed(Problem("this did not hold"))
    outcomes.attempt(("A", YEAR), fail(error))
    with pytest.raises(CheckFailed) as caught:
        outcomes.raise_errors()
    assert caught.value is error


def test_an_interruption_is_nobodys_trouble_and_stops_all(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(KeyboardInterrupt):
        Outcomes().attempt(("A", YEAR), fail(KeyboardInterrupt()))
    monkeypatch.setattr("pipelines.commands.outcomes.interrupted", lambda: True)
    with pytest.raises(KeyboardInterrupt):
        Outcomes().attempt(("A", YEAR), fail(RuntimeError()))


def test_nothing_is_said_where_nothing_is_published(capsys: pytest.CaptureFixture[str]) -> None:
    Outcomes().say_pages(Console())
    assert capsys.readouterr().out == ""
