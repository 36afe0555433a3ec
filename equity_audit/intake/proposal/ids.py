"""Find what identifies an application: its own ids, those of people beside vacancies, or any distinct values."""

import re
from dataclasses import replace

from equity_audit.intake.proposal.columns import Choice, Column


def find_ids(
    shape: str | None,
    chosen: dict[str, Choice],
    lists: dict[str, tuple[str, ...]],
    columns: list[Column],
    stages: set[str],
) -> None:
    """Find the ids of applications: a column of ids, those of people beside their vacancies, or any distinct values."""
    by_name = {column.name: column for column in columns}
    choice = chosen.get("application_id")
    if choice and shape != "long" and (unique := by_name[choice.column].unique) < 0.95:
        reason = f"{choice.reason}, but only {unique:.0%} are distinct: rows of one application that differ are invalid"
        chosen["application_id"] = replace(choice, confidence="low", reason=reason)
    if choice:
        return
    if person := chosen.get("candidate_id"):
        unique = by_name[person.column].unique
        vacancy = chosen.get("vacancy_id")
        pairs = list(zip(by_name[person.column].values, by_name[vacancy.column].values, strict=True)) if vacancy else []
        together = shape == "long" or (unique < 1 and len(set(pairs)) >= max(0.98 * len(pairs), 1))
        if vacancy and together:
            reason = "no column has application ids; with the vacancy, these ids of people are nearly all distinct"
            chosen["application_id"] = Choice(person.column, "medium", reason)
            lists["more_ids"] = (vacancy.column,)
        elif (shape == "long" and _once(by_name, person, chosen["stage"])) or (shape != "long" and unique >= 0.98):
            del chosen["candidate_id"]
            reason = "no column has application ids; these ids of people are nearly all distinct"
            chosen["application_id"] = Choice(person.column, "low", reason)
        return
    used = {choice.column for choice in chosen.values()} | stages | {c for k in lists.values() for c in k}
    for column in columns:
        looks = column.share(lambda value: bool(re.fullmatch(r"[\w./#-]*\d[\w./#-]*", value)))
        distinct = column.unique == 1 and len(column.filled) == len(column.values) > 1
        if column.name not in used and distinct and looks == 1 and column.dates < 0.5 and not column.identifier:
            chosen["application_id"] = Choice(column.name, "low", "values alone; all are distinct and look like ids")
            return


def _once(columns: dict[str, Column], person: Choice, stage: Choice) -> bool:
    """Return whether no person is at a stage twice: otherwise some have made several applications."""
    pairs = list(zip(columns[person.column].values, columns[stage.column].values, strict=True))
    return len(set(pairs)) == len(pairs)
