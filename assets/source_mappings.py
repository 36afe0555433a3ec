"""Which mapping a file is read with: the one asked for, else the one beside it, else a bundled one that fits."""

from importlib.resources import files
from pathlib import Path

from equity_audit.errors import InputRefused, Problem, UsageError
from equity_audit.intake.mapping import Mapping, parse_mapping

BUNDLED = (
    *("standard_wide", "standard_long", "nhs_ats_style", "esr_codes_style"),
    *("us_applicant_flow_style", "eeoc_enum_style"),
)


def given_mapping(file: Path, asked: Path | None) -> tuple[str, Mapping] | None:
    """The mapping asked for or beside the file, with the path by which it is found again; None if there is none."""
    beside = file.with_name(file.name + ".toml")
    if asked is None and not beside.exists():
        return None
    reference = str((asked or beside).absolute())
    return reference, load_mapping(reference)


def bundled_mapping(file: Path, columns: list[str]) -> tuple[str, Mapping]:
    """The bundled mapping that a file's columns fit, with its name. Raises InputRefused."""
    for name in BUNDLED:
        mapping = load_mapping(name)
        if set(mapping.needed_columns()) <= set(columns):
            return name, mapping
    lacking = {name: sorted(set(load_mapping(name).needed_columns()) - set(columns)) for name in BUNDLED}
    nearest = min(lacking, key=lambda name: len(lacking[name]))
    raise InputRefused(
        Problem(
            f"no mapping was given and the columns fit none of the bundled ones (nearest: {nearest}, "
            f"which also needs {', '.join(lacking[nearest])})",
            file.name,
            f"write a source mapping and give it with --source, or save it as {file.name}.toml beside the file",
        )
    )


def load_mapping(reference: str) -> Mapping:
    """Read a mapping by path or bundled name. Raises UsageError."""
    if reference in BUNDLED:
        text = (files("assets") / "mappings" / f"{reference}.toml").read_text(encoding="utf-8")
        return parse_mapping(text, f"{reference}.toml")
    path = Path(reference)
    try:
        return parse_mapping(path.read_text(encoding="utf-8"), path.name)
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            Problem(f"the mapping cannot be read ({type(error).__name__})", reference, "check its name and folder")
        ) from None
