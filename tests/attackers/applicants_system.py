"""What is known of applicants: of each group and part of a split, how many reached each stage and were decided on."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

from tests.attackers.editions import Edition, Row, seen
from tests.attackers.levels import Cell, add_sums
from tests.attackers.rule import Print, Ranges, Rule, size
from tests.attackers.system import Asked, Constraints, Kind, Linear, Unknown

OUTCOMES = ("withdrew", "declined", "ineligible", "pending")
# By how much a later revision's numbers differ from the first's.
Differences = Mapping[Unknown, int]
# Each count by name, as it is seen in each revision.
Prints = dict[tuple[str, ...], list[tuple[Linear, Ranges, Print]]]


def reached(cell: Cell, stage: str) -> Unknown:
    """The name of how many of a cell reached a stage."""
    return ("reached", cell, stage)


def decided(cell: Cell, stage: str) -> Unknown:
    """The name of how many of a cell were decided on at a stage."""
    return ("decided", cell, stage)


def left(cell: Cell, stage: str) -> Unknown:
    """The name of how many of a cell left a stage before they were decided on."""
    return ("left", cell, stage)


def rejected(cell: Cell, stage: str) -> Unknown:
    """The name of how many of a cell were turned down at a stage."""
    return ("rejected", cell, stage)


def lost(outcome: str, stage: str) -> Unknown:
    """The name of how many of all applicants left a stage in one way."""
    return ("lost", outcome, stage)


@dataclass(frozen=True)
class Step:
    """A step or a span of several, from one stage to another."""

    cell: Cell
    stages: tuple[str, ...]

    @property
    def linears(self) -> dict[str, Linear]:
        """What each column counts, and what can be inferred between them."""
        start, *_, end = self.stages
        turned_down = [rejected(self.cell, stage) for stage in self.stages[:-1]]
        return {
            "reached": Linear.of(reached(self.cell, start)),
            "decided": Linear.of(reached(self.cell, end), *turned_down),
            "progressed": Linear.of(reached(self.cell, end)),
            "rejected": Linear.of(*turned_down),
            "left": Linear.of(*(left(self.cell, stage) for stage in self.stages[:-1])),
        }


def with_losses(numbers: Mapping[Unknown, int]) -> dict[Unknown, int]:
    """Numbers of who reached stages and was decided on, and who left or was turned down in between."""
    stages: dict[Cell, list[str]] = {}
    for kind, cell, stage in numbers:  # type: ignore[misc]  # names have three parts, which a Hashable does not say
        if kind == "reached":
            stages.setdefault(cell, []).append(stage)
    found = dict(numbers)
    for cell, path in stages.items():
        for here, after in pairwise(path):
            found[left(cell, here)] = numbers[reached(cell, here)] - numbers[decided(cell, here)]
            found[rejected(cell, here)] = numbers[decided(cell, here)] - numbers[reached(cell, after)]
    return found


def exact_numbers(rows: list[Row], period: str) -> dict[Unknown, int]:
    """The exact numbers of a period by these names, from the rows of out.stage_counts as texts."""
    numbers: dict[Unknown, int] = {}
    for row in rows:
        if row["period"] == period and row["step_kind"] == "stage":
            cell = _cell(row)
            numbers[reached(cell, row["from_stage"])] = int(row["reached"])
            numbers[reached(cell, row["to_stage"])] = int(row["progressed"])
            numbers[decided(cell, row["from_stage"])] = int(row["decided"])
            if cell.level == "all" and cell.breakdown == "all":
                numbers |= {lost(outcome, row["from_stage"]): int(row[outcome]) for outcome in OUTCOMES}
    return numbers


def applicants(
    editions: list[Edition], rule: Rule, differences: list[Differences], heard: int | None = None
) -> Constraints:
    """Everything that the editions print of applicants, as one system about the first of them.

    differences: of each edition, by how much each of its numbers (`with_losses`) differs from the first's. One edition
    alone: [{}].
    heard: of so many editions, from the first on, the prints are known; of the others only the differences. None: all.
    """
    system = Constraints()
    tables = [edition.rows("stage_counts") for edition in editions]
    cells = list(dict.fromkeys(_cell(row) for rows in tables for row in rows))
    stages = _stages(tables[0])
    if not cells:
        return system
    for kind in (reached, decided, left, rejected):
        for stage in stages if kind is reached else stages[:-1]:
            add_sums(system, cells, lambda cell, kind=kind, stage=stage: kind(cell, stage))
    _add_paths(system, cells, stages, all(edition.is_counted for edition in editions))
    prints: Prints = {}
    people = list(system.known)
    for place, (edition, rows, shifts) in enumerate(zip(editions, tables, differences, strict=True)):
        _add_later(system, people, shifts)
        known = system if heard is None or place < heard else Constraints()
        _add_listing(known, rows, cells, stages[0], rule, shifts)
        for row in rows:
            _add_row(known, row, stages, rule, shifts, prints)
        _add_outcomes(known, edition, rule, shifts, prints)
    counted = {"left", *OUTCOMES} if editions[0].is_counted else set()
    system.asked = [asked for asked in _asked(prints, rule) if asked.name[-1] not in counted]
    system.ask_nothing_of_nobody()
    return system


def _cell(row: Row) -> Cell:
    return Cell(row["level"], row["breakdown"], row["breakdown_value"], row["group_name"])


def _stages(rows: Iterable[Row]) -> list[str]:
    """The stages in order, by the single steps."""
    steps = {
        int(row["step_order"]): (row["from_stage"], row["to_stage"]) for row in rows if row["step_kind"] == "stage"
    }
    return [steps[0][0], *(to for _, (_, to) in sorted(steps.items()))] if steps else []


def _add_paths(system: Constraints, cells: list[Cell], stages: list[str], counted: bool) -> None:
    """Whoever reached a stage was decided on or left; whoever was decided on reached the next or was turned down."""
    for cell in cells:
        for here, after in pairwise(stages):
            gone, turned_down = left(cell, here), rejected(cell, here)
            system.equal(reached(cell, here), (decided(cell, here), gone), f"left {here}: {cell}")
            system.equal(decided(cell, here), (reached(cell, after), turned_down), f"rejected at {here}: {cell}")
            if counted:
                system.know(Linear.of(gone), ((0, 0),), f"nobody is known to have left {here}: {cell}")


def _add_later(system: Constraints, people: list[tuple[Linear, Ranges, str]], shifts: Differences) -> None:
    """Note of a later revision that no number is below 0, and that what holds of people holds there too."""
    for name, by in shifts.items():
        if by < 0:
            system.know(Linear.of(name).shifted(by), ((0, 10**7),), f"{name} after the correction")
    for linear, domain, why in people:
        if by := _shift(linear, shifts):
            system.know(linear.shifted(by), domain, f"{why} after the correction")


def _add_listing(
    system: Constraints, rows: list[Row], cells: list[Cell], stage: str, rule: Rule, shifts: Differences
) -> None:
    """What it says that a row is there, or is not; by who reached the first stage.

    Of a split or level that this edition left out altogether, and another did not, it says nothing.
    """
    listed = {_cell(row) for row in rows}
    told = {(cell.level, cell.breakdown) for cell in listed}
    for cell in cells:
        first = Linear.of(reached(cell, stage)).shifted(shifts.get(reached(cell, stage), 0))
        # In the parts of a split every group is listed that is listed without it.
        somebody = cell.level == "all" or (rule.listed == "somebody" and cell.breakdown == "all")
        if cell not in listed and (cell.level, cell.breakdown) in told:
            system.know(first, ((0, 0),), f"not listed: {cell}")
        elif cell in listed and somebody:
            system.know(first, ((1, 10**7),), f"listed: {cell}")


def _add_row(system: Constraints, row: Row, stages: list[str], rule: Rule, shifts: Differences, prints: Prints) -> None:
    start, end = stages.index(row["from_stage"]), stages.index(row["to_stage"])
    step = Step(_cell(row), tuple(stages[start : end + 1]))
    name = (*step.cell, f"{row['from_stage']}-{row['to_stage']}")
    found: dict[str, Print] = {}
    for column in ("reached", "decided", "progressed"):
        printed = seen(row, column)
        assert printed is not None
        found[column] = printed
        domain = rule.behind(printed, step.cell.breakdown)
        linear = step.linears[column]
        now = linear.shifted(_shift(linear, shifts))
        system.know(now, domain, f"{name} {column} printed as {printed}")
        prints.setdefault((*name, column), []).append((now, domain, printed))
    for column, whole in (("rejected", "decided"), ("left", "reached")):
        linear = step.linears[column]
        prints.setdefault((*name, column), []).append((linear.shifted(_shift(linear, shifts)), (), found[whole]))


def _shift(linear: Linear, shifts: Differences) -> int:
    return sum(factor * shifts.get(name, 0) for name, factor in linear.terms)


def _add_outcomes(system: Constraints, edition: Edition, rule: Rule, shifts: Differences, prints: Prints) -> None:
    """How all applicants together left each step. Who was turned down is printed as a difference of printed counts."""
    everybody = next((_cell(row) for row in edition.rows("stage_counts") if row["level"] == "all"), None)
    if everybody is None:
        return
    rows = [row for row in edition.rows("outcome_counts") if row["outcome"] in OUTCOMES]
    for stage in dict.fromkeys(row["from_stage"] for row in rows):
        parts = (lost(outcome, stage) for outcome in OUTCOMES)
        system.equal(left(everybody, stage), parts, f"ways to leave {stage}")
    for row in rows:
        printed = seen(row, "applications")
        assert printed is not None
        linear = Linear.of(lost(row["outcome"], row["from_stage"]))
        now = linear.shifted(_shift(linear, shifts))
        domain = rule.behind(printed)
        name = (*everybody, f"{row['from_stage']}-{row['to_stage']}", row["outcome"])
        system.know(now, domain, f"{name} printed as {printed}")
        prints.setdefault(name, []).append((now, domain, printed))


def _asked(prints: Prints, rule: Rule) -> list[Asked]:
    """Each count once, by its first revision, with the least that any of its prints leaves possible by itself."""
    found = []
    for name, seen_as in prints.items():
        linear, domain, _ = seen_as[0]
        if name[-1] in ("rejected", "left"):
            kind: Kind = "inferred" if name[1] == "all" else "inferred within a split"
            found.append(Asked(name, linear, kind, rule.inferred_interval))
        else:
            alone = min(size(domain) for _, domain, _ in seen_as)
            found.append(Asked(name, linear, "published", min(rule.published_interval, alone), domain))
    return found
