"""Runs of the jobs inside this process, recorded in the home's Dagster instance so that the UI shows them later."""

import os
from getpass import getuser
from typing import Any

import dagster as dg

from assets.partitions import home_folder
from equity_audit.errors import CheckFailed, DisclosureFailed, EquityAuditError, InputRefused, Problem, UsageError
from pipelines.resources import make_resources

_KINDS = {kind.__name__: kind for kind in (UsageError, InputRefused, CheckFailed, DisclosureFailed)}

# The tag of a run with the name under which its starter was logged in.
STARTED_BY = "equity_audit/started_by"

# Dagster may take a Ctrl-C for a failed step, or let a short step pass over it: the command line notes each here.
interrupts: list[int] = []


def execute(
    definitions: dg.Definitions, instance: dg.DagsterInstance, job: str, partition: str | None, config: dict[str, Any]
) -> None:
    """Run one job in the home that is named now, for one partition where it has any.

    Raises the error that a person can act on.
    """
    result = definitions.resolve_job_def(job).execute_in_process(
        instance=instance,
        partition_key=partition,
        run_config={"ops": config, "loggers": {"progress": {}}},
        # For the auditor, in the home alone: an edition names its run, and no member of staff.
        tags={STARTED_BY: starter()},
        resources=make_resources(home_folder()),
        raise_on_error=False,
    )
    if interrupts:
        raise KeyboardInterrupt
    if not result.success:
        raise _failure(result)


def starter() -> str:
    """The name of whoever is logged in; in a container whose user has no name, their number."""
    try:
        return getuser()
    except (KeyError, OSError):
        return f"user {os.getuid()}"


def _failure(result: dg.ExecuteInProcessResult) -> EquityAuditError:
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
                "nothing was published",
                f"run {result.run_id}",
                "see the run in equity-audit serve and report the check"
                + ("; the folder private lists the counts that it is about" if kind is DisclosureFailed else ""),
            ),
        )
    for event in result.all_events:
        if event.is_step_failure and (failure := event.step_failure_data.user_failure_data):
            kind = failure.metadata.get("kind")
            return _KINDS.get(getattr(kind, "text", ""), EquityAuditError)(failure.description or "")
    step = next((event.step_key for event in result.all_events if event.is_step_failure), "before its first step")
    return EquityAuditError(
        Problem(
            "this is a fault of the program, not of your data",
            f"run {result.run_id}, step {step}",
            "see the run in equity-audit serve and report it; nothing was published",
        )
    )
