"""What tests of the pipeline share: the command in this process, and lines of an export taken in and accepted."""

import importlib
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from assets.ingest.extract import Load
from assets.ingest.loading import load_extract
from assets.ingest.source_files import open_source
from equity_audit.intake.mapping_file import parse_mapping
from equity_audit.settings import Settings
from pipelines.cli import app
from pipelines.resources import prepare_home
from tests.conftest import leave_splits_out
from tests.instances import in_memory

Loader = Callable[..., dict[str, object]]


def invoke(home: Path, *arguments: object) -> tuple[int, str]:
    """The command in this process: its exit code and words."""
    with _put_back():
        result = CliRunner().invoke(app, ["--home", str(home), *map(str, arguments)])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout + result.stderr


def run(home: Path, *arguments: object) -> tuple[int, str]:
    """The command in this process, in a home without splits, for what it publishes, refuses or says.

    Jobs go the whole way, but Dagster keeps their history in memory: on the disk it takes as long as all the rest.
    """
    leave_splits_out(home)
    with pytest.MonkeyPatch.context() as patch:
        importlib.import_module("pipelines.commands.run")
        patch.setattr("pipelines.commands.run.open_instance", in_memory)
        return invoke(home, *arguments)


@contextmanager
def _put_back() -> Iterator[None]:
    """What a command changes about its process: where Dagster lives, and what Ctrl-C does."""
    environment, handler = dict(os.environ), signal.getsignal(signal.SIGINT)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(environment)
        signal.signal(signal.SIGINT, handler)


@contextmanager
def unsplit_home(home: Path) -> Iterator[Path]:
    """A home of one test file's own, which publishes no splits of applicants, for commands in this process."""
    with pytest.MonkeyPatch.context() as patch:
        leave_splits_out(home)
        for name in ("EQUITY_AUDIT_HOME", "DAGSTER_HOME"):
            patch.setenv(name, str(home))
        prepare_home(home)
        patch.setattr("pipelines.commands.run.open_instance", in_memory)
        yield home


@pytest.fixture
def load(tmp_path: Path, warehouse: duckdb.DuckDBPyConnection, settings: Settings) -> Loader:
    def load_lines(mapping: str, *lines: str, extract_id: str = "e" * 16) -> dict[str, object]:
        path = tmp_path / "export.csv"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        chosen = parse_mapping(mapping, "mine.toml")
        what = Load(extract_id, "Trust", "run", b"k" * 32, date(2026, 1, 1), settings)
        extract = load_extract(warehouse, open_source(warehouse, path, chosen), chosen, what)
        warehouse.execute("insert into intake.accepted_extracts values (?, ?)", [extract_id, extract["extract_number"]])
        return extract

    return load_lines
