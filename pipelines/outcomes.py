"""What became of each organisation in one command: what is wrong with one stops no other."""

from collections.abc import Callable, Iterable
from pathlib import Path

from rich.console import Console

from assets.warehouse.failures import fault
from equity_audit.errors import EquityAuditError, Problem, together
from pipelines.interrupts import interrupted

# An organisation, or what stands for it where none can be told, and the period; None: anything that comes before one.
Of = tuple[str, str | None]


class Outcomes:
    """Pages that were published, and errors, by organisation and period."""

    def __init__(self) -> None:
        self.pages: dict[Of, Path] = {}
        self.errors: dict[Of, EquityAuditError] = {}

    def attempt(self, of: Of, step: Callable[[], None]) -> bool:
        """Do one step of one organisation; whether it came to its end. An interruption ends everything."""
        try:
            step()
        except EquityAuditError as error:
            self._add(of, error)
        except Exception as error:
            if interrupted():
                # DuckDB tells of a Ctrl-C amid a query as an error of its own.
                raise KeyboardInterrupt from None
            # Whatever it is, the others go on.
            self._add(of, fault(error))
        else:
            return True
        return False

    def holds(self, organisation: str) -> bool:
        """Whether something is wrong with an organisation's files, so that nothing of it is reported."""
        return (organisation, None) in self.errors

    def say_pages(self, console: Console) -> None:
        """Where the published pages are."""
        if self.pages:
            console.print("Published:")
            for page in self.pages.values():
                console.print(f"  {page}", markup=False)

    def raise_errors(self) -> None:
        """Raise what went wrong as one error, each problem with whose it is, and say what was published all the same.

        Of one organisation alone of which nothing came, its error is raised as it is.
        """
        if not self.errors:
            return
        if len(self.errors) == 1 and not self.pages:
            raise next(iter(self.errors.values()))
        same: dict[Problem, list[str]] = {}
        for of, error in self.errors.items():
            for problem in error.problems:
                same.setdefault(problem, []).append(_name(of))
        error = together(list(self.errors.values()))
        raise type(error)(
            *(
                Problem(one.what, ": ".join(filter(None, ("; ".join(dict.fromkeys(whose)), one.where))), one.remedy)
                for one, whose in same.items()
            ),
            Problem(
                f"not published: {_list(of for of in self.errors if of not in self.pages)}. "
                f"Published all the same: {_list(self.pages)}"
            ),
        )

    def _add(self, of: Of, error: EquityAuditError) -> None:
        earlier = self.errors.get(of)
        self.errors[of] = together([earlier, error]) if earlier else error


def _name(of: Of) -> str:
    organisation, period = of
    return organisation if period is None else f"{organisation}, {period}"


def _list(found: Iterable[Of]) -> str:
    return "; ".join(map(_name, found)) or "nothing"
