"""Plain advice for labels that are refused because they cover too much, leave people out, or belong to another country.

Advice only: nothing here decides what a label means. The rules look for the names of groups and categories in it.
"""

import re
from difflib import SequenceMatcher, get_close_matches

from equity_audit.vocabulary.classifications import CATEGORIES, CHINESE_UNDER_OTHER, GROUPS, US_GROUPS, family
from equity_audit.vocabulary.countries import of_another_country, without_country
from equity_audit.vocabulary.matching import match_ethnicity, split_code
from equity_audit.vocabulary.uk_labels import plural
from equity_audit.vocabulary.words import fold

_US = re.compile(
    r"\b(?:hispanic|latin[oax]|african american|asian american|american indian|native american|alaskan? native|hawaiian"
    r"|pacific islander|(?:two|2) or more)\b"
)
_MINORITIES = re.compile(r"\b(?:bme|bame|minorit(?:y|ies)|global majority|people of colou?r)\b")
_OUT = r"\b(?:excluding|excl|exc|except|other than|apart from|without|not|non|minus)\b"
# Who is not White British may still be White.
_NOT_WHITE = re.compile(rf"{_OUT} (?:the )?white\b(?! (?:british|irish|and|or)\b)")
# The names in a label by group. A people's name with Black or Asian before it is one name.
_NAMES = {
    "Asian": r"\b(?:(?:british )?asian(?: british| irish| welsh| scottish)?|indian|pakistani|bangladeshi|chinese)\b",
    "Black": r"\b(?:(?:british )?black(?: british| african| caribbean| irish| welsh| scottish)?|african|afro"
    r"|caribbean)\b",
    "Mixed": r"\bmixed\b",
    "White": r"\b(?:white(?: british| irish)?|british|irish(?: travell?er)?|gypsy|roma|romany|travell?er)\b",
    "Other": r"\b(?:arab|other)\b",
}
# Under a heading of Mixed the other groups are its parts.
_MIXED_OF = re.compile(r"\bmixed (?:race |ethnic |heritage )*(?=white|black|asian|chinese).*")
# Of letters that two labels share, by difflib's ratio.
_ALIKE, _VERY_LIKE = 0.6, 0.8
_JOINING = frozenset({"or", "and", "of", "more", "other", "two", "not", "american", "native"})
_WRES_ONLY = 'may be mapped to "BME", which counts in the WRES line only and stands as "group not given"'
_ASK = "map it to the one group that it is, else ask the source for its parts"
_NOT_ASKED = re.compile(r"\b(?:not|non) applicable\b")


def advice(label: str, classification: str = "ons_2021") -> str | None:
    """What to do about a refused label that is known to be ambiguous or foreign; None if nothing is known of it."""
    if match_ethnicity(label, classification):
        return None
    if of_another_country(label, classification):
        return "of another country's list, where the same words mean other people: map it by what that list says"
    label = plural(without_country(label, classification))
    if _NOT_ASKED.search(fold(label)):
        return "may mean that nobody asked, or that the row is no person's: map it to \"Not known\" if it is a person's"
    if family(classification) == "us":
        uk = match_ethnicity(label, "ons_2021")
        return "a UK label: set source.ethnicity_classification to the UK classification of the source" if uk else None
    if classification == "nhs_2001" and (parts := split_code(label)):
        return f'the label beside the code {parts[0]} is not known to mean the same: map it to "{parts[0]}" if it does'
    text = fold(label)
    return _of_words(text) or _of_names(text, classification)


def _of_words(text: str) -> str | None:
    """Advice by words that say at once what a folded label is."""
    if _US.search(text):
        return 'a US label: set source.ethnicity_classification = "us_eeo1"'
    if _NOT_WHITE.search(text):
        return f"everybody but White: {_WRES_ONLY}, if White minorities and the unknown are not in it"
    return f"covers several groups: {_WRES_ONLY}" if _MINORITIES.search(text) else None


def _of_names(text: str, classification: str) -> str | None:
    """Advice by the groups that a folded label names; what it leaves out is none of them."""
    kept = re.sub(_OUT + ".*", "", text)
    named = _named(kept)
    if not named:
        return f"names only who is left out, so that any other may be in it: {_ASK}" if _named(text) else None
    if "White" in named and len(named) > 1:
        return f"names White and others: {_ASK}"
    if classification == "wres":
        return None if "White" in named else 'this source tells White and BME only: may be mapped to "BME"'
    if len(named) > 1:
        return f"names several groups: {_WRES_ONLY}"
    in_part = kept != text
    if "Other" in named:
        return _of_other(classification in CHINESE_UNDER_OTHER and not in_part)
    [(group, names)] = named.items()
    return f'no one category: may be mapped to the broad label "{group}"' if in_part or len(names) > 1 else None


def _of_other(with_chinese: bool) -> str:
    if with_chinese:
        return f"Chinese may be in it, whom later standards have in another group: {_WRES_ONLY}"
    return (
        'depends on the list it ended: may be mapped to "Other ethnic group" if it stood beside the other four, to '
        '"Any other ethnic group" if it was the last of many'
    )


def nearest_labels(value: str, classification: str = "ons_2021") -> list[str]:
    """The labels of the vocabulary most like a refused one, for advice only.

    None of a group that the value does not name: "White - Mauritian" is nobody's Mixed, however alike the letters are.
    Where it names no group at all, as a misspelt one does not, the letters alone must be very much alike.
    """
    american = family(classification) == "us"
    labels = US_GROUPS if american else (*CATEGORIES, *GROUPS)
    known = {fold(label): label for label in labels}
    text = fold(without_country(value, classification))
    hits = [known[hit] for hit in get_close_matches(text, known, n=len(known), cutoff=_ALIKE)]
    if american:
        words = set(text.split()) - _JOINING
        hits = [hit for hit in hits if words & set(fold(hit).split()) or _very_like(text, hit)]
    else:
        named = set(_named(text))
        hits = [hit for hit in hits if CATEGORIES.get(hit, hit) in named or (not named and _very_like(text, hit))]
    return hits[:2]


def _very_like(text: str, label: str) -> bool:
    return SequenceMatcher(None, text, fold(label)).ratio() >= _VERY_LIKE


def _named(text: str) -> dict[str, set[str]]:
    """The groups named in a folded text, each with the different names."""
    if parts := _MIXED_OF.search(text):
        return {"Mixed": {"mixed", parts[0]}}
    # "Black - any other" is the last of Black.
    text = re.sub(r"(?<=\w)(?<!\bor)(?<!\band) any other(?: background)?$", "", text)
    text = re.sub(r"\b(?:any )?other (?=asian|black|mixed|white)", "", text)
    found = {}
    for group, pattern in _NAMES.items():
        if names := set(re.findall(pattern, text)):
            found[group] = names
        text = re.sub(pattern, " ", text)
    return found
