"""Which classification the labels of an export belong to: a version of the UK standard, the US one, or a country's."""

import re
from collections.abc import Iterable

from equity_audit.vocabulary import CLASSIFICATIONS, NATIONS, fold, is_telling, match_ethnicity

# Words that only one version of the standard has, latest first: Roma, the order of the nations and headings of 2021;
# the headings of 2011, with Gypsy or Irish Traveller and Arab; the headings of 2001, and Chinese under Other.
_VERSIONS = {
    "ons_2021": r"\broma$|\bcaribbean or african\b|\bmixed or multiple\b|\b(asian|black) welsh\b"
    r"|^(white )?english welsh scottish northern irish or british$",
    "ons_2011": r"\bmixed multiple\b|\bblack african caribbean black british\b|\bgypsy\b|\barab\b"
    r"|\bchinese\b.*\basian|\basian\b.*\bchinese\b|^(white )?english welsh scottish northern irish british$",
    "nhs_2001": r"\bblack or black british\b|^white british$|any other mixed background"
    r"|\bother\b.*\bchinese$",
}


def classification_of(labels: Iterable[str]) -> tuple[str, float, list[str]]:
    """Return the classification that knows most of the labels, the share that it knows, and others that know as many.

    The versions of the UK standard know each other's labels, so among them the words that only one of them has decide
    (see version_of). Otherwise the first of the vocabulary is returned. A national classification is returned only if
    it knows most labels, more than every other, and one that no other country has: many lists share names. Blank labels
    do not count.
    """
    given = list({fold(label): label for label in labels if fold(label)}.values())
    if not given:
        return next(iter(CLASSIFICATIONS)), 0.0, []
    known = {name: sum(match_ethnicity(label, name) is not None for label in given) for name in CLASSIFICATIONS}
    nations = {name: known.pop(name) for name in NATIONS}
    most = max(known.values())
    nation = _nation_of(nations, most)
    if nation and nations[nation] >= 0.8 * len(given) and any(is_telling(fold(label), nation) for label in given):
        return nation, nations[nation] / len(given), []
    best = [name for name, count in known.items() if count == most]
    version = version_of(given)
    name = version if version in best else best[0]
    return name, most / len(given), [other for other in best if other != name]


def _nation_of(nations: dict[str, int], most_of_others: int) -> str | None:
    best = max(nations, key=lambda name: nations[name])
    rivals = [most_of_others, *(count for name, count in nations.items() if name != best)]
    return best if nations[best] > max(rivals) else None


def version_of(labels: Iterable[str]) -> str | None:
    """Return the version of the UK standard to which labels belong by words that only it has; None if there are none.

    Words of a later version come first: an earlier one has no category for them.
    """
    texts = [" ".join(fold(label).split()) for label in labels]
    for name, pattern in _VERSIONS.items():
        if any(re.search(pattern, text) for text in texts):
            return name
    return None
