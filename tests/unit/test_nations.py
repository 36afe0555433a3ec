"""National lists of ethnicity: their labels, written out from the sources that vocabulary/nations.py names."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from equity_audit.intake.proposal.versions import classification_of
from equity_audit.measures.references import references
from equity_audit.settings import Settings
from equity_audit.vocabulary import (
    NATIONS,
    UNKNOWN,
    Ethnicity,
    advice,
    always_listed,
    display_order,
    family,
    family_of_groups,
    group_lists,
    match_ethnicity,
    match_meaning,
    national_reference,
    nearest_labels,
)
from equity_audit.wording import people

IE, NZ, CA, ZA, AU = "ie_census_2022", "nz_ethnicity_2005", "ca_census_2021", "za_census_2022", "au_indigenous_2014"
MELAA = "Middle Eastern/Latin American/African"
FIRST = "Aboriginal and/or Torres Strait Islander"
LABELS = {
    IE: {
        "White Irish": ["White Irish", "White - Irish", "White: Irish (Ireland)"],
        "White Irish Traveller": ["White Irish Travellers", "Irish Traveller"],
        "Roma": ["Roma"],
        "Any other White background": ["Any other White background", "White - any other White background"],
        "Black or Black Irish: African": ["Black or Black Irish - African"],
        "Black or Black Irish: Any other Black background": ["Black or Black Irish - any other Black background"],
        "Asian or Asian Irish: Chinese": ["Asian or Asian Irish - Chinese"],
        "Asian or Asian Irish: Indian, Pakistani or Bangladeshi": [
            "Asian or Asian Irish - Indian/Pakistani/Bangladeshi"
        ],
        "Asian or Asian Irish: Any other Asian background": ["Asian or Asian Irish - any other Asian background"],
        "Other, including mixed background": ["Other including mixed group/background", "Arab"],
    },
    NZ: {
        "European": ["European", "NZ European", "New Zealand European", "NZ European/Pākehā"],
        "Māori": ["Māori", "Maori", "MAORI", "New Zealand Māori"],
        "Pacific Peoples": ["Pacific Peoples", "Pacific", "Samoan", "Tongan", "Niuean", "Cook Islands Māori"],
        "Asian": ["Asian", "Chinese", "Indian"],
        MELAA: ["Middle Eastern/Latin American/African", "Middle Eastern/Latin American/African (MELAA)", "MELAA"],
        "Other ethnicity": ["Other ethnicity", "Other Ethnic Group"],
    },
    CA: {
        "Indigenous peoples": ["Indigenous peoples", "First Nations (North American Indian)", "Métis", "Inuk (Inuit)"],
        "Visible minority, not included elsewhere": ["Visible minority, n.i.e."],
        "Multiple visible minorities": ["Multiple visible minorities"],
        "Not a visible minority": ["Not a visible minority", "White"],
        **{
            name: [name]
            for name in (
                *("South Asian", "Chinese", "Black", "Filipino", "Arab"),
                *("Latin American", "Southeast Asian", "West Asian", "Korean", "Japanese"),
            )
        },
    },
    ZA: {
        "Black African": ["Black African", "African"],
        "Coloured": ["Coloured"],
        "Indian or Asian": ["Indian/Asian", "Indian or Asian", "Indian", "Asian"],
        "White": ["White"],
        "Other": ["Other"],
    },
    AU: {
        FIRST: [
            *("Aboriginal but not Torres Strait Islander origin", "Torres Strait Islander but not Aboriginal origin"),
            *("Both Aboriginal and Torres Strait Islander origin", "Aboriginal and/or Torres Strait Islander"),
        ],
        "Non-Indigenous": ["Neither Aboriginal nor Torres Strait Islander origin", "Non-Indigenous"],
    },
}


@pytest.mark.parametrize("classification", sorted(NATIONS))
def test_every_label_of_the_source_has_its_group_alone(classification: str) -> None:
    listed = LABELS[classification]
    assert list(listed) == [name for name in listed if name in NATIONS[classification].groups]
    assert {*listed} == {*NATIONS[classification].groups}
    for group, labels in listed.items():
        for label in (group, *labels):
            assert match_ethnicity(label, classification) == Ethnicity(None, group, None), label
        assert match_meaning(group, classification) == Ethnicity(None, group, None)
    for label in ("Not stated", "Prefer not to say", ""):
        assert match_ethnicity(label, classification) == Ethnicity(None, UNKNOWN, None)


def test_each_list_is_a_family_with_a_reference_of_its_own() -> None:
    assert {key: nation.reference for key, nation in NATIONS.items()} == {
        IE: "White Irish",
        NZ: "European",
        CA: "Not a visible minority",
        ZA: "White",
        AU: "Non-Indigenous",
    }
    for key, nation in NATIONS.items():
        assert family(key) == key
        assert nation.reference in nation.groups
        assert national_reference(nation.groups) == nation.reference
    assert national_reference(group_lists()["uk"]) is None
    assert national_reference(group_lists()["us"]) is None


@pytest.mark.parametrize(
    ("label", "classification", "said"),
    [
        ("White", IE, "ask the source for its parts"),
        ("Asian or Asian Irish", IE, "ask the source for its parts"),
        ("Other", IE, '"Other, including mixed background"'),
        ("European/Other", NZ, "two groups together"),
        ("New Zealander", NZ, "as the source counts it"),
        ("Māori; Samoan", NZ, "names several groups"),
        ("European, Māori", NZ, "prioritised output"),
        ("Visible minority", CA, "all visible minority groups together"),
        ("Asian", CA, "one of several groups"),
        ("Black", ZA, "African, Coloured and Indian people together"),
        ("Foreign national", ZA, "not a population group"),
        ("Yes", AU, "an answer without its question"),
        ("White (United States)", ZA, "another country's list"),
    ],
)
def test_labels_that_are_not_one_group_are_refused_with_advice(label: str, classification: str, said: str) -> None:
    assert match_ethnicity(label, classification) is None
    assert said in (advice(label, classification) or "")


def test_the_nearest_label_is_of_the_same_list() -> None:
    assert nearest_labels("Europaean", NZ) == ["European"]
    assert nearest_labels("Colouredd", ZA) == ["Coloured"]


def test_names_that_several_lists_share_tell_nothing() -> None:
    assert family_of_groups(["Asian", UNKNOWN]) is None
    assert family_of_groups(["White"]) is None
    assert family_of_groups([]) is None
    assert family_of_groups(["Asian", "Māori"]) == NZ
    assert always_listed("group", ["Māori", UNKNOWN], ["all", "group"]) == sorted({*NATIONS[NZ].groups, UNKNOWN})
    # With White and BME the groups are those of the UK, whatever their names.
    assert "Mixed" in always_listed("group", ["White", "Asian"], ["wres", "group"])


@given(st.sampled_from(sorted(group_lists())), st.data())
def test_groups_are_never_taken_for_those_of_another_family(name: str, data: st.DataObject) -> None:
    groups = data.draw(st.sets(st.sampled_from(group_lists()[name]), min_size=1))
    assert family_of_groups(groups) in (name, None)
    assert family_of_groups(group_lists()[name]) == name
    assert {*groups} <= {*display_order("group")}


@pytest.mark.parametrize("classification", sorted(NATIONS))
def test_profile_knows_a_whole_list(classification: str) -> None:
    labels = [labels[0] for labels in LABELS[classification].values()]
    assert classification_of([*labels, "Not stated"]) == (classification, 1.0, [])


@pytest.mark.parametrize(
    "labels", [["White", "Black African", "Indian"], ["White", "Black", "Chinese", "Filipino"], ["Asian", "Other"]]
)
def test_profile_does_not_take_shared_labels_for_another_country(labels: list[str]) -> None:
    assert classification_of(labels)[0] not in NATIONS


def test_each_organisation_of_a_run_has_its_own_reference(settings: Settings) -> None:
    rows = pl.DataFrame(
        [
            *(("One", "wres", name) for name in ("White", "BME")),
            *(("One", "group", name) for name in ("White", "Black", "Asian")),
            *(("One", "all", name) for name in ("All applicants",)),
            *(("Two", "group", name) for name in ("Asian", "European", "Māori")),
            *(("Three", "group", name) for name in ("Non-Indigenous", FIRST)),
        ],
        schema=["organisation", "level", "group_name"],
        orient="row",
    )
    found = rows.with_columns(reference=references(rows, settings))
    assert dict(found.select("organisation", "reference").unique().drop_nulls().sort("organisation").iter_rows()) == {
        "One": "White",
        "Two": "European",
        "Three": "Non-Indigenous",
    }
    assert found.filter(level="all")["reference"].to_list() == [None]


def test_people_are_named_in_sentences() -> None:
    assert people("Not a visible minority") == "applicants who are not a visible minority"
    assert people("European") == "European applicants"
