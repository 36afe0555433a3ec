"""What every command shares: where it writes, and how an error becomes words and an exit code."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer
from rich.console import Console

from equity_audit.errors import EquityAuditError
from pipelines.interrupts import interrupted, noticing

# What shells use for a command that Ctrl-C ended: 128 and the number of the signal.
_STOPPED = 130

OUT = Console(highlight=False, soft_wrap=True)
ERR = Console(stderr=True, highlight=False, soft_wrap=True)


@contextmanager
def exit_codes() -> Iterator[None]:
    """Turn an error that a person can act on into words and its exit code; and Ctrl-C, whatever it was taken for."""
    with noticing():
        try:
            yield
        except typer.Exit:
            raise
        except BaseException as error:
            raise typer.Exit(_said(error)) from None


def _said(error: BaseException) -> int:
    """Say what ended a command, and return its exit code."""
    if isinstance(error, KeyboardInterrupt) or interrupted():
        ERR.print("equity-audit: stopped; the next run starts clean")
        return _STOPPED
    if isinstance(error, EquityAuditError):
        ERR.print(f"equity-audit: {error}", markup=False)
        return error.exit_code
    if not isinstance(error, Exception):
        raise error
    # Its words and its traceback may quote a record: the kind must do.
    ERR.print(f"equity-audit: a fault of the program or the machine ({type(error).__name__}); please report it")
    return EquityAuditError.exit_code
