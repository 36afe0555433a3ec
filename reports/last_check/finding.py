"""What the last check says of a figure that it does not know: where it is, never what it is."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """Something in a finished file that the disclosed tables do not have. Its value may be an exact count: not kept."""

    file: str
    place: str
    kind: str

    def __str__(self) -> str:
        return f"{self.file}, {self.place}: {self.kind}"
