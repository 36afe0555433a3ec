"""What would be taken in: looks at files without loading them, for commands and sensors alike."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from assets.protection import check_identifiers
from assets.register import extract_id, organisation_of
from assets.source_files import open_source
from assets.source_mappings import bundled_mapping, check_columns, given_mapping
from equity_audit.errors import InputRefused, UsageError
from equity_audit.settings import Settings


@dataclass(frozen=True)
class Planned:
    """One file that can be taken in: its mapping's reference and the extract that it will be."""

    file: Path
    mapping: str
    extract_id: str
    organisation: str


def plan(files: list[Path], source: Path | None, settings: Settings, key: bytes) -> list[Planned]:
    """Look at every file before any is loaded; raise all refusals at once. key: the home's, for commitments."""
    planned, problems, worst = [], [], None
    with duckdb.connect() as connection:
        for file in files:
            try:
                given = given_mapping(file, source)
                opened = open_source(connection, file, given[1] if given else None)
                reference, mapping = given or bundled_mapping(file, list(opened.types), settings)
                read = mapping.kept(settings.intake.details)
                check_columns(opened, read)
                check_identifiers(connection, opened, read)
                planned.append(
                    Planned(
                        file.absolute(),
                        reference,
                        extract_id(opened.sha256, mapping, settings, key),
                        organisation_of(mapping, settings),
                    )
                )
            except (InputRefused, UsageError) as error:
                problems.extend(error.problems)
                worst = worst or type(error)
    if worst:
        raise worst(*problems)
    return planned


def run_config(planned: Planned) -> dict[str, Any]:
    """The configuration of take_in_extract for a planned file."""
    return {"load_extract": {"config": {"file": str(planned.file), "mapping": planned.mapping}}}
