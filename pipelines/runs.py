"""Runs of the jobs inside this process, recorded in the home's Dagster instance so that the UI shows them later."""

import os
from getpass import getuser
from pathlib import Path
from typing import Any

import dagster as dg

from assets.resources import ORGANISATION_TAG
from assets.warehouse.connection import warehouse_damage
from assets.warehouse.failures import TRACEBACKS, failures_folder, kept_words
from equity_audit.errors import CheckFailed, DisclosureFailed, EquityAuditError, Problem
from pipelines.definitions import build_definitions
from pipelines.interrupts import interrupted

# The tag of a run with the name under which its starter was logged in.
STARTED_BY = "equity_audit/started_by"


def execute(
    home: Path,
    instance: dg.DagsterInstance,
    job: str,
    partition: str | None,
    config: dict[str, Any],
    organisation: str | None = None,
) -> None:
    """Run one job of a home, by its policy of now, for one partition where it has any.

    organisation: whose part of the partition; None for all of it. Raises the error that a person can act on.
    """
    result = (
        build_definitions(home)
        .resolve_job_def(job)
        .execute_in_process(
            instance=instance,
            partition_key=partition,
            run_config={"ops": config, "loggers": {"progress": {}}},
            # For the auditor, in the home alone: an edition names its run, and no member of staff.
            tags={STARTED_BY: starter()} | ({} if organisation is None else {ORGANISATION_TAG: organisation}),
            raise_on_error=False,
        )
    )
    if interrupted():
        # Dagster may take a Ctrl-C for a failed step, or let a short step pass over it.
        raise KeyboardInterrupt
    if not result.success:
        raise _failure(home, result)


def starter() -> str:
    """The name of whoever is logged in; in a container whose user has no name, their number."""
    try:
        return getuser()
    except (KeyError, OSError):
        return f"user {os.getuid()}"


def _failure(home: Path, result: dg.ExecuteInProcessResult) -> EquityAuditError:
    """What went wrong, from the run's events: blocking checks first, then errors with words of their own."""
    failed = [
        evaluation
        for evaluation in result.get_asset_check_evaluations()
        if not evaluation.passed and evaluation.severity == dg.AssetCheckSeverity.ERROR
    ]
    if failed:
        kind = DisclosureFailed if any(e.asset_key.path[0] == "disclosed" for e in failed) else CheckFailed
        return kind(
            *(
                Problem(
                    f"this did not hold: {evaluation.description}",
                    f"{'.'.join(evaluation.asset_key.path)}, check {evaluation.check_name}",
                )
                for evaluation in failed
            ),
            Problem(
                "no new edition was published",
                f"run {result.run_id}",
                "see the run in equity-audit serve and report the check"
                + ("; the folder private lists the counts that it is about" if kind is DisclosureFailed else ""),
            ),
        )
    if said := kept_words(home, result.run_id):
        return said
    # A step that met a damaged block tells only that it failed.
    if damage := warehouse_damage(home):
        return damage
    step = next((event.step_key for event in result.all_events if event.is_step_failure), "before its first step")
    traceback = failures_folder(home) / TRACEBACKS
    return EquityAuditError(
        Problem(
            "this is a fault of the program, not of your data",
            f"run {result.run_id}, step {step}",
            f"report it; what the program said is in {traceback}, which may quote records: do not pass it on unread",
        )
    )
