"""The command `equity-audit`. Starts fast: heavy libraries are imported by the command that needs them.

Exit codes: 0 done, 1 a fault of ours, 2 wrong use, 3 input refused, 4 a blocking check failed, 5 disclosure failed.
"""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from enum import StrEnum
from importlib.resources import as_file, files
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from equity_audit.errors import EquityAuditError

if TYPE_CHECKING:
    import polars as pl


class Format(StrEnum):
    """How an answer is printed."""

    TABLE = "table"
    CSV = "csv"


app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
_out = Console(highlight=False, soft_wrap=True)
_err = Console(stderr=True, highlight=False, soft_wrap=True)


@app.callback()
def main(
    context: typer.Context,
    home: Annotated[
        Path, typer.Option(envvar="EQUITY_AUDIT_HOME", help="Folder of the warehouse and the published editions.")
    ] = Path("var"),
) -> None:
    """Audit recruitment for equity: selection rates by ethnicity at every stage, without identifying anyone."""
    context.obj = home.absolute()


@contextmanager
def _exit_codes() -> Iterator[None]:
    """Turn an error that a person can act on into words and its exit code."""
    try:
        yield
    except EquityAuditError as error:
        _err.print(f"equity-audit: {error}", markup=False)
        raise typer.Exit(error.exit_code) from None
    except KeyboardInterrupt:
        _err.print("equity-audit: stopped; the next run starts clean")
        raise typer.Exit(130) from None
    except typer.Exit:
        raise
    except Exception as error:
        # Its words and its traceback may quote a record: the kind must do.
        _err.print(f"equity-audit: a fault of the program or the machine ({type(error).__name__}); please report it")
        raise typer.Exit(1) from None


def _table(frame: "pl.DataFrame") -> Table:
    """A frame as a table for the terminal."""
    table = Table()
    for name in frame.columns:
        # A number that is cut is a wrong number: too wide a cell goes on in the next line.
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
    """Run everything on the bundled sample: three years of a made-up trust.

    Example: equity-audit demo
    """
    with _exit_codes(), as_file(files("data") / "synthetic") as folder:
        _run(context.obj, [folder / "sample.csv"], None, None)


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
        typer.Option(formats=["%Y-%m-%d"], help="First day of the one period to report. Default: all concerned."),
    ] = None,
) -> None:
    """Take export files in and publish the periods that they concern.

    Example: equity-audit run exports/applications-2024.csv --source mappings/our-ats.toml
    """
    with _exit_codes():
        _run(context.obj, files, source, period.date() if period else None)


def _run(home: Path, chosen: list[Path], source: Path | None, period: date | None) -> None:
    _prepare(home)
    from pipelines.commands import run_files
    from pipelines.runs import interrupts

    def note(_: int, __: FrameType | None) -> None:
        interrupts.append(1)
        raise KeyboardInterrupt

    signal.signal(signal.SIGINT, note)
    try:
        pages = run_files(chosen, source, period, _out)
    except Exception:
        if interrupts:
            # DuckDB tells of a Ctrl-C amid a query as an error of its own.
            raise KeyboardInterrupt from None
        raise
    _out.print("Published:")
    for page in pages:
        _out.print(f"  {page}", markup=False)


@app.command()
def profile(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="Export file: CSV in any form, ZIP of CSVs, XLSX or Parquet.")],
) -> None:
    """Propose a source mapping for an export: what each column seems to be, how surely, and why. Nothing is taken in.

    Example: equity-audit profile exports/applications-2024.csv > exports/applications-2024.csv.toml
    """
    with _exit_codes():
        _prepare(context.obj)
        from pipelines.commands import propose

        sys.stdout.write(propose(file))


@app.command()
def check(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Export files.")],
    source: Annotated[
        Path | None, typer.Option(help="Source mapping (TOML). Default: <FILE>.toml, else a bundled one that fits.")
    ] = None,
) -> None:
    """Rehearse taking files in: what would be used, set aside and why. Nothing is taken in.

    Example: equity-audit check exports/applications-2024.csv
    """
    with _exit_codes():
        _prepare(context.obj)
        from pipelines.commands import check_files

        check_files(files, source, _out)


@app.command()
def purge(
    context: typer.Context,
    before: Annotated[
        datetime, typer.Option(formats=["%Y-%m-%d"], help="First day of a reporting period: what is older goes.")
    ],
) -> None:
    """Remove records of single people, and the exports they came from; published figures stay. There is no way back.

    Example: equity-audit purge --before 2022-04-01
    """
    with _exit_codes():
        _prepare(context.obj)
        from pipelines.commands import purge_records

        purge_records(before.date(), _out)


@app.command()
def synth(
    context: typer.Context,
    out: Annotated[Path, typer.Option(help="File to write: .csv or .parquet.")],
    applications: Annotated[int, typer.Option(min=1, help="How many applications.")] = 20_000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same file.")] = 2021,
    shape: Annotated[str, typer.Option(help="wide: a row per application; long: a row per stage reached.")] = "wide",
    duplicates: Annotated[float, typer.Option(min=0, max=1, help="Share of rows repeated exactly.")] = 0.0,
    corrections: Annotated[bool, typer.Option(help="Also write a later, corrected extract.")] = False,
) -> None:
    """Make records of a made-up organisation with known disparities; the truth is written beside them.

    Example: equity-audit synth --applications 100000 --seed 1 --out exports/made-up.csv
    """
    del context
    with _exit_codes():
        from equity_audit.synthetic import generate, write

        for path in write(generate(applications, seed, duplicates=duplicates, corrections=corrections), out, shape):
            _out.print(f"wrote {path}", markup=False)


@app.command()
def query(
    context: typer.Context,
    sql: Annotated[str, typer.Argument(help="One question in DuckDB's SQL.")],
    format: Annotated[Format, typer.Option(help="table to look at, csv to work on.")] = Format.TABLE,
) -> None:
    """Look into the encrypted warehouse, read only. The figures are exact and unprotected: do not pass them on.

    Example: equity-audit query "select * from out.stage_counts where level = 'wres'" --format csv
    """
    with _exit_codes():
        _prepare(context.obj)
        from pipelines.commands import look

        answer = look(sql)
        if format is Format.CSV:
            sys.stdout.write(answer.write_csv())
        else:
            _out.print(_table(answer))
        _err.print("These are exact figures about people: not for passing on.")


@app.command()
def verify(
    context: typer.Context,
    edition: Annotated[Path, typer.Argument(metavar="EDITION_DIR", help="Folder of one period, or a copy of it.")],
    signed_by: Annotated[
        str | None, typer.Option(metavar="KEY", help="Public key that must have signed it, in hexadecimal digits.")
    ] = None,
) -> None:
    """Check that an edition is as it was published and, where --home has the records, that it follows from them.

    Exit code 4 with what differs: files by their hashes first, then the first figure. A copy needs no home.

    Example: equity-audit verify var/published/our-trust/2023-04-01
    """
    with _exit_codes():
        from pipelines.verifying import verify_edition

        verify_edition(edition, context.obj, signed_by, _out)


@app.command()
def explain(
    context: typer.Context,
    edition: Annotated[Path, typer.Argument(metavar="EDITION_DIR", help="Folder of one period, or a copy of it.")],
    figure: Annotated[
        str,
        typer.Argument(
            metavar="FIGURE", help="TABLE/LEVEL/GROUP/STEP/COLUMN; or a number as printed, to list what it may be."
        ),
    ],
) -> None:
    """Say where a published figure comes from: figures, columns, statements, files, checks. Needs the edition alone.

    A split is named after the level, as in disparities/wres/pay_band=5/BME/applied-shortlisted/impact_ratio.

    Example: equity-audit explain var/published/our-trust/2023-04-01 disparities/group/Asian/applied-shortlisted/impact_ratio
    """  # noqa: E501  an example in two lines would not be one to copy
    del context
    with _exit_codes():
        from pipelines.explaining import explain_figure

        explain_figure(edition, figure, _out)


@app.command()
def attack(
    context: typer.Context,
    table: Annotated[Path, typer.Argument(metavar="TABLE", help="A published table: CSV, XLSX or Parquet.")],
    below: Annotated[int | None, typer.Option(min=1, help="Counts from 1 to below this are withheld.")] = None,
    round_to: Annotated[int | None, typer.Option(min=1, help="Base that counts are rounded to; 1 for none.")] = None,
    zeros: Annotated[str | None, typer.Option(help="What is done with zeros: show, suppress or round.")] = None,
    interval: Annotated[int | None, typer.Option(min=2, help="Whole numbers that each count must keep.")] = None,
    small: Annotated[
        list[str] | None, typer.Option(metavar="MARK", help="A mark that means fewer than --below; may be repeated.")
    ] = None,
) -> None:
    """Attack a published table, yours or anybody's: which withheld or rounded counts it gives away, and how.

    What is not said is as in the settings. Exit code 5 if any count falls.

    Example: equity-audit attack their-table.csv --below 8 --round-to 5 --small "*"
    """
    with _exit_codes():
        from pipelines.attacking import attack_table

        given = {"withhold_below": below, "round_to": round_to, "zeros": zeros, "protection_interval": interval}
        attack_table(table, context.obj / "settings.toml", given, small or [], _out)


@app.command()
def serve(
    context: typer.Context,
    read_only: Annotated[
        bool, typer.Option("--read-only", help="For auditors: look at everything, start nothing.")
    ] = False,
    port: Annotated[int, typer.Option(help="Port on this machine.")] = 3000,
) -> None:
    """Open Dagster's pages on this machine: assets, checks, runs, schedules.

    Example: equity-audit serve --read-only
    """
    with _exit_codes():
        _prepare(context.obj)
        from pipelines.serving import serve_pages

        raise typer.Exit(serve_pages(read_only, port))


if __name__ == "__main__":
    sys.exit(app())
