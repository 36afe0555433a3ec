"""Like for like, exactly: crude beside adjusted, within vacancies, bands, staff groups and departments.

Where the gap differs between parts, the parts are named: one adjusted ratio would hide it.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl
from markupsafe import Markup

from reports.pages.analyst_private import tables
from reports.pages.analyst_private.record import ExactReport
from reports.pages.analyst_private.seen import figure_seen
from reports.pages.analyst_private.tables import Column, Row, count, probability, ratio, share, step

_KEY = ("level", "from_stage", "to_stage", "group_name", "stratified_by")
_Place = tuple[Any, ...]
_MEANINGS = {
    "not_explained_by": "who applies where does not explain the gap",
    "explained_by": "who applies where explains the gap, or most of it",
    "reversed_within": "within parts the gap is the other way round",
    "differs_between": "the gap is not the same in all parts: one ratio for all of them hides that",
    "appears_within": "a gap within parts does not show when they are taken together",
    "cannot_tell": "too few to say whether who applies where explains the gap",
    "nothing_to_explain": "neither shows a clear gap",
    "too_few_to_say": "too few to say anything",
}
_UNTESTED = {
    "strata_too_small": "not tested: parts are too small",
    "one_stratum": "not tested: one part only",
    "no_odds_ratio": "not tested: no common odds ratio",
    "no_informative_strata": "not tested: nothing to compare",
}
_COLUMNS = (
    Column("Group", lambda row: row["group_name"]),
    Column("Step", step, words=True),
    Column("Within the same", lambda row: row["stratified_by"].replace("_", " "), words=True),
    Column(
        "Parts compared",
        lambda row: count(row["strata"]),
        lambda row: f"{count(row['informative_strata'])} informative; {share(row['compared_share'])} of the group",
    ),
    Column("All together", *tables.ranged("crude_ratio", ratio)),
    Column("Like with like", *tables.ranged("adjusted_ratio", ratio)),
    Column("CMH p", lambda row: probability(row["cmh_p_value"])),
    Column("Short of equal", lambda row: tables.one_place(row["shortfall"])),
    Column(
        "Same in all parts?",
        lambda row: (
            probability(row["homogeneity_p_value"])
            if row["homogeneity_p_value"] is not None
            else _UNTESTED.get(row["homogeneity_reason"], "not tested")
        ),
        lambda row: "Breslow-Day p" if row["homogeneity_p_value"] is not None else "",
        words=True,
    ),
    Column("What it means", lambda row: row["meaning"], words=True),
    Column("Panel sees", lambda row: figure_seen(row, "adjusted_ratio"), words=True),
)


def like_for_like(report: ExactReport) -> list[tuple[str, Markup]]:
    """Return a table for each level of ethnic detail, with what each row means."""
    rows, parts = _beside(report).filter(pl.col("group_name") != "Unknown"), _parts(report)
    named = {"wres": "White and BME", "group": "Five groups"}
    return [
        (
            title,
            tables.table(f"Like for like: {title}", _COLUMNS, _with_meanings(rows.filter(level=level), parts)),
        )
        for level, title in named.items()
        if level in rows["level"]
    ]


def differing(report: ExactReport) -> list[str]:
    """Return a sentence for each comparison whose gap differs between parts, with the furthest parts named."""
    rows, parts = _beside(report), _parts(report)
    rows = rows.filter(
        pl.col("level").is_in(["wres", "group"]),
        pl.col("group_name") != "Unknown",
        pl.col("stratified_finding") == "differs_between",
    )
    return [
        f"{row['group_name']}, {step(row).lower()}: the gap is not the same in every "
        f"{row['stratified_by'].replace('_', ' ')} (Breslow-Day p {probability(row['homogeneity_p_value'])}). "
        f"{_furthest(parts.get(_place(row), []))} "
        f"Neither {ratio(row['crude_ratio'])} nor {ratio(row['adjusted_ratio'])} describes all of them."
        for row in rows.iter_rows(named=True)
    ]


def _with_meanings(rows: pl.DataFrame, parts: Mapping[_Place, Sequence[Row]]) -> Iterator[Mapping[str, Any]]:
    for row in rows.iter_rows(named=True):
        meaning, of_row = _MEANINGS[row["stratified_finding"]], parts.get(_place(row), [])
        # Opposite gaps cancel out, and a table whose parts are too small to be tested may have them too.
        tell = row["stratified_finding"] == "differs_between" or _opposed(of_row)
        yield row | {"meaning": f"{meaning}. {_furthest(of_row)}" if tell else meaning}


def _parts(report: ExactReport) -> dict[_Place, list[Row]]:
    """Return the parts of every comparison that have a ratio, the lowest first."""
    rows = report.comparisons.filter(
        pl.col("breakdown") != "all", pl.col("comparator") == "reference", pl.col("impact_ratio").is_not_null()
    ).sort("impact_ratio", "breakdown_value")
    names = [*_KEY[:-1], "breakdown", "breakdown_value", "impact_ratio", "impact_ratio_low", "impact_ratio_high"]
    found: dict[_Place, list[Row]] = defaultdict(list)
    for row in rows.select(names).iter_rows(named=True):
        found[tuple(row[name] for name in (*_KEY[:-1], "breakdown"))].append(row)
    return found


def _place(row: Row) -> _Place:
    return tuple(row[name] for name in _KEY)


def _opposed(parts: Sequence[Row]) -> bool:
    """Whether one part is clearly below 1 and another clearly above."""
    return any(_below(part) for part in parts) and any(_above(part) for part in parts)


def _below(part: Row) -> bool:
    return part["impact_ratio_high"] is not None and bool(part["impact_ratio_high"] < 1)


def _above(part: Row) -> bool:
    return bool(part["impact_ratio_low"] > 1)


def _furthest(parts: Sequence[Row]) -> str:
    """Name the parts with the lowest and the highest ratio, and say how many are clearly on either side of 1."""
    if not parts:
        return ""
    lowest, highest = (
        f"{part['breakdown_value']} {ratio(part['impact_ratio'])} "
        f"({tables.ends(part['impact_ratio_low'], part['impact_ratio_high'])})"
        for part in (parts[0], parts[-1])
    )
    below, above = (_parts_of(sum(map(side, parts))) for side in (_below, _above))
    return f"Lowest in {lowest}, highest in {highest}; clearly below 1 in {below}, clearly above 1 in {above}."


def _parts_of(number: int) -> str:
    return f"{number or 'no'} part{'' if number < 2 else 's'}"


def _beside(report: ExactReport) -> pl.DataFrame:
    return report.beside(report.tables["stratified_disparities"], "like_for_like", _KEY)
