"""`make bench`: one million applications from a wide CSV to the published pages, step by step.

Twice: as the made-up trust has them (1.4 stages each), and with everybody appointed (five stages each), the most rows
that so many applications can give.
Machines differ, so the total is also given as a ratio to what DuckDB needs, in the same run and on the same file, to
read every column once. Not a test: nothing here asserts.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

APPLICATIONS = 1_000_000


def main() -> None:
    """Make each file, run the pipeline on it in a process of its own, print the table."""
    for name, everybody_appointed in (("as a trust has them", False), ("everybody appointed", True)):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "applications.csv"
            _synthesise(file, everybody_appointed)
            scan = _raw_scan(file)
            child = subprocess.run(
                [sys.executable, "-m", "tests.bench", str(Path(folder) / "home"), str(file)],
                check=True,
                stdout=subprocess.PIPE,
                text=True,
            )
            _print(name, json.loads(child.stdout.splitlines()[-1]), scan)


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
    from pipelines.commands import run_files

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
    from assets.warehouse import look_into_warehouse

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
    if len(sys.argv) == 3:
        _run(Path(sys.argv[1]), Path(sys.argv[2]))
    else:
        main()
