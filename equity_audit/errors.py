"""Errors that a user can act on, and the exit code of each kind.

Each error says what is wrong, where, and what to do about it. Problems that can be corrected together are collected in
one error. A message never contains a value of a personal field.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One problem: `what` is wrong, `where` (a file, column, key or row number), and the `remedy`."""

    what: str
    where: str = ""
    remedy: str = ""

    def __str__(self) -> str:
        prefix = f"{self.where}: " if self.where else ""
        return f"{prefix}{self.what}" + (f"\n    What to do: {self.remedy}" if self.remedy else "")


class EquityAuditError(Exception):
    """Base class of errors that are reported to the user. Each class has the exit code of the command line."""

    exit_code = 1

    def __init__(self, *problems: Problem | str) -> None:
        self.problems: Sequence[Problem] = tuple(p if isinstance(p, Problem) else Problem(p) for p in problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class UsageError(EquityAuditError):
    """A command, setting or folder is wrong: nothing has been read."""

    exit_code = 2


class InputRefused(EquityAuditError):
    """A file cannot be used as it is: no part of it has been loaded."""

    exit_code = 3


class CheckFailed(EquityAuditError):
    """A blocking check failed: nothing has been published."""

    exit_code = 4


class DisclosureFailed(EquityAuditError):
    """The figures to be published could identify someone: nothing has been published."""

    exit_code = 5


# Of several errors, the gravest decides the exit code: figures that could identify someone, then internal errors.
_GRAVEST = (DisclosureFailed, EquityAuditError, CheckFailed, InputRefused, UsageError)


def together(errors: Sequence[EquityAuditError]) -> EquityAuditError:
    """Combine several errors into one with every problem, of the gravest kind."""
    kind = min((type(error) for error in errors), key=_GRAVEST.index)
    return kind(*(problem for error in errors for problem in error.problems))
