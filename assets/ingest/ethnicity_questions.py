"""Refuse a file with further columns about ethnicity that its mapping does not read.

US forms ask "Hispanic or Latino?" as well as race, and often accept several races. Reading race alone would silently
count Hispanic people as White.
"""

import re

import duckdb

from assets.ingest.identifier_screen import sample_columns
from assets.ingest.source_files import SourceFile
from equity_audit.errors import InputRefused, Problem
from equity_audit.intake.labels import match_ethnicities
from equity_audit.intake.mapping import Mapping
from equity_audit.intake.mapping_checks import BESIDE_RECRUITMENT
from equity_audit.intake.steps import quoted
from equity_audit.vocabulary import HISPANIC, answers_hispanic, answers_race, asks_hispanic, family, fold, is_yes_or_no

_NUMBERED = re.compile(
    r"\b(?:race|ethnicity|ethnic (?:group|origin))s?(?: \w+)* (?:[2-9]|two|three)$|\brace[2-9]$"
    r"|^(?:second|third) race\b"
)


def check_ethnicity_questions(connection: duckdb.DuckDBPyConnection, file: SourceFile, mapping: Mapping) -> None:
    """Raise InputRefused with every unread column that holds part of an applicant's ethnicity.

    The content of a column that the mapping drops is not examined, but if its name asks "Hispanic or Latino?" the
    ethnicity column must contain that answer itself.
    """
    if mapping.source.orientation == "groups across":
        return  # its columns are the groups
    read = mapping.needed_columns()
    unread = [column for column in file.types if column not in read and column not in mapping.privacy.drop]
    american = family(mapping.source.ethnicity_classification) == "us"
    dropped = [column for column in file.types if column in mapping.privacy.drop and asks_hispanic(column)]
    hispanic, races = [] if not dropped or _names_hispanic(connection, file, mapping) else dropped, []
    for column, values in sample_columns(connection, file, unread).items():
        # In US forms "Ethnicity", with a yes or no, is the official name of the Hispanic question.
        official = american and "ethnicity" in fold(column) and is_yes_or_no(values)
        if asks_hispanic(column) or answers_hispanic(values) or official:
            hispanic.append(column)
        elif _NUMBERED.search(fold(column)) or (american and answers_race(column, values)):
            races.append(column)
    if hispanic or races:
        raise InputRefused(*_problems(hispanic, races, mapping, file.path.name))


def _names_hispanic(connection: duckdb.DuckDBPyConnection, file: SourceFile, mapping: Mapping) -> bool:
    """Return whether the ethnicity column has Hispanic or Latino among its own labels."""
    column = quoted(mapping.columns.ethnicity)
    with file.rows(connection) as source:
        labels = connection.sql(f"select distinct {column}::varchar from {source}").fetchall()
    matched, _ = match_ethnicities({label or "" for (label,) in labels}, mapping)
    return any(ethnicity.group == HISPANIC for ethnicity in matched.values())


def _problems(hispanic: list[str], races: list[str], mapping: Mapping, file_name: str) -> list[Problem]:
    remedy = 'name it as columns.hispanic in the mapping, with source.ethnicity_classification = "us_eeo1"'
    if mapping.source.shape in ("counts", *BESIDE_RECRUITMENT):
        remedy = "give one row for each group, with Hispanic or Latino of any race as one of the groups"
    problems = [
        Problem(
            "asks whether people are Hispanic or Latino, but the mapping does not read it: they would be counted under "
            "a race",
            f"column {column}",
            remedy,
        )
        for column in hispanic
    ]
    if races:
        listed = ", ".join(f'"{column}"' for column in races)
        problems.append(
            Problem(
                "holds a further answer about race that the mapping does not read",
                f"column{'s' if len(races) > 1 else ''} {', '.join(races)}",
                f"add columns.more_races = [{listed}] to the mapping, or drop it under [privacy] if the ethnicity "
                "column already includes this answer",
            )
        )
    return [*problems, Problem("no part of the file was loaded", file_name)]
