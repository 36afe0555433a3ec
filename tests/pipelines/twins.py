"""Two inputs whose published counts are the same though no exact number need be, and their editions side by side."""

import csv
import io
import json
import re
import shutil
import zipfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from assets.warehouse.keys import ensure_keys
from tests.pipelines.conftest import run

STAGES = ("applied", "shortlisted", "interviewed", "offered", "appointed")
WHITE, INDIAN, AFRICAN = (
    "White: English, Welsh, Scottish, Northern Irish or British",
    "Asian, Asian British or Asian Welsh: Indian",
    "Black, Black British, Black Welsh, Caribbean or African: African",
)
UNKNOWN = "Prefer not to say"
# By group: how many reached each stage. Every sum of the second rounds to that of the first.
ONE = {WHITE: (200, 100, 60, 40, 35), INDIAN: (60, 40, 30, 20, 15), AFRICAN: (40, 30, 20, 15, 10), UNKNOWN: (300,) * 5}
OTHER = {
    WHITE: (199, 101, 60, 41, 35),
    INDIAN: (61, 39, 30, 20, 14),
    AFRICAN: (39, 30, 21, 15, 11),
    UNKNOWN: (301,) * 5,
}
_HEADER = "application_id,vacancy_id,ethnicity,pay_band,staff_group,department,applicant_source"
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?\+00:00")
_RUN = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def wide(people: dict[str, tuple[int, ...]], *, untidy: bool) -> str:
    """A row for each application; untidy: with rows that repeat or break a rule, gaps, and facts to know of some."""
    lines = [f"{_HEADER},applied_on,shortlisted_on,interviewed_on,offered_on,appointed_on,outcome"]
    for number, (group, last) in enumerate(_each(people)):
        days = [f"2023-0{5 + place}-02" if place <= last else "" for place in range(5)]
        if untidy and last == 3 and number % 2:
            days[1] = ""
        source = "international" if untidy and number % 3 else "external"
        outcome = "Appointed" if last == 4 else "Rejected"
        lines.append(",".join((f"A{number}", f"V{number % 7}", f'"{group}"', "5", "N", "W", source, *days, outcome)))
    broken = f'Z,V1,"{WHITE}",5,N,W,external,2023-05-02,2022-01-01,,,,Rejected'
    return "\n".join([*lines, *([lines[1], "", broken] if untidy else []), ""])


def long(people: dict[str, tuple[int, ...]], *, untidy: bool) -> str:
    """A row for each application and stage."""
    lines = [f"{_HEADER},stage,reached_on,outcome"]
    for number, (group, last) in enumerate(_each(people)):
        for place, stage in enumerate(STAGES[: last + 1]):
            if untidy and place == 1 and last == 3 and number % 2:
                continue
            source = "overseas" if untidy and number % 3 else "external"
            outcome = "Appointed" if place == 4 else "Progressed" if place < last else "Rejected"
            day = "" if untidy and place == 2 and number % 5 == 0 else f"2023-0{5 + place}-02"
            lines.append(
                ",".join((f"A{number}", f"V{number % 7}", f'"{group}"', "5", "N", "W", source, stage, day, outcome))
            )
    return "\n".join([*lines, *([lines[1], ""] if untidy else []), ""])


def counted(people: dict[str, tuple[int, ...]], *, untidy: bool) -> str:
    """A table that its source has counted."""
    lines = ["Group,Applied,Shortlisted,Appointed"]
    names = {WHITE: "White", INDIAN: "Asian", AFRICAN: "Black", UNKNOWN: "Not stated"}
    lines += [f"{names[group]},{reached[0]},{reached[1]},{reached[4]}" for group, reached in people.items()]
    total = [sum(reached[place] for reached in people.values()) for place in (0, 1, 4)]
    return "\n".join([*lines, *([f"Total,{','.join(map(str, total))}"] if untidy else []), ""])


def staff(*, untidy: bool) -> str:
    """Numbers of staff of a day."""
    more = int(untidy)
    rows = ((WHITE, "Band 5", 800 + more, 40 + more, 30), (INDIAN, "Band 5", 200 - more, 10, 11 + more))
    rows += ((AFRICAN, "Band 6", 100 + more, 5, 5 + more),)
    lines = ["snapshot,ethnicity,pay_band,staff_group,headcount,leavers,joiners,board_member"]
    lines += [f'2024-03-31,"{group}",{band},Nursing,{now},{left},{new},' for group, band, now, left, new in rows]
    lines += [f'2024-03-31,"{WHITE}",,,11,1,1,Yes', f'2024-03-31,"{INDIAN}",,,6,0,0,Yes']
    return "\n".join([*lines, *([""] if untidy else []), ""])


def answers(*, untidy: bool) -> str:
    """Numbers of answers to a survey."""
    more = int(untidy)
    lines = ["Survey Date,Question,Ethnic Group,Answered,Agreed"]
    for question in ("I am heard", "I am safe"):
        lines += [f"2023-10-31,{question},White,{1000 + more},{700 - more}", f"2023-10-31,{question},Asian,290,150"]
        lines += [f"2023-10-31,{question},Black,{100 - more},40"]
    return "\n".join([*lines, *(["2023-10-31,I am safe,Total,1390,889"] if untidy else []), ""])


Pair = tuple[str, str, str, str]


def published_twins(folder: Path, *commands: list[Pair]) -> tuple[dict[str, str], dict[str, str]]:
    """What is published of each of two sets of files, in homes of the same keys, as `canonical` gives it.

    commands: the files of each, by what one is called, its mapping, and its content in the one home and in the other.
    """
    homes = folder / "one", folder / "other"
    ensure_keys(homes[0])
    shutil.copytree(homes[0] / "secrets", homes[1] / "secrets")
    for place, home in enumerate(homes):
        # The names differ as well as the contents.
        exports = home / f"exports of {home.name}"
        exports.mkdir(parents=True)
        for pairs in commands:
            files = []
            for name, mapping, *content in pairs:
                file = exports / f"{home.name}_{name}_{len(content[place])}_rows.csv"
                file.write_text(content[place], encoding="utf-8")
                file.with_name(f"{file.name}.toml").write_text(mapping, encoding="utf-8")
                files.append(file)
            code, said = run(home, "run", *files)
            assert code == 0, said
    return canonical(homes[0] / "published"), canonical(homes[1] / "published")


def canonical(published: Path) -> dict[str, str]:
    """Every published file as text, without what may differ between twins.

    That is: keyed ids of extracts and commitments, runs and times, hashes of files in which one of these stands or of
    their times of change, and the size of the workbook, which is packed. Rows about files stand in the order of keyed
    ids.
    """
    files = {
        path.relative_to(published).as_posix(): path.read_bytes() for path in published.rglob("*") if path.is_file()
    }
    keyed = {}
    for name in sorted(name for name in files if name.endswith("tables/sources.csv")):
        rows = sorted(csv.DictReader(io.StringIO(files[name].decode())), key=lambda row: int(row["extract_number"]))
        for place, row in enumerate(rows):
            keyed |= {
                row[column]: f"{column} {place}" for column in ("extract_id", "file_commitment", "mapping_commitment")
            }
    hashes = {sha256(content).hexdigest(): f"hash of {name}" for name, content in files.items()}
    hashes |= {re.findall(rb'"record_sha256": "([0-9a-f]{64})"\n}', content)[-1].decode(): f"seal of {name}"
               for name, content in files.items() if name.endswith("edition.json")}  # fmt: skip
    hashes |= {json.loads(content)["files"]: "times" for name, content in files.items() if name.endswith(".row.json")}
    sizes = {f'"bytes": {len(content)}': '"bytes": packed' for name, content in files.items() if name.endswith(".xlsx")}
    found = {}
    for name in files:
        text = unpacked(published / name)
        for old, new in (keyed | hashes | sizes).items():
            text = text.replace(old, new)
        text = _RUN.sub("run", _TIME.sub("time", text))
        if name.endswith((".xlsx", "tables/sources.csv", "tables/checks.csv")):
            text = "\n".join(sorted(text.splitlines()))
        found[name] = text
    return found


def unpacked(file: Path) -> str:
    """The text of a file; of a workbook's parts an element a line, since shared texts stand as they come up."""
    if file.suffix != ".xlsx":
        return file.read_text(encoding="utf-8")
    with zipfile.ZipFile(file) as parts:
        text = "\n".join(f"{name}\n{parts.read(name).decode()}" for name in sorted(parts.namelist()))
    return text.replace("><", ">\n<")


def differences(one: dict[str, str], other: dict[str, str]) -> Iterator[str]:
    """Where twins differ: file, and the first line of each."""
    yield from (f"only one has {name}" for name in sorted(one.keys() ^ other.keys()))
    for name in sorted(one.keys() & other.keys()):
        lines = (one[name].splitlines(), other[name].splitlines())
        for number, (here, there) in enumerate(zip(*lines, strict=False), 1):
            if here != there:
                same = next((at for at, (a, b) in enumerate(zip(here, there, strict=False)) if a != b), 0)
                start = max(0, same - 60)
                yield f"{name}, line {number}: {here[start : start + 100]!r} / {there[start : start + 100]!r}"
        if len(lines[0]) != len(lines[1]):
            yield f"{name}: {len(lines[0])} and {len(lines[1])} lines"


def _each(people: dict[str, tuple[int, ...]]) -> Iterator[tuple[str, int]]:
    """Group and place of the last stage of each application."""
    for group, reached in people.items():
        for last, (here, further) in enumerate(zip(reached, (*reached[1:], 0), strict=True)):
            yield from [(group, last)] * (here - further)
