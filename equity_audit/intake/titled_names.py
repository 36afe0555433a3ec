"""Find a person's title with a name, as distinct from MR Imaging, Add Prof Scientific or Dr Gray's Hospital."""

import re

_TITLE = r"(?:mr|mrs|ms|miss|mx|dr|doctor|prof|professor|rev|revd|reverend|sir|dame|lady|lord|cllr|councillor)"
_NAME = r"(?:[^\W\d_]\.|[^\W\d_](?:[^\W\d_]|['\u2019.-](?=[^\W\d_]))*\.?)"
_TITLED = re.compile(rf"(?<![\w-])({_TITLE})\b(?:\.,? *|,? +)({_NAME}(?: {_NAME}){{0,3}})", re.IGNORECASE)
# The order of lists: "Smith, Jane (Mrs)".
_TITLE_LAST = re.compile(rf"({_NAME}),? ({_NAME}),? \(?(Mr|Mrs|Ms|Miss|Mx|Dr|MRS|MISS)\)?\.?")
# Words that follow these titles in the name of a place or a post: "MR Imaging", "Add Prof Scientific and Technic",
# "Dr Gray's Hospital", "Dr in training". A title before such a word is an abbreviation or part of a place's name.
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
    """.split()  # noqa: SIM905  easier to read than a list of quoted words
)
# Words for places that are named after a person, as "Dr Gray's Hospital" and "Sir Michael Sobell House".
_PLACES = re.compile(
    r"\b(?:hospital|hospice|house|building|centre|center|ward|wing|unit|clinic|institute|school|college|surgery|practice"
    r"|court|lodge|suite|library|foundation|trust)s?\b",
    re.IGNORECASE,
)
# Some of these words are surnames: "Dr Jane Ward" is a person.
_SURNAMES = frozenset({"ward", "house", "court", "head", "hall", "lodge", "mayor", "post", "school"})
# Titles of honour are more often part of a place's or boat's name than of a colleague's, so two names must follow.
_OF_HONOUR = frozenset({"sir", "dame", "lady", "lord", "rev", "revd", "reverend"})


def has_titled_name(text: str) -> bool:
    """Return whether a text names a person with a title, as "Dr Jane Smith" or "Smith, Jane (Mrs)".

    Words must be separated by single spaces. A title alone, an abbreviation that looks like a title, and a place named
    after a person do not count.
    """
    if match := _TITLE_LAST.fullmatch(text):
        return not {word.lower().strip(".") for word in match.groups()[:2]} & _THINGS
    return any(_is_name(match[1], match[2], text) for match in _TITLED.finditer(text))


def _is_name(title: str, names: str, text: str) -> bool:
    """Return whether a title and the words after it are a person, not an abbreviation, a post or a place."""
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
    name_words = [word for word in plain if word.strip(".") not in _THINGS]
    if ends and len(name_words) == 1 and len(plain) == 2 and plain[1] in _SURNAMES and "'" not in names:
        return not abbreviated and lower not in _OF_HONOUR
    if len(name_words) < needed or (abbreviated and len(name_words) < len(plain)):
        return False
    return not _PLACES.search(text) or (len(name_words) > 1 and lower not in _OF_HONOUR)
