"""The command `export`: write the panel page of an edition as a PDF, and each of its charts as an image for slides.

The files are written outside the edition, to which nothing may be added, and only if the edition is as published.
"""

import base64
import json
import re
import tempfile
from importlib.resources import files
from pathlib import Path
from typing import Any

from rich.console import Console

from equity_audit.errors import EquityAuditError, Problem, UsageError
from pipelines.commands.chromium import find_chromium, run_chromium
from reports.edition.folder import EditionFolder, open_edition
from reports.edition.manifest_hash import RECORD

PAGE = "panel.html"
_POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')
_IMAGES = re.compile(r'<pre id="images">([A-Za-z0-9+/=]*)</pre>')


def export_edition(folder: Path, out: Path, console: Console) -> None:
    """Write panel.pdf and an image of each chart to `out`, and print their paths.

    Raises UsageError for a folder that is not an edition, if Chromium is not installed, or for an `out` inside an
    edition; CheckFailed for an edition that was changed after publication; EquityAuditError if Chromium fails.
    """
    _check_outside(out)
    find_chromium()
    edition = open_edition(folder)
    with console.status("Drawing the page"):
        out.mkdir(parents=True, exist_ok=True)
        pdf = out / "panel.pdf"
        run_chromium(folder / PAGE, "--no-pdf-header-footer", f"--print-to-pdf={pdf.absolute()}")
        written = [pdf, *_write_images(edition, out)]
    for path in written:
        console.print(f"wrote {path}", markup=False)


def _check_outside(out: Path) -> None:
    target = out.absolute()
    if edition := next((folder for folder in (target, *target.parents) if (folder / RECORD).exists()), None):
        raise UsageError(
            Problem("this is an edition, to which nothing may be added", str(edition), "give another folder")
        )


def _write_images(edition: EditionFolder, out: Path) -> list[Path]:
    """Let the page redraw its charts, larger, and write them. Its security policy would block this and is removed."""
    script = (files("pipelines.commands") / "images.js").read_text(encoding="utf-8")
    page = _POLICY.sub("", edition.text(PAGE)).replace("</body>", f"<script>{script}</script></body>")
    with tempfile.TemporaryDirectory() as folder:
        drawing = Path(folder) / PAGE
        drawing.write_text(page, encoding="utf-8")
        images = _IMAGES.search(run_chromium(drawing, "--dump-dom"))
    if not images:
        raise EquityAuditError(Problem("Chromium did not draw the charts", PAGE, "try a newer Chromium"))
    return [_write_image(image, out) for image in json.loads(base64.b64decode(images[1]))]


def _write_image(image: dict[str, Any], out: Path) -> Path:
    """Write an image, named after the chart's id on the page and its title. Return its path."""
    words = "-".join(re.findall(r"[a-z0-9]+", image["title"].casefold()))[:60]
    path = out / f"{image['id']}-{words}.png"
    path.write_bytes(base64.b64decode(image["image"]))
    return path
