"""Labels of the US EEO-1 categories, by rules on folded text.

Source: instruction booklet of the EEO-1 Component 1 report. Hispanic or Latino is a category on the same level as the
races, so "White (Not Hispanic or Latino)" is the booklet's full name of White. Names in capitals with underscores fold
to the same words.
"""

import re
from collections.abc import Sequence
from typing import Literal

from equity_audit.vocabulary.classifications import UNKNOWN, Ethnicity
from equity_audit.vocabulary.unknown import is_unknown
from equity_audit.vocabulary.words import fold

HISPANIC = "Hispanic or Latino"
_LATINO = r"(?:hispanic|latin[oax])"
# The booklet's addition to every category except one, and the country that some systems add.
_ADDED = re.compile(
    rf"\bnot (?:of )?{_LATINO}(?:(?: or)? {_LATINO})*(?: origin)?\b|\bunited states(?: of america)?\b|\busa?\b"
)
# Each half of a double name is the category too. "Native American" alone is not matched: in law it may include Native
# Hawaiians. "Asian or Pacific Islander", one category until 1997, is now two and is not matched.
_NAMES = {
    "American Indian or Alaska Native": r"american indian|alaskan? native|(?:american indian|native american)(?: or)? "
    r"alaskan? native",
    "Asian": "asian",
    "Black or African American": r"black|african american|black(?: or)? african american",
    "Hispanic or Latino": rf"{_LATINO}(?:(?: or)? {_LATINO})*(?: of any race)?",
    "Native Hawaiian or Other Pacific Islander": r"native hawaiian|(?:other )?pacific islander"
    r"|native hawaiian(?: or)?(?: other)? pacific islander",
    "Two or More Races": r"(?:two|2) or more(?: races)?",
    "White": "white|caucasian|white(?: or)? caucasian",
}


# Separators of several answers in one cell. A comma may be part of a name, a slash part of a former category.
_SEVERAL = re.compile(r"[;|\n]")


def match_us(label: str) -> Ethnicity | None:
    """Return the US category of a label, or of several answers in one cell by the rule of the EEO-1 report.

    None for UK labels, "Other" and other combinations, and for a race together with a refusal to answer.
    """
    if (race := match_race(label)) or len(parts := several_answers(label)) < 2:
        return race
    races = [match_race(part) for part in parts]
    if any(race is None or race.group == UNKNOWN for race in races):
        return None
    return one_category([race for race in races if race])


def one_category(races: Sequence[Ethnicity], hispanic: Literal["yes", "no", "unknown"] = "no") -> Ethnicity:
    """Return the single category for all answers of a person, on races and on being Hispanic or Latino.

    Hispanic or Latino of any race comes first, then Two or More Races. A race that itself says Hispanic or Latino
    counts as such whatever the other answer is. People who did not say whether they are Hispanic or Latino are unknown:
    all other categories are for people who are not.
    """
    named = {race.group for race in races} - {UNKNOWN}
    if hispanic == "yes" or HISPANIC in named:
        return Ethnicity(None, HISPANIC, None)
    if hispanic == "unknown" or not named:
        return Ethnicity(None, UNKNOWN, None)
    return Ethnicity(None, "Two or More Races" if len(named) > 1 else named.pop(), None)


def several_answers(label: str) -> list[str]:
    """Return the answers in one cell of a question that accepts several."""
    return [part.strip() for part in _SEVERAL.split(label) if fold(part)]


def match_race(label: str) -> Ethnicity | None:
    """Return the US category that a single answer names."""
    if is_unknown(label):
        return Ethnicity(None, UNKNOWN, None)
    text = " ".join(_ADDED.sub(" ", fold(label)).replace(" and ", " or ").split())
    hits = [name for name, pattern in _NAMES.items() if re.fullmatch(pattern, text)]
    return Ethnicity(None, hits[0], None) if len(hits) == 1 else None
