"""What is printed for a count, by the publishing rule, and so what a print leaves possible."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

# More people than any table here has.
MOST = 1_000_000
WITHHELD, FEWER, NUMBER = "withheld", "fewer", "number"
# Whole numbers as ranges with both ends.
Ranges = tuple[tuple[int, int], ...]
ANYTHING: Ranges = ((0, MOST),)


@dataclass(frozen=True)
class Print:
    """What stands in one cell: a number, the mark "fewer than", or that it is withheld."""

    kind: str
    number: int = 0


@dataclass(frozen=True)
class Rule:
    """The publishing rule. zeros: "show"n as 0, "suppress"ed with what is below `withhold_below`, or "round"ed.

    listed: "every" row of the classification is always there, and a part of a split is where it has somebody; or a row
    is there only if "somebody" is in it.
    """

    withhold_below: int = 5
    round_to: int = 5
    zeros: str = "suppress"
    zeros_in_splits: str = "suppress"
    published_interval: int = 3
    inferred_interval: int = 2
    listed: Literal["every", "somebody"] = "every"

    @classmethod
    def of_settings(cls, settings: Mapping[str, Any], listed: Literal["every", "somebody"]) -> "Rule":
        """The rule that an edition prints of itself."""
        policy = settings["disclosure"]
        return cls(
            policy["withhold_below"],
            policy["round_to"],
            policy["zeros"],
            policy.get("zeros_in_splits", policy["zeros"]),
            policy["protection_interval"],
            policy["inferred_interval"],
            listed,
        )

    def zeros_of(self, breakdown: str) -> str:
        """What is done with zeros in the rows of a split; "all" is no split."""
        return self.zeros if breakdown == "all" else self.zeros_in_splits

    def printed(self, count: int, breakdown: str = "all") -> Print:
        """What is printed for a count that is not withheld. Halves go up."""
        zeros = self.zeros_of(breakdown)
        if zeros != "round" and count < self.withhold_below and (count or zeros == "suppress"):
            return Print(FEWER)
        return Print(NUMBER, (2 * count + self.round_to) // (2 * self.round_to) * self.round_to)

    def behind(self, seen: Print, breakdown: str = "all") -> Ranges:
        """The counts that are printed so."""
        if seen.kind == WITHHELD:
            return ANYTHING
        near = range(max(0, seen.number - 2 * self.round_to), seen.number + 2 * self.round_to + self.withhold_below + 1)
        return ranges(count for count in near if self.printed(count, breakdown) == seen)


def ranges(numbers: Iterable[int]) -> Ranges:
    """Whole numbers as ranges."""
    found: list[tuple[int, int]] = []
    for number in sorted(numbers):
        if found and found[-1][1] == number - 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return tuple(found)


def union(domains: Iterable[Ranges]) -> Ranges:
    """What is in any of several domains."""
    return max(domains, key=size)


def without(domain: Ranges, numbers: Iterable[int]) -> Ranges:
    """The ranges less some of their numbers."""
    left = list(domain)
    for number in sorted(set(numbers)):
        left = [
            part
            for low, high in left
            for part in (((low, number - 1), (number + 1, high)) if low <= number <= high else ((low, high),))
            if part[0] <= part[1]
        ]
    return tuple(left)


def size(domain: Ranges) -> int:
    """How many whole numbers the ranges have."""
    return sum(high - low + 1 for low, high in domain)
