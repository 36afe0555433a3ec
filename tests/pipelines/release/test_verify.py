"""`verify`: a changed digit anywhere is found, and figures that do not follow from the records are."""

import json
import re
import shutil
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import polars as pl
import pytest

from assets.warehouse.connection import open_warehouse
from assets.warehouse.keys import signing_key
from equity_audit.contracts import DISCLOSED_STAGE_COUNTS
from equity_audit.errors import UsageError
from reports.edition.manifest_hash import sha256, with_manifest_hash
from reports.edition.signature import signed
from reports.edition.table_differences import first_difference
from tests.pipelines.conftest import invoke, run
from tests.pipelines.homes import ORGANISATION, content, one_year

PLACE = Path(ORGANISATION) / "2021-04-01"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one year published, then corrected."""
    return shutil.copytree(one_year(tmp_path_factory) / "corrected", tmp_path_factory.mktemp("verify") / "home")


@pytest.fixture
def copy(home: Path, tmp_path: Path) -> Path:
    """A copy of the edition elsewhere."""
    return shutil.copytree(home / "published" / PLACE, tmp_path / "copy")


def test_any_edition_can_be_rebuilt_from_the_extracts_that_it_names(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    """In another home that was given two keys, for pseudonyms (on which hangs what is withheld) and for commitments:
    page by page and table by table; revision by revision, since the second is published beside the first.
    """
    folder = one_year(tmp_path_factory)
    (tmp_path / "secrets").mkdir()
    for name in ("commitment", "pseudonym"):
        shutil.copy(folder / "home" / "secrets" / f"{name}.key", tmp_path / "secrets")
    before, now = content(folder / "home"), content(folder / "corrected")
    assert now.keys() == before.keys()
    assert now != before
    for export, due in (("export.csv", before), ("export.corrections.csv", now)):
        code, said = run(tmp_path, "run", folder / export)
        assert code == 0, said
        assert content(tmp_path) == due
    assert tables(folder / "corrected" / "superseded") == tables(folder / "home" / "published")


def tables(folder: Path) -> dict[str, bytes]:
    found = {path.name: path.read_bytes() for path in folder.rglob("tables/*.csv")}
    assert found
    return found


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def a_digit(file: Path, after: str) -> None:
    """Change the first digit that comes after a text."""
    text = file.read_text(encoding="utf-8")
    place = re.compile(r"\d").search(text, text.index(after))
    assert place
    digit = str((int(place[0]) + 1) % 10)
    file.write_text(text[: place.start()] + digit + text[place.end() :], encoding="utf-8")


def a_figure(file: Path, after: str) -> None:
    """Change the first digit that comes in the same line after a text: of the first such line that shows a figure."""
    text = file.read_text(encoding="utf-8")
    found = re.search(rf"{re.escape(after)}[^\d\n]*\d", text)
    assert found, after
    digit = str((int(found[0][-1]) + 1) % 10)
    file.write_text(text[: found.end() - 1] + digit + text[found.end() :], encoding="utf-8")


def reseal(edition: Path) -> None:
    """As a forger would who knows how: every hash made anew."""
    record = json.loads((edition / "edition.json").read_text(encoding="utf-8"))
    for name, said in record["files"].items():
        content = (edition / name).read_bytes()
        said.update(sha256=sha256(content), bytes=len(content))
    record["tables"] = {name: record["files"][f"tables/{name}.csv"]["sha256"] for name in record["tables"]}
    del record["record_sha256"]
    (edition / "edition.json").write_bytes(with_manifest_hash(record))


def test_an_edition_and_the_one_it_replaced_follow_from_the_records(home: Path) -> None:
    for folder, revision in ((home / "published" / PLACE, 2), (home / "superseded" / PLACE / "r1", 1)):
        code, said = invoke(home, "verify", folder)
        assert code == 0, said
        assert f"revision {revision}, published 20" in said
        files = sum(path.is_file() for path in folder.rglob("*")) - 1
        assert f"Match: {files} files and the record are as published." in said
        assert "values of 15 tables follow from the records." in said


def test_an_auditor_with_the_key_of_one_file_can_tell_it_and_no_other(
    home: Path, copy: Path, tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    folder, elsewhere = one_year(tmp_path_factory), tmp_path / "nowhere"
    export, corrections = folder / "export.csv", folder / "export.corrections.csv"
    code, said = invoke(home, "verify", copy, "--keys")
    assert code == 0, said
    keys = dict(re.findall(r"^(\S+), extract [0-9a-f]{16}\n +key ([0-9a-f]{64})$", said, re.MULTILINE))
    assert keys.keys() == {export.name, corrections.name}
    for key in keys.values():
        assert key not in (home / "secrets" / "commitment.key").read_text()
    for asked, where, given, due in (
        (export, elsewhere, keys[export.name], 0),
        (export, elsewhere, keys[corrections.name], 4),
        (corrections, elsewhere, keys[export.name], 4),
        (export, elsewhere, "0" * 64, 4),
        (export, elsewhere, "0" * 63, 2),
        (export, elsewhere, None, 2),
        (export, home, None, 0),
        (copy / "panel.html", home, None, 4),
    ):
        options = [] if given is None else ["--key", given]
        code, said = invoke(where, "verify", copy, "--file", asked, *options)
        assert (code, "Match: " in said) == (due, due == 0), said
    mapping = tmp_path / "ours.toml"
    shutil.copy(files("assets") / "mappings" / "standard_wide.toml", mapping)  # type: ignore[call-overload]
    for change, due in (("", 0), ("# a comment\n", 0), ('"Gone" = "withdrew"\n', 4)):
        mapping.write_text(mapping.read_text() + change)
        code, said = invoke(elsewhere, "verify", copy, "--file", mapping, "--key", keys[export.name])
        assert (code, "the mapping of extract" in said) == (due, due == 0), said
    assert invoke(elsewhere, "verify", copy, "--key", keys[export.name])[0] == 2
    assert invoke(elsewhere, "verify", copy, "--keys")[0] == 2
    assert not elsewhere.exists()


def test_a_copy_needs_no_home(copy: Path, tmp_path: Path) -> None:
    code, said = invoke(tmp_path / "nowhere", "verify", copy)
    assert (code, "Not recomputed: there is no warehouse" in said) == (0, True)
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize(
    ("file", "after", "said"),
    [
        ("panel.html", "<tbody", "panel.html: differs"),
        ("audit.html", "<tbody", "audit.html: differs"),
        ("provenance.json", "sha256", "provenance.json: differs"),
        ("openlineage.json", "eventTime", "openlineage.json: differs"),
        ("tables/stage_counts.csv", "shortlisted", "tables/stage_counts.csv: differs"),
        ("tables/sources.csv", "file_commitment", "tables/sources.csv: differs"),
        ("edition.json", '"period":', "edition.json: its content does not match its own hash"),
        ("edition.json", '"bytes":', "edition.json: its content does not match its own hash"),
        ("edition.json", '"record_sha256": "', "edition.json: its content does not match its own hash"),
        ("edition.json", '"published_at"', "edition.json: its content does not match its own hash"),
    ],
)
def test_one_changed_digit_is_found(home: Path, copy: Path, file: str, after: str, said: str) -> None:
    a_digit(copy / file, after)
    code, words = invoke(home, "verify", copy)
    assert (code, said in words) == (4, True), words
    assert "Match" not in words


def remove_a_table(edition: Path) -> None:
    (edition / "tables" / "checks.csv").unlink()


def add_a_file(edition: Path) -> None:
    (edition / "notes.txt").write_text("x")


def damage_the_record(edition: Path) -> None:
    change(edition / "edition.json", "{", "[")


def say_twice(edition: Path) -> None:
    change(edition / "edition.json", '"revision": 2', '"revision": 1, "revision": 2')


def write_otherwise(edition: Path) -> None:
    change(edition / "edition.json", '"withhold_below": 5', '"withhold_below":  5')


def tear_out_files(edition: Path) -> None:
    record = json.loads((edition / "edition.json").read_text(encoding="utf-8"))
    del record["files"], record["record_sha256"]
    (edition / "edition.json").write_bytes(with_manifest_hash(record))


def take_out_its_hash(edition: Path) -> None:
    record = json.loads((edition / "edition.json").read_text(encoding="utf-8"))
    del record["record_sha256"]
    (edition / "edition.json").write_text(json.dumps(record), encoding="utf-8")


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (remove_a_table, "tables/checks.csv: missing"),
        (add_a_file, "notes.txt: extra"),
        (damage_the_record, "edition.json: not readable as JSON"),
        (say_twice, "edition.json: not readable as JSON, or has a key twice"),
        (write_otherwise, "edition.json: its content matches its own hash, but it is written differently"),
        (tear_out_files, "edition.json: is not a complete record"),
        (take_out_its_hash, "edition.json: its content does not match its own hash"),
    ],
)
def test_damage_is_named(home: Path, copy: Path, damage: Callable[[Path], None], said: str) -> None:
    damage(copy)
    code, words = invoke(home, "verify", copy)
    assert (code, said in words) == (4, True), words


def test_who_signed_it_is_said_and_can_be_asked_for(copy: Path, tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere"
    signature = signed((copy / "edition.json").read_bytes(), b"k" * 32)
    public = signature.split()[0].decode()
    assert invoke(nowhere, "verify", copy, "--signed-by", public)[0] == 4
    (copy / "edition.json.sig").write_bytes(signature)
    code, words = invoke(nowhere, "verify", copy)
    assert (code, f"Signed with the key {public}: compare it" in words) == (0, True), words
    assert invoke(nowhere, "verify", copy, "--signed-by", public.upper())[0] == 0
    code, words = invoke(nowhere, "verify", copy, "--signed-by", "0" * 64)
    assert (code, f"the edition is signed with the key {public}, not the one given" in words) == (4, True), words


def test_a_forger_cannot_sign_anew(copy: Path, tmp_path: Path) -> None:
    (copy / "edition.json.sig").write_bytes(signed((copy / "edition.json").read_bytes(), b"k" * 32))
    a_digit(copy / "tables" / "stage_counts.csv", "shortlisted")
    reseal(copy)
    code, words = invoke(tmp_path / "nowhere", "verify", copy)
    assert (code, "edition.json.sig: does not sign this record" in words) == (4, True), words


def test_a_home_with_a_key_signs(home: Path, tmp_path: Path) -> None:
    assert signing_key(home) is None
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "signing.key").write_text("6b" * 32 + "\n")
    assert signing_key(tmp_path) == b"k" * 32
    (tmp_path / "secrets" / "signing.key").write_text("k")
    with pytest.raises(UsageError, match="the signing key cannot be read"):
        signing_key(tmp_path)


def test_a_folder_that_is_no_edition(home: Path, tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "edition.json").write_text('{"revision": 1}')
    for folder, said in (
        (tmp_path, "not an edition"),
        (tmp_path / "none", "not an edition"),
        (tmp_path / "old", "no hashes"),
    ):
        code, words = invoke(home, "verify", folder)
        assert (code, said in words) == (2, True), words


@pytest.mark.parametrize(
    ("table", "after", "said"),
    [
        ("stage_counts", ",applied,shortlisted,All applicants,", "stage_counts, level all, breakdown all"),
        ("disparities", ",White,", "is published as"),
        ("sources", ",2021-04-01,", "recalculating"),
    ],
)
def test_a_forgery_with_every_hash_made_anew_does_not_follow_from_the_records(
    home: Path, copy: Path, table: str, after: str, said: str
) -> None:
    a_figure(copy / "tables" / f"{table}.csv", after)
    reseal(copy)
    code, words = invoke(home, "verify", copy)
    assert code == 4
    assert re.search(r"Match: \d+ files", words)
    assert f"does not follow from the records: {table}" in words
    assert said in words
    assert "made with the same versions: ask the publisher" in words


def test_another_version_is_named_where_figures_differ(home: Path, copy: Path) -> None:
    a_figure(copy / "tables" / "stage_counts.csv", ",applied,shortlisted,All applicants,")
    change(copy / "edition.json", '"numpy": "', '"numpy": "0.')
    reseal(copy)
    assert "made with other versions of numpy:" in invoke(home, "verify", copy)[1]


def test_settings_other_than_recorded_are_told(home: Path, copy: Path) -> None:
    change(copy / "edition.json", '"round_to": 5', '"round_to": 10')
    reseal(copy)
    code, words = invoke(home, "verify", copy)
    assert (code, "the settings do not match their recorded hash" in words) == (4, True)


def test_a_home_without_its_extracts_says_so(copy: Path, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    open_warehouse(tmp_path / "home").close()
    code, words = invoke(tmp_path / "home", "verify", copy)
    assert (code, "this warehouse does not have the extracts" in words) == (0, True), words


def test_removed_records_are_said_to_be_gone(home: Path, copy: Path, tmp_path: Path) -> None:
    later = shutil.copytree(home, tmp_path / "later")
    assert invoke(later, "purge", "--before", "2022-04-01")[0] == 0
    code, words = invoke(later, "verify", copy)
    assert code == 0
    assert "Can no longer be recomputed: records of applications from before 2022-04-01 were removed" in words


COUNTS = {
    "organisation": "Trust",
    "period": "2023-04-01",
    "level": "wres",
    "breakdown": "all",
    "breakdown_value": "all",
    "step_order": 0,
    "step_kind": "stage",
    "from_stage": "applied",
    "to_stage": "shortlisted",
    "group_name": "BME",
    "reached": 100,
    "reached_note": None,
    "decided": 95,
    "decided_note": None,
    "progressed": None,
    "progressed_note": "protects_another",
}


def compared(**published: object) -> str | None:
    rows = pl.DataFrame([COUNTS | published])
    found = first_difference(DISCLOSED_STAGE_COUNTS, rows.write_csv(), pl.DataFrame([COUNTS]))
    return found and str(found)


def test_what_was_withheld_is_not_told_by_comparing() -> None:
    row = "stage_counts, level wres, breakdown all, breakdown_value all, step_order 0"
    assert compared() is None
    found = compared(reached=105)
    assert found
    assert found.startswith(row)
    assert found.endswith("group_name BME: reached is published as 105; recalculated, it is 100")
    assert str(compared(decided=None)).endswith("decided is withheld; recalculated, it is not")
    assert str(compared(progressed=20)).endswith("progressed is published as 20; recalculated, it is withheld")


def test_rows_too_many_too_few_and_twice() -> None:
    again = pl.DataFrame([COUNTS])

    def said(published: pl.DataFrame) -> str:
        return str(first_difference(DISCLOSED_STAGE_COUNTS, published.write_csv(), again))

    assert "is given by recalculating, but is not published" in said(again.head(0))
    assert "has a row twice" in said(pl.concat([again, again]))
    assert "published, but recalculating does not give it" in said(
        again.with_columns(pl.lit("White").alias("group_name"))
    )
    assert "has columns other than those" in said(again.drop("reached"))
