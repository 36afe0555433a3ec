"""Columns that ask about ethnicity beside the one that is read: they refuse a file until its mapping names them.

US forms ask "Hispanic or Latino?" beside race, and often take several races. Reading race alone would count Hispanic
people as White, and silently.
"""

import re

import duckdb

from assets.ingest.identifier_screen import sample_columns
from assets.ingest.source_files import SourceFile
from equity_audit.errors import InputRefused, Problem
from equity_audit.intake.labels import match_ethnicities
from equity_audit.intake.mapping import BESIDE_RECRUITMENT, Mapping
from equity_audit.intake.steps import quoted
from equity_audit.vocabulary import HISPANIC, answers_hispanic, answers_race, asks_hispanic, family, fold, is_yes_or_no

_NUMBERED = re.compile(
    r"\b(?:race|ethnicity|ethnic (?:group|origin))s?(?: \w+)* (?:[2-9]|two|three)$|\brace[2-9]$"
    r"|^(?:second|third) race\b"
)


def check_ethnicity_questions(connection: duckdb.DuckDBPyConnection, file: SourceFile, mapping: Mapping) -> None:
    """Raise InputRefused with every unread column that holds a part of somebody's ethnicity.

    A column that the mapping drops is not looked at, but if its name asks "Hispanic or Latino?" the column of ethnicity
    must have that answer itself.
    """
    read = mapping.needed_columns()
    unread = [column for column in file.types if column not in read and column not in mapping.privacy.drop]
    american = family(mapping.source.ethnicity_classification) == "us"
    dropped = [column for column in file.types if column in mapping.privacy.drop and asks_hispanic(column)]
    asked, races = [] if not dropped or _tells_hispanic(connection, file, mapping) else dropped, []
    for column, values in sample_columns(connection, file, unread).items():
        # In US forms "Ethnicity", with a yes or no, is that question by its official name.
        plain = american and "ethnicity" in fold(column) and is_yes_or_no(values)
        if asks_hispanic(column) or answers_hispanic(values) or plain:
            asked.append(column)
        elif _NUMBERED.search(fold(column)) or (american and answers_race(column, values)):
            races.append(column)
    if asked or races:
        raise InputRefused(*_problems(asked, races, mapping, file.path.name))


def _tells_hispanic(connection: duckdb.DuckDBPyConnection, file: SourceFile, mapping: Mapping) -> bool:
    """Whether the column of ethnicity has Hispanic or Latino among its own labels."""
    column = quoted(mapping.columns.ethnicity)
    with file.rows(connection) as source:
        labels = connection.sql(f"select distinct {column}::varchar from {source}").fetchall()
    matched, _ = match_ethnicities({label or "" for (label,) in labels}, mapping)
    return any(found.group == HISPANIC for found in matched.values())


def _problems(asked: list[str], races: list[str], mapping: Mapping, file_name: str) -> list[Problem]:
    remedy = 'name it under columns.hispanic in the mapping, with source.ethnicity_classification = "us_eeo1"'
    if mapping.source.shape in ("counts", *BESIDE_RECRUITMENT):
        remedy = "give one row for each group, with Hispanic or Latino of any race as one of the groups"
    found = [
        Problem(
            "asks whether people are Hispanic or Latino, and the mapping does not read it: they would be counted under "
            "a race",
            f"column {column}",
            remedy,
        )
        for column in asked
    ]
    if races:
        listed = ", ".join(f'"{column}"' for column in races)
        found.append(
            Problem(
                "holds a further answer about race, and the mapping does not read it",
                f"column{'s' if len(races) > 1 else ''} {', '.join(races)}",
                f"name it in the mapping: columns.more_races = [{listed}]; or drop it under [privacy] if the column of "
                "ethnicity already has all of it",
            )
        )
    return [*found, Problem("nothing of the file was loaded", file_name)]
