"""What every step reads of the warehouse is what it declares: recorded from DuckDB in a run of everything.

A recorder stands between the steps and the warehouse's connection and keeps each statement with the step that asks it,
so that what is compared does not hang on how a step asks.
"""

import re
from collections import defaultdict
from datetime import date
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import polars as pl
import pytest

import assets.resources
from assets import measures, private_lists
from assets.io import REGISTERS, Tables, UndeclaredTableError, undeclared
from assets.resources import ORGANISATION_TAG, Home, Warehouse
from assets.warehouse.connection import look_into_warehouse, open_warehouse, views
from equity_audit.contracts import DISPARITIES, OVERALL_PATHS, STAGE_COUNTS, TABLES
from equity_audit.synthetic import generate, write
from pipelines.definitions import build_definitions
from pipelines.progress import STEPS
from pipelines.resources import make_resources
from tests.conftest import insert
from tests.pipelines.conftest import run
from tests.pipelines.test_programme import PROGRAMME

VIEWS = views()
NAMES = {table.full_name for table in TABLES} | set(VIEWS)
# What an extract changes is seen from the extracts that count already: those of an asset that comes after it.
BEFORE = {step: {"intake.accepted_extracts"} for step in ("load_extract", "check_applicant_stages")}
# These ask the warehouse nothing.
SILENT = {"edition__index"}


class Recorder:
    """A connection that keeps what is asked of it, by step. A cursor of it is one, too."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, asked: dict[str, set[str]]) -> None:
        self._connection, self._asked = connection, asked

    def _note(self, query: str) -> None:
        try:
            step = dg.OpExecutionContext.get().op.name
        except dg.DagsterInvariantViolationError:
            return  # the warehouse is opened or closed
        self._asked[step].add(query)

    def execute(self, query: str, *others: Any, **named: Any) -> Any:
        self._note(query)
        self._connection.execute(query, *others, **named)
        return self

    def sql(self, query: str, *others: Any, **named: Any) -> Any:
        self._note(query)
        return self._connection.sql(query, *others, **named)

    def cursor(self) -> "Recorder":
        return Recorder(self._connection.cursor(), self._asked)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("reads") / "home"


@pytest.fixture(scope="module")
def asked(home: Path) -> dict[str, set[str]]:
    """Every statement of a run of all jobs, by step."""
    found: dict[str, set[str]] = defaultdict(set)
    write(generate(300, 5, years=1), home.parent / "export.csv", "wide")
    (home / "programmes").mkdir(parents=True)
    (home / "programmes" / "fair.toml").write_text(PROGRAMME, encoding="utf-8")
    honest = assets.resources.open_warehouse
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(assets.resources, "open_warehouse", lambda *a, **k: Recorder(honest(*a, **k), found))
        # A step whose rows another has read asks nothing: here every step has to.
        patch.setattr(assets.resources.Warehouse, "kept", property(lambda _: {}))
        # A year is too short to review, which is said once all has run: what comes after a review is asked by itself.
        _, said = run(home, "run", home.parent / "export.csv")
        dg.materialize([private_lists.not_borne_out], resources=make_resources(home))
    assert "panel.html" in said
    return found


def read_by(query: str) -> set[str]:
    """Tables that a statement names, itself or through views, besides the one that it writes to."""
    text = re.sub(r"--.*", "", query)
    text = re.sub(r"^\s*(delete from|insert into) \S+", "", text)
    named = {name for name in NAMES if re.search(rf"\b{re.escape(name)}\b", text)}
    return named.union(*(read_by(VIEWS[name]) for name in named & set(VIEWS)))


def declared(home: Path) -> dict[str, set[str]]:
    """What each step may read, by its definition."""
    graph = build_definitions(home).resolve_asset_graph()
    may = {}
    for step in graph.assets_defs:
        keys = set(step.keys) | {dep.asset_key for spec in step.specs for dep in spec.deps}
        for spec in step.check_specs:
            own = {spec.asset_key, *(dep.asset_key for dep in spec.additional_deps)}
            keys |= own.union(*map(graph.get_ancestor_asset_keys, own))
        may[step.op.name] = {".".join(key.path) for key in keys}
    return may


def test_every_step_is_recorded(asked: dict[str, set[str]]) -> None:
    assert set(asked) == set(STEPS) - SILENT


@pytest.mark.parametrize("step", sorted(set(STEPS) - SILENT))
def test_a_step_reads_what_it_declares(home: Path, asked: dict[str, set[str]], step: str) -> None:
    read = set().union(*map(read_by, asked[step])) - REGISTERS
    assert {name for name in read if name not in VIEWS} - declared(home)[step] - BEFORE.get(step, set()) == set()


def test_a_table_that_is_not_declared_can_be_neither_read_nor_replaced(warehouse: duckdb.DuckDBPyConnection) -> None:
    tables = Tables(warehouse, "2023-04-01", frozenset({"out.stage_counts"}), frozenset({"out.selection_rates"}))
    rows = tables.read(STAGE_COUNTS)
    with pytest.raises(UndeclaredTableError, match=r"out\.disparities: read but not declared"):
        tables.read(DISPARITIES)
    with pytest.raises(UndeclaredTableError, match=r"out\.stage_counts is not made by this step"):
        tables.replace(STAGE_COUNTS, rows)
    with pytest.raises(UndeclaredTableError, match=r"core\.answers, intake\.accepted_extracts.*: read but not"):
        tables.query("survey", {})


def test_what_was_read_is_read_again_once_it_is_replaced(warehouse: duckdb.DuckDBPyConnection) -> None:
    names, period = frozenset({STAGE_COUNTS.full_name}), "2023-04-01"
    tables = Tables(warehouse, period, names, names)
    keys = {"organisation": "Trust", "period": date(2023, 4, 1), "level": "wres", "breakdown": "all"}
    insert(warehouse, STAGE_COUNTS, keys)
    before = tables.read(STAGE_COUNTS)
    later = Tables(warehouse, period, names, names, tables.kept)
    assert later.read(STAGE_COUNTS).equals(before)
    assert later.read(STAGE_COUNTS) is not before

    tables.replace(STAGE_COUNTS, before.with_columns(level=pl.lit("group")))

    assert later.read(STAGE_COUNTS)["level"].to_list() == ["group"]
    assert Tables(warehouse, "2024-04-01", names, names, tables.kept).read(STAGE_COUNTS).is_empty()


@pytest.mark.parametrize("statement", ["select wrong", None])
def test_what_was_read_in_a_transaction_that_is_rolled_back_is_forgotten(statement: str | None) -> None:
    warehouse = Warehouse(home=Home(root="."))
    warehouse._connection = duckdb.connect()

    def failing() -> None:
        with warehouse.transaction() as connection:
            warehouse.kept["out.stage_counts", "2023-04-01"] = pl.DataFrame()
            connection.execute(statement) if statement else {}["x"]

    with pytest.raises(RuntimeError if statement else KeyError):
        failing()
    assert warehouse.kept == {}


def test_a_statement_is_looked_into_through_its_views(warehouse: duckdb.DuckDBPyConnection) -> None:
    names = {"core.applications", "intake.extracts", "intake.accepted_extracts"}
    query = "select * from core.counted_applications as a inner join intake.check_results as r on a.x = r.x"
    assert undeclared(warehouse, query, frozenset()) == names
    assert undeclared(warehouse, query, frozenset(names)) == set()


def test_all_that_an_asset_replaces_is_replaced_or_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = {"organisation": "Trust", "period": date(2023, 4, 1), "level": "wres", "breakdown": "all"}
    there = keys | {"breakdown_value": "all", "group_name": "BME", "reference_name": "White"}
    with open_warehouse(tmp_path) as connection:
        insert(connection, OVERALL_PATHS, there, there | {"organisation": "Another"})

    def failing(*_: object) -> None:
        raise KeyError

    monkeypatch.setattr("equity_audit.measures.paths.stage_contributions", failing)
    done = dg.materialize(
        [measures.whole_path],
        partition_key="2023-04-01",
        resources=make_resources(tmp_path),
        tags={ORGANISATION_TAG: "Trust"},
        raise_on_error=False,
    )
    assert not done.success
    with look_into_warehouse(tmp_path) as connection:
        found = connection.sql("select organisation from out.overall_paths order by all").fetchall()
    assert found == [("Another",), ("Trust",)]
