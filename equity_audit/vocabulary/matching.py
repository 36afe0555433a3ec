"""Find the meaning of a received value in the vocabulary: by code, by label, or by both together, never by guessing."""

import re

from equity_audit.vocabulary.classifications import (
    NHS_2001_CODES,
    UNKNOWN,
    Ethnicity,
    family,
    of_category,
    of_group,
)
from equity_audit.vocabulary.countries import without_country
from equity_audit.vocabulary.nations import group_of_label
from equity_audit.vocabulary.own_lists import own_list
from equity_audit.vocabulary.uk_labels import match_uk, plural
from equity_audit.vocabulary.unknown import is_unknown, without_total
from equity_audit.vocabulary.us_labels import match_us
from equity_audit.vocabulary.words import fold

_CODE = r"99|[A-Za-z][A-Za-z0-9]?"
_CODE_AND_LABEL = re.compile(
    rf"[\W_]*(?P<code>{_CODE})[\W_]+(?P<label>.+)|(?P<label_>.+?)[\W_]+(?P<code_>{_CODE})[\W_]*", re.DOTALL
)
# Not available, not known, not recorded, not stated, no: in a column of codes these are words, not codes that begin N.
_ABBREVIATIONS = frozenset({"NA", "NK", "NO", "NR", "NS"})
# Self-defined ethnicity in police records, beside its label.
_POLICE_GROUPS = {"W": "White", "M": "Mixed", "A": "Asian", "B": "Black", "O": "Other"}
_POLICE_CODE = re.compile(
    r"(?P<code>[WMABO]\d|NS)[\W_]+(?P<label>[^\W\d].+)|(?P<label_>.+?)[\W_]+(?P<code_>[WMABO]\d|NS)[\W_]*",
    re.IGNORECASE | re.DOTALL,
)
# The different terms of the WRES and of texts about it.
_BME = re.compile(
    r"(?:bme|bame|(?:black (?:and )?)?(?:asian (?:and )?)?(?:(?:and )?(?:other )?minority ethnic|ethnic minority))"
    r"(?: (?:groups?|bme|bame))*|(?:all )?ethnic minorities(?: excluding white minorities)?"
)
# References to notes, as official statistics write them: "White [note 2]".
_NOTE = re.compile(r"\s*[\[(]notes? ?\d+(?:, ?\d+)*[\])]\s*$|\s*[*\u2020\u2021]+\s*$", re.IGNORECASE)
# What kind of label it is: "ethnicity_minor_white_british", "Ethnic group: Asian".
_KIND = re.compile(
    r"^[\W_]*(?:race|ethnicity|ethnic[\s_](?:group|origin|background|category))(?:[\s_]+(?:minor|major|broad|detailed))?"
    r"[\s_]*(?:[:_\u2013-]|(?<=minor)\s|(?<=major)\s)[\s_]*(?=\w)",
    re.IGNORECASE,
)


def match_ethnicity(value: str, classification: str) -> Ethnicity | None:
    """Look up a received value in a classification; None if it is not in the vocabulary."""
    if family(classification) not in ("uk", "us"):
        return _match_listed(value, classification)
    value = bare(value, classification)
    if family(classification) == "us":
        return match_us(value)
    if is_unknown(value):
        return Ethnicity(None, UNKNOWN, UNKNOWN)
    if classification == "wres":
        return _match_wres(fold(value))
    if classification == "nhs_2001":
        return _match_code(value.strip()) or match_uk(value) or _match_code_and_label(value)
    return match_uk(value) or _match_beside_police_code(value)


def _match_beside_police_code(value: str) -> Ethnicity | None:
    """Match a label with a police force's code of self-defined ethnicity ("W1 - British"), if its letter agrees.

    A code alone is not matched, since O1 is Chinese in the list of 16 categories and A4 in that of 18.
    """
    parts = _POLICE_CODE.fullmatch(value.strip())
    if not parts:
        return None
    letter, label = (parts["code"] or parts["code_"])[0].upper(), parts["label"] or parts["label_"]
    if letter == "N":
        return of_category(None) if is_unknown(label) else None
    found = _match_beside_code(label)
    groups = {found.group, "Other" if found.category == "Asian: Chinese" else None} if found else set()
    return found if _POLICE_GROUPS[letter] in groups else None


def bare(label: str, classification: str) -> str:
    """Return a label without what does not belong to its meaning: kind of label, note, the word total, the country."""
    return plural(without_total(without_country(_NOTE.sub("", _KIND.sub("", label)), classification)))


def match_meaning(meaning: str, classification: str) -> Ethnicity | None:
    """Return the meaning that a mapping's [ethnicity_labels] gives, in words of its classification or of the standard.

    The author of a mapping knows the source, so "Other" is the group here, and "BME" or "White" is allowed under any UK
    classification for a label that covers several groups: it counts in the WRES figures and has no group.
    """
    if family(classification) not in ("uk", "us"):
        return _match_listed(meaning, classification)
    if family(classification) == "us":
        return match_us(meaning)
    if ethnicity := match_ethnicity(meaning, classification):
        return ethnicity
    if _BME.fullmatch(fold(meaning)):
        return Ethnicity(None, None, "BME")
    if classification == "wres":
        return None
    return of_group("Other") if fold(meaning) == "other" else match_uk(meaning, other_group=True)


def split_code(value: str) -> tuple[str, str] | None:
    """Return the NHS code at the start or end of a value, and the label next to it; None if there is no such code."""
    parts = _CODE_AND_LABEL.fullmatch(value.strip())
    if not parts:
        return None
    code, label = parts["code"] or parts["code_"], parts["label"] or parts["label_"]
    return (code, label) if _match_code(code) else None


def _match_listed(label: str, classification: str) -> Ethnicity | None:
    """Match a label of a national list by its rules, or of a source's own list with the name of a group.

    Other labels of an own list have their meaning from the mapping.
    """
    if own := own_list(classification):
        group = next((name for name in own.groups if fold(name) == fold(label)), None)
    else:
        label = bare(label, classification)
        group = group_of_label(fold(label), classification)
    if is_unknown(label) and not (own and group):
        group = UNKNOWN
    return Ethnicity(None, group, None) if group else None


def _match_wres(folded: str) -> Ethnicity | None:
    if folded == "white":
        return of_group("White")
    return Ethnicity(None, None, "BME") if _BME.fullmatch(folded) else None


def _match_code(code: str) -> Ethnicity | None:
    """Return the meaning of an NHS code. The second character is local, so only the first counts."""
    if not re.fullmatch(_CODE, code) or code.upper() in _ABBREVIATIONS:
        return None
    key = "99" if code == "99" else code[0].upper()
    return of_category(NHS_2001_CODES[key]) if key in NHS_2001_CODES else None


def _match_code_and_label(value: str) -> Ethnicity | None:
    """Match a code with a label ("A - White British"), only if both mean the same.

    A broad label agrees with every code of its group (LH, British Asian): the code says more. With the code S, even
    "Other ethnic group" is clear.
    """
    parts = split_code(value)
    if not parts:
        return None
    by_code, by_label = _match_code(parts[0]), _match_beside_code(parts[1])
    if not by_code or not by_label:
        return None
    broad = by_label.category is None and by_label.group == by_code.group
    return by_code if by_label == by_code or broad else None


def _match_beside_code(label: str) -> Ethnicity | None:
    return of_category(None) if is_unknown(label) else match_uk(label, other_group=True)
