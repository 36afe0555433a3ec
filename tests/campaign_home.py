"""The command line in this process, on a home of its own, with whatever a command changes put back afterwards."""

import csv
import importlib
import io
import os
import signal
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from tests.attackers.editions import Edition

# kind and words
Failure = tuple[str, str]


class Home:
    """A home folder, and commands in it."""

    def __init__(self, folder: Path, failures: list[Failure]) -> None:
        self.folder, self._failures = folder, failures

    def call(self, step: str, *arguments: object) -> str | None:
        """Its words where it ends with 0; else a failure is noted."""
        from typer.testing import CliRunner

        app = importlib.import_module("pipelines.cli").app
        result = CliRunner().invoke(app, ["--home", str(self.folder), *map(str, arguments)])
        crashed = result.exception is not None and not isinstance(result.exception, SystemExit)
        if crashed or "Traceback" in result.output:
            error = result.exception
            words = "".join(traceback.format_exception(error)[-3:]) if error else result.output
            self._failures.append(("traceback", f"{step}: {words}"))
            return None
        if result.exit_code:
            said = " | ".join(line for line in result.stderr.splitlines() if line)[:1500]
            self._failures.append((f"exit {result.exit_code}", f"{step}: {said}"))
            return None
        return result.stdout

    @property
    def editions(self) -> list[Edition]:
        """What is published, but for reviews of programmes."""
        found = [Edition(record.parent) for record in (self.folder / "published").glob("*/*/edition.json")]
        return sorted((one for one in found if "period" in one.record), key=lambda edition: edition.period)

    def exact(self) -> list[dict[str, str]]:
        """The exact counts that the last runs left in the warehouse."""
        text = self.call("query", "query", "select * from out.stage_counts order by step_order", "--format", "csv")
        return list(csv.DictReader(io.StringIO(text or "")))


@contextmanager
def opened(folder: Path, settings: str, failures: list[Failure]) -> Iterator[Home]:
    """A new home with that policy. Dagster's history is kept in memory: on the disk it takes as long as the rest."""
    folder.mkdir(parents=True)
    (folder / "settings.toml").write_text(settings, encoding="utf-8")
    handler = signal.getsignal(signal.SIGINT)
    with patch.dict(os.environ, {"EQUITY_AUDIT_HOME": str(folder)}):
        importlib.import_module("pipelines.resources").prepare_home(folder)
        in_memory = importlib.import_module("tests.instances").in_memory
        for module in ("pipelines.commands.run", "pipelines.commands.review"):
            importlib.import_module(module)
        try:
            with (
                patch("pipelines.commands.run.open_instance", in_memory),
                patch("pipelines.commands.review.open_instance", in_memory),
            ):
                yield Home(folder, failures)
        finally:
            signal.signal(signal.SIGINT, handler)
