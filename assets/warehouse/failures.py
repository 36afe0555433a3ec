"""The words of an error inside a run: kept for the people who run the audit, and not told to Dagster.

Dagster's history keeps every message, and an auditor reads it. Words that help to mend a file say how many of its rows
are wrong; those of a fault of the program may quote a record. Both go to <home>/private/failures/.
"""

import json
import logging
import os
from pathlib import Path

from assets.warehouse.private_files import write_private
from equity_audit.errors import (
    CheckFailed,
    DisclosureFailed,
    EquityAuditError,
    InputRefused,
    Problem,
    UsageError,
)

_KINDS = {kind.__name__: kind for kind in (UsageError, InputRefused, CheckFailed, DisclosureFailed, EquityAuditError)}
# The logger that Dagster hands an exception to when it masks it.
_MASKED = "dagster.redacted_errors"
TRACEBACKS = "tracebacks.log"


def failures_folder(home: Path) -> Path:
    """Where the words are: a file for each run that a person can do something about, and one of tracebacks."""
    return home / "private" / "failures"


def keep_words(home: Path, run_id: str, error: EquityAuditError) -> None:
    """Keep what is to be said of a run. Of several errors in one run the first decides the kind, and all are said."""
    earlier = kept_words(home, run_id)
    kind, problems = type(earlier or error), [*(earlier.problems if earlier else ()), *error.problems]
    said = {"kind": kind.__name__, "problems": [[one.what, one.where, one.remedy] for one in problems]}
    write_private(failures_folder(home) / f"{run_id}.json", json.dumps(said, ensure_ascii=False).encode())


def kept_words(home: Path, run_id: str) -> EquityAuditError | None:
    """The error that ended a run, as it was raised; None where nothing was kept."""
    try:
        said = json.loads((failures_folder(home) / f"{run_id}.json").read_bytes())
    except FileNotFoundError:
        return None
    return _KINDS[said["kind"]](*(Problem(*one) for one in said["problems"]))


def mask_faults(home: Path) -> None:
    """Have Dagster keep no message and no traceback of this process's exceptions; they go to a file of the home.

    A process has one such home at a time: the last that this was called for.
    """
    os.environ["DAGSTER_REDACT_USER_CODE_ERRORS"] = "1"
    logger = logging.getLogger(_MASKED)
    logger.propagate = False
    for handler in list(logger.handlers):
        logger.removeHandler(handler)
    logger.addHandler(_PrivateFile(home))


def fault(error: Exception, where: str = "") -> EquityAuditError:
    """What nobody foresaw, as an error that tells its kind alone: its words may quote a record, and are kept."""
    logging.getLogger(_MASKED).error("a fault of the program", exc_info=error)
    return EquityAuditError(
        Problem(
            f"a fault of the program or the machine ({type(error).__name__})",
            where,
            f"report it; its words are in the home's folder private/failures/{TRACEBACKS}: do not pass them on unread",
        )
    )


class _PrivateFile(logging.Handler):
    """Appends to a file that its owner alone may read. The folder is made when there is something to write."""

    def __init__(self, home: Path) -> None:
        super().__init__()
        self._home = home

    def emit(self, record: logging.LogRecord) -> None:
        file = failures_folder(self._home) / TRACEBACKS
        try:
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            with os.fdopen(descriptor, "a", encoding="utf-8") as stream:
                stream.write(self.format(record) + "\n")
        except OSError:
            # A full disk must not hide what went wrong first.
            pass
