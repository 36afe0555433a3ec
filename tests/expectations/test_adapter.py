"""What the adapter makes of results: an error is a failure, only a critical failure stops a run, no value gets out."""

import logging
from collections.abc import Callable, Iterator

import dagster as dg
import duckdb
import pytest

from equity_audit.contracts import APPLICANT_STAGES
from equity_audit.settings import Settings
from expectations.adapter import CheckResult, check_specs, run_suite, to_asset_check_results
from expectations.check import ROWS, Check, Grain, Rule
from tests.conftest import application
from tests.expectations.conftest import Freeze

SECRET = "SECRET-NHS-NUMBER"
TABLE = APPLICANT_STAGES.full_name
ASSET = dg.AssetKey(["core", "applicant_stages"])
PARTITIONS = dg.StaticPartitionsDefinition(["one"])
HOLDS = Rule(ROWS, "extract_id is null")
FAILS = Rule(ROWS, "outcome <> 'progressed'")
RAISES = Rule(ROWS, "cast(outcome as int) > 0")


@pytest.fixture
def secrets(frozen: Freeze) -> duckdb.DuckDBPyConnection:
    """An application whose every text is a personal value; only its extract is as it should be."""
    texts = [c.name for c in APPLICANT_STAGES.columns if c.type == "varchar" and c.name != "extract_id"]
    connection = frozen(application("1", "White: Irish", "shortlisted", "rejected"))
    connection.execute(
        f"update core.applicant_stages set {', '.join(f'{name} = ?' for name in texts)}", [SECRET] * len(texts)
    )
    return connection


@pytest.fixture
def suite_of(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Put checks of one's own, named by what they are, in place of the table's."""

    def replace(**checks: tuple[Rule, ...]) -> None:
        made = tuple(Check(name, TABLE, "critical", "tried", parts) for name, parts in checks.items())
        monkeypatch.setattr("expectations.adapter.suite", lambda *_: made)

    return replace


def passed(connection: duckdb.DuckDBPyConnection, settings: Settings) -> dict[str, bool]:
    return {result.name: result.passed for result in run_suite(connection, TABLE, "true", settings)}


@pytest.mark.parametrize(
    "rule",
    [
        RAISES,
        Rule(ROWS, "nothing_of_this_name is null"),
        Rule(Grain("unread", "select nothing_of_this_name from batch"), "true"),
    ],
)
def test_a_check_that_cannot_be_run_has_failed_and_says_no_value(
    secrets: duckdb.DuckDBPyConnection, suite_of: Callable[..., None], rule: Rule, settings: Settings
) -> None:
    suite_of(tried=(rule,))
    (result,) = run_suite(secrets, TABLE, "true", settings)
    assert result == CheckResult("tried", "tried", "critical", False, "the check could not be run")


def test_an_error_in_one_check_leaves_the_others_as_they_are(
    secrets: duckdb.DuckDBPyConnection, suite_of: Callable[..., None], settings: Settings
) -> None:
    suite_of(first=(HOLDS,), raises=(RAISES,), fails=(FAILS,), last=(HOLDS,))
    assert passed(secrets, settings) == {"first": True, "raises": False, "fails": False, "last": True}


def test_one_failed_part_fails_the_check(
    secrets: duckdb.DuckDBPyConnection, suite_of: Callable[..., None], settings: Settings
) -> None:
    suite_of(both=(HOLDS, FAILS), raises=(HOLDS, RAISES), one=(HOLDS,))
    assert passed(secrets, settings) == {"both": False, "raises": False, "one": True}


def test_only_the_rows_of_the_partition_are_looked_at(
    secrets: duckdb.DuckDBPyConnection, suite_of: Callable[..., None], settings: Settings
) -> None:
    others = Grain("others", "select * from batch where not ({condition})")
    suite_of(fails=(FAILS,), none=(Rule(others, "true"),))
    (fails, none) = run_suite(secrets, TABLE, "stage_order = 7", settings)
    assert fails.passed
    assert none.passed


def test_a_check_without_rules_or_of_a_lost_count_has_failed(
    secrets: duckdb.DuckDBPyConnection,
    suite_of: Callable[..., None],
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    suite_of(nothing=(), holds=(HOLDS,))
    assert passed(secrets, settings) == {"nothing": False, "holds": True}
    suite_of(nothing=())
    assert passed(secrets, settings) == {"nothing": False}
    suite_of(lost=(HOLDS,), holds=(HOLDS,))
    monkeypatch.setattr("expectations.adapter.tally_sql", lambda *_: "select 0::bigint as holds, null as lost")
    assert passed(secrets, settings) == {"lost": False, "holds": True}


def test_no_value_of_a_record_gets_out(
    secrets: duckdb.DuckDBPyConnection,
    settings: Settings,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    with caplog.at_level(logging.DEBUG):
        results = run_suite(secrets, TABLE, f"extract_id = '{'a' * 16}'", settings)
    assert not all(result.passed for result in results)
    said = [*map(repr, results), *map(repr, to_asset_check_results(results, ASSET)), caplog.text, *capfd.readouterr()]
    assert not [text for text in said if SECRET in text]


def test_no_exception_quotes_a_value(
    secrets: duckdb.DuckDBPyConnection,
    suite_of: Callable[..., None],
    settings: Settings,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    # DuckDB's own message does quote the value, or this test would show nothing.
    with pytest.raises(duckdb.ConversionException, match=SECRET):
        secrets.sql(f"select cast(outcome as int) from {TABLE}").fetchall()
    suite_of(raises=(RAISES,))
    with caplog.at_level(logging.DEBUG):
        results = run_suite(secrets, TABLE, "true", settings)
    assert not [text for text in (repr(results), caplog.text, *capfd.readouterr()) if SECRET in text]


@pytest.mark.parametrize(("severity", "blocking"), [("critical", True), ("warning", False)])
def test_a_critical_check_blocks_and_a_warning_does_not(severity: str, blocking: bool) -> None:
    check = Check("tried", TABLE, severity, "what it makes sure of", (HOLDS,))  # type: ignore[arg-type]
    (spec,) = check_specs([check], ASSET, PARTITIONS)
    assert spec.asset_key == ASSET
    assert spec.blocking is blocking
    assert spec.description == "what it makes sure of"


@pytest.mark.parametrize(("severity", "goes_on"), [("critical", False), ("warning", True)])
def test_a_failed_check_stops_what_comes_after_unless_it_is_a_warning(severity: str, goes_on: bool) -> None:
    check = Check("tried", TABLE, severity, "what it makes sure of", (HOLDS,))  # type: ignore[arg-type]
    made: list[str] = []

    @dg.asset(key=ASSET, partitions_def=PARTITIONS)
    def upstream() -> None: ...

    @dg.multi_asset_check(specs=check_specs([check], ASSET, PARTITIONS))
    def checked() -> Iterator[dg.AssetCheckResult]:
        failed = CheckResult(check.name, check.meaning, check.severity, False)
        yield from to_asset_check_results([failed], ASSET)

    @dg.asset(deps=[ASSET], partitions_def=PARTITIONS)
    def downstream() -> None:
        made.append("downstream")

    result = dg.materialize([upstream, checked, downstream], partition_key="one", raise_on_error=False)
    assert result.success is goes_on
    assert bool(made) is goes_on
    (evaluation,) = result.get_asset_check_evaluations()
    # What a warning found follows from exact records, and Dagster's pages are for many to see.
    assert evaluation.passed is goes_on
