"""The checks of an edition, each once, and what every page says of them together."""

from collections.abc import Sequence
from typing import Any

from reports.edition.record import CheckRecord
from reports.figures.printable import tally


def check_results(checks: Sequence[CheckRecord]) -> list[dict[str, Any]]:
    """Return each check once, by table and name: one that ran on several files is met if it was met for all of them.

    "times": how often it ran.
    """
    results: dict[tuple[str, str], dict[str, Any]] = {}
    for check in checks:
        result = results.setdefault(
            (check.table, check.name),
            {
                "table": check.table,
                "name": check.name,
                "meaning": check.meaning,
                "severity": check.severity,
                "passed": True,
                "times": 0,
            },
        )
        result["passed"] = result["passed"] and check.passed
        result["times"] += 1
    return list(results.values())


def not_met(results: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the results that were not met: in a published edition, warnings."""
    return [result for result in results if not result["passed"]]


def checks_in_words(results: Sequence[dict[str, Any]]) -> str:
    """Say how many checks were met: "All 42 checks met", or "1 of 42 checks not met"."""
    failed, total = len(not_met(results)), tally(len(results))
    if failed:
        return f"{tally(failed)} of {total} checks not met"
    return f"All {total} checks met" if len(results) > 1 else f"{total} check met"
