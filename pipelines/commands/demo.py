"""The command `demo`: the bundled sample from its files to the board's answer."""

from importlib.resources import as_file, files
from pathlib import Path

from rich.console import Console

from pipelines.commands.review import keep_programme
from pipelines.commands.run import run_files

# In the order in which they came: the correction is newer than the export that it corrects.
FILES = ("sample.csv", "sample.corrections.csv", "sample.workforce.csv", "sample.survey.csv")
PROGRAMME = "fair-shortlisting.toml"


def run_demo(home: Path, console: Console) -> list[Path]:
    """Load the sample, publish its six years and the review of its programme, and return the pages of the years."""
    with as_file(files("data") / "synthetic") as folder:
        keep_programme(folder / PROGRAMME, None, home)
        return run_files([folder / name for name in FILES], None, None, console)
