"""Commands about published editions. None of them changes an edition or the warehouse, so a home is optional."""

from pathlib import Path
from typing import Annotated

import typer

from equity_audit.errors import Problem, UsageError
from pipelines.commands.console import OUT, exit_codes

editions = typer.Typer()


@editions.command()
def verify(
    context: typer.Context,
    edition: Annotated[Path, typer.Argument(metavar="EDITION_DIR", help="Folder of one period, or a copy of it.")],
    signed_by: Annotated[
        str | None, typer.Option(metavar="KEY", help="Public key that must have signed it, in hexadecimal digits.")
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Check instead whether the edition was counted from this file or mapping."),
    ] = None,
    key: Annotated[
        str | None, typer.Option(metavar="KEY", help="Key of that file, from its publisher. Default: the home's.")
    ] = None,
    keys: Annotated[
        bool, typer.Option("--keys", help="Print instead the key of each file, to give to an auditor.")
    ] = False,
) -> None:
    """Check an edition against its hashes and its records.

    Checks that the edition is as published and, if --home has the records, that its figures follow from them.

    Ends with exit code 4 and says what differs: files by their hashes, then the first figure. A copy needs no home.

    Example: equity-audit verify var/published/our-trust/2023-04-01

    Example: equity-audit verify copy-of-2023-04-01 --file export.csv --key 4f1c...
    """
    with exit_codes():
        if key is not None and file is None:
            raise UsageError(Problem("--key was given without --file", "--key", "also name the file: --file FILE"))
        if keys or file is not None:
            from pipelines.commands.opened_files import check_file, print_keys

            if file is None:
                print_keys(edition, context.obj, OUT)
            else:
                check_file(edition, file, key, context.obj, OUT)
            return
        from pipelines.commands.verify import verify_edition

        verify_edition(edition, context.obj, signed_by, OUT)


@editions.command()
def explain(
    context: typer.Context,
    edition: Annotated[Path, typer.Argument(metavar="EDITION_DIR", help="Folder of one period, or a copy of it.")],
    figure: Annotated[
        str,
        typer.Argument(
            metavar="FIGURE",
            help="TABLE/LEVEL/GROUP/STEP/COLUMN, or a number as printed to list the figures that match.",
        ),
    ],
) -> None:
    """Say where a published figure comes from.

    Lists the figures, columns, statements, files and checks behind it.

    Needs only the edition. If --home made it, files are listed by name.

    A split follows the level, as in disparities/wres/pay_band=5/BME/applied-shortlisted/impact_ratio.

    Example: equity-audit explain var/published/our-trust/2023-04-01 disparities/group/Asian/applied-shortlisted/impact_ratio
    """  # noqa: E501  an example on two lines could not be copied
    with exit_codes():
        from pipelines.commands.explain import explain_figure

        explain_figure(edition, figure, context.obj, OUT)


@editions.command()
def export(
    context: typer.Context,
    edition: Annotated[Path, typer.Argument(metavar="EDITION_DIR", help="Folder of one period, or a copy of it.")],
    out: Annotated[Path, typer.Option(help="Folder to write to, outside any edition.")],
) -> None:
    """Write the panel page as a PDF and its charts as images.

    For use in slides. Needs Chromium on this machine.

    Example: equity-audit export var/published/our-trust/2023-04-01 --out slides
    """
    del context
    with exit_codes():
        from pipelines.commands.export import export_edition

        export_edition(edition, out, OUT)


@editions.command()
def attack(
    context: typer.Context,
    table: Annotated[Path, typer.Argument(metavar="TABLE", help="A published table: CSV, XLSX or Parquet.")],
    below: Annotated[
        int | None, typer.Option(min=1, help="Counts below this are withheld; --zeros says whether 0 is.")
    ] = None,
    round_to: Annotated[int | None, typer.Option(min=1, help="Base that counts are rounded to; 1 for none.")] = None,
    zeros: Annotated[str | None, typer.Option(help="How zeros are treated: show, suppress or round.")] = None,
    interval: Annotated[
        int | None, typer.Option(min=2, help="How many whole numbers must remain possible for each count.")
    ] = None,
    small: Annotated[
        list[str] | None, typer.Option(metavar="MARK", help="A mark that means fewer than --below; may be repeated.")
    ] = None,
) -> None:
    """Find the withheld counts that a table discloses.

    Attacks a published table, your own or any other: which withheld or rounded counts can be inferred, and how.

    Options that are not given are as in the settings. Ends with exit code 5 if any count is disclosed.

    Example: equity-audit attack their-table.csv --below 8 --round-to 5 --small "*"
    """
    with exit_codes():
        from pipelines.commands.attack import attack_table

        given = {"withhold_below": below, "round_to": round_to, "zeros": zeros, "protection_interval": interval}
        attack_table(table, context.obj / "settings.toml", given, small or [], OUT)
