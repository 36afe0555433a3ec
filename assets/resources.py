"""The home folder and its encrypted DuckDB warehouse, as Dagster resources.

One run holds one connection from its first step to its last. DuckDB lets one process write, so another process waits
and logs that it does. A killed run leaves no lock behind, since the operating system releases it.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import dagster as dg
import duckdb
import polars as pl
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

# The tag of a run for one organisation. A run without it covers all organisations that have data in its period.
ORGANISATION_TAG = "equity_audit/organisation"

# Rows that a run has read: by table, with its schema, and partition.
Kept = dict[tuple[str, str], pl.DataFrame]


class Home(dg.ConfigurableResource):
    """The folder that holds everything of one audit: warehouse, keys, settings and published editions."""

    root: str

    @property
    def path(self) -> Path:
        """The home folder."""
        return Path(self.root)

    @property
    def published(self) -> Path:
        """The folder of published editions, which anyone may read."""
        return self.path / "published"

    @property
    def superseded(self) -> Path:
        """The folder of editions that a later revision has replaced."""
        return self.path / "superseded"

    @property
    def rejected(self) -> Path:
        """The folder of lists of invalid rows."""
        return self.path / "rejected"

    @property
    def private(self) -> Path:
        """The folder of lists that may not be published: for the analyst alone."""
        return self.path / "private"

    def settings(self) -> Settings:
        """Return the effective policy: the default one, overridden by <home>/settings.toml."""
        return load_settings(self.path / "settings.toml")

    def pseudonym_key(self) -> bytes:
        """Return the organisation's key for pseudonyms."""
        return read_key(self.path, "pseudonym")

    def commitment_key(self) -> bytes:
        """Return the key of commitments to the loaded files."""
        return read_key(self.path, "commitment")

    def choices(self) -> Choices:
        """Return the keyed choices that decide, together with the counts, which counts are withheld."""
        return choices_of(self.path)


class Warehouse(dg.ConfigurableResource):
    """The DuckDB file `<home>/warehouse.duckdb`, open for the length of a run.

    Rows that one step reads are kept for the next, since ten steps and checks read a table of a period. Nobody else can
    write meanwhile: `Tables.replace` forgets what it replaces, and a transaction that is rolled back all of it.
    """

    home: dg.ResourceDependency[Home]
    _connection: duckdb.DuckDBPyConnection | None = PrivateAttr(default=None)
    _kept: Kept = PrivateAttr(default_factory=dict)

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator["Warehouse"]:
        """Open the warehouse for a run, and close it however the run ends."""
        log = context.log
        try:
            self._connection = open_warehouse(self.home.path, say=log.info if log else None)
        except EquityAuditError as error:
            keep_words(self.home.path, context.run_id or "", error)
            raise
        try:
            self._restrict_to(context.run.tags.get(ORGANISATION_TAG) if context.run else None)
            finish_all_interrupted(self.home.published)
            yield self
        finally:
            self._connection.close()
            self._connection = None
            self._kept.clear()

    def _restrict_to(self, organisation: str | None) -> None:
        """Restrict the run to one organisation, so that an error in one does not stop the others."""
        if organisation is not None:
            self.connection.execute(f"set variable organisation = {literal(organisation)}")

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """The connection of the run. Raises RuntimeError outside a run."""
        if self._connection is None:
            raise RuntimeError("the warehouse is open only while a run executes")
        return self._connection

    @property
    def kept(self) -> Kept:
        """What the run has read: see assets.io."""
        return self._kept

    @contextmanager
    def transaction(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Open a transaction: committed at the end, rolled back on any error."""
        connection = self.connection
        connection.execute("begin")
        try:
            yield connection
            connection.execute("commit")
        except duckdb.Error as error:
            self._kept.clear()
            with suppress(duckdb.Error):  # a damaged warehouse cannot roll back
                connection.execute("rollback")
            if is_damage(error):
                raise as_failure(damaged(self.home.path / WAREHOUSE_FILE)) from None
            if "no space left" in str(error).lower():
                raise as_failure(
                    UsageError(Problem("the disk is full", str(self.home.path), "free some space, then run again"))
                ) from None
            # DuckDB quotes the offending value, and Dagster keeps every message.
            raise RuntimeError(f"{type(error).__name__} in the warehouse; its message may quote a record") from None
        except BaseException:
            self._kept.clear()
            connection.execute("rollback")
            raise
