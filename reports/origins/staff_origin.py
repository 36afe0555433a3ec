"""Which published rows a measure of staff, or of others counted beside recruitment, was calculated from."""

from collections.abc import Mapping, Sequence

from equity_audit.contracts.workforce import TIER_STEPS, YEARS
from equity_audit.vocabulary import ALL_STAFF, UNKNOWN

_WHOLE = ("all", "all")
# Measures with everybody in post as a denominator; and projections, which need recruitment too.
_OF_ALL = ("share", "share_if_unknown_bme", "representation", "board_gap")
_PROJECTIONS = ("settles_at", "settles_at_if_selected_alike", "halfway_years", "share_in_years")
Row = Mapping[str, str]


def staff_behind(figure: Row, numbers: Sequence[Row]) -> list[Row]:
    """Return the rows of disclosed.workforce behind a row of disclosed.workforce_measures."""
    part = figure["breakdown"], figure["breakdown_value"]
    parts = {part}
    if part[0] == TIER_STEPS:
        parts = {("tier", tier) for tier in part[1].split(" to ")}
    elif part[0] == YEARS:
        parts = {_WHOLE}
    elif figure["measure"] == "board_gap":
        parts |= {_WHOLE}
    groups = {figure["group_name"], figure["reference_name"]}
    groups |= {ALL_STAFF} if figure["measure"] in _OF_ALL else set()
    groups |= {UNKNOWN} if figure["measure"] == "share_if_unknown_bme" else set()
    return [
        row
        for row in numbers
        if (row["breakdown"], row["breakdown_value"]) in parts
        and row["group_name"] in groups
        and row["level"] in ("all", figure["level"])
    ]


def numbers_behind(figure: Row, numbers: Sequence[Row]) -> list[Row]:
    """Return the rows behind a measure of a group and its reference alone, such as a measure of answers."""
    place = ("level", "breakdown", "breakdown_value")
    return [
        row
        for row in numbers
        if all(row[name] == figure[name] for name in place)
        and row["group_name"] in (figure["group_name"], figure["reference_name"])
    ]


def recruitment_behind(figure: Row, counts: Sequence[Row]) -> list[Row]:
    """Return the rows of disclosed.stage_counts behind a row of disclosed.workforce_measures.

    They are of the whole path, and only for projections.
    """
    if figure["measure"] not in _PROJECTIONS:
        return []
    steps = sorted((row for row in counts if row["step_kind"] == "stage"), key=lambda row: int(row["step_order"]))
    ends = steps[0]["from_stage"], steps[-1]["to_stage"]
    return [
        row
        for row in counts
        if (row["from_stage"], row["to_stage"]) == ends
        and (row["breakdown"], row["level"]) == ("all", "wres")
        and row["group_name"] in (figure["group_name"], figure["reference_name"])
    ]
