"""Match the labels of an export to the vocabulary, by rule or by the mapping. Unknown labels are refused."""

import re
from collections.abc import Iterable

from equity_audit.errors import Problem
from equity_audit.intake.mapping import Mapping
from equity_audit.intake.personal_values import personal_kind
from equity_audit.intake.steps import HISPANIC_BESIDE, STATUS_APART
from equity_audit.vocabulary import (
    NATIONS,
    Answer,
    Ethnicity,
    advice,
    described,
    fold,
    hispanic_answer,
    match_ethnicity,
    match_meaning,
    nearest_labels,
    one_category,
    own_list,
    several_answers,
)

# A label that is longer than this, or has an @ or a run of digits, may be a personal value in the wrong column.
_LONGEST_LABEL = 80
_MAY_BE_PERSONAL = re.compile(r"@|\d{4,}")


def match_ethnicities(values: Iterable[str], mapping: Mapping) -> tuple[dict[str, Ethnicity], list[str]]:
    """Match each distinct received value. Return the matches, and the values that the vocabulary does not have.

    Meanings from the mapping come first: they may say more than a received label can (see match_meaning).
    """
    classification = mapping.source.ethnicity_classification
    mapped = {fold(label): meaning for label, meaning in mapping.ethnicity_labels.items()}
    matched: dict[str, Ethnicity] = {}
    unmatched: list[str] = []
    for value in values:
        meaning = mapped.get(fold(value))
        lacks_answer = mapping.columns.hispanic and HISPANIC_BESIDE not in value
        if meaning is not None and not lacks_answer:
            ethnicity, unknown = match_meaning(meaning, classification), [value]
        elif mapping.columns.hispanic or mapping.columns.more_races:
            ethnicity, unknown = _match_answers(value, mapped, mapping)
        else:
            ethnicity, unknown = match_ethnicity(value, classification), [value]
        if ethnicity is None:
            unmatched += [label for label in unknown if label not in unmatched]
        else:
            matched[value] = ethnicity
    return matched, unmatched


def _match_answers(value: str, mapped: dict[str, str], mapping: Mapping) -> tuple[Ethnicity | None, list[str]]:
    """Return the single US category for the answers that steps.ethnicity_sql combines in one label.

    Return None and the unknown answers if any is unknown.
    """
    before, beside, answer = value.rpartition(HISPANIC_BESIDE)
    hispanic = _read_hispanic(answer if beside else "", mapping) if mapping.columns.hispanic else "no"
    races = {
        part: match_ethnicity(mapped.get(fold(part), part), "us_eeo1")
        for part in several_answers(before if beside else value)
    }
    unknown = [part for part, race in races.items() if race is None] or ([value] if hispanic is None else [])
    if unknown or hispanic is None:
        return None, unknown
    return one_category([race for race in races.values() if race], hispanic), []


def _read_hispanic(answer: str, mapping: Mapping) -> Answer | None:
    mapped = {fold(label): meaning for label, meaning in mapping.hispanic_answers.items()}
    return mapped.get(fold(answer)) or hispanic_answer(answer)


def hispanic_problem(values: Iterable[str], mapping: Mapping) -> Problem | None:
    """Return a problem if answers to "Hispanic or Latino?" cannot be relied on; None if they can.

    If nobody answered no, a blank next to a race may mean no.
    """
    column = mapping.columns.hispanic
    if not column:
        return None
    answers = {answer if beside else "" for _, beside, answer in (v.rpartition(HISPANIC_BESIDE) for v in values if v)}
    meanings = {answer: _read_hispanic(answer, mapping) for answer in answers}
    if unknown := [answer for answer, meaning in meanings.items() if meaning is None]:
        may_show = all(map(may_be_shown, unknown))
        shown = "; ".join(f'"{answer}"' for answer in sorted(unknown)) if may_show else "not shown"
        return Problem(
            f"these answers mean neither yes nor no: {shown}",
            f"column {column}",
            "give each one a meaning under [hispanic_answers] in the mapping: yes, no or unknown",
        )
    known = meanings.values()
    if "yes" in known and "no" not in known and "" in answers and "" not in mapping.hispanic_answers:
        return Problem(
            "nobody answered no, so a blank may mean no, or that the question was not asked",
            f"column {column}",
            'give blanks a meaning under [hispanic_answers] in the mapping: "" = "no" or "" = "unknown"',
        )
    return None


def match_words(
    values: Iterable[str], words: dict[str, str], *, by_parts: bool = False
) -> tuple[dict[str, str], list[str]]:
    """Match outcome or stage labels by their folded spelling; blanks only if the mapping has a "" key.

    by_parts: labels combine several columns, each of which must match.
    """

    def key(label: str) -> tuple[str, ...]:
        return tuple(map(fold, label.split(STATUS_APART))) if by_parts else (fold(label),)

    folded = {key(label): meaning for label, meaning in words.items()}
    matched, unmatched = {}, []
    for value in values:
        if key(value) in folded:
            matched[value] = folded[key(value)]
        else:
            unmatched.append(value)
    return matched, unmatched


def unmatched_ethnicities(values: list[str], column: str, mapping: Mapping, most: int) -> Problem:
    """Return a problem with unknown ethnicity values, each with advice or the nearest known label."""
    if len(values) > most or not all(map(may_be_shown, values)):
        return _not_labels(values, column, "ethnicity")
    nation = NATIONS.get(mapping.source.ethnicity_classification)
    own = own_list(mapping.source.ethnicity_classification)
    groups = nation.groups if nation else own.groups if own else ()
    meant = f"one of {'; '.join(groups)}" if groups else "a category or group of the classification"
    what = "these values are not in the classification " + described(mapping.source.ethnicity_classification)
    return Problem(
        f"{what}: {'; '.join(_with_advice(value, mapping) for value in sorted(values))}",
        f"column {column}",
        f"give each one a meaning under [ethnicity_labels] in the mapping: {meant}, or Not known",
    )


def unmatched_words(values: list[str], column: str, section: str, known: Iterable[str], most: int) -> Problem:
    """Return a problem with unknown outcome or stage labels; `section` of the mapping gives them a meaning."""
    kind = {"outcomes": "outcome", "statuses": "status", "stage_labels": "stage"}[section]
    if len(values) > most or not all(map(may_be_shown, values)):
        return _not_labels(values, column, kind)
    shown = "; ".join(f'"{value}"' if value else "(blank)" for value in sorted(values))
    advice = f"give each one a meaning under [{section}] in the mapping: {', '.join(known)}"
    if section == "statuses":
        advice = (
            f"give under [statuses] in the mapping the stage that each one proves was reached ({', '.join(known)}) and "
            "the outcome. A current status does not say which stages an application passed, so this is not guessed"
        )
    return Problem(f"these {kind} labels are not in the mapping: {shown}", f"column {column}", advice)


def _with_advice(value: str, mapping: Mapping) -> str:
    """Return a refused value in quotes, with the reason or the nearest known labels in brackets."""
    classification = mapping.source.ethnicity_classification
    for label, meaning in mapping.ethnicity_labels.items():
        if fold(label) == fold(value):
            return f'"{value}" (the mapping says "{meaning}", which is not in the classification either)'
    near = " or ".join(nearest_labels(value, classification))
    known = advice(value, classification) or (f"nearest known: {near}" if near else "no similar label is known")
    return f'"{value}" ({known})'


def _not_labels(values: list[str], column: str, kind: str) -> Problem:
    return Problem(
        f"does not look like {kind} labels (unknown values, not shown because they may be personal: {len(values)})",
        f"column {column}",
        f"check that the mapping names the right column for {kind}",
    )


def may_be_shown(value: str) -> bool:
    """Return whether a label may be shown: one that is long, or has an @, four digits or a name, may be personal."""
    return len(value) <= _LONGEST_LABEL and not _MAY_BE_PERSONAL.search(value) and personal_kind(value) is None
