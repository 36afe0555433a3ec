"""Shared by all commands: where they write, and how an error becomes a message and an exit code."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer
from rich.console import Console

from equity_audit.errors import EquityAuditError
from pipelines.interrupts import interrupted, noticing

# The exit code that shells use for a command ended by Ctrl-C: 128 plus the number of the signal.
_STOPPED = 130

OUT = Console(highlight=False, soft_wrap=True)
ERR = Console(stderr=True, highlight=False, soft_wrap=True)


@contextmanager
def exit_codes() -> Iterator[None]:
    """Turn an error into a message and its exit code. Ctrl-C is recognised even if a library reports it as an error."""
    with noticing():
        try:
            yield
        except typer.Exit:
            raise
        except BaseException as error:
            raise typer.Exit(_report(error)) from None


def _report(error: BaseException) -> int:
    """Print what ended a command, and return its exit code."""
    if isinstance(error, KeyboardInterrupt) or interrupted():
        ERR.print("equity-audit: stopped; the next run starts clean")
        return _STOPPED
    if isinstance(error, EquityAuditError):
        ERR.print(f"equity-audit: {error}", markup=False)
        _say_where_settings_are(str(error))
        return error.exit_code
    if not isinstance(error, Exception):
        raise error
    # The message and the traceback may quote a record, so only the type is given.
    ERR.print(f"equity-audit: internal error ({type(error).__name__}); please report it")
    return EquityAuditError.exit_code


def _say_where_settings_are(message: str) -> None:
    """Print the path of the home's settings if a message names the file without it."""
    from assets.warehouse.home import home_folder

    file = home_folder() / "settings.toml"
    if file.name in message and str(file) not in message:
        ERR.print(f"    Settings: {file}{'' if file.exists() else ' (create this file)'}", markup=False)
