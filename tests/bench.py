"""`make bench`: taking in ten million applications, and one million from a wide CSV to the published pages.

Intake is set against DuckDB's own `create table as select` of the same file into a database that is encrypted the same
way, each in a process of its own, in turn, three times. An XLSX workbook of 200,000 rows is timed alone.

The whole path is run twice: as the made-up trust has them (1.4 stages each), and with everybody appointed (five stages
each), the most that so many applications can give. Machines differ, so the total is also given as a ratio to what
DuckDB needs, in the same run and on the same file, to read every column once. Not a test: nothing here asserts.
"""

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

APPLICATIONS = 1_000_000
INTAKE_APPLICATIONS = 10_000_000
WORKBOOK_ROWS = 200_000


def main() -> None:
    """Make each file, run the pipeline on it in a process of its own, print the tables; then the other benchmarks."""
    _bench_intake()
    for name, everybody_appointed in (("as a trust has them", False), ("everybody appointed", True)):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "applications.csv"
            _synthesise(file, everybody_appointed)
            scan = _raw_scan(file)
            _print(name, _child("whole", Path(folder) / "home", file), scan)
    for module in ("tests.bench_measures", "tests.bench_disclosure", "tests.bench_programme"):
        subprocess.run([sys.executable, "-m", module], check=True)


def _child(what: str, home: Path, file: Path) -> dict[str, Any]:
    """What a process of its own reports of one piece of work."""
    command = [sys.executable, "-m", "tests.bench", what, str(home), str(file)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    report: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return report


def _bench_intake() -> None:
    from equity_audit.synthetic import generate

    with tempfile.TemporaryDirectory() as folder:
        file, workbook = Path(folder) / "applications.csv", Path(folder) / "applications.xlsx"
        wide = generate(INTAKE_APPLICATIONS, 1, years=1).wide
        wide.write_csv(file)
        print(f"{INTAKE_APPLICATIONS:,} applications, a wide CSV of {file.stat().st_size / 1e6:,.0f} MB")
        ratios = []
        for turn in range(3):
            plain = _child("plain", Path(folder) / f"plain{turn}", file)
            intake = _child("intake", Path(folder) / f"home{turn}", file)
            ratios.append(intake["seconds"] / plain["seconds"])
            print(
                f"  {intake['seconds']:6.2f} s  intake, {intake['megabytes']:,.0f} MB at most; "
                f"{plain['seconds']:.2f} s  create table as select: {ratios[-1]:.2f} times"
            )
        print(f"  {statistics.median(ratios):6.2f} times in the middle")
        wide.head(WORKBOOK_ROWS).write_excel(workbook)
        del wide
        intake = _child("intake", Path(folder) / "workbook", workbook)
        print(f"{WORKBOOK_ROWS:,} applications, an XLSX workbook of {workbook.stat().st_size / 1e6:,.0f} MB")
        print(f"  {intake['seconds']:6.2f} s  intake, {intake['megabytes']:,.0f} MB at most")


def _intake(home: Path, file: Path) -> float:
    """Seconds from a closed file to its rows in the warehouse, imports and opening left out on both sides."""
    from datetime import UTC, datetime

    from assets.ingest.extract import Load
    from assets.ingest.loading import load_extract
    from assets.ingest.source_files import open_source
    from assets.ingest.source_mappings import load_mapping
    from assets.warehouse.connection import open_warehouse
    from equity_audit.intake.pseudonyms import new_key
    from equity_audit.settings import load_settings

    mapping = load_mapping("standard_wide")
    connection = open_warehouse(home)
    begun = time.perf_counter()
    load = Load("a" * 16, "Trust", "", new_key(), datetime.now(UTC).date(), load_settings())
    connection.execute("begin")
    load_extract(connection, open_source(connection, file, mapping), mapping, load)
    connection.execute("commit")
    return time.perf_counter() - begun


def _plain(home: Path, file: Path) -> float:
    """Seconds for the same file as DuckDB reads it, into the same kind of database."""
    from assets.warehouse.connection import open_warehouse

    connection = open_warehouse(home)
    begun = time.perf_counter()
    connection.execute(f"create table core.plain as select * from read_csv('{file}')")
    return time.perf_counter() - begun


def _print(name: str, report: dict[str, Any], scan: float) -> None:
    rows, size = report["stage_rows"], report["bytes"] / 1e6
    print(f"{APPLICATIONS:,} applications, {name}: {rows:,} stage rows, {size:.0f} MB of CSV")
    for step, seconds in report["steps"].items():
        print(f"  {seconds:6.2f} s  {step}")
    print(f"  {report['total']:6.2f} s  from file to {report['pages']} published pages, imports included")
    print(f"  {report['megabytes']:6.0f} MB at most")
    print(f"  {report['total'] / scan:6.1f} times a raw DuckDB read of every column ({scan:.2f} s)")


def _synthesise(file: Path, everybody_appointed: bool) -> None:
    import polars as pl

    from equity_audit.synthetic import generate
    from equity_audit.vocabulary import DEFAULT_STAGES

    wide = generate(APPLICATIONS, 1, years=1).wide
    if everybody_appointed:
        days = {f"{stage}_on": pl.col("applied_on").dt.offset_by(f"{k}d") for k, stage in enumerate(DEFAULT_STAGES)}
        wide = wide.with_columns(**days, outcome=pl.lit("Appointed"))
    wide.write_csv(file)


def _raw_scan(file: Path) -> float:
    import duckdb

    begun = time.perf_counter()
    with duckdb.connect() as connection:
        connection.sql(f"select count(columns(*)) from read_csv('{file}', all_varchar = true)").fetchall()
    return time.perf_counter() - begun


def _run(home: Path, file: Path) -> None:
    """In the child: the command's own work, timed by its own progress events."""
    begun = time.perf_counter()
    from pipelines.resources import prepare_home

    prepare_home(home)
    from rich.console import Console

    from pipelines import progress
    from pipelines.commands.run import run_files

    steps = {"starting (imports)": time.perf_counter() - begun}
    started: dict[str, float] = {}

    def listen(kind: str, step: str) -> None:
        now = time.perf_counter()
        if kind == "STEP_START":
            started[step] = now
        else:
            name = progress.STEPS.get(step, step)
            steps[name] = steps.get(name, 0) + now - started[step]

    progress._listeners.append(listen)
    pages = run_files([file], None, None, Console(stderr=True))
    total = time.perf_counter() - begun
    steps["between steps (records, events, opening)"] = total - sum(steps.values())
    from assets.warehouse.connection import look_into_warehouse

    with look_into_warehouse(home) as connection:
        row = connection.sql("select sum(stage_rows), sum(file_bytes) from intake.extracts").fetchone()
    assert row is not None
    report = {
        "steps": steps,
        "total": total,
        "pages": len(pages),
        "stage_rows": int(row[0]),
        "bytes": int(row[1]),
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    print(json.dumps(report))


if __name__ == "__main__":
    os.environ.pop("EQUITY_AUDIT_HOME", None)
    if len(sys.argv) == 4:
        what, home, file = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
        if what == "whole":
            _run(home, file)
        else:
            seconds = (_intake if what == "intake" else _plain)(home, file)
            megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            print(json.dumps({"seconds": seconds, "megabytes": megabytes}))
    else:
        main()
