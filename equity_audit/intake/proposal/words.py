"""Interpret the words of an export: the stage or outcome that a text names, the path that a status proves.

For proposals only, which a person reads before they are used. Ambiguous words are given no meaning.
"""

import re
from collections.abc import Iterable

from equity_audit.intake.mapping import Status
from equity_audit.vocabulary import CATEGORIES, CLASSIFICATIONS, fold, match_ethnicity

# In the order of a recruitment process. Each pattern is searched for in folded text.
STAGES = {
    "applied": r"\bappl(ied|ying)\b|\bapplication (date|day|received|review(ed)?|submitted|stage|form)\b"
    r"|\b(date|day|at) (of )?application\b|\b(cv|resume) review\b|^(number of )?(applicants|applications?)$",
    "screened": r"\b((phone|telephone|recruiter|pre) )?screen(s|ed|ing)?\b|\bsift(ed|ing)?\b",
    "longlisted": r"\blong ?list(s|ed|ing)?\b",
    "shortlisted": r"\bshort ?list(s|ed|ing)?\b",
    "assessed": r"\bassess(ed|ments?)?\b|\btest(s|ed|ing)?\b",
    "interviewed": r"\binterview(s|ed|ing)?\b",
    "offered": r"\boffer(s|ed)?\b",
    "appointed": r"\bappoint(ed|ments?)?\b|\bstart date (confirmed|agreed)\b|\b(confirmed|agreed) start date\b",
    "hired": r"\bhire[ds]?\b",
    "started": r"\bstart(s|ed|ing)?\b|\bcommence(d|s|ment)?\b|\bjoin(ed|ing)?\b|\bonboard(ed|ing)?\b",
}
# A confirmed start date is an appointment, not a first day at work, so these words are searched for first.
_SEARCH_ORDER = ("appointed", *(stage for stage in STAGES if stage != "appointed"))

_BY_APPLICANT = r"by (the )?(applicant|candidate)"
_BY_EMPLOYER = r"by (the )?(employer|manager|panel|trust|recruiter|company)"
# Searched for in order; each removes the words that it matches, so that "not selected" is not "selected".
_OUTCOMES = {
    "rejected": r"\b(not|never|non) (been )?(successful|selected|short ?listed|appointed|offered|hired|interviewed"
    r"|progressed|appointable|recommended|taken forward)\b|\bunsuccessful\b|\bdeselected\b|\bregret(ted)?\b|\bno hire\b"
    rf"|\b(declined|turned down|withdrawn|rejected) {_BY_EMPLOYER}\b|\boffer rescinded\b",
    "declined": rf"\boffer (was )?(declined|refused|turned down)( {_BY_APPLICANT})?\b"
    rf"|\b(declined|refused) {_BY_APPLICANT}\b"
    r"|\b(declined|refused|turned down|rejected) (the |an |our )?(job )?offer\b"
    r"|\b(applicant|candidate) (has )?(declined|refused)\b",
    "ineligible": r"\b(ineligible|not eligible)\b|\b(no|without|lacks) (the )?right to work\b"
    r"|\bbasic qualifications not met\b|\b(do|does|did) not meet (the )?basic qualifications\b",
    "pending": r"\b(in progress|pending|awaiting|under (review|consideration)|on hold|ongoing|undecided)\b",
    "withdrew": r"\bwithdr(ew|awn|awal|aws)\b",
    "progressed": r"\b(appointed|hired|started|recruited|successful|progressed|advanced|passed|accepted|commenced"
    r"|onboarded|joined)\b|\bstart date confirmed\b",
    # After the patterns in which the applicant rejects or turns down.
    "rejected ": r"\breject(ed|ion)?\b|\bturned down\b|\bfailed\b",
}
# Words that do not say who decided, about which post, or whether anything happened.
_OPEN = rf"\boffer (withdrawn|rejected)\b(?! by)|\brejected {_BY_APPLICANT}\b"
_OPEN_REST = r"\b(not|no|never|elsewhere|reserve|another|other|duplicate|cancelled|closed)\b"

# Words directly before or after a stage that show that it had not been reached.
_AHEAD_BEFORE = (
    r"\b(before|prior to|pre|not|never|no|for|to|awaiting|pending|until)( (being|yet|the|an|a|invited to))* $"
)
_AHEAD_AFTER = r"^ (scheduled|invited|invitation|arranged|planned|pending)\b"
# Steps in which the employer reviews applications: to be at one is not to have passed it.
_SIFTING = r"\b(short|long) ?list(ing)?\b|\bsift(ing)?\b|(?<!phone )\bscreening\b"


def folded_name(column: str) -> str:
    """Return a column's name in lower case with joined words separated: stage.enteredAt is "stage entered at"."""
    return fold(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", column))


def stages_named(text: str) -> list[str]:
    """Return the stages that a text names, in the order of a recruitment process."""
    return [stage for stage in STAGES if stage in _mentions(folded_name(text))]


def outcome_of(label: str) -> str | None:
    """Return the outcome that a label names; None if it names none or several, or is ambiguous."""
    rest = fold(label)
    if re.search(_OPEN, rest):
        return None
    named = []
    for outcome, pattern in _OUTCOMES.items():
        rest, times = re.subn(pattern, " ", rest)
        if times:
            named.append(outcome.strip())
    return named[0] if len(set(named)) == 1 and not re.search(_OPEN_REST, rest) else None


def stages_of_statuses(labels: Iterable[str]) -> list[str]:
    """Return the first stage and every stage that a status names, in the order of a recruitment process."""
    named = {stage for label in labels for stage in stages_named(label)} | {"applied"}
    return [stage for stage in STAGES if stage in named]


def path_of(label: str, stages: list[str]) -> Status | str:
    """Return the path that a status proves, or the reason why its words do not prove one.

    "Not shortlisted" proves only that the application was made; "withdrew before interview" does not say whether the
    stages between had been reached.
    """
    outcome = outcome_of(label)
    if outcome is None:
        return "its words do not name one outcome"
    reached = _furthest(fold(label), stages, outcome)
    if reached not in stages:
        return reached
    if (outcome == "progressed") != (reached == stages[-1]):
        return f"its words say {outcome} at {reached}, but {stages[-1]} is the last stage"
    return Status(reached=reached, outcome=outcome)


def _furthest(text: str, stages: list[str], outcome: str) -> str:
    """Return the stage that a folded status proves, or the reason why it proves none."""
    mentions = _mentions(text)
    reached = [stage for stage in stages if mentions.get(stage) == "reached"]
    ahead = [stage for stage in stages if mentions.get(stage) == "ahead"]
    if re.search(_SIFTING, text):
        # Applicants rejected at shortlisting were not shortlisted.
        if outcome not in ("rejected", "ineligible") or "screening" in text:
            return "its words do not say whether that step was passed"
        reached, ahead = [], reached[-1:] or ahead
    if not reached and not ahead:
        return "its words name no stage"
    if ahead and reached and stages.index(ahead[0]) < stages.index(reached[-1]):
        return "its words contradict each other"
    if not reached and stages.index(ahead[0]) > 1:
        return f"its words do not say whether {stages[stages.index(ahead[0]) - 1]} was reached"
    return reached[-1] if reached else stages[0]


def classification_of(labels: Iterable[str]) -> tuple[str, float, list[str]]:
    """Return the classification that knows most of the labels, the share that it knows, and others that know as many.

    Ties: the NHS codes of 2001 if there are wordings of that year, otherwise the first of the vocabulary. Blank labels
    do not count.
    """
    given = {fold(label): label for label in labels if fold(label)}.values()
    if not given:
        return next(iter(CLASSIFICATIONS)), 0.0, []
    known = {name: sum(match_ethnicity(label, name) is not None for label in given) for name in CLASSIFICATIONS}
    most = max(known.values())
    best = [name for name, count in known.items() if count == most]
    wordings = {fold(category) for category in CATEGORIES}
    old = r"^(asian or asian british|black or black british)\b|^white british$|any other mixed background"
    of_2001 = [label for label in given if fold(label) not in wordings and re.search(old, fold(label))]
    name = "nhs_2001" if "nhs_2001" in best and of_2001 else best[0]
    return name, most / len(given), [other for other in best if other != name]


def _mentions(text: str) -> dict[str, str]:
    """Return each stage that a folded text names: "reached", or "ahead" if its words say that it was not reached."""
    mentions = {}
    for stage in _SEARCH_ORDER:
        for match in re.finditer(STAGES[stage], text):
            before, after = text[: match.start()], text[match.end() :]
            ahead = re.search(_AHEAD_BEFORE, before) or re.search(_AHEAD_AFTER, after)
            mentions[stage] = "ahead" if ahead else "reached"
        text = re.sub(STAGES[stage], "\N{MIDDLE DOT}", text)
    return mentions
