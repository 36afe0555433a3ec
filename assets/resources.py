"""The home folder and its encrypted DuckDB warehouse, as Dagster resources.

One run holds one connection from its first step to its last: DuckDB lets one process write, so a second run waits and
says so. A killed run leaves no lock behind, since the operating system drops it.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import dagster as dg
import duckdb
from pydantic import PrivateAttr

from assets.lineage import as_failure
from assets.release.publish import finish_all_interrupted
from assets.warehouse.connection import open_warehouse
from assets.warehouse.damage import damaged, is_damage
from assets.warehouse.failures import keep_words
from assets.warehouse.home import choices_of
from assets.warehouse.keys import WAREHOUSE_FILE, read_key
from equity_audit.disclosure.suppression.keyed_choices import Choices
from equity_audit.errors import EquityAuditError, Problem, UsageError
from equity_audit.intake.steps import literal
from equity_audit.settings import Settings, load_settings

# The tag of a run that is about one organisation. A run without it is about all that have anything in its period.
ORGANISATION_TAG = "equity_audit/organisation"


class Home(dg.ConfigurableResource):
    """The folder in which everything of one audit lives: warehouse, keys, settings and published editions."""

    root: str

    @property
    def path(self) -> Path:
        """The folder itself."""
        return Path(self.root)

    @property
    def published(self) -> Path:
        """Where editions stand that anyone may read."""
        return self.path / "published"

    @property
    def superseded(self) -> Path:
        """Where editions go that a later revision has replaced."""
        return self.path / "superseded"

    @property
    def rejected(self) -> Path:
        """Where lists of unusable rows go."""
        return self.path / "rejected"

    @property
    def private(self) -> Path:
        """Where lists go that name what may not be published: for the analyst alone."""
        return self.path / "private"

    def settings(self) -> Settings:
        """The effective policy: the package's, with what <home>/settings.toml replaces."""
        return load_settings(self.path / "settings.toml")

    def pseudonym_key(self) -> bytes:
        """The organisation's key for pseudonyms."""
        return read_key(self.path, "pseudonym")

    def commitment_key(self) -> bytes:
        """The key of commitments to the files that are taken in."""
        return read_key(self.path, "commitment")

    def choices(self) -> Choices:
        """What decides, besides the counts, which of them are withheld."""
        return choices_of(self.path)


class Warehouse(dg.ConfigurableResource):
    """The DuckDB file `<home>/warehouse.duckdb`, open for the length of a run."""

    home: dg.ResourceDependency[Home]
    _connection: duckdb.DuckDBPyConnection | None = PrivateAttr(default=None)

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator["Warehouse"]:
        """Open for a run, close after it, whatever happens."""
        log = context.log
        try:
            self._connection = open_warehouse(self.home.path, say=log.info if log else None)
        except EquityAuditError as error:
            keep_words(self.home.path, context.run_id or "", error)
            raise
        try:
            self._be_about(context.run.tags.get(ORGANISATION_TAG) if context.run else None)
            finish_all_interrupted(self.home.published)
            yield self
        finally:
            self._connection.close()
            self._connection = None

    def _be_about(self, organisation: str | None) -> None:
        """Narrow the run to one organisation, so that what is wrong with one stops no other."""
        if organisation is not None:
            self.connection.execute(f"set variable organisation = {literal(organisation)}")

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """The run's connection."""
        if self._connection is None:
            raise RuntimeError("the warehouse is open only while a run executes")
        return self._connection

    @contextmanager
    def transaction(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """All or nothing: committed at the end, rolled back on any error."""
        connection = self.connection
        connection.execute("begin")
        try:
            yield connection
            connection.execute("commit")
        except duckdb.Error as error:
            with suppress(duckdb.Error):  # of a warehouse that is damaged nothing can be taken back
                connection.execute("rollback")
            if is_damage(error):
                raise as_failure(damaged(self.home.path / WAREHOUSE_FILE)) from None
            if "no space left" in str(error).lower():
                raise as_failure(
                    UsageError(Problem("the disk is full", str(self.home.path), "free some space, then run again"))
                ) from None
            # DuckDB quotes the value that it stumbled on, and Dagster keeps every message.
            raise RuntimeError(f"{type(error).__name__} in the warehouse; its words may quote a record") from None
        except BaseException:
            connection.execute("rollback")
            raise
