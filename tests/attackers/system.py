"""Unknown whole numbers, the sums between them, and the counts that are asked about."""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from tests.attackers.rule import ANYTHING, Ranges

Unknown = Hashable
Kind = Literal["published", "inferred", "inferred within a split"]


@dataclass(frozen=True)
class Linear:
    """A sum of unknowns, each with its whole factor, and a number besides."""

    terms: tuple[tuple[Unknown, int], ...]
    constant: int = 0

    @classmethod
    def of(cls, *added: Unknown, less: Iterable[Unknown] = ()) -> "Linear":
        """The unknowns together, less others; one that stands on both sides goes out."""
        factors: dict[Unknown, int] = {}
        for names, sign in ((added, 1), (tuple(less), -1)):
            for name in names:
                factors[name] = factors.get(name, 0) + sign
        return cls(tuple((name, factor) for name, factor in factors.items() if factor))

    def shifted(self, by: int) -> "Linear":
        """The same and a number more."""
        return Linear(self.terms, self.constant + by)

    def value(self, numbers: Mapping[Unknown, int]) -> int:
        """What it is where the unknowns are known; those not named are 0."""
        return self.constant + sum(factor * numbers.get(name, 0) for name, factor in self.terms)


@dataclass(frozen=True)
class Asked:
    """A count that the rule protects: how many whole numbers must remain, and what is known of it by itself."""

    name: tuple[str, ...]
    linear: Linear
    kind: Kind
    required: int
    domain: Ranges = ANYTHING


@dataclass
class Constraints:
    """Everything that an outsider knows of some counts: each `known` sum lies in its ranges. Unknowns are 0 or more."""

    known: list[tuple[Linear, Ranges, str]] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)

    def know(self, linear: Linear, domain: Ranges, why: str) -> None:
        """Note that a sum lies in the ranges."""
        if domain != ANYTHING:
            self.known.append((linear, domain, why))

    def equal(self, whole: Unknown, parts: Iterable[Unknown], why: str) -> None:
        """Note that parts make a whole."""
        self.know(Linear.of(*parts, less=(whole,)), ((0, 0),), why)

    def no_more(self, part: Linear, why: str) -> None:
        """Note that a difference is not below 0."""
        self.know(part, ((0, 10**7),), why)

    @property
    def unknowns(self) -> list[Unknown]:
        """All of them, in the order in which they are first named."""
        linears = (*(linear for linear, *_ in self.known), *(asked.linear for asked in self.asked))
        return list(dict.fromkeys(name for linear in linears for name, _ in linear.terms))

    def shown_empty(self) -> set[Unknown]:
        """The unknowns that are 0 because a whole is shown as 0, which the rule allows to be known.

        Nobody is in the parts of nothing, and nobody of nobody goes on.
        """
        empty: set[Unknown] = set()
        before = -1
        while len(empty) > before:
            before = len(empty)
            for linear, domain, _ in self.known:
                over = [name for name, factor in linear.terms if factor > 0]
                under = [name for name, factor in linear.terms if factor < 0]
                if domain == ((0, 0),) and linear.constant == 0 and empty.issuperset(under):
                    empty.update(over)
                if domain[0][0] == 0 and linear.constant == 0 and empty.issuperset(over):
                    empty.update(under)
        return empty

    def ask_nothing_of_nobody(self) -> None:
        """Let what is shown to be 0, and all that follows from it alone, be known."""
        empty = self.shown_empty()
        self.asked = [
            replace(asked, required=1) if all(name in empty for name, _ in asked.linear.terms) else asked
            for asked in self.asked
        ]

    def broken_by(self, numbers: Mapping[Unknown, int]) -> list[str]:
        """What the numbers contradict: of the true ones nothing may be listed, or the attacker's model is wrong."""
        return [
            f"{why}: {linear.value(numbers)} is not in {domain}"
            for linear, domain, why in self.known
            if not any(low <= linear.value(numbers) <= high for low, high in domain)
        ]
