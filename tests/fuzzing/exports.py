"""Made-up exports with faults in them, and what an honest reader makes of each: the oracle of the fuzzing.

Written without a line of the code that it judges: an export knows what it says because it was made to say it.
"""

import csv
import io
import zipfile
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import xlsxwriter
from hypothesis import strategies as st

STAGES = ("applied", "shortlisted", "appointed")
ETHNICITIES = {
    "Asian or Asian British - Indian": ("Asian: Indian", "Asian"),
    "WHITE: IRISH": ("White: Irish", "White"),
    "Mixed - White/Black African": ("Mixed: White and Black African", "Mixed"),
    "Black": (None, "Black"),
    "Prefer not to say": (None, "Unknown"),
    "": (None, "Unknown"),
}
OUTCOMES = {"No": "rejected", "Withdrew": "withdrew", "Refused offer": "declined", "No visa": "ineligible"}
HARMLESS = ("none", "spaces", "formula", "blank word", "repeat")
FAULTS = (
    "no id",
    "no vacancy",
    "bad date",
    "no date",
    "future",
    "no outcome",
    "conflict",
    "contradiction",
    "backwards",
)
# What the file as a whole has wrong with it. The last three refuse it.
OF_FILE = ("nothing", "totals", "blank cells", "blank line", "unknown label", "e-mail column", "short line")
IGNORED = ("totals", "blank cells", "blank line")
REFUSING = ("unknown label", "e-mail column", "short line")
_FOREIGN_BYTES = (b"", b'"', b"\0", b"\x81", b"\xff\xfe", b"\r", b"\n", b'"\n"')
KINDS = ("comma", "semicolon", "tab", "bar", "caret", "utf-16", "cp1252", "bom", "zip", "xlsx", "parquet")


def damage(path: Path, data: st.DataObject) -> None:
    """Cut a file short somewhere, or put bytes into it that do not belong there."""
    whole = path.read_bytes()
    place = data.draw(st.integers(0, len(whole)))
    foreign = data.draw(st.sampled_from(_FOREIGN_BYTES))
    path.write_bytes(whole[:place] + foreign + (b"" if foreign == b"" else whole[place:]))


@dataclass(frozen=True)
class Person:
    """One application: who, how far, with what outcome, and what is wrong with its rows."""

    number: int
    ethnicity: str
    last: int
    outcome: str
    day: date
    fault: str

    @property
    def truth(self) -> tuple[object, ...]:
        """Furthest stage, outcome there (none at the last stage of all), category, group, day of applying."""
        outcome = None if self.last == len(STAGES) - 1 else OUTCOMES[self.outcome]
        return STAGES[self.last], outcome, *ETHNICITIES[self.ethnicity], self.day


@dataclass(frozen=True)
class Export:
    """A whole file, and what must become of it."""

    shape: str
    kind: str
    british: bool
    of_file: str
    people: list[Person]
    rows: list[dict[str, str]] = field(default_factory=list)

    @property
    def refused(self) -> bool:
        """Whether no row may be used."""
        # A workbook and a Parquet file have no short lines.
        fault = self.of_file in REFUSING and not (self.of_file == "short line" and self.kind in ("xlsx", "parquet"))
        return fault or self.rejected == self.rows_in

    @property
    def rows_in(self) -> int:
        return len(self.rows) + (self.of_file in IGNORED)

    @property
    def rejected(self) -> int:
        bad = {f"A{person.number}" for person in self.people if person.fault in FAULTS}
        return sum(row["owner"] in bad for row in self.rows)

    @property
    def ignored(self) -> int:
        repeats = sum(person.fault == "repeat" for person in self.people)
        return repeats + (self.of_file in IGNORED)

    @property
    def truths(self) -> dict[str, tuple[object, ...]]:
        """What must be in the warehouse, by the application's id."""
        return {f"A{person.number}": person.truth for person in self.people if person.fault in HARMLESS}

    def mapping(self) -> str:
        """The source mapping of such an export."""
        parts = {
            "wide": '[stage_dates]\napplied = "Applied"\nshortlisted = "Shortlisted"\nappointed = "Appointed"\n',
            "flags": '[stage_flags]\nshortlisted = "Shortlisted"\nappointed = "Appointed"\n',
            "long": '[stage_labels]\n"Form in" = "applied"\n"Sifted" = "shortlisted"\n"Started" = "appointed"\n',
            "status": "[statuses]\n"
            + "".join(
                f'"{stage}: {word}" = {{reached = "{stage}", outcome = "{outcome}"}}\n'
                for stage in STAGES[:-1]
                for word, outcome in OUTCOMES.items()
            )
            + '"appointed: Yes" = {reached = "appointed", outcome = "progressed"}\n',
        }
        columns = {
            "long": 'stage = "Step"\nreached_on = "Day"\n',
            "flags": 'applied_on = "Applied"\n',
            "status": 'applied_on = "Applied"\n',
        }
        words = "".join(f'"{word}" = "{outcome}"\n' for word, outcome in OUTCOMES.items())
        outcomes = "" if self.shape == "status" else f'[outcomes]\n"Yes" = "progressed"\n{words}'
        form = 'date_format = "%d/%m/%Y"\n' if self.british else ""
        return (
            f'[source]\nname = "made up"\nshape = "{self.shape}"\nethnicity_classification = "ons_2021"\n'
            f'stages = ["applied", "shortlisted", "appointed"]\n{form}'
            '[columns]\napplication_id = "Ref"\nvacancy_id = "Post"\nethnicity = "Ethnic origin"\noutcome = "Result"\n'
            f'department = "Unit"\n{columns.get(self.shape, "")}{parts[self.shape]}{outcomes}'
        )

    def write(self, folder: Path) -> Path:
        """The file on disk."""
        names = [name for name in self.rows[0] if name != "owner"]
        table = [names, *([row[name] for name in names] for row in self.rows)]
        if self.of_file == "totals":
            table.append(["Total", *("" for _ in names[1:-1]), str(len(self.rows))])
        if self.of_file == "blank cells":
            table.append(["" for _ in names])
        if self.of_file == "blank line":
            table.insert(1, [])
        if self.of_file == "unknown label":
            table[-1][names.index("Ethnic origin")] = "Martian"
        if self.of_file == "e-mail column":
            table = [[*table[0], "contact"], *([*line, f"p{n}@example.org"] for n, line in enumerate(table[1:]))]
        if self.of_file == "short line" and self.kind not in ("xlsx", "parquet"):
            table.append(["A999", "V1"])
        return write(table, self.kind, folder)


def write(table: list[list[str]], kind: str, folder: Path) -> Path:
    """A table of text as a file of one kind; a line of no cells is a blank line where the kind has such."""
    if kind in ("xlsx", "parquet"):
        table = [line or [""] * len(table[0]) for line in table]
    path = folder / f"export.{kind if kind in ('zip', 'xlsx', 'parquet') else 'csv'}"
    if kind == "xlsx":
        book = xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False})
        sheet = book.add_worksheet()
        for place, line in enumerate(table):
            for column, value in enumerate(line):
                sheet.write_string(place, column, value)
        book.close()
        return path
    if kind == "parquet":
        pl.DataFrame(dict(zip(table[0], zip(*table[1:], strict=True), strict=True))).write_parquet(path)
        return path
    delimiter = {"semicolon": ";", "tab": "\t", "bar": "|", "caret": "^"}.get(kind, ",")
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=delimiter).writerows(table)
    text = stream.getvalue()
    data = text.encode({"utf-16": "utf-16", "cp1252": "cp1252", "bom": "utf-8-sig"}.get(kind, "utf-8"))
    if kind == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("export.csv", data)
    else:
        path.write_bytes(data)
    return path


@st.composite
def exports(draw: st.DrawFn) -> Export:
    """Any shape and kind of file, with faults in some of its applications and perhaps one of the file itself."""
    shape = draw(st.sampled_from(("wide", "flags", "status", "long")))
    people = []
    for number in range(draw(st.integers(1, 12))):
        last = draw(st.integers(0, 2))
        possible = [fault for fault in FAULTS if _possible(fault, shape, last)]
        fault = draw(st.one_of(st.sampled_from(HARMLESS), st.sampled_from(possible)))
        people.append(
            Person(
                number,
                draw(st.sampled_from([*ETHNICITIES])),
                last,
                draw(st.sampled_from([*OUTCOMES])),
                date(2023, 4, 1) + timedelta(days=draw(st.integers(0, 300))),
                fault,
            )
        )
    export = Export(shape, draw(st.sampled_from(KINDS)), draw(st.booleans()), draw(st.sampled_from(OF_FILE)), people)
    for person in people:
        export.rows.extend(_rows(person, shape, "%d/%m/%Y" if export.british else "%Y-%m-%d"))
    return export


def _possible(fault: str, shape: str, last: int) -> bool:
    if fault == "contradiction":
        return shape in ("wide", "flags") and last < 2
    if fault == "backwards":
        return shape in ("wide", "long") and last > 0
    return fault != "no outcome" or last < 2


def _rows(person: Person, shape: str, form: str) -> list[dict[str, str]]:
    """The rows of one application, its fault in one of them."""
    days = [f"{person.day + timedelta(days=7 * order):{form}}" for order in range(person.last + 1)]
    if person.fault == "backwards":
        days[-1] = f"{person.day - timedelta(days=30):{form}}"
    if person.fault in ("bad date", "no date", "future"):
        bad = "30/02/2023" if "/" in form else "2023-02-30"
        days[0] = {"bad date": bad, "no date": "", "future": f"{date(2031, 1, 1):{form}}"}[person.fault]
    same = {
        "Ref": "" if person.fault == "no id" else f"A{person.number}",
        "Post": "" if person.fault == "no vacancy" else "V1",
        "Ethnic origin": person.ethnicity,
        "Unit": {"formula": '=HYPERLINK("http://example.org")', "blank word": "N/A"}.get(person.fault, "Théâtre"),
    }
    word = "Yes" if person.last == 2 or person.fault == "contradiction" else person.outcome
    if person.fault == "no outcome":
        word = ""
    elif shape == "status":
        word = f"{STAGES[person.last]}: {word}"
    if shape == "long":
        steps = ("Form in", "Sifted", "Started")
        rows = [
            same | {"Step": steps[order], "Day": day, "Result": word if order == person.last else ""}
            for order, day in enumerate(days)
        ]
    else:
        padded = [*days, "", ""][:3]
        later = {"wide": padded[1:], "flags": ["yes" if person.last >= k else "no" for k in (1, 2)], "status": []}
        names = dict(zip(("Shortlisted", "Appointed"), later[shape], strict=False))
        rows = [same | {"Applied": padded[0]} | names | {"Result": word}]
    if person.fault == "spaces":
        rows = [{name: f"  {value} " for name, value in row.items()} for row in rows]
    if person.fault == "repeat":
        rows.append(rows[-1])
    if person.fault == "conflict":
        other = "WHITE: IRISH" if person.ethnicity != "WHITE: IRISH" else "Black"
        rows.append(rows[-1] | {"Ethnic origin": other})
    return [row | {"owner": f"A{person.number}"} for row in rows]
