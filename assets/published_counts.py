"""The register of everything ever published: what each edition left possible of each count."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import duckdb
import polars as pl

from assets.partitions import period_bounds
from assets.protection_report import APPLICANTS
from equity_audit.contracts import (
    PROTECTIONS,
    PUBLISHED_COUNTS,
)
from equity_audit.disclosure.knowledge import Earlier
from equity_audit.disclosure.marks import Mark, Published, possible
from equity_audit.disclosure.people import People, Row
from equity_audit.disclosure.protection import Protected
from equity_audit.disclosure.system import UNBOUNDED
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
    """What each earlier revision of the period's editions left possible, by organisation. `before`: a revision."""
    rows = connection.execute(
        f"select organisation, {', '.join(_CELL)}, list((lowest, highest)) from intake.published_counts "
        "where period = $period and highest < $any and ($before::integer is null or revision < $before) group by all",
        {"period": period, "any": UNBOUNDED, "before": before},
    ).fetchall()
    found: dict[str, dict[tuple[Row, str, str, str], list[tuple[int, int]]]] = {}
    for organisation, *row, quantity, start, end, said in rows:
        found.setdefault(organisation, {})[Row(*row), quantity, start, end] = said
    return dict(found)


def forget_protections(connection: duckdb.DuckDBPyConnection, period: str, beginning: str) -> None:
    """Forget how populations of a period were protected whose names begin so: there may be other ones now."""
    connection.execute(
        "delete from intake.protections where period = ? and starts_with(population, ?)", [period, beginning]
    )


def record_protection(
    connection: duckdb.DuckDBPyConnection,
    period: str,
    protected: Mapping[str, Protected],
    run_id: str,
    population: str = APPLICANTS,
) -> None:
    """Keep how the counts of a population in a period were protected, with the fingerprint of what was proven."""
    connection.execute("delete from intake.protections where period = ? and population = ?", [period, population])
    for organisation, done in protected.items():
        published = int((done.published.mark != Mark.UNPUBLISHED).sum()) - len(done.withheld)
        fingerprint, fallen = done.published.sha256(), len(done.fell)
        values = [organisation, period, population, fingerprint, published, len(done.withheld), fallen]
        marks = ", ".join("?" * len(PROTECTIONS.columns))
        connection.execute(f"insert into intake.protections values ({marks})", [*values, done.exact, run_id])


def changed_applications(
    connection: duckdb.DuckDBPyConnection, people: People, organisation: str, period: str
) -> int | None:
    """At least how many applications count otherwise than in the latest edition; None without one to compare with.

    Whoever ends differently leaves one outcome for another; whoever came or went is in one more or one less. So it is
    the larger of what outcomes gained and lost, in the split that shows most.
    """
    rows = connection.execute(
        f"select {', '.join(_CELL)}, exact from intake.published_counts where organisation = $organisation "
        "and period = $period and revision = (select max(revision) from intake.published_counts "
        "where organisation = $organisation and period = $period)",
        {"organisation": organisation, "period": period},
    ).fetchall()
    # Of these people: the stages tell applicants from staff.
    before = {(Row(*row[:4]), *row[4:7]): row[7] for row in rows if {row[5], row[6]} <= set(people.stages)}
    if not before or None in before.values():
        return None
    changes: dict[tuple[str, str], list[int]] = {}
    for cell, exact in _cells(people).items():
        if cell[1] in ("rejected", "left") or (cell[1] == "reached" and cell[2] == people.stages[-1]):
            changes.setdefault((cell[0].level, cell[0].breakdown), []).append(exact - before.get(cell, 0))
    return max(max(sum(c for c in found if c > 0), -sum(c for c in found if c < 0)) for found in changes.values())


def too_little_changed(
    connection: duckdb.DuckDBPyConnection, people: People, edition: tuple[str, str], settings: Settings
) -> bool:
    """Whether comparing a new revision with the latest one would tell about fewer applications than policy allows.

    False where nothing changed at all: then only what is said of the same applications can differ.
    """
    changed = changed_applications(connection, people, *edition)
    return changed is not None and 0 < changed < settings.disclosure.min_changed_applications


def register_edition(
    connection: duckdb.DuckDBPyConnection,
    populations: Iterable[Published],
    edition: tuple[str, str, int],
    settings: Settings,
) -> None:
    """Note what an edition (organisation, period, revision) leaves possible, before anybody can have read it."""
    organisation, period, revision = edition
    end: date = period_bounds(period, settings)["period_end"]
    rows: list[tuple[Any, ...]] = []
    for published in populations:
        lowest, highest = possible(published, settings.disclosure)
        rows += [
            (organisation, period, end, revision, *row, *quantity, int(lowest[place]), int(highest[place]), exact)
            for (row, *quantity), exact, place in _placed(published.people)
        ]
    connection.execute(
        "delete from intake.published_counts where organisation = ? and period = ? and revision = ?", list(edition)
    )
    frame = pl.DataFrame(rows, schema=list(PUBLISHED_COUNTS.column_names), orient="row")
    connection.register("new_rows", frame)
    connection.execute("insert into intake.published_counts by name select * from new_rows")
    connection.unregister("new_rows")


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
