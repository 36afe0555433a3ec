"""The words of the field: outcomes, levels, and the ethnicity classifications with their sources.

Sources: NHS Data Dictionary, ETHNIC CATEGORY (the 2001 codes); ONS harmonised standard for ethnic group 2021 (the 19
categories); WRES technical guidance (White, BME). Chinese is counted under Asian for every source, as the 2011 and
2021 standards do (2001 had it under Other), so that years and sources can stand beside each other.
"""

import re
from dataclasses import dataclass
from difflib import get_close_matches

DEFAULT_STAGES = ("applied", "shortlisted", "interviewed", "offered", "appointed")

# What happened from a stage. The first two are the employer's decisions and make the denominator of a rate.
OUTCOMES = {
    "progressed": "went on to the next stage",
    "rejected": "turned down by the employer",
    "withdrew": "withdrew before a decision",
    "declined": "turned the offer down",
    "ineligible": "could not be considered, for example no right to work",
    "pending": "no decision yet when the file was made",
}
DECIDED = ("progressed", "rejected")

ALL_APPLICANTS = "All applicants"
UNKNOWN = "Unknown"
GROUPS = ("Asian", "Black", "Mixed", "White", "Other", UNKNOWN)
WRES_GROUPS = ("BME", "White", UNKNOWN)

WHITE_BRITISH = "White: English, Welsh, Scottish, Northern Irish or British"
# ONS 2021, in the order of GOV.UK's tables: groups alphabetically with Other last, categories too, "any other" last.
CATEGORIES = {
    "Asian: Bangladeshi": "Asian",
    "Asian: Chinese": "Asian",
    "Asian: Indian": "Asian",
    "Asian: Pakistani": "Asian",
    "Asian: Any other Asian background": "Asian",
    "Black: African": "Black",
    "Black: Caribbean": "Black",
    "Black: Any other Black background": "Black",
    "Mixed: White and Asian": "Mixed",
    "Mixed: White and Black African": "Mixed",
    "Mixed: White and Black Caribbean": "Mixed",
    "Mixed: Any other Mixed or Multiple background": "Mixed",
    WHITE_BRITISH: "White",
    "White: Irish": "White",
    "White: Gypsy or Irish Traveller": "White",
    "White: Roma": "White",
    "White: Any other White background": "White",
    "Other: Arab": "Other",
    "Other: Any other ethnic group": "Other",
}

# NHS Data Dictionary, ETHNIC CATEGORY. A second character is local and rolls up by the first. T is in some local sets,
# X is the Hospital Episode Statistics code for not known.
NHS_2001_CODES: dict[str, str | None] = {
    "A": WHITE_BRITISH,
    "B": "White: Irish",
    "C": "White: Any other White background",
    "D": "Mixed: White and Black Caribbean",
    "E": "Mixed: White and Black African",
    "F": "Mixed: White and Asian",
    "G": "Mixed: Any other Mixed or Multiple background",
    "H": "Asian: Indian",
    "J": "Asian: Pakistani",
    "K": "Asian: Bangladeshi",
    "L": "Asian: Any other Asian background",
    "M": "Black: Caribbean",
    "N": "Black: African",
    "P": "Black: Any other Black background",
    "R": "Asian: Chinese",
    "S": "Other: Any other ethnic group",
    "T": "White: Gypsy or Irish Traveller",
    "Z": None,
    "X": None,
    "99": None,
}
CLASSIFICATIONS = {
    "ons_2021": "ONS harmonised standard 2021, 19 categories by label",
    "nhs_2001": "NHS Data Dictionary ethnic category 2001, by code (A to Z, 99) or label",
    "wres": "White, BME and unknown only",
}

# Beginnings under which published sets list a group's categories.
_GROUP_PREFIXES = {
    "asian asian british": "Asian",
    "asian or asian british": "Asian",
    "asian": "Asian",
    "black african caribbean or black british": "Black",
    "black black british caribbean or african": "Black",
    "black or black british": "Black",
    "black": "Black",
    "mixed or multiple ethnic groups": "Mixed",
    "mixed or multiple": "Mixed",
    "mixed": "Mixed",
    "other ethnic groups": "Other",
    "other ethnic group": "Other",
    "other": "Other",
    "white": "White",
}
# Other wordings of a category inside its group.
_WORDINGS = {
    ("White", "british"): WHITE_BRITISH,
    ("White", "english welsh scottish northern irish british"): WHITE_BRITISH,
    ("White", "any other white"): "White: Any other White background",
    ("White", "other white"): "White: Any other White background",
    ("White", "gypsy roma or irish traveller"): None,
    ("Mixed", "any other mixed background"): "Mixed: Any other Mixed or Multiple background",
    ("Mixed", "any other mixed"): "Mixed: Any other Mixed or Multiple background",
    ("Asian", "any other asian"): "Asian: Any other Asian background",
    ("Asian", "other asian"): "Asian: Any other Asian background",
    ("Black", "any other black"): "Black: Any other Black background",
    ("Black", "other black"): "Black: Any other Black background",
    ("Other", "any other"): "Other: Any other ethnic group",
}
_UNKNOWN_WORDS = frozenset(
    {
        "",
        "unknown",
        "not stated",
        "not known",
        "not given",
        "not disclosed",
        "prefer not to say",
        "do not wish to disclose",
        "i do not wish to disclose my ethnic origin",
        "undefined",
    }
)


@dataclass(frozen=True)
class Ethnicity:
    """The three derived levels of one received value. A broad label has a group but no category; "BME" neither."""

    category: str | None
    group: str | None
    wres: str


def fold(label: str) -> str:
    """Bring spellings together: case, spaces, dashes and other marks, and "&" for "and", make no difference."""
    return " ".join(re.sub(r"[\W_]+", " ", label.casefold().replace("&", " and ")).split())


def match_ethnicity(value: str, classification: str) -> Ethnicity | None:
    """Look one received value up in a classification; None when it is not in the vocabulary, never a guess."""
    folded = fold(value)
    if folded in _UNKNOWN_WORDS:
        return Ethnicity(None, UNKNOWN, UNKNOWN)
    if classification == "wres":
        return {"white": Ethnicity(None, "White", "White"), "bme": Ethnicity(None, None, "BME")}.get(folded)
    code = value.strip().upper()
    if classification == "nhs_2001" and re.fullmatch(r"99|[A-Z][A-Z0-9]?", code):
        key = "99" if code == "99" else code[0]
        return _of_category(NHS_2001_CODES[key]) if key in NHS_2001_CODES else None
    return _match_label(folded)


def nearest_labels(value: str) -> list[str]:
    """The labels of the vocabulary most like a refused one, for advice only."""
    known = {fold(label): label for label in (*CATEGORIES, *GROUPS)}
    return [known[hit] for hit in get_close_matches(fold(value), known, n=2, cutoff=0.6)]


def group_of(category: str) -> str:
    """The group that a category belongs to."""
    return CATEGORIES[category]


def display_order(level: str) -> list[str]:
    """Every name that a level can show, in the order of GOV.UK's tables; broad labels close their group."""
    if level == "category":
        names = [name for group in GROUPS[:-1] for name in (*_categories_in(group), not_given(group))]
        return [*names, not_given("BME"), UNKNOWN]
    return {
        "all": [ALL_APPLICANTS],
        "wres": list(WRES_GROUPS),
        "group": [*GROUPS[:-1], not_given("BME", "group"), UNKNOWN],
    }[level]


def not_given(group: str, level: str = "category") -> str:
    """Name of the people whose source gave a broader label than the level asks for."""
    return f"{group}, {level} not given"


def _categories_in(group: str) -> list[str]:
    return [category for category, parent in CATEGORIES.items() if parent == group]


def _of_category(category: str | None) -> Ethnicity:
    if category is None:
        return Ethnicity(None, UNKNOWN, UNKNOWN)
    group = CATEGORIES[category]
    return Ethnicity(category, group, "White" if group == "White" else "BME")


def _of_group(group: str) -> Ethnicity:
    return Ethnicity(None, group, "White" if group == "White" else "BME")


def _inside(group: str, rest: str) -> Ethnicity | None:
    """A wording inside its group: the category's own short name, or a known variant."""
    for category in _categories_in(group):
        if fold(category.split(": ", 1)[1]) == rest:
            return _of_category(category)
    known = _WORDINGS.get((group, rest))
    return _of_category(known) if known else None


def _match_label(folded: str) -> Ethnicity | None:
    for prefix, group in _GROUP_PREFIXES.items():
        if folded in (prefix, f"{prefix} background") and folded != "other":
            return _of_group(group)
    for prefix, group in _GROUP_PREFIXES.items():
        if folded.startswith(prefix + " ") and (found := _inside(group, folded.removeprefix(prefix + " "))):
            return found
    hits = {found for group in GROUPS[:-1] if (found := _inside(group, folded))}
    return hits.pop() if len(hits) == 1 else None


def is_total(label: str) -> bool:
    """Whether a label of a table of counts stands for everybody."""
    return fold(label) in ("total", "all", "all ethnic groups")


def family(classification: str) -> str:
    """Whose groups a classification has: "uk" or "us"; groups of the two cannot be added up."""
    return "us" if classification.startswith("us") else "uk"


def remapped(classification: str) -> str | None:
    """What counting a source by ONS 2021 changed, as a sentence for the report; None if nothing."""
    return "Chinese is counted under Asian" if classification in ("nhs_2001", "ons_2001") else None
