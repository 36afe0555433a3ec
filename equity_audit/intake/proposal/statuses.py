"""Find the columns that say together what happened to an application: a status, its stage, the reason, a marked end."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import combinations

from equity_audit.intake.mapping import Status
from equity_audit.intake.proposal.columns import Choice, Column
from equity_audit.intake.proposal.words import (
    only_a_stage,
    outcome_of,
    path_of,
    path_of_parts,
    stages_named,
    stages_of_statuses,
)

_NAMES = re.compile(r"\b(stage|step|phase|status|disposition|reason|outcome|state|result|decision|bin)\b")
_MOST_VALUES = 60
# Names of columns that mark an outcome by a date or a yes. "Declined" alone does not say who declined.
_MARKS = {
    "rejected": r"\b(reject(ed|ion)|disqualified|unsuccessful)\b",
    "withdrew": r"\bwithdr(awn|ew|awal)\b",
    "declined": r"\b(offer|job) (declined|refused)\b|\bdeclined (the )?offer\b",
    "ineligible": r"\bineligible\b",
}
_NO_MARK = re.compile(r"\b(reason|by|comments?|notes?|e ?mails?|letters?|sent|not)\b")
# Outcomes that are not the employer's decision: a status that only says "rejected" does not show them.
_NOT_DECIDED = {"withdrew", "declined", "ineligible"}


def marked_outcomes(columns: Iterable[Column], used: Iterable[str]) -> dict[str, str]:
    """Return the column that marks each outcome by a date or a yes, as "Rejected On" or "Withdrawn?"."""
    taken, found = {*used}, dict[str, tuple[float, str]]()
    for column in columns:
        named = [outcome for outcome, pattern in _MARKS.items() if re.search(pattern, column.words)]
        share = max(column.stage_dates, column.flags)
        if column.name in taken or len(named) != 1 or share < 1 or _NO_MARK.search(column.words):
            continue
        # A date says as much as a yes, and a column of both would be rare.
        found[named[0]] = max(found.get(named[0], (0.0, "")), (column.stage_dates, column.name))
    return {outcome: found[outcome][1] for outcome in _MARKS if outcome in found}


def marks_column(marks: dict[str, str], columns: dict[str, Column]) -> Column | None:
    """Return the outcomes that columns mark as one column of words; None if there are none."""
    if not marks:
        return None
    rows = len(next(iter(columns.values())).values)
    words = [""] * rows
    for outcome in (*(o for o in marks if o == "rejected"), *(o for o in marks if o != "rejected")):
        column = columns[marks[outcome]]
        for row, value in enumerate(column.values):
            if value.strip() in column.counts and value.strip().lower() not in ("no", "n", "false", "f", "0"):
                words[row] = outcome
    return Column("(marks)", words)


def more_outcomes(
    chosen: dict[str, Choice], columns: Sequence[Column], dated: Sequence[str], marks: Column | None = None
) -> tuple[str, ...]:
    """Return the columns that prove more paths together with the status than the status alone, in this order.

    None is added if the status alone proves all, unless it shows who withdrew. The stage comes first, then what gives a
    reason. marks: what columns of dates and of yes and no say besides.
    """
    if "outcome" not in chosen:
        return ()
    by_name = {column.name: column for column in columns}
    used = {choice.column for key, choice in chosen.items() if key not in ("stage", "applicant_source")} | {*dated}
    possible = [
        column
        for column in columns
        if column.name not in used
        and _NAMES.search(column.words)
        and 0 < len(column.counts) <= _MOST_VALUES
        and column.dates < 0.5
        and (
            column.share(lambda value: outcome_of(value) or len(stages_named(value)) == 1) >= 0.3
            or _NOT_DECIDED & {outcome_of(value) for value in column.counts}
        )
    ]
    possible.sort(key=lambda column: -column.share(lambda value: len(stages_named(value)) == 1))
    together = [by_name[chosen["outcome"].column], *([marks] if marks else [])]
    for column in possible:
        known = {*stages_of_statuses(value for one in together for value in one.counts)}
        named = {stage for value in column.counts for stage in stages_named(value)}
        outcomes = {outcome_of(value) for value in column.counts} & _NOT_DECIDED
        if named - known or outcomes - {outcome_of(value) for one in together for value in one.counts}:
            # Stages that the status does not know: without them everybody would seem to have ended at the first.
            together.append(column)
            continue
        proved, with_column = _proved(together), _proved([*together, column])
        if proved < len(column.values) and with_column > proved:
            together.append(column)
    return tuple(column.name for column in together[1:] if column is not marks)


def proves_all(chosen: dict[str, Choice], columns: Sequence[Column], marks: Column | None = None) -> list[str]:
    """Return the stages that the status, and what else says what happened, proves for all rows; else an empty list."""
    by_name = {column.name: column for column in columns}
    if "outcome" not in chosen:
        return []
    more = more_outcomes(chosen, columns, (), marks)
    together = [*(by_name[name] for name in (chosen["outcome"].column, *more)), *([marks] if marks else [])]
    stages = stages_of_statuses(value for column in together for value in column.counts)
    several = len(together) > 1
    kept = provable_stages(_rows(together), stages, several=several, only_stages=not several, most=0)
    return kept if _proved(together, kept) == len(together[0].values) else []


def path_or_open(
    parts: Sequence[str], stages: list[str], *, several: bool, only_stages: bool
) -> tuple[Status | str, bool]:
    """Return the path that a status proves, or why it proves none, and whether it names no outcome: it may be open.

    several: the status is in several columns, so one that is blank may mean that nothing has been decided.
    only_stages: no other column could say what happened.
    """
    path = path_of_parts(parts, stages) if several else path_of(parts[0], stages)
    if isinstance(path, Status):
        return path, False
    open_if = "" in parts if several else only_stages and only_a_stage(parts[0])
    still_open = path_of_parts([*parts, "pending"], stages) if open_if else path
    return (still_open, True) if isinstance(still_open, Status) else (path, False)


def provable_stages(
    labels: Iterable[Sequence[str]], stages: list[str], *, several: bool, only_stages: bool, most: int
) -> list[str]:
    """Return the most stages of which all statuses prove a path, or all except `most`; all stages if that fails.

    "Rejected" alone does not say at which stage, but that it was between the first and the last.
    """
    given = list(labels)

    def unproved(kept: list[str]) -> int:
        return sum(
            isinstance(path_or_open(parts, kept, several=several, only_stages=only_stages)[0], str) for parts in given
        )

    middle = stages[1:-1] if len(stages) > 2 else []
    if unproved(stages) == 0 or not middle:
        return stages
    for allowed in (0, most):
        for size in range(len(middle) - (allowed == 0), -1, -1):
            for kept in combinations(middle, size):
                subset = [stages[0], *kept, stages[-1]]
                if unproved(subset) <= allowed:
                    return subset
    return stages


def _proved(columns: Sequence[Column], stages: list[str] | None = None) -> int:
    """Return the number of sampled rows whose status proves a path, or may still be open."""
    stages = stages or stages_of_statuses(value for column in columns for value in column.counts)
    if len(stages) < 2:
        return 0
    several = len(columns) > 1
    return sum(
        rows
        for parts, rows in _rows(columns).items()
        if isinstance(path_or_open(parts, stages, several=several, only_stages=not several)[0], Status)
    )


def _rows(columns: Sequence[Column]) -> Counter[tuple[str, ...]]:
    """Return how often each status in these columns occurs, "" for a blank part."""
    filled = [{value: value.strip() if value.strip() in c.counts else "" for value in c.values} for c in columns]
    values = zip(*(column.values for column in columns), strict=True)
    return Counter(tuple(texts[value] for texts, value in zip(filled, row, strict=True)) for row in values)
