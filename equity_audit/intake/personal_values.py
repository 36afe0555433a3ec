"""Single values that point to one person: text that is kept, and may be published, may hold none of them in any row.

A column's share of suspicious values (identifiers.py) says what the column is for; here one value in a million is
enough. So only what cannot be the name of a post or of a place of work counts: a title with a name, a telephone number,
a full postcode, an NHS or National Insurance number, an e-mail address. Values never become part of a result.
"""

import re
from collections.abc import Callable, Iterable, Sequence

from equity_audit.errors import Problem
from equity_audit.intake.identifiers import KINDS, is_nhs_number

_LISTED = 20

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
# HMRC's prefixes; with spaces, dashes or full stops between the pairs or without.
_NI_NUMBER = re.compile(
    r"(?<![A-Z0-9])[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]([ .-]{0,2}\d{2}){3}[ .-]{0,2}[A-D](?![A-Z0-9])", re.IGNORECASE
)
_TEN_DIGITS = re.compile(r"(?<![\d+])\d{3}[ .-]{0,2}\d{3}[ .-]{0,2}\d{4}(?!\d)")
# The digits of a day are nobody's number, even with a time behind them.
_DAY = re.compile(r"(?<!\d)(?:\d{1,2}[.-]\d{1,2}[.-](?:19|20)\d{2}|(?:19|20)\d{2}-\d{2}-\d{2})(?!\d)")
_PHONES = (
    # Of the United Kingdom with its zero or country code, and a mobile number that lost its zero as a number does.
    re.compile(r"(?<![\w+])(?:(?:\+|00)44[ .-]{0,2}(?:\(0\)[ .-]?)?|\(?0)[1-9](?:[ ().-]{0,2}\d){8,9}(?!\d)"),
    re.compile(r"(?<![\w+.-])7[1-9]\d{2}[ -]?\d{3}[ -]?\d{3}(?!\d)"),
    # Of any country, with its code.
    re.compile(r"(?<![\w+])\+[1-9](?:[ ().-]{0,2}\d){7,14}(?!\d)"),
    # Of North America: 3-3-4, parted by marks.
    re.compile(r"(?<![\w+-])(?:1[ .-])?(?:\(\d{3}\) ?|\d{3}[-. ])\d{3}[-. ]\d{4}(?![\d-])"),
)
_POSTCODE = re.compile(
    r"(?<![A-Z0-9])(?:GIR ?0AA|[A-PR-UWYZ][A-HK-Y]?\d[A-Z\d]? ?\d[ABD-HJLNP-UW-Z]{2})(?![A-Z0-9])", re.IGNORECASE
)
# "Ward B3 2nd floor" has the letters and digits of a postcode.
_ORDINAL = re.compile(r"(?:1st|2nd|3rd|[04-9]th)$", re.IGNORECASE)

_TITLE = r"(?:mr|mrs|ms|miss|mx|dr|doctor|prof|professor|rev|revd|reverend|sir|dame|lady|lord|cllr|councillor)"
_NAME = r"(?:[^\W\d_]\.|[^\W\d_](?:[^\W\d_]|['\u2019.-](?=[^\W\d_]))*\.?)"
_TITLED = re.compile(rf"(?<![\w-])({_TITLE})\b(?:\.,? *|,? +)({_NAME}(?: {_NAME}){{0,3}})", re.IGNORECASE)
# As lists write it: "Smith, Jane (Mrs)".
_TITLE_LAST = re.compile(rf"({_NAME}),? ({_NAME}),? \(?(Mr|Mrs|Ms|Miss|Mx|Dr|MRS|MISS)\)?\.?")
# What follows these titles in the name of a place or a post: "MR Imaging", "Add Prof Scientific and Technic",
# "Dr Gray's Hospital", "Dr in training". A title before such a word is an abbreviation, or a place's name.
_THINGS = frozenset(
    """
    a admin administration administrative administrator advisor adviser allied analyst and anaesthetics angiography
    assistant associate at bank band building business by cardiology care centre center clinic clinical clinician
    clinicians college community consultant cover department desk development diagnostics directorate division
    doctor doctors educational education emergency equipment engineer engineering estates exam facility fellow
    finance floor for from foundation friendly general grade grades group guided gp head health healthcare helpline
    hospital hospice house imaging in institute it junior lab laboratory laser lead leadership learning level
    librarian library linac linked list locum locums manager management mayor medical medicine mri neurology nurse
    nurses nursing of office officer on oncology only operations or other paediatric paediatrics pathway physicist
    physics physio physiotherapist physiotherapy plan planning pool post posts practice practitioner practitioners
    professional professionals programme project psychiatry qualified radiographer radiographers radiography
    radiology recovery register registered rehab rehabilitation research response room rota rotation safety scan
    scanner scanning scans school science sciences scientific scientist scientists secretary section senior series
    service services society specialist specialists specialty spectroscopy staff staffing standards student students
    studies suite supervisor support surgery surgeries system systems team teams tech technic technical technician
    technicians technologist test testing theatre theatres therapist therapists therapy to trainee trainees trainer
    training trust unit ward wards wing with workforce workstream
    """.split()  # noqa: SIM905  words are read more easily than quotation marks
)
# A place that has one person's name, as "Dr Gray's Hospital" and "Sir Michael Sobell House", is a place.
_PLACES = re.compile(
    r"\b(?:hospital|hospice|house|building|centre|center|ward|wing|unit|clinic|institute|school|college|surgery|practice"
    r"|court|lodge|suite|library|foundation|trust)s?\b",
    re.IGNORECASE,
)
# Some of these words are surnames: "Dr Jane Ward" is a person.
_SURNAMES = frozenset({"ward", "house", "court", "head", "hall", "lodge", "mayor", "post", "school"})
# Words of honour that begin the names of places and boats more often than of staff: with a first and a last name only.
_OF_HONOUR = frozenset({"sir", "dame", "lady", "lord", "rev", "revd", "reverend"})


def personal_kind(value: str) -> str | None:
    """The kind of identifier in one text, by the keys of identifiers.KINDS; None if it points to nobody.

    A title alone ("Dr") and the district of a postcode ("SE1") point to nobody.
    """
    text = _DAY.sub("/", " ".join(re.sub("[\u2010-\u2015]", "-", value).split()))
    return next((kind for kind, holds in _BY_KIND.items() if holds(text)), None)


def personal_problem(kinds: Iterable[str], rows: Sequence[int], column: str) -> Problem:
    """The refusal of rows whose text points to somebody; they are counted from 1 below the header."""
    more = f" and {len(rows) - _LISTED} more" if len(rows) > _LISTED else ""
    listed = ", ".join(map(str, rows[:_LISTED]))
    return Problem(
        f"may hold {' and '.join(KINDS[kind] for kind in sorted(set(kinds)))} in row{'s' if len(rows) > 1 else ''} "
        f"{listed}{more}",
        f"column {column}",
        "mend these rows at the source: what is kept of a post may be published, and points to nobody",
    )


def _has_nhs_number(text: str) -> bool:
    return any(is_nhs_number(re.sub(r"\D", "", found[0])) for found in _TEN_DIGITS.finditer(text))


def _has_phone(text: str) -> bool:
    return any(pattern.search(text) for pattern in _PHONES)


def _has_postcode(text: str) -> bool:
    """Letters in one case, as people write them: "Band B6 5yr" is no postcode."""
    for found in _POSTCODE.finditer(text):
        code = found[0]
        alone = code == text
        if alone or ((code.isupper() or text.islower()) and not _ORDINAL.search(code)):
            return True
    return False


def _has_titled_name(text: str) -> bool:
    if found := _TITLE_LAST.fullmatch(text):
        return not {word.lower().strip(".") for word in found.groups()[:2]} & _THINGS
    return any(_is_name(found[1], found[2], text) for found in _TITLED.finditer(text))


def _is_name(title: str, names: str, text: str) -> bool:
    """Whether a title and the words after it are a person, and not an abbreviation, a post or a place."""
    words: list[str] = []
    for word in names.split():
        if (
            not word[0].isupper()
            and not text.islower()
            and word.lower() not in ("de", "van", "von", "der", "la", "bin")
        ):
            break
        words.append(word)
    # A capital letter alone is an initial.
    plain = ["?" if re.fullmatch(r"[A-Z]\.?", word) else re.sub(r"['\u2019]s$", "", word).lower() for word in words]
    plain = [word for word in plain if not re.fullmatch(rf"{_TITLE}\.?", word)]
    lower = title.lower()
    ends = text.endswith(names)
    if not plain or plain[0].strip(".") in _THINGS:
        return ends and title.istitle() and lower not in _OF_HONOUR and plain in (["ward"], ["house"])
    # MR and MS in capitals among other words are magnetic resonance and multiple sclerosis, unless two names follow.
    abbreviated = len(title) > 1 and title.isupper() and not text.isupper()
    needed = 2 if abbreviated or lower in _OF_HONOUR else 1
    own = [word for word in plain if word.strip(".") not in _THINGS]
    if ends and len(own) == 1 and len(plain) == 2 and plain[1] in _SURNAMES and "'" not in names:
        return not abbreviated and lower not in _OF_HONOUR
    if len(own) < needed or (abbreviated and len(own) < len(plain)):
        return False
    return not _PLACES.search(text) or (len(own) > 1 and lower not in _OF_HONOUR)


_BY_KIND: dict[str, Callable[[str], object]] = {
    "email": _EMAIL.search,
    "ni_number": _NI_NUMBER.search,
    "nhs_number": _has_nhs_number,
    "phone": _has_phone,
    "postcode": _has_postcode,
    "name": _has_titled_name,
}
