"""The register of published counts: the values that each edition left possible for each count."""

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
    PUBLISHED_EFFECTS,
)
from equity_audit.disclosure.suppression.earlier_revisions import CellNames, Earlier
from equity_audit.disclosure.suppression.secondary_suppression import Protected
from equity_audit.disclosure.table.constraints import UNBOUNDED
from equity_audit.disclosure.table.count_table import CountTable, Row
from equity_audit.disclosure.table.suppression_status import Mark, Published, possible
from equity_audit.errors import DisclosureFailed, Problem
from equity_audit.settings import Settings

_CELL = ("level", "breakdown", "breakdown_value", "group_name", "quantity", "from_stage", "to_stage")


def check_no_overlap(
    connection: duckdb.DuckDBPyConnection, organisations: list[str], period: str, settings: Settings
) -> None:
    """Raise DisclosureFailed if an edition of another period shares days with this one, as a quarter does with a year.

    The difference of two such editions would disclose figures for the days that only one of them covers.
    """
    bounds = period_bounds(period, settings)
    overlapping = connection.execute(
        "select distinct organisation, period, period_end from intake.published_counts "
        "where list_contains($organisations, organisation) and period < $period_end and period_end > $period_start "
        "and (period <> $period_start or period_end <> $period_end) order by all",
        bounds | {"organisations": organisations},
    ).fetchall()
    if overlapping:
        raise DisclosureFailed(
            *(
                Problem(
                    f"an edition of {start} to {end} (last day not included) was published and shares days with "
                    "the one requested: together they would reveal figures for the days that only one of them has",
                    organisation,
                    "keep to one unit of periods (settings, period.unit)",
                )
                for organisation, start, end in overlapping
            )
        )


def earlier_editions(
    connection: duckdb.DuckDBPyConnection, period: str, before: int | None = None
) -> dict[str, Earlier]:
    """Return by organisation, for each count, what each earlier revision of the period's edition left possible.

    Each revision has an entry for every count of the splits that policy let it publish: lowest, highest and exact. One
    that it left out has no upper bound. A part that nobody was in also has an exact value of 0. before: only
    revisions lower than this; None for all.
    """
    rows = connection.execute(
        f"select organisation, {', '.join(_CELL)}, revision, lowest, highest, exact "
        "from intake.published_counts where period = $period and exact is not null "
        "and ($before::integer is null or revision < $before) order by all",
        {"period": period, "before": before},
    ).fetchall()
    revisions_of: dict[tuple[str, str, str], set[int]] = {}
    by_organisation: dict[str, dict[CellNames, dict[int, tuple[int, int, int]]]] = {}
    for organisation, *row, quantity, start, end, revision, lowest, highest, exact in rows:
        cell = Row(*row)
        revisions_of.setdefault((organisation, cell.level, cell.breakdown), set()).add(revision)
        by_revision = by_organisation.setdefault(organisation, {}).setdefault((cell, quantity, start, end), {})
        by_revision[revision] = lowest, highest, exact
    # If a revision counted a split but does not have one of its parts, nobody was in that part.
    return {
        organisation: {
            cell: [
                by_revision.get(revision, (0, UNBOUNDED, 0))
                for revision in sorted(revisions_of[organisation, cell[0].level, cell[0].breakdown])
            ]
            for cell, by_revision in cells.items()
        }
        for organisation, cells in by_organisation.items()
    }


def first_effects(connection: duckdb.DuckDBPyConnection, period: str, before: int | None = None) -> pl.DataFrame:
    """Return the design effects that the first revision of each organisation's edition of the period published.

    before: as if only revisions lower than this had been published; None for all.
    """
    return connection.sql(
        "select organisation, from_stage, to_stage, design_effect, basis from intake.published_effects "
        "where period = $period and ($before::integer is null or revision < $before) "
        "qualify revision = min(revision) over (partition by organisation) order by all",
        params={"period": period, "before": before},
    ).pl()


def record_protections(
    connection: duckdb.DuckDBPyConnection,
    period: str,
    protected: Mapping[str, Mapping[str, Protected]],
    run_id: str,
    set_names: Sequence[str] = (APPLICANTS,),
) -> None:
    """Record how the counts of sets of people were protected in a period, with the fingerprint of the proven tables.

    protected: by organisation and set. set_names: the names of all sets that their population can have, or the part
    before the colon; their earlier records are deleted.
    """
    connection.execute(
        "delete from intake.protections where period = $period "
        f"and list_contains($names, split_part(population, ': ', 1)) and {OF_RUN}",
        {"period": period, "names": list(set_names)},
    )
    for organisation, sets in protected.items():
        for population, protection in sets.items():
            published = int((protection.published.mark != Mark.UNPUBLISHED).sum()) - len(protection.withheld)
            fingerprint, disclosed_cells = protection.published.sha256(), len(protection.fell)
            values = [
                organisation,
                period,
                population,
                fingerprint,
                published,
                len(protection.withheld),
                disclosed_cells,
            ]
            marks = ", ".join("?" * len(PROTECTIONS.columns))
            connection.execute(f"insert into intake.protections values ({marks})", [*values, protection.exact, run_id])


def changed_applications(
    connection: duckdb.DuckDBPyConnection, people: CountTable, organisation: str, period: str
) -> list[int]:
    """Return a lower bound on the number of applications that changed since each earlier revision; empty without one.

    An application with another final outcome moves from one outcome to another; one that was added or removed adds to
    or takes from one outcome. So the bound is the larger of the total gained and the total lost by outcomes, in the
    split where this is largest.
    """
    rows = connection.execute(
        f"select revision, {', '.join(_CELL)}, exact from intake.published_counts where organisation = $organisation "
        "and period = $period and exact is not null",
        {"organisation": organisation, "period": period},
    ).fetchall()
    # Rows of these people only: the stages distinguish applicants from staff.
    before: dict[int, dict[tuple[Row, str, str, str], int]] = {}
    for revision, *row, exact in rows:
        if {row[5], row[6]} <= set(people.stages):
            before.setdefault(revision, {})[Row(*row[:4]), row[4], row[5], row[6]] = exact
    return [_changed(people, counts) for _, counts in sorted(before.items())]


def _changed(people: CountTable, before: Mapping[tuple[Row, str, str, str], int]) -> int:
    changes: dict[tuple[str, str], list[int]] = {}
    steps = set(pairwise(people.stages))
    for cell, exact in _cells(people).items():
        # Those lost over a span of steps are counted at each step instead.
        lost = cell[1] in ("rejected", "left") and cell[2:] in steps
        if lost or (cell[1] == "reached" and cell[2] == people.stages[-1]):
            split = (cell[0].level, cell[0].breakdown)
            # A split that the earlier revision did not have cannot be compared.
            if cell in before or any((row.level, row.breakdown) == split for row, *_ in before):
                changes.setdefault(split, []).append(exact - before.get(cell, 0))
    return max(max(sum(c for c in by_cell if c > 0), -sum(c for c in by_cell if c < 0)) for by_cell in changes.values())


def too_little_changed(
    connection: duckdb.DuckDBPyConnection, people: CountTable, edition: tuple[str, str], settings: Settings
) -> bool:
    """Return whether a new revision differs from an earlier one by fewer applications than policy allows.

    False if no application changed since the latest revision: then only the presentation of the same counts can differ.
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
    """Return the highest revision number of an edition (organisation, period) that new content may not use.

    A registered revision is never forgotten, even if its folder is gone. Its number is used again only for an edition
    that says the same of every count: then a run was stopped or a disk failed, and nothing new becomes known.
    """
    row = connection.execute(
        "select max(revision) from intake.published_counts where organisation = ? and period = ?", list(edition)
    ).fetchone()
    last = int(row[0] or 0) if row else 0
    if not last:
        return 0
    columns = ", ".join(PUBLISHED_COUNTS.column_names)
    registered = connection.execute(
        f"select {columns} from intake.published_counts where organisation = ? and period = ? and revision = ?",
        [*edition, last],
    ).fetchall()
    new = _rows(populations, (*edition, last), settings)
    return last - 1 if sorted(map(_text, registered)) == sorted(map(_text, new)) else last


def _text(row: Iterable[Any]) -> tuple[str, ...]:
    return tuple(map(str, row))


def register_edition(
    connection: duckdb.DuckDBPyConnection,
    populations: Iterable[Published],
    effects: pl.DataFrame,
    edition: tuple[str, str, int],
    settings: Settings,
) -> None:
    """Record what an edition (organisation, period, revision) leaves possible, before anybody can read the edition.

    effects: its contracts.DISCLOSED_DESIGN_EFFECTS.
    """
    rows = _rows(populations, edition, settings)
    counts = pl.DataFrame(rows, schema=list(PUBLISHED_COUNTS.column_names), orient="row")
    given = effects.with_columns(revision=pl.lit(edition[2])).select(PUBLISHED_EFFECTS.column_names)
    # In one transaction: a revision that is registered again may already have been read.
    connection.execute("begin")
    try:
        for table, frame in ((PUBLISHED_COUNTS, counts), (PUBLISHED_EFFECTS, given)):
            connection.execute(
                f"delete from {table.full_name} where organisation = ? and period = ? and revision = ?", list(edition)
            )
            connection.register("new_rows", frame)
            connection.execute(f"insert into {table.full_name} by name select * from new_rows")
            connection.unregister("new_rows")
        connection.execute("commit")
    except BaseException:
        connection.execute("rollback")
        raise


def _rows(populations: Iterable[Published], edition: tuple[str, str, int], settings: Settings) -> list[tuple[Any, ...]]:
    """Return the rows of intake.published_counts of one edition.

    With those of splits and levels that it left out, of which everything stays possible: a later revision may publish
    them, and whoever knows what was corrected in between must be known to know it.
    """
    organisation, period, revision = edition
    end: date = period_bounds(period, settings)["period_end"]
    rows: list[tuple[Any, ...]] = []
    for published in populations:
        lowest, highest = possible(published, settings.disclosure)
        rows += [
            (organisation, period, end, revision, *row, *quantity, int(lowest[position]), int(highest[position]), exact)
            for (row, *quantity), exact, position in _positions(published.people)
        ]
        listed = set(published.people.rows)
        rows += [
            (organisation, period, end, revision, *row, *quantity, 0, UNBOUNDED, exact)
            for (row, *quantity), exact in (_cells(published.counted) if published.counted else {}).items()
            if row not in listed
        ]
    return rows


def _cells(people: CountTable) -> dict[tuple[Row, str, str, str], int]:
    return {cell: exact for cell, exact, _ in _positions(people)}


def _positions(people: CountTable) -> list[tuple[tuple[Row, str, str, str], int, tuple[int, int]]]:
    """Return every count by its names, with its exact value and its position (row, column)."""
    names = [(q.name, people.stages[q.start], people.stages[q.end]) for q in people.quantities]
    return [
        ((row, *name), int(people.values[line, column]), (line, column))
        for line, row in enumerate(people.rows)
        for column, name in enumerate(names)
    ]
