"""Recognise the source's own words for yes and no: two words that are each other's opposite."""

import re

from equity_audit.intake.proposal.columns import FLAG_WORDS, Column
from equity_audit.vocabulary import fold

_YES = re.compile(
    r"pass(ed)?|successful|attended|selected|achieved|met|invited|offered|accepted|ja|oui|si|s\u00ed|sim|tak"
    r"|((was|been) )?(short ?listed|interviewed|appointed|hired|recruited|progressed)"
)
_NO = re.compile(
    r"(not|no|non|never|did not|was not) .+|fail(ed)?|unsuccessful|rejected|nein|non|n\u00e3o|nie|deselected"
)


def own_flag_words(column: Column) -> list[tuple[str, bool]]:
    """Return the words of a column of yes and no that intake does not know, each with whether it means yes.

    Empty if the column has other words, or only one meaning: a column that only says "Passed" may be an outcome.
    """
    if not column.filled or len(column.counts) > 6 or column.flags == 1:
        return []
    words: list[tuple[str, bool]] = []
    meanings = set()
    for value in column.counts:
        folded = fold(value)
        usual = value.lower() in FLAG_WORDS
        no, yes = bool(_NO.fullmatch(folded)), bool(_YES.fullmatch(folded))
        if not usual and no == yes:
            return []
        meaning = value.lower() in ("yes", "y", "true", "t", "1", "x") if usual else yes
        meanings.add(meaning)
        if not usual:
            words.append((value, meaning))
    return (
        words if meanings == {True, False} or (meanings == {True} and len(column.filled) < len(column.values)) else []
    )
