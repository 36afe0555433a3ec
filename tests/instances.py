"""Dagster's history in memory, for jobs that go the whole way where nobody looks at what Dagster remembers of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from unittest.mock import patch

import dagster as dg
from dagster._core.storage.event_log import InMemoryEventLogStorage
from sqlalchemy.engine import Connection


class Events(InMemoryEventLogStorage):
    """Events of one process. Dagster would connect anew for each, and ask each time which tables there are."""

    @contextmanager
    def _connect(self) -> Iterator[Connection]:
        with self._db_lock, self._held_conn.begin():
            yield self._held_conn

    def has_table(self, table_name: str) -> bool:  # noqa: ARG002
        """All were made at the start."""
        return True


@contextmanager
def in_memory(_home: object = None) -> Iterator[dg.DagsterInstance]:
    """An instance that remembers nothing yet, in place of a home's."""
    instance = _kept()
    instance.wipe()
    yield instance


@cache
def _kept() -> dg.DagsterInstance:
    """The one of this process: to make its tables takes as long as many of its runs."""
    with patch("dagster._core.storage.event_log.InMemoryEventLogStorage", Events):
        return dg.DagsterInstance.ephemeral()
