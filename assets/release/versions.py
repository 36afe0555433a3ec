"""Versions of the software that figures depend on: other versions may round differently."""

import platform
import re
from importlib.metadata import requires, version


def packages() -> dict[str, str]:
    """Return the versions of Python, of the project and of every package that it requires."""
    project = "recruitment-equity-audit"
    names = [re.split(r"[^\w.-]", text, maxsplit=1)[0] for text in requires(project) or ()]
    return {"python": platform.python_version()} | {name: version(name) for name in (project, *sorted(names))}
