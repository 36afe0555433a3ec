"""Where a figure comes from: by hand from literal counts, through the command as an auditor types it."""

import json
import re
import shutil
from pathlib import Path

import pytest

from assets.release.edition_files import edition_files
from equity_audit.contracts import TABLES
from reports.edition.folder import EditionFolder, open_edition
from reports.edition.record import Edition
from reports.origins.figure_names import figures, find
from reports.origins.figure_origin import chain, published_behind
from tests.pipelines.conftest import invoke
from tests.reports.conftest import DEPARTMENTS, SCRIPT, make_edition
from tests.reports.pages.test_survey_page import asked
from tests.reports.pages.test_workforce_page import staffed

ASIAN = "disparities/group/Asian/applied-shortlisted/impact_ratio"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, edition: Edition) -> Path:
    """The edition of tests.reports.conftest on disk."""
    place = tmp_path_factory.mktemp("edition")
    for name, content in edition_files(edition, "run").items():
        (place / name).parent.mkdir(exist_ok=True)
        (place / name).write_bytes(content)
    return place


@pytest.fixture(scope="module")
def opened(folder: Path) -> EditionFolder:
    return open_edition(folder)


def behind(edition: EditionFolder, name: str) -> dict[str, str]:
    (figure,) = find(edition, name)
    return {one.name: one.value for one in published_behind(edition, figure)}


def test_a_ratio_comes_from_four_counts(opened: EditionFolder) -> None:
    # 230 of 800 and 450 of 1500, all multiples of 5.
    (figure,) = find(opened, ASIAN)
    assert float(figure.value) == pytest.approx(230 / 800 / (450 / 1500))
    place = "applied-shortlisted"
    assert behind(opened, ASIAN) == {
        f"stage_counts/group/Asian/{place}/progressed": "230",
        f"stage_counts/group/White/{place}/progressed": "450",
        f"stage_counts/group/Asian/{place}/decided": "800",
        f"stage_counts/group/White/{place}/decided": "1500",
    }


def test_its_range_also_comes_from_the_design_effect_of_its_step(opened: EditionFolder) -> None:
    ranged = behind(opened, ASIAN.replace("impact_ratio", "impact_ratio_low"))
    assert ranged == behind(opened, ASIAN) | {"design_effects/applied-shortlisted/design_effect": "1.0"}
    path = behind(opened, "overall_paths/group/Asian/overall_ratio_high")
    effects = {name for name in path if name.startswith("design_effects")}
    assert effects == {
        f"design_effects/{step}/design_effect" for step in ("applied-shortlisted", "shortlisted-appointed")
    }


def test_a_rate_of_the_whole_path_comes_from_the_counts_of_its_steps(opened: EditionFolder) -> None:
    """Not from their rates, which may be shown as ranges only: 61 appointed of 230 are published as 60 of 230."""
    found = behind(opened, "overall_paths/group/Asian/overall_rate")
    assert {name: value for name, value in found.items() if name.startswith("stage_counts")} == {
        "stage_counts/group/Asian/applied-shortlisted/progressed": "230",
        "stage_counts/group/Asian/applied-shortlisted/decided": "800",
        "stage_counts/group/Asian/shortlisted-appointed/progressed": "60",
        "stage_counts/group/Asian/shortlisted-appointed/decided": "230",
    }
    assert not [name for name in found if name.startswith("selection_rates")]


def test_a_ratio_of_the_whole_path_also_comes_from_the_reference(opened: EditionFolder) -> None:
    found = behind(opened, "overall_paths/group/Asian/overall_ratio")
    assert {name.split("/")[2] for name in found} == {"Asian", "White"}


def test_a_contribution_comes_from_its_ratio_and_that_from_counts(opened: EditionFolder) -> None:
    found = behind(opened, "stage_contributions/group/Asian/applied-shortlisted/log_ratio")
    assert ASIAN in found
    assert found["stage_counts/group/White/applied-shortlisted/decided"] == "1500"


@pytest.mark.parametrize(
    ("column", "departments"),
    [
        ("selection_rate", {"Surgery"}),
        ("target_rate", {"all"}),
        ("inner_low", {"all", "Surgery"}),
        ("shrunken_rate", {"all", "Surgery", SCRIPT}),
    ],
)
def test_a_departments_figure_comes_from_its_own_counts_the_wholes_or_all(
    tmp_path: Path, column: str, departments: set[str]
) -> None:
    for name, content in edition_files(make_edition(departments=DEPARTMENTS), "run").items():  # type: ignore[arg-type]
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    opened = open_edition(tmp_path)
    (figure,) = find(opened, f"variation/wres/department=Surgery/BME/applied-shortlisted/{column}")
    found = published_behind(opened, figure)
    assert {one.row["breakdown_value"] for one in found} == departments
    assert {one.column.name for one in found} == {"progressed", "decided"}


def test_a_published_count_has_no_published_figure_behind_it(opened: EditionFolder) -> None:
    assert behind(opened, "stage_counts/group/Asian/applied-shortlisted/reached") == {}


@pytest.mark.parametrize(("shape", "source"), [("wide", "core.applications"), ("counts", "core.group_counts")])
def test_the_chain_ends_at_what_is_read_from_the_file(opened: EditionFolder, shape: str, source: str) -> None:
    steps = chain(find(opened, ASIAN)[0], frozenset({shape}))
    assert source in {step.table.full_name for step in steps if not step.made_of}
    # Of the two kinds of files only the one that there was.
    both = {"core.applications", "core.group_counts"}
    assert both & {step.table.full_name for step in steps} == {source}


def test_every_column_of_every_chain_is_in_a_contract(opened: EditionFolder) -> None:
    known = {f"{table.full_name}.{column}" for table in TABLES for column in table.column_names}
    for figure in {f.table.name + f.column.name: f for f in figures(opened)}.values():
        for step in chain(figure, frozenset({"wide", "counts"})):
            assert {step.name, *step.made_of} <= known


def test_no_two_figures_have_the_same_name(opened: EditionFolder) -> None:
    names = [figure.name for figure in figures(opened)]
    assert len(names) == len(set(names))


def test_the_command_answers_from_the_folder_alone(folder: Path, tmp_path: Path) -> None:
    code, said = invoke(tmp_path / "none", "explain", folder, ASIAN.lower())
    assert code == 0, said
    for text in (
        "0.96",  # 0.2875 / 0.3
        "stage_counts/group/White/applied-shortlisted/decided",
        "rounded to the nearest 5",
        "out.stage_counts.progressed: reached the step's last stage",
        "core.applications.last_order",
        "assets/sql/stage_counts.sql, not the same as in this installation",
        "b" * 64,
        "extract aaaaaaaaaaaaaaaa\n    commitment " + "f" * 64,
        "Only the home that made this edition can open commitments",
        "Did not pass (warning): dated on core.applicant_stages",
    ):
        assert text in said
    for exact in ("61", "334", "784", "22"):
        assert exact not in said.split()
    assert not (tmp_path / "none").exists()


def test_the_way_to_the_audit_page_leads_there(folder: Path, tmp_path: Path) -> None:
    _, said = invoke(tmp_path, "explain", folder, "stage_counts/group/Asian/applied-shortlisted/decided")
    place = re.search(r"audit\.html#(\S+)", said)
    assert place
    assert f'id="{place[1]}"' in (folder / "audit.html").read_text(encoding="utf-8")


def test_a_withheld_count_is_explained_without_its_value(folder: Path, tmp_path: Path) -> None:
    # 3 of 12 are appointed.
    name = "stage_counts/group/Mixed/shortlisted-appointed/progressed"
    code, said = invoke(tmp_path, "explain", folder, name)
    assert code == 0
    assert "not shown: it is a small count" in said
    assert "published as fewer than 5" in said
    code, said = invoke(
        tmp_path, "explain", folder, name.replace("stage_counts", "selection_rates")[:-10] + "selection_rate"
    )
    # What the mark leaves is shown as a range.
    assert (code, "only a range is shown" in said) == (0, True), said


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("0.29", "selection_rates/group/Asian/applied-shortlisted/selection_rate = 0.2875"),
        ("29%", "selection_rates/group/Asian/applied-shortlisted/selection_rate = 0.2875"),
        ("1,500", "stage_counts/group/White/applied-shortlisted/reached = 1500"),
        ("1500", "stage_counts/group/White/applied-shortlisted/reached = 1500"),
    ],
)
def test_a_number_lists_what_is_printed_so(folder: Path, tmp_path: Path, asked: str, name: str) -> None:
    code, said = invoke(tmp_path, "explain", folder, asked)
    assert (code, f"printed as {asked}" in said, name in said) == (0, True, True), said


def test_what_is_not_there_is_refused_with_the_nearest(folder: Path, tmp_path: Path) -> None:
    code, said = invoke(tmp_path, "explain", folder, ASIAN.replace("shortlisted", "shortlistd"))
    assert code == 2
    assert f"did you mean {ASIAN}" in said
    code, said = invoke(tmp_path, "explain", folder, "784")
    assert (code, "no figure of this edition" in said) == (2, True)


def test_an_edition_that_was_changed_is_not_explained(folder: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(folder, tmp_path / "copy")
    record = json.loads((copy / "edition.json").read_text(encoding="utf-8"))
    (copy / "edition.json").write_text(json.dumps(record | {"revision": 9}), encoding="utf-8")
    code, said = invoke(tmp_path, "explain", copy, ASIAN)
    assert (code, "edition.json: its content does not match its own hash" in said) == (4, True)


def test_measures_of_staff_come_from_numbers_of_staff_and_what_looks_ahead_from_recruitment_too(
    tmp_path: Path,
) -> None:
    for name, content in edition_files(staffed(), "run").items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    opened = open_edition(tmp_path)
    assert behind(opened, "workforce_measures/race_disparity_ratio/wres/tier_step=lower to upper/BME/value") == {
        f"workforce/wres/tier={tier}/{group}/headcount": number
        for (tier, group), number in {
            ("lower", "BME"): "2500",
            ("lower", "White"): "3000",
            ("upper", "BME"): "260",
            ("upper", "White"): "900",
        }.items()
    } | {
        f"workforce/wres/tier={tier}/{group}/employed": number
        for (tier, group), number in {
            ("lower", "BME"): "2850",
            ("lower", "White"): "3300",
            ("upper", "BME"): "290",
            ("upper", "White"): "990",
        }.items()
    }
    ahead = behind(opened, "workforce_measures/settles_at/wres/BME/value")
    assert "stage_counts/wres/White/applied-appointed/decided" in ahead
    assert "workforce/wres/BME/employed" in ahead
    assert len(ahead) == 8
    (figure,) = find(opened, "workforce/wres/BME/headcount")
    assert [step.name for step in chain(figure, frozenset({"wide", "workforce"}))][-1] == "core.headcounts.headcount"


def test_measures_of_answers_come_from_numbers_of_answers_of_the_group_and_its_reference(tmp_path: Path) -> None:
    for name, content in edition_files(asked(), "run").items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    opened = open_edition(tmp_path)
    assert behind(opened, "survey_measures/difference/wres/item=Heard/BME/value") == {
        "survey/wres/item=Heard/BME/answered": "400",
        "survey/wres/item=Heard/White/answered": "1000",
        "survey/wres/item=Heard/BME/agreed": "150",
        "survey/wres/item=Heard/White/agreed": "600",
    }
    (figure,) = find(opened, "survey/wres/item=Heard/BME/agreed")
    steps = chain(figure, frozenset({"wide", "survey"}))
    assert [step.name for step in steps][-1] == "core.answers.agreed"
    assert "core.answers.agreed" not in {step.name for step in chain(figure, frozenset({"wide"}))}
