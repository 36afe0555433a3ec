"""The command about a programme's effect: a private answer for the analyst, or a review for the board."""

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
    publish: Annotated[
        bool,
        typer.Option("--publish", help="Keep the file, and publish a review made from editions alone."),
    ] = False,
) -> None:
    """Judge whether a programme changed selection.

    Its effect is judged from the records, and a private page is written for the analyst.

    The page holds exact figures about small groups: do not pass it on. With --publish a review for the board is made
    instead, from published editions and nothing else; from then on every run makes it anew.

    Example: equity-audit programme our-programme.toml --organisation "Our NHS Trust"
    """
    with exit_codes():
        if publish:
            from pipelines.resources import prepare_home

            prepare_home(context.obj)
            from pipelines.reviewing import publish_review

            publish_review(file, organisation, context.obj, OUT)
        else:
            from pipelines.judging import judge_programme

            judge_programme(file, organisation, context.obj, OUT)
