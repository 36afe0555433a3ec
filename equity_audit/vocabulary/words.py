"""Outcomes, default stages, the names that each level can show, and the folding of labels."""

import re
from collections.abc import Collection

from equity_audit.vocabulary.classifications import (
    CATEGORIES,
    GROUPS,
    UNKNOWN,
    US_GROUPS,
    WRES_GROUPS,
    family_of_groups,
    group_lists,
)
from equity_audit.vocabulary.own_lists import known_lists

DEFAULT_STAGES = ("applied", "shortlisted", "interviewed", "offered", "appointed")

# The outcomes of a stage. The first two are the employer's decisions and form the denominator of a rate.
OUTCOMES = {
    "progressed": "went on to the next stage",
    "rejected": "rejected by the employer",
    "withdrew": "withdrew before a decision",
    "declined": "declined the offer",
    "ineligible": "could not be considered, for example without the right to work",
    "pending": "no decision yet when the file was made",
}
DECIDED = ("progressed", "rejected")

ALL_APPLICANTS = "All applicants"
ALL_STAFF = "All staff"


def fold(label: str) -> str:
    """Normalise a label: case, spaces, dashes and other marks, and "&" for "and", make no difference."""
    return " ".join(re.sub(r"[\W_]+", " ", label.casefold().replace("&", " and ")).split())


def fold_name(name: str) -> str:
    """Normalise a column's name; joined words are separated: stage.enteredAt and stage_entered_at become the same."""
    return fold(re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name))


def display_order(level: str) -> list[str]:
    """Return every name that a level can show, in the order of GOV.UK's tables; broad labels come last in their group.

    At the level of groups the names of all families are sorted together; no organisation has two (see family). What is
    left over in a classification, as "Other ethnicity", comes last. Groups of own lists follow in the order of their
    list.
    """
    if level == "category":
        names = [name for group in GROUPS[:-1] for name in (*_categories_in(group), not_given(group))]
        return [*names, not_given("BME"), UNKNOWN]
    own = dict.fromkeys(name for listed in known_lists().values() for name in listed.groups)
    named = {name for groups in group_lists().values() for name in groups} - {UNKNOWN, *own}
    order = [*sorted(named, key=lambda name: (name.startswith("Other"), name == "Other", name)), *own]
    return {
        "all": [ALL_APPLICANTS],
        "wres": list(WRES_GROUPS),
        "group": [*order, not_given("BME", "group"), UNKNOWN],
    }[level]


def always_listed(level: str, present: Collection[str], levels: Collection[str]) -> list[str]:
    """Return the names that a table lists at a level: all of the classification, and broad labels present.

    levels: those that the source has; only UK groups are within White and BME. A source with none of a level's names,
    because it only says White or BME, lists what it has. So does one of another country if the names that it has are
    in the lists of several: at most one or two groups, as Asian alone.
    """
    family = "uk" if "wres" in levels else family_of_groups(present) if level == "group" else None
    groups = group_lists().get(family or "", US_GROUPS if {*present} <= {*US_GROUPS} else ())
    listed = {"wres": WRES_GROUPS, "group": groups, "category": (*CATEGORIES, UNKNOWN)}.get(level, ())
    known = {*listed} - {UNKNOWN}
    return sorted({*present, *(listed if known.intersection(present) else ())})


def wider_names(level: str, name: str) -> dict[str, str]:
    """Return the name of the same people at each coarser level: from categories to groups to White and BME.

    Names of other countries have no White and BME above them; a caller keeps the levels that its data have.
    """
    if level in ("all", "wres"):
        return {}
    if level == "group":
        return {"wres": name if name in ("White", UNKNOWN) else "BME"}
    group = CATEGORIES.get(name, name.removesuffix(not_given("")))
    group = not_given("BME", "group") if group == "BME" else group
    return {"group": group, **wider_names("group", group)}


def not_given(group: str, level: str = "category") -> str:
    """Return the name for people whose source gave a broader label than the level needs."""
    return f"{group}, {level} not given"


def is_broad(name: str) -> bool:
    """Return whether a name means people whose source gave a broader label than the level needs."""
    return name.endswith(" not given")


def _categories_in(group: str) -> list[str]:
    return [category for category, parent in CATEGORIES.items() if parent == group]
