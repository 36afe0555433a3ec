"""What the page says about the people in post, in sentences, from published measures alone."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from equity_audit.vocabulary import ALL_STAFF
from reports.cells.not_shown import mark
from reports.cells.words import count
from reports.edition.record import Edition
from reports.figures.printable import hundredths, likely_range, name, percent, point_or_range, sentence, staff
from reports.figures.shown_numbers import derived, fixed, shown_rows

TIERS = {
    tier: name(words)
    for tier, words in {"lower": "bands 5 and below", "middle": "bands 6 and 7", "upper": "bands 8a and above"}.items()
}
# Clinical staff and others, as the WRES distinguishes them; other splits have names of their own.
KINDS = {"clinical": "Clinical staff", "other": "Other staff", "not known": "Not known to be either"}


def after_years(years: int | str) -> str:
    """Return when a projected share applies: "after 5 years"."""
    return f"after {name(str(years))} years" if str(years) != "1" else "after a year"


def share_before(edition: Edition) -> str:
    """Return the share of BME staff, or its range, that the edition of the period before published; otherwise empty."""
    before = edition.previous.tables.get("workforce_measures") if edition.previous else None
    row = None if before is None else measure_of(before, "share")
    return "" if row is None else point_or_range(row, "value", percent)


def answer(edition: Edition) -> str:
    """Return the answer in a sentence: the BME share, what it was before, and in the lower and upper bands."""
    measures = edition.tables["workforce_measures"]
    share = _in_words(measures, "share")
    if not share:
        return "How many of the people in post are BME cannot be shown: a number it needs is withheld."
    text = f"{share} of the people in post are BME"
    if before := share_before(edition):
        text += f", {before} the {edition.settings['period']['unit']} before"
    lower, upper = (_in_words(measures, "share", "tier", tier) for tier in ("lower", "upper"))
    if lower and upper:
        text += f": {lower} in {TIERS['lower']}, {upper} in {TIERS['upper']}"
    return sentence(f"{text}.")


def _in_words(measures: pl.DataFrame, measure: str, breakdown: str = "all", value: str = "all") -> str:
    """Write a share of BME staff, or its range; empty if neither is shown."""
    row = measure_of(measures, measure, breakdown, value)
    return "" if row is None else point_or_range(row, "value", percent)


def value_of(measures: pl.DataFrame, measure: str) -> float | None:
    """Return the value of a measure of all BME staff; None if it is missing or not shown."""
    row = measure_of(measures, measure)
    return row["value"] if row else None


def measure_of(
    measures: pl.DataFrame, measure: str, breakdown: str = "all", value: str = "all"
) -> dict[str, Any] | None:
    """Return the row of a measure of BME staff; None if there is none."""
    rows = measures.filter(
        pl.col("measure") == measure,
        pl.col("group_name") == "BME",
        pl.col("breakdown") == breakdown,
        pl.col("breakdown_value") == value,
    )
    return shown_rows(rows, "workforce_measures")[0] if rows.height else None


def clinical_and_other(measures: pl.DataFrame) -> str:
    """Return the BME shares of clinical and of other staff in a sentence; empty if one is not shown."""
    clinical, other = (_in_words(measures, "share", "clinical", kind) for kind in ("clinical", "other"))
    return f"BME staff are {clinical} of clinical staff and {other} of other staff." if clinical and other else ""


def disparity(measures: pl.DataFrame) -> list[dict[str, str]]:
    """Return the race disparity ratios in words."""
    rows = shown_rows(measures.filter(pl.col("measure") == "race_disparity_ratio"), "workforce_measures")
    order = ["lower to upper", "lower to middle", "middle to upper"]
    return [_step(row) for row in sorted(rows, key=lambda row: order.index(row["breakdown_value"]))]


def _step(row: Mapping[str, Any]) -> dict[str, str]:
    lower, higher = row["breakdown_value"].split(" to ")
    step = f"{sentence(TIERS[higher])} rather than {TIERS[lower]}"
    if row["not_shown_reason"]:
        return {"step": step, "sentence": why(row)}
    return {
        "step": step,
        "sentence": f"White staff are {point_or_range(row, 'value')} times as likely as BME staff"
        f"{_likely(row)}{_certainty(row)}.",
    }


def board(edition: Edition, below: int) -> str:
    """Return the board against the people in post (WRES indicator 9); empty without a board."""
    measures, numbers = edition.tables["workforce_measures"], edition.tables["workforce"]
    gap = measure_of(measures, "board_gap", "board", "voting members")
    if gap is None:
        return ""
    if gap["not_shown_reason"]:
        on_board = numbers.filter(pl.col("breakdown") == "board", pl.col("group_name").is_in([ALL_STAFF, "BME"]))
        rows = {row["group_name"]: row for row in shown_rows(on_board, "workforce")}
        if {ALL_STAFF, "BME"} <= rows.keys():
            whole, bme = (
                count(rows[group]["headcount"], rows[group]["headcount_note"], below) for group in (ALL_STAFF, "BME")
            )
            return f"Of about {whole} voting members, {bme} are BME: too few to compare with the people in post."
        return "How many voting members are BME cannot be shown."
    members, in_post = _in_words(measures, "share", "board", "voting members"), _in_words(measures, "share")
    low, high = _apart(gap["value_low"]), _apart(gap["value_high"])
    shares = (
        f"{sentence(members or percent(fixed(0)))} of the voting members are BME, {in_post or percent(fixed(0))} of "
        f"the people in post"
    )
    if gap["value"] is None:
        return f"{shares}: between {low} and {high}, in percentage points."
    one = hundredths(derived(abs(gap["value"]), gap["value"]))
    points = "percentage point" if round(100 * abs(gap["value"])) == 1 else "percentage points"
    return f"{shares}: {one} {points} {_way(gap['value'])} (likely range {low} to {high})."


def _apart(difference: float) -> str:
    """Write a difference of two shares, in percentage points: "7 lower"."""
    return f"{hundredths(derived(abs(difference), difference))} {_way(difference)}"


def _way(difference: float) -> str:
    return "lower" if difference < 0 else "higher"


def benchmark(edition: Edition) -> list[str]:
    """Compare each group with the population that the settings name, in sentences."""
    policy = edition.settings["workforce"]
    rows = edition.tables["workforce_measures"].filter(pl.col("measure") == "representation")
    sentences = []
    for row in shown_rows(rows.sort("level", "group_name", descending=[True, False]), "workforce_measures"):
        share = f"{row['group_name']} people are {percent(row['benchmark_share'])} of {name(policy['benchmark_name'])}"
        if row["not_shown_reason"]:
            sentences.append(f"{share}; their share here is not shown.")
        else:
            times = f"here their share is {point_or_range(row, 'value')} times as large{_likely(row)}"
            sentences.append(f"{share}; {times}.")
    return sentences


def leaving(measures: pl.DataFrame) -> str:
    """Compare how likely BME and White staff are to leave; empty if the source has no leavers."""
    row = measure_of(measures, "leaving_ratio")
    if row is None or row["not_shown_reason"]:
        return ""
    times = f"BME staff were {point_or_range(row, 'value')} times as likely as {staff('White')} to leave"
    return f"{times}{_likely(row)}{_certainty(row)}."


def settling(edition: Edition) -> dict[str, Any] | None:
    """Return the projection in words; None if it cannot be shown."""
    measures = edition.tables["workforce_measures"]
    settles = measure_of(measures, "settles_at")
    shares = [_in_words(measures, name) for name in ("share_of_known", "settles_at", "settles_at_if_selected_alike")]
    if settles is None or not all(shares):
        return None
    steps = shown_rows(measures.filter(pl.col("measure") == "share_in_years"), "workforce_measures")
    by_years = sorted(steps, key=lambda row: int(row["breakdown_value"]))
    years = [(point_or_range(row, "value", percent), after_years(row["breakdown_value"])) for row in by_years]
    low, high = (percent(settles[f"value_{end}"]) for end in ("low", "high"))
    return {
        **dict(zip(("now", "settles", "alike"), shares, strict=True)),
        "range": "" if settles["value"] is None else f"{low} to {high}",
        "years": [f"{share} {when}" for share, when in years if share],
    }


def why(row: Mapping[str, Any]) -> str:
    """Return the mark of a measure that is not shown."""
    return mark(row["not_shown_reason"])


def _likely(row: Mapping[str, Any]) -> str:
    """Return the range of a ratio that is shown as a single figure, in brackets; empty if it is shown already."""
    return "" if row["value"] is None else f" (likely range {likely_range(row['value_low'], row['value_high'])})"


def _certainty(row: Mapping[str, Any]) -> str:
    """Return a warning for a ratio whose range contains 1, otherwise nothing."""
    return "" if row["value_low"] > 1 or (row["value_high"] or 2) < 1 else ": this may be chance"
