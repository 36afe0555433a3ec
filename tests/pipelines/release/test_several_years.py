"""Three years published, then corrections of the first: what each edition says of the years together.

And of a correction of few applications, from file to page: the edition stands, and what is otherwise says so.
"""

import csv
import shutil
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.pipelines.conftest import invoke, run
from tests.pipelines.release.test_twins import TABLE
from tests.pipelines.release.test_verify import reseal
from tests.pipelines.twins import AFRICAN, INDIAN, UNKNOWN, WHITE, counted

# By group: how many reached each of five stages; the tables have the first, second and last.
YEAR = {
    WHITE: (400, 120, 80, 50, 40),
    INDIAN: (200, 60, 40, 25, 20),
    AFRICAN: (150, 30, 20, 12, 10),
    UNKNOWN: (20, 10, 8, 6, 5),
}
CORRECTED = {**YEAR, AFRICAN: (150, 45, 30, 20, 15)}
# Three more who applied are too few for a new edition.
FEW = {**YEAR, INDIAN: (203, 60, 40, 25, 20)}


def take_in(home: Path, *years: int, people: dict[str, tuple[int, ...]] = YEAR, name: str = "year") -> str:
    """Take in and publish tables of these years; returns what is said."""
    files = [home.parent / f"{name}-{year}.csv" for year in years]
    for year, file in zip(years, files, strict=True):
        file.write_text(counted(people, untidy=False), encoding="utf-8")
        file.with_name(f"{file.name}.toml").write_text(TABLE.replace("2023-04-01", f"{year}-04-01"), encoding="utf-8")
    code, said = run(home, "run", *files)
    assert code == 0, said
    return said


def edition(home: Path, year: int) -> Path:
    return home / "published" / "this-organisation" / f"{year}-04-01"


def rows(folder: Path, table: str) -> list[dict[str, str]]:
    return list(csv.DictReader((folder / "tables" / f"{table}.csv").read_text(encoding="utf-8").splitlines()))


def shortlisted(folder: Path, group: str = "Black") -> dict[str, str]:
    """The row of one group at shortlisting, over the years together."""
    return next(
        row
        for row in rows(folder, "several_years")
        if (row["group_name"], row["from_stage"], row["to_stage"]) == (group, "applied", "shortlisted")
    )


def title(folder: Path) -> str:
    return (folder / "panel.html").read_text(encoding="utf-8").partition("<h1>")[2].partition("</h1>")[0]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("years") / "home"
    take_in(home, 2021, 2022, 2023)
    return home


def test_each_edition_puts_together_the_years_that_were_published_before_it(home: Path) -> None:
    assert rows(edition(home, 2021), "several_years") == []
    assert [row["left_out_reason"] for row in rows(edition(home, 2021), "years_together")] == [
        "year_after_left_out",
        "not_published",
    ]
    two, three = shortlisted(edition(home, 2022)), shortlisted(edition(home, 2023))
    assert (two["years"], two["first_year"], two["progressed"], two["decided"]) == ("2", "2021-04-01", "60", "300")
    assert (three["years"], three["progressed"], three["progressed_low"], three["decided"]) == ("3", "90", "84", "450")
    # One year settles nothing, the three years do, and the title says so.
    one = [row for row in rows(edition(home, 2023), "disparities") if row["group_name"] == "Black"]
    assert not {row["finding"] for row in one} & {"disparity", "small_difference"}
    assert three["finding"] == "disparity"
    assert title(edition(home, 2021)) == "These numbers settle no difference between groups"
    assert title(edition(home, 2023)) == (
        "In the three years from April 2021 to March 2024, "
        "Black applicants were less likely to be shortlisted than White applicants"
    )


class Corrected(NamedTuple):
    """A home in which few applications of the first year were corrected and then many, what was said of each, the
    note about the first, and the files of each edition: as they were, after the few and after the many.
    """

    home: Path
    few: str
    many: str
    note: tuple[int, str]
    editions: tuple[dict[str, bytes], ...]


@pytest.fixture(scope="module")
def corrected(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Corrected:
    home = shutil.copytree(home.parent, tmp_path_factory.mktemp("corrected") / "again") / "home"
    note = unpublished(home)
    assert not note.exists()
    editions = [files(home)]
    few = take_in(home, 2021, people=FEW, name="few")
    editions.append(files(home))
    words = note.stat().st_mode & 0o777, note.read_text(encoding="utf-8")
    many = take_in(home, 2021, people=CORRECTED, name="corrected")
    return Corrected(home, few, many, words, (*editions, files(home)))


def unpublished(home: Path) -> Path:
    """What says of the first year that its last run published nothing."""
    return home / "private" / "this-organisation" / "2021-04-01" / "not-published.txt"


def files(home: Path) -> dict[str, bytes]:
    """Every file of every edition."""
    return {
        path.relative_to(home / "published").as_posix(): path.read_bytes()
        for path in home.glob("published/*/*-04-01/**/*")
        if path.is_file()
    }


def test_what_a_run_made_and_did_not_publish_is_told_apart(corrected: Corrected) -> None:
    first, few, many = corrected.editions
    # Every byte is as it was, so nothing of it is in the edition, nor how many there are.
    assert few == first
    assert not [name for name in few if name.endswith("not-published.txt")]
    mode, words = corrected.note
    assert mode == 0o600
    assert "Revision 1 of the period from 2021-04-01 is unchanged" in words
    assert "are those of the last run and not of the edition" in words
    assert "too few applications changed for a new edition" in corrected.few
    assert " withheld because " not in corrected.few
    record = "this-organisation/2021-04-01/edition.json"
    assert many[record] != first[record]
    assert not unpublished(corrected.home).exists()
    assert "too few" not in corrected.many


def test_a_correction_of_the_first_year_stays_out_of_later_editions_until_they_are_published_again(
    corrected: Corrected, tmp_path: Path
) -> None:
    """As with the year before: an edition names the revision that it used, and does not change by itself."""
    home, (first, _, many) = corrected.home, corrected.editions
    assert {name.split("/")[1] for name in many if many[name] != first.get(name)} == {"2021-04-01"}
    assert rows(edition(home, 2021), "stage_counts") != []
    # It can still be checked: the revision that it used is kept in the home.
    code, said = invoke(home, "verify", edition(home, 2023))
    assert code == 0, said
    assert "Match: the counts of 2021-04-01 are those of its edition, revision 1." in said
    alone = shutil.copytree(edition(home, 2023), tmp_path / "alone")
    code, said = invoke(tmp_path / "nowhere", "verify", alone)
    assert code == 0, said
    assert "values of the years together follow from the counts that the edition has" in said
    assert "Not compared with the edition of 2021-04-01, revision 1: it is not here" in said
    # Published again, it uses the correction: 45 + 30 + 30 of 450.
    code, said = run(home, "run", home.parent / "year-2023.csv")
    assert code == 0, said
    row = shortlisted(edition(home, 2023))
    assert (row["progressed"], row["decided"]) == ("105", "450")
    assert {(row["year"], row["edition_revision"]) for row in rows(edition(home, 2023), "years_together")} == {
        ("2021-04-01", "2"),
        ("2022-04-01", "1"),
    }


def test_a_forged_copy_of_an_earlier_year_is_found(home: Path, tmp_path: Path) -> None:
    home = shutil.copytree(home.parent, tmp_path / "again") / "home"
    file = edition(home, 2023) / "tables" / "earlier_years.csv"
    text = file.read_text(encoding="utf-8")
    line = next(line for line in text.splitlines() if ",Black,150," in line)
    file.write_text(text.replace(line, line.replace(",Black,150,", ",Black,155,")), encoding="utf-8")
    reseal(edition(home, 2023))
    code, said = invoke(home, "verify", edition(home, 2023))
    assert code == 4
    assert "it does not follow from" in said
