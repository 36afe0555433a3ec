"""Versions of everything that a figure depends on: others may round otherwise."""

import platform
import re
from importlib.metadata import requires, version


def packages() -> dict[str, str]:
    """Versions of Python, of the project and of every package that it requires: others may round otherwise."""
    own = "recruitment-equity-audit"
    names = [re.split(r"[^\w.-]", text, maxsplit=1)[0] for text in requires(own) or ()]
    return {"python": platform.python_version()} | {name: version(name) for name in (own, *sorted(names))}
