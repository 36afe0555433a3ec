"""Lists of groups that are not bundled: a mapping gives one, and its text is used wherever a classification is named.

The text gives the whole list, so that a warehouse and an edition carry it themselves, and whoever reads them needs
neither the mapping nor this project's vocabulary: "own list: Branca; Preta; Parda; compared with Branca".
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

# What a mapping writes as its classification if it has a list of its own.
OWN = "own"
_START, _APART, _REFERENCE = "own list: ", "; ", "compared with "
# Semicolons divide the text. Marks of formulas and of markup are not part of a group's name either.
_NAME = re.compile(r"[\w(][\w ,:/()&.'\u2019+\u2013-]{0,79}")


@dataclass(frozen=True)
class OwnList:
    """The groups of an own list, in its order and without Unknown, and the one that others are compared with."""

    groups: tuple[str, ...]
    reference: str

    def __str__(self) -> str:
        return f"{_START}{_APART.join((*self.groups, _REFERENCE + self.reference))}"


# Whatever opens a warehouse or an edition adds its lists. A text always means the same, so nothing is ever replaced.
_known: dict[str, OwnList] = {}


def is_name(name: str) -> bool:
    """Return whether a name can be that of a group of an own list, by its characters and length."""
    plain = bool(_NAME.fullmatch(name)) and name == " ".join(name.split()) and not name.startswith(_REFERENCE)
    # Pages refuse numerals, of any script, that are not figures of a table.
    return plain and not any(letter.isnumeric() for letter in name)


def own_list(classification: str) -> OwnList | None:
    """Return the list that a classification's text gives; None if it is not an own list."""
    *groups, last = classification.removeprefix(_START).split(_APART)
    found = OwnList(tuple(groups), last.removeprefix(_REFERENCE))
    return found if str(found) == classification and found.reference in groups else None


def know(classifications: Iterable[str]) -> None:
    """Make the own lists among classifications known, so that their groups are ordered, listed and compared.

    Of lists that share names, as those of two homes may, the last one counts (own_list_of_groups).
    """
    for name in classifications:
        if found := own_list(name):
            _known.pop(name, None)
            _known[name] = found


def known_lists() -> dict[str, OwnList]:
    """Return the own lists that are known, by their texts, the last one to be known at the end."""
    return dict(_known)


def own_list_of_groups(names: Collection[str]) -> str | None:
    """Return the text of the own list that has all these names; None if none has."""
    found = [text for text, listed in _known.items() if {*names} <= {*listed.groups}]
    return found[-1] if found else None
