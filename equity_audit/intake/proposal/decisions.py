"""What an analyst has to decide about a proposal: a few questions in order, each with the line to change."""

import re
from collections.abc import Sequence

from equity_audit.intake.proposal.labels import Text

_MOST = 6
_LABELS = {
    "statuses": "the furthest stage that each status proves was reached, and the outcome",
    "outcomes": "what each outcome means",
    "ethnicity_labels": "what each label of ethnicity means",
    "stage_labels": "which stage each label means",
}
_KEYS = {
    "columns.vacancy_id": "Which column has the vacancy? If all rows are for one vacancy, say so under [constants].",
    "columns.ethnicity": "Which column has the ethnicity?",
    "columns.outcome": "Which column says what happened to the application, also to those who withdrew?",
    "columns.applied_on": "Which column has the date of applying? If all applied on one day, say so under [constants].",
    "columns.application_id": "Which column identifies the application?",
    "columns.reached_on": "Which column has the date of the stage?",
    "source.add_same_labels": "Are the labels that mean the same different people? If one is the sum, leave it out.",
    "source.sum_over": "Are all rows of a group in one reporting period, so that they may be added together?",
    "source.period": "On which day does the table's reporting period begin? Years begin on 1 April, unless "
    "period.year_starts in the home's settings.toml says otherwise, such as 01-01 for calendar years.",
    "source.stages": "Which columns or labels show the stages, from applying to being appointed, in order?",
    "source.date_format": "Which of the two formats of dates is right?",
    "source.time_zone": "In which time zone do times count by their date?",
}


def decisions(lines: Sequence[str], text: Text) -> list[str]:
    """Return comments with the questions of a proposal; that nothing has to be decided if there are none.

    What is missing comes first, since the mapping cannot be used without it; labels without a meaning are one question.
    """
    questions = [*_missing(text.missing), *text.questions]
    if not questions:
        return ["", "# You have nothing to decide: every line follows from the file.", *_employer(lines)]
    more = len(questions) - _MOST
    return [
        "",
        "# What you have to decide, in this order:",
        *(
            f"# {number}. {_line(lines, key)}{question}"
            for number, (question, key) in enumerate(questions[:_MOST], start=1)
        ),
        *([f"# and {more} more, in the lines marked low."] if more > 0 else []),
        *_employer(lines),
    ]


def _employer(lines: Sequence[str]) -> list[str]:
    """Return a comment about the employer's name, which no file is asked for and every report shows."""
    line = _line(lines, "organisation")
    return (
        [f"# {line}The employer's name, which heads every report. Without one it is that of the settings."]
        if line
        else []
    )


def _missing(missing: Sequence[str]) -> list[tuple[str, str]]:
    questions = []
    for section in dict.fromkeys(what.split(":")[0].split("] ")[0].strip("[") for what in missing):
        if section in _LABELS:
            listed = [what for what in missing if what.startswith(f"[{section}]")]
            questions.append(
                (f"Write {_LABELS[section]}, in the lines marked not guessed ({len(listed)}).", f"[{section}]")
            )
        else:
            what = next(what for what in missing if what.startswith(section))
            questions.append((_KEYS.get(section, what), section.split(".")[-1]))
    return questions


def _line(lines: Sequence[str], key: str) -> str:
    """Return the number of the line of a key or table, in words; "" if it has none yet."""
    start = re.compile(rf"(# )?{re.escape(key)}" + ("$" if key.startswith("[") else " = "))
    number = next((number for number, line in enumerate(lines, start=1) if start.match(line)), None)
    return f"Line {number}: " if number else ""
