"""What a page says of clustering: by how much ranges are wider because decisions go together."""

from collections.abc import Mapping
from typing import Any

from reports.edition.record import Edition
from reports.figures.printable import percent, ratio, step_name
from reports.figures.shown_numbers import derived, shown_rows

_BASIS = {
    "estimated": "estimated from these records, rounded up",
    "default": "too few to estimate or publish one: default of the settings",
    "independent": "counted by its source, without vacancies: taken as independent",
}


def clustering(edition: Edition) -> dict[str, Any]:
    """Return a sentence on how ranges allow for decisions that go together, and the design effect of every step."""
    rows = shown_rows(edition.tables["design_effects"].sort("step_order"), "design_effects")
    return {"sentence": _sentence(rows), "steps": [_step(row) for row in rows]}


def _sentence(rows: list[dict[str, Any]]) -> str:
    if not rows:
        return ""
    if all(row["basis"] == "independent" for row in rows):
        return (
            "These counts do not say which vacancy or person an application belongs to, so every decision is taken as "
            "separate. Where a panel decides on many applications, or people apply several times, the true ranges are "
            "wider."
        )
    ordered = sorted(rows, key=lambda row: row["design_effect"])
    least, most = (_wider(row["design_effect"]) for row in (ordered[0], ordered[-1]))
    because = "People apply to several posts, and a panel decides on many applications at once."
    if ordered[-1]["design_effect"] == 1:
        return f"{because} In these records that makes no range wider."
    by = least if ordered[0]["design_effect"] == ordered[-1]["design_effect"] else f"{least} to {most}, by step"
    return f"{because} Ranges here are wider for that, by {by}, and findings take it into account."


def _step(row: Mapping[str, Any]) -> dict[str, str]:
    return {
        "name": step_name(row["from_stage"], row["to_stage"]),
        "effect": ratio(row["design_effect"]),
        "wider": _wider(row["design_effect"]),
        "basis": _BASIS[row["basis"]],
    }


def _wider(effect: float) -> str:
    """Write by how much a range is wider if its variance is this many times larger."""
    return percent(derived(effect**0.5 - 1, effect))
