"""The part of a proposed mapping that gives labels their meaning, and the lines of which a proposal is made.

Labels that may be personal are counted and never written. A meaning is proposed only where the words name one.
"""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from equity_audit.intake.labels import may_be_shown
from equity_audit.intake.mapping import Status
from equity_audit.intake.proposal.words import path_of
from equity_audit.vocabulary import advice, fold, nearest_labels

# Groups and values with fewer rows are few: of many labels, so rare a one may be a remark about a person.
FEW = 10


@dataclass
class Text:
    """Lines of the proposal, and what a person must still say."""

    lines: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    def add(self, *lines: str) -> None:
        """Append lines."""
        self.lines += lines


@dataclass(frozen=True)
class Section:
    """A table of a mapping: what a label means there by its words, and what is said of one that they leave open."""

    name: str
    meaning: Callable[[str], str | None]
    advice: Callable[[str], str]


def quoted(text: str) -> str:
    """A text as a TOML string of one line."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def line(key: str, value: str, sure: str, reason: str) -> str:
    """One key of the proposal, with how sure it is and why."""
    return f"{key} = {quoted(value)}  # {sure}: {reason}"


def words(text: Text, section: Section, labels: Counter[str], most: int) -> None:
    """A table that gives labels their meaning; a commented line for each label whose words do not give it."""
    text.add("", f"[{section.name}]")
    for label in _shown(text, section.name, labels, most):
        means = section.meaning(label)
        if means is None:
            text.missing.append(f"[{section.name}] {label}")
            text.add(f'# {quoted(label)} = ""  # {section.advice(label)}')
        elif fold(label) != means or section.name == "outcomes":
            text.add(line(quoted(label), means, "high" if fold(label) == means else "medium", "by its words"))


def statuses(text: Text, labels: Counter[str], stages: list[str], most: int) -> None:
    """The path that each status proves. Where an application now is does not say which stages it passed."""
    text.add("", "[statuses]")
    proved = set()
    for label in _shown(text, "statuses", labels, most):
        path = path_of(label, stages)
        if isinstance(path, Status):
            proved.add(path.reached)
            meaning = f"{{reached = {quoted(path.reached)}, outcome = {quoted(path.outcome)}}}"
            text.add(f"{quoted(label)} = {meaning}  # medium: its words name the stage and the outcome")
        else:
            text.missing.append(f"[statuses] {label}")
            text.add(f'# {quoted(label)} = {{reached = "", outcome = ""}}  # not guessed: {path}')
    if stages[-1] not in proved:
        text.missing.append(f"[statuses] no status proves that {stages[-1]}, the last stage, was reached")


def _shown(text: Text, section: str, labels: Counter[str], most: int) -> list[str]:
    """The labels that may be written, most frequent first. Of very many, rare ones could be remarks about a person."""
    shown = [
        label
        for label, rows in sorted(labels.items(), key=lambda item: (-item[1], item[0]))
        if may_be_shown(label) and (len(labels) <= most or rows >= FEW)
    ]
    hidden = len(labels) - len(shown)
    if hidden:
        what = f"[{section}] {hidden} different values are not shown, as they may be personal"
        text.missing.append(what)
        text.add(f"# {what}. Check that the column is the right one.")
    return shown


def ethnicity_advice(label: str, classification: str) -> str:
    """What is known of a label that the classification does not have."""
    if known := advice(label, classification):
        return known
    near = " or ".join(map(quoted, nearest_labels(label, classification)))
    return f"not in the classification; nearest known: {near}" if near else "nothing like it is known"
