"""The command `verify`: check that an edition is as published, and that its figures follow from the records.

The first check needs only the edition's folder, the second the home that has the records.
"""

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError
from rich.console import Console

from assets.warehouse.keys import WAREHOUSE_FILE, read_key
from equity_audit.contracts import DISCLOSED_EARLIER_YEARS, DISCLOSED_OVER_TIME, Table
from equity_audit.errors import CheckFailed, Problem
from equity_audit.settings import Settings
from pipelines.commands.verify_years import verify_years
from reports.edition.earlier_editions import read_table
from reports.edition.folder import EditionFolder, open_edition
from reports.edition.table_differences import Difference, first_difference

if TYPE_CHECKING:
    import polars as pl


def verify_edition(folder: Path, home: Path, signed_by: str | None, console: Console) -> None:
    """Check an edition and print the result.

    Raises UsageError for a folder that is not an edition, CheckFailed for a difference.

    signed_by: the public key that must have signed it; None for any or none.
    """
    edition = open_edition(folder)
    record = edition.record
    console.print(
        f"{record['organisation']}, {record['period_label']}, revision {record['revision']}, "
        f"published {record['published_at']}",
        markup=False,
    )
    console.print(f"Match: {len(record['files'])} files and the record are as published.")
    _say_signature(edition, signed_by, console)
    if "programme" in record:
        _from_editions(edition, console)
        return
    verify_years(edition, home, console)
    if not (home / WAREHOUSE_FILE).exists():
        console.print(
            f"Not recomputed: there is no warehouse in {home}; give the home that has the records as --home",
            markup=False,
        )
        return
    _from_records(edition, home, console)


def _say_signature(edition: EditionFolder, wanted: str | None, console: Console) -> None:
    """Print who signed the edition. Raises CheckFailed if the key is not the one wanted."""
    key = edition.signed_by
    if wanted is not None and (key or "") != wanted.strip().casefold():
        raise CheckFailed(
            Problem(
                f"the edition is signed with the key {key}, not the one given" if key else "the edition is not signed",
                str(edition.folder),
                "ask the publisher for their public key",
            )
        )
    if key:
        comparison = "the one given" if wanted else "compare it with the publisher's key, or give that as --signed-by"
        console.print(f"Signed with the key {key}: {comparison}.", markup=False)


def _from_editions(review: EditionFolder, console: Console) -> None:
    """Recompute a review's tables from the editions beside it. Raises CheckFailed with the first difference."""
    from reports.edition.earlier_editions import read_earlier
    from reports.edition.programme_review import of_record

    record, editions, missing = review.record, [], []
    for named in record["editions"]:
        edition = read_earlier(
            review.folder.resolve().parent / named["period"], record["organisation"], named["period"]
        )
        if edition is None or edition.record_sha256 != named["record_sha256"]:
            missing.append(f"{named['period']} (revision {named['revision']})")
        else:
            editions.append(edition)
    if missing:
        console.print(
            f"Not recomputed: these editions are missing beside the review, or have changed: {', '.join(missing)}",
            markup=False,
        )
        return
    recomputed = of_record(record, editions).tables
    for table in DISCLOSED_OVER_TIME:
        if difference := first_difference(table, review.text(f"tables/{table.name}.csv"), recomputed[table.name]):
            raise CheckFailed(
                Problem(
                    f"the review does not follow from the editions: {difference}",
                    str(review.folder),
                    "ask the publisher",
                )
            )
    cells = sum(rows.height * rows.width for rows in recomputed.values())
    console.print(f"Match: {cells:,} values of {len(recomputed)} tables follow from {len(editions)} editions.")


def _from_records(edition: EditionFolder, home: Path, console: Console) -> None:
    """Recompute the tables and compare them. Raises CheckFailed with the first figure that differs."""
    # Heavy, and not needed for a copy of an edition.
    from assets.release.recompute import REDERIVED, Made, tables_again, why_not
    from assets.warehouse.connection import look_into_warehouse
    from assets.warehouse.home import choices_of

    record = edition.record
    try:
        settings = Settings.model_validate(record["settings"])
    except ValidationError:
        console.print("Not recomputed: its settings are from another version of this program")
        return
    if settings.sha256() != record["settings_sha256"]:
        raise CheckFailed(Problem("the settings do not match their recorded hash", "edition.json"))
    extracts = frozenset(extract["extract_id"] for extract in record["extracts"])
    made = Made(
        record["organisation"],
        record["period"],
        record["revision"],
        extracts,
        settings,
        choices_of(home),
        read_key(home, "commitment"),
        read_table(edition, DISCLOSED_EARLIER_YEARS),
    )
    with (
        look_into_warehouse(home) as connection,
        console.status("Recomputing the figures from the records"),
        warnings.catch_warnings(),
    ):
        # statsmodels takes the root of a rounding error if an interval has no upper limit; the result is handled.
        warnings.simplefilter("ignore", RuntimeWarning)
        if reason := why_not(connection, made):
            console.print(f"Can no longer be recomputed: {reason}", markup=False)
            return
        difference: Difference | None = None
        for tables in tables_again(connection, made):
            differences = (_compared(edition, table, tables[table.name]) for table in REDERIVED)
            first = next(filter(None, differences), None)
            if first is None:
                cells = sum(rows.height * rows.width for rows in tables.values())
                console.print(f"Match: {cells:,} values of {len(tables)} tables follow from the records.")
                return
            difference = difference or first
    if difference is None:
        console.print("Can no longer be recomputed: extracts that it does not name now count in its period")
        return
    raise CheckFailed(
        Problem(f"the edition does not follow from the records: {difference}", str(edition.folder), _advice(record))
    )


def _compared(edition: EditionFolder, table: Table, again: "pl.DataFrame") -> Difference | None:
    if table.name not in edition.record["tables"]:
        return Difference(table.name, "", "is not in the edition, though this version makes it")
    return first_difference(table, edition.text(f"tables/{table.name}.csv"), again)


def _advice(record: dict[str, Any]) -> str:
    """Return advice: use the versions that made the edition if they differ, otherwise ask the publisher."""
    from assets.release.versions import packages
    from assets.warehouse.tables import statements

    here = {**packages(), **{table: statement["sha256"] for table, statement in statements().items()}}
    then = {**record["packages"], **{table: statement["sha256"] for table, statement in record["statements"].items()}}
    if others := sorted(name for name in here.keys() | then.keys() if here.get(name) != then.get(name)):
        return f"it was made with other versions of {', '.join(others)}: verify it with those named in edition.json"
    return "it was made with the same versions: ask the publisher what was changed"
