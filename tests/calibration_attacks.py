"""The study of `make calibration` about protection: editions of random organisations, attacked by a constraint solver.

Each organisation's files are taken in, counted and protected by the project's own code, without Dagster, pages or
checks. The attacker (tests/attackers) reads the tables alone and shares no code with what protects them. It knows which
rows are listed, what each mark means, and, of revisions together, exactly what was corrected.

python -m tests.calibration --only attacks --organisations 50
"""

import json
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import numpy as np
import polars as pl

from assets.ingest.extract import Load
from assets.ingest.loading import load_extract
from assets.ingest.source_files import open_source
from assets.ingest.source_mappings import load_mapping
from assets.release.publish_edition import populations_again
from assets.release.published_register import earlier_editions, register_edition, too_little_changed
from assets.warehouse.connection import open_warehouse
from assets.warehouse.extract_register import extract_id, periods_with_applications
from assets.warehouse.home import choices_of
from assets.warehouse.keys import ensure_keys, read_key
from assets.warehouse.tables import count_parameters, period_bounds, sql_text
from equity_audit.contracts import DISCLOSED_DESIGN_EFFECTS, POPULATION_TABLES, STAGE_COUNTS, Table
from equity_audit.disclosure.publish import disclose_counts
from equity_audit.populations.kinds import POPULATIONS
from equity_audit.populations.protection import disclosed_people_tables
from equity_audit.settings import Settings, load_settings
from tests.attackers.applicants_system import applicants, exact_numbers, with_losses
from tests.attackers.editions import Edition
from tests.attackers.published import Report, attack_editions, attack_revisions
from tests.attackers.rule import Rule
from tests.made_up import Organisation, Sizes, organisation, write_files

SIZES = (100, 1500)
CLASSES = ((100, 250), (250, 600), (600, 1501))
Numbers = dict[Any, int]


@dataclass
class Found:
    """What the attacks on one organisation came to. outside: true numbers that do not fit the attacker's model."""

    applications: int
    editions: int = 0
    report: Report = field(default_factory=Report)
    outside: list[str] = field(default_factory=list)


def attacks(rng: np.random.Generator, organisations: int, jobs: int = 0) -> pl.DataFrame:
    """Attack so many organisations, some at a time; a row for each class of sizes. jobs: 0 for this process."""
    seed = int(rng.integers(2**31))
    orders = [(seed, number) for number in range(organisations)]
    if jobs:
        with ProcessPoolExecutor(jobs, get_context("spawn")) as pool:
            found = list(pool.map(attacked, orders))
    else:
        found = list(map(attacked, orders))
    rows = []
    for low, high in CLASSES:
        own = [one for one in found if low <= one.applications < high]
        reports = [one.report for one in own]
        rows.append(
            {
                "applications": f"{low:,} to {high - 1:,}",
                "organisations": len(own),
                "editions": sum(one.editions for one in own),
                "counts_attacked": sum(report.asked for report in reports),
                "counts_narrowed": sum(len(report.narrowed) for report in reports),
                "not_settled": sum(len(report.unsettled) for report in reports),
                "fits_no_table": sum(len(one.report.contradictions) + len(one.outside) for one in own),
            }
        )
    return pl.DataFrame(rows)


def attacked(order: tuple[int, int]) -> Found:
    """Publish the tables of one organisation (seed and number of the campaign) and attack them."""
    drawn, began = organisation(*order, Sizes(SIZES, 1)), time.monotonic()
    # One year and its correction, so that an edition is as large as the organisation.
    one = replace(drawn, years=1, unit="year", later_year=False)
    found = Found(one.applications)
    with TemporaryDirectory(prefix="attacked-") as folder:
        for editions, numbers in _published(one, Path(folder)).values():
            folders = [edition.folder for edition in editions]
            found.editions += len(editions)
            reports = [attack_editions(folders)]
            if len(editions) > 1:
                reports.append(attack_revisions(folders, [*numbers]))
            for report in reports:
                _add(found.report, report)
            for edition, true in zip(editions, numbers, strict=True):
                system = applicants([edition], Rule.of_settings(edition.record["settings"], "every"), [{}])
                found.outside += system.broken_by(with_losses(true))
    report, seconds = found.report, time.monotonic() - began
    said = [line for line in report.lines if "attacked," not in line] + found.outside
    sys.stderr.write(
        f"organisation {order[1]}: {one.applications} applications, {found.editions} editions, {report.asked} counts, "
        f"{len(report.narrowed)} narrowed, {seconds:.0f} s\n{''.join(f'    {line[:300]}{chr(10)}' for line in said)}"
    )
    return found


def _add(whole: Report, part: Report) -> None:
    whole.asked += part.asked
    whole.narrowed += part.narrowed
    whole.unsettled += part.unsettled
    whole.contradictions += part.contradictions


def _published(one: Organisation, folder: Path) -> dict[date, tuple[list[Edition], list[Numbers]]]:
    """The editions of each period, oldest first, with the exact numbers of each."""
    (folder / "settings.toml").write_text(one.settings, encoding="utf-8")
    settings = load_settings(folder / "settings.toml")
    ensure_keys(folder)
    found: dict[date, tuple[list[Edition], list[Numbers]]] = {}
    connection = open_warehouse(folder)
    # The attacker is on counts, which design effects say nothing of.
    no_effects = pl.DataFrame(schema=dict.fromkeys(DISCLOSED_DESIGN_EFFECTS.column_names, pl.String))
    try:
        for files in write_files(one, folder).values():
            taken = [_take_in(connection, file, one.name, settings, folder) for file in files]
            for period in periods_with_applications(connection, settings, taken):
                editions, numbers = found.setdefault(period, ([], []))
                exact = _counted(connection, period.isoformat(), settings)
                made = _protected(connection, exact, period.isoformat(), settings, folder)
                people = populations_again(one.name, exact, made, settings)
                edition = one.name, period.isoformat()
                if any(too_little_changed(connection, own.people, edition, settings) for own in people):
                    continue
                revision = len(editions) + 1
                register_edition(connection, people, no_effects, (*edition, revision), settings)
                editions.append(written(folder / f"{period}-r{revision}", made, edition[1], revision, settings))
                numbers.append(exact_numbers(exact[STAGE_COUNTS].cast(pl.String).to_dicts(), edition[1]))
    finally:
        connection.close()
    return found


def _take_in(connection: duckdb.DuckDBPyConnection, path: Path, name: str, settings: Settings, home: Path) -> str:
    """Take a file in and accept it; returns its extract."""
    mapping = load_mapping(f"{path}.toml")
    file = open_source(connection, path, mapping, settings.intake)
    extract = extract_id(file.sha256, mapping, settings, read_key(home, "commitment"))
    today = datetime.now(UTC).date()
    load = Load(extract, name, "run", read_key(home, "pseudonym"), today, settings)
    number = load_extract(connection, file, mapping, load)["extract_number"]
    connection.execute("insert into intake.accepted_extracts values (?, ?)", [extract, number])
    return extract


def _counted(connection: duckdb.DuckDBPyConnection, period: str, settings: Settings) -> dict[Table, pl.DataFrame]:
    bounds = period_bounds(period, settings)
    parameters = {STAGE_COUNTS: count_parameters(period, settings)}
    parameters |= {people.exact: bounds for people in POPULATION_TABLES}
    return {table: connection.sql(sql_text(table.name), params=given).pl() for table, given in parameters.items()}


def _protected(
    connection: duckdb.DuckDBPyConnection,
    exact: Mapping[Table, pl.DataFrame],
    period: str,
    settings: Settings,
    home: Path,
) -> dict[str, pl.DataFrame]:
    """The published tables that have counts, by name."""
    earlier, choices = earlier_editions(connection, period), choices_of(home)
    done = disclose_counts(exact[STAGE_COUNTS], settings, earlier, choices)
    shown = {"stage_counts": done.stage_counts, "outcome_counts": done.outcome_counts}
    for people in POPULATIONS:
        counted = exact[people.tables.exact]
        made, _ = disclosed_people_tables(people, counted, done.stage_counts, settings, earlier, choices)
        shown[people.tables.shown.name] = made[people.tables.shown]
    return shown


def written(
    folder: Path, tables: Mapping[str, pl.DataFrame], period: str, revision: int, settings: Settings
) -> Edition:
    """An edition with all that the attacker reads."""
    (folder / "tables").mkdir(parents=True)
    for name, rows in tables.items():
        rows.write_csv(folder / "tables" / f"{name}.csv")
    record = {"period": period, "revision": revision, "settings": settings.model_dump(mode="json")}
    (folder / "edition.json").write_text(json.dumps(record), encoding="utf-8")
    return Edition(folder)
