"""The command about a programme's effect. Its answer is for the analyst alone: nothing of it goes under published/."""

from pathlib import Path
from typing import Annotated

import typer

from pipelines.console import OUT, exit_codes

programmes = typer.Typer()


@programmes.command()
def programme(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="PROGRAMME.toml", help="When it began, and what happened in it.")],
    organisation: Annotated[
        str | None, typer.Option(metavar="NAME", help="Whose records. Needed where several organisations have some.")
    ] = None,
) -> None:
    """Did the programme work? Judge its effect on selection from the records, and write a private page for the analyst.

    The page holds exact figures about small groups: do not pass it on. Reads the warehouse, and changes nothing in it.

    Example: equity-audit programme our-programme.toml --organisation "Our NHS Trust"
    """
    with exit_codes():
        from pipelines.judging import judge_programme

        judge_programme(file, organisation, context.obj, OUT)
