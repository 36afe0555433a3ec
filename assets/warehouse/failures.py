"""Messages of errors inside a run: kept for the people who run the audit, and withheld from Dagster.

Dagster's history keeps every message, and auditors read it. A message that helps to correct a file says how many of its
rows are wrong; that of an internal error may quote a record. Both go to <home>/private/failures/.
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
# The logger to which Dagster passes an exception that it masks.
_MASKED = "dagster.redacted_errors"
TRACEBACKS = "tracebacks.log"


def failures_folder(home: Path) -> Path:
    """Return the folder of error messages: a file for each run that a user can correct, and a file of tracebacks."""
    return home / "private" / "failures"


def keep_words(home: Path, run_id: str, error: EquityAuditError) -> None:
    """Keep the error of a run. If a run has several errors, the first decides the kind and all problems are kept."""
    earlier = kept_words(home, run_id)
    kind, problems = type(earlier or error), [*(earlier.problems if earlier else ()), *error.problems]
    record = {
        "kind": kind.__name__,
        "problems": [[problem.what, problem.where, problem.remedy] for problem in problems],
    }
    write_private(failures_folder(home) / f"{run_id}.json", json.dumps(record, ensure_ascii=False).encode())


def kept_words(home: Path, run_id: str) -> EquityAuditError | None:
    """Return the error that ended a run, as it was raised; None if nothing was kept."""
    try:
        record = json.loads((failures_folder(home) / f"{run_id}.json").read_bytes())
    except FileNotFoundError:
        return None
    return _KINDS[record["kind"]](*(Problem(*fields) for fields in record["problems"]))


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
    """Turn an unexpected exception into an error with its type only, and log its message, which may quote a record."""
    logging.getLogger(_MASKED).error("internal error", exc_info=error)
    return EquityAuditError(
        Problem(
            f"internal error ({type(error).__name__})",
            where,
            f"report it; details are in private/failures/{TRACEBACKS} in the home: read them before you pass them on, "
            "since they may quote a record",
        )
    )


class _PrivateFile(logging.Handler):
    """Append to a file that only its owner may read. The folder is created when there is something to write."""

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
            # A full disk must not hide the original error.
            pass
