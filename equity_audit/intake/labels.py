"""From the labels of an export to the vocabulary: matched by rule or by the mapping, refused by name, never guessed."""

import re
from collections.abc import Iterable

from equity_audit.errors import Problem
from equity_audit.intake.mapping import Mapping
from equity_audit.intake.personal_values import personal_kind
from equity_audit.intake.steps import HISPANIC_BESIDE
from equity_audit.vocabulary import (
    CLASSIFICATIONS,
    Answer,
    Ethnicity,
    advice,
    fold,
    hispanic_answer,
    match_ethnicity,
    match_meaning,
    nearest_labels,
    one_category,
    several_answers,
)

# A label longer than this, with an @ or a run of digits, may be a personal value in the wrong column.
_LONGEST_LABEL = 80
_MAY_BE_PERSONAL = re.compile(r"@|\d{4,}")


def match_ethnicities(values: Iterable[str], mapping: Mapping) -> tuple[dict[str, Ethnicity], list[str]]:
    """Match each distinct received value; returns the matches and the values that the vocabulary does not have.

    The meanings that the mapping gives come first: they may say more than a received label can (see match_meaning).
    """
    classification = mapping.source.ethnicity_classification
    own = {fold(label): meaning for label, meaning in mapping.ethnicity_labels.items()}
    matched: dict[str, Ethnicity] = {}
    unmatched: list[str] = []
    for value in values:
        meaning = own.get(fold(value))
        asked = mapping.columns.hispanic and HISPANIC_BESIDE not in value
        if meaning is not None and not asked:
            found, unknown = match_meaning(meaning, classification), [value]
        elif mapping.columns.hispanic or mapping.columns.more_races:
            found, unknown = _match_answers(value, own, mapping)
        else:
            found, unknown = match_ethnicity(value, classification), [value]
        if found is None:
            unmatched += [label for label in unknown if label not in unmatched]
        else:
            matched[value] = found
    return matched, unmatched


def _match_answers(value: str, own: dict[str, str], mapping: Mapping) -> tuple[Ethnicity | None, list[str]]:
    """The one US category of several answers in one label, as steps.ethnicity_sql puts it together.

    None with the answers that are not known.
    """
    before, beside, answer = value.rpartition(HISPANIC_BESIDE)
    said = _hispanic_said(answer if beside else "", mapping) if mapping.columns.hispanic else "no"
    races = {
        part: match_ethnicity(own.get(fold(part), part), "us_eeo1")
        for part in several_answers(before if beside else value)
    }
    unknown = [part for part, race in races.items() if race is None] or ([value] if said is None else [])
    if unknown or said is None:
        return None, unknown
    return one_category([race for race in races.values() if race], said), []


def _hispanic_said(answer: str, mapping: Mapping) -> Answer | None:
    own = {fold(label): meaning for label, meaning in mapping.hispanic_answers.items()}
    return own.get(fold(answer)) or hispanic_answer(answer)


def hispanic_problem(values: Iterable[str], mapping: Mapping) -> Problem | None:
    """The refusal of answers to "Hispanic or Latino?" that cannot be counted on; None if they can.

    Where nobody's answer is no, a blank beside a race may be one.
    """
    column = mapping.columns.hispanic
    if not column:
        return None
    answers = {answer if beside else "" for _, beside, answer in (v.rpartition(HISPANIC_BESIDE) for v in values if v)}
    said = {answer: _hispanic_said(answer, mapping) for answer in answers}
    if odd := [answer for answer, meaning in said.items() if meaning is None]:
        shown = "; ".join(f'"{answer}"' for answer in sorted(odd)) if all(map(may_be_shown, odd)) else "not shown"
        return Problem(
            f"these answers say neither yes nor no: {shown}",
            f"column {column}",
            "say under [hispanic_answers] in the mapping what each one means: yes, no or unknown",
        )
    if "yes" in said.values() and "no" not in said.values() and "" in answers and "" not in mapping.hispanic_answers:
        return Problem(
            "nobody answered no, so that a blank may mean no or that nobody asked",
            f"column {column}",
            'say under [hispanic_answers] in the mapping what it means: "" = "no" or "" = "unknown"',
        )
    return None


def match_words(values: Iterable[str], words: dict[str, str]) -> tuple[dict[str, str], list[str]]:
    """Match outcome or stage labels by their folded spelling; blanks only where the mapping has a "" key."""
    folded = {fold(label): meaning for label, meaning in words.items()}
    matched, unmatched = {}, []
    for value in values:
        if fold(value) in folded:
            matched[value] = folded[fold(value)]
        else:
            unmatched.append(value)
    return matched, unmatched


def unmatched_ethnicities(values: list[str], column: str, mapping: Mapping, most: int) -> Problem:
    """The refusal for ethnicity values, each with what to do about it or the nearest known label."""
    if len(values) > most or not all(map(may_be_shown, values)):
        return _not_labels(values, column, "ethnicity")
    what = "these values are not in the classification " + CLASSIFICATIONS[mapping.source.ethnicity_classification]
    return Problem(
        f"{what}: {'; '.join(_with_advice(value, mapping) for value in sorted(values))}",
        f"column {column}",
        "give each one a meaning under [ethnicity_labels] in the mapping: a category or group of the classification, "
        "or Not known",
    )


def unmatched_words(values: list[str], column: str, section: str, known: Iterable[str], most: int) -> Problem:
    """The refusal for outcome or stage labels; `section` of the mapping gives them their meaning."""
    kind = {"outcomes": "outcome", "statuses": "status", "stage_labels": "stage"}[section]
    if len(values) > most or not all(map(may_be_shown, values)):
        return _not_labels(values, column, kind)
    shown = "; ".join(f'"{value}"' if value else "(blank)" for value in sorted(values))
    advice = f"give each one a meaning under [{section}] in the mapping: {', '.join(known)}"
    if section == "statuses":
        advice = (
            f"say under [statuses] in the mapping which stage each one proves was reached ({', '.join(known)}) and "
            "with what outcome. Where applications now are does not say which stages they passed, so it is not guessed"
        )
    return Problem(f"these {kind} labels are not in the mapping: {shown}", f"column {column}", advice)


def _with_advice(value: str, mapping: Mapping) -> str:
    """One refused value in quotes, and in brackets why it is refused or what is like it."""
    classification = mapping.source.ethnicity_classification
    for label, meaning in mapping.ethnicity_labels.items():
        if fold(label) == fold(value):
            return f'"{value}" (the mapping says "{meaning}", which is not in the classification either)'
    near = " or ".join(nearest_labels(value, classification))
    known = advice(value, classification) or (f"nearest known: {near}" if near else "nothing like it is known")
    return f'"{value}" ({known})'


def _not_labels(values: list[str], column: str, kind: str) -> Problem:
    return Problem(
        f"does not look like {kind} labels ({len(values)} different unknown values, not shown: they may be personal)",
        f"column {column}",
        f"check that the mapping names the right column for {kind}",
    )


def may_be_shown(value: str) -> bool:
    """Whether a label may be repeated to a person: long ones may be personal, ones with an @, four digits or a name."""
    return len(value) <= _LONGEST_LABEL and not _MAY_BE_PERSONAL.search(value) and personal_kind(value) is None
