"""The programme files of a home: each file <home>/programmes/<name>.toml describes a programme."""

from dataclasses import dataclass
from pathlib import Path

from assets.release.publish import folder_name
from equity_audit.errors import EquityAuditError, Problem, UsageError
from equity_audit.programme.programme_file import ProgrammeFile, parse_programme

# The folder of programme files in a home.
PROGRAMMES = "programmes"


@dataclass(frozen=True)
class ProgrammeSource:
    """A programme file of the home; `name` is its file name without the extension."""

    name: str
    file: ProgrammeFile

    def is_of(self, organisation: str) -> bool:
        """Return whether it is the organisation's programme; one that names no organisation belongs to all."""
        return self.file.programme.organisation in (None, organisation)


def has_programmes(home: Path) -> bool:
    """Return whether the home has a programme file."""
    return any((home / PROGRAMMES).glob("*.toml"))


def programme_text(file: Path) -> str:
    """Return the text of a programme file. Raises UsageError if it cannot be read."""
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        advice = "check its name, folder and permissions; data/programmes/README.md says what it contains"
        raise UsageError(
            Problem(f"the programme file cannot be read ({type(error).__name__})", str(file), advice)
        ) from None


def programme_sources(home: Path, present: list[str]) -> tuple[list[ProgrammeSource], list[EquityAuditError]]:
    """Return the usable programme files of the home by name, and the errors of the others.

    present: the organisations; if there are several, a file has to name its own.
    """
    sources: list[ProgrammeSource] = []
    errors: list[EquityAuditError] = []
    advice = f"name it as programme.organisation in the file: one of {', '.join(present)}"
    for path in sorted((home / PROGRAMMES).glob("*.toml")):
        try:
            programme_file = parse_programme(programme_text(path), path.name)
            if programme_file.programme.organisation is None and len(present) > 1:
                raise UsageError(Problem("whose programme is it?", f"{PROGRAMMES}/{path.name}", advice))
        except UsageError as error:
            errors.append(error)
        else:
            sources.append(ProgrammeSource(folder_name(path.stem), programme_file))
    return sources, errors
