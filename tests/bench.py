"""`make bench`: taking in ten million applications, from files to published pages, and the parts that cost most.

Intake is set against DuckDB's own `create table as select` of the same file into a database that is encrypted the same
way, each in a process of its own, in turn, three times. An XLSX workbook of 200,000 rows is timed alone. Not a test:
nothing here asserts.
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

INTAKE_APPLICATIONS = 10_000_000
WORKBOOK_ROWS = 200_000


def main() -> None:
    """Time the intake, then run the other benchmarks."""
    _bench_intake()
    subprocess.run([sys.executable, "-m", "tests.bench_whole", "--keep"], check=True)
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


if __name__ == "__main__":
    os.environ.pop("EQUITY_AUDIT_HOME", None)
    if len(sys.argv) == 4:
        what, home, file = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
        seconds = (_intake if what == "intake" else _plain)(home, file)
        megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps({"seconds": seconds, "megabytes": megabytes}))
    else:
        main()
