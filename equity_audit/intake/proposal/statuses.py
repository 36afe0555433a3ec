"""Find the columns that say together what happened to an application: a status, its stage, the reason."""

import re
from collections.abc import Sequence

from equity_audit.intake.mapping import Status
from equity_audit.intake.proposal.columns import Choice, Column
from equity_audit.intake.proposal.words import outcome_of, path_of_parts, stages_named, stages_of_statuses

_NAMES = re.compile(r"\b(stage|step|phase|status|disposition|reason|outcome|state|result|decision)\b")
_MOST_VALUES = 60


def more_outcomes(chosen: dict[str, Choice], columns: Sequence[Column], dated: Sequence[str]) -> tuple[str, ...]:
    """Return the columns that prove more paths together with the status than the status alone, in this order.

    None is added if the status alone proves all. The stage comes first, then what gives a reason.
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
        and column.share(lambda value: outcome_of(value) or len(stages_named(value)) == 1) >= 0.3
    ]
    possible.sort(key=lambda column: -column.share(lambda value: len(stages_named(value)) == 1))
    together = [by_name[chosen["outcome"].column]]
    for column in possible:
        named = {stage for value in column.counts for stage in stages_named(value)}
        if named - {*stages_of_statuses(value for one in together for value in one.counts)}:
            # Stages that the status does not know: without them everybody would seem to have ended at the first.
            together.append(column)
            continue
        proved, with_column = _proved(together), _proved([*together, column])
        if proved < len(column.values) and with_column > proved:
            together.append(column)
    return tuple(column.name for column in together[1:])


def proves_all(chosen: dict[str, Choice], columns: Sequence[Column]) -> list[str]:
    """Return the stages that the status, and what else says what happened, proves for all rows; else an empty list."""
    by_name = {column.name: column for column in columns}
    if "outcome" not in chosen:
        return []
    together = [by_name[name] for name in (chosen["outcome"].column, *more_outcomes(chosen, columns, ()))]
    if _proved(together) < len(together[0].values):
        return []
    return stages_of_statuses(value for column in together for value in column.counts)


def _proved(columns: Sequence[Column]) -> int:
    """Return the number of sampled rows whose status proves a path."""
    stages = stages_of_statuses(value for column in columns for value in column.counts)
    if len(stages) < 2:
        return 0
    filled = [{value: value if value.strip() in column.counts else "" for value in column.values} for column in columns]
    known: dict[tuple[str, ...], bool] = {}
    proved = 0
    for row in zip(*(column.values for column in columns), strict=True):
        parts = tuple(texts[value].strip() for texts, value in zip(filled, row, strict=True))
        if parts not in known:
            known[parts] = isinstance(path_of_parts(parts, stages), Status)
        proved += known[parts]
    return proved
