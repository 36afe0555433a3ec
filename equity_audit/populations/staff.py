"""The people who work there: what is published of their numbers, protected as counts of applicants are.

Staff in post, with those who left since the snapshot before, are one set of people; the board's voting members are
another. No sum holds between the two, nor between staff and applicants, so each is protected by itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from equity_audit.contracts import DISCLOSED_WORKFORCE, DISCLOSED_WORKFORCE_MEASURES, WORKFORCE_MEASURES, Table
from equity_audit.disclosure.suppression.attacker_knowledge import Earlier
from equity_audit.disclosure.suppression.keyed_choices import Choices
from equity_audit.disclosure.suppression.secondary_suppression import Protected, protect
from equity_audit.disclosure.table.count_table import Part
from equity_audit.disclosure.table.rounding import highest_possible, lowest_possible
from equity_audit.disclosure.table.suppression_status import Published
from equity_audit.disclosure.table.totals_and_parts import (
    CountedPeople,
    people_counted,
    published_again,
    published_rows,
)
from equity_audit.measures.count_ranges import Count
from equity_audit.populations.headcounts import tier
from equity_audit.populations.staff_measures import Place, Recruited, workforce_measures
from equity_audit.settings import Settings

POPULATIONS = (WORKFORCE, BOARD) = ("workforce", "board")
NO_TIER = "no tier"
# By what staff are counted, as the register of published counts names it, with the column of each number.
_POST, _WITH_LEAVERS = {"in_post": "headcount"}, {"employed": "employed", "in_post": "headcount"}
_ON_BOARD = {"on_board": "headcount"}
_PART = ("breakdown", "breakdown_value")
_NOT_COLLECTED = "not_collected"
_TYPES = {"varchar": pl.String, "date": pl.Date, "bigint": pl.Int64, "double": pl.Float64}


@dataclass(frozen=True)
class Population:
    """One set of people of an organisation and period. rows: those published, with the columns counted in."""

    name: str
    rows: pl.DataFrame
    columns: Mapping[str, str]
    people: CountedPeople


@dataclass(frozen=True)
class DisclosedStaff:
    """Rows of disclosed.workforce of one organisation and period, and how each population was protected."""

    workforce: pl.DataFrame
    protected: Mapping[str, Protected]


def populations(workforce: pl.DataFrame, settings: Settings) -> list[Population]:
    """The sets of people in rows of out.workforce of one organisation and period, as far as policy publishes them."""
    splits = [
        *settings.workforce.publish_splits,
        *(["tier"] if "pay_band" in settings.workforce.publish_splits else []),
    ]
    levels = ["all", *settings.disclosure.split_levels]
    unsplit, split = pl.col("breakdown") == "all", pl.col("breakdown").is_in(splits) & pl.col("level").is_in(levels)
    staff = workforce.filter(unsplit | split).with_columns(employed=pl.col("headcount") + pl.col("leavers"))
    board = workforce.filter(pl.col("breakdown") == "board", pl.col("level").is_in(["all", "wres"]))
    found = []
    if staff.height:
        columns = _POST if staff["employed"].null_count() else _WITH_LEAVERS
        found.append(Population(WORKFORCE, staff, columns, people_counted(staff, columns, _tiers(staff))))
    if board.height:
        whole = board.with_columns(pl.lit("all").alias(name) for name in _PART)
        found.append(Population(BOARD, whole, _ON_BOARD, people_counted(whole, _ON_BOARD)))
    return found


def disclose_staff(
    workforce: pl.DataFrame, settings: Settings, earlier: Earlier | None = None, choices: Choices | None = None
) -> DisclosedStaff:
    """Round numbers, mark small ones and withhold others until nothing can be worked out; of one organisation, period.

    earlier: what editions of the same period left possible. choices: those of the home. Raises DisclosureFailed as
    `protect` does.
    """
    rows, protected = [], {}
    for one in populations(workforce, settings):
        organisation, period = one.rows.select("organisation", "period").row(0)
        mine = (choices or Choices()).of(organisation, str(period), one.name)
        done = protect(one.people, settings.disclosure, earlier, mine)
        protected[one.name] = done
        rows.append(_disclosed_rows(one, done.published))
    return DisclosedStaff(pl.concat(rows) if rows else without_rows(DISCLOSED_WORKFORCE), protected)


def without_rows(table: Table) -> pl.DataFrame:
    """The table of a period in which nobody was counted."""
    return pl.DataFrame(schema={column.name: _TYPES[column.type] for column in table.columns})


def staff_again(workforce: pl.DataFrame, disclosed: pl.DataFrame, settings: Settings) -> dict[str, Published]:
    """What disclosed.workforce says of the people in out.workforce, of one organisation and period, by population."""
    found = {}
    for one in populations(workforce, settings):
        mine = disclosed.filter((pl.col("breakdown") == "board") == (one.name == BOARD))
        if one.name == BOARD:
            mine = mine.with_columns(pl.lit("all").alias(name) for name in _PART)
        found[one.name] = published_again(one.people, mine, one.columns)
    return found


def disclosed_measures(disclosed: pl.DataFrame, stage_counts: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """Rows of disclosed.workforce_measures from published numbers alone, of every organisation of a period.

    stage_counts: disclosed.stage_counts, for whom recruitment brings.
    """
    policy, frames = settings.disclosure, []
    for (organisation,), own in disclosed.group_by("organisation", maintain_order=True):
        staff = {
            _place(row): (published_count(row, "headcount"), published_count(row, "employed"))
            for row in _with_ends(own, settings)
        }
        recruits = stage_counts.filter(pl.col("organisation") == organisation)
        found = workforce_measures(staff, _recruited(recruits, settings), settings, fewest=policy.rate_min_denominator)
        frames.append(_as_table(found, own).rename({"why_not": "not_shown_reason"}))
    table = DISCLOSED_WORKFORCE_MEASURES
    return pl.concat(frames).select(table.column_names) if frames else without_rows(table)


def exact_measures(workforce: pl.DataFrame, stage_counts: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """Rows of out.workforce_measures from exact numbers, of every organisation of a period."""
    frames = []
    for (organisation,), own in workforce.group_by("organisation", maintain_order=True):
        staff = {
            _place(row): (
                Count.exact(row["headcount"]),
                Count(why_not=_NOT_COLLECTED)
                if row["leavers"] is None
                else Count.exact(row["headcount"] + row["leavers"]),
            )
            for row in own.filter(pl.col("level") != "category").iter_rows(named=True)
        }
        path = whole_path(stage_counts.filter(pl.col("organisation") == organisation))
        recruited = {row["group_name"]: (Count.exact(row["progressed"]), Count.exact(row["decided"])) for row in path}
        found = workforce_measures(staff, recruited, settings)
        frames.append(_as_table(found, own).rename({"why_not": "undefined_reason"}))
    return pl.concat(frames).select(WORKFORCE_MEASURES.column_names) if frames else without_rows(WORKFORCE_MEASURES)


def ranges_that_miss(
    published: pl.DataFrame, exact: pl.DataFrame, key: Sequence[str] = DISCLOSED_WORKFORCE_MEASURES.key
) -> int:
    """How many published ranges do not hold the exact interval of the same key. 0 if all is well."""
    both = published.filter(pl.col("value").is_not_null()).join(exact, on=[*key], how="left", suffix="_exact")
    slack = 1e-12
    holds = (pl.col("value_low") <= pl.col("value_low_exact") + slack) & (
        (pl.col("value_high") >= pl.col("value_high_exact") - slack) | pl.col("value_high").is_null()
    )
    return both.filter(~holds.fill_null(value=False)).height


def whole_path(stage_counts: pl.DataFrame) -> list[dict[str, Any]]:
    """Rows of White and BME applicants from the first stage to the last, of one organisation, unsplit."""
    own = stage_counts.filter(pl.col("level") == "wres", pl.col("breakdown") == "all")
    steps = own.filter(pl.col("step_kind") == "stage").sort("step_order")
    if steps.is_empty():
        return []
    ends = pl.col("from_stage") == steps["from_stage"][0], pl.col("to_stage") == steps["to_stage"][-1]
    return own.filter(*ends).to_dicts()


def _tiers(staff: pl.DataFrame) -> dict[Part, Part]:
    """The tier that each pay band belongs to."""
    bands = staff.filter(pl.col("breakdown") == "pay_band")["breakdown_value"].unique()
    return {("pay_band", band): ("tier", tier(band) or NO_TIER) for band in bands}


def _disclosed_rows(one: Population, published: Published) -> pl.DataFrame:
    rows = published_rows(published, one.columns)
    if one.name == BOARD:
        rows = rows.with_columns(breakdown=pl.lit("board"), breakdown_value=pl.lit("voting members"))
    if "employed" not in rows.columns:
        rows = rows.with_columns(employed=pl.lit(None, pl.Int64), employed_note=pl.lit(_NOT_COLLECTED))
    of = one.rows.select("organisation", "period", "snapshot").unique()
    return rows.join(of, how="cross").select(DISCLOSED_WORKFORCE.column_names)


def _with_ends(disclosed: pl.DataFrame, settings: Settings) -> Sequence[dict[str, object]]:
    """Rows of disclosed.workforce with the smallest and largest number that each published one stands for."""
    policy = settings.disclosure
    splits = policy.model_copy(update={"zeros": policy.zeros_in_splits})
    frames = []
    for part, rule in (
        (disclosed.filter(pl.col("breakdown").is_in(["all", "board"])), policy),
        (disclosed.filter(~pl.col("breakdown").is_in(["all", "board"])), splits),
    ):
        ends = [
            end(pl.col(name).cast(pl.Int64), rule).alias(f"{name}_{which}")
            for name in ("headcount", "employed")
            for which, end in (("lowest", lowest_possible), ("highest", highest_possible))
        ]
        frames.append(part.with_columns(ends))
    return pl.concat(frames).filter(pl.col("level") != "category").to_dicts()


def published_count(row: Mapping[str, object], name: str) -> Count:
    """A published number with the smallest and largest that it stands for, which are columns too; or why it is none."""
    note = row[f"{name}_note"]
    if note is not None:
        return Count(why_not=str(note))
    value, lowest, highest = (int(str(row[key])) for key in (name, f"{name}_lowest", f"{name}_highest"))
    return Count(value, lowest, highest)


def _recruited(stage_counts: pl.DataFrame, settings: Settings) -> Recruited:
    """From published counts; where one is not shown, the reason alone."""
    found = {}
    for row in whole_path(stage_counts):
        frame = pl.DataFrame([row], infer_schema_length=None)
        ends = frame.select(
            **{f"{n}_lowest": lowest_possible(pl.col(n).cast(pl.Int64), settings.disclosure) for n in _RECRUITED},
            **{f"{n}_highest": highest_possible(pl.col(n).cast(pl.Int64), settings.disclosure) for n in _RECRUITED},
        ).to_dicts()[0]
        appointed, decided = (published_count(row | ends, name) for name in _RECRUITED)
        found[str(row["group_name"])] = (appointed, decided)
    return found


_RECRUITED = ("progressed", "decided")


def _place(row: Mapping[str, object]) -> Place:
    return str(row["level"]), str(row["breakdown"]), str(row["breakdown_value"]), str(row["group_name"])


def _as_table(found: Sequence[Mapping[str, object]], own: pl.DataFrame) -> pl.DataFrame:
    kinds = dict.fromkeys(("benchmark_share", "value", "value_low", "value_high"), pl.Float64)
    texts = dict.fromkeys(("reference_name", "why_not"), pl.String)
    frame = pl.DataFrame(found, schema_overrides={**kinds, **texts}, infer_schema_length=None)
    return frame.join(own.select("organisation", "period", "snapshot").unique(), how="cross")


# By population and organisation, how the numbers were protected.
ProtectedStaff = dict[str, dict[str, Protected]]


def staff_tables(
    exact: pl.DataFrame, counts: pl.DataFrame, settings: Settings, earlier: Mapping[str, Earlier], choices: Choices
) -> tuple[dict[Table, pl.DataFrame], ProtectedStaff]:
    """disclosed.workforce and its measures, for the organisations that have applicants; and how each was protected.

    counts: disclosed.stage_counts.
    """
    rows: list[pl.DataFrame] = []
    protected: ProtectedStaff = {name: {} for name in POPULATIONS}
    for organisation in sorted(set(exact["organisation"]) & set(counts["organisation"])):
        own = exact.filter(pl.col("organisation") == organisation)
        done = disclose_staff(own, settings, earlier.get(organisation), choices)
        rows.append(done.workforce)
        for name, how in done.protected.items():
            protected[name][organisation] = how
    workforce = pl.concat(rows) if rows else without_rows(DISCLOSED_WORKFORCE)
    return {
        DISCLOSED_WORKFORCE: workforce,
        DISCLOSED_WORKFORCE_MEASURES: disclosed_measures(workforce, counts, settings),
    }, protected
