"""Plan which files to load: look at them without loading them, for commands and sensors."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from assets.ingest.counted_applicants import check_period
from assets.ingest.ethnicity_questions import check_ethnicity_questions
from assets.ingest.identifier_screen import check_identifiers
from assets.ingest.source_files import open_source
from assets.ingest.source_mappings import bundled_mapping, check_columns, given_mapping
from assets.warehouse.extract_register import extract_id, organisation_of
from equity_audit.errors import EquityAuditError, InputRefused, UsageError
from equity_audit.settings import Settings


@dataclass(frozen=True)
class Planned:
    """A file that can be loaded: its mapping's reference and the extract that it will become.

    notes: what the file has besides its table, and what its mapping says of all rows, in words.
    """

    file: Path
    mapping: str
    extract_id: str
    organisation: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Refused:
    """A file that cannot be loaded, and its organisation; None if that is not known."""

    organisation: str | None
    error: EquityAuditError


def plan(files: list[Path], source: Path | None, settings: Settings, key: bytes) -> list[Planned]:
    """Look at every file before any is loaded; raise all refusals together. key: the home's, for commitments."""
    planned, refused = plan_each(files, source, settings, key)
    if refused:
        raise all_together(refused)
    return planned


def all_together(refused: list[Refused]) -> EquityAuditError:
    """Return all refusals as one error, of the kind of the first."""
    kind = type(refused[0].error)
    return kind(*(problem for refusal in refused for problem in refusal.error.problems))


def plan_each(
    files: list[Path], source: Path | None, settings: Settings, key: bytes
) -> tuple[list[Planned], list[Refused]]:
    """Look at every file before any is loaded. Return those that can be loaded and those that cannot."""
    planned: list[Planned] = []
    refused: list[Refused] = []
    with duckdb.connect() as connection:
        for file in files:
            organisation = None
            try:
                given = given_mapping(file, source)
                organisation = organisation_of(given[1], settings) if given else None
                opened = open_source(connection, file, given[1] if given else None, settings.intake)
                reference, mapping = given or bundled_mapping(file, list(opened.types), settings)
                organisation = organisation_of(mapping, settings)
                check_period(mapping, settings, datetime.now(UTC).date())
                read = mapping.present(opened.types).kept(settings.intake.details)
                check_columns(opened, read)
                check_identifiers(connection, opened, read)
                check_ethnicity_questions(connection, opened, read)
                extract = extract_id(opened.sha256, mapping, settings, key)
                notes = (*opened.skipped, *mapping.assumptions())
                planned.append(Planned(file.absolute(), reference, extract, organisation, notes))
            except (InputRefused, UsageError) as error:
                refused.append(Refused(organisation, error))
    return planned, refused


def run_config(planned: Planned) -> dict[str, Any]:
    """Return the configuration of take_in_extract for a planned file."""
    return {"load_extract": {"config": {"file": str(planned.file), "mapping": planned.mapping}}}
