"""The command `export`: the panel page of an edition as PDF, and each of its charts as an image, for slides.

Made outside the edition, which nothing may be added to, and only of an edition that is as it was published.
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
from pipelines.chromium import find_chromium, run_chromium
from reports.edition.folder import EditionFolder, open_edition
from reports.edition.manifest_hash import RECORD

PAGE = "panel.html"
_POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')
_IMAGES = re.compile(r'<pre id="images">([A-Za-z0-9+/=]*)</pre>')


def export_edition(folder: Path, out: Path, console: Console) -> None:
    """Write panel.pdf and an image of each chart into `out`, and say which.

    Raises UsageError for no edition, no Chromium, or an `out` within an edition; CheckFailed for an edition that is not
    as it was published; EquityAuditError where Chromium fails.
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
    place = out.absolute()
    if within := next((one for one in (place, *place.parents) if (one / RECORD).exists()), None):
        raise UsageError(Problem("is an edition, which nothing may be added to", str(within), "give another folder"))


def _write_images(edition: EditionFolder, out: Path) -> list[Path]:
    """The page draws its own charts once more, larger. Its security policy, which forbids all else, stays behind."""
    script = (files("pipelines") / "images.js").read_text(encoding="utf-8")
    page = _POLICY.sub("", edition.text(PAGE)).replace("</body>", f"<script>{script}</script></body>")
    with tempfile.TemporaryDirectory() as place:
        drawing = Path(place) / PAGE
        drawing.write_text(page, encoding="utf-8")
        found = _IMAGES.search(run_chromium(drawing, "--dump-dom"))
    if not found:
        raise EquityAuditError(Problem("Chromium did not draw the charts", PAGE, "try a newer Chromium"))
    return [_write_image(image, out) for image in json.loads(base64.b64decode(found[1]))]


def _write_image(image: dict[str, Any], out: Path) -> Path:
    """A file named after the chart's place on the page and its title."""
    words = "-".join(re.findall(r"[a-z0-9]+", image["title"].casefold()))[:60]
    path = out / f"{image['id']}-{words}.png"
    path.write_bytes(base64.b64decode(image["image"]))
    return path
