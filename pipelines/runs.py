"""Run jobs inside this process, recorded in the home's Dagster instance so that its UI shows them later."""

import os
from getpass import getuser
from pathlib import Path
from typing import Any

import dagster as dg

from assets.resources import ORGANISATION_TAG
from assets.warehouse.connection import close_kept, warehouse_damage
from assets.warehouse.failures import TRACEBACKS, failures_folder, kept_words
from equity_audit.errors import CheckFailed, DisclosureFailed, EquityAuditError, Problem
from pipelines.definitions import build_definitions
from pipelines.interrupts import interrupted

# The tag that holds the login name of the person who started a run.
STARTED_BY = "equity_audit/started_by"


def execute(
    home: Path,
    instance: dg.DagsterInstance,
    job: str,
    partition: str | None,
    config: dict[str, Any],
    organisation: str | None = None,
) -> None:
    """Run one job of a home under its current policy, for one partition if the job is partitioned.

    organisation: restricts the run to one organisation; None for all. Raises an error that a user can act on.
    """
    result = (
        build_definitions(home)
        .resolve_job_def(job)
        .execute_in_process(
            instance=instance,
            partition_key=partition,
            run_config={"ops": config, "loggers": {"progress": {}}},
            # For the auditor, and kept in the home only: an edition names its run but no member of staff.
            tags={STARTED_BY: starter()} | ({} if organisation is None else {ORGANISATION_TAG: organisation}),
            raise_on_error=False,
        )
    )
    if interrupted():
        # Dagster may report a Ctrl-C as a failed step, or a short step may finish in spite of it.
        raise KeyboardInterrupt
    if not result.success:
        # After some errors DuckDB refuses everything until the file is opened again.
        close_kept(home)
        raise _failure(home, result)


def starter() -> str:
    """Return the login name; in a container whose user has no name, the user's number."""
    try:
        return getuser()
    except (KeyError, OSError):
        return f"user {os.getuid()}"


def _failure(home: Path, result: dg.ExecuteInProcessResult) -> EquityAuditError:
    """Return what went wrong in a run: failed blocking checks first, then the error that was kept, then damage."""
    failed_checks = [
        evaluation
        for evaluation in result.get_asset_check_evaluations()
        if not evaluation.passed and evaluation.severity == dg.AssetCheckSeverity.ERROR
    ]
    if failed_checks:
        kind = DisclosureFailed if any(e.asset_key.path[0] == "disclosed" for e in failed_checks) else CheckFailed
        return kind(
            *(
                Problem(
                    f"this check failed: {evaluation.description}",
                    f"{'.'.join(evaluation.asset_key.path)}, check {evaluation.check_name}",
                )
                for evaluation in failed_checks
            ),
            Problem(
                "no new edition was published",
                f"run {result.run_id}",
                "see the run in equity-audit serve and report the check"
                + ("; the folder private lists the counts concerned" if kind is DisclosureFailed else ""),
            ),
        )
    if kept_error := kept_words(home, result.run_id):
        return kept_error
    # A step that read a damaged block reports only that it failed.
    if damage := warehouse_damage(home):
        return damage
    step = next((event.step_key for event in result.all_events if event.is_step_failure), "before its first step")
    traceback = failures_folder(home) / TRACEBACKS
    return EquityAuditError(
        Problem(
            "internal error: nothing is wrong with your data",
            f"run {result.run_id}, step {step}",
            f"report it; details are in {traceback}: read them before you pass them on, since they may quote a record",
        )
    )
