"""The national classifications that are neither British nor American, each a row of one table.

Their groups are shown by their own names, without a category and outside White and BME. Each has its own reference,
the group that its national statistics or its law on equal employment compare others with. Sources, with what was read:

- Ireland: Census 2022 (Central Statistics Office), question on ethnic group or background, which added Roma, Arab and
  Indian/Pakistani/Bangladeshi to the list of 2016. The list is from accounts of the form, not from its text.
- New Zealand: Ethnicity New Zealand Standard Classification 2005 (Stats NZ), level 1, read online: European, Māori,
  Pacific Peoples, Asian, Middle Eastern/Latin American/African, Other ethnicity. The standard has several answers for a
  person; only one for each person can be counted here, as in prioritised output (Māori, Pacific Peoples, Asian, then
  others).
- Canada: visible minority of the Census 2021 (Statistics Canada), read online, as in the Employment Equity Act: South
  Asian, Chinese, Black and so on; Indigenous peoples are a designated group of their own, beside it.
- South Africa: population group of the Census 2022 (Statistics South Africa), from its released results: Black African,
  Coloured, Indian/Asian, White; Other is from the census tables and not checked online.
- Australia: Indigenous Status Standard 2014, version 1.5 (Australian Bureau of Statistics), read online: its two broad
  groups. The detailed ones (Aboriginal, Torres Strait Islander, both) are parts of the first.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Nation:
    """A national classification: its groups with the patterns of their labels, and how they are compared.

    groups: in order, each with a pattern for labels as `plain` gives them. reference: the group that others are
    compared with. telling: a pattern found in labels of this country's lists alone. ambiguous: patterns of labels that
    are refused, each with advice. country: a pattern of the country's name, which international software adds to
    labels. time_zone: an example, since a country may have several.
    """

    source: str
    country: str
    time_zone: str
    reference: str
    telling: str
    groups: Mapping[str, str]
    ambiguous: Mapping[str, str] = field(default_factory=dict)


NATIONS = {
    "ie_census_2022": Nation(
        "Ireland, Census 2022 (Central Statistics Office), ethnic group or background by label",
        r"(?:republic of )?ireland|irl",
        "Europe/Dublin",
        "White Irish",
        r"\b(?:black|asian) irish\b|white irish travell?er",
        {
            "White Irish": "white irish|irish white",
            "White Irish Traveller": "(?:white )?irish travell?ers?",
            "Roma": "(?:white )?roma",
            "Any other White background": "(?:white )?any other white(?: background)?|other white(?: background)?",
            "Black or Black Irish: African": "(?:black black irish )?african",
            "Black or Black Irish: Any other Black background": "(?:black black irish )?(?:any )?other black"
            "(?: background)?",
            "Asian or Asian Irish: Chinese": "(?:asian asian irish )?chinese",
            "Asian or Asian Irish: Indian, Pakistani or Bangladeshi": "(?:asian asian irish )?"
            "indian pakistani bangladeshi",
            "Asian or Asian Irish: Any other Asian background": "(?:asian asian irish )?(?:any )?other asian"
            "(?: background)?",
            "Other, including mixed background": "other incl(?:uding)? mixed(?: group)?(?: background)?"
            "(?: (?:arab|mixed|other))?|arab|mixed(?: group)?(?: background)?",
        },
        {
            "white|asian(?: asian irish)?|black(?: black irish)?": "a heading of the census with several groups under "
            "it: ask the source for its parts",
            "other(?: background)?": 'may be the last answer of the census: map it to "Other, including mixed '
            "background\" if the source's list is that of the census",
        },
    ),
    "nz_ethnicity_2005": Nation(
        "New Zealand, Standard Classification of Ethnicity 2005 (Stats NZ), level 1, one group for each person",
        "new zealand|nzl?",
        "Pacific/Auckland",
        "European",
        r"\b(?:maori|pakeha|melaa)\b",
        {
            "European": "(?:(?:nz|new zealand|other) )?european(?: pakeha)?|pakeha"
            "|pakeha (?:(?:nz|new zealand) )?european",
            "Māori": "(?:(?:nz|new zealand) )?maori",
            "Pacific Peoples": "(?:other )?pacific(?: (?:peoples?|islanders?))?|pasifika|samoan|tongan|niuean|tokelauan"
            "|cook islands? maori",
            "Asian": "(?:other )?asian|south ?east asian|chinese|indian",
            "Middle Eastern/Latin American/African": "middle eastern latin american african(?: melaa)?|melaa"
            "|middle eastern|latin american|african",
            "Other ethnicity": "other ethnicit(?:y|ies)|other ethnic groups?",
        },
        {
            "new zealander|kiwi": "Other ethnicity by the standard of 2005, European in some sources: map it as the "
            "source counts it",
            "other": 'may be everybody not named, or the group of level 1: map it to "Other ethnicity" if it is that',
            "european other": "two groups together, European and Other ethnicity: ask the source for its parts",
        },
    ),
    "ca_census_2021": Nation(
        "Canada, visible minority of the Census 2021 (Statistics Canada) and Indigenous peoples, by label",
        "canada|can",
        "America/Toronto",
        "Not a visible minority",
        r"visible minorit|\b(?:first nations?|metis|inuit)\b",
        {
            "Indigenous peoples": "(?:indigenous|aboriginal)(?: (?:peoples?|persons?|identity))?"
            "|first nations?(?: north american indian)?|metis|inuit|inuk(?: inuit)?",
            "South Asian": "south asian",
            "Chinese": "chinese",
            "Black": "black",
            "Filipino": "filipino",
            "Arab": "arab",
            "Latin American": "latin american",
            "Southeast Asian": "south ?east asian",
            "West Asian": "west asian",
            "Korean": "korean",
            "Japanese": "japanese",
            "Visible minority, not included elsewhere": "visible minority n i e"
            "|(?:other )?visible minority not (?:included|indicated) elsewhere",
            "Multiple visible minorities": "multiple visible minorit(?:y|ies)",
            "Not a visible minority": "not (?:a )?(?:member of a )?visible minority|white|caucasian",
        },
        {
            "(?:members? of )?(?:a )?visible minorit(?:y|ies)(?: population)?": "all visible minority groups together, "
            "which the census lists one by one: ask the source for them",
            "asian": "one of several groups, South, Southeast and West Asian among them: ask the source for its parts",
        },
    ),
    "za_census_2022": Nation(
        "South Africa, population group of the Census 2022 (Statistics South Africa), by label",
        "south africa|rsa|zaf",
        "Africa/Johannesburg",
        "White",
        r"\bcolou?red\b",
        {
            "Black African": "(?:black )?african",
            "Coloured": "colou?red",
            "Indian or Asian": "indian|asian|indian asian|asian indian",
            "White": "white",
            "Other": "other(?: population group)?",
        },
        {
            "blacks?(?: people)?": "African, Coloured and Indian people together in the Employment Equity Act: map it "
            'to "Black African" only if the source lists Coloured and Indian as well',
            "foreign nationals?": "not a population group: ask the source for these people's groups",
        },
    ),
    "au_indigenous_2014": Nation(
        "Australia, Indigenous Status Standard 2014 (Australian Bureau of Statistics), two groups by label",
        "australia|aus?",
        "Australia/Sydney",
        "Non-Indigenous",
        r"\btorres strait\b",
        {
            "Aboriginal and/or Torres Strait Islander": "(?:yes )?(?:(?:both )?aboriginal torres strait islander"
            "|aboriginal(?: but not torres strait islander)?|torres strait islander(?: but not aboriginal)?)"
            "(?: (?:origin|peoples?))?|indigenous",
            "Non-Indigenous": "non indigenous|(?:neither|not) aboriginal (?:nor )?torres strait islander(?: origin)?",
        },
        {
            "yes|no|y|n": "an answer without its question: map it if the question was whether people are Aboriginal or "
            "Torres Strait Islander",
        },
    ),
}
_ACCENTS = str.maketrans("āēīōūáéíóúñ", "aeiouaeioun")


def plain(folded: str) -> str:
    """Return folded text without accents and without the words that join names."""
    return " ".join(word for word in folded.translate(_ACCENTS).split() if word not in ("and", "or"))


def is_telling(folded: str, classification: str) -> bool:
    """Return whether a folded label is of a kind that only this country's lists have."""
    return bool(re.search(NATIONS[classification].telling, plain(folded)))


def group_of_label(folded: str, classification: str) -> str | None:
    """Return the group that a folded label means in a national classification; None if none or several do."""
    text = plain(folded)
    hits = [name for name, pattern in NATIONS[classification].groups.items() if re.fullmatch(pattern, text)]
    return hits[0] if len(hits) == 1 else None
