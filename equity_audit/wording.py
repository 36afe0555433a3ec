"""The plain English for figures, groups and steps, shared by all pages and findings.

Ratios are "0.57 times as likely", never percentages; shares are whole percentages.
"""

from collections.abc import Sequence
from datetime import date

# Words for the people decided at a stage, and for reaching it. Other stages are quoted by their own name.
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
    """Return a source's name for a stage as a heading: "passed_academic" is "Passed academic"."""
    text = stage.replace("_", " ")
    return text[:1].upper() + text[1:]


def step_name(from_stage: str, to_stage: str) -> str:
    """Return a step as a heading."""
    return f"{stage_name(from_stage)} to {stage_name(to_stage).lower()}"


def at_stage(stage: str) -> str:
    """Return words for the people at a stage that a rate is about: "shortlisted and decided on"."""
    return _AT.get(stage, f"at “{stage_name(stage).lower()}” and decided on")


def to_stage(stage: str) -> str:
    """Return words for reaching a stage: "to be shortlisted"."""
    return _TO.get(stage, f"to reach “{stage_name(stage).lower()}”")


def people(group: str) -> str:
    """Return a group of applicants as in a sentence."""
    return {
        "Unknown": "applicants whose ethnicity is unknown",
        "Other": "applicants of other ethnic groups",
        "Mixed": "applicants of mixed ethnicity",
        "Not a visible minority": "applicants who are not a visible minority",
        "Other ethnicity": "applicants of other ethnicity",
        "BME, group not given": "BME applicants whose group is not given",
    }.get(group, f"{group} applicants")


def staff(group: str) -> str:
    """Return a group of staff as in a sentence."""
    return {"Unknown": "staff whose ethnicity is unknown", "Other": "staff of other ethnic groups"}.get(
        group, f"{group} staff"
    )


def likeness(alike: Sequence[str]) -> str:
    """Return what like posts have in common: "pay band and staff group"."""
    return " and ".join(name.replace("_", " ") for name in alike)


def day(date: date) -> str:
    """Return a date in words: 31 March 2024."""
    return f"{date.day} {date:%B %Y}"


def sentence(text: str) -> str:
    """Capitalise the first letter and leave the rest as it is."""
    return text[:1].upper() + text[1:]


def number(value: int | None) -> str:
    """Return a count with thousands separators."""
    return "" if value is None else f"{value:,}"


def percent(share: float) -> str:
    """Return a share as a whole percentage: rounded counts support no more precision."""
    return f"{100 * share:.0f}%"


def ratio(value: float) -> str:
    """Return a ratio to two decimal places."""
    return f"{value:.2f}"


def likely_range(low: float, high: float | None) -> str:
    """Return an interval in words."""
    return f"{ratio(low)} to {ratio(high)}" if high is not None else f"{ratio(low)} or more"
