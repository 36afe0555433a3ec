"""Labels for unknown ethnicity or sex (not known, not asked, not answered), and labels for totals of a table."""

import re

from equity_audit.vocabulary.words import fold

_WHO = r"(?:(?:i|they|the|applicant|candidate|person|respondent|employee|individual|has|have) )*"
_TELL = (
    r"(?:say|state|disclose|answer|respond|reply|declare|share|specify|provide|give|tell|reveal|indicate|complete|record"
    r"|(?:self )?(?:identify|report|declare))"
)
_NOT = r"(?:(?:do|does|did) not|don t|doesn t|didn t|dont|doesnt|didnt|not|would not|wouldn t)"
_WANT = (
    r"(?:wish(?:es|ed)?|want(?:s|ed)?|prefer(?:s|red)?|choose[sn]?|chose|chosen|elect(?:s|ed)?|opt(?:s|ed)?|like[ds]?)"
)
_REFUSE = r"(?:decline[sd]?|refuse[sd]?|unwilling|not willing|declining)"
_DONE = (
    r"(?:stated|known|given|disclosed|provided|specified|declared|recorded|collected|answered|available|supplied|reported"
    r"|completed|requested|asked|obtained|identified|held|classified|sought)"
)
_PHRASES = (
    "unknown|null|undefined|undisclosed|undeclared|unstated|unspecified|unrecorded|unreported|unclassified|missing|withheld"
    "|blank(?: entry| entries)?|refused|declined|information not (?:yet )?obtained|(?:no|not) (?:data|information)"
    "|(?:data|information) (?:not (?:available|collected|held|recorded|provided)|unavailable|missing)",
    rf"(?:not|never|none) (?:been |yet )?{_DONE}",
    r"no (?:response|answer|reply|data|value|entry)(?: (?:given|provided|recorded))?",
    rf"{_WHO}(?:{_NOT} {_WANT}|{_WANT} not|(?:would )?rather not|(?:d )?rather not|{_REFUSE})(?: to)? {_TELL}",
    rf"{_WHO}{_NOT} (?:{_TELL}|know)",
)
# The subject of the label, and fillers: "ethnicity not known", "I do not wish to disclose my ethnic origin".
_ABOUT = (
    r"\b(?:my|their|your|the|this|that|these|it|on|of|at|time|question|questions|information|info|details|ethnic"
    r"|ethnicity|race|racial|sex|gender|group|category|origin|background|heritage)\b"
)
_NOTHING = re.compile(rf"(?:{'|'.join(_PHRASES)})(?: (?:(?:or|and) )?(?:{'|'.join(_PHRASES)}))*")

_TOTAL = {"total", "totals", "subtotal", "subtotals", "all", "sum", "overall", "everyone", "everybody"}
_OF_WHAT = {
    *("grand", "sub", "of", "the", "and", "for", "in", "number", "count", "headcount", "row", "column", "table"),
    *("ethnic", "ethnicity", "ethnicities", "group", "groups", "category", "categories", "race", "races"),
    *("background", "backgrounds", "applicant", "applicants", "application", "applications", "candidate", "candidates"),
    *("people", "persons", "staff", "employees", "respondents"),
}


def is_unknown(label: str) -> bool:
    """Return whether a label only says that a person's ethnicity, or sex, is not known, for whatever reason.

    "Prefer to self-describe" does not: an answer was given that is not in the vocabulary. Neither does "not
    applicable": the question was not asked, or does not apply, or the row is not a person.
    """
    folded = fold(label)
    text = " ".join(re.sub(_ABOUT, " ", folded).split())
    return not folded or any(_NOTHING.fullmatch(words) for words in (folded, text))


def is_total(label: str) -> bool:
    """Return whether a label means the sum over all ethnic groups.

    A sum with a group's name in it ("Total White", "All other ethnic groups") may be the only row of that group, and
    "total known" excludes some people: these are not totals to be ignored.
    """
    words = set(fold(label).split())
    return bool(words & _TOTAL) and words <= _TOTAL | _OF_WHAT


_WITH_TOTAL = re.compile(
    r"[\W_]*(?:(?:sub-?)?totals?[\W_]+(?P<after>.+?)|(?P<before>.+?)[\W_]+(?:sub-?)?totals?)[\W_]*", re.IGNORECASE
)


_ALL_OF = re.compile(
    r"all (?P<after>asian|black|mixed|white)(?: groups)?|(?P<before>asian|black|mixed|white)(?: groups)? all"
)


def says_total(label: str) -> bool:
    """Return whether a label calls itself a total, of all groups or of one: "Asian total", "All White groups"."""
    return bool(set(fold(label).split()) & _TOTAL)


def without_total(label: str) -> str:
    """Return the label of a group without the word total before or after it: "Asian - Total" is "Asian".

    "All" stays unless a group's name is all that is left, since "all other" is not a group; so does a label that is a
    total of all groups.
    """
    if words := _ALL_OF.fullmatch(fold(label)):
        return words["after"] or words["before"]
    words = _WITH_TOTAL.fullmatch(label)
    if not words or is_total(label):
        return label
    return words["after"] or words["before"]
