"""Labels of the US EEO-1 categories, by rules over folded text.

Source: instruction booklet of the EEO-1 Component 1 report. Hispanic or Latino is a category beside the races, so that
"White (Not Hispanic or Latino)" is the booklet's full name of White. Names in capitals with underscores fold to the
same words.
"""

import re

from equity_audit.vocabulary.classifications import UNKNOWN, Ethnicity
from equity_audit.vocabulary.unknown import is_unknown
from equity_audit.vocabulary.words import fold

_LATINO = r"(?:hispanic|latin[oax])"
# The booklet's addition to every category but one, and the country that some systems add.
_ADDED = re.compile(
    rf"\bnot (?:of )?{_LATINO}(?:(?: or)? {_LATINO})*(?: origin)?\b|\bunited states(?: of america)?\b|\busa?\b"
)
# Each half of a double name is the category too. "Native American" alone is not known: in law it may have Hawaiians.
# "Asian or Pacific Islander", one category until 1997, is two now and matches none.
_NAMES = {
    "American Indian or Alaska Native": r"american indian|alaskan? native|(?:american indian|native american)(?: or)? "
    r"alaskan? native",
    "Asian": "asian",
    "Black or African American": r"black|african american|black(?: or)? african american",
    "Hispanic or Latino": rf"{_LATINO}(?:(?: or)? {_LATINO})*(?: of any race)?",
    "Native Hawaiian or Other Pacific Islander": r"native hawaiian|(?:other )?pacific islander"
    r"|native hawaiian(?: or)?(?: other)? pacific islander",
    "Two or More Races": r"(?:two|2) or more(?: races)?",
    "White": "white",
}


def match_us(label: str) -> Ethnicity | None:
    """The US category that a label names; UK labels, "Other" and combinations name none."""
    if is_unknown(label):
        return Ethnicity(None, UNKNOWN, None)
    text = " ".join(_ADDED.sub(" ", fold(label)).replace(" and ", " or ").split())
    hits = [name for name, pattern in _NAMES.items() if re.fullmatch(pattern, text)]
    return Ethnicity(None, hits[0], None) if len(hits) == 1 else None
