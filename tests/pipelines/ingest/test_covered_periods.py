"""Only periods that policy covers are loaded and asked for: Dagster has no partition for others."""

from datetime import UTC, date, datetime
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from assets.partitions import period_partitions
from assets.resources import Home
from assets.warehouse.connection import look_into_warehouse
from assets.warehouse.extract_register import periods_with_applications, stale_periods
from equity_audit.contracts import APPLICATIONS, DISCLOSED_SOURCES
from equity_audit.settings import Settings
from pipelines import schedules
from tests.conftest import add_extract, application, insert
from tests.pipelines.conftest import run
from tests.pipelines.ingest.test_counted_applicants import COUNTS, HEADER, ROWS

NEXT_YEAR = datetime.now(UTC).year + 1


def covering(settings: Settings, earliest: date, unit: str = "year") -> Settings:
    period = settings.period.model_copy(update={"earliest": earliest, "unit": unit})
    return settings.model_copy(update={"period": period})


@pytest.mark.parametrize(
    ("day", "said"), [("2014-04-01", "period.earliest, 2015-04-01"), (f"{NEXT_YEAR}-04-01", "is in the future")]
)
@pytest.mark.parametrize("command", ["check", "run"])
def test_a_table_of_another_period_is_refused_before_anything_is_loaded(
    tmp_path: Path, day: str, said: str, command: str
) -> None:
    home, lines = tmp_path / "home", "\n".join((HEADER, *ROWS)) + "\n"
    for name, period in (("good", "2023-04-01"), ("bad", day)):
        (tmp_path / f"{name}.csv").write_text(lines, encoding="utf-8")
        (tmp_path / f"{name}.csv.toml").write_text(COUNTS.replace("2023-04-01", period), encoding="utf-8")
    code, message = run(home, command, tmp_path / "good.csv", tmp_path / "bad.csv")
    assert (code, said in message, "source.period" in message) == (3, True, True), message
    if (home / "warehouse.duckdb").exists():
        with look_into_warehouse(home) as connection:
            assert connection.sql("select count(*) from intake.extracts").fetchone() == (0,)


@pytest.mark.parametrize("unit", ["year", "quarter", "month"])
def test_every_period_with_applications_has_a_partition(
    warehouse: duckdb.DuckDBPyConnection, settings: Settings, unit: str
) -> None:
    """The first day covered was set to a later one after records had been taken in, and within a period."""
    for number, (extract, day) in enumerate((("a" * 16, date(2017, 5, 1)), ("b" * 16, date(2022, 5, 1))), start=1):
        add_extract(warehouse, extract, number)
        # The newer extract moves the application from one period to another, which concerns both.
        insert(
            warehouse, APPLICATIONS, application("A", None, "applied", "rejected", applied_on=day, extract_id=extract)
        )
    later = covering(settings, date(2021, 5, 15), unit)
    keys = set(period_partitions(later).get_partition_keys())
    for extracts in (None, ["b" * 16]):
        found = periods_with_applications(warehouse, later, extracts)
        assert len(found) == 1
        assert {start.isoformat() for start in found} <= keys
    assert len(periods_with_applications(warehouse, settings, ["b" * 16])) == 2


def test_what_cannot_be_reported_is_not_said_to_be_out_of_date(
    warehouse: duckdb.DuckDBPyConnection, settings: Settings
) -> None:
    insert(
        warehouse,
        DISCLOSED_SOURCES,
        {"organisation": "Trust", "period": date(2017, 4, 1), "extract_id": "a" * 16},
    )
    assert stale_periods(warehouse, settings) == [("Trust", date(2017, 4, 1))]
    assert stale_periods(warehouse, covering(settings, date(2021, 4, 1))) == []


def test_the_schedule_asks_for_no_period_before_the_first(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text("[period]\nearliest = 2024-04-01\n", encoding="utf-8")
    for day, kind in (
        (datetime(2024, 4, 1, 6, tzinfo=UTC), dg.SkipReason),
        (datetime(2025, 4, 1, 6, tzinfo=UTC), list),
    ):
        context = dg.build_schedule_context(scheduled_execution_time=day)
        assert isinstance(schedules.report_period_just_ended(context, Home(root=str(tmp_path))), kind)
