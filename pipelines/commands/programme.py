"""The command `programme`: judge a programme's effect privately for the analyst, or publish a review for the board."""

from pathlib import Path
from typing import Annotated

import typer

from pipelines.commands.console import OUT, exit_codes

programmes = typer.Typer()


@programmes.command()
def programme(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="PROGRAMME.toml", help="When it began, and what it did.")],
    organisation: Annotated[
        str | None, typer.Option(metavar="NAME", help="Organisation; needed if several have records.")
    ] = None,
    publish: Annotated[
        bool,
        typer.Option("--publish", help="Keep the file and publish a review made only from editions."),
    ] = False,
) -> None:
    """Judge whether a programme changed selection.

    Judges its effect from the records and writes a private page for the analyst.

    The page has exact figures about small groups: do not share it. With --publish a review for the board is made
    instead, only from published editions; from then on every run rebuilds it.

    Example: equity-audit programme our-programme.toml --organisation "Our NHS Trust"
    """
    with exit_codes():
        if publish:
            from pipelines.resources import prepare_home

            prepare_home(context.obj)
            from pipelines.commands.review import publish_review

            publish_review(file, organisation, context.obj, OUT)
        else:
            from pipelines.commands.judge import judge_programme

            judge_programme(file, organisation, context.obj, OUT)
