"""A person's title with a name, told from what begins alike: MR Imaging, Add Prof Scientific, Dr Gray's Hospital."""

import re

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


def has_titled_name(text: str) -> bool:
    """Whether a text names a person with a title, as "Dr Jane Smith" or "Smith, Jane (Mrs)"; words parted by one space.

    A title alone, an abbreviation that looks like one and a place that is called after somebody are none.
    """
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
