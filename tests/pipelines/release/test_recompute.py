"""An edition's tables made again: what the warehouse knew then, whatever it has learnt since."""

from datetime import date

import duckdb
import polars as pl
import pytest

from assets.release.published_register import earlier_editions
from assets.release.recompute import Made, tables_again, why_not
from equity_audit.contracts import ANSWERS, APPLICATIONS, HEADCOUNTS, PUBLISHED_COUNTS
from equity_audit.disclosure.suppression.keyed_choices import Choices
from equity_audit.disclosure.table.count_table import Row
from equity_audit.settings import Settings
from tests.conftest import add_extract, application, insert

A, B = "a" * 16, "b" * 16


def made(settings: Settings, revision: int = 1, extracts: frozenset[str] = frozenset({A})) -> Made:
    return Made("Trust", "2023-04-01", revision, extracts, settings, Choices(), b"k" * 32)


def published(connection: duckdb.DuckDBPyConnection, revision: int, lowest: int, highest: int) -> None:
    """What one revision said of one count."""
    names = (
        "organisation",
        "level",
        "breakdown",
        "breakdown_value",
        "group_name",
        "quantity",
        "from_stage",
        "to_stage",
    )
    values = ("Trust", "all", "all", "all", "All applicants", "reached", "applied", "applied")
    numbers = {"revision": revision, "lowest": lowest, "highest": highest, "exact": lowest, "period": date(2023, 4, 1)}
    insert(connection, PUBLISHED_COUNTS, dict(zip(names, values, strict=True)) | numbers)


@pytest.fixture
def thirteen(warehouse: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """13 applications of one extract, one of which a second extract moves to the year before."""
    add_extract(warehouse, A, 1)
    add_extract(warehouse, B, 2)
    insert(warehouse, APPLICATIONS, *(application(str(n), "White: Irish", "applied", "rejected") for n in range(13)))
    moved = application("0", "White: Irish", "applied", "rejected", applied_on=date(2022, 6, 1), extract_id=B)
    insert(warehouse, APPLICATIONS, moved)
    return warehouse


def test_a_later_extract_that_only_took_away_may_have_been_there_already(
    thirteen: duckdb.DuckDBPyConnection, settings: Settings
) -> None:
    """The edition names the first extract either way: 13 are published as 15, and without the one moved 12 as 10."""
    everybody = (pl.col("level") == "all") & (pl.col("step_order") == 0) & (pl.col("breakdown") == "all")
    found = [t["stage_counts"].filter(everybody)["reached"].item() for t in tables_again(thirteen, made(settings))]
    assert found == [15, 10]
    assert thirteen.sql("select current_database()").fetchone() == ("warehouse",)


def test_staff_are_those_of_the_headcount_that_the_edition_names(
    thirteen: duckdb.DuckDBPyConnection, settings: Settings
) -> None:
    """A corrected headcount of the same day came later."""
    first, later = "c" * 16, "d" * 16
    day = {"organisation": "Trust", "snapshot": date(2024, 3, 31), "ethnicity_code": "White: Irish", "board": False}
    for number, (extract, people) in enumerate(((first, 40), (later, 60)), 3):
        add_extract(thirteen, extract, number, shape="workforce")
        insert(thirteen, HEADCOUNTS, day | {"headcount": people, "extract_id": extract})
    (found,) = tables_again(thirteen, made(settings, extracts=frozenset({A, first})))
    assert found["workforce"].filter(pl.col("level") == "all")["headcount"].to_list() == [40]
    shares = found["workforce_measures"].filter(pl.col("measure") == "share", pl.col("group_name") == "White")
    assert set(shares["value"]) == {1.0}


def test_answers_are_those_of_the_survey_that_the_edition_names(
    thirteen: duckdb.DuckDBPyConnection, settings: Settings
) -> None:
    """Corrected answers of the same day came later."""
    first, later = "c" * 16, "d" * 16
    day = {"organisation": "Trust", "wave": date(2023, 10, 31), "item": "Heard", "ethnicity_code": "White: Irish"}
    for number, (extract, people) in enumerate(((first, 400), (later, 600)), 3):
        add_extract(thirteen, extract, number, shape="survey")
        insert(thirteen, ANSWERS, day | {"answered": people, "agreed": 200, "extract_id": extract})
    (found,) = tables_again(thirteen, made(settings, extracts=frozenset({A, first})))
    shown = found["survey"].filter(pl.col("answered").is_not_null())
    assert shown.select("answered", "agreed").unique().rows() == [(400, 200)]
    assert set(found["survey_measures"]["value"].drop_nulls()) == {0.5}


def test_extracts_that_the_edition_does_not_name_stop_it(
    thirteen: duckdb.DuckDBPyConnection, settings: Settings
) -> None:
    assert list(tables_again(thirteen, made(settings, extracts=frozenset({A, B})))) == []
    assert "does not have the extracts cccccccccccccccc" in str(
        why_not(thirteen, made(settings, extracts=frozenset({A, "c" * 16})))
    )


def test_only_revisions_before_it_were_known(
    thirteen: duckdb.DuckDBPyConnection, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    published(thirteen, 1, 8, 12)
    published(thirteen, 2, 13, 17)
    cell = (Row("all", "all", "all", "All applicants"), "reached", "applied", "applied")
    assert earlier_editions(thirteen, "2023-04-01", before=1) == {}
    assert earlier_editions(thirteen, "2023-04-01", before=2)["Trust"][cell] == [(8, 12, 8)]
    assert sorted(earlier_editions(thirteen, "2023-04-01")["Trust"][cell]) == [(8, 12, 8), (13, 17, 13)]
    asked: list[int | None] = []

    def noting(_: object, __: str, before: int | None = None) -> dict[str, object]:
        asked.append(before)
        return {}

    monkeypatch.setattr("assets.release.recompute.earlier_editions", noting)
    next(tables_again(thirteen, made(settings, revision=2)))
    assert asked == [2]


def test_a_home_that_does_not_know_the_revisions_before_says_so(
    thirteen: duckdb.DuckDBPyConnection, settings: Settings
) -> None:
    assert why_not(thirteen, made(settings, revision=1)) is None
    assert "revisions before it" in str(why_not(thirteen, made(settings, revision=2)))
    published(thirteen, 1, 8, 12)
    assert why_not(thirteen, made(settings, revision=2)) is None
    assert "revisions before it" in str(why_not(thirteen, made(settings, revision=3)))
