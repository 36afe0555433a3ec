"""The country that software of several countries puts behind a label: "White - British (United Kingdom)".

A source's own country adds nothing and is left out. Another one's says that the label is of another list, in which the
same word is of other people: White of the US has people from the Middle East and North Africa in it.
"""

import re

from equity_audit.vocabulary.classifications import family

_UK = r"united kingdom|u\.?k\.?|great britain|g\.?b\.?|gbr"
# Only in brackets: "White: Northern Ireland" might say more than the country of the list.
_UK_PARTS = r"england|scotland|wales|northern ireland"
_US = r"united states(?: of america)?|u\.?s\.?a?\.?"
_SUFFIXES = {
    "uk": re.compile(rf"\s*(?:[(\[]\s*(?:{_UK}|{_UK_PARTS})\s*[)\]]|[,;:\u2013-]\s*(?:{_UK}))\s*$", re.IGNORECASE),
    "us": re.compile(rf"\s*(?:[(\[]\s*(?:{_US})\s*[)\]]|[,;:\u2013-]\s*(?:{_US}))\s*$", re.IGNORECASE),
}
_OTHER = re.compile(
    r"[(\[]\s*(?:(?:republic of )?ireland|canada|australia|new zealand|south africa|india|jersey|guernsey|isle of man"
    r"|germany|france|netherlands|brazil|singapore)\s*[)\]]\s*$",
    re.IGNORECASE,
)


def without_country(label: str, classification: str) -> str:
    """A label without the country of its own classification behind it."""
    return _SUFFIXES[family(classification)].sub("", label)


def of_another_country(label: str, classification: str) -> bool:
    """Whether a label names another country behind it than that of the classification."""
    others = (pattern for country, pattern in _SUFFIXES.items() if country != family(classification))
    return bool(_OTHER.search(label)) or any(pattern.search(label) for pattern in others)
