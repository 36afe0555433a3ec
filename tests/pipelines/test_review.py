"""Reviews of programmes: made from published editions alone, published as editions are, and made again from them."""

import csv
import importlib
import json
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl
import pytest

from assets import private_lists, programme
from assets.private_lists import NOT_BORNE_OUT
from assets.release.publish import folder_name
from assets.resources import Home
from assets.warehouse.connection import look_into_warehouse, open_warehouse
from assets.warehouse.failures import kept_words
from assets.warehouse.retention import purge
from equity_audit.contracts import DISCLOSED_OVER_TIME, PROGRAMME_EFFECT
from equity_audit.settings import load_settings
from equity_audit.synthetic.history import PROGRAMME_EFFECT as EFFECT
from pipelines.planning import Planned
from pipelines.resources import make_resources
from pipelines.sensors import after_reporting
from reports.edition.manifest_hash import MANIFEST_HASH, RECORD, sha256, with_manifest_hash
from reports.edition.programme_review import PAGE
from tests.backtests.test_published_programme import policy, published
from tests.pipelines.conftest import invoke
from tests.pipelines.test_programme import PROGRAMME, export, take_in
from tests.published_editions import ORGANISATION, lay_out
from tests.unit.programme.test_published_years import editions, quarterly

FOLDER = folder_name(ORGANISATION)
REVIEW = f"{FOLDER}/programme-fair"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with ten published years of a history with an effect, and a programme file; no records."""
    lay_out(tmp_path / "published", published("effect"), policy())
    write_programme(tmp_path)
    open_warehouse(tmp_path).close()
    return tmp_path


@pytest.fixture(scope="module")
def reviewed_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("reviewed")
    lay_out(home / "published", published("effect"), policy())
    write_programme(home)
    open_warehouse(home).close()
    assert run(home).success
    return home


@pytest.fixture
def reviewed(reviewed_once: Path, tmp_path: Path) -> Path:
    """The same home with its review, for tests that change something in it."""
    shutil.copytree(reviewed_once, tmp_path / "home")
    return tmp_path / "home"


def write_programme(home: Path, text: str = PROGRAMME, name: str = "fair") -> None:
    (home / "programmes").mkdir(exist_ok=True)
    (home / "programmes" / f"{name}.toml").write_text(text, encoding="utf-8")


def run(home: Path, *assets: dg.AssetsDefinition) -> dg.ExecuteInProcessResult:
    return dg.materialize(
        list(assets or (programme.over_time, programme.reviews)), resources=make_resources(home), raise_on_error=False
    )


def failure(home: Path) -> str:
    result = run(home)
    assert not result.success
    said = [e.step_failure_data.user_failure_data for e in result.all_events if e.is_step_failure]
    assert said[0] is not None
    assert said[0].metadata["exit_code"].value == 2
    return str(kept_words(home, result.run_id))


def test_a_review_is_published_with_its_tables_and_a_record_of_its_editions(reviewed: Path) -> None:
    folder = reviewed / "published" / REVIEW
    assert {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()} == {
        PAGE,
        RECORD,
        *(f"tables/{table.name}.csv" for table in DISCLOSED_OVER_TIME),
    }
    record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    for said in record["editions"]:
        edition = json.loads((reviewed / "published" / FOLDER / said["period"] / RECORD).read_text(encoding="utf-8"))
        assert said["record_sha256"] == edition[MANIFEST_HASH]
    assert [said["period"][:4] for said in record["editions"]] == [str(year) for year in range(2015, 2025)]
    effect = pl.read_csv(folder / "tables" / "programme_effect.csv").row(0, named=True)
    assert effect["verdict"] == "rose_beyond_its_path"
    assert effect["series_verdict"] == "improved"
    with look_into_warehouse(reviewed) as connection:
        for table in DISCLOSED_OVER_TIME:
            kept = connection.sql(f"select * from {table.full_name}").pl()
            assert tuple(kept.columns) == table.column_names
            assert kept.height == pl.read_csv(folder / "tables" / f"{table.name}.csv").height


def test_the_index_leads_to_the_review(reviewed: Path) -> None:
    page = (reviewed / "published" / FOLDER / "index.html").read_text(encoding="utf-8")
    assert '<a href="programme-fair/programme.html">Fair from the start: did it work?</a>' in page


def test_the_same_editions_and_programme_publish_nothing_new(reviewed: Path) -> None:
    folder = reviewed / "published" / REVIEW
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert run(reviewed).success
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_a_corrected_programme_is_a_new_revision_and_the_old_one_is_kept(reviewed: Path) -> None:
    write_programme(reviewed, PROGRAMME.replace("Panels trained", "All panels trained"))
    assert run(reviewed).success
    record = json.loads((reviewed / "published" / REVIEW / RECORD).read_text(encoding="utf-8"))
    assert (record["revision"], record["replaces"]) == (2, 1)
    assert (reviewed / "superseded" / REVIEW / "r1" / PAGE).exists()


def test_verify_makes_a_review_again_without_any_records(reviewed: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(reviewed / "published" / FOLDER, elsewhere / FOLDER)
    code, said = invoke(elsewhere, "verify", elsewhere / REVIEW)
    assert code == 0, said
    assert "of 3 tables follow from 10 editions" in said


def test_a_changed_digit_is_found_even_if_the_record_was_sealed_again(reviewed: Path) -> None:
    folder = reviewed / "published" / REVIEW
    table = folder / "tables" / "programme_effect.csv"
    rows = pl.read_csv(table)
    rows.with_columns(pl.col("effect") + 0.01).write_csv(table)
    record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    record.pop(MANIFEST_HASH)
    content = table.read_bytes()
    record["tables"]["programme_effect"] = sha256(content)
    record["files"]["tables/programme_effect.csv"] = {"sha256": sha256(content), "bytes": len(content)}
    (folder / RECORD).write_bytes(with_manifest_hash(record))
    code, said = invoke(reviewed, "verify", folder)
    assert code == 4
    assert "effect is published as" in " ".join(said.split())


def test_a_review_whose_editions_have_moved_on_says_so(reviewed: Path) -> None:
    shutil.rmtree(reviewed / "published" / FOLDER / "2019-01-01")
    code, said = invoke(reviewed, "verify", reviewed / "published" / REVIEW)
    assert code == 0
    assert "missing beside the review, or have changed: 2019-01-01 (revision 1)" in " ".join(said.split())


def test_a_change_that_exact_counts_do_not_bear_out_is_told_to_the_analyst_alone(home: Path) -> None:
    assert run(home, programme.reviews).success
    folder, listed = home / "published" / REVIEW, home / "private" / folder_name(ORGANISATION) / NOT_BORNE_OUT
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    (said,) = pl.read_csv(folder / "tables" / "programme_effect.csv")["verdict"].to_list()
    row = dict.fromkeys(PROGRAMME_EFFECT.column_names) | {
        "organisation": ORGANISATION,
        "programme": "fair",
        "level": "wres",
        "from_stage": "applied",
        "to_stage": "appointed",
        "group_name": "BME",
        "reference_name": "White",
    }
    marks = ", ".join("?" * len(row))
    for exact, doubted in ((said, []), ("too_few", []), ("cannot_tell", [[said, "cannot_tell"]])):
        with open_warehouse(home) as connection:
            connection.execute("delete from out.programme_effect")
            connection.execute(
                f"insert into out.programme_effect values ({marks})", [*(row | {"verdict": exact}).values()]
            )
        assert run(home, programme.reviews, private_lists.not_borne_out).success
        lines = list(csv.reader(listed.read_text(encoding="utf-8-sig").splitlines()))
        assert [line[-2:] for line in lines[1:]] == doubted
        assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    assert listed.stat().st_mode & 0o777 == 0o600


def without_quarters(counts: pl.DataFrame) -> pl.DataFrame:
    return counts.filter(pl.col("breakdown") != "quarter")


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda home: write_programme(home, PROGRAMME.replace("2020-01-01", "2030-01-01")), "began after the last"),
        (lambda home: write_programme(home, "[programme]\nname = 'x'"), "fair.toml"),
        (lambda home: write_programme(home, PROGRAMME.replace("Panels", "jo@example.org")), "would be published"),
    ],
    ids=["too-late", "incomplete", "an-address"],
)
def test_a_programme_file_that_cannot_be_used_is_named(home: Path, spoil: Callable[[Path], Any], words: str) -> None:
    spoil(home)
    assert words in failure(home)
    assert not (home / "published" / REVIEW).exists()


def test_editions_by_whole_years_alone_are_reviewed(tmp_path: Path) -> None:
    """No setting to change and nothing to publish again before a review can be asked for."""
    bands = policy().disclosure.model_copy(update={"publish_splits": ("pay_band",)})
    settings = policy().model_copy(update={"disclosure": bands})
    lay_out(tmp_path / "published", without_quarters(published("effect")), settings)
    write_programme(tmp_path)
    open_warehouse(tmp_path).close()
    assert run(tmp_path).success
    folder = tmp_path / "published" / REVIEW
    effect = pl.read_csv(folder / "tables" / "programme_effect.csv").row(0, named=True)
    # Of 2021 and 2022 a count is withheld, so that only two years stand since.
    assert (effect["years_before"], effect["years_since"], effect["verdict"]) == (5, 2, "too_few")
    assert effect["series_verdict"] is None
    page = (folder / PAGE).read_text(encoding="utf-8")
    assert "Year by year" in page
    assert "A second look" not in page
    assert "Years with a withheld number are left out: 2021, 2022." in page
    code, said = invoke(tmp_path, "verify", folder)
    assert code == 0, said


@pytest.mark.parametrize(("unit", "months", "missing"), [("quarter", 3, "2018-04-01"), ("month", 1, "2018-05-01")])
def test_editions_of_quarters_or_months_are_reviewed_by_whole_years(
    tmp_path: Path, unit: str, months: int, missing: str
) -> None:
    """A year that lacks one of them is left out and named; small counts leave ranges alone, on page and in table."""
    counts = editions(7, since=1.5, months=months)
    lay_out(tmp_path / "published", counts.filter(pl.col("period") != date.fromisoformat(missing)), quarterly(unit))
    write_programme(tmp_path)
    open_warehouse(tmp_path).close()
    assert run(tmp_path).success
    folder = tmp_path / "published" / REVIEW
    effect = pl.read_csv(folder / "tables" / "programme_effect.csv").row(0, named=True)
    # 2020 is the year of the lead-in.
    assert (effect["years_before"], effect["years_since"], effect["verdict"]) == (2, 3, "too_few")
    page = " ".join((folder / PAGE).read_text(encoding="utf-8").split())
    assert f"A year is the sum of its {unit}s. Years in which any of these is not published" in page
    assert "are left out: 2018." in page
    assert '<th scope="row">2017</th><td>between ' in page
    assert '<th scope="row">2018</th><td>not shown</td>' in page
    over_time = pl.read_csv(folder / "tables" / "trend.csv").filter(pl.col("impact_ratio_reason").is_not_null())
    assert over_time.height
    assert over_time["impact_ratio"].null_count() == over_time.height
    assert over_time["impact_ratio_low"].null_count() == 0
    code, said = invoke(tmp_path, "verify", folder)
    assert code == 0, said


def test_editions_without_two_groups_cannot_be_reviewed(tmp_path: Path) -> None:
    lay_out(tmp_path / "published", published("effect").filter(pl.col("level") != "wres"), policy())
    write_programme(tmp_path)
    open_warehouse(tmp_path).close()
    assert "no step has two groups with published counts" in failure(tmp_path)


def test_what_cannot_be_reviewed_hides_nothing_of_what_is_published(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`run` publishes its periods, says so, and ends as wrong use: a review that is there may be an old one."""
    lay_out(tmp_path / "published", published("effect"), policy())
    write_programme(tmp_path, PROGRAMME.replace("2020-01-01", "2030-01-01"))
    page = tmp_path / "published" / FOLDER / "2031-01-01" / "panel.html"
    page.parent.mkdir()
    page.touch()
    importlib.import_module("pipelines.commands.run")
    planned = Planned(tmp_path / "export.csv", "mapping", "e" * 16, ORGANISATION)
    monkeypatch.setattr("pipelines.commands.run.plan_each", lambda *_: ([planned], []))
    monkeypatch.setattr("pipelines.commands.run._periods", lambda *_: [(ORGANISATION, date(2031, 1, 1))])
    for name in ("_load_all", "_report"):
        monkeypatch.setattr(f"pipelines.commands.run.{name}", lambda *_: None)
    code, said = invoke(tmp_path, "run", tmp_path / "export.csv")
    assert code == 2
    told = said.replace("\n", "")
    assert told.index("Published:") < told.index(str(page)) < told.index("began after the last")


def test_editions_of_different_policies_make_no_series(tmp_path: Path) -> None:
    counts, settings = published("effect"), policy()
    disclosure = settings.disclosure.model_copy(update={"withhold_below": 8})
    for year, rule in ((2019, settings.disclosure), (2020, disclosure)):
        lay_out(
            tmp_path / "published",
            counts.filter(pl.col("period") == date(year, 1, 1)),
            settings.model_copy(update={"disclosure": rule}),
        )
    write_programme(tmp_path)
    open_warehouse(tmp_path).close()
    assert "the period from 2019-01-01" in failure(tmp_path)


def test_of_two_organisations_the_file_says_whose_programme_it_is(home: Path) -> None:
    lay_out(home / "published", published("none"), policy(), "Other Trust")
    assert "one of Made-Up Trust, Other Trust" in failure(home)
    write_programme(home, PROGRAMME.replace("[programme]", '[programme]\norganisation = "Other Trust"'))
    assert run(home).success
    assert not (home / "published" / REVIEW).exists()
    page = (home / "published" / "other-trust" / "programme-fair" / PAGE).read_text(encoding="utf-8")
    assert "There is no clear change in the gap" in page


def test_exact_trends_and_effects_are_kept_in_the_warehouse_alone(tmp_path: Path) -> None:
    rows = export("effect", 4)
    take_in(tmp_path, rows)
    write_programme(tmp_path)
    assert run(tmp_path, programme.over_time).success
    with look_into_warehouse(tmp_path) as connection:
        trend = connection.sql("select * from out.trend").pl()
        effect = connection.sql("select * from out.programme_effect").pl()
    months = trend.filter(unit="month", level="wres", group_name="BME")
    bme = rows.filter(pl.col("ethnicity") != "White: Irish")
    assert months["decided"].sum() == bme.height
    assert months["progressed"].sum() == bme.filter(outcome="Shortlisted").height
    quarters = trend.filter(unit="quarter", level="wres", group_name="BME")
    assert quarters["decided"].sum() == bme.height
    # Quarters of reporting years, which begin in April.
    assert {day.month for day in quarters["period"]} == {1, 4, 7, 10}
    bme = effect.row(by_predicate=pl.col("level") == "wres", named=True)
    assert bme["effect_within_low"] < EFFECT < bme["effect_within_high"]
    # And go with the records when these are removed.
    day = date(2019, 4, 1)
    purge(tmp_path, day, load_settings())
    with look_into_warehouse(tmp_path) as connection:
        assert connection.execute("select min(period) from out.trend").fetchone() == (day,)
        assert connection.execute("select count(*) from out.programme_effect").fetchone() == (0,)


def test_every_published_period_asks_for_a_review_where_there_is_a_programme(
    home: Path,
) -> None:
    done = run(home, programme.over_time)
    event = next(e for e in done.all_events if e.event_type == dg.DagsterEventType.RUN_SUCCESS)
    context = dg.build_run_status_sensor_context(
        "after_reporting", event, dg.DagsterInstance.ephemeral(), done.dagster_run
    )
    asked = after_reporting(context, home=Home(root=str(home)))
    assert isinstance(asked, dg.RunRequest)
    assert asked.run_key == done.run_id
    shutil.rmtree(home / "programmes")
    assert isinstance(after_reporting(context, home=Home(root=str(home))), dg.SkipReason)


def test_the_command_keeps_the_file_and_says_where_the_review_is(home: Path, tmp_path_factory: Any) -> None:
    file = tmp_path_factory.mktemp("mine") / "Our file.toml"
    file.write_text(PROGRAMME, encoding="utf-8")
    code, said = invoke(home, "programme", file, "--publish")
    assert code == 0, said
    assert (home / "programmes" / "our-file.toml").read_text(encoding="utf-8") == PROGRAMME
    # The one that was there already is reviewed as well.
    said = said.replace("\n", "")
    assert all(f"{FOLDER}/programme-{name}/{PAGE}" in said for name in ("fair", "our-file"))


def test_the_command_says_where_there_is_nothing_to_review_yet(tmp_path: Path) -> None:
    file, home = tmp_path / "fair.toml", tmp_path / "home"
    file.write_text(PROGRAMME, encoding="utf-8")
    code, said = invoke(home, "programme", file, "--publish")
    assert code == 2
    assert "nothing has been published for any organisation yet" in " ".join(said.split())
    assert (home / "programmes" / "fair.toml").read_text(encoding="utf-8") == PROGRAMME


def test_the_command_keeps_the_file_and_refuses_one_of_another_organisation(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "our file.toml"
    file.write_text(PROGRAMME, encoding="utf-8")
    code, said = invoke(home, "programme", file, "--publish", "--organisation", "Other Trust")
    assert code == 2
    assert "under [programme]" in " ".join(said.split())
    assert not (home / "programmes" / "our-file.toml").exists()
