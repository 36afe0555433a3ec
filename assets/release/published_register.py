"""The register of everything ever published: what each edition left possible of each count."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import Any

import duckdb
import polars as pl

from assets.release.suppression_report import APPLICANTS
from assets.warehouse.tables import OF_RUN, period_bounds
from equity_audit.contracts import (
    PROTECTIONS,
    PUBLISHED_COUNTS,
)
from equity_audit.disclosure.suppression.attacker_knowledge import CellNames, Earlier
from equity_audit.disclosure.suppression.secondary_suppression import Protected
from equity_audit.disclosure.table.constraints import UNBOUNDED
from equity_audit.disclosure.table.count_table import People, Row
from equity_audit.disclosure.table.suppression_status import Mark, Published, possible
from equity_audit.errors import DisclosureFailed, Problem
from equity_audit.settings import Settings

_CELL = ("level", "breakdown", "breakdown_value", "group_name", "quantity", "from_stage", "to_stage")


def check_no_overlap(
    connection: duckdb.DuckDBPyConnection, organisations: list[str], period: str, settings: Settings
) -> None:
    """Raise DisclosureFailed where an edition of another window has some of the same days: a quarter within a year.

    The difference of two such editions would be one about the days that only one of them has.
    """
    bounds = period_bounds(period, settings)
    found = connection.execute(
        "select distinct organisation, period, period_end from intake.published_counts "
        "where list_contains($organisations, organisation) and period < $period_end and period_end > $period_start "
        "and (period <> $period_start or period_end <> $period_end) order by all",
        bounds | {"organisations": organisations},
    ).fetchall()
    if found:
        raise DisclosureFailed(
            *(
                Problem(
                    f"an edition of {start} to {end} (last day not included) was published and shares days with "
                    "the one asked for: together they would tell about the days that only one of them has",
                    organisation,
                    "keep to one unit of periods (settings, period.unit)",
                )
                for organisation, start, end in found
            )
        )


def earlier_editions(
    connection: duckdb.DuckDBPyConnection, period: str, before: int | None = None
) -> dict[str, Earlier]:
    """What each earlier revision of the period's editions left possible of what it was of, by organisation.

    Every revision says something of every count: that nobody was there and nothing said, where it had no place for it.
    before: a revision.
    """
    rows = connection.execute(
        f"select organisation, {', '.join(_CELL)}, revision, lowest, highest, exact "
        "from intake.published_counts where period = $period and exact is not null "
        "and ($before::integer is null or revision < $before) order by all",
        {"period": period, "before": before},
    ).fetchall()
    told_by: dict[tuple[str, str, str], set[int]] = {}
    found: dict[str, dict[CellNames, dict[int, tuple[int, int, int]]]] = {}
    for organisation, *row, quantity, start, end, revision, lowest, highest, exact in rows:
        cell = Row(*row)
        told_by.setdefault((organisation, cell.level, cell.breakdown), set()).add(revision)
        said = found.setdefault(organisation, {}).setdefault((cell, quantity, start, end), {})
        said[revision] = lowest, highest, exact
    # A part that a revision with its split did not list had nobody in it then.
    return {
        organisation: {
            cell: [
                said.get(revision, (0, UNBOUNDED, 0))
                for revision in sorted(told_by[organisation, cell[0].level, cell[0].breakdown])
            ]
            for cell, said in cells.items()
        }
        for organisation, cells in found.items()
    }


def record_protections(
    connection: duckdb.DuckDBPyConnection,
    period: str,
    protected: Mapping[str, Mapping[str, Protected]],
    run_id: str,
    set_names: Sequence[str] = (APPLICANTS,),
) -> None:
    """Keep how the counts of sets of people were protected in a period, with the fingerprint of what was proven.

    protected: by organisation and set. set_names: of all sets that there may be of their kind, or what stands before
    the colon in these; what was kept of them goes.
    """
    connection.execute(
        "delete from intake.protections where period = $period "
        f"and list_contains($names, split_part(population, ': ', 1)) and {OF_RUN}",
        {"period": period, "names": list(set_names)},
    )
    for organisation, sets in protected.items():
        for population, done in sets.items():
            published = int((done.published.mark != Mark.UNPUBLISHED).sum()) - len(done.withheld)
            fingerprint, fallen = done.published.sha256(), len(done.fell)
            values = [organisation, period, population, fingerprint, published, len(done.withheld), fallen]
            marks = ", ".join("?" * len(PROTECTIONS.columns))
            connection.execute(f"insert into intake.protections values ({marks})", [*values, done.exact, run_id])


def changed_applications(
    connection: duckdb.DuckDBPyConnection, people: People, organisation: str, period: str
) -> list[int]:
    """At least how many applications count otherwise than in each earlier revision; none without one to compare with.

    Whoever ends differently leaves one outcome for another; whoever came or went is in one more or one less. So it is
    the larger of what outcomes gained and lost, in the split that shows most.
    """
    rows = connection.execute(
        f"select revision, {', '.join(_CELL)}, exact from intake.published_counts where organisation = $organisation "
        "and period = $period and exact is not null",
        {"organisation": organisation, "period": period},
    ).fetchall()
    # Of these people: the stages tell applicants from staff.
    before: dict[int, dict[tuple[Row, str, str, str], int]] = {}
    for revision, *row, exact in rows:
        if {row[5], row[6]} <= set(people.stages):
            before.setdefault(revision, {})[Row(*row[:4]), row[4], row[5], row[6]] = exact
    return [_changed(people, then) for _, then in sorted(before.items())]


def _changed(people: People, before: Mapping[tuple[Row, str, str, str], int]) -> int:
    changes: dict[tuple[str, str], list[int]] = {}
    steps = set(pairwise(people.stages))
    for cell, exact in _cells(people).items():
        # Those who were lost over a span are counted step by step.
        lost = cell[1] in ("rejected", "left") and cell[2:] in steps
        if lost or (cell[1] == "reached" and cell[2] == people.stages[-1]):
            split = (cell[0].level, cell[0].breakdown)
            # A split that the earlier revision had no place for cannot be compared.
            if cell in before or any((row.level, row.breakdown) == split for row, *_ in before):
                changes.setdefault(split, []).append(exact - before.get(cell, 0))
    return max(max(sum(c for c in found if c > 0), -sum(c for c in found if c < 0)) for found in changes.values())


def too_little_changed(
    connection: duckdb.DuckDBPyConnection, people: People, edition: tuple[str, str], settings: Settings
) -> bool:
    """Whether comparing a new revision with any earlier one would tell about fewer applications than policy allows.

    False where nothing changed at all since the latest: then only what is said of the same applications can differ.
    """
    changed = changed_applications(connection, people, *edition)
    few = (0 < number < settings.disclosure.min_changed_applications for number in changed)
    return bool(changed) and changed[-1] > 0 and any(few)


def taken_revision(
    connection: duckdb.DuckDBPyConnection,
    populations: Iterable[Published],
    edition: tuple[str, str],
    settings: Settings,
) -> int:
    """The highest revision of an edition (organisation, period) whose number no other content may have.

    What a revision said is never forgotten, whether or not its folder is still there. Only one that says the same of
    every count has the number again: then a run was stopped, or a disk has failed, and nothing new becomes known.
    """
    row = connection.execute(
        "select max(revision) from intake.published_counts where organisation = ? and period = ?", list(edition)
    ).fetchone()
    last = int(row[0] or 0) if row else 0
    if not last:
        return 0
    columns = ", ".join(PUBLISHED_COUNTS.column_names)
    there = connection.execute(
        f"select {columns} from intake.published_counts where organisation = ? and period = ? and revision = ?",
        [*edition, last],
    ).fetchall()
    again = _rows(populations, (*edition, last), settings)
    return last - 1 if sorted(map(_text, there)) == sorted(map(_text, again)) else last


def _text(row: Iterable[Any]) -> tuple[str, ...]:
    return tuple(map(str, row))


def register_edition(
    connection: duckdb.DuckDBPyConnection,
    populations: Iterable[Published],
    edition: tuple[str, str, int],
    settings: Settings,
) -> None:
    """Note what an edition (organisation, period, revision) leaves possible, before anybody can have read it."""
    rows = _rows(populations, edition, settings)
    frame = pl.DataFrame(rows, schema=list(PUBLISHED_COUNTS.column_names), orient="row")
    # All or nothing: a revision that is noted again may have been seen before.
    connection.execute("begin")
    try:
        connection.execute(
            "delete from intake.published_counts where organisation = ? and period = ? and revision = ?", list(edition)
        )
        connection.register("new_rows", frame)
        connection.execute("insert into intake.published_counts by name select * from new_rows")
        connection.unregister("new_rows")
        connection.execute("commit")
    except BaseException:
        connection.execute("rollback")
        raise


def _rows(populations: Iterable[Published], edition: tuple[str, str, int], settings: Settings) -> list[tuple[Any, ...]]:
    """The rows of intake.published_counts of one edition."""
    organisation, period, revision = edition
    end: date = period_bounds(period, settings)["period_end"]
    rows: list[tuple[Any, ...]] = []
    for published in populations:
        lowest, highest = possible(published, settings.disclosure)
        rows += [
            (organisation, period, end, revision, *row, *quantity, int(lowest[place]), int(highest[place]), exact)
            for (row, *quantity), exact, place in _placed(published.people)
        ]
    return rows


def _cells(people: People) -> dict[tuple[Row, str, str, str], int]:
    return {cell: exact for cell, exact, _ in _placed(people)}


def _placed(people: People) -> list[tuple[tuple[Row, str, str, str], int, tuple[int, int]]]:
    """Every count by names, with its exact value and its place."""
    names = [(q.name, people.stages[q.start], people.stages[q.end]) for q in people.quantities]
    return [
        ((row, *name), int(people.values[line, column]), (line, column))
        for line, row in enumerate(people.rows)
        for column, name in enumerate(names)
    ]
