"""Publish the review of a programme for the board. Its file is kept in the home, so that every run rebuilds it."""

from pathlib import Path

import dagster as dg
from rich.console import Console

from assets.release.programme_sources import PROGRAMMES, programme_text
from assets.release.publish import folder_name
from assets.warehouse.durable import make_folder, replace_file
from equity_audit.errors import Problem, UsageError
from equity_audit.programme.programme_file import parse_programme
from pipelines.progress import shown
from pipelines.resources import open_instance, turn
from pipelines.runs import execute
from reports.edition.programme_review import PAGE
from reports.edition.published_editions import PREFIX


def publish_review(file: Path, organisation: str | None, home: Path, console: Console) -> None:
    """Keep a programme file and review the programme.

    Raises UsageError for a file that cannot be used or kept, and if no published edition could be reviewed.
    """
    kept = keep_programme(file, organisation, home)
    review(home, console)
    if not any((home / "published").glob(f"*/{PREFIX}{kept.stem}/{PAGE}")):
        whose = parse_programme(programme_text(kept), kept.name).programme.organisation or "any organisation"
        advice = "publish periods first with equity-audit run; the file is kept, and reviewed from then on"
        raise UsageError(Problem(f"nothing has been published for {whose} yet", file.name, advice))


def keep_programme(file: Path, organisation: str | None, home: Path) -> Path:
    """Copy a programme file into the home, so that every run from now on reviews it, and return the copy.

    It replaces a file of the same name in the home, as a correction of the same programme. Raises UsageError for a file
    that cannot be used or kept.
    """
    text = programme_text(file)
    programme = parse_programme(text, file.name).programme
    if organisation is not None and programme.organisation != organisation:
        advice = f'set organisation = "{organisation}" under [programme]: from now on every run reads the file'
        raise UsageError(Problem("the file names another organisation, or none", file.name, advice))
    kept = home / PROGRAMMES / f"{folder_name(file.stem)}.toml"
    try:
        make_folder(kept.parent)
        replace_file(kept, text.encode())
    except OSError as error:
        advice = "check the folder's permissions and the free space"
        raise UsageError(Problem(f"the file cannot be kept ({error.strerror})", str(kept), advice)) from None
    return kept


def review(home: Path, console: Console) -> None:
    """Review every programme of the home from the published editions, and print the paths of the pages."""
    with turn(home, console.print), open_instance(home) as instance:
        review_with(instance, home, console)


def review_with(instance: dg.DagsterInstance, home: Path, console: Console) -> None:
    """Do the same within the caller's turn."""
    with shown(console, "Reviewing programmes"):
        execute(home, instance, "review_programmes", None, {})
    for page in sorted((home / "published").glob(f"*/{PREFIX}*/{PAGE}")):
        console.print(f"Review for the board: {page}", markup=False)
