"""The reason for each setting: the comments of settings.toml, for pages that show settings."""

import tomllib
from functools import cache
from importlib.resources import files


@cache
def setting_reasons() -> dict[tuple[str, str], str]:
    """Return the meaning and source of each setting by section and key, from the comment lines directly above it."""
    text = (files("equity_audit") / "settings.toml").read_text(encoding="utf-8")
    lines = text.splitlines()
    return {
        (section, key): _above(lines, section, key) for section, keys in tomllib.loads(text).items() for key in keys
    }


def _above(lines: list[str], section: str, key: str) -> str:
    # Two sections may have a key of the same name.
    start = lines.index(f"[{section}]")
    number = next(index for index, line in enumerate(lines) if index > start and line.startswith(f"{key} ="))
    first = number
    while first and lines[first - 1].startswith("#"):
        first -= 1
    return " ".join(line.lstrip("# ") for line in lines[first:number])
