"""The command `equity-audit`. It starts fast, because each command imports the heavy libraries that it needs.

Exit codes: 0 done, 1 internal error, 2 usage error, 3 input refused, 4 blocking check failed, 5 disclosure failed.
"""

import gc
import sys
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from pipelines.commands.console import ERR, OUT, exit_codes
from pipelines.commands.editions import editions
from pipelines.commands.programme import programmes

if TYPE_CHECKING:
    import polars as pl


class Format(StrEnum):
    """How the result of a query is printed."""

    TABLE = "table"
    CSV = "csv"


app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


@app.callback()
def main(
    context: typer.Context,
    home: Annotated[
        Path, typer.Option(envvar="EQUITY_AUDIT_HOME", help="Folder of the warehouse and the published editions.")
    ] = Path("var"),
) -> None:
    """Audit recruitment for equity: selection rates by ethnicity at every stage, without identifying anyone."""
    # Nearly all that a command allocates lives as long as it does: to look for garbage as often as usual took a tenth.
    gc.set_threshold(50_000, 50, 50)
    context.obj = home.absolute()


def _table(frame: "pl.DataFrame") -> Table:
    """Return a frame as a table for the terminal."""
    table = Table()
    for name in frame.columns:
        # A truncated number is a wrong number: a cell that is too wide continues on the next line.
        table.add_column(name, overflow="fold")
    for row in frame.iter_rows():
        table.add_row(*("" if value is None else str(value) for value in row))
    return table


def _prepare(home: Path) -> None:
    from equity_audit.settings import load_settings
    from pipelines.resources import prepare_home

    prepare_home(home)
    load_settings(home / "settings.toml")


@app.command()
def demo(context: typer.Context) -> None:
    """Run everything on the bundled sample, a made-up employer.

    Takes six years of applications, a correction, headcounts and a survey from file to published editions, and reviews
    a programme that began in the middle.

    Example: equity-audit demo
    """
    with exit_codes():
        _prepare(context.obj)
        from pipelines.commands.demo import run_demo

        run_demo(context.obj, OUT)


@app.command()
def run(
    context: typer.Context,
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", help="Export files: CSV in any form, ZIP of CSVs, XLSX or Parquet."),
    ],
    source: Annotated[
        Path | None, typer.Option(help="Source mapping (TOML). Default: <FILE>.toml, else a bundled one that fits.")
    ] = None,
    period: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="First day of the only period to report. Default: all concerned."),
    ] = None,
) -> None:
    """Load export files and publish the periods they affect.

    Example: equity-audit run exports/applications-2024.csv --source mappings/our-ats.toml
    """
    with exit_codes():
        _run(context.obj, files, source, period.date() if period else None)


def _run(home: Path, chosen: list[Path], source: Path | None, period: date | None) -> None:
    _prepare(home)
    from pipelines.commands.run import run_files

    run_files(chosen, source, period, OUT)


@app.command()
def profile(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="Export file: CSV in any form, ZIP of CSVs, XLSX or Parquet.")],
) -> None:
    """Propose a source mapping for an export, with reasons.

    Says what each column seems to hold, how certain that is, and why. Nothing is loaded.

    Example: equity-audit profile exports/applications-2024.csv > exports/applications-2024.csv.toml
    """
    with exit_codes():
        _prepare(context.obj)
        from pipelines.commands.records import propose_mapping

        sys.stdout.write(propose_mapping(file))


@app.command()
def check(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Export files.")],
    source: Annotated[
        Path | None, typer.Option(help="Source mapping (TOML). Default: <FILE>.toml, else a bundled one that fits.")
    ] = None,
) -> None:
    """Try export files without loading them.

    Says which rows would be used, which are invalid, and why.

    Example: equity-audit check exports/applications-2024.csv
    """
    with exit_codes():
        _prepare(context.obj)
        from pipelines.commands.records import check_files

        check_files(files, source, OUT)


@app.command()
def purge(
    context: typer.Context,
    before: Annotated[
        datetime,
        typer.Option(formats=["%Y-%m-%d"], help="First day of a reporting period: older records are deleted."),
    ],
) -> None:
    """Delete old records; published figures are kept.

    Records of individual applications from before a day, and the exports they came from, are deleted permanently.

    Example: equity-audit purge --before 2022-04-01
    """
    with exit_codes():
        _prepare(context.obj)
        from pipelines.commands.records import purge_records

        purge_records(before.date(), OUT)


@app.command()
def dpo(context: typer.Context) -> None:
    """Write the facts for a data protection impact assessment.

    What is held, why, for how long, who can see it, keys, what is published and how that is tested: as a page and as
    Markdown, from the live settings, for the Data Protection Officer. Nothing is changed.

    Example: equity-audit dpo
    """
    with exit_codes():
        _prepare(context.obj)
        from pipelines.commands.dpo import write_data_protection_pack

        write_data_protection_pack(context.obj, OUT)


@app.command()
def synth(
    context: typer.Context,
    out: Annotated[Path, typer.Option(help="File to write: .csv or .parquet.")],
    applications: Annotated[int, typer.Option(min=1, help="Number of applications.")] = 20_000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same file.")] = 2021,
    shape: Annotated[str, typer.Option(help="wide: a row per application; long: a row per stage reached.")] = "wide",
    duplicates: Annotated[float, typer.Option(min=0, max=1, help="Share of rows repeated exactly.")] = 0.0,
    corrections: Annotated[bool, typer.Option(help="Also write a later, corrected extract.")] = False,
    workforce: Annotated[bool, typer.Option(help="Also write the staff headcount at the end of each year.")] = False,
    sample: Annotated[bool, typer.Option("--sample", help="Write the bundled sample; no other option counts.")] = False,
) -> None:
    """Write the records of a made-up organisation.

    Its disparities are known and are written to a file beside the records.

    Example: equity-audit synth --applications 100000 --seed 1 --out exports/made-up.csv
    """
    del context
    with exit_codes():
        from equity_audit.synthetic import generate, generate_workforce, write, write_beside, write_sample

        if sample:
            written = write_sample(out)
        else:
            written = write(generate(applications, seed, duplicates=duplicates, corrections=corrections), out, shape)
        if workforce:
            written.append(write_beside(generate_workforce(seed), out, "workforce"))
        for path in written:
            OUT.print(f"wrote {path}", markup=False)


@app.command()
def query(
    context: typer.Context,
    sql: Annotated[str, typer.Argument(help="One query in DuckDB's SQL.")],
    format: Annotated[Format, typer.Option(help="table to read here, csv to process further.")] = Format.TABLE,
) -> None:
    """Query the encrypted warehouse, read only.

    The figures are exact and unprotected: do not share them.

    Example: equity-audit query "select * from out.stage_counts where level = 'wres'" --format csv
    """
    with exit_codes():
        from pipelines.resources import point_at

        # Nothing is written: the home may be a copy, or on a read-only disk.
        point_at(context.obj)
        from pipelines.commands.records import query_warehouse

        result = query_warehouse(sql)
        if format is Format.CSV:
            sys.stdout.write(result.write_csv())
        else:
            OUT.print(_table(result))
        ERR.print("These are exact figures about people: do not share them.")


@app.command()
def serve(
    context: typer.Context,
    read_only: Annotated[
        bool, typer.Option("--read-only", help="For auditors: everything can be viewed, nothing can be started.")
    ] = False,
    port: Annotated[int, typer.Option(help="Port on this machine.")] = 3000,
) -> None:
    """Open Dagster's pages on this machine.

    Shows assets, checks, runs and schedules, and starts the daemon that watches the drop folder.

    Example: equity-audit serve --read-only
    """
    with exit_codes():
        _prepare(context.obj)
        from pipelines.commands.serve import serve_pages

        raise typer.Exit(serve_pages(read_only, port))


app.add_typer(editions)
app.add_typer(programmes)

if __name__ == "__main__":
    sys.exit(app())
