"""The staff population: staff in post with leavers since the previous snapshot, and, as a separate set, the board."""

from collections.abc import Iterator

import polars as pl

from equity_audit.contracts.workforce import STAFF_TABLES
from equity_audit.disclosure.table.count_table import Part
from equity_audit.populations.headcounts import tier
from equity_audit.populations.population import PeopleSet, Population
from equity_audit.populations.staff_measures import workforce_measures
from equity_audit.settings import Settings

NO_TIER = "no tier"
# The quantities of staff, as the register of published counts names them, with the column of each.
_POST, _WITH_LEAVERS = {"in_post": "headcount"}, {"employed": "employed", "in_post": "headcount"}


def _sets(rows: pl.DataFrame, settings: Settings) -> Iterator[PeopleSet]:
    published = settings.workforce.publish_splits
    splits = [*published, *(["tier"] if "pay_band" in published else [])]
    levels = ["all", *settings.disclosure.split_levels]
    unsplit, split = pl.col("breakdown") == "all", pl.col("breakdown").is_in(splits) & pl.col("level").is_in(levels)
    staff = rows.filter(unsplit | split)
    board = rows.filter(pl.col("breakdown") == "board", pl.col("level").is_in(["all", "wres"]))
    if staff.height:
        columns = _POST if staff["employed"].null_count() else _WITH_LEAVERS
        yield PeopleSet("workforce", staff, columns, coarser=_tiers(staff))
    if board.height:
        yield PeopleSet("board", board, {"on_board": "headcount"}, part=("board", "voting members"))


def _tiers(staff: pl.DataFrame) -> dict[Part, Part]:
    """Return the tier to which each pay band belongs."""
    bands = staff.filter(pl.col("breakdown") == "pay_band")["breakdown_value"].unique()
    return {("pay_band", band): ("tier", tier(band) or NO_TIER) for band in bands}


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
    attack="no number of staff can be worked out from everything published of the period, and what stands is what was "
    "proven",
)
