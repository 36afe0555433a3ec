"""Columns that may identify a person directly, recognised by their name or their content.

Direct identifiers do not belong in an equity audit. A file that has any is refused, with a list of the columns, until
its mapping says that they are to be dropped unread. Values are examined in memory and never become part of a result.
"""

import re
from collections.abc import Iterable

from equity_audit.intake.titled_names import has_titled_name
from equity_audit.vocabulary import fold_name

# The name of each kind in messages.
KINDS = {
    "name": "names of people",
    "email": "e-mail addresses",
    "phone": "telephone numbers",
    "ni_number": "National Insurance numbers",
    "nhs_number": "NHS numbers",
    "birth_date": "dates of birth",
    "postcode": "full postcodes",
    "address": "addresses",
    "free_text": "free text",
}

# Patterns for a folded column name. Names of things (vacancy, department, file) are not names of people.
_BY_NAME = {
    "name": re.compile(
        r"\b(fore ?name|first ?name|given ?name|sur ?name|last ?name|family ?name|middle ?name|full ?name|maiden ?name"
        r"|(applicant|candidate|person|known as|preferred|employee|manager) ?name)\b|^name$"
    ),
    "email": re.compile(r"\be ?mail\b"),
    # A conversation by telephone is a stage.
    "phone": re.compile(r"\b(tele)?phone\b(?! (interview|screen|call|assess))|\bmobile\b|\bcontact number\b"),
    "ni_number": re.compile(r"\b(national insurance|nino|ni (number|no))\b"),
    "nhs_number": re.compile(r"\bnhs (number|no)\b"),
    "birth_date": re.compile(r"\b(dob|date of birth|birth ?date|birthday|born)\b"),
    "postcode": re.compile(r"\bpost ?code\b|\bzip ?code\b"),
    "address": re.compile(r"\baddress\b|\bstreet\b"),
    "free_text": re.compile(r"\b(notes?|comments?|feedback|statement|cover letter|free ?text|remarks?|narrative)\b"),
}

_POSTCODE = r"(GIR ?0AA|[A-Z]{1,2}\d[A-Z\d]? ?\d[ABD-HJLNP-UW-Z]{2})"
_STREETS = (
    "street|st|road|rd|lane|ln|avenue|ave|close|drive|crescent|gardens|terrace|grove|hill|way|court|place|square|mews"
)
# An e-mail address may be part of a longer text; the other patterns match the whole value.
_BY_VALUE = {
    "email": re.compile(r".*[^@\s]+@[^@\s]+\.[^@\s]+.*", re.DOTALL),
    "ni_number": re.compile(r"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]", re.IGNORECASE),
    "postcode": re.compile(_POSTCODE, re.IGNORECASE),
    "address": re.compile(
        rf"(flat \w+,? )?\d+[a-z]?,? ([a-z'.-]+ ){{1,3}}({_STREETS})\b.*|.*\W{_POSTCODE}", re.IGNORECASE | re.DOTALL
    ),
    "phone": re.compile(r"(\+44|0044|0)[\d ()-]{9,14}"),
}
# One value in twenty is enough to refuse a column. One in eleven ten-digit numbers passes for an NHS number.
_SHARE, _NHS_SHARE, _LEAST = 0.05, 0.5, 2
_LONG_TEXT, _WORDS = 60, 8
# Dates of birth are long ago, before any application.
_BIRTH_DATE = re.compile(r"(\d{1,2}[/. -]\w{1,9}[/. -])?(19[2-9]\d|200[0-9])(-\d\d?-\d\d?( .*)?)?")
_BIRTH_SHARE = 0.5
# Two or three capitalised words are a job title, or a name if (nearly) every row has a different one.
_NAME = re.compile(r"[A-Z][\w'\u2019-]+,? ([A-Z]\.? )?[A-Z][\w'\u2019-]+( [A-Z][\w'\u2019-]+)?")
_NAME_SHARE, _NAMES = 0.9, 20


def kind_by_name(column: str) -> str | None:
    """Return the kind of identifier that a column's name suggests, or None."""
    # "Shortlisted [note 2]" refers to a note, and holds none.
    folded = fold_name(re.sub(r"[\[(]notes? ?\d+(?:, ?\d+)*[\])]", "", column))
    # "statement passed on" and "phone interview date" are dates; a date of birth has a kind of its own.
    kinds = (kind for kind, pattern in _BY_NAME.items() if pattern.search(folded))
    if re.search(r"\b(date|day)$| on$|^date of\b", folded):
        return "birth_date" if "birth_date" in kinds else None
    is_date = bool(re.search(r"\bdate\b", folded))
    return next((kind for kind in kinds if not (is_date and kind == "free_text")), None)


def kind_by_values(values: Iterable[str]) -> str | None:
    """Return the kind of identifier in a sample of a column's values, or None."""
    given = [value.strip() for value in values if value and value.strip()]
    # One value among many may be an accident; the only value of a column shows what the column is for.
    enough = max(min(_LEAST, len(given)), _SHARE * len(given), 1)
    for kind, pattern in _BY_VALUE.items():
        if sum(bool(pattern.fullmatch(value)) for value in given) >= enough:
            return kind
    if sum(has_titled_name(value) for value in given) >= enough:
        return "name"
    if sum(is_nhs_number(value) for value in given) >= max(_LEAST, _NHS_SHARE * len(given)):
        return "nhs_number"
    if sum(len(value) > 4 and bool(_BIRTH_DATE.fullmatch(value)) for value in given) >= max(
        _LEAST, _BIRTH_SHARE * len(given)
    ):
        return "birth_date"
    if sum(bool(_NAME.fullmatch(value)) for value in set(given)) >= max(_NAMES, _NAME_SHARE * len(given)):
        return "name"
    wordy = sum(len(value) > _LONG_TEXT and len(value.split()) >= _WORDS for value in given)
    return "free_text" if wordy >= enough else None


def is_nhs_number(value: str) -> bool:
    """Return whether a value is ten digits (perhaps spaced 3-3-4) with a valid modulus 11 check digit.

    As in the NHS Data Dictionary: the first nine digits are weighted 10 down to 2; the check digit is 11 minus the sum
    modulo 11, with 0 for 11, and 10 is never issued. One in eleven other ten-digit numbers passes, so a single value
    proves nothing.
    """
    digits = re.fullmatch(r"(\d{3})[ -]?(\d{3})[ -]?(\d{4})", value.strip())
    if not digits:
        return False
    number = "".join(digits.groups())
    check = 11 - sum(int(digit) * weight for digit, weight in zip(number, range(10, 1, -1), strict=False)) % 11
    return check % 11 == int(number[9]) and check != 10
