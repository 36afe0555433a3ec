"""Single values that point to one person. Text that is kept, and may be published, must not have any, in any row.

The share of suspicious values in a column (identifiers.py) shows what the column is for; here one value in a million is
enough. So only values count that cannot be the name of a post or of a workplace: a title with a name, a telephone
number, a full postcode, an NHS or National Insurance number, an e-mail address. Values never become part of a result.
"""

import re
from collections.abc import Callable, Iterable, Sequence

from equity_audit.errors import Problem
from equity_audit.intake.identifiers import KINDS, is_nhs_number
from equity_audit.intake.titled_names import has_titled_name

_LISTED = 20

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
# HMRC's prefixes; the pairs may be separated by spaces, dashes or full stops.
_NI_NUMBER = re.compile(
    r"(?<![A-Z0-9])[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]([ .-]{0,2}\d{2}){3}[ .-]{0,2}[A-D](?![A-Z0-9])", re.IGNORECASE
)
_TEN_DIGITS = re.compile(r"(?<![\d+])\d{3}[ .-]{0,2}\d{3}[ .-]{0,2}\d{4}(?!\d)")
# The digits of a date are not a telephone number, even if a time follows.
_DAY = re.compile(r"(?<!\d)(?:\d{1,2}[.-]\d{1,2}[.-](?:19|20)\d{2}|(?:19|20)\d{2}-\d{2}-\d{2})(?!\d)")
_PHONES = (
    # UK numbers with a leading zero or country code, and mobile numbers that lost the zero when stored as a number.
    re.compile(r"(?<![\w+])(?:(?:\+|00)44[ .-]{0,2}(?:\(0\)[ .-]?)?|\(?0)[1-9](?:[ ().-]{0,2}\d){8,9}(?!\d)"),
    re.compile(r"(?<![\w+.-])7[1-9]\d{2}[ -]?\d{3}[ -]?\d{3}(?!\d)"),
    # Numbers of any country, with its code.
    re.compile(r"(?<![\w+])\+[1-9](?:[ ().-]{0,2}\d){7,14}(?!\d)"),
    # North American numbers: 3-3-4, separated by marks.
    re.compile(r"(?<![\w+-])(?:1[ .-])?(?:\(\d{3}\) ?|\d{3}[-. ])\d{3}[-. ]\d{4}(?![\d-])"),
)
_POSTCODE = re.compile(
    r"(?<![A-Z0-9])(?:GIR ?0AA|[A-PR-UWYZ][A-HK-Y]?\d[A-Z\d]? ?\d[ABD-HJLNP-UW-Z]{2})(?![A-Z0-9])", re.IGNORECASE
)
# "Ward B3 2nd floor" has the letters and digits of a postcode.
_ORDINAL = re.compile(r"(?:1st|2nd|3rd|[04-9]th)$", re.IGNORECASE)


def personal_kind(value: str) -> str | None:
    """Return the kind of identifier in one text, a key of identifiers.KINDS; None if it does not point to a person.

    A title alone ("Dr") and a postcode district ("SE1") do not point to a person.
    """
    text = _DAY.sub("/", " ".join(re.sub("[\u2010-\u2015]", "-", value).split()))
    return next((kind for kind, holds in _BY_KIND.items() if holds(text)), None)


def personal_problem(kinds: Iterable[str], rows: Sequence[int], column: str) -> Problem:
    """Return a problem with the rows whose text points to a person, counted from 1 below the header."""
    more = f" and {len(rows) - _LISTED} more" if len(rows) > _LISTED else ""
    listed = ", ".join(map(str, rows[:_LISTED]))
    return Problem(
        f"may hold {' and '.join(KINDS[kind] for kind in sorted(set(kinds)))} in row{'s' if len(rows) > 1 else ''} "
        f"{listed}{more}",
        f"column {column}",
        "correct these rows at the source: details of a post may be published and must not identify anyone",
    )


def _has_nhs_number(text: str) -> bool:
    return any(is_nhs_number(re.sub(r"\D", "", match[0])) for match in _TEN_DIGITS.finditer(text))


def _has_phone(text: str) -> bool:
    return any(pattern.search(text) for pattern in _PHONES)


def _has_postcode(text: str) -> bool:
    """Return whether a text has a postcode, with letters in one case: "Band B6 5yr" is not one."""
    for match in _POSTCODE.finditer(text):
        code = match[0]
        alone = code == text
        if alone or ((code.isupper() or text.islower()) and not _ORDINAL.search(code)):
            return True
    return False


_BY_KIND: dict[str, Callable[[str], object]] = {
    "email": _EMAIL.search,
    "ni_number": _NI_NUMBER.search,
    "nhs_number": _has_nhs_number,
    "phone": _has_phone,
    "postcode": _has_postcode,
    "name": has_titled_name,
}
