"""Decide what each column of an unknown export holds, and the shape of the export, from names and a sample of values.

Every choice says how certain it is and why. Values are examined in memory and never become part of a result.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from equity_audit.intake.identifiers import kind_by_name
from equity_audit.intake.proposal.columns import ETHNICITIES, ROLES, Choice, Column, Role, earliest_dates, nearest_role
from equity_audit.intake.proposal.flags import own_flag_words
from equity_audit.intake.proposal.ids import find_ids
from equity_audit.intake.proposal.numbers import NUMBERS, shape_of_numbers
from equity_audit.intake.proposal.statuses import marked_outcomes, marks_column, more_outcomes, proves_all
from equity_audit.intake.proposal.tables import TableLayout, find_table, is_percent_column
from equity_audit.intake.proposal.words import STAGES, stages_named
from equity_audit.vocabulary import answers_hispanic, asks_hispanic

_NO_STAGE_DATE = re.compile(
    r"\bids?$|\b(clos\w*|expir\w*|invit\w*|deadline|due|opened|advert\w*|created|updated|modified)\b"
)


@dataclass(frozen=True)
class Layout:
    """The layout of an export.

    shape: None if no stages are recognised. stages: the column of each stage, for shapes that have one. drop: columns
    that may identify people, with the kind and whether the name or the content suggests it. unmapped: the others, with
    the nearest role. lists: keys that name several columns. table: of a table of counts. words: the source's own words
    in flags, and whether each means yes. marks: the column that marks each outcome by a date or a yes.
    """

    shape: str | None
    columns: dict[str, Choice]
    stages: dict[str, Choice]
    drop: dict[str, tuple[str, str]]
    unmapped: dict[str, str | None]
    sample: dict[str, Column] = field(repr=False)
    lists: dict[str, tuple[str, ...]] = field(default_factory=dict)
    table: TableLayout | None = None
    words: tuple[tuple[str, bool], ...] = ()
    marks: dict[str, str] = field(default_factory=dict)

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
    if not any(columns[choice.column].numbers for choice in counts.values()):
        counts = {}  # 0 and 1 alone mean no and yes
    taken = {choice.column for choice in (*dates.values(), *flags.values(), *counts.values())}
    chosen = _assign([column for column in rest if column.name not in taken])
    # Dates stored as numbers are whole numbers too.
    table = find_table(chosen, counts, {column.name: column for column in rest}) if len(dates) < 2 else None
    if table:
        return _of_table(table, columns, drop)
    _history(chosen, columns)
    shape = _shape(chosen, dates, flags, columns)
    marks = marked_outcomes(rest, taken)
    chosen, shape = _or_status(
        shape, chosen, rest, sum(bool(columns[c.column].filled) for c in dates.values()), marks_column(marks, columns)
    )
    if shape == "long":
        # The dates of all stages are in one column, even if its name seems to mean a single stage.
        stage = chosen["stage"]
        chosen = _assign(rest)
        if "stage" not in chosen:
            chosen = {key: choice for key, choice in chosen.items() if choice.column != stage.column} | {"stage": stage}
    _two_questions(chosen, rest)
    stages = {"wide": dates, "flags": flags}.get(shape or "", {})
    _find_applied(shape, chosen, dates, [c for c in rest if c.name not in marks.values()])
    if shape == "wide" and "applied" not in dates and "applied_on" in chosen:
        stages = {"applied": chosen.pop("applied_on"), **dates}
    if shape in ("wide", "long"):
        chosen.pop("applied_on", None)
    lists: dict[str, tuple[str, ...]] = {}
    if shape == "status":
        dated = [*(choice.column for choice in dates.values()), *marks.values()]
        lists["more_outcomes"] = more_outcomes(chosen, rest, dated, marks_column(marks, columns))
    if shape != "long":
        chosen.pop("stage", None)
        chosen.pop("reached_on", None)
    if shape in ("wide", "flags", "long") and "outcome" in chosen and not columns[chosen["outcome"].column].filled:
        del chosen["outcome"]
    if shape not in ("wide", "flags", "status") or (shape != "status" and "outcome" in chosen):
        marks = {}
    find_ids(shape, chosen, lists, rest, {choice.column for choice in stages.values()})
    used = {choice.column for choice in (*chosen.values(), *stages.values())} | {c for k in lists.values() for c in k}
    used |= {*marks.values()}
    drop |= {c.name: (c.identifier, "content") for c in rest if c.name not in used and c.identifier}
    unmapped = {name: nearest_role(name) for name in columns if name not in used and name not in drop}
    own = (
        {word for choice in stages.values() for word in own_flag_words(columns[choice.column])}
        if shape == "flags"
        else set()
    )
    return Layout(shape, chosen, stages, drop, unmapped, columns, lists, words=tuple(sorted(own)), marks=marks)


def _of_table(table: TableLayout, columns: dict[str, Column], drop: dict[str, tuple[str, str]]) -> Layout:
    """Return the layout of a table of counts."""
    used = {choice.column for choice in (*table.columns.values(), *table.stages.values())}
    used |= {*table.sum_over, *([table.year] if table.year else []), *(table.only or ())[:1]}
    if table.orientation == "across":
        used = set(columns)
    unmapped = {name: nearest_role(name) for name in columns if name not in used and name not in drop}
    lists = {"sum_over": table.sum_over} if table.sum_over else {}
    chosen = dict(table.columns)
    if table.year:
        chosen["period"] = Choice(table.year, "high", "each row counts for the year that it names")
    return Layout("counts", chosen, table.stages, drop, unmapped, columns, lists, table)


def _of_numbers(shape: str, columns: dict[str, Column], drop: dict[str, tuple[str, str]]) -> Layout:
    """Return the layout of staff headcounts, or of survey answers, which have no stages."""
    rest = [column for name, column in columns.items() if name not in drop]
    chosen = _assign(rest, NUMBERS[shape])
    used = {choice.column for choice in chosen.values()}
    drop = drop | {c.name: (c.identifier, "content") for c in rest if c.name not in used and c.identifier}
    unused = [name for name in columns if name not in used and name not in drop]
    return Layout(shape, chosen, {}, drop, {name: nearest_role(name, NUMBERS[shape]) for name in unused}, columns)


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
    scored = [
        entry
        for entry in scored
        if entry[1] != "applied_on" or not any(key == "reached_on" and c is entry[2] for _, key, c, *_ in scored)
    ]
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
        share = {"dates": column.stage_dates, "yes or no": column.flags, "whole numbers": column.counted}[kind]
        dated = kind == "dates" and re.search(r"\b(date|day|on|at)\b", column.words)
        if kind == "yes or no" and own_flag_words(column):
            share = 1.0
        if kind == "whole numbers" and is_percent_column(column):
            continue
        fits = share >= 0.8 or (not column.filled and dated)
        if fits and len(named) == 1 and not re.search(_NO_STAGE_DATE, column.words):
            candidates.setdefault(named[0], []).append((share, column))
    chosen = {}
    for stage in (stage for stage in STAGES if stage in candidates):
        (share, column), *others = sorted(candidates[stage], key=lambda pair: -pair[0])
        reason = _reason("name", share, column, kind)
        chosen[stage] = Choice(column.name, _confidence("name", share), reason, tuple(c.name for _, c in others))
    return chosen


def _shape(
    chosen: dict[str, Choice], dates: dict[str, Choice], flags: dict[str, Choice], columns: dict[str, Column]
) -> str | None:
    """Return long if a column has stages and ids repeat with them; otherwise the shape that shows most stages."""
    if "stage" in chosen and _rows_are_stages(chosen, columns):
        return "long"
    shown = {stage: choice for stage, choice in flags.items() if stage != "applied"}
    applied = "applied" in dates or "applied_on" in chosen
    if applied and len({*dates, "applied"}) > 1 and len({*dates, "applied"}) > len(shown):
        return "wide"
    if shown:
        flags.pop("applied", None)
        return "flags"
    return "status" if "outcome" in chosen else None


def _or_status(
    shape: str | None, chosen: dict[str, Choice], columns: list[Column], dated: int, marks: Column | None
) -> tuple[dict[str, Choice], str | None]:
    """Return the roles and the shape; status if no other fits, or if the status of every row proves more stages.

    The stage at which an application is, or ended, is its status if nothing else is.
    """
    as_status = chosen
    if "outcome" not in chosen and "stage" in chosen:
        as_status = {key: choice for key, choice in chosen.items() if key != "stage"} | {"outcome": chosen["stage"]}
    if "outcome" in as_status and (
        shape is None or (shape == "wide" and len(proves_all(as_status, columns, marks)) > dated)
    ):
        return as_status, "status"
    return chosen, shape


def _find_applied(
    shape: str | None, chosen: dict[str, Choice], dates: dict[str, Choice], columns: list[Column]
) -> None:
    """Find the date of applying of a source that has one date: by its name, else as the earliest date of every row."""
    if shape not in ("flags", "status"):
        return
    if "applied" in dates:
        chosen["applied_on"] = dates["applied"]
    used = {choice.column for choice in chosen.values()}
    first = earliest_dates(column for column in columns if column.name not in used)
    if "applied_on" not in chosen and first:
        chosen["applied_on"] = Choice(first.name, "low", "values alone; never blank, and never after another date")


def _history(chosen: dict[str, Choice], columns: dict[str, Column]) -> None:
    """Take the status for the stage in a history: a row for each status of an application, with its date."""
    if "stage" not in chosen and "outcome" in chosen and "reached_on" in chosen:
        history = {**chosen, "stage": chosen["outcome"]}
        if _rows_are_stages(history, columns):
            chosen["stage"] = chosen.pop("outcome")


def _rows_are_stages(chosen: dict[str, Choice], columns: dict[str, Column]) -> bool:
    """Return whether ids repeat because an application has a row for each stage: no stage occurs twice for one id."""
    key = next((key for key in ("application_id", "candidate_id") if key in chosen), None)
    if key is None:
        return False
    ids, stages = columns[chosen[key].column], columns[chosen["stage"].column]
    if ids.unique >= 0.95 or len(stages.counts) < 2:
        return False
    pairs = list(zip(ids.values, stages.values, strict=True))
    # The numbers of posts or of people repeat with the same stage.
    return len(set(pairs)) >= 0.9 * len(pairs)


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
