"""The two questions of US forms, "Hispanic or Latino?" and race, and how their answers become one category.

Source: instruction booklet of the EEO-1 Component 1 report, after the federal standards of 1997. People who are
Hispanic or Latino are counted there whatever their race; others who gave several races are in Two or More Races. So
race alone is not enough: without the other question Hispanic people would be counted under White.
"""

import re
from collections.abc import Iterable
from typing import Literal

from equity_audit.vocabulary.classifications import UNKNOWN
from equity_audit.vocabulary.unknown import is_unknown
from equity_audit.vocabulary.us_labels import HISPANIC, match_race
from equity_audit.vocabulary.words import fold, fold_name

Answer = Literal["yes", "no", "unknown"]

_SPANISH = r"(?:hispanics?|latin[oaxe]s?|spanish)"
_ORIGIN = rf"{_SPANISH}(?:(?: or| and)? {_SPANISH})*(?: (?:origin|descent|heritage|ethnicity))?"
_ASKED = re.compile(r"hispanic|\blatin[oaxe]s?\b|\bspanish (?:origin|descent|heritage)\b")
_I_AM = r"(?:(?:i am|i identify as|is|are) )?"
_YES = re.compile(rf"(?:yes|y|true|t|1|x)(?: {_I_AM}(?:of )?{_ORIGIN})?|{_I_AM}(?:of )?{_ORIGIN}(?: of any race)?")
_NO = re.compile(
    rf"(?:no|n|false|f|0)(?: {_I_AM}(?:(?:not|non) )?(?:of )?{_ORIGIN})?|{_I_AM}(?:not|non) (?:of )?{_ORIGIN}"
)
# An answer that only fits this question.
_TELLING = re.compile(rf"(?=.*(?:hispanic|latin))(?:(?:yes|no) )?{_I_AM}(?:(?:not|non) )?(?:of )?{_ORIGIN}")
_MOST = 50


def asks_hispanic(column: str) -> bool:
    """Return whether a column's name asks if people are Hispanic or Latino."""
    return bool(_ASKED.search(fold_name(column)))


def answers_hispanic(values: Iterable[str]) -> bool:
    """Return whether a column's values are answers to that question, whatever its name; a list of races is not."""
    given = {fold(value): value for value in values if fold(value)}
    if not any(_TELLING.fullmatch(text) for text in given):
        return False
    races = {race.group for value in given.values() if (race := match_race(value))}
    return not races - {HISPANIC, UNKNOWN}


def hispanic_answer(text: str) -> Answer | None:
    """Return the meaning of an answer; None if it means none of the three. A blank is unknown."""
    folded = fold(text)
    if is_unknown(text):
        return "unknown"
    if _NO.fullmatch(folded):
        return "no"
    return "yes" if _YES.fullmatch(folded) else None


def is_yes_or_no(values: Iterable[str]) -> bool:
    """Return whether values answer a question with yes or no, or not at all."""
    answers = [hispanic_answer(value) for value in values if fold(value)]
    return bool({"yes", "no"} & set(answers)) and None not in answers


def answers_race(column: str, values: Iterable[str]) -> bool:
    """Return whether a column is one of several answers about race: ticks under a race's name, or names of races."""
    given = {fold(value): value for value in values if fold(value)}
    if not given or len(given) > _MOST:
        return False
    ticked = match_race(race_named(column))
    if ticked and ticked.group != UNKNOWN and all(hispanic_answer(text) or text == fold(column) for text in given):
        return True
    known = [race for value in given.values() if (race := match_race(value))]
    return len(known) >= 0.8 * len(given) and any(race.group != UNKNOWN for race in known)


def race_named(column: str) -> str:
    """Return the race in the name of a column of ticks, such as "White" in "Race: White"."""
    return re.sub(r"^\W*(?:race|ethnicity)\b[\W_]*", "", column, flags=re.IGNORECASE) or column
