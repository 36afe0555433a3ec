"""What can go wrong for a person, and the exit code that each kind carries.

Each error says what is wrong, where, and what to do about it. Faults that one person can mend together are
collected in one error. No message ever carries a value of a personal field.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One fault: `what` is wrong, `where` (a file, column, key or row number), and the `remedy`."""

    what: str
    where: str = ""
    remedy: str = ""

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        return f"{place}{self.what}" + (f"\n    What to do: {self.remedy}" if self.remedy else "")


class EquityAuditError(Exception):
    """Base of every error that a person can act on. `exit_code` is the command line's contract."""

    exit_code = 1

    def __init__(self, *problems: Problem | str) -> None:
        self.problems: Sequence[Problem] = tuple(p if isinstance(p, Problem) else Problem(p) for p in problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class UsageError(EquityAuditError):
    """A command, setting or folder is wrong: nothing has been read."""

    exit_code = 2


class InputRefused(EquityAuditError):
    """A file cannot be used as it is: nothing of it has been loaded."""

    exit_code = 3


class CheckFailed(EquityAuditError):
    """A blocking check failed: nothing has been published."""

    exit_code = 4


class DisclosureFailed(EquityAuditError):
    """What would be published could identify someone: nothing has been published."""

    exit_code = 5


# Of several errors the first of these decides the exit code: what could identify someone before all, then what nobody
# foresaw.
_GRAVEST = (DisclosureFailed, EquityAuditError, CheckFailed, InputRefused, UsageError)


def together(errors: Sequence[EquityAuditError]) -> EquityAuditError:
    """Several errors as one: every problem, and the kind of the gravest."""
    kind = min((type(error) for error in errors), key=_GRAVEST.index)
    return kind(*(problem for error in errors for problem in error.problems))
