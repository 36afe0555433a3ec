"""What the check of finished files says about something that should not be there: where it is, never what it is."""

from dataclasses import dataclass

MOST = 5
"""The most places named in one file: after one extra line, all later lines differ."""


@dataclass(frozen=True)
class Finding:
    """Something in a finished file that should not be there. Its value may be an exact count, so it is not kept."""

    file: str
    place: str
    kind: str

    def __str__(self) -> str:
        return f"{self.file}, {self.place}: {self.kind}"
