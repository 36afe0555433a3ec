"""What the check of finished files says of something that may not be there: where it is, never what it is."""

from dataclasses import dataclass

MOST = 5
"""As many places of a file are named: where a line is too many, all that follow are other ones."""


@dataclass(frozen=True)
class Finding:
    """Something in a finished file that was not handed to it. Its value may be an exact count: not kept."""

    file: str
    place: str
    kind: str

    def __str__(self) -> str:
        return f"{self.file}, {self.place}: {self.kind}"
