"""Findings in words: pure functions from a row's figures to a sentence or two that a panel can read.

A sentence is about selection. None of them says why, or whether anybody meant it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from equity_audit.measures.comparators import EVERYONE_ELSE
from equity_audit.vocabulary import ALL_APPLICANTS
from equity_audit.wording import likely_range, people, percent, ratio, sentence, step_name, to_stage

Row = Mapping[str, Any]

_UNDEFINED = {
    "no_reference_group": "There is no group to compare {group} with.",
    "nobody_else_decided": "Nobody but {group} was decided on at this step, so there is no comparison.",
    "no_decisions": "Nobody among {group} was decided on at this step.",
    "no_reference_decisions": "Nobody among {reference} was decided on at this step, so there is no comparison.",
    "nobody_selected": "Nobody was selected, neither of {group} nor of {reference}.",
    "reference_never_selected": "Nobody among {reference} was selected, so there is no ratio.",
}
_STRATA = {
    "vacancy": "for the same vacancy",
    "pay_band": "within the same pay band",
    "staff_group": "within the same staff group",
    "department": "within the same department",
}


def finding_sentence(row: Row) -> str:
    """The finding of a row of out.disparities in words, with its direction, size and likely range.

    Where something is undefined, why. Sizes are rounded to two places; the range is the 95% interval.
    """
    group, reference = people(row["group_name"]), _compared_with(row["reference_name"])
    if row["undefined_reason"] in _UNDEFINED:
        return sentence(_UNDEFINED[row["undefined_reason"]].format(group=group, reference=reference))
    said = f"{sentence(group)} were {_how_often(row['impact_ratio'])} {reference} {to_stage(row['to_stage'])}"
    if row["undefined_reason"] == "reference_chosen_by_rate":
        return f"{said}. Those compared with were picked because they did best, so this is not tested."
    said += f" (likely range {likely_range(row['impact_ratio_low'], row['impact_ratio_high'])})."
    return f"{said} {_weight(row)}"


def _weight(row: Row) -> str:
    """What to make of it."""
    if row["finding"] == "disparity":
        return "That is outside the usual range of 0.8 to 1.25, and hardly chance."
    if row["finding"] == "possible_disparity":
        return "That is outside the usual range of 0.8 to 1.25, but it may be chance."
    if row["finding"] == "small_difference":
        return "The difference is small, inside the usual range of 0.8 to 1.25, but hardly chance."
    if row["finding"] == "no_disparity_detected":
        least = row["smallest_detectable_ratio"]
        return (
            f"No disparity was detected; with these numbers one of {ratio(least)} times as likely or less would very "
            "probably have been, a smaller one not."
        )
    return "There were too few decisions to say more."


def _how_often(value: float) -> str:
    """The ratio with its direction, ready for the group compared with."""
    if ratio(value) == "1.00":
        return "as likely as"
    return f"{'less' if value < 1 else 'more'} likely, {ratio(value)} times as likely as"


def _compared_with(reference: str | None) -> str:
    return {
        None: "others",
        EVERYONE_ELSE: "everyone else",
        ALL_APPLICANTS: "all applicants together",
    }.get(reference) or people(str(reference))


def stratified_sentence(row: Row) -> str:
    """What comparing like with like makes of a difference, from a row of out.stratified_disparities.

    "May explain" and no more: what people apply for can itself be the result of unequal treatment.
    """
    where = _STRATA[row["stratified_by"]]
    what = where.removeprefix("for the same ").removeprefix("within the same ")
    if row["stratified_finding"] == "too_few_to_say":
        return f"There are too few decisions {where} to compare."
    within = (
        f"{ratio(row['adjusted_ratio'])} times as likely {where} "
        f"(likely range {likely_range(row['adjusted_ratio_low'], row['adjusted_ratio_high'])}), "
        f"{ratio(row['crude_ratio'])} over all"
    )
    return {
        "explained_by": f"Which {what} people applied to may explain the difference: {within}. "
        "Whether that itself is fair, these figures do not say.",
        "not_explained_by": f"Which {what} people applied to does not explain the difference: {within}.",
        "reversed_within": f"Compared {where}, the difference points the other way: {within}.",
        "differs_between": f"The difference is not the same in every {what}, so one figure hides something: {within}.",
        "appears_within": f"Over all there is no clear difference; compared {where} there is: {within}.",
        "cannot_tell": f"Compared {where}, it cannot be told whether the difference remains: {within}.",
        "nothing_to_explain": f"There is no clear difference, neither over all nor compared {where}: {within}.",
    }[row["stratified_finding"]]


def contributions_sentence(rows: Sequence[Row]) -> str:
    """Which stage makes the gap of one group's whole path, from its rows of out.stage_contributions."""
    widest = max(rows, key=lambda row: abs(row["log_ratio"]))
    step = step_name(widest["from_stage"], widest["to_stage"]).lower()
    if widest["share"] is not None:
        return f"Of the whole gap, {percent(widest['share'])} arises from {step}."
    return f"The stage with the widest difference is {step}; the stages do not all point the same way, or not surely."
