"""Each check passes on sound rows and fails, alone, on the smallest fault of its kind."""

import dataclasses
from datetime import date

import duckdb
import pytest

from assets.warehouse.tables import replace_period, sql_text
from equity_audit.contracts import APPLICANT_STAGES, COUNTS, EXTRACTS, STAGE_COUNTS
from equity_audit.settings import Settings, load_settings
from expectations.adapter import run_suite
from expectations.suites import suite
from expectations.tally import tally_sql
from tests.conftest import STAGES, application, insert, pseudonym
from tests.expectations.conftest import EXTRACT, Freeze

PERIOD = date(2023, 4, 1)
CONDITIONS = {APPLICANT_STAGES.full_name: f"extract_id = '{EXTRACT}'", STAGE_COUNTS.full_name: f"period = '{PERIOD}'"}


@pytest.fixture
def sound(frozen: Freeze) -> duckdb.DuckDBPyConnection:
    """Three applications, rightly registered and counted; a faulty row of another extract that is not looked at."""
    connection = frozen(
        application("1", "White: Irish", "appointed", pay_band="Band 5"),
        application("2", "Asian: Indian", "shortlisted", "rejected", pay_band="Band 6"),
        application("3", "Black: African", "applied", "pending", pay_band="Band 6"),
        **{"rows_in": 5, "rows_accepted": 3, "rows_ignored": 1, "rows_rejected": 1, "stage_rows": 8},
    )
    insert(connection, APPLICANT_STAGES, {"extract_id": "b" * 16, "outcome": "SECRET"})
    register = {"extract_id": "b" * 16, "extract_number": 2, "organisation": "Trust", "stages": STAGES}
    insert(connection, EXTRACTS, register)
    parameters = {"period_start": PERIOD, "period_end": date(2024, 4, 1), "spans": [["shortlisted", "appointed"]]}
    rows = connection.sql(sql_text("stage_counts"), params=parameters | {"breakdowns": ["pay_band"]}).pl()
    assert set(rows["breakdown"]) == {"all", "pay_band"}
    replace_period(connection, STAGE_COUNTS, PERIOD.isoformat(), rows)
    return connection


def failed(connection: duckdb.DuckDBPyConnection, table: str, settings: Settings) -> set[str]:
    results = run_suite(connection, table, CONDITIONS[table], settings)
    assert [result.name for result in results] == [check.name for check in suite(table, settings)]
    return {result.name for result in results if not result.passed}


@pytest.mark.parametrize("table", CONDITIONS)
def test_sound_rows_pass_every_check(sound: duckdb.DuckDBPyConnection, table: str, settings: Settings) -> None:
    assert failed(sound, table, settings) == set()


FIRST = f"application_id = '{pseudonym('1')}'"
SECOND = f"application_id = '{pseudonym('2')}'"
CORE = "update core.applicant_stages set {} where extract_id = repeat('a', 16) and {}"
# The one Asian applicant, in the rows of every level and split that count them, so that all still add up.
OUT = (
    "update out.stage_counts set {} where group_name in ('All applicants', 'BME', 'Asian', 'Asian: Indian') "
    "and breakdown_value <> 'Band 5' and {}"
)
# The smallest fault of each kind, made so that it is a fault of no other kind.
FAULTS = {
    "required_columns_filled": CORE.format("organisation = null", FIRST),
    "known_vocabulary": CORE.format("outcome = 'SECRET'", f"{SECOND} and outcome = 'rejected'"),
    "application_stage_unique": (
        "insert into core.applicant_stages select * from core.applicant_stages where extract_id = repeat('a', 16) "
        f"and {SECOND} and stage_order = 1; update intake.extracts set stage_rows = stage_rows + 1"
    ),
    "stages_without_gaps": (
        f"delete from core.applicant_stages where {FIRST} and stage_order = 2; "
        "update intake.extracts set stage_rows = stage_rows - 1"
    ),
    "applications_consistent": CORE.format("ethnicity_category = 'Asian: Pakistani'", f"{SECOND} and stage_order = 1"),
    "dates_in_order": CORE.format("reached_on = date '2022-01-01'", f"{FIRST} and stage_order = 3"),
    "outcomes_fit_stages": CORE.format("outcome = 'rejected'", f"{FIRST} and stage_order = 0"),
    "groups_fit_categories": CORE.format("ethnicity_group = 'Black'", SECOND),
    "ids_are_pseudonyms": CORE.format("application_id = 'SECRET-17'", SECOND),
    "register_reconciles": "update intake.extracts set rows_rejected = 2",
    "rows_fit_register": CORE.format("stage = 'offered'", f"{SECOND} and stage_order = 1"),
    "ethnicity_mostly_known": CORE.format(
        "ethnicity_category = null, ethnicity_group = 'Unknown', wres_group = 'Unknown'", f"({FIRST} or {SECOND})"
    ),
    "stages_dated": CORE.format("reached_on = null", f"{FIRST} and stage_order = 4"),
    "counts_unique": (
        "insert into out.stage_counts select * from out.stage_counts where level = 'category' and reached = 0 limit 1"
    ),
    "no_negative_counts": OUT.format("withdrew = -1, declined = 1", "step_order >= 3"),
    "outcomes_add_up": OUT.format("decided = decided + 1", "step_order = 0"),
    # The rejection moves from the second step to the last, which no one of the group had reached.
    "counts_never_grow": (
        OUT.format("rejected = rejected - 1, progressed = progressed + 1", "step_order = 1")
        + "; "
        + OUT.format("reached = reached + 1, rejected = rejected + 1, decided = decided + 1", "step_order = 3")
    ),
    "groups_add_up": (
        "update out.stage_counts set withdrew = withdrew + 1, reached = reached + 1 "
        "where level = 'group' and group_name = 'Asian' and step_order in (0, 4)"
    ),
    "breakdowns_add_up": OUT.format(
        "withdrew = withdrew + 1, reached = reached + 1", "breakdown = 'pay_band' and step_order in (0, 4)"
    ),
    "groups_known": "update out.stage_counts set group_name = 'SECRET' where level = 'group' and group_name = 'Asian'",
    "spans_fit_steps": OUT.format("rejected = 0, decided = decided - rejected, pending = rejected", "step_order = 5"),
    "within_register": "update intake.extracts set applications = 2",
}


@pytest.mark.parametrize("name", FAULTS)
def test_each_check_sees_the_smallest_fault_of_its_kind(
    sound: duckdb.DuckDBPyConnection, name: str, settings: Settings
) -> None:
    sound.execute(FAULTS[name])
    table = next(check.table for t in CONDITIONS for check in suite(t, settings) if check.name == name)
    assert failed(sound, table, settings) == {name}


def test_every_check_has_a_fault_that_it_sees() -> None:
    policy = load_settings()
    assert set(FAULTS) == {check.name for table in CONDITIONS for check in suite(table, policy)}


MORE_FAULTS = [
    ("register_reconciles", "delete from core.applicant_stages where extract_id = repeat('a', 16)"),
    ("register_reconciles", "delete from intake.extracts"),
    ("register_reconciles", "update intake.extracts set stage_rows = stage_rows + 1"),
    ("register_reconciles", "update intake.extracts set applications = null"),
    ("rows_fit_register", CORE.format("organisation = 'Another'", SECOND)),
    ("applications_consistent", CORE.format("ethnicity_category = null", f"{SECOND} and stage_order = 1")),
    ("dates_in_order", CORE.format("reached_on = date '2023-05-02'", f"{FIRST} and stage_order = 0")),
    (
        "dates_in_order",
        CORE.format(
            "reached_on = case stage_order when 1 then date '2023-06-01' when 3 then date '2023-05-15' end",
            f"{FIRST} and stage_order > 0",
        ),
    ),
    (
        "dates_in_order",
        CORE.format("reached_on = case stage_order when 1 then date '2022-01-01' end", f"{FIRST} and stage_order < 2"),
    ),
    ("outcomes_fit_stages", CORE.format("outcome = 'rejected'", f"{FIRST} and stage_order = 4")),
    ("outcomes_fit_stages", CORE.format("outcome = null", f"{SECOND} and stage_order = 1")),
    ("outcomes_fit_stages", CORE.format("outcome = 'progressed'", f"{SECOND} and stage_order = 1")),
    ("groups_fit_categories", CORE.format("ethnicity_group = null", SECOND)),
    ("groups_fit_categories", CORE.format("wres_group = 'White'", SECOND)),
    ("ids_are_pseudonyms", CORE.format("vacancy_id = upper(vacancy_id)", FIRST)),
    ("groups_add_up", "delete from out.stage_counts where level = 'category'"),
    ("groups_add_up", "delete from out.stage_counts where level = 'all'"),
    ("spans_fit_steps", "delete from out.stage_counts where step_order = 0"),
    (
        "spans_fit_steps",
        OUT.format("reached = reached + 1, progressed = progressed + 1, decided = decided + 1", "step_order = 5"),
    ),
    ("outcomes_add_up", OUT.format("reached = reached + 1", "step_order = 0")),
    ("within_register", "delete from intake.accepted_extracts"),
]


@pytest.mark.parametrize(("name", "statement"), MORE_FAULTS)
def test_other_faults_of_the_same_kind_are_seen(
    sound: duckdb.DuckDBPyConnection, name: str, statement: str, settings: Settings
) -> None:
    sound.execute(statement)
    table = next(check.table for t in CONDITIONS for check in suite(t, settings) if check.name == name)
    assert name in failed(sound, table, settings)


FAULTS_OF_COLUMNS = [
    *(("required_columns_filled", CORE.format(f"{name} = null", FIRST)) for name in ("vacancy_id", "applied_on")),
    *(
        ("known_vocabulary", CORE.format(f"{name} = 'SECRET'", FIRST))
        for name in ("outcome", "ethnicity_category", "ethnicity_group", "wres_group")
    ),
    *(("no_negative_counts", f"update out.stage_counts set {name} = null where step_order = 0") for name in COUNTS),
    *(("spans_fit_steps", OUT.format(f"{name} = {name} + 1", "step_order = 5")) for name in COUNTS),
]


def test_every_rule_is_broken_by_a_fault_of_its_check(sound: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    checks = [check for table in CONDITIONS for check in suite(table, settings)]
    # A check of its own for each rule, so that no rule hides behind another.
    rules = {
        f"{check.name}_rule_{number}": dataclasses.replace(check, name=f"{check.name}_rule_{number}", rules=(rule,))
        for check in checks
        for number, rule in enumerate(check.rules)
    }
    broken = set()
    for name, statement in [*FAULTS.items(), *MORE_FAULTS, *FAULTS_OF_COLUMNS]:
        table = next(check.table for check in checks if check.name == name)
        tally = tally_sql(table, CONDITIONS[table], [rule for rule in rules.values() if rule.table == table])
        sound.execute("begin")
        sound.execute(statement)
        (counts,) = sound.sql(tally).pl().rows(named=True)
        sound.execute("rollback")
        broken |= {rule for rule, number in counts.items() if number and rule.startswith(f"{name}_rule_")}
    assert set(rules) == broken
