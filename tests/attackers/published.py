"""Attack published editions as an outsider would: python -m tests.attackers.published FOLDER...

Each folder is one edition. Several revisions of a period are attacked each by itself: nothing is known of what changed.
Whoever made the data can say more to attack_revisions, and then all revisions bound one table.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from tests.attackers.applicants_system import Differences, applicants, with_losses
from tests.attackers.editions import Edition
from tests.attackers.people_system import staff, survey
from tests.attackers.rule import Rule
from tests.attackers.solver import Answer, Contradiction, possible
from tests.attackers.system import Constraints, Unknown

Listed = Literal["every", "somebody"]
POPULATIONS: dict[str, Callable[[Edition, Rule], Constraints]] = {
    "applicants": lambda edition, rule: applicants([edition], rule, [{}]),
    "workforce": staff,
    "survey": survey,
}


@dataclass
class Report:
    """What an attack came to: counts asked about, those narrowed, those left open, and what fits nothing."""

    asked: int = 0
    narrowed: list[tuple[str, Answer]] = field(default_factory=list)
    unsettled: list[tuple[str, Answer]] = field(default_factory=list)
    contradictions: list[str] = field(default_factory=list)

    def add(self, where: str, system: Constraints, rule: Rule, effort: float) -> None:
        """Attack one system more."""
        try:
            answers = possible(system, effort=effort)
        except Contradiction as error:
            self.contradictions.append(f"{where}: {error}")
            return
        self.asked += len(answers)
        narrowed = [answer for answer in answers if answer.narrowed and not _would_be_shown(answer, rule)]
        purposely = _known_from_zeros(system, narrowed, effort)
        self.narrowed += [(where, answer) for answer in narrowed if answer.asked.name not in purposely]
        self.unsettled += [(where, answer) for answer in answers if not answer.enough and not answer.proven]

    @property
    def kinds(self) -> Counter[str]:
        """How many counts of each kind are narrowed."""
        return Counter(answer.asked.kind for _, answer in self.narrowed)

    @property
    def lines(self) -> list[str]:
        """The report in words."""
        told = [
            f"{where}: {' / '.join(answer.asked.name)} ({answer.asked.kind}): "
            f"{', '.join(map(str, sorted(answer.values))) or 'nothing'} remains; {answer.asked.required} are asked for"
            for where, answer in self.narrowed
        ]
        told += [f"{where}: {' / '.join(answer.asked.name)}: not settled" for where, answer in self.unsettled]
        kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(self.kinds.items()))
        summary = f"{self.asked} counts attacked, {len(self.narrowed)} narrowed{f' ({kinds})' if kinds else ''}"
        return [*told, *self.contradictions, f"{summary}, {len(self.unsettled)} not settled"]


def _would_be_shown(answer: Answer, rule: Rule) -> bool:
    """Whether a count is known to be no small one, by a rule that shows such counts exactly."""
    small = any(value < rule.withhold_below for value in answer.values)
    return not small and rule.round_to == 1


def _known_from_zeros(system: Constraints, narrowed: list[Answer], effort: float) -> set[tuple[str, ...]]:
    """The counts that are known from sums and from the zeros that policy shows."""
    if not narrowed:
        return set()
    exact = [known for known in system.known if known[1] in (((0, 0),), ((0, 10**7),))]
    asked = [replace(answer.asked, required=2) for answer in narrowed]
    return {answer.asked.name for answer in possible(Constraints(exact, asked), effort=effort) if answer.narrowed}


def attack_editions(folders: list[Path], *, listed: Listed = "every", effort: float = 20.0) -> Report:
    """Attack each edition by itself: applicants, staff and answers to a survey."""
    report = Report()
    for folder in folders:
        edition = Edition(folder)
        rule = Rule.of_settings(edition.record["settings"], listed)
        for population, system in POPULATIONS.items():
            report.add(f"{folder.name} {population}, revision {edition.revision}", system(edition, rule), rule, effort)
    return report


def attack_revisions(
    folders: list[Path],
    numbers: list[Mapping[Unknown, int]],
    *,
    listed: Listed = "every",
    effort: float = 20.0,
) -> Report:
    """Attack all revisions of a period together, for somebody who knows exactly what was corrected.

    folders: oldest first. numbers: of each revision the exact numbers, of which only the differences from the first are
    used. A count is narrowed only where the last revision leaves fewer numbers than were left without it: of a cell
    that 3 people are known to have left, "fewer than 5" leaves 3 and 4, whatever is published afterwards.
    """
    report = Report()
    editions = [Edition(folder) for folder in folders]
    rule = Rule.of_settings(editions[-1].record["settings"], listed)
    numbers = [with_losses(known) for known in numbers]
    differences = [differing(numbers[0], later) for later in numbers]
    where = f"{editions[-1].period} applicants, {len(editions)} revisions"
    report.add(where, applicants(editions, rule, differences), rule, effort)
    if report.narrowed:
        names = {answer.asked.name for _, answer in report.narrowed}
        before = applicants(editions, rule, differences, len(editions) - 1)
        before.asked = [asked for asked in before.asked if asked.name in names]
        known = {answer.asked.name: len(answer.values) for answer in possible(before, effort=effort)}
        report.narrowed = [
            (place, answer) for place, answer in report.narrowed if len(answer.values) < known[answer.asked.name]
        ]
    return report


def differing(first: Mapping[Unknown, int], later: Mapping[Unknown, int]) -> Differences:
    """By how much each number differs from the first; a name that one of them lacks counts as 0 there."""
    names = dict.fromkeys((*first, *later))
    return {name: by for name in names if (by := later.get(name, 0) - first.get(name, 0))}


def main(arguments: list[str]) -> int:
    """The command: 0 where nothing is narrowed, 1 where something is."""
    parser = argparse.ArgumentParser(prog="python -m tests.attackers.published", description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument("--listed", choices=("every", "somebody"), default="every", help="which rows are listed")
    parser.add_argument("--effort", type=float, default=20.0, help="what one question may cost")
    given = parser.parse_args(arguments)
    report = attack_editions(given.folders, listed=given.listed, effort=given.effort)
    sys.stdout.write("\n".join(report.lines) + "\n")
    return 1 if report.narrowed or report.contradictions else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
