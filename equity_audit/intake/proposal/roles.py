"""Decide what each column of an unknown export holds, and the shape of the export, from names and a sample of values.

Every choice says how certain it is and why. Values are examined in memory and never become part of a result.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from equity_audit.intake.identifiers import kind_by_name
from equity_audit.intake.mapping_checks import NEEDED_OF_NUMBERS
from equity_audit.intake.proposal.columns import ETHNICITIES, ROLES, Column, Role, nearest_role
from equity_audit.intake.proposal.numbers import NUMBERS, shape_of_numbers
from equity_audit.intake.proposal.words import STAGES, stages_named
from equity_audit.vocabulary import answers_hispanic, asks_hispanic

_NO_STAGE_DATE = re.compile(r"\b(clos\w*|expir\w*|invit\w*|deadline|due|opened|advert\w*|created|updated|modified)\b")
_REQUIRED = ("application_id", "vacancy_id", "ethnicity", "outcome")


@dataclass(frozen=True)
class Choice:
    """The column chosen for a role, how certain that is, why, and the other columns that could be meant."""

    column: str
    confidence: str
    reason: str
    others: tuple[str, ...] = ()


@dataclass(frozen=True)
class Layout:
    """The layout of an export.

    shape: None if no stages are recognised. stages: the column of each stage, for shapes that have one. drop: columns
    that may identify people, with the kind and whether the name or the content suggests it. unmapped: the others, with
    the nearest role.
    """

    shape: str | None
    columns: dict[str, Choice]
    stages: dict[str, Choice]
    drop: dict[str, tuple[str, str]]
    unmapped: dict[str, str | None]
    sample: dict[str, Column] = field(repr=False)

    @property
    def date_columns(self) -> list[str]:
        """The date columns that the proposal reads."""
        keys = ("applied_on", "reached_on", "snapshot", "wave")
        named = [self.columns[key].column for key in keys if key in self.columns]
        return named + ([choice.column for choice in self.stages.values()] if self.shape == "wide" else [])


def find_layout(sample: dict[str, list[str]], *, serial_dates: bool = False) -> Layout:
    """Give each column of a sample its role, if any. `serial_dates`: dates may be numbers, as in a workbook."""
    columns = {name: Column(name, values, serial_dates) for name, values in sample.items()}
    drop = {name: (kind, "name") for name in columns if (kind := kind_by_name(name))}
    rest = [column for name, column in columns.items() if name not in drop]
    if shape := shape_of_numbers(columns.values()):
        return _of_numbers(shape, columns, drop)
    dates, flags, counts = (_stage_columns(rest, kind) for kind in ("dates", "yes or no", "whole numbers"))
    taken = {choice.column for choice in (*dates.values(), *flags.values(), *counts.values())}
    chosen = _assign([column for column in rest if column.name not in taken])
    shape = "counts" if _is_table(chosen, counts, columns) else _shape(chosen, dates, flags, columns)
    if shape == "counts":
        chosen = {"ethnicity": chosen["ethnicity"]}
    if shape == "long":
        # The dates of all stages are in one column, even if its name seems to mean a single stage.
        chosen = _assign(rest)
    if shape != "counts":
        _two_questions(chosen, rest)
    stages = {"wide": dates, "flags": flags, "counts": counts}.get(shape or "", {})
    if shape in ("flags", "status") and "applied" in dates:
        chosen["applied_on"] = dates["applied"]
    if shape != "long":
        chosen.pop("stage", None)
        chosen.pop("reached_on", None)
    _warn_of_repeats(shape, chosen, columns)
    if "application_id" not in chosen and "candidate_id" in chosen:
        _people_as_applications(chosen, columns)
    used = {choice.column for choice in (*chosen.values(), *stages.values())}
    drop |= {c.name: (c.identifier, "content") for c in rest if c.name not in used and c.identifier}
    unmapped = {name: nearest_role(name) for name in columns if name not in used and name not in drop}
    return Layout(shape, chosen, stages, drop, unmapped, columns)


def _of_numbers(shape: str, columns: dict[str, Column], drop: dict[str, tuple[str, str]]) -> Layout:
    """Return the layout of staff headcounts, or of survey answers, which have no stages."""
    rest = [column for name, column in columns.items() if name not in drop]
    chosen = _assign(rest, NUMBERS[shape])
    used = {choice.column for choice in chosen.values()}
    drop = drop | {c.name: (c.identifier, "content") for c in rest if c.name not in used and c.identifier}
    unused = [name for name in columns if name not in used and name not in drop]
    return Layout(shape, chosen, {}, drop, {name: nearest_role(name, NUMBERS[shape]) for name in unused}, columns)


def missing_roles(layout: Layout) -> Iterable[str]:
    """Yield the keys that a mapping needs but the export does not show."""
    if layout.shape in NEEDED_OF_NUMBERS:
        needed = ("ethnicity", *NEEDED_OF_NUMBERS[layout.shape])
        yield from (f"columns.{key}" for key in needed if key not in layout.columns)
        return
    if layout.shape == "counts":
        # A table of counts does not say when they were counted.
        yield "source.period"
        return
    yield from (f"columns.{key}" for key in _REQUIRED if key not in layout.columns)
    if layout.shape is None or (layout.shape in ("flags", "status") and "applied_on" not in layout.columns):
        yield "columns.applied_on"
    if layout.shape == "long" and "reached_on" not in layout.columns:
        yield "columns.reached_on"


def _assign(columns: list[Column], roles: Mapping[str, Role] = ROLES) -> dict[str, Choice]:
    """Give each role its best column, and each column one role, the most certain pairs first."""
    scored: list[tuple[float, str, Column, str, float]] = []
    for key, role in roles.items():
        for column in columns:
            points, by = (2.0, "name") if re.search(role.names, column.words) else (1.0, "name alone may mean it")
            if points == 1 and not re.search(role.hints, column.words):
                # Ethnicity labels can be recognised by their values alone, but one-letter codes could be grades.
                if key != "ethnicity" or column.share(lambda value: len(value) > 2) < 0.5:
                    continue
                points, by = 0.0, "values alone"
            share = role.share(column)
            if share >= (role.least, 0.8, 0.9)[2 - int(points)]:
                scored.append((points + share, key, column, by, share))
    # The outcome of one stage is not that of the application.
    scored.sort(key=lambda pair: (-pair[0], pair[1] == "outcome" and bool(stages_named(pair[2].name))))
    chosen: dict[str, Choice] = {}
    for points, key, column, by, share in scored:
        if key not in chosen and column.name not in {choice.column for choice in chosen.values()}:
            others = tuple(c.name for p, k, c, *_ in scored if k == key and c is not column and p >= points - 0.5)
            chosen[key] = Choice(
                column.name, _confidence(by, share), _reason(by, share, column, roles[key].meaning), others
            )
    taken = {choice.column for choice in chosen.values()}
    return {
        key: Choice(c.column, c.confidence, c.reason, tuple(other for other in c.others if other not in taken))
        for key in roles
        if (c := chosen.get(key))
    }


def _stage_columns(columns: list[Column], kind: str) -> dict[str, Choice]:
    """Return for each stage the column of its dates, yes and no, or numbers, whose name mentions only this stage."""
    candidates: dict[str, list[tuple[float, Column]]] = {}
    for column in columns:
        named = stages_named(column.name)
        share = {"dates": column.stage_dates, "yes or no": column.flags, "whole numbers": column.numbers}[kind]
        dated = kind == "dates" and re.search(r"\b(date|day|on|at)\b", column.words)
        fits = share >= 0.8 or (not column.filled and dated)
        if fits and len(named) == 1 and not re.search(_NO_STAGE_DATE, column.words):
            candidates.setdefault(named[0], []).append((share, column))
    chosen = {}
    for stage in (stage for stage in STAGES if stage in candidates):
        (share, column), *others = sorted(candidates[stage], key=lambda pair: -pair[0])
        reason = _reason("name", share, column, kind)
        chosen[stage] = Choice(column.name, _confidence("name", share), reason, tuple(c.name for _, c in others))
    return chosen


def _is_table(chosen: dict[str, Choice], counts: dict[str, Choice], columns: dict[str, Column]) -> bool:
    """Return whether this is a table of counts: a row for each ethnic group, and numbers for the stages."""
    ethnicity = chosen.get("ethnicity")
    return ethnicity is not None and columns[ethnicity.column].unique == 1 and "applied" in counts and len(counts) > 1


def _shape(
    chosen: dict[str, Choice], dates: dict[str, Choice], flags: dict[str, Choice], columns: dict[str, Column]
) -> str | None:
    """Return long if ids repeat and there is a column of stages; otherwise the shape that shows most stages."""
    application = chosen.get("application_id")
    repeats = application is None or columns[application.column].unique < 0.95
    if "stage" in chosen and repeats:
        return "long"
    shown = {stage: choice for stage, choice in flags.items() if stage != "applied"}
    if "applied" in dates and len(dates) > 1 and len(dates) > len(shown):
        return "wide"
    if "applied" in dates and shown:
        flags.pop("applied", None)
        return "flags"
    return "status" if "outcome" in chosen else None


def _two_questions(chosen: dict[str, Choice], columns: list[Column]) -> None:
    """Find the column that asks whether people are Hispanic or Latino: by its name, else by its answers."""
    used = {choice.column for choice in chosen.values()}
    unused = [column for column in columns if column.name not in used]
    by_name = [column for column in unused if asks_hispanic(column.name)]
    asking = by_name or [column for column in unused if answers_hispanic(column.filled)]
    if "ethnicity" in chosen and asking:
        others = tuple(column.name for column in asking[1:])
        reason = f"{'name' if by_name else 'values'}; asked as well as race, and takes precedence over it"
        chosen["hispanic"] = Choice(asking[0].name, "high", reason, others)


def _warn_of_repeats(shape: str | None, chosen: dict[str, Choice], columns: dict[str, Column]) -> None:
    """Lower the confidence of repeated ids if each application has one row: they may be ids of something else."""
    choice = chosen.get("application_id")
    if choice and shape != "long" and (unique := columns[choice.column].unique) < 0.95:
        reason = f"{choice.reason}, but only {unique:.0%} are distinct: rows of one application that differ are invalid"
        chosen["application_id"] = replace(choice, confidence="low", reason=reason)


def _people_as_applications(chosen: dict[str, Choice], columns: dict[str, Column]) -> None:
    """Use the ids of people as those of applications if nobody applied twice."""
    person = chosen["candidate_id"]
    if columns[person.column].unique >= 0.98:
        del chosen["candidate_id"]
        chosen["application_id"] = Choice(
            person.column, "low", "no column has application ids; these ids of people are nearly all distinct"
        )


def _confidence(by: str, share: float) -> str:
    if by == "name":
        return "high" if share >= 0.95 else "medium" if share >= 0.5 else "low"
    return "medium" if share >= 0.95 else "low"


def _reason(by: str, share: float, column: Column, meaning: str) -> str:
    if meaning == ETHNICITIES and column.share(lambda value: len(value) <= 2) > 0.5:
        meaning = "ethnic category codes"
    if not column.filled:
        return f"{by}; all {len(column.values)} sampled values are blank"
    seen = len(column.values) if meaning == "ids" else len(column.filled)
    return f"{by}; {share:.0%} of {seen} sampled values are {meaning}"
