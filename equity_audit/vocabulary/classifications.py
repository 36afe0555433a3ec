"""The classifications of ethnicity, their categories and codes, and the standard to which UK sources are mapped.

Sources: NHS Data Dictionary, ETHNIC CATEGORY (the 2001 codes); ONS harmonised standards for ethnic group of 2001, 2011
and 2021 (the 19 categories are those of 2021); WRES technical guidance (White, BME); instruction booklet of the US
EEO-1 Component 1 report (seven categories of race and ethnicity). Those of other countries: nations.py; lists of a
source's own: own_lists.py.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from equity_audit.vocabulary.nations import NATIONS
from equity_audit.vocabulary.own_lists import known_lists, own_list, own_list_of_groups

UNKNOWN = "Unknown"
GROUPS = ("Asian", "Black", "Mixed", "White", "Other", UNKNOWN)
WRES_GROUPS = ("BME", "White", UNKNOWN)
# The US categories by their own names. "Asian" and "White" are spelled like the UK groups but mean other people: the US
# "White" includes people from the Middle East and North Africa, but nobody who is Hispanic or Latino.
US_GROUPS = (
    "American Indian or Alaska Native",
    "Asian",
    "Black or African American",
    "Hispanic or Latino",
    "Native Hawaiian or Other Pacific Islander",
    "Two or More Races",
    "White",
    UNKNOWN,
)

WHITE_BRITISH = "White: English, Welsh, Scottish, Northern Irish or British"
# ONS 2021, in the order of GOV.UK's tables: groups alphabetical with Other last, categories with "any other" last.
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

# NHS Data Dictionary, ETHNIC CATEGORY. A second character is local and is ignored. T is in some local sets; X is the
# Hospital Episode Statistics code for not known.
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

# If several know the labels of an export equally well, the first is proposed.
CLASSIFICATIONS = {
    "ons_2021": "ONS harmonised standard 2021, 19 categories by label",
    "ons_2011": "ONS harmonised standard 2011, 18 categories by label (Chinese under Asian; no Roma)",
    "ons_2001": "ONS classification of the 2001 census, 16 categories by label (Chinese under Other)",
    "nhs_2001": "NHS Data Dictionary ethnic category 2001, by code (A to Z, 99) or label",
    "wres": "White, BME and unknown only",
    "us_eeo1": "US EEO-1 Component 1, seven categories of race and ethnicity by label (1997 federal standard)",
    **{key: nation.source for key, nation in NATIONS.items()},
}
# Those of 2001 had Chinese in the group Other, so their names for that group cover two groups of the 2021 standard.
CHINESE_UNDER_OTHER = frozenset({"ons_2001", "nhs_2001"})


@dataclass(frozen=True)
class Ethnicity:
    """The three levels derived from a received value. A broad label has a group but no category; "BME" has neither.

    Groups of other countries are groups of their own, without a category and outside White and BME (wres is None).
    """

    category: str | None
    group: str | None
    wres: str | None


def family(classification: str) -> str:
    """Return the family of a classification: "uk", "us", or itself if it is another country's or a source's own.

    Groups of different families are never counted together.
    """
    if classification in NATIONS or own_list(classification):
        return classification
    return "us" if classification == "us_eeo1" else "uk"


def group_lists() -> dict[str, tuple[str, ...]]:
    """Return the groups of each family, in its own order, Unknown last."""
    national = {key: (*nation.groups, UNKNOWN) for key, nation in NATIONS.items()}
    own = {text: (*listed.groups, UNKNOWN) for text, listed in known_lists().items()}
    return {"uk": GROUPS, "us": US_GROUPS, **national, **own}


def family_of_groups(names: Iterable[str]) -> str | None:
    """Return the family that alone has all these names of groups; None if several have, or there are none.

    Unknown, and people whose group is not given, tell nothing. An own list shares no name with a bundled one.
    """
    telling = {name for name in names if name != UNKNOWN and not name.endswith(" not given")}
    if not telling:
        return None
    if own := own_list_of_groups(telling):
        return own
    found = [key for key, groups in group_lists().items() if telling <= {*groups}]
    return found[0] if len(found) == 1 else None


def national_reference(names: Iterable[str]) -> str | None:
    """Return the reference of the national or own list to which names of groups belong; None for UK and US groups.

    That of the UK and of the US is set by policy (comparison.reference_group).
    """
    found = family_of_groups(names) or ""
    listed = NATIONS.get(found) or own_list(found)
    return listed.reference if listed else None


def described(classification: str) -> str:
    """Return a classification in words: as the vocabulary describes it, or the text of an own list."""
    return CLASSIFICATIONS.get(classification, classification)


def all_classifications() -> list[str]:
    """Return the bundled classifications and the own lists that are known."""
    return [*CLASSIFICATIONS, *known_lists()]


def remapped(classification: str) -> str | None:
    """Return a sentence on what mapping a source to the ONS standard of 2021 has moved; None if nothing."""
    if classification not in CHINESE_UNDER_OTHER:
        return None
    return (
        "Chinese is counted under Asian, as in the 2011 and 2021 standards; this source's classification has it under "
        "Other."
    )


def group_of(category: str) -> str:
    """Return the group of a category."""
    return CATEGORIES[category]


def of_category(category: str | None) -> Ethnicity:
    """Return the levels of a UK category; those of unknown ethnicity for None."""
    if category is None:
        return Ethnicity(None, UNKNOWN, UNKNOWN)
    group = CATEGORIES[category]
    return Ethnicity(category, group, "White" if group == "White" else "BME")


def of_group(group: str) -> Ethnicity:
    """Return the levels of a broad UK label."""
    return Ethnicity(None, group, "White" if group == "White" else "BME")
