"""Labels of the UK standards, by rules on folded text: headings of groups, and the words of categories under them.

A label is a group's heading alone (a broad label), a category's words alone, or both in either order: "Asian or Asian
British: Indian", "Indian (Asian)", "Any other Asian background". The headings are those of ONS 2001, 2011 and 2021, of
the census tables and of the NHS Data Dictionary. A label that can be read in two ways is not matched.
"""

import re
from collections.abc import Iterator

from equity_audit.vocabulary.classifications import (
    WHITE_BRITISH,
    Ethnicity,
    of_category,
    of_group,
)
from equity_audit.vocabulary.words import fold

# Separators within a name. A slash or comma is kept, while other marks are folded away, because it may separate
# alternatives ("Mixed/Other"), whereas a colon or dash leads from a group to its category ("Mixed - Other").
_OR = r"(?: or| and| /)*"
_ETHNIC = r"(?: ethnic(?: groups?)?)"
_ASIAN = r"(?:asian(?: british| welsh| scottish)?|british asian)"
_BLACK = r"(?:black(?: british| welsh| scottish)?|british black)"
_BLACKS = rf"{_BLACK}(?:{_OR} {_BLACK})*"
_OTHER = rf"other{_ETHNIC}"
_ANY_OTHER = r"(?:any )?other"
_NATION = r"(?:english|welsh|scottish|northern irish|british)"
_NATIONS = rf"{_NATION}(?:{_OR} {_NATION})*"
_AFRICAN_CARIBBEAN = rf"(?:african{_OR} caribbean|caribbean{_OR} african)"

_HEADINGS = {
    # All versions are read with Chinese under Asian, so that the words say nothing more.
    "Asian": rf"{_ASIAN}(?:{_OR} {_ASIAN})*{_ETHNIC}?(?: (?:inc|incl|including) chinese)?",
    # African and Caribbean are part of a heading only with Black British: "Black African or Caribbean" is not a group.
    "Black": rf"{_BLACKS}{_ETHNIC}?|black{_OR} {_AFRICAN_CARIBBEAN}{_OR} black british"
    rf"|(?=.*british)black{_OR} {_BLACKS}{_OR} {_AFRICAN_CARIBBEAN}",
    "Mixed": rf"mixed(?:{_OR} multiple)?(?: race| ethnicity)?{_ETHNIC}?|multiple{_ETHNIC}|dual(?: ethnicity)?",
    "White": rf"white{_ETHNIC}?|(?:white{_OR} )?caucasian|white inc(?:l|luding) white(?: ethnic)? minorities",
    "Other": rf"other{_ETHNIC}?|chinese{_OR} other{_ETHNIC}?",
}


def _people(name: str) -> str:
    """Return a pattern for a name, also with British or a nation: "Indian or British Indian", "African British"."""
    return rf"(?:british )?{name}(?: british)?(?:{_OR} (?:british {name}|{name} (?:british|scottish|welsh)))*"


_ASIANS = {f"Asian: {name}": _people(name.lower()) for name in ("Bangladeshi", "Chinese", "Indian", "Pakistani")}
_AFRICANS = {f"Black: {name}": _people(name.lower()) for name in ("African", "Caribbean")}
_WHITES = {
    "White: Irish": "irish",
    # Gypsy, with any travellers, or Irish Traveller. "Traveller" alone may mean a way of life, "Romany" alone may mean
    # Roma, and "Gypsy/Roma" covers two categories.
    "White: Gypsy or Irish Traveller": rf"(?:romany{_OR} )?gyps(?:y|ies)(?:{_OR} (?:romany|(?:irish )?travell?ers?))*"
    # The school census calls it Traveller of Irish Heritage.
    r"|irish travell?ers?|travell?ers? of irish",
    "White: Roma": "roma",
}
_MIXES = {
    "Mixed: White and Asian": "asian",
    "Mixed: White and Black African": "black african",
    "Mixed: White and Black Caribbean": "black caribbean",
}
_WHITE_FIRST = {category: rf"white(?: and| /)? {other}" for category, other in _MIXES.items()}
# The standards of 2011 and 2021 repeat the heading here. "Other Black Caribbean" is neither of the two.
_OTHER_BLACK = rf"any other black(?:{_OR} african{_OR} caribbean|{_OR} black british{_OR} caribbean)"

# The words of each category under its group's heading.
_UNDER = {
    "Asian": {**_ASIANS, "Asian: Any other Asian background": _ANY_OTHER},
    "Black": {**_AFRICANS, "Black: Any other Black background": rf"{_ANY_OTHER}|{_OTHER_BLACK}"},
    "Mixed": {
        # The census tables of 2021 have White last.
        **{category: rf"{_WHITE_FIRST[category]}|{other}(?: and| /)? white" for category, other in _MIXES.items()},
        "Mixed: Any other Mixed or Multiple background": _ANY_OTHER,
    },
    # Each of the nations is part of this category. General practice calls it "British or mixed British".
    "White": {
        **_WHITES,
        # Scotland's census divides it into Scottish and other British, and has Polish for itself.
        WHITE_BRITISH: rf"{_NATIONS}(?:{_OR} mixed british)?|other british",
        "White: Any other White background": rf"{_ANY_OTHER}|polish",
    },
    "Other": {
        "Other: Arab": _people("arab"),
        # In 2001 Chinese was here; as the name of a category it is just as clear.
        "Asian: Chinese": "chinese",
        # In 2001 this included Arab, as any other White included Roma. They cannot be separated, so they stay.
        "Other: Any other ethnic group": rf"{_ANY_OTHER}{_ETHNIC}?",
    },
}
# Words that name a category without a heading. "British" was the NHS's own name of A, and ONS lists the five nations
# together; "English" or "Welsh" alone may be a nationality. "Any other" alone depends on the list of which it is the
# end, as "Other" does; "any other ethnic group" is the name of a category in every standard.
_ALONE = {
    **_ASIANS,
    **_AFRICANS,
    **_WHITES,
    **_WHITE_FIRST,
    WHITE_BRITISH: rf"british(?:{_OR} mixed british)?"
    rf"|(?=.*english)(?=.*welsh)(?=.*scottish)(?=.*northern irish)(?=.*british){_NATIONS}",
    # Scotland's census has a heading of one category: "African: African, African Scottish or African British".
    "Black: African": rf"(?:african )?{_AFRICANS['Black: African']}",
    "Black: Any other Black background": _OTHER_BLACK,
    "Other: Arab": _people("arab"),
    "Other: Any other ethnic group": rf"any {_OTHER}",
}
# After a slash or comma these may be an alternative to the heading or part of a longer one, not its category.
_UNCLEAR = re.compile(rf"{_ANY_OTHER}{_ETHNIC}?|african|caribbean|chinese|arab")

# Several categories of White under one name: Gypsy/Roma of the school census, and everyone White except British.
_SEVERAL_WHITES = re.compile(
    rf"(?:white )?gypsy{_OR} roma|white (?:non|not|other than) (?:white )?british|white(?: ethnic)? minorities"
    r"|white excluding(?: white)? british"
)
# Words that add nothing: "Asian background", "please describe".
_FILLERS = re.compile(
    r"(?: /)? please (?:describe|specify|state|give|write|tell)\b.*|\b(?:backgrounds?|heritage|origin)\b"
)


def match_uk(label: str, *, other_group: bool = False) -> Ethnicity | None:
    """Return the category or group that a label names; None if it names none, or can be read in several ways.

    A clear label is known under every version of the standard. "Other ethnic group" is not clear: it is a whole group
    in a list of five, including Chinese in those of 2001, and the last category in a longer list. other_group: it is
    known to mean the group.
    """
    if several_whites(label):
        return of_group("White")
    hits = set(_readings(_text(label), other_group))
    return hits.pop() if len(hits) == 1 else None


def several_whites(label: str) -> bool:
    """Return whether a label means several categories of White, but not all: beside others it is not their sum."""
    return bool(_SEVERAL_WHITES.fullmatch(_text(label)))


def plural(label: str) -> str:
    """Return a label with "groups" for "group(s)", whose S is not a code."""
    return re.sub(r"(?<=\w)\(s\)", "s", label, flags=re.IGNORECASE)


def _text(label: str) -> str:
    """Fold a label, keeping slashes and commas as words of their own and removing fillers."""
    text = " / ".join(filter(None, map(fold, re.split(r"[/\\,]", plural(label)))))
    return " ".join(_FILLERS.sub(" ", text).split())


def _readings(text: str, other_group: bool) -> Iterator[Ethnicity]:
    for category, words in _ALONE.items():
        if re.fullmatch(words, text):
            yield of_category(category)
    for group in _HEADINGS:
        for rest in _under(group, text):
            if not rest and (group != "Other" or (other_group and re.fullmatch(_OTHER, text))):
                # "Other" alone is not a group: it means whatever the rest of the list does not cover.
                yield of_group(group)
            for category, words in _UNDER[group].items():
                if re.fullmatch(words, rest):
                    yield of_category(category)


def _under(group: str, text: str) -> set[str]:
    """Return what remains of a label without its group's heading, for every way to find it at the start or end.

    A heading may be at both ends ("White: Any other White"). Not for Other, whose heading is also a category's words.
    """
    remainders = {rest for rest in _without_heading(group, text.split()) if rest is not None}
    if group != "Other":
        remainders |= {deeper for rest in remainders if rest for deeper in _under(group, rest)}
    return remainders


def _without_heading(group: str, words: list[str]) -> Iterator[str | None]:
    heading = _HEADINGS[group]
    # At the end "other" may be a second item: "Arab, other".
    ending = _OTHER if group == "Other" else heading
    for cut in range(len(words) + 1):
        if re.fullmatch(heading, " ".join(words[:cut])):
            yield _after_mark(words[cut:])
        if re.fullmatch(ending, " ".join(words[cut:])):
            yield _after_mark(words[:cut])


def _after_mark(words: list[str]) -> str | None:
    """Return the words without the slash next to the heading; None if it may separate alternatives."""
    text = " ".join(words)
    rest = text.removeprefix("/ ").removesuffix(" /")
    return None if rest != text and _UNCLEAR.fullmatch(rest) else rest
