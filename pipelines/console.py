"""What every command shares: where it writes, and how an error becomes words and an exit code."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer
from rich.console import Console

from equity_audit.errors import EquityAuditError

OUT = Console(highlight=False, soft_wrap=True)
ERR = Console(stderr=True, highlight=False, soft_wrap=True)


@contextmanager
def exit_codes() -> Iterator[None]:
    """Turn an error that a person can act on into words and its exit code."""
    try:
        yield
    except EquityAuditError as error:
        ERR.print(f"equity-audit: {error}", markup=False)
        raise typer.Exit(error.exit_code) from None
    except KeyboardInterrupt:
        ERR.print("equity-audit: stopped; the next run starts clean")
        raise typer.Exit(130) from None
    except typer.Exit:
        raise
    except Exception as error:
        # Its words and its traceback may quote a record: the kind must do.
        ERR.print(f"equity-audit: a fault of the program or the machine ({type(error).__name__}); please report it")
        raise typer.Exit(1) from None
