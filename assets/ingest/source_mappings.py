"""Choose the mapping of a file: the one given, else one beside the file, else a bundled one; and check that it fits."""

import shlex
from importlib.resources import files
from pathlib import Path

from assets.ingest.source_files import SourceFile
from equity_audit.details import DETAIL_NAMES
from equity_audit.errors import InputRefused, Problem, UsageError
from equity_audit.intake.mapping import Mapping
from equity_audit.intake.mapping_file import parse_mapping
from equity_audit.settings import Settings

BUNDLED = (
    *("standard_wide", "standard_long", "nhs_ats_style", "esr_codes_style"),
    *("us_applicant_flow_style", "eeoc_enum_style"),
    *("standard_workforce", "esr_headcount_style", "nhs_staff_survey_style"),
)


def given_mapping(file: Path, asked: Path | None) -> tuple[str, Mapping] | None:
    """Return the path and content of the mapping given or found beside the file; None if there is neither."""
    beside = file.with_name(file.name + ".toml")
    if asked is None and not beside.exists():
        return None
    reference = str((asked or beside).absolute())
    return reference, load_mapping(reference)


def bundled_mapping(file: Path, columns: list[str], settings: Settings) -> tuple[str, Mapping]:
    """Return the name and content of the bundled mapping that a file's columns fit. Raises InputRefused.

    It fits if the file has every column that is read: details that policy does not keep are not required.
    """
    bundled = {name: load_mapping(name).present(columns).kept(settings.intake.details) for name in BUNDLED}
    needed = {name: mapping.needed_columns() for name, mapping in bundled.items()}
    lacking = {name: sorted(set(needed[name]) - set(columns)) for name in BUNDLED}
    for name in BUNDLED:
        if not lacking[name]:
            return name, load_mapping(name)
    path = shlex.quote(str(file))
    nearest = min(lacking, key=lambda name: len(lacking[name]))
    # Further away, the name of a mapping would only mislead.
    near = f" (nearest: {nearest}, which also needs {', '.join(lacking[nearest])})" if len(lacking[nearest]) < 3 else ""
    raise InputRefused(
        Problem(
            f"no mapping was given and the columns do not fit a bundled mapping{near}",
            file.name,
            f"type: equity-audit profile {path} > {path}.toml    This proposes a mapping, which ends with what you "
            "have to decide. The next run uses it, since it is beside the file",
        )
    )


def load_mapping(reference: str) -> Mapping:
    """Read a mapping by path or bundled name. Raises UsageError."""
    if reference in BUNDLED:
        text = (files("assets") / "mappings" / f"{reference}.toml").read_text(encoding="utf-8")
        return parse_mapping(text, f"{reference}.toml")
    path = Path(reference)
    try:
        text = path.read_text(encoding="utf-8")
        if not text.strip():
            # As when the output of profile went to this file and the export was refused.
            raise UsageError(Problem("the mapping is empty", reference, "delete it, or write it again with profile"))
        return parse_mapping(text, path.name)
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            Problem(f"the mapping cannot be read ({type(error).__name__})", reference, "check its path and encoding")
        ) from None


def check_columns(file: SourceFile, mapping: Mapping) -> None:
    """Raise InputRefused with every column that the mapping names and the file lacks.

    The message lists the file's columns only if the mapping names at least one of them: without a header, the first
    line holds a person's record.
    """
    needed = mapping.needed_columns()
    missing = {column: key for column, key in needed.items() if column not in file.types}
    if missing:
        known = len(missing) < len(needed)
        have = (
            f"the file has the columns {', '.join(file.types)}" if known else "the first line has no known column names"
        )
        raise InputRefused(
            *(
                Problem(
                    f'there is no column "{column}", which the mapping {mapping.source.name} names as {key}',
                    file.path.name,
                    _how_to_omit(key),
                )
                for column, key in missing.items()
            ),
            Problem(have, file.path.name, "correct the mapping, or export again with a line of column names"),
        )


def _how_to_omit(key: str) -> str:
    """Return how to leave out a detail; "" for a column that is required."""
    name = key.removeprefix("columns.")
    if name not in DETAIL_NAMES:
        return ""
    return f"remove {key} from the mapping, or {name} from intake.details in the settings"
