"""Each check passes on sound rows and fails, alone, on the smallest fault of its kind."""

from collections.abc import Callable
from datetime import date

import duckdb
import pytest

from assets.lineage import sql_text
from equity_audit.contracts import ACCEPTED_EXTRACTS, APPLICANT_STAGES, EXTRACTS, STAGE_COUNTS
from equity_audit.settings import Settings, load_settings
from expectations.adapter import CheckResult, run_suite
from expectations.suites import Check, Expectation, suite
from tests.conftest import STAGES, insert, path_rows

EXTRACT = "a" * 16
PERIOD = date(2023, 4, 1)
CONDITIONS = {APPLICANT_STAGES.full_name: f"extract_id = '{EXTRACT}'", STAGE_COUNTS.full_name: f"period = '{PERIOD}'"}


@pytest.fixture
def sound(warehouse: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """Three applications, rightly registered and counted; a faulty row of another extract that is not looked at."""
    people = [
        path_rows("1" * 32, "White: Irish", "appointed"),
        path_rows("2" * 32, "Asian: Indian", "shortlisted", "rejected"),
        path_rows("3" * 32, "Black: African", "applied", "pending"),
    ]
    for rows in people:
        insert(warehouse, APPLICANT_STAGES, *rows)
    insert(warehouse, APPLICANT_STAGES, {"extract_id": "b" * 16, "outcome": "SECRET"})
    register = {"extract_id": EXTRACT, "extract_number": 1}
    totals = {"rows_in": 5, "rows_accepted": 3, "rows_ignored": 1, "rows_rejected": 1}
    more = {"organisation": "Trust", "stages": STAGES, "stage_rows": sum(map(len, people)), "applications": 3}
    insert(warehouse, EXTRACTS, register | totals | more)
    insert(warehouse, ACCEPTED_EXTRACTS, register)
    parameters = {"period_start": PERIOD, "period_end": date(2024, 4, 1), "spans": [["shortlisted", "appointed"]]}
    rows = warehouse.sql(sql_text("stage_counts"), params=parameters).pl()
    warehouse.register("rows", rows)
    warehouse.execute("insert into out.stage_counts by name select * from rows")
    return warehouse


def failed(connection: duckdb.DuckDBPyConnection, table: str, settings: Settings) -> set[str]:
    results = run_suite(connection, table, CONDITIONS[table], settings)
    assert [result.name for result in results] == [check.name for check in suite(table, settings)]
    return {result.name for result in results if not result.passed}


@pytest.mark.parametrize("table", CONDITIONS)
def test_sound_rows_pass_every_check(sound: duckdb.DuckDBPyConnection, table: str, settings: Settings) -> None:
    assert failed(sound, table, settings) == set()


FIRST = "application_id = repeat('1', 32)"
SECOND = "application_id = repeat('2', 32)"
CORE = "update core.applicant_stages set {} where extract_id = repeat('a', 16) and {}"
OUT = "update out.stage_counts set {} where level = 'group' and group_name = 'Asian' and {}"
# The smallest fault of each kind, with whatever other checks it must also trip.
FAULTS: dict[str, tuple[str, set[str]]] = {
    "required_columns_filled": (CORE.format("source_row = null", FIRST), set()),
    "known_vocabulary": (CORE.format("outcome = 'SECRET'", f"{SECOND} and outcome = 'rejected'"), set()),
    "application_stage_unique": (
        "insert into core.applicant_stages select * from core.applicant_stages where extract_id = repeat('a', 16) "
        f"and {SECOND} and stage_order = 1",
        {"register_reconciles"},
    ),
    "stages_without_gaps": (
        f"delete from core.applicant_stages where {FIRST} and stage_order = 2",
        {"register_reconciles", "outcomes_fit_stages"},
    ),
    "dates_in_order": (CORE.format("reached_on = date '2022-01-01'", f"{FIRST} and stage_order = 3"), set()),
    "outcomes_fit_stages": (CORE.format("outcome = 'rejected'", f"{FIRST} and stage_order = 0"), set()),
    "groups_fit_categories": (CORE.format("ethnicity_group = 'Black'", SECOND), set()),
    "ids_are_pseudonyms": (CORE.format("vacancy_id = 'SECRET-17'", FIRST), set()),
    "register_reconciles": ("update intake.extracts set rows_rejected = 2", set()),
    "ethnicity_mostly_known": (
        CORE.format(
            "ethnicity_category = null, ethnicity_group = 'Unknown', wres_group = 'Unknown'", f"({FIRST} or {SECOND})"
        ),
        set(),
    ),
    "stages_dated": (CORE.format("reached_on = null", f"{FIRST} and stage_order = 4"), set()),
    "counts_unique": (
        "insert into out.stage_counts select * from out.stage_counts where level = 'category' and reached = 0 limit 1",
        set(),
    ),
    "no_negative_counts": (
        OUT.format("withdrew = -1, declined = 1", "step_order = 3"),
        {"groups_add_up"},
    ),
    "outcomes_add_up": (OUT.format("decided = decided + 1", "step_order = 0"), {"groups_add_up"}),
    "counts_never_grow": (
        OUT.format("reached = reached + 1, pending = pending + 1", "step_order = 2"),
        {"groups_add_up"},
    ),
    "groups_add_up": (
        OUT.format("withdrew = withdrew + 1, reached = reached + 1", "step_order = 0"),
        {"spans_fit_steps"},
    ),
    "spans_fit_steps": (
        OUT.format("reached = reached + 1, pending = pending + 1", "step_order = 5"),
        {"groups_add_up"},
    ),
    "within_register": ("update intake.extracts set applications = 2", set()),
}


@pytest.mark.parametrize("name", FAULTS)
def test_each_check_sees_the_smallest_fault_of_its_kind(
    sound: duckdb.DuckDBPyConnection, name: str, settings: Settings
) -> None:
    statement, others = FAULTS[name]
    sound.execute(statement)
    table = next(check.table for t in CONDITIONS for check in suite(t, settings) if check.name == name)
    assert failed(sound, table, settings) == {name} | others


def test_every_check_has_a_fault_that_it_sees() -> None:
    policy = load_settings()
    assert set(FAULTS) == {check.name for table in CONDITIONS for check in suite(table, policy)}


@pytest.mark.parametrize("column", ["ethnicity_category", "ethnicity_group", "wres_group"])
def test_every_column_of_words_is_looked_at(sound: duckdb.DuckDBPyConnection, column: str, settings: Settings) -> None:
    sound.execute(CORE.format(f"{column} = 'SECRET'", FIRST))
    assert "known_vocabulary" in failed(sound, APPLICANT_STAGES.full_name, settings)


@pytest.fixture
def suite_of(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def replace(*expectations: Expectation) -> None:
        check = Check("tried", APPLICANT_STAGES.full_name, "critical", "tried", expectations)
        monkeypatch.setattr("expectations.adapter.suite", lambda *_: (check,))

    return replace


def run(connection: duckdb.DuckDBPyConnection, settings: Settings) -> CheckResult:
    return run_suite(connection, APPLICANT_STAGES.full_name, "true", settings)[0]


@pytest.mark.parametrize(
    "expectation",
    [
        Expectation("UnexpectedRowsExpectation", {"unexpected_rows_query": "select nothing_of_this_name from {batch}"}),
        Expectation("UnexpectedRowsExpectation", {"unexpected_rows_query": "select cast(outcome as int) from {batch}"}),
        Expectation("ExpectColumnValuesToNotBeNull", {"column": "nothing_of_this_name"}),
    ],
)
def test_a_check_that_cannot_be_run_has_failed_and_says_no_value(
    sound: duckdb.DuckDBPyConnection, suite_of: Callable[..., None], expectation: Expectation, settings: Settings
) -> None:
    suite_of(expectation)
    result = run(sound, settings)
    assert not result.passed
    assert result.error == "the check could not be run"
    assert "SECRET" not in repr(result)


def test_one_failed_part_fails_the_check(
    sound: duckdb.DuckDBPyConnection, suite_of: Callable[..., None], settings: Settings
) -> None:
    holds = Expectation("ExpectColumnValuesToNotBeNull", {"column": "extract_id"})
    fails = Expectation("ExpectColumnValuesToNotBeNull", {"column": "stage"})
    suite_of(holds, fails)
    assert not run(sound, settings).passed
    suite_of(holds)
    assert run(sound, settings).passed


def test_only_warnings_let_a_run_go_on(settings: Settings) -> None:
    warnings = {check.name for table in CONDITIONS for check in suite(table, settings) if check.severity == "warning"}
    assert warnings == {"ethnicity_mostly_known", "stages_dated"}
