"""The part of `make bench` from files to published pages: each step's share, and a ratio to a plain read of the files.

Four paths, each in a process of its own: the demo; one year of an organisation of 1,200 applications; a million
applications as the made-up trust has them (1.4 stages each), and a million of which everybody is appointed (five stages
each), the most that so many can give. Machines differ, so each total is also given as a ratio to what DuckDB needs, in
the same run and on the same files, to read every column once.

python -m tests.bench_whole [PATH ...] runs those named; --keep adds a line for each to docs/bench.csv.
"""

import csv
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from equity_audit.synthetic import generate
from equity_audit.vocabulary import DEFAULT_STAGES

RECORD = Path(__file__).parents[1] / "docs" / "bench.csv"
MILLION = 1_000_000
PATHS = {
    "demo": "the demo: six years of 9,600 applications, a correction, staff, a survey, and the review of a programme",
    "small": "one year of 1,200 applications",
    "million": "a million applications of one year",
    "appointed": "a million applications of one year, everybody appointed",
}


def main(arguments: list[str]) -> None:
    """Run each path in a process of its own and print its steps."""
    for path in [name for name in arguments if name in PATHS] or PATHS:
        with tempfile.TemporaryDirectory() as folder:
            files = _files(path, Path(folder))
            # The demo finds its own files, and reviews a programme besides.
            given = [] if path == "demo" else map(str, files)
            command = [sys.executable, "-m", "tests.bench_whole", "--child", f"{folder}/home", *given]
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
            report = json.loads(done.stdout.splitlines()[-1]) | {"scan": _plain_read(files)}
        _print(path, report)
        if "--keep" in arguments:
            _keep(path, report)


def _files(path: str, folder: Path) -> list[Path]:
    if path == "demo":
        from pipelines.commands.demo import FILES

        return [Path(__file__).parents[1] / "data" / "synthetic" / name for name in FILES]
    wide = generate(MILLION if path != "small" else 1_200, 1, years=1).wide
    if path == "appointed":
        days = {f"{stage}_on": pl.col("applied_on").dt.offset_by(f"{k}d") for k, stage in enumerate(DEFAULT_STAGES)}
        wide = wide.with_columns(**days, outcome=pl.lit("Appointed"))
    wide.write_csv(folder / "applications.csv")
    return [folder / "applications.csv"]


def _plain_read(files: list[Path]) -> float:
    """Seconds to read every column of the files once."""
    begun = time.perf_counter()
    with duckdb.connect() as connection:
        for file in files:
            connection.sql(f"select count(columns(*)) from read_csv('{file}', all_varchar = true)").fetchall()
    return time.perf_counter() - begun


def _print(path: str, report: dict[str, Any]) -> None:
    total = report["seconds"]
    print(PATHS[path])
    for step, seconds in report["steps"].items():
        print(f"  {seconds:6.2f} s {seconds / total:6.1%}  {step}")
    print(f"  {total:6.2f} s         from file to {report['pages']} published pages, imports included")
    print(f"  {report['cpu_seconds']:6.2f} s         of CPU, {report['megabytes']:.0f} MB at most")
    print(f"  {total / report['scan']:6.1f} times      a plain read of every column ({report['scan']:.3f} s)")


def _keep(path: str, report: dict[str, Any]) -> None:
    """Add a line to the committed record of what each commit took."""
    commit = subprocess.run(["git", "rev-parse", "--short=8", "HEAD"], capture_output=True, text=True, check=False)
    cores = len(os.sched_getaffinity(0))
    row = {
        "date": datetime.now(UTC).date().isoformat(),
        "commit": commit.stdout.strip(),
        "machine": f"{cores} cores, {platform.machine()}, Python {platform.python_version()}",
        "path": path,
        "seconds": round(report["seconds"], 1),
        "cpu_seconds": round(report["cpu_seconds"], 1),
        "megabytes": round(report["megabytes"]),
        "times_a_plain_read": round(report["seconds"] / report["scan"], 1),
    }
    new = not RECORD.exists()
    with RECORD.open("a", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, row, lineterminator="\n")
        if new:
            writer.writeheader()
        writer.writerow(row)


def _run(home: Path, files: list[Path]) -> None:
    """In the child: the command's own work, timed by its own progress events."""
    begun = time.perf_counter()
    from pipelines.resources import prepare_home

    prepare_home(home)
    from rich.console import Console

    from pipelines import progress
    from pipelines.commands.demo import run_demo
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
    console = Console(stderr=True)
    pages = run_files(files, None, None, console) if files else run_demo(home, console)
    total = time.perf_counter() - begun
    steps["between steps (records, events, opening)"] = total - sum(steps.values())
    used = resource.getrusage(resource.RUSAGE_SELF)
    report = {
        "steps": steps,
        "seconds": total,
        "pages": len(pages),
        "cpu_seconds": used.ru_utime + used.ru_stime,
        "megabytes": used.ru_maxrss / 1024,
    }
    print(json.dumps(report))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        _run(Path(sys.argv[2]), [Path(name) for name in sys.argv[3:]])
    else:
        main(sys.argv[1:])
