"""Write the part of a proposed mapping that gives labels their meaning.

Labels that may be personal are counted but never written. A meaning is proposed only if the words name one.
"""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from equity_audit.intake.labels import may_be_shown
from equity_audit.intake.mapping import Status
from equity_audit.intake.proposal.statuses import path_or_open
from equity_audit.intake.proposal.words import only_a_stage
from equity_audit.intake.steps import STATUS_APART, STATUS_BLANK
from equity_audit.vocabulary import OUTCOMES, advice, fold, nearest_labels

# Groups and values with fewer rows are small. Among many labels, one as rare as this may be a remark about a person.
FEW = 10
_STILL_OPEN = "Is an application whose status names no outcome still being considered? (The first of these lines.)"


@dataclass
class Text:
    """Lines of the proposal, what a person must still add, and what else to ask: (question, key of its line)."""

    lines: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    questions: list[tuple[str, str]] = field(default_factory=list)

    def add(self, *lines: str) -> None:
        """Append lines."""
        self.lines += lines

    def ask_once(self, question: str, key: str) -> None:
        """Add a question that concerns several lines, with the first of them."""
        if all(question != other for other, _ in self.questions):
            self.questions.append((question, key))


@dataclass(frozen=True)
class Section:
    """A table of a mapping: the meaning of a label by its words, and advice for a label whose words do not give one."""

    name: str
    meaning: Callable[[str], str | None]
    advice: Callable[[str], str]


def quoted(text: str) -> str:
    """Return a text as a TOML string on one line."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def line(key: str, value: str, sure: str, reason: str) -> str:
    """Return the line of one key of the proposal, with how certain it is and why."""
    return f"{key} = {quoted(value)}  # {sure}: {reason}"


def words(text: Text, section: Section, labels: Counter[str], most: int) -> None:
    """Write a table that gives labels their meaning, with a commented line for each label whose words do not."""
    text.add("", f"[{section.name}]")
    for label in _shown(text, section.name, labels, most):
        meaning = section.meaning(label)
        if meaning is None and section.name == "outcomes" and only_a_stage(label):
            text.add(line(quoted(label), "pending", "low", "names a stage and no outcome, so it may still be open"))
            text.ask_once(_STILL_OPEN, quoted(label))
        elif meaning is None:
            text.missing.append(f"[{section.name}] {label}")
            text.add(f'# {quoted(label)} = ""  # {section.advice(label)}')
        elif fold(label) != meaning or meaning in OUTCOMES:
            text.add(line(quoted(label), meaning, "high" if fold(label) == meaning else "medium", "by its words"))


def statuses(
    text: Text, labels: Counter[str], stages: list[str], most: int, *, several: bool, only_stages: bool = False
) -> None:
    """Write the path that each status proves. A current status alone does not say which stages were passed.

    several: the status is in several columns. only_stages: a status that names no outcome may mean that the application
    is still open, since no other column could say what happened.
    """
    text.add("", "[statuses]")
    proved = set()
    # Many statuses may be combinations of few words.
    apart = zip(*map(status_parts, labels), strict=True) if several else [list(labels)]
    for label in _shown(text, "statuses", labels, most, different=max((len({*part}) for part in apart), default=0)):
        path, still_open = path_or_open(status_parts(label), stages, several=several, only_stages=only_stages)
        if isinstance(path, Status) and still_open:
            meaning = f'{{reached = {quoted(path.reached)}, outcome = "pending"}}'
            text.add(f"{quoted(label)} = {meaning}  # low: names no outcome, so the application may still be open")
            text.ask_once(_STILL_OPEN, quoted(label))
        elif isinstance(path, Status):
            proved.add(path.reached)
            meaning = f"{{reached = {quoted(path.reached)}, outcome = {quoted(path.outcome)}}}"
            text.add(f"{quoted(label)} = {meaning}  # medium: its words name the stage and the outcome")
        else:
            text.missing.append(f"[statuses] {label}")
            text.add(f'# {quoted(label)} = {{reached = "", outcome = ""}}  # not guessed: {path}')
    if stages[-1] not in proved:
        text.missing.append(f"[statuses] no status proves that {stages[-1]}, the last stage, was reached")


def status_parts(label: str) -> list[str]:
    """Return the parts of a status in several columns, "" for a blank one."""
    return ["" if part == STATUS_BLANK else part for part in label.split(STATUS_APART)]


def _shown(text: Text, section: str, labels: Counter[str], most: int, *, different: int | None = None) -> list[str]:
    """Return the labels that may be written, most frequent first, without rare ones if very many are different."""
    many = (len(labels) if different is None else different) > most
    shown = [
        label
        for label, rows in sorted(labels.items(), key=lambda item: (-item[1], item[0]))
        if all(map(may_be_shown, label.split(STATUS_APART))) and (not many or rows >= FEW)
    ]
    hidden = len(labels) - len(shown)
    if hidden:
        what = f"[{section}] values not shown because they may be personal: {hidden}"
        text.missing.append(what)
        text.add(f"# {what}. Check that this is the right column.")
    return shown


def ethnicity_advice(label: str, classification: str) -> str:
    """Return advice on a label that the classification does not have."""
    if known := advice(label, classification):
        return known
    near = " or ".join(map(quoted, nearest_labels(label, classification)))
    return f"not in the classification; nearest known: {near}" if near else "no similar label is known"
