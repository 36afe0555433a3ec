"""A list of groups of a source's own, from its mapping to the names that every later step asks for."""

from collections.abc import Iterator

import pytest

from equity_audit.errors import UsageError
from equity_audit.intake.labels import match_ethnicities
from equity_audit.intake.mapping_file import mapping_sha256, parse_mapping
from equity_audit.settings import load_settings
from equity_audit.vocabulary import (
    Ethnicity,
    always_listed,
    display_order,
    family,
    family_of_groups,
    know,
    match_meaning,
    own_list,
    own_lists,
)

TEXT = "own list: Preta; Branca; Parda; Indígena; compared with Branca"
MAPPING = """
[source]
name = "ours"
shape = "counts"
ethnicity_classification = "own"
reference_group = "Branca"
period = 2023-04-01
stages = ["applied", "appointed"]
[columns]
ethnicity = "raca"
[stage_counts]
applied = "A"
appointed = "B"
[own_groups]
Preta = ["Preta"]
Branca = ["Branca"]
Parda = ["Parda", "Pardo"]
"Indígena" = ["Indígena", "Indigena"]
Unknown = ["Sem resposta"]
"""


@pytest.fixture(autouse=True)
def _nothing_known(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(own_lists, "_known", {})
    return None


def faults(text: str) -> list[str]:
    with pytest.raises(UsageError) as caught:
        parse_mapping(text, "ours.toml")
    return [f"{problem.where}: {problem.what}" for problem in caught.value.problems]


def test_the_list_is_the_classification_and_carries_itself() -> None:
    mapping = parse_mapping(MAPPING, "ours.toml")
    assert mapping.source.ethnicity_classification == TEXT
    found = own_list(TEXT)
    assert found is not None
    assert (found.groups, found.reference) == (("Preta", "Branca", "Parda", "Indígena"), "Branca")
    assert family(TEXT) == TEXT != family("own list: Branca; Preta; compared with Branca")
    assert mapping.time_zone is None  # of no country, so none can be assumed


@pytest.mark.parametrize(
    ("label", "group"),
    [
        ("Branca", "Branca"),
        ("BRANCA ", "Branca"),
        ("Pardo", "Parda"),
        ("Indigena", "Indígena"),
        ("Sem resposta", "Unknown"),
        ("Not stated", "Unknown"),
        ("White", None),
        ("Amarela", None),
    ],
)
def test_labels_are_those_of_the_list_alone(label: str, group: str | None) -> None:
    matched, unmatched = match_ethnicities({label}, parse_mapping(MAPPING, "ours.toml"))
    assert matched == ({label: Ethnicity(None, group, None)} if group else {})
    assert unmatched == ([] if group else [label])


def test_later_steps_find_the_groups_by_their_names() -> None:
    assert family_of_groups(["Preta", "Branca"]) is None
    assert match_meaning("Preta", TEXT) == Ethnicity(None, "Preta", None)
    know([TEXT, "ons_2021", "own list: X", None or ""])
    assert family_of_groups(["Preta", "Branca", "Unknown"]) == TEXT
    order = display_order("group")
    assert [name for name in order if name in ("Preta", "Branca", "Parda", "Indígena")] == [
        "Preta",
        "Branca",
        "Parda",
        "Indígena",
    ]
    assert order[-1] == "Unknown"
    # Nobody is Indígena, and the group is listed all the same: its absence would say so.
    assert {*always_listed("group", ["Preta", "Branca"], ["all", "group"])} == {*own_list(TEXT).groups, "Unknown"}  # type: ignore[union-attr]
    comparison = load_settings().comparison
    assert comparison.reference("group", ["Preta", "Branca", "Parda"]) == "Branca"
    assert comparison.reference("group", ["Asian", "White"]) == "White"


def test_what_the_hash_of_a_mapping_covers() -> None:
    first = mapping_sha256(parse_mapping(MAPPING, "a.toml"))
    assert first == mapping_sha256(parse_mapping(f"# a comment\n{MAPPING}", "b.toml"))
    assert first != mapping_sha256(
        parse_mapping(MAPPING.replace('reference_group = "Branca"', 'reference_group = "Parda"'), "c")
    )
    assert first != mapping_sha256(parse_mapping(MAPPING.replace('["Preta"]', '["Preta", "Negra"]'), "d"))


def test_everything_wrong_is_said_together_with_its_line() -> None:
    text = MAPPING.replace('reference_group = "Branca"', 'reference_group = "Amarela"').replace(
        'Parda = ["Parda", "Pardo"]', 'White = ["parda", "PRETA"]\n"=1+1" = ["x"]'
    )
    text += '[ethnicity_labels]\n"sem  resposta" = "Unknown"\n'
    said = faults(text)
    line = next(number for number, words in enumerate(text.splitlines(), 1) if words == "[own_groups]")
    assert len(said) == 5
    assert all("ours.toml, line" in one for one in said)
    for words in (
        f"line {line}, key own_groups: [own_groups] has a label more than once: preta",
        "[ethnicity_labels] and [own_groups] both have sem  resposta",
        "[own_groups] has names that no group can have",
        "has names of bundled groups, which may mean other people: White (write White (own list), for example)",
        "source.reference_group must be the group that others are compared with, one of Preta, Branca, White",
    ):
        assert any(words in one for one in said), (words, said)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('ethnicity_classification = "own"', 'ethnicity_classification = "ons_2021"', "[own_groups] needs"),
        (MAPPING[MAPPING.index("[own_groups]") :], "", "needs [own_groups]: each group in order"),
        ('Preta = ["Preta"]', "Preta = []", "Preta must be a list of its labels"),
        ('Preta = ["Preta"]', 'Preta = "Preta"', "Preta must be a list of its labels"),
        ('Preta = ["Preta"]', 'branca = ["x"]', "has a group more than once"),
        ('Preta = ["Preta"]', 'Total = ["x"]', "has names that stand for everybody: Total"),
        ('Preta = ["Preta"]', 'BME = ["x"]', "has names of bundled groups"),
        ('Preta = ["Preta"]', '7 = ["7"]', "without digits: 7"),
        ('Preta = ["Preta"]', '"Grupo ٢" = ["x"]', "has names that no group can have"),
        ('Preta = ["Preta"]', '"Preta; Parda" = ["x"]', "has names that no group can have"),
        ('Preta = ["Preta"]', '"compared with Parda" = ["x"]', "has names that no group can have"),
        ('Preta = ["Preta"]', '"<b>Preta</b>" = ["x"]', "has names that no group can have"),
        ('"own"', '"own list: White; Black; compared with White"', "[own_groups] needs"),
    ],
)
def test_each_thing_that_can_be_wrong(old: str, new: str, words: str) -> None:
    assert any(words in one for one in faults(MAPPING.replace(old, new)))


def test_one_group_is_no_list() -> None:
    text = MAPPING[: MAPPING.index("[own_groups]")] + '[own_groups]\nBranca = ["Branca"]\nUnknown = ["?"]\n'
    assert any("must have at least two groups" in one for one in faults(text))


@pytest.mark.parametrize(
    "text", ["own list: A", "own list: A; B; compared with C", "own list: White; A; compared with A"]
)
def test_a_text_that_is_no_list_is_not_taken_for_one(text: str) -> None:
    plain = (
        MAPPING[: MAPPING.index("[own_groups]")]
        .replace('"own"', f'"{text}"')
        .replace('reference_group = "Branca"\n', "")
    )
    assert any("must be one of" in one for one in faults(plain))
