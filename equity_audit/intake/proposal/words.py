"""Interpret the words of an export: the stage or outcome that a text names, the path that a status proves.

For proposals only, which a person reads before they are used. Ambiguous words are given no meaning.
"""

import re
from collections.abc import Iterable, Sequence

from equity_audit.intake.mapping import Status
from equity_audit.vocabulary import fold, fold_name

_NUMBER_OF, _NUMBER = r"((total|all|number|no|n|count|headcount)( of)? )*", r"( number| no| n| count| headcount)?"

# In the order of a recruitment process. Each pattern is searched for in folded text.
STAGES = {
    "applied": r"\bappl(ied|ying)\b|\bapply (date|day)\b"
    r"|\bapplication (date|day|received|review(ed)?|submitted|stage|form)\b"
    r"|\b(date|day|at) (of )?application\b|\b(cv|resume) review\b|^inbox$|^unassigned$|^review$"
    r"|^new( (applicants?|applications?|candidates?|submissions?|date))?$|^submission date$"
    r"|\breview (candidates?|applicants?)\b|^submitted\b(?! to\b)"
    rf"|^{_NUMBER_OF}(applicants?|applications?|candidates)( received| total)?{_NUMBER}$",
    "screened": r"\b((phone|telephone|recruiter|pre) )?screen(s|ed|ing)?\b|\bsift(ed|ing)?\b",
    "longlisted": r"\blong ?list(s|ed|ing)?\b",
    "shortlisted": r"\bshort ?list(s|ed|ing)?\b",
    # Often an earlier step than the interview, with a column of its own.
    "phone-interviewed": r"\b(tele)?phone interview(s|ed|ing|ees?)?\b",
    "assessed": r"\bassess(ed|ments?)?\b|\btest(s|ed|ing)?\b",
    "passed": rf"^{_NUMBER_OF}((candidates|applicants) )?pass(ed|es)?( (the )?(tests?|exams?|boards?))?{_NUMBER}$",
    "interviewed": r"\binterview(s|ed|ing|ees?)?\b|\bon ?site\b|\bfinal round\b",
    "offered": r"\boffer(s|ed)?\b",
    "accepted": r"\b(job )?(offers? )?accept(ed|s|ances?)?\b( (the |an |our )?(job )?offers?)?",
    "appointed": rf"^{_NUMBER_OF}successful( (candidates|applicants))?{_NUMBER}$|\bappointees\b|\bplaced\b|"
    r"\bappoint(ed|ments?)?\b|\bstart date (confirmed|agreed)\b|\b(confirmed|agreed) start date\b",
    "hired": r"\bhire[ds]?\b",
    "recruited": r"\brecruited\b|\brecruits\b",
    "enrolled": r"\benrol(l?ed|s|l?ments?)?\b|\bmatriculated\b",
    "started": r"\bstart(s|ed|ing)?\b|\bcommence(d|s|ment)?\b|\bjoin(ed|ing)?\b|\bonboard(ed|ing)?\b",
}
STAGE_NAMES = tuple(STAGES)
# Beginnings of words for the end of an application, whoever ended it.
_ENDED = (
    r"\b(declin|refus|reject|withdr|fail|unsuccess|clos|cancel|expir|rescind|archiv|disqualif|regret|did|show|drop)"
)
# A confirmed start date is an appointment, not a first day at work, so these words are searched for first.
# So is an accepted offer, which is not only an offer.
_FIRST = ("appointed", "accepted")
_SEARCH_ORDER = (*_FIRST, *(stage for stage in STAGES if stage not in _FIRST))

_BY_APPLICANT = r"by (the )?(applicant|candidate)"
_BY_EMPLOYER = r"by (the )?((hiring )?(employer|manager)|panel|trust|recruiter|company|organi[sz]ation)"
# Searched for in order; each removes the words that it matches, so that "not selected" is not "selected".
_OUTCOMES = {
    "rejected": r"\b(not|never|non) (been )?(successful|selected|short ?listed|appointed|offered|hired|interviewed"
    r"|progressed|appointable|recommended|taken forward)\b|\bunsuccessful\b|\b(under|over|un) ?qualified\b"
    r"|\black(s|ed|ing)? (of )?(skills?|experience|qualifications?)\b"
    r"|\b(hired|selected|chose) (another|other) (candidate|applicant)\b"
    r"|\bnot (qualified|(a |the )?(good |right )?fit)\b|\bunqualified\b|\bdisqualified\b|\bnot enough experience\b"
    r"|\b(not (the )?(best|most)|less) qualified\b|\b(more|better) qualified (candidate|applicant)s?\b"
    r"|\bwe rejected (them|the (candidate|applicant))\b"
    r"|\b(another|other) (candidate|applicant) (was )?(selected|chosen|hired|appointed)\b"
    r"|\bdeselected\b|\bregret(ted)?\b|\bno hire\b"
    rf"|\b(declined|turned down|withdrawn|rejected) {_BY_EMPLOYER}\b|\boffer rescinded\b",
    "declined": rf"\boffer(ed)? (was )?(declined|refused|turned down)( {_BY_APPLICANT})?\b"
    rf"|\b(declined|refused) {_BY_APPLICANT}\b"
    r"|\b(declined|refused|turned down|rejected) (the |an |our )?(job )?offer\b"
    r"|\b(applicant|candidate) (has )?(declined|refused)\b",
    "withdrew ": rf"\brejected {_BY_APPLICANT}\b|\b(they|(candidate|applicant)) rejected us\b",
    "ineligible": r"\b(ineligible|not eligible)\b|\b(no|without|lacks) (the |a )?(right to work|work permit)\b"
    r"|\bbasic qualifications not met\b|\b(do|does|did) not meet (the )?basic qualifications\b",
    "pending": r"\b(in progress|in process|in review|active|pending|awaiting|under (review|consideration)|on hold"
    r"|ongoing|undecided)\b",
    "withdrew": r"\bwithdr(ew|awn|awal|aws)\b",
    "progressed": r"\b(appointed|hired|started|recruited|successful|progressed|advanced|passed|accepted|commenced"
    r"|onboarded|joined|enrolled|placed)\b|\bstart date confirmed\b",
    # After the patterns in which the applicant rejects or turns down.
    "rejected ": r"\breject(ed|s|ion)?\b|\bturned down\b|\bfailed\b",
}
# Words that do not say who decided, about which post, or whether anything happened.
_OPEN = r"\boffer (withdrawn|rejected)\b(?! by)"
_OPEN_REST = r"\b(not|no|never|elsewhere|reserve|another|other|duplicate|cancelled|closed)\b"

# Words directly before or after a stage that show that it had not been reached.
_AHEAD_BEFORE = (
    r"\b(before|prior to|pre|not|never|no|for|to|awaiting|pending|until)( (being|yet|the|an|a|invited to))* $"
)
_AHEAD_AFTER = r"^ (scheduled|invited|invitation|arranged|planned|pending)\b"
_TO_COME = rf"^(invited (to|for)|ready for) |{_AHEAD_AFTER.removeprefix('^')}$"
# Steps in which the employer reviews applications: to be at one is not to have passed it.
_SIFTING = r"\b(short|long) ?list(ing)?\b|\bsift(ing)?\b|(?<!phone )\bscreening\b(?! call)"


def stages_named(text: str) -> list[str]:
    """Return the stages that a text names, in the order of a recruitment process."""
    folded = fold_name(text)
    named = [stage for stage in STAGES if stage in _mentions(folded)]
    # "Appointed from shortlisting" is the number appointed.
    first = re.sub(r" (from|out of) .*", "", folded)
    return stages_named(first) if len(named) > 1 and first != folded and _mentions(first) else named


def outcome_of(label: str) -> str | None:
    """Return the outcome that a label names; None if it names none or several, or is ambiguous."""
    rest = fold_name(label)
    if re.search(_OPEN, rest):
        return None
    named = []
    for outcome, pattern in _OUTCOMES.items():
        rest, times = re.subn(pattern, " ", rest)
        if times:
            named.append(outcome.strip())
    return named[0] if len(set(named)) == 1 and not re.search(_OPEN_REST, rest) else None


def stage_or_ending(label: str) -> str | None:
    """Return the stage that a label of a history names, or the outcome that ends an application; None if unclear.

    "Offer declined" is an outcome, although it names a stage.
    """
    outcome = outcome_of(label)
    if outcome not in (None, "progressed", "pending"):
        return outcome
    return named[0] if len(named := stages_named(label)) == 1 else None


def only_a_stage(label: str) -> bool:
    """Return whether a label names a stage on the way and nothing else, as "Interview": it may still be open.

    Not the end of the way, and no words that say more, as in "Hired elsewhere" or "Not interviewed". One to come, as in
    "Invited to interview", is on the way too.
    """
    text = fold_name(label)
    if re.search(_TO_COME, text) and outcome_of(label) is None and not re.search(_ENDED, text):
        return len(_mentions(text)) == 1
    mentions = _mentions(text)
    # "Shortlisted for interview" names a stage that is still ahead besides.
    reached = [stage for stage, how in mentions.items() if how == "reached"]
    unclear = re.search(_OPEN_REST, text) or re.search(_ENDED, text) or re.search(_AHEAD_BEFORE, f"{text} ")
    ends = STAGE_NAMES[STAGE_NAMES.index("accepted") :]
    return len(reached) == 1 and not {*mentions} & {*ends} and outcome_of(label) is None and not unclear


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
    if len(stages) == 2 and outcome != "progressed":
        # Between the first stage and the last nothing has to be known.
        return Status(reached=stages[0], outcome=outcome)
    reached = _furthest(fold(label), stages, outcome)
    if reached not in stages:
        return reached
    if (outcome == "progressed") != (reached == stages[-1]):
        return f"its words say {outcome} at {reached}, but {stages[-1]} is the last stage"
    return Status(reached=reached, outcome=outcome)


def path_of_parts(parts: Sequence[str], stages: list[str]) -> Status | str:
    """Return the path that a status in several columns proves, or why it proves none. Blank parts are "".

    One part says what happened ("rejected"), another at which stage ("Phone Screen"): being at a stage is to have
    reached it, unless it is a step in which the employer reviews applications. A reason may say more than rejected.
    """
    outcomes = {outcome for part in parts if (outcome := outcome_of(part))}
    if outcomes & {"withdrew", "declined", "ineligible"}:
        outcomes -= {"rejected"}
    if len(outcomes) != 1:
        return "its words do not name one outcome" if not outcomes else "its words name different outcomes"
    [outcome] = outcomes
    if outcome == "progressed":
        proved = [path for part in parts if isinstance(path := path_of(part, stages), Status)]
        if any(path.reached == stages[-1] for path in proved):
            return Status(reached=stages[-1], outcome=outcome)
        return f"its words do not say that {stages[-1]}, the last stage, was reached"
    named = [part for part in parts if _mentions(fold_name(part))]
    # A reason such as "Not hired: unqualified" names a stage that was not reached; another part says which was.
    said = [part for part in named if outcome_of(part) is None or "reached" in _mentions(fold_name(part)).values()]
    named = said or named
    reached = {stages[0]} if len(stages) == 2 else {_at(fold_name(part), stages, outcome) for part in named}
    if len(reached) != 1 or "?" in reached:
        return "its words do not say which stage was reached" if reached else "its words name no stage"
    [stage] = reached
    at_last = stage == stages[-1] or any(_mentions(fold_name(part)).get(stages[-1]) == "reached" for part in named)
    return f"its words say {outcome} at {stage}" if at_last else Status(reached=stage, outcome=outcome)


def _at(text: str, stages: list[str], outcome: str) -> str:
    """Return the stage that a folded part of a status proves; "?" if it names one without proving which was reached."""
    mentions = _mentions(text)
    if re.search(_SIFTING, text) and len(mentions) == 1:
        [step] = mentions
        if step not in stages and "screening" not in text:
            return _before(step, stages)  # whether that step was passed or not
        if re.fullmatch(r"(short|long) ?list", text):
            return "?"  # those who are on the list, or those who are considered for it
        before = stages.index(step) - 1 if step in stages else -1
        return stages[before] if before == 0 and "screening" not in text else "?"
    found = _furthest(text, stages, outcome)
    return found if found in stages else "?"


def _furthest(text: str, stages: list[str], outcome: str) -> str:
    """Return the stage that a folded status proves, or the reason why it proves none."""
    mentions = _among(_mentions(text), stages)
    reached = [stage for stage in stages if mentions.get(stage) == "reached"]
    ahead = [stage for stage in stages if mentions.get(stage) == "ahead"]
    if re.search(_SIFTING, text):
        # Applicants rejected at shortlisting were not shortlisted.
        # Screening may come before shortlisting, or before the first day of work.
        unread = {*_mentions(text)}.isdisjoint(stages) and "screening" not in text
        if (outcome not in ("rejected", "ineligible") or "screening" in text) and not unread:
            return "its words do not say whether that step was passed"
        if unread:
            return _before(next(iter(_mentions(text))), stages)
        reached, ahead = [], reached[-1:] or ahead
    if not reached and not ahead:
        return "its words name no stage"
    if ahead and reached and stages.index(ahead[0]) < stages.index(reached[-1]):
        return "its words contradict each other"
    if not reached and stages.index(ahead[0]) > 1:
        return f"its words do not say whether {stages[stages.index(ahead[0]) - 1]} was reached"
    return reached[-1] if reached else stages[0]


def _among(mentions: dict[str, str], stages: list[str]) -> dict[str, str]:
    """Return mentions of these stages alone: one that was reached, and is not among them, proves the one before it.

    One that was not reached proves only that the application was made.
    """
    listed = {stage: how for stage, how in mentions.items() if stage in stages}
    for stage, how in mentions.items():
        if stage not in stages and (how == "reached" or _before(stage, stages) == stages[0]):
            listed.setdefault(_before(stage, stages), "reached")
    return listed


def _before(stage: str, stages: list[str]) -> str:
    """Return the last of some stages that is before a stage that is not among them."""
    place = STAGE_NAMES.index(stage)
    return [stages[0], *(known for known in stages if STAGE_NAMES.index(known) < place)][-1]


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
