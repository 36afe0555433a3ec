"""Exports of an organisation with staff and answers beside its applicants, and a home that has published them."""

from datetime import date
from importlib.resources import files as resources
from pathlib import Path

import pytest
from rich.console import Console

from equity_audit.synthetic import generate, generate_workforce, write, write_beside
from pipelines.commands.run import run_files
from tests.pipelines.conftest import unsplit_home
from tests.pipelines.homes import made_once

ORGANISATION = "Staff"
FIRST_DAY = date(2017, 4, 1)
MAPPING = """
[source]
name = "staff"
organisation = "{name}"
shape = "workforce"
ethnicity_classification = "ons_2021"
[columns]
snapshot = "snapshot"
ethnicity = "ethnicity"
pay_band = "pay_band"
staff_group = "staff_group"
headcount = "headcount"
leavers = "leavers"
board_member = "board_member"
"""
ANSWERS = """Survey Date,Question,Ethnic Group,Answered,Agreed
2017-06-30,I am heard,White,5000,4000
2017-10-31,I am heard,White,1003,602
2017-10-31,I am heard,Asian,297,118
2017-10-31,I am heard,Black,98,31
2017-10-31,I am safe,White,1001,700
2017-10-31,I am safe,Asian,290,150
2017-10-31,I am safe,Mixed,31,3
"""


def exports(folder: Path, name: str) -> list[Path]:
    """An export, headcounts and answers of an organisation of one year, with their mappings."""
    export, answers = folder / "export.csv", folder / "answers.csv"
    write(generate(600, 3, years=1, first_day=FIRST_DAY), export, "wide")
    staff = write_beside(generate_workforce(3, years=1, first_day=FIRST_DAY), export, "workforce")
    answers.write_text(ANSWERS, encoding="utf-8")
    for file, mapping in ((export, "standard_wide"), (answers, "nhs_staff_survey_style")):
        text = (resources("assets") / "mappings" / f"{mapping}.toml").read_text(encoding="utf-8")
        named = text.replace(f'name = "{mapping}"', f'name = "x"\norganisation = "{name}"')
        file.with_name(f"{file.name}.toml").write_text(named, encoding="utf-8")
    staff.with_name(f"{staff.name}.toml").write_text(MAPPING.format(name=name), encoding="utf-8")
    return [export, staff, answers]


def take_in(files: list[Path]) -> list[Path]:
    return run_files(files, None, None, Console(quiet=True))


def published(factory: pytest.TempPathFactory) -> Path:
    """A folder with the files of an organisation and a `home` that has published them, and no splits of applicants."""
    return made_once(factory, "beside", _make)


def files_of(folder: Path) -> list[Path]:
    """The files in such a folder."""
    return [mapping.with_suffix("") for mapping in sorted(folder.glob("*.csv.toml"))]


def page_in(home: Path) -> Path:
    """The panel page of their edition."""
    return home / "published" / "staff" / str(FIRST_DAY) / "panel.html"


def _make(folder: Path) -> None:
    with unsplit_home(folder / "home"):
        take_in(exports(folder, ORGANISATION))
