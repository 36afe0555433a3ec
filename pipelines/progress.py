"""Show progress while a run executes: one line for each step, from Dagster's own events."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import dagster as dg
from rich.console import Console

from equity_audit.contracts import POPULATION_TABLES

# Names of steps in words; a step that is not here is shown by its own name.
STEPS = {
    "load_extract": "reading, mapping and loading the file",
    "check_applicant_stages": "checking every row",
    "intake__accepted_extracts": "accepting the extract",
    "out__stage_counts": "counting",
    "check_stage_counts": "checking the counts",
    "out__design_effects": "how far decisions go together",
    "out__selection_rates": "selection rates",
    "out__disparities": "disparities",
    "check_disparities": "recomputing the figures independently",
    "out__stratified_disparities": "comparing like with like",
    "whole_path": "the whole path",
    "out__rule_tables": "tables by rules",
    "check_measures": "checking figures against each other",
    "disclose": "protecting the figures",
    "check_disclosed_counts": "attacking what is to be published",
    "check_disclosed_figures": "checking that figures follow from published counts",
    "private__records": "listing what is known of the files, for the analyst alone",
    "disclosed__checks": "listing the checks",
    "edition__edition": "writing the edition",
    "edition__index": "listing the editions",
    "private__analyst": "writing the analyst's private pages",
    "over_time": "rates and ratios over all years",
    "private__not_borne_out": "comparing reviews with the exact counts, for the analyst only",
    "review": "reviewing programmes from published editions",
}

for _one in POPULATION_TABLES:
    STEPS |= {
        f"out__{_one.name}": f"counting {_one.people}",
        f"check_{_one.name}": f"counting {_one.people} again",
        f"disclose_{_one.name}": f"protecting numbers of {_one.people}",
        f"check_disclosed_{_one.name}": f"attacking what is to be published of {_one.people}",
    }
    if _one.exact_measures:
        STEPS |= {
            f"out__{_one.exact_measures.name}": f"measures of {_one.people}",
            f"check_{_one.exact_measures.name}": f"checking measures of {_one.people}",
        }

_listeners: list[Callable[[str, str], None]] = []


class _EventHandler(logging.Handler):
    """Pass the start and end of steps to the listeners, without printing anything."""

    def emit(self, record: logging.LogRecord) -> None:
        meta: dict[str, Any] = getattr(record, "dagster_meta", {})
        event = meta.get("dagster_event")
        if event is not None and event.step_key and event.event_type_value in ("STEP_START", "STEP_SUCCESS"):
            for listener in _listeners:
                listener(event.event_type_value, event.step_key)


@dg.logger(description="Tells the command line which step is running.")
def progress_logger(_: dg.InitLoggerContext) -> logging.Logger:
    """Return a logger without output, for runs that a command started."""
    logger = logging.Logger("equity_audit_progress")
    logger.addHandler(_EventHandler())
    return logger


@contextmanager
def shown(console: Console, title: str) -> Iterator[None]:
    """Show the steps of one run under a title: a spinner on a terminal, plain lines elsewhere."""
    with console.status(title) as status:

        def listen(kind: str, step: str) -> None:
            if kind == "STEP_START":
                status.update(f"{title}: {STEPS.get(step, step)}")

        _listeners.append(listen)
        try:
            yield
        finally:
            _listeners.remove(listen)
