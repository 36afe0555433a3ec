"""The home folder, which holds everything of one audit, and the choices that its key determines."""

import os
from pathlib import Path

from assets.warehouse.keys import read_key
from equity_audit.disclosure.suppression.keyed_choices import Choices


def home_folder() -> Path:
    """Return the folder that holds the warehouse and everything else of this audit."""
    return Path(os.environ.get("EQUITY_AUDIT_HOME", "var")).absolute()


def choices_of(home: Path) -> Choices:
    """Return the keyed choices of a home. Their key is derived from the pseudonym key, which never leaves the home."""
    return Choices(read_key(home, "pseudonym")).of("what is withheld")
