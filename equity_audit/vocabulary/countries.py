"""The country that international software adds to a label: "White - British (United Kingdom)".

The source's own country adds nothing and is removed. Another country means that the label is from another list, in
which the same word means other people: the US White includes people from the Middle East and North Africa.
"""

import re

from equity_audit.vocabulary.classifications import family
from equity_audit.vocabulary.nations import NATIONS

_UK = r"united kingdom|u\.?k\.?|great britain|g\.?b\.?|gbr"
# Only in brackets: "White: Northern Ireland" may mean more than the country of the list.
_UK_PARTS = r"england|scotland|wales|northern ireland"
_US = r"united states(?: of america)?|u\.?s\.?a?\.?"
_SUFFIXES = {
    "uk": re.compile(rf"\s*(?:[(\[]\s*(?:{_UK}|{_UK_PARTS})\s*[)\]]|[,;:\u2013-]\s*(?:{_UK}))\s*$", re.IGNORECASE),
    "us": re.compile(rf"\s*(?:[(\[]\s*(?:{_US})\s*[)\]]|[,;:\u2013-]\s*(?:{_US}))\s*$", re.IGNORECASE),
    # Only in brackets: "White - Irish" and "NZ" are words of labels.
    **{
        key: re.compile(rf"\s*[(\[]\s*(?:{nation.country})\s*[)\]]\s*$", re.IGNORECASE)
        for key, nation in NATIONS.items()
    },
}
_OTHER = re.compile(
    r"[(\[]\s*(?:india|jersey|guernsey|isle of man|germany|france|netherlands|brazil|singapore)\s*[)\]]\s*$",
    re.IGNORECASE,
)


def without_country(label: str, classification: str) -> str:
    """Return a label without the country of its own classification at the end; a source's own list has none."""
    country = _SUFFIXES.get(family(classification))
    return country.sub("", label) if country else label


def of_another_country(label: str, classification: str) -> bool:
    """Return whether a label ends with a country other than that of the classification."""
    others = (pattern for country, pattern in _SUFFIXES.items() if country != family(classification))
    return bool(_OTHER.search(label)) or any(pattern.search(label) for pattern in others)
