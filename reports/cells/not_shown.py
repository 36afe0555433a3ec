"""What a table of published figures shows in place of a missing figure: no cell is empty without a reason.

A cell holds a short mark, the same as on the page. The column of notes or reasons beside it says why, in words. A blank
would be a trap: a spreadsheet treats it as 0.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from equity_audit.contracts import Column, Table
from equity_audit.contracts.model import TOO_COARSE
from reports.cells.words import NOT_SHOWN, count
from reports.figures.printable import opened

SHOWN = "shown"
RANGE_ONLY = "range only"
NO_UPPER_END = "no upper end"
NONE = "none"
MARKS = {**NOT_SHOWN, "a_stage_not_shown": "a stage not shown", "reference_not_shown": "no comparison"}
MARKS |= {"too_few_parts": "too few parts", "nobody_selected": "no comparison", "no_whole_rate": "no comparison"}
MARKS |= {"too_few_people": "too few", "nobody_there": "nobody there"}
MARKS |= {"no_applicants": "no comparison", "not_by_year": "no comparison"}

# Why an earlier year is left out where years are combined.
LEFT_OUT = {
    "not_published": "no edition of that year is published, or its files are not as they were published",
    "different_settings": "its edition was made with other settings of what is compared or of how counts are rounded",
    "different_tables": "its edition was made by a version of this program with different tables",
    "different_stages": "its stages or the steps shown are different",
    "different_classification": "its source uses a different classification of ethnicity",
    "different_source": "one of the two years was counted by its source, where everyone who did not go on counts as "
    "rejected",
    "year_after_left_out": "a year between is left out",
}


def cell(table: Table, column: Column, row: Mapping[str, Any], policy: Mapping[str, Any]) -> Any:
    """Return what a cell shows: the row's value, words for its note or reason, or a mark if the value is missing.

    policy: the edition's disclosure settings.
    """
    value = row[column.name]
    if is_note(column):
        return SHOWN if value is None else reasons(column, policy)[value]
    return _mark(table, column, row, policy) if value is None else value


def is_note(column: Column) -> bool:
    """Whether the column says why another one has no figure."""
    return column.name.endswith(("_note", "_reason"))


def reasons(column: Column, policy: Mapping[str, Any]) -> dict[str, str]:
    """Return words for each value that the column's contract allows."""
    below, least = policy["withhold_below"], policy["rate_min_denominator"]
    words = {
        "fewer_than": f"fewer than {below}",
        "protects_another": "withheld: another number could be inferred from it, or at random",
        "too_few_decided": f"too few: fewer than {least} decided on, rounded",
        "no_decisions": "nobody was decided on",
        "reference_never_selected": "nobody in the group compared with was selected",
        "no_reference_group": "there is no group to compare with",
        "reference_not_shown": "the rate of the group compared with is not shown",
        "a_stage_not_shown": "the rate of a stage is not shown, or nobody was selected at it",
        "too_few_parts": "fewer than two parts of the split have published numbers for both groups",
        "not_collected": "not collected: the source does not have it",
        "too_few_people": f"too few: fewer than {least} people, rounded",
        "nobody_there": "there is nobody to compare",
        "no_applicants": "there are no published numbers of applicants in these groups",
        "not_by_year": "reporting periods are not years",
        "nobody_selected": "nobody in one of the two groups was selected in these parts",
        "no_whole_rate": "the rate of the whole organisation is not shown, or nobody or everybody was selected",
        **{reason: f"left out: {why}" for reason, why in LEFT_OUT.items()},
        TOO_COARSE: f"range only: fewer than {100 * policy['point_share']:g}% of the counts that would be published "
        f"identically give a figure within {100 * policy['point_within']:g}% of this one",
    }
    if not column.name.endswith("_note"):
        words["fewer_than"] = "not shown: it rests on a small number"
    return {value: words[value] for value in column.values}


def meanings(policy: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield every mark that a cell can hold, with its meaning; in a comparison it can be about either group."""
    below, least = policy["withhold_below"], policy["rate_min_denominator"]
    yield (
        opened(count(None, None, below)),
        f"a number below {below} that is withheld; it can be zero, unless policy shows zeros",
    )
    yield MARKS["fewer_than"], "a figure that rests on a small number"
    yield (
        MARKS["protects_another"],
        "a number from which another could be inferred, or withheld at random; a rate or ratio based on it",
    )
    yield MARKS["too_few_decided"], f"a rate or ratio on fewer than {least} people decided on, rounded"
    yield MARKS["no_decisions"], "a rate or ratio where nobody was decided on"
    yield MARKS["no_reference_group"], "the group to compare with is missing, has no rate or was never selected"
    yield MARKS["a_stage_not_shown"], "a whole path with a stage that has no rate, or where nobody was selected"
    yield MARKS["too_few_parts"], "like for like where fewer than two parts have published numbers for both groups"
    yield MARKS["not_collected"], "a number that the source does not have"
    yield MARKS["nobody_there"], "a share or ratio of staff where there is nobody to compare"
    yield NO_UPPER_END, "a range without an upper limit"
    yield (
        RANGE_ONLY,
        "a figure that is shown as its range, in the columns beside it: too many of the counts that would be published "
        f"identically give a figure that differs from it by more than {100 * policy['point_within']:g}%",
    )
    yield (
        NONE,
        "does not exist: a ratio of the reference group to itself, or to nobody; limits that need not be widened",
    )
    yield SHOWN, "in a column of notes or reasons: the figures beside it are shown"


def mark(reason: str) -> str:
    """Return the short mark for the reason why a figure is not shown."""
    return MARKS[reason]


def _mark(table: Table, column: Column, row: Mapping[str, Any], policy: Mapping[str, Any]) -> str:
    """Return the mark of a null value."""
    note, reason = row.get(f"{column.name}_note"), row.get("not_shown_reason")
    if f"{column.name}_note" in table.column_names or (column.unit and column.type == "bigint"):
        return opened(count(None, note, policy["withhold_below"]))
    # A column not derived from figures, such as the name of the group compared with, is not affected by their reason.
    if reason and column.derived_from:
        return MARKS[reason]
    if column.point_reason and row.get(column.point_reason):
        return RANGE_ONLY
    if column.name.endswith("_high") and row.get(f"{column.name.removesuffix('_high')}_low") is not None:
        return NO_UPPER_END
    return NONE
