"""The staff population: staff in post with leavers since the previous snapshot, and, as a separate set, the board."""

from collections.abc import Iterator

import polars as pl

from equity_audit.contracts.workforce import STAFF_TABLES
from equity_audit.disclosure.table.count_table import Part
from equity_audit.populations.headcounts import clinical, tier
from equity_audit.populations.population import PeopleSet, Population
from equity_audit.populations.staff_measures import workforce_measures
from equity_audit.settings import Settings

NO_TIER = "no tier"
NOT_KNOWN = "not known"
# The quantities of staff, as the register of published counts names them, with the column of each.
_POST, _WITH_LEAVERS = {"in_post": "headcount"}, {"employed": "employed", "in_post": "headcount"}


def _sets(rows: pl.DataFrame, settings: Settings) -> Iterator[PeopleSet]:
    published = settings.workforce.publish_splits
    # Tiers are made up of bands, clinical and other staff of staff groups: protected with them, before them.
    coarse = {"pay_band": "tier", "staff_group": "clinical"}
    splits = [*published, *(coarse[split] for split in published if split in coarse)]
    levels = ["all", *settings.disclosure.split_levels]
    unsplit, split = pl.col("breakdown") == "all", pl.col("breakdown").is_in(splits) & pl.col("level").is_in(levels)
    staff = rows.filter(unsplit | split)
    board = rows.filter(pl.col("breakdown") == "board", pl.col("level").is_in(["all", "wres"]))
    if staff.height:
        columns = _POST if staff["employed"].null_count() else _WITH_LEAVERS
        yield PeopleSet("workforce", staff, columns, coarser=_coarser(staff))
    if board.height:
        yield PeopleSet("board", board, {"on_board": "headcount"}, part=("board", "voting members"))


def _coarser(staff: pl.DataFrame) -> dict[Part, Part]:
    """Return the tier to which each pay band belongs, and whether each staff group is clinical."""
    parts = staff.select("breakdown", "breakdown_value").unique().rows()
    found: dict[Part, Part] = {}
    for split, value in parts:
        if split == "pay_band":
            found[split, value] = ("tier", tier(value) or NO_TIER)
        elif split == "staff_group":
            found[split, value] = ("clinical", clinical(value) or NOT_KNOWN)
    # Nobody is counted by clinical and other staff if no staff group is known to be either.
    return {part: whole for part, whole in found.items() if whole in parts}


STAFF = Population(
    STAFF_TABLES,
    numbers={"headcount": pl.col("headcount"), "employed": pl.col("headcount") + pl.col("leavers")},
    sets=_sets,
    measures=workforce_measures,
    apart=("board",),
    set_names=("workforce", "board"),
    of_applicants=True,
    counting="Count who is in post on the last day of the period that has a headcount, by group, band, tier and staff "
    "group.",
    measuring="Shares, race disparity ratios, board against staff, leavers, and where the workforce settles, exactly.",
    everybody=(
        "every_member_of_staff_counted",
        "everybody in post is counted once in each split, and on the board, by a second, independent count",
    ),
    attack="no number of staff can be inferred from everything published of the period, and the tables are those "
    "that were proven",
)
