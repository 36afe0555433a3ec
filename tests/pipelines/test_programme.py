"""The command `programme` on a made-up history that was taken in as an export: what it says, and what it writes."""

import re
import stat
from collections.abc import Callable
from datetime import date
from html import unescape
from pathlib import Path

import polars as pl
import pytest

from assets.ingest.extract import Load
from assets.ingest.loading import load_extract
from assets.ingest.source_files import open_source
from assets.warehouse.connection import look_into_warehouse, open_warehouse
from equity_audit.intake.mapping_file import parse_mapping
from equity_audit.settings import load_settings
from equity_audit.synthetic.history import PROGRAMME_EFFECT, Scenario, history
from tests.pipelines.conftest import invoke

MAPPING = """
[source]
name = "history"
organisation = "Made-Up Trust"
shape = "wide"
ethnicity_classification = "ons_2021"
stages = ["applied", "shortlisted"]
[columns]
application_id = "id"
vacancy_id = "vacancy"
ethnicity = "ethnicity"
outcome = "outcome"
pay_band = "pay_band"
department = "department"
[stage_dates]
applied = "applied_on"
shortlisted = "shortlisted_on"
[outcomes]
"Rejected" = "rejected"
"Shortlisted" = "progressed"
"""
PROGRAMME = """
[programme]
name = "Fair from the start"
start = 2020-01-01
lead_in_months = 3
next_review = 2027-04-01

[[milestones]]
when = 2020-01-15
label = "Panels trained"
kind = "training"
"""
SIDES = {"group": ("Black: African", "Asian: Indian"), "reference": ("White: Irish",)}


def export(scenario: Scenario, departments: int) -> pl.DataFrame:
    """The history of some departments as an export: a row for each application, shortlisted or rejected."""
    counts = history(scenario, 1).filter(
        pl.col("period").dt.year() >= 2016, pl.col("unit").str.tail(2).cast(pl.Int64) <= departments
    )
    parts = []
    for side, labels in SIDES.items():
        for label, number in (("Shortlisted", f"{side}_selected"), ("Rejected", f"{side}_rejected")):
            rejected = pl.col(f"{side}_decided") - pl.col(f"{side}_selected")
            rows = counts.with_columns(rejected.alias(f"{side}_rejected"))
            one = rows.select(pl.all().repeat_by(number).explode()).filter(pl.col("period").is_not_null())
            ethnicity = pl.Series(labels).gather([place % len(labels) for place in range(one.height)])
            parts.append(one.select("period", "unit", "pay_band", outcome=pl.lit(label), ethnicity=ethnicity))
    rows = pl.concat(parts).with_row_index("id")
    shortlisted = pl.when(pl.col("outcome") == "Shortlisted").then(pl.col("period").dt.offset_by("9d"))
    return rows.select(
        "ethnicity",
        "outcome",
        id=pl.format("APP{}", "id"),
        vacancy=pl.format("V{}-{}", "unit", "period"),
        pay_band="pay_band",
        department="unit",
        applied_on="period",
        shortlisted_on=shortlisted,
    )


def take_in(home: Path, rows: pl.DataFrame, organisation: str = "Made-Up Trust") -> None:
    """Load an export and let it count, as `run` does, without a report."""
    home.mkdir(exist_ok=True)
    path, mapping = home / f"{organisation}.csv", parse_mapping(MAPPING, "mine.toml")
    rows.write_csv(path)
    connection = open_warehouse(home)
    extract_id = f"{connection.sql('select count(*) from intake.extracts').fetchall()[0][0]:016}"
    load = Load(extract_id, organisation, "run", b"k" * 32, date(2026, 1, 1), load_settings())
    extract = load_extract(connection, open_source(connection, path, mapping), mapping, load)
    assert extract["rows_accepted"] == rows.height
    connection.execute("insert into intake.accepted_extracts values (?, ?)", [extract_id, extract["extract_number"]])
    connection.close()


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Scenario], Path]:
    """A home for each history, made once."""
    made: dict[Scenario, Path] = {}

    def home(scenario: Scenario) -> Path:
        if scenario not in made:
            made[scenario] = tmp_path_factory.mktemp(scenario)
            take_in(made[scenario], export(scenario, 16))
        return made[scenario]

    return home


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one department of one organisation and some of another, where only messages matter."""
    home = tmp_path_factory.mktemp("small")
    rows = export("none", 1)
    take_in(home, rows)
    take_in(home, rows.head(200), "Other Trust")
    return home


def written(folder: Path, text: str = PROGRAMME) -> Path:
    path = folder / "our-programme.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def effect(homes: Callable[[Scenario], Path], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The home of the history with an effect, after the command, and what that said."""
    home = homes("effect")
    before = {path: path.stat().st_mtime_ns for path in home.glob("warehouse*")}
    code, said = invoke(home, "programme", written(tmp_path_factory.mktemp("file")))
    assert code == 0, said
    assert before == {path: path.stat().st_mtime_ns for path in home.glob("warehouse*")}
    return home, said


def read_page(home: Path) -> str:
    return (home / "private" / "made-up-trust" / "programme.html").read_text(encoding="utf-8")


def visible(page: str) -> str:
    """What is read on the page, without marks."""
    body = re.sub(r"<(script|style)[^>]*>.*?</\1>", "", page, flags=re.DOTALL)
    return unescape(" ".join(re.sub(r"<[^>]*>", "", body).split()))


def before(scenario: Scenario) -> pl.DataFrame:
    """BME applicants of the reporting years that end before the programme: the years begin in April."""
    rows = export(scenario, 16)
    return rows.filter(
        pl.col("applied_on").is_between(date(2016, 4, 1), date(2019, 3, 31)), pl.col("ethnicity") != "White: Irish"
    )


def test_a_known_effect_is_found(effect: tuple[Path, str]) -> None:
    _, said = effect
    assert "BME applicants and White applicants, applied to shortlisted: Rose clearly" in said
    second = next(line for line in said.splitlines() if line.startswith("A second look, month by month: "))
    assert "The gap for BME applicants is smaller than the years before" in second
    low, high = map(float, re.search(r"likely range ([\d.]+) to ([\d.]+)", second).groups())
    assert 1 < low < PROGRAMME_EFFECT < high
    assert "(lead-in 3 months)" in said
    counted = before("effect")
    shortlisted = counted.filter(outcome="Shortlisted").height
    assert "BME applicants: rose clearly, beyond its earlier path; before 0.7" in said
    assert f"({shortlisted:,} of {counted.height:,})" in said


def test_nothing_is_found_where_nothing_changed(homes: Callable[[Scenario], Path], tmp_path: Path) -> None:
    code, said = invoke(homes("none"), "programme", written(tmp_path))
    assert code == 0, said
    assert "There is no clear change in the gap for BME applicants" in said
    assert "smaller gap" not in said
    assert "is smaller" not in said


def test_departments_without_the_programme_do_not_count_for_it(
    homes: Callable[[Scenario], Path], tmp_path: Path
) -> None:
    units = PROGRAMME.replace("next_review", "comparator_units = ['Department 01', 'Department 02']\nnext_review")
    code, said = invoke(homes("none"), "programme", written(tmp_path, units))
    assert code == 0, said
    counted = before("none").filter(~pl.col("department").is_in(["Department 01", "Department 02"]))
    assert f"({counted.filter(outcome='Shortlisted').height:,} of {counted.height:,})" in said


def test_too_soon_is_said(homes: Callable[[Scenario], Path], tmp_path: Path) -> None:
    late = PROGRAMME.replace("2020-01-01", "2024-03-01")
    code, said = invoke(homes("none"), "programme", written(tmp_path, late))
    assert code == 0, said
    assert "It is too soon to say whether the gap for BME applicants has changed" in said


@pytest.mark.parametrize(
    ("text", "options", "expected", "words"),
    [
        ("[programme]\nname = 'A'\nlead_in_months = 0\nstart = 2020-01-02\n", (), 2, "line 4, key programme.start"),
        (f"{PROGRAMME}colour = 1\n", (), 2, "line 12, key milestones.0.colour"),
        ("start =", (), 2, "not valid TOML"),
        (None, (), 2, "the programme file cannot be read (FileNotFoundError)"),
        (
            PROGRAMME,
            (),
            2,
            "several organisations have records\n    What to do: choose one of Made-Up Trust, Other Trust",
        ),
        (PROGRAMME, ("--organisation", "No Trust"), 2, "No Trust has no records of applications"),
        (
            PROGRAMME.replace("2020-01-01", "2031-01-01"),
            ("--organisation", "Made-Up Trust"),
            2,
            "line 4, key programme.start: the programme began after the last month that has decisions, December 2024",
        ),
        (
            PROGRAMME.replace("next_review", "comparator_units = ['Departmnt 1']\nnext_review"),
            ("--organisation", "Made-Up Trust"),
            2,
            "line 6, key programme.comparator_units: the records have no department called Departmnt 1",
        ),
    ],
    ids=["day", "key", "toml", "missing", "which", "unknown", "later", "units"],
)
def test_mistakes_are_told_with_advice(
    small: Path, tmp_path: Path, text: str | None, options: tuple[str, ...], expected: int, words: str
) -> None:
    file = tmp_path / "missing.toml" if text is None else written(tmp_path, text)
    code, said = invoke(small, "programme", file, *options)
    assert (code, words in said) == (expected, True), said
    assert "What to do: " in said
    assert not (small / "private").exists()


def test_a_folder_that_cannot_be_written_is_told(small: Path, tmp_path: Path) -> None:
    (small / "private").touch()
    code, said = invoke(small, "programme", written(tmp_path), "--organisation", "Made-Up Trust")
    (small / "private").unlink()
    assert (code, "the page cannot be written (" in said) == (2, True), said


def test_without_records_there_is_advice(tmp_path: Path) -> None:
    file = written(tmp_path)
    code, said = invoke(tmp_path / "nowhere", "programme", file)
    assert (code, "there is no warehouse yet" in said) == (2, True)
    assert not (tmp_path / "nowhere").exists()
    open_warehouse(tmp_path).close()
    code, said = invoke(tmp_path, "programme", file)
    assert (code, "the warehouse has no records of applications" in said) == (3, True)


def test_the_page_is_private_and_nothing_is_published(effect: tuple[Path, str]) -> None:
    home, said = effect
    page = home / "private" / "made-up-trust" / "programme.html"
    assert f"Private page with exact figures: {page}" in said
    assert stat.S_IMODE(page.stat().st_mode) == 0o600
    assert stat.S_IMODE(page.parent.stat().st_mode) == 0o700
    assert [path.name for path in page.parent.iterdir()] == ["programme.html"]
    assert not (home / "published").exists()


def test_the_page_names_nobody(effect: tuple[Path, str]) -> None:
    home, _ = effect
    text = re.sub(r"<script.*?</script>", "", read_page(home), flags=re.DOTALL)
    connection = look_into_warehouse(home)
    ids = connection.sql(
        "select application_id::varchar, vacancy_id::varchar from core.applications using sample 2000"
    ).fetchall()
    connection.close()
    assert len(ids) == 2000
    assert not any(name in text or name.replace("-", "") in text for pair in ids for name in pair)
    assert not re.search(r"\bAPP\d", text)
    assert not any((home / "secrets" / f"{key}.key").read_text().strip() in text for key in ("pseudonym", "warehouse"))
    assert str(home) not in text


def test_the_page_says_what_the_records_say(effect: tuple[Path, str]) -> None:
    home, _ = effect
    text = visible(read_page(home))
    assert "Private: not for publication. Holds exact figures about small groups." in text
    assert "Rose clearly, and more than its own earlier path led to" in text
    rows = export("effect", 16)
    for ethnicity in (True, False):
        side = rows.filter(
            (pl.col("ethnicity") != "White: Irish") == ethnicity, pl.col("applied_on") < date(2016, 4, 1)
        )
        assert f"{side.filter(outcome='Shortlisted').height:,} of {side.height:,}" in text
    for said in (
        "Panels trained: 15 January 2020",
        "Next review: 1 April 2027",
        "They do not show why",
        "Jan to Mar 2016",
    ):
        assert said in text
