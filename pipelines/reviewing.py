"""Publishing the review of a programme for the board: the file is kept in the home, so that every run makes it anew."""

from pathlib import Path

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
    """Take a programme file into the home and review it.

    A file of the same name that the home has is replaced: it is the same programme, corrected. Raises UsageError for a
    file that cannot be used or kept, and where nothing is published that could be reviewed.
    """
    text = programme_text(file)
    told = parse_programme(text, file.name)
    if organisation is not None and told.programme.organisation != organisation:
        advice = f'put organisation = "{organisation}" under [programme]: from now on every run reads the file'
        raise UsageError(Problem("the file is of another organisation, or does not say", file.name, advice))
    kept = home / PROGRAMMES / f"{folder_name(file.stem)}.toml"
    try:
        make_folder(kept.parent)
        replace_file(kept, text.encode())
    except OSError as error:
        advice = "check the folder's rights and the free space"
        raise UsageError(Problem(f"the file cannot be kept ({error.strerror})", str(kept), advice)) from None
    review(home, console)
    if not any((home / "published").glob(f"*/{PREFIX}{kept.stem}/{PAGE}")):
        whose = told.programme.organisation or "any organisation"
        advice = (
            "publish periods first: equity-audit run with their exports; the file is kept, and reviewed from then on"
        )
        raise UsageError(Problem(f"nothing is published of {whose} yet", file.name, advice))


def review(home: Path, console: Console) -> None:
    """Review every programme of the home from what is published, and say where the pages are."""
    with (
        turn(home, console.print),
        open_instance(home) as instance,
        shown(console, "Reviewing programmes"),
    ):
        execute(home, instance, "review_programmes", None, {})
    for page in sorted((home / "published").glob(f"*/{PREFIX}*/{PAGE}")):
        console.print(f"Review for the board: {page}", markup=False)
