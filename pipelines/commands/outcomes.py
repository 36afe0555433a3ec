"""The outcome of one command for each organisation: a problem with one does not stop the others."""

from collections.abc import Callable, Iterable
from pathlib import Path

from rich.console import Console

from assets.warehouse.failures import fault
from equity_audit.errors import EquityAuditError, Problem, together
from pipelines.interrupts import interrupted

# An organisation, or a label if it is not known, and a period; None for steps that come before any period.
Of = tuple[str, str | None]


class Outcomes:
    """Pages that were published, and errors, by organisation and period."""

    def __init__(self) -> None:
        self.pages: dict[Of, Path] = {}
        self.errors: dict[Of, EquityAuditError] = {}

    def attempt(self, of: Of, step: Callable[[], None]) -> bool:
        """Do one step for one organisation and return whether it succeeded. An interruption ends everything."""
        try:
            step()
        except EquityAuditError as error:
            self._add(of, error)
        except Exception as error:
            if interrupted():
                # DuckDB reports Ctrl-C during a query as an error of its own.
                raise KeyboardInterrupt from None
            # Whatever the error, the other organisations go on.
            self._add(of, fault(error))
        else:
            return True
        return False

    def holds(self, organisation: str) -> bool:
        """Return whether an organisation's files have an error, so that nothing is reported for it."""
        return (organisation, None) in self.errors

    def say_pages(self, console: Console) -> None:
        """Print the paths of the published pages."""
        if self.pages:
            console.print("Published:")
            for page in self.pages.values():
                console.print(f"  {page}", markup=False)

    def raise_errors(self) -> None:
        """Raise all errors as one, each problem with its organisation, and say what was published nevertheless.

        If there is only one error and nothing was published, it is raised unchanged.
        """
        if not self.errors:
            return
        if len(self.errors) == 1 and not self.pages:
            raise next(iter(self.errors.values()))
        owners: dict[Problem, list[str]] = {}
        for of, error in self.errors.items():
            for problem in error.problems:
                owners.setdefault(problem, []).append(_name(of))
        error = together(list(self.errors.values()))
        raise type(error)(
            *(
                Problem(
                    problem.what,
                    ": ".join(filter(None, ("; ".join(dict.fromkeys(names)), problem.where))),
                    problem.remedy,
                )
                for problem, names in owners.items()
            ),
            Problem(
                f"not published: {_list(of for of in self.errors if of not in self.pages)}. "
                f"Published nevertheless: {_list(self.pages)}"
            ),
        )

    def _add(self, of: Of, error: EquityAuditError) -> None:
        earlier = self.errors.get(of)
        self.errors[of] = together([earlier, error]) if earlier else error


def _name(of: Of) -> str:
    organisation, period = of
    return organisation if period is None else f"{organisation}, {period}"


def _list(names: Iterable[Of]) -> str:
    return "; ".join(map(_name, names)) or "nothing"
