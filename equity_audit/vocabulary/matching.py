"""From one received value to its meaning in the vocabulary: by code, by label, or by both together; never by guess."""

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
from equity_audit.vocabulary.uk_labels import match_uk, plural
from equity_audit.vocabulary.unknown import is_unknown
from equity_audit.vocabulary.us_labels import match_us
from equity_audit.vocabulary.words import fold

_CODE = r"99|[A-Za-z][A-Za-z0-9]?"
_CODE_AND_LABEL = re.compile(
    rf"[\W_]*(?P<code>{_CODE})[\W_]+(?P<label>.+)|(?P<label_>.+?)[\W_]+(?P<code_>{_CODE})[\W_]*", re.DOTALL
)
# Not available, not known, not recorded, not stated, no: in a column of codes these are rather words than codes of N.
_ABBREVIATIONS = frozenset({"NA", "NK", "NO", "NR", "NS"})
# The WRES and those who write about it say it in several ways.
_BME = re.compile(
    r"(?:bme|bame|(?:black (?:and )?)?(?:asian (?:and )?)?(?:(?:and )?(?:other )?minority ethnic|ethnic minority))"
    r"(?: (?:groups?|bme|bame))*"
)


def match_ethnicity(value: str, classification: str) -> Ethnicity | None:
    """Look one received value up in a classification; None when it is not in the vocabulary, never a guess."""
    value = plural(without_country(value, classification))
    if family(classification) == "us":
        return match_us(value)
    if is_unknown(value):
        return Ethnicity(None, UNKNOWN, UNKNOWN)
    if classification == "wres":
        return _match_wres(fold(value))
    if classification == "nhs_2001":
        return _match_code(value.strip()) or match_uk(value) or _match_code_and_label(value)
    return match_uk(value)


def match_meaning(meaning: str, classification: str) -> Ethnicity | None:
    """What a mapping's own [ethnicity_labels] says a label means: in the words of its classification or the target's.

    Somebody has looked at the source, so that here "Other" is the group, and "BME" or "White" will do under any UK
    classification for a label that covers several groups: it counts in the WRES line and has no group.
    """
    if family(classification) == "us":
        return match_us(meaning)
    if found := match_ethnicity(meaning, classification):
        return found
    if _BME.fullmatch(fold(meaning)):
        return Ethnicity(None, None, "BME")
    if classification == "wres":
        return None
    return of_group("Other") if fold(meaning) == "other" else match_uk(meaning, other_group=True)


def split_code(value: str) -> tuple[str, str] | None:
    """The NHS code at the beginning or end of a value, and the label beside it; None if there is no such code."""
    parts = _CODE_AND_LABEL.fullmatch(value.strip())
    if not parts:
        return None
    code, label = parts["code"] or parts["code_"], parts["label"] or parts["label_"]
    return (code, label) if _match_code(code) else None


def _match_wres(folded: str) -> Ethnicity | None:
    if folded == "white":
        return of_group("White")
    return Ethnicity(None, None, "BME") if _BME.fullmatch(folded) else None


def _match_code(code: str) -> Ethnicity | None:
    """The meaning of an NHS code. The second character is local: the Data Dictionary rolls it up by the first."""
    if not re.fullmatch(_CODE, code) or code.upper() in _ABBREVIATIONS:
        return None
    key = "99" if code == "99" else code[0].upper()
    return of_category(NHS_2001_CODES[key]) if key in NHS_2001_CODES else None


def _match_code_and_label(value: str) -> Ethnicity | None:
    """A code with its label beside it ("A - White British"), only where both say the same.

    A broad label agrees with every code of its group (LH, British Asian): the code says more. Beside S even "Other
    ethnic group" is clear.
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
