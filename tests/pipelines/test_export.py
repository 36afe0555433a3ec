"""`export`: the panel page as PDF and its charts as images, of an edition that is as it was published."""

import re
import struct
from pathlib import Path

import pytest

from assets.release.edition_files import edition_files
from equity_audit.errors import UsageError
from pipelines.commands.chromium import find_chromium
from tests.pipelines.conftest import invoke
from tests.reports.conftest import make_edition

A4 = ["594.95", "841.91"]  # in points, as Chromium cuts it


@pytest.fixture
def edition(tmp_path: Path) -> Path:
    """A published edition, of an organisation whose name would be a link in a chart's title."""
    folder = tmp_path / "edition"
    for name, content in edition_files(make_edition(organisation="<b>Trust</b> & Sons"), "run").items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


@pytest.fixture
def chromium() -> str:
    try:
        return find_chromium()
    except UsageError:
        pytest.skip("no Chromium on this machine (Debian: apt install chromium)")


@pytest.mark.usefixtures("chromium")
def test_a_pdf_and_an_image_of_each_chart(edition: Path, tmp_path: Path) -> None:
    out = tmp_path / "slides" / "new"
    before = {path: path.read_bytes() for path in edition.rglob("*") if path.is_file()}
    code, said = invoke(tmp_path, "export", edition, "--out", out)
    assert code == 0, said
    pdf = (out / "panel.pdf").read_bytes()
    assert pdf.startswith(b"%PDF-")
    boxes = re.findall(rb"/MediaBox \[0 0 (\d+\.\d\d)\d* (\d+\.\d\d)\d*\]", pdf)
    assert len(boxes) <= 4  # what is folded away on the screen stays so on paper
    assert [part.decode() for part in boxes[0]] == A4
    charts = re.findall(r'<div class="chart" id="([^"]+)"', (edition / "panel.html").read_text(encoding="utf-8"))
    images = sorted(out.glob("*.png"))
    assert sorted(re.match(r"[a-z]+-\d+", path.name)[0] for path in images) == sorted(charts)  # type: ignore[index]
    assert (out / "path-0-how-likely-each-group-was-to-go-on.png").exists()
    for path in images:
        width, height = struct.unpack(">II", path.read_bytes()[16:24])
        assert width == 1920
        assert 300 < height < 2000
        assert path.stat().st_size > 20_000  # an empty one takes 5,000
    assert {path: path.read_bytes() for path in edition.rglob("*") if path.is_file()} == before


def test_nothing_is_written_into_an_edition(edition: Path, tmp_path: Path) -> None:
    for out in (edition, edition / "slides"):
        code, said = invoke(tmp_path, "export", edition, "--out", out)
        assert code == 2
        assert "an edition, to which nothing may be added" in said
    assert not (edition / "slides").exists()


def test_without_chromium_it_says_what_to_do(edition: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    code, said = invoke(tmp_path, "export", edition, "--out", tmp_path / "slides")
    assert code == 2
    assert "Chromium is not installed on this machine" in said
    assert "apt install chromium" in said
    assert not (tmp_path / "slides").exists()


def test_a_chromium_that_fails_is_told_without_a_traceback(
    edition: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "chromium"
    program.write_text("#!/bin/sh\nexit 3\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    code, said = invoke(tmp_path, "export", edition, "--out", tmp_path / "slides")
    assert code == 1
    assert "Chromium did not draw the page" in said
    assert "Traceback" not in said


@pytest.mark.usefixtures("chromium")
def test_an_edition_that_was_changed_is_not_drawn(edition: Path, tmp_path: Path) -> None:
    page = edition / "panel.html"
    page.write_text(page.read_text(encoding="utf-8").replace("3,005", "3,006", 1), encoding="utf-8")
    code, said = invoke(tmp_path, "export", edition, "--out", tmp_path / "slides")
    assert code == 4
    assert "panel.html: differs" in said
    assert not (tmp_path / "slides").exists()


def test_a_folder_that_is_no_edition(tmp_path: Path) -> None:
    code, _ = invoke(tmp_path, "export", tmp_path, "--out", tmp_path / "slides")
    assert code == 2
