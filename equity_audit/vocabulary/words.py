"""Outcomes, default stages, the names that each level can show, and the folding of spellings."""

import re
from collections.abc import Collection

from equity_audit.vocabulary.classifications import CATEGORIES, GROUPS, UNKNOWN, US_GROUPS, WRES_GROUPS

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
ALL_STAFF = "All staff"


def fold(label: str) -> str:
    """Bring spellings together: case, spaces, dashes and other marks, and "&" for "and", make no difference."""
    return " ".join(re.sub(r"[\W_]+", " ", label.casefold().replace("&", " and ")).split())


def display_order(level: str) -> list[str]:
    """Every name that a level can show, in the order of GOV.UK's tables; broad labels close their group.

    At the level of groups the US names stand among the UK's; no organisation has both (see family).
    """
    if level == "category":
        names = [name for group in GROUPS[:-1] for name in (*_categories_in(group), not_given(group))]
        return [*names, not_given("BME"), UNKNOWN]
    named = sorted({*GROUPS, *US_GROUPS} - {"Other", UNKNOWN})
    return {
        "all": [ALL_APPLICANTS],
        "wres": list(WRES_GROUPS),
        "group": [*named, "Other", not_given("BME", "group"), UNKNOWN],
    }[level]


def always_listed(level: str, present: Collection[str], levels: Collection[str]) -> list[str]:
    """The names that a table lists at a level: all of the classification, whoever is in them, and broad labels present.

    levels: those that the source has; the US categories have no place in White and BME. A source that has none of a
    level's names, since it only says White or BME, lists what it has.
    """
    groups = GROUPS if "wres" in levels else US_GROUPS
    listed = {"wres": WRES_GROUPS, "group": groups, "category": (*CATEGORIES, UNKNOWN)}.get(level, ())
    known = {*listed} - {UNKNOWN}
    return sorted({*present, *(listed if known.intersection(present) else ())})


def wider_names(level: str, name: str) -> dict[str, str]:
    """What the people of that name are called at each coarser level: of the categories, groups or White and BME.

    The level of groups has no White and BME above it for US names; a caller keeps the levels that its data have.
    """
    if level in ("all", "wres"):
        return {}
    if level == "group":
        return {"wres": name if name in ("White", UNKNOWN) else "BME"}
    group = CATEGORIES.get(name, name.removesuffix(not_given("")))
    group = not_given("BME", "group") if group == "BME" else group
    return {"group": group, **wider_names("group", group)}


def not_given(group: str, level: str = "category") -> str:
    """Name of the people whose source gave a broader label than the level asks for."""
    return f"{group}, {level} not given"


def is_broad(name: str) -> bool:
    """Whether a name stands for people whose source gave a broader label than the level asks for."""
    return name.endswith(" not given")


def _categories_in(group: str) -> list[str]:
    return [category for category, parent in CATEGORIES.items() if parent == group]
