"""What is known of staff, of the board and of answers to a survey: some people, and a part of them."""

import re
from collections.abc import Callable, Hashable

from tests.attackers.editions import Edition, Row, seen
from tests.attackers.levels import Cell, add_sums
from tests.attackers.rule import Rule, size, union
from tests.attackers.system import Asked, Constraints, Kind, Linear

STAFF = ("employed", "headcount")
SURVEY = ("answered", "agreed")
# The Workforce Race Equality Standard's tiers of Agenda for Change bands.
TIERS = {"lower": range(1, 6), "middle": range(6, 8), "upper": range(8, 10)}


def staff(edition: Edition, rule: Rule) -> Constraints:
    """Staff and the board. People in post are employed; those employed and no longer in post left."""
    return _system(edition.rows("workforce"), rule, STAFF)


def survey(edition: Edition, rule: Rule) -> Constraints:
    """Answers, each question by itself."""
    return _system(edition.rows("survey"), rule, SURVEY)


def _system(rows: list[Row], rule: Rule, columns: tuple[str, str]) -> Constraints:
    system = Constraints()
    cells = [_cell(row) for row in rows]
    more = {_cell(row) for row in rows if seen(row, columns[0]) is not None and seen(row, columns[1]) is not None}
    for column in columns:
        of_column = [_cell(row) for row in rows if seen(row, column) is not None]

        def name(cell: Cell, column: str = column) -> Hashable:
            return (column, cell)

        apart = [cell for cell in of_column if cell.breakdown in ("board", "item")]
        add_sums(system, apart, name, of_splits=False)
        add_sums(system, [cell for cell in of_column if cell not in set(apart)], name)
        _add_coarser(system, of_column, column, ("tier", "pay_band", _tier))
        _add_coarser(system, of_column, column, ("clinical", "staff_group", _clinical))
    for cell in dict.fromkeys(cells):
        if cell in more:
            parts = Linear.of((columns[0], cell), less=((columns[1], cell),))
            system.no_more(parts, f"{columns[1]} of {columns[0]}: {cell}")
            kind: Kind = "inferred" if cell.breakdown in ("all", "item", "board") else "inferred within a split"
            system.asked.append(Asked((*cell, "the others"), parts, kind, rule.inferred_interval))
        if cell.level == "all" or (rule.listed == "somebody" and cell.breakdown == "all"):
            column = next((c for c in columns if any(_cell(row) == cell and seen(row, c) for row in rows)), None)
            if column is not None:
                system.know(Linear.of((column, cell)), ((1, 10**7),), f"listed: {cell}")
    for row in rows:
        for column in columns:
            _add_print(system, row, column, rule)
    system.ask_nothing_of_nobody()
    return system


def _add_print(system: Constraints, row: Row, column: str, rule: Rule) -> None:
    printed = seen(row, column)
    if printed is None:
        return
    cell = _cell(row)
    # Whether a question or the board is a split, the rule does not say: the mark is taken to say the less of the two.
    breakdowns = ("all", "split") if cell.breakdown in ("item", "board") else (cell.breakdown,)
    domain = union(rule.behind(printed, breakdown) for breakdown in breakdowns)
    linear = Linear.of((column, cell))
    system.know(linear, domain, f"{cell} {column} printed as {printed}")
    system.asked.append(Asked((*cell, column), linear, "published", min(rule.published_interval, size(domain)), domain))


def _cell(row: Row) -> Cell:
    return Cell(row["level"], row["breakdown"], row["breakdown_value"], row["group_name"])


def _add_coarser(
    system: Constraints, cells: list[Cell], column: str, names: tuple[str, str, Callable[[str], str]]
) -> None:
    """Bands make up tiers; staff groups, clinical and other staff. names: coarse and fine split; a part's whole."""
    coarse, fine, whole_of = names
    for whole in (cell for cell in cells if cell.breakdown == coarse):
        parts = [
            cell
            for cell in cells
            if cell.breakdown == fine
            and (cell.level, cell.group) == (whole.level, whole.group)
            and whole_of(cell.part) == whole.part
        ]
        if parts:
            system.equal((column, whole), ((column, part) for part in parts), f"parts of {whole}")


def _tier(band: str) -> str:
    if re.search(r"\b(vsm|very senior)", band, re.IGNORECASE):
        return "upper"
    number = re.search(r"\bband\D*(\d)", band, re.IGNORECASE)
    return next((name for name, numbers in TIERS.items() if number and int(number[1]) in numbers), "no tier")


def _clinical(staff_group: str) -> str:
    name = re.sub(r"[^a-z]+", " ", staff_group.lower().replace("&", " and ")).strip()
    if re.match(r"(administrative|estates|non clinical|not clinical)", name):
        return "other"
    known = r"(add(itional)? (prof|clinical)|allied health|health ?care sci|medical and|nursing and|students|clinical)"
    return "clinical" if re.match(known, name) else "not known"
