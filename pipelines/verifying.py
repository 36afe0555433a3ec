"""The command `verify`: is an edition as it was published, and do its figures follow from the records?

The first needs the edition's folder alone. The second needs the home that has the records.
"""

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError
from rich.console import Console

from assets.warehouse.keys import WAREHOUSE_FILE, read_key
from equity_audit.contracts import DISCLOSED_OVER_TIME, Table
from equity_audit.errors import CheckFailed, Problem
from equity_audit.settings import Settings
from reports.edition.folder import EditionFolder, open_edition
from reports.edition.table_differences import Difference, first_difference

if TYPE_CHECKING:
    import polars as pl


def verify_edition(folder: Path, home: Path, signed_by: str | None, console: Console) -> None:
    """Check an edition and say what was found. Raises UsageError for no edition, CheckFailed for a difference.

    signed_by: the public key that must have signed it; None where that does not matter.
    """
    edition = open_edition(folder)
    record = edition.record
    console.print(
        f"{record['organisation']}, {record['period_label']}, revision {record['revision']}, "
        f"published {record['published_at']}",
        markup=False,
    )
    console.print(f"Match: {len(record['files'])} files and the record are as they were published.")
    _say_signature(edition, signed_by, console)
    if "programme" in record:
        _from_editions(edition, console)
        return
    if not (home / WAREHOUSE_FILE).exists():
        console.print(
            f"Not made again: there is no warehouse in {home}; --home names the one that has the records", markup=False
        )
        return
    _from_records(edition, home, console)


def _say_signature(edition: EditionFolder, wanted: str | None, console: Console) -> None:
    """Who signed it. Raises CheckFailed where somebody else should have."""
    by = edition.signed_by
    if wanted is not None and (by or "") != wanted.strip().casefold():
        raise CheckFailed(
            Problem(
                f"signed by the key {by}, not by the one given" if by else "not signed",
                str(edition.folder),
                "ask who published it for their public key",
            )
        )
    if by:
        trusted = (
            "the one given" if wanted else "compare it with the one that you were given, or give it as --signed-by"
        )
        console.print(f"Signed by the key {by}: {trusted}.", markup=False)


def _from_editions(review: EditionFolder, console: Console) -> None:
    """Make a review's tables again from the editions beside it. Raises CheckFailed with the first that differs."""
    from reports.edition.earlier_editions import read_earlier
    from reports.edition.programme_review import of_record

    record, editions, missing = review.record, [], []
    for said in record["editions"]:
        found = read_earlier(review.folder.resolve().parent / said["period"], record["organisation"], said["period"])
        if found is None or found.record_sha256 != said["record_sha256"]:
            missing.append(f"{said['period']} (revision {said['revision']})")
        else:
            editions.append(found)
    if missing:
        console.print(
            f"Not made again: these editions are not beside it as it names them: {', '.join(missing)}", markup=False
        )
        return
    made = of_record(record, editions).tables
    for table in DISCLOSED_OVER_TIME:
        if different := first_difference(table, review.text(f"tables/{table.name}.csv"), made[table.name]):
            raise CheckFailed(
                Problem(f"does not follow from the editions: {different}", str(review.folder), "ask who published it")
            )
    cells = sum(rows.height * rows.width for rows in made.values())
    console.print(f"Match: {cells:,} values of {len(made)} tables follow from {len(editions)} editions.")


def _from_records(edition: EditionFolder, home: Path, console: Console) -> None:
    """Make the tables again and compare. Raises CheckFailed with the first figure that differs."""
    # Heavy: a copy of an edition is looked at without them.
    from assets.release.recompute import REDERIVED, Made, tables_again, why_not
    from assets.warehouse.connection import look_into_warehouse
    from assets.warehouse.home import choices_of

    record = edition.record
    try:
        settings = Settings.model_validate(record["settings"])
    except ValidationError:
        console.print("Not made again: its settings are those of another version of this program")
        return
    if settings.sha256() != record["settings_sha256"]:
        raise CheckFailed(Problem("its settings are not those that it names by their hash", "edition.json"))
    extracts = frozenset(extract["extract_id"] for extract in record["extracts"])
    made = Made(
        record["organisation"],
        record["period"],
        record["revision"],
        extracts,
        settings,
        choices_of(home),
        read_key(home, "commitment"),
    )
    with (
        look_into_warehouse(home) as connection,
        console.status("Making the figures again from the records"),
        warnings.catch_warnings(),
    ):
        # statsmodels takes the root of a rounding error where an interval has no upper end; that is dealt with.
        warnings.simplefilter("ignore", RuntimeWarning)
        if reason := why_not(connection, made):
            console.print(f"Cannot be made again any more: {reason}", markup=False)
            return
        found: Difference | None = None
        for tables in tables_again(connection, made):
            different = next(filter(None, (_compared(edition, table, tables[table.name]) for table in REDERIVED)), None)
            if different is None:
                cells = sum(rows.height * rows.width for rows in tables.values())
                console.print(f"Match: {cells:,} values of {len(tables)} tables follow from the records.")
                return
            found = found or different
    if found is None:
        console.print("Cannot be made again any more: extracts that it does not name have come to count in its period")
        return
    raise CheckFailed(Problem(f"does not follow from the records: {found}", str(edition.folder), _advice(record)))


def _compared(edition: EditionFolder, table: Table, again: "pl.DataFrame") -> Difference | None:
    if table.name not in edition.record["tables"]:
        return Difference(table.name, "", "is not in the edition, though this version makes it")
    return first_difference(table, edition.text(f"tables/{table.name}.csv"), again)


def _advice(record: dict[str, Any]) -> str:
    """Where to look: at other versions if there are any, else at who published it."""
    from assets.release.versions import packages
    from assets.warehouse.tables import statements

    here = {**packages(), **{table: said["sha256"] for table, said in statements().items()}}
    then = {**record["packages"], **{table: said["sha256"] for table, said in record["statements"].items()}}
    if others := sorted(name for name in here.keys() | then.keys() if here.get(name) != then.get(name)):
        return f"it was made by other versions of {', '.join(others)}: verify it with those, as edition.json names them"
    return "it was made by the same versions: ask who published it what was changed"
