"""Programmes over all years: exact figures for the analyst, and reviews for the board, made from editions alone.

<home>/programmes/<name>.toml is a programme. None of these assets is cut by period: each is of everything there is.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import polars as pl

from assets.index import write_indexes
from assets.lineage import OWNERS, as_failure, asset_key, materialized, table_asset
from assets.release.publish import folder_name, publish
from assets.release.versions import packages
from assets.resources import Home, Warehouse
from assets.warehouse.failures import fault
from assets.warehouse.monthly_counts import monthly_counts, organisations
from assets.warehouse.tables import sql_text
from equity_audit.contracts import (
    APPLICATIONS,
    DISCLOSED_OVER_TIME,
    DISCLOSED_TREND,
    PROGRAMME_EFFECT,
    TREND,
    Table,
)
from equity_audit.errors import DisclosureFailed, EquityAuditError, Problem, UsageError, together
from equity_audit.periods import period_start
from equity_audit.programme.comparisons import Judged, comparisons, judged
from equity_audit.programme.effect_table import effect_rows, frame
from equity_audit.programme.programme_file import ProgrammeFile, parse_programme
from equity_audit.programme.trend import trend
from equity_audit.settings import Settings
from reports.edition.csv_tables import csv_text
from reports.edition.manifest_hash import RECORD, with_manifest_hash
from reports.edition.programme_review import PAGE, ProgrammeEdition, programme_record, review_editions
from reports.edition.published_editions import PREFIX, published_organisations
from reports.exports.data_package import table_path
from reports.pages.board.page import render_board
from reports.release_check import unexpected_in_review

# Where the home keeps programme files.
PROGRAMMES = "programmes"


@dataclass(frozen=True)
class ProgrammeSource:
    """A programme file of the home; `name` is the file's, without its ending."""

    name: str
    told: ProgrammeFile


def has_programmes(home: Path) -> bool:
    """Whether the home has a programme file."""
    return any((home / PROGRAMMES).glob("*.toml"))


def programme_text(file: Path) -> str:
    """The text of a programme file. Raises UsageError where it cannot be read."""
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        advice = "check its name, folder and rights; data/programmes/README.md says what it holds"
        raise UsageError(
            Problem(f"the programme file cannot be read ({type(error).__name__})", str(file), advice)
        ) from None


def programme_sources(home: Path, present: list[str]) -> tuple[list[ProgrammeSource], list[EquityAuditError]]:
    """Every programme file of the home that can be used, by name, and what is wrong with the others.

    present: the organisations; of several, a file has to say which one it is about.
    """
    found: list[ProgrammeSource] = []
    faults: list[EquityAuditError] = []
    advice = f"name it as programme.organisation in the file: one of {', '.join(present)}"
    for file in sorted((home / PROGRAMMES).glob("*.toml")):
        try:
            told = parse_programme(programme_text(file), file.name)
            if told.programme.organisation is None and len(present) > 1:
                raise UsageError(Problem("whose programme is it?", f"{PROGRAMMES}/{file.name}", advice))
        except UsageError as error:
            faults.append(error)
        else:
            found.append(ProgrammeSource(folder_name(file.stem), told))
    return found, faults


@dg.multi_asset(
    name="over_time",
    specs=[dg.AssetSpec(**table_asset(table, [APPLICATIONS])) for table in (TREND, PROGRAMME_EFFECT)],
)
def over_time(home: Home, warehouse: Warehouse) -> Iterator[dg.MaterializeResult[Any]]:
    """Exact rates and ratios by month and quarter, and what is judged of each programme from them."""
    settings = home.settings()
    trends, effects = [], []
    try:
        present = organisations(warehouse.connection)
        # What is wrong with the others is said where reviews are made.
        sources, _ = programme_sources(home.path, present)
        for organisation in present:
            monthly = monthly_counts(warehouse.connection, organisation, settings)
            trends += [rows.with_columns(organisation=pl.lit(organisation)) for rows in _trends(monthly, settings)]
            for source in sources:
                if _is_of(source, organisation) and not monthly.is_empty():
                    found = _exactly(monthly, source.told, settings)
                    effects.append(_effects(found, organisation, source.name))
    except EquityAuditError as error:
        raise as_failure(error) from None
    with warehouse.transaction() as connection:
        for table, rows in ((TREND, trends), (PROGRAMME_EFFECT, effects)):
            _replace(connection, table, rows)
            yield materialized(table, sql=sql_text("monthly_counts"))


@dg.multi_asset(
    name="review",
    specs=[
        *(
            dg.AssetSpec(
                **table_asset(
                    table,
                    [],
                    made_from=[dg.AssetKey(["edition", "panel"])],
                )
            )
            for table in DISCLOSED_OVER_TIME
        ),
        dg.AssetSpec(
            ["edition", "programme"],
            deps=[asset_key(table) for table in DISCLOSED_OVER_TIME],
            group_name="edition",
            owners=OWNERS,
            kinds={"html"},
            description="The review of each programme for the board, made from published editions alone: a page, its "
            "tables and a record of the editions that it is made from.",
        ),
    ],
)
def reviews(context: dg.AssetExecutionContext, home: Home, warehouse: Warehouse) -> Iterator[dg.MaterializeResult[Any]]:
    """Review every programme from what is published, and publish the review where anything in it is new."""
    made: list[ProgrammeEdition] = []
    said: dict[str, str] = {}
    published = {
        # Of one without a whole edition nobody can say whose it is.
        next(one.organisation for one in listed if one.organisation): (folder, listed)
        for folder, listed in published_organisations(home.published).items()
        if any(one.organisation for one in listed)
    }
    sources, faults = programme_sources(home.path, list(published))
    for organisation, (folder, listed) in published.items():
        editions = [one.published for one in listed if one.published is not None]
        for source in sources:
            if _is_of(source, organisation):
                place = (folder, f"{PREFIX}{source.name}")
                try:
                    edition = review_editions(organisation, source.name, source.told, editions)
                    said["/".join(place)] = _publish(edition, home, place, context.run.run_id)
                except Exception as error:
                    # Whatever is wrong with one stops no other.
                    faults.append(error if isinstance(error, EquityAuditError) else fault(error, "/".join(place)))
                    continue
                made.append(edition)
    try:
        write_indexes(home.published)
    except EquityAuditError as error:
        faults.append(error)
    for where, what in said.items():
        context.log.info(f"{where}: {what}")
    with warehouse.transaction() as connection:
        for table in DISCLOSED_OVER_TIME:
            rows = [edition.tables[table.name] for edition in made]
            if table is DISCLOSED_TREND:
                # Programmes of one organisation have one series.
                rows = list({edition.organisation: part for edition, part in zip(made, rows, strict=True)}.values())
            _replace(connection, table, rows)
            yield materialized(table)
    if faults:
        raise as_failure(together(faults))
    yield dg.MaterializeResult(asset_key=["edition", "programme"], metadata={"reviews": dg.MetadataValue.json(said)})


def programme_files(edition: ProgrammeEdition, revisions: tuple[int, int | None], run_id: str) -> dict[str, bytes]:
    """The files of a review by relative name. Raises DisclosureFailed where they hold what was not handed to them."""
    files = {table_path(name): csv_text(rows).encode() for name, rows in edition.tables.items()}
    files[PAGE] = render_board(edition, revisions).encode()
    run = (run_id, datetime.now(UTC).isoformat(timespec="seconds"))
    files[RECORD] = with_manifest_hash(programme_record(edition, files, revisions, packages(), run))
    if found := unexpected_in_review(files, edition, revisions, packages(), run_id):
        raise DisclosureFailed(
            *(
                Problem(one.kind, f"{one.file}, {one.place}", "the review was not published: report this")
                for one in found
            )
        )
    return files


def _is_of(source: ProgrammeSource, organisation: str) -> bool:
    return source.told.programme.organisation in (None, organisation)


def _trends(monthly: pl.DataFrame, settings: Settings) -> Iterator[pl.DataFrame]:
    """By month, and by quarter of the reporting year."""
    yield trend(monthly, "1mo", settings)
    policy = settings.period.model_copy(update={"unit": "quarter"})
    starts = {day: period_start(day, policy) for day in monthly["period"].unique()}
    yield trend(monthly.with_columns(pl.col("period").replace_strict(starts, return_dtype=pl.Date)), "3mo", settings)


def _exactly(monthly: pl.DataFrame, told: ProgrammeFile, settings: Settings) -> list[Judged]:
    return [judged(comparison, told.programme, settings) for comparison in comparisons(monthly, settings)]


def _effects(found: list[Judged], organisation: str, name: str) -> pl.DataFrame:
    columns = [(column.name, column.type) for column in PROGRAMME_EFFECT.columns]
    return frame(effect_rows(found), columns, organisation=organisation, programme=name)


def _publish(edition: ProgrammeEdition, home: Home, place: tuple[str, str], run_id: str) -> str:
    revision, changed = publish(
        home.published.joinpath(*place),
        home.superseded.joinpath(*place),
        lambda revision, replaces: programme_files(edition, (revision, replaces), run_id),
        before=lambda _: None,
    )
    return f"revision {revision}, {'published' if changed else 'unchanged'}"


def _replace(connection: duckdb.DuckDBPyConnection, table: Table, parts: list[pl.DataFrame]) -> None:
    """Put new rows in place of all old ones. The caller holds the transaction."""
    connection.execute(f"delete from {table.full_name}")
    if not parts:
        return
    rows = pl.concat(parts).select(table.column_names)
    connection.register("new_rows", rows)
    connection.execute(f"insert into {table.full_name} by name select * from new_rows")
    connection.unregister("new_rows")
