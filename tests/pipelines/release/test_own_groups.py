"""A source with a list of groups of its own: from a counted table to an edition that carries the list."""

import csv
import shutil
from pathlib import Path

import pytest

from assets.warehouse.connection import look_into_warehouse, open_warehouse
from equity_audit.vocabulary import known_lists, own_lists
from tests.pipelines.conftest import invoke, run

COUNTS = "raca,A,B\nBranca,400,200\nParda,300,75\nPreta,200,80\nSem resposta,40,20\n"
MAPPING = """
[source]
name = "ours"
organisation = "{name}"
shape = "counts"
ethnicity_classification = "own"
reference_group = "{reference}"
period = {period}
stages = ["applied", "appointed"]
[columns]
ethnicity = "raca"
[stage_counts]
applied = "A"
appointed = "B"
[own_groups]
Preta = ["Preta"]
Branca = ["Branca"]
"Indígena" = ["Indígena"]
Parda = ["Parda"]
Unknown = ["Sem resposta"]
"""


def export(folder: Path, **given: str) -> Path:
    given = {"name": "Empresa", "reference": "Branca", "period": "2023-04-01"} | given
    file = folder / f"{len(list(folder.iterdir()))}.csv"
    file.write_text(COUNTS, encoding="utf-8")
    Path(f"{file}.toml").write_text(MAPPING.format(**given), encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("own") / "home"
    code, said = run(home, "run", export(tmp_path_factory.mktemp("files")))
    assert code == 0, said
    return home


@pytest.fixture
def forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in another process, which has read no mapping."""
    monkeypatch.setattr(own_lists, "_known", {})


def rows(edition: Path, table: str) -> list[dict[str, str]]:
    with (edition / "tables" / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_group_is_listed_and_compared_with_the_named_one(home: Path) -> None:
    edition = home / "published" / "empresa" / "2023-04-01"
    counts = {row["group_name"]: row for row in rows(edition, "stage_counts") if row["level"] == "group"}
    assert {*counts} == {"Branca", "Indígena", "Parda", "Preta", "Unknown"}
    assert {row["level"] for row in rows(edition, "stage_counts")} == {"all", "group"}
    assert counts["Indígena"]["reached_note"] == "fewer_than"
    compared = {row["group_name"]: row for row in rows(edition, "disparities")}
    assert {row["reference_name"] for row in compared.values()} == {"Branca"}
    # 75 of 300 beside 200 of 400, and 80 of 200: all are multiples of 5, so rounding has changed none of them.
    assert float(compared["Parda"]["impact_ratio"]) == pytest.approx(0.25 / 0.5)
    assert float(compared["Preta"]["impact_ratio"]) == pytest.approx(0.4 / 0.5)
    listed = "own list: Preta; Branca; Indígena; Parda; compared with Branca"
    assert [row["ethnicity_classification"] for row in rows(edition, "sources")] == [listed]
    page = (edition / "panel.html").read_text(encoding="utf-8")
    assert "Parda applicants were 0.50 times as likely as Branca applicants" in page


@pytest.mark.usefixtures("forgotten")
def test_whoever_has_only_the_edition_or_the_warehouse_has_the_list(home: Path, tmp_path: Path) -> None:
    edition = home / "published" / "empresa" / "2023-04-01"
    copy = shutil.copytree(edition, tmp_path / "copy")
    code, said = invoke(tmp_path / "elsewhere", "verify", copy)
    assert code == 0, said
    assert {*known_lists()} == {"own list: Preta; Branca; Indígena; Parda; compared with Branca"}
    own_lists._known.clear()
    code, said = invoke(home, "verify", edition)
    assert code == 0, said
    assert "follow from the records" in said
    assert invoke(home, "attack", edition / "tables" / "stage_counts.csv")[0] == 0


@pytest.mark.usefixtures("forgotten")
def test_whatever_opens_the_warehouse_knows_the_list(home: Path) -> None:
    """As the schedule does, which reads no mapping."""
    for look in (open_warehouse, look_into_warehouse):
        own_lists._known.clear()
        look(home).close()
        assert [found.reference for found in known_lists().values()] == ["Branca"]


def test_lists_that_share_names_are_refused_in_one_home(home: Path, tmp_path: Path) -> None:
    same = export(tmp_path, reference="Parda", period="2022-04-01")
    code, said = invoke(home, "run", same)
    assert code == 3
    assert "its groups cannot be added to those of this file" in said
    other = export(tmp_path, name="Outra", reference="Parda")
    code, said = invoke(home, "run", other)
    assert code == 3
    assert "the groups Branca, Indígena, Parda, Preta are also in the list of 0.csv" in said
    # The same list may be that of several organisations.
    code, said = invoke(home, "check", export(tmp_path, name="Terceira"))
    assert code == 0, said
