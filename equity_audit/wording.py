"""How figures, groups and steps are said in plain English, by every page and finding alike.

Ratios are "0.57 times as likely", never per cent; shares are whole per cent.
"""

from collections.abc import Sequence
from datetime import date

# How a stage is said of those decided on there, and of getting there. Other stages are quoted by their own name.
_AT = {
    "applied": "who applied and were decided on",
    "shortlisted": "shortlisted and decided on",
    "interviewed": "interviewed and decided on",
    "offered": "offered a post and decided on",
}
_TO = {
    "shortlisted": "to be shortlisted",
    "interviewed": "to be interviewed",
    "offered": "to be offered a post",
    "appointed": "to be appointed",
}


def stage_name(stage: str) -> str:
    """A source's word for a stage as a heading: "passed_academic" is "Passed academic"."""
    text = stage.replace("_", " ")
    return text[:1].upper() + text[1:]


def step_name(from_stage: str, to_stage: str) -> str:
    """A step as a heading."""
    return f"{stage_name(from_stage)} to {stage_name(to_stage).lower()}"


def at_stage(stage: str) -> str:
    """The people at a stage whom a rate is about: "shortlisted and decided on"."""
    return _AT.get(stage, f"at “{stage_name(stage).lower()}” and decided on")


def to_stage(stage: str) -> str:
    """Getting to a stage: "to be shortlisted"."""
    return _TO.get(stage, f"to reach “{stage_name(stage).lower()}”")


def people(group: str) -> str:
    """A group of applicants in a sentence."""
    return {
        "Unknown": "applicants whose ethnicity is unknown",
        "Other": "applicants of other ethnic groups",
        "Mixed": "applicants of mixed ethnicity",
        "BME, group not given": "BME applicants whose group is not given",
    }.get(group, f"{group} applicants")


def staff(group: str) -> str:
    """A group of staff in a sentence."""
    return {"Unknown": "staff whose ethnicity is unknown", "Other": "staff of other ethnic groups"}.get(
        group, f"{group} staff"
    )


def likeness(alike: Sequence[str]) -> str:
    """What like posts have in common: "pay band and staff group"."""
    return " and ".join(name.replace("_", " ") for name in alike)


def day(date: date) -> str:
    """A day in words: 31 March 2024."""
    return f"{date.day} {date:%B %Y}"


def sentence(text: str) -> str:
    """With a capital first letter, the rest as it is."""
    return text[:1].upper() + text[1:]


def number(value: int | None) -> str:
    """A count with thousands separated."""
    return "" if value is None else f"{value:,}"


def percent(share: float) -> str:
    """A share as whole per cent: rounded counts carry no more."""
    return f"{100 * share:.0f}%"


def ratio(value: float) -> str:
    """A ratio to two places."""
    return f"{value:.2f}"


def likely_range(low: float, high: float | None) -> str:
    """A 95% interval in words."""
    return f"{ratio(low)} to {ratio(high)}" if high is not None else f"{ratio(low)} or more"
