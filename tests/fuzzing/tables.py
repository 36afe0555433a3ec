"""Made-up tables of counts with faults in them, and what an honest reader makes of each: the oracle of the fuzzing.

Written without a line of the code that it judges, like tests.fuzzing.exports.
"""

from dataclasses import dataclass
from pathlib import Path

from hypothesis import strategies as st

from tests.fuzzing.exports import ETHNICITIES, KINDS, write

# Two of them mean the same as another one, and one is a part of another.
LABELS = ETHNICITIES | {"Indian": ("Asian: Indian", "Asian"), "Black: African": ("Black: African", "Black")}
# How a number may be written.
STYLES = ("{:d}", "{:,d}", " {:d} ", "{:d}.0", "spaced")
# What is no whole number for certain: 2.000 is two thousand in half of Europe.
NO_NUMBERS = ("*", "<5", "c", "-3", "12.5", "1.234", "2.000", "12%", "", "n/a", "1,23", "1e3", "\uff11\uff12", "=1+1")
OTHER_LINES = ("total", "blank", "heading")
FAULTS = ("none", "none", "none", "cell", "growing", "unknown label", "short line")


@dataclass(frozen=True)
class Table:
    """A whole table: how many of each label reached each stage, the cells as written, lines of others between them."""

    kind: str
    fault: str
    groups: dict[str, tuple[int, int, int]]
    lines: list[list[str]]

    @property
    def without_label(self) -> str:
        """What the row without a label is: nobody, the sum of the others, or people whom nobody can place."""
        if "" not in self.groups or not any(self.groups[""]):
            return "nobody"
        others = [numbers for label, numbers in self.groups.items() if label]
        return "sum" if others and self.groups[""] == tuple(map(sum, zip(*others, strict=True))) else "people"

    @property
    def total_is_right(self) -> bool:
        """Whether a line of totals says exactly what the groups add up to."""
        sums = [str(sum(column)) for column in zip(*self.counted.values(), strict=True)]
        return any(line == ["Total", *sums] for line in self.lines)

    @property
    def counted(self) -> dict[str, tuple[int, int, int]]:
        """The groups that are people."""
        return {label: numbers for label, numbers in self.groups.items() if label}

    @property
    def refused(self) -> bool:
        """Whether no number may be used: a cell or a label is at fault, or people would count twice."""
        if not self.counted or self.without_label == "people":
            return True
        if self.without_label == "sum" and any(line[0] == "Total" for line in self.lines):
            return True  # the one total or the other is wrong
        meanings = [LABELS[label] for label in self.counted]
        parts = {group for category, group in meanings if category}
        # Two labels of one group are added together only if a total shows that nobody is in both.
        unproved = len(set(meanings)) < len(meanings) and not self.total_is_right
        whole = any(group in parts for category, group in meanings if not category)
        faulty = self.fault in ("cell", "growing", "unknown label")
        return faulty or unproved or whole or (self.fault == "short line" and self.kind not in ("xlsx", "parquet"))

    @property
    def truths(self) -> list[tuple[object, ...]]:
        """What must be in the warehouse: category, group, stage, outcome, applications; a row for each label."""
        return [
            (*LABELS[label], *cell)
            for label, (applied, shortlisted, appointed) in self.counted.items()
            for cell in (
                (0, "progressed", shortlisted),
                (0, "rejected", applied - shortlisted),
                (1, "progressed", appointed),
                (1, "rejected", shortlisted - appointed),
                (2, None, appointed),
            )
        ]

    def mapping(self) -> str:
        """The source mapping of such a table."""
        return (
            '[source]\nname = "made up"\nshape = "counts"\nethnicity_classification = "ons_2021"\n'
            'period = 2023-04-01\nstages = ["applied", "shortlisted", "appointed"]\n'
            '[columns]\nethnicity = "Group"\n'
            '[stage_counts]\napplied = "Applied"\nshortlisted = "Shortlisted"\nappointed = "Appointed"\n'
        )

    def write(self, folder: Path) -> Path:
        """The file on disk."""
        table = [["Group", "Applied", "Shortlisted", "Appointed"], *self.lines]
        if self.fault == "short line" and self.kind not in ("xlsx", "parquet"):
            table.append(["White", "7"])
        return write(table, self.kind, folder)


@st.composite
def tables(draw: st.DrawFn) -> Table:
    """Any kind of file, whole or with one fault, with totals, blank lines and headings among its groups."""
    labels = draw(st.lists(st.sampled_from([*LABELS]), min_size=1, max_size=6, unique=True))
    groups = {label: _reached(draw) for label in labels}
    if "" in groups and draw(st.booleans()):
        others = [numbers for label, numbers in groups.items() if label]
        groups[""] = draw(st.sampled_from([(0, 0, 0), _sum(others)]))
    lines = [[label, *(_written(draw, number) for number in numbers)] for label, numbers in groups.items()]
    fault, at = draw(st.sampled_from(FAULTS)), draw(st.integers(0, len(lines) - 1))
    if fault == "cell":
        lines[at][draw(st.integers(1, 3))] = draw(st.sampled_from(NO_NUMBERS))
    if fault == "growing":
        applied, shortlisted, _ = groups[labels[at]]
        lines[at] = [labels[at], *draw(st.sampled_from([("5", "6", "1"), (str(applied), str(shortlisted), "9999")]))]
    if fault == "unknown label":
        lines[at][0] = draw(st.sampled_from(["Martian", "BAME", "Chinese or other", "Asian excluding Chinese"]))
    for other in draw(st.lists(st.sampled_from(OTHER_LINES), max_size=3)):
        # Before the last: a workbook does not keep empty lines at its end.
        place = draw(st.integers(0, len(lines) - 1))
        sums = [str(sum(column)) for column in zip(*groups.values(), strict=True)]
        line = {"total": ["Total", *sums], "blank": [""] * 4, "heading": ["All groups", "", "", ""]}[other]
        lines.insert(place, line)
    return Table(draw(st.sampled_from(KINDS)), fault, groups, lines)


def _sum(rows: list[tuple[int, int, int]]) -> tuple[int, int, int]:
    applied, shortlisted, appointed = (sum(row[place] for row in rows) for place in range(3))
    return applied, shortlisted, appointed


def _reached(draw: st.DrawFn) -> tuple[int, int, int]:
    applied = draw(st.integers(0, 9000))
    shortlisted = draw(st.integers(0, applied))
    return applied, shortlisted, draw(st.integers(0, shortlisted))


def _written(draw: st.DrawFn, number: int) -> str:
    style = draw(st.sampled_from(STYLES))
    return f"{number:,d}".replace(",", " ") if style == "spaced" else style.format(number)
