"""The home folder: where everything of one audit lives, and what follows from its keys."""

import os
from pathlib import Path

from assets.warehouse.keys import read_key
from equity_audit.disclosure.suppression.keyed_choices import Choices


def home_folder() -> Path:
    """The folder that holds the warehouse and everything else of this audit."""
    return Path(os.environ.get("EQUITY_AUDIT_HOME", "var")).absolute()


def choices_of(home: Path) -> Choices:
    """The choices of a home: a key of their own follows from the key for pseudonyms, which never leaves the home."""
    return Choices(read_key(home, "pseudonym")).of("what is withheld")
