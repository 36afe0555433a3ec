"""The programme files of a home: <home>/programmes/<name>.toml is a programme."""

from dataclasses import dataclass
from pathlib import Path

from assets.release.publish import folder_name
from equity_audit.errors import EquityAuditError, Problem, UsageError
from equity_audit.programme.programme_file import ProgrammeFile, parse_programme

# Where the home keeps programme files.
PROGRAMMES = "programmes"


@dataclass(frozen=True)
class ProgrammeSource:
    """A programme file of the home; `name` is the file's, without its ending."""

    name: str
    told: ProgrammeFile

    def is_of(self, organisation: str) -> bool:
        """Whether it is an organisation's programme; one that names none is everybody's."""
        return self.told.programme.organisation in (None, organisation)


def has_programmes(home: Path) -> bool:
    """Whether the home has a programme file."""
    return any((home / PROGRAMMES).glob("*.toml"))


def programme_text(file: Path) -> str:
    """The text of a programme file. Raises UsageError where it cannot be read."""
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        advice = "check its name, folder and rights; data/programmes/README.md says what it holds"
        raise UsageError(
            Problem(f"the programme file cannot be read ({type(error).__name__})", str(file), advice)
        ) from None


def programme_sources(home: Path, present: list[str]) -> tuple[list[ProgrammeSource], list[EquityAuditError]]:
    """Every programme file of the home that can be used, by name, and what is wrong with the others.

    present: the organisations; of several, a file has to say which one it is about.
    """
    found: list[ProgrammeSource] = []
    faults: list[EquityAuditError] = []
    advice = f"name it as programme.organisation in the file: one of {', '.join(present)}"
    for file in sorted((home / PROGRAMMES).glob("*.toml")):
        try:
            told = parse_programme(programme_text(file), file.name)
            if told.programme.organisation is None and len(present) > 1:
                raise UsageError(Problem("whose programme is it?", f"{PROGRAMMES}/{file.name}", advice))
        except UsageError as error:
            faults.append(error)
        else:
            found.append(ProgrammeSource(folder_name(file.stem), told))
    return found, faults
