"""Questions to the register of extracts that commands, assets and schedules ask."""

import hashlib
from collections.abc import Sequence
from datetime import date

import duckdb

from equity_audit.intake.mapping import Mapping, mapping_sha256
from equity_audit.periods import period_start
from equity_audit.settings import Settings


def organisation_of(mapping: Mapping, settings: Settings) -> str:
    """The mapping's organisation, else the one of the settings."""
    return mapping.source.organisation or settings.organisation.name


def extract_id(file_sha256: str, mapping: Mapping, settings: Settings) -> str:
    """The same file under the same mapping and organisation is the same extract: taking it in twice changes nothing."""
    text = "\n".join((file_sha256, mapping_sha256(mapping), organisation_of(mapping, settings)))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def is_accepted(connection: duckdb.DuckDBPyConnection, extract: str) -> bool:
    """Whether an extract has been loaded and has passed its checks."""
    return bool(connection.execute("select 1 from intake.accepted_extracts where extract_id = ?", [extract]).fetchone())


def periods_with_applications(
    connection: duckdb.DuckDBPyConnection, settings: Settings, extracts: Sequence[str] | None = None
) -> list[date]:
    """First days of the periods that have applications: of the extracts named, or at all.

    An application that a newer extract has moved to another period concerns both periods.
    """
    days = connection.execute(
        """
        select distinct date_trunc('month', s.applied_on)::date as month
        from core.applicant_stages as s
        inner join intake.accepted_extracts as e on s.extract_id = e.extract_id
        where s.stage_order = 0 and ($all or list_contains($extracts::varchar[], s.extract_id)
            or s.application_id in (
                select application_id from core.applicant_stages where list_contains($extracts::varchar[], extract_id)
            ))
        """,
        {"all": extracts is None, "extracts": list(extracts or [])},
    ).fetchall()
    return sorted({period_start(month, settings.period) for (month,) in days})
