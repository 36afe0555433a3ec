"""Figures in plain English. Ratios are "0.57 times as likely", never per cent; shares are whole per cent."""

from typing import Any

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
NOT_SHOWN = {
    "fewer_than": "not shown",
    "too_few_decided": "too few",
    "no_decisions": "none decided",
    "reference_never_selected": "no comparison",
    "no_reference_group": "no comparison",
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


def sentence(text: str) -> str:
    """With a capital first letter, the rest as it is."""
    return text[:1].upper() + text[1:]


def number(value: int | None) -> str:
    """A count with thousands separated."""
    return "" if value is None else f"{value:,}"


def count(value: int | None, below: int) -> str:
    """A published count, or that it is withheld."""
    return f"fewer than {below}" if value is None else number(value)


def percent(share: float) -> str:
    """A share as whole per cent: rounded counts carry no more."""
    return f"{100 * share:.0f}%"


def ratio(value: float) -> str:
    """A ratio to two places."""
    return f"{value:.2f}"


def likely_range(low: float, high: float | None) -> str:
    """A 95% interval in words."""
    return f"{ratio(low)} to {ratio(high)}" if high is not None else f"{ratio(low)} or more"


def rate_cell(row: dict[str, Any]) -> dict[str, str]:
    """A selection rate as a table shows it: the value, its range, or why there is none."""
    if row["not_shown_reason"]:
        return {"mark": NOT_SHOWN[row["not_shown_reason"]]}
    low, high = (percent(row[f"selection_rate_{end}"]) for end in ("low", "high"))
    return {"value": percent(row["selection_rate"]), "range": f"{low} to {high}"}


def ratio_cell(row: dict[str, Any]) -> dict[str, str]:
    """An impact ratio as a table shows it."""
    if row["not_shown_reason"]:
        return {"mark": NOT_SHOWN[row["not_shown_reason"]]}
    return {
        "value": ratio(row["impact_ratio"]),
        "range": likely_range(row["impact_ratio_low"], row["impact_ratio_high"]),
        "bold": "yes" if row["reading"] != "not_clear" else "",
    }
