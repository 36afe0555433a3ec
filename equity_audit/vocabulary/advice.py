"""Advice for refused labels that cover several groups, exclude a group, or belong to another country's list.

Nothing here decides what a label means. The rules look for the names of groups and categories in it.
"""

import re
from difflib import SequenceMatcher, get_close_matches

from equity_audit.vocabulary.classifications import (
    CATEGORIES,
    CHINESE_UNDER_OTHER,
    GROUPS,
    family,
    group_lists,
)
from equity_audit.vocabulary.countries import of_another_country
from equity_audit.vocabulary.matching import bare, match_ethnicity, split_code
from equity_audit.vocabulary.nations import NATIONS, plain
from equity_audit.vocabulary.own_lists import own_list
from equity_audit.vocabulary.words import fold

_US = re.compile(
    r"\b(?:hispanic|latin[oax]|african american|asian american|american indian|native american|alaskan? native|hawaiian"
    r"|pacific islander|(?:two|2) or more)\b"
)
_MINORITIES = re.compile(r"\b(?:bme|bame|minorit(?:y|ies)|global majority|people of colou?r)\b")
_OUT = r"\b(?:excluding|excl|exc|except|other than|apart from|without|not|non|minus)\b"
# People who are not White British may still be White.
_NOT_WHITE = re.compile(rf"{_OUT} (?:the )?white\b(?! (?:british|irish|and|or)\b)")
# The names in a label by group. A name with Black or Asian before it is one name.
_NAMES = {
    "Asian": r"\b(?:(?:british )?asian(?: british| irish| welsh| scottish)?|indian|pakistani|bangladeshi|chinese)\b",
    "Black": r"\b(?:(?:british )?black(?: british| african| caribbean| irish| welsh| scottish)?|african|afro"
    r"|caribbean)\b",
    "Mixed": r"\bmixed\b",
    "White": r"\b(?:white(?: british| irish)?|british|irish(?: travell?er)?|gypsy|roma|romany|travell?er)\b",
    "Other": r"\b(?:arab|other|another)\b",
}
# After the heading Mixed, the names of other groups are its parts.
_MIXED_OF = re.compile(r"\bmixed (?:race |ethnic |heritage )*(?=white|black|asian|chinese).*")
# Similarity of two labels, as difflib's ratio.
_ALIKE, _VERY_LIKE = 0.6, 0.8
_JOINING = frozenset({"or", "and", "of", "more", "other", "two", "not", "american", "native"})
_WRES_ONLY = 'may be mapped to "BME", which counts only in the WRES figures and is shown as "group not given"'
_ASK = "map it if it means a single group, otherwise ask the source for its parts"
_NOT_ASKED = re.compile(r"\b(?:not|non) applicable\b|\bdoes not apply\b")
# Labels of other lists in the UK, each with what they are.
_ELSEWHERE = {
    r"\b(?:north|south)(?:ern)? european\b": "how an officer saw a person, not the person's own answer: export "
    "self-defined ethnicity instead",
    r"\btotal known\b|\bknown total\b": "a sum without those whose ethnicity is not known: leave the row out",
    r"\bshow(?:man|woman|people|person)\b": "a category of Scotland's census, part of White: may be mapped to "
    '"Any other White background"',
    r"\bfilipino\b": "a category of Northern Ireland's census, which no other UK standard has: map it as "
    "the source counts it",
}


_MENA = re.compile(r"\b(?:middle eastern|north african|mena)\b")
_OF_MENA = {
    "us": "a category of its own in the federal standard of 2024; that of 1997, which the EEO-1 report follows, counts "
    'these people as "White": map it to that if the other labels are those of 1997',
    "uk": "not a category of the UK standards, which have Arab under Other and the rest in several groups: map it to "
    '"Other" if the source counts it there, otherwise ask',
}


def advice(label: str, classification: str = "ons_2021") -> str | None:
    """Return advice on a refused label that is known to be ambiguous or foreign; None if nothing is known about it."""
    if own_list(classification) or match_ethnicity(label, classification):
        return None
    if of_another_country(label, classification):
        return "from another country's list, in which the same words mean other people: map it as that list defines it"
    elsewhere = _of_other_lists(label) if family(classification) == "uk" else None
    label = bare(label, classification)
    if elsewhere or _NOT_ASKED.search(fold(label)):
        return elsewhere or (
            'may mean that the question was not asked, or that the row is not a person: if it is, map it to "Not known"'
        )
    if classification in NATIONS:
        return _in_nation(fold(label), classification)
    if _MENA.search(fold(label)):
        return _OF_MENA[family(classification)]
    return _in_us(label) if family(classification) == "us" else _in_uk(label, classification)


def _of_other_lists(label: str) -> str | None:
    """Return advice on a label that only some lists in the UK have."""
    return next((meaning for pattern, meaning in _ELSEWHERE.items() if re.search(pattern, fold(label))), None)


def _in_us(label: str) -> str | None:
    uk = match_ethnicity(label, "ons_2021")
    return "a UK label: set source.ethnicity_classification to the UK classification of the source" if uk else None


def _in_nation(text: str, classification: str) -> str | None:
    """Return advice on a folded label in a national classification."""
    for pattern, meaning in NATIONS[classification].ambiguous.items():
        if re.fullmatch(pattern, plain(text)):
            return meaning
    groups = NATIONS[classification].groups
    if sum(bool(re.search(rf"\b(?:{pattern})\b", plain(text))) for pattern in groups.values()) > 1:
        return "names several groups, and a person counts in one: export a single group for each, as prioritised output"
    return None


def _in_uk(label: str, classification: str) -> str | None:
    if classification == "nhs_2001" and (parts := split_code(label)):
        return f'the label may not mean the same as its code {parts[0]}: map it to "{parts[0]}" if it does'
    text = fold(label)
    return _of_words(text) or _of_names(text, classification)


def _of_words(text: str) -> str | None:
    """Return advice if single words of a folded label are enough to classify it."""
    if _US.search(text):
        return 'a US label: set source.ethnicity_classification = "us_eeo1"'
    if _NOT_WHITE.search(text):
        return f"everyone except White: {_WRES_ONLY}, if it does not include White minorities or unknown ethnicity"
    return f"covers several groups: {_WRES_ONLY}" if _MINORITIES.search(text) else None


def _of_names(text: str, classification: str) -> str | None:
    """Return advice from the groups that a folded label names, ignoring those that it excludes."""
    kept = re.sub(_OUT + ".*", "", text)
    named = _named(kept)
    if not named:
        return f"only says who is excluded, so it may include all others: {_ASK}" if _named(text) else None
    if "White" in named and len(named) > 1:
        return f"names White and others: {_ASK}"
    if classification == "wres":
        return None if "White" in named else 'this source only distinguishes White and BME: may be mapped to "BME"'
    if len(named) > 1:
        return f"names several groups: {_WRES_ONLY}"
    in_part = kept != text
    if "Other" in named:
        return _of_other(classification in CHINESE_UNDER_OTHER and not in_part)
    [(group, names)] = named.items()
    return f'not a single category: may be mapped to the broad label "{group}"' if in_part or len(names) > 1 else None


def _of_other(with_chinese: bool) -> str:
    if with_chinese:
        return f"may include Chinese, which later standards have in another group: {_WRES_ONLY}"
    return (
        'depends on the source\'s list: may be mapped to "Other ethnic group" if it was one of five groups, or to "Any '
        'other ethnic group" if it was the last of many categories'
    )


def nearest_labels(value: str, classification: str = "ons_2021") -> list[str]:
    """Return the labels of the vocabulary that are most similar to a refused one, for advice only.

    Labels of a group that the value does not name are left out: "White - Mauritian" is not Mixed, however similar the
    letters are. If the value names no group, for example because it is misspelt, the letters must be very similar.
    """
    british = family(classification) == "uk"
    labels = (*CATEGORIES, *GROUPS) if british else group_lists()[family(classification)]
    known = {fold(label): label for label in labels}
    text = fold(bare(value, classification))
    hits = [known[hit] for hit in get_close_matches(text, known, n=len(known), cutoff=_ALIKE)]
    if not british:
        words = set(text.split()) - _JOINING
        hits = [hit for hit in hits if words & set(fold(hit).split()) or _very_like(text, hit)]
    else:
        named = set(_named(text))
        hits = [hit for hit in hits if CATEGORIES.get(hit, hit) in named or (not named and _very_like(text, hit))]
    return hits[:2]


def _very_like(text: str, label: str) -> bool:
    return SequenceMatcher(None, text, fold(label)).ratio() >= _VERY_LIKE


def _named(text: str) -> dict[str, set[str]]:
    """Return the groups named in a folded text, each with its distinct names."""
    if parts := _MIXED_OF.search(text):
        return {"Mixed": {"mixed", parts[0]}}
    # "Black - any other" is a category of Black.
    text = re.sub(r"(?<=\w)(?<!\bor)(?<!\band) any other(?: background)?$", "", text)
    text = re.sub(r"\b(?:any )?other (?=asian|black|mixed|white)", "", text)
    named = {}
    for group, pattern in _NAMES.items():
        if names := set(re.findall(pattern, text)):
            named[group] = names
        text = re.sub(pattern, " ", text)
    return named
