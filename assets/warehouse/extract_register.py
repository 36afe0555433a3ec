"""Queries on the register of extracts, for commands, assets and schedules."""

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date

import duckdb

from assets.warehouse.tables import counted_people, sql_text
from equity_audit.errors import Problem, UsageError
from equity_audit.intake.commitments import keyed_id
from equity_audit.intake.mapping import Mapping
from equity_audit.intake.mapping_file import mapping_sha256
from equity_audit.periods import period_end, period_start
from equity_audit.settings import Settings
from equity_audit.vocabulary import family

_HAS_APPLICANTS = """
    select 1 from core.counted_applications
    where organisation = $organisation and applied_on >= $start and applied_on < $end
    union all
    select 1 from core.group_counts as g inner join intake.accepted_extracts as e on g.extract_id = e.extract_id
    where g.organisation = $organisation and g.period >= $start and g.period < $end
    limit 1
"""


def organisation_of(mapping: Mapping, settings: Settings) -> str:
    """Return the organisation of the mapping, or of the settings if the mapping names none."""
    return mapping.source.organisation or settings.organisation.name


def extract_id(file_sha256: str, mapping: Mapping, settings: Settings, key: bytes) -> str:
    """Return the id of an extract: the same file, mapping, kept details and organisation always have the same id.

    Only the parts of the mapping that policy keeps matter: keeping a further detail makes a new extract, which replaces
    the earlier one as a correction does. A detail that the source does not have makes no difference.

    key: the home's key for commitments. The id is published and is in Dagster's history: without a key, a small table
    of counts could be found by trying all possible tables.
    """
    read = mapping.kept(settings.intake.details)
    text = "\n".join((file_sha256, mapping_sha256(read), organisation_of(mapping, settings)))
    return keyed_id(key, hashlib.sha256(text.encode()).hexdigest())


def extracts_of(connection: duckdb.DuckDBPyConnection, organisation: str) -> list[str]:
    """Return the accepted extracts of an organisation, oldest first."""
    rows = connection.execute(
        "select a.extract_id from intake.accepted_extracts as a inner join intake.extracts as e using (extract_id) "
        "where e.organisation = ? order by a.extract_number",
        [organisation],
    ).fetchall()
    return [extract for (extract,) in rows]


def family_of(connection: duckdb.DuckDBPyConnection, organisation: str) -> str:
    """Return the family of ethnicity classifications of an organisation's extracts, which all have the same."""
    (name,) = connection.execute(
        "select min(e.ethnicity_classification) from intake.accepted_extracts as a "
        "inner join intake.extracts as e using (extract_id) where e.organisation = ?",
        [organisation],
    ).fetchall()[0]
    return family(name)


def organisations_in(connection: duckdb.DuckDBPyConnection, settings: Settings, period: date) -> list[str]:
    """Return the organisations that have applications in the period that begins on a day."""
    names = connection.sql("select distinct organisation from intake.extracts order by organisation").fetchall()
    return [
        name
        for (name,) in names
        if period in periods_with_applications(connection, settings, extracts_of(connection, name))
    ]


def is_accepted(connection: duckdb.DuckDBPyConnection, extract: str) -> bool:
    """Return whether an extract has been loaded and has passed its checks."""
    return bool(connection.execute("select 1 from intake.accepted_extracts where extract_id = ?", [extract]).fetchone())


def periods_with_applications(
    connection: duckdb.DuckDBPyConnection, settings: Settings, extracts: Sequence[str] | None = None
) -> list[date]:
    """Return the first days of the periods that have applications, in the extracts named or in any.

    An application that a newer extract has moved to another period concerns both periods. Periods before
    period.earliest of the settings are left out, even if they were loaded before it was set to a later day: they have
    no partition, and no policy to be reported under.
    """
    days = connection.execute(
        """
        with named as (
            select extract_id, $all or list_contains($extracts::varchar[], extract_id) as is_named
            from intake.accepted_extracts
        )
        select distinct date_trunc('month', a.applied_on)::date as month
        from core.applications as a
        where a.extract_id in (select n.extract_id from named as n where n.is_named)
        union
        select distinct date_trunc('month', a.applied_on)::date as month
        from core.applications as a
        where a.extract_id in (select n.extract_id from named as n where not n.is_named) and a.application_id in (
            select application_id from core.applications where list_contains($extracts::varchar[], extract_id)
        )
        union
        select g.period from core.group_counts as g
        inner join intake.accepted_extracts as e on g.extract_id = e.extract_id
        where $all or list_contains($extracts::varchar[], g.extract_id)
        """,
        {"all": extracts is None, "extracts": list(extracts or [])},
    ).fetchall()
    starts = {period_start(month, settings.period) for (month,) in days}
    starts |= set(_periods_with_numbers(connection, settings, extracts or []))
    return sorted(start for start in starts if start >= _first_period(settings))


def _first_period(settings: Settings) -> date:
    return period_start(settings.period.earliest, settings.period)


def _periods_with_numbers(
    connection: duckdb.DuckDBPyConnection, settings: Settings, extracts: Sequence[str]
) -> Iterator[date]:
    """The periods of numbers beside recruitment of some extracts in which their organisation has applicants, too."""
    days = f"select distinct organisation, day from ({counted_people()}) where list_contains($extracts, extract_id)"
    for organisation, day in connection.execute(days, {"extracts": [*extracts, ""]}).fetchall():
        start = period_start(day, settings.period)
        row = {"organisation": organisation, "start": start, "end": period_end(start, settings.period)}
        if connection.execute(_HAS_APPLICANTS, row).fetchone():
            yield start


def purged_before(connection: duckdb.DuckDBPyConnection) -> date | None:
    """Return the day before which records have been removed; None if none have been."""
    row = connection.sql("select max(purged_before) from intake.purges").fetchone()
    return row[0] if row else None


def check_not_purged(connection: duckdb.DuckDBPyConnection, start: date) -> None:
    """Raise UsageError for a period whose records were removed: counting the rest would give wrong figures."""
    before = purged_before(connection)
    if before and start < before:
        raise UsageError(
            Problem(
                f"records from before {before} were removed, so the period from {start} cannot be counted again",
                "intake.purges",
                "its published edition remains valid",
            )
        )


def stale_periods(connection: duckdb.DuckDBPyConnection, settings: Settings) -> list[tuple[str, date]]:
    """Return the organisations and periods whose published figures no longer match the extracts that count now.

    A period is stale if the extracts that count in it, or their numbers of applications, differ from those of its
    edition. Periods without an edition, those whose records were removed and those before period.earliest are not
    stale.
    """
    before = purged_before(connection)
    now: dict[tuple[str, date], dict[str, int]] = defaultdict(dict)
    for organisation, month, extract, applications in connection.sql(sql_text("counted_by_month")).fetchall():
        counts = now[organisation, period_start(month, settings.period)]
        counts[extract] = counts.get(extract, 0) + applications
    latest = {
        (organisation, period_start(day, settings.period), kind): extract
        for organisation, day, kind, extract in connection.sql(
            f"select organisation, day, kind, extract_id from ({counted_people()}) order by day"
        ).fetchall()
    }
    for (organisation, start, _), extract in latest.items():
        now[organisation, start].setdefault(extract, 0)
    published: dict[tuple[str, date], set[str]] = defaultdict(set)
    for organisation, period, extract in connection.sql(
        "select organisation, period, extract_id from disclosed.sources"
    ).fetchall():
        published[organisation, period].add(extract)
    totals = {
        (organisation, period): reached
        for organisation, period, reached in connection.sql(
            "select organisation, period, reached from out.stage_counts "
            "where level = 'all' and breakdown = 'all' and step_order = 0"
        ).fetchall()
    }
    return sorted(
        key
        for key, extracts in published.items()
        if (before is None or key[1] >= before)
        and key[1] >= _first_period(settings)
        and (set(now[key]) != extracts or sum(now[key].values()) != totals.get(key))
    )
