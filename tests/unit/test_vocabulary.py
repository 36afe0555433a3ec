"""Ethnicity matching against the NHS Data Dictionary's codes and the ONS 2021 standard's labels."""

import pytest

from equity_audit.vocabulary import CATEGORIES, GROUPS, display_order, fold, match_ethnicity, nearest_labels

# NHS Data Dictionary, ETHNIC CATEGORY CODE 2001, with the group of the ONS 2021 standard.
NHS_CODES = [
    ("A", "White: English, Welsh, Scottish, Northern Irish or British", "White", "White"),
    ("B", "White: Irish", "White", "White"),
    ("C", "White: Any other White background", "White", "White"),
    ("D", "Mixed: White and Black Caribbean", "Mixed", "BME"),
    ("E", "Mixed: White and Black African", "Mixed", "BME"),
    ("F", "Mixed: White and Asian", "Mixed", "BME"),
    ("G", "Mixed: Any other Mixed or Multiple background", "Mixed", "BME"),
    ("H", "Asian: Indian", "Asian", "BME"),
    ("J", "Asian: Pakistani", "Asian", "BME"),
    ("K", "Asian: Bangladeshi", "Asian", "BME"),
    ("L", "Asian: Any other Asian background", "Asian", "BME"),
    ("M", "Black: Caribbean", "Black", "BME"),
    ("N", "Black: African", "Black", "BME"),
    ("P", "Black: Any other Black background", "Black", "BME"),
    ("R", "Asian: Chinese", "Asian", "BME"),
    ("S", "Other: Any other ethnic group", "Other", "BME"),
    ("Z", None, "Unknown", "Unknown"),
    ("99", None, "Unknown", "Unknown"),
    ("X", None, "Unknown", "Unknown"),
    # Electronic Staff Record: the second character is local and rolls up by the first.
    ("CP", "White: Any other White background", "White", "White"),
    ("GC", "Mixed: Any other Mixed or Multiple background", "Mixed", "BME"),
    ("LH", "Asian: Any other Asian background", "Asian", "BME"),
    ("PC", "Black: Any other Black background", "Black", "BME"),
    ("a", "White: English, Welsh, Scottish, Northern Irish or British", "White", "White"),
]


@pytest.mark.parametrize(("code", "category", "group", "wres"), NHS_CODES)
def test_nhs_codes(code: str, category: str | None, group: str, wres: str) -> None:
    found = match_ethnicity(code, "nhs_2001")
    assert found is not None
    assert (found.category, found.group, found.wres) == (category, group, wres)


@pytest.mark.parametrize("category", CATEGORIES)
def test_every_category_is_matched_by_its_own_label_in_any_spelling(category: str) -> None:
    for label in (category, category.upper(), category.replace(":", " -"), f"  {category.replace(' and ', ' & ')} "):
        found = match_ethnicity(label, "ons_2021")
        assert found is not None
        assert (found.category, found.group) == (category, CATEGORIES[category])


@pytest.mark.parametrize(
    ("label", "category"),
    [
        ("Asian or Asian British - Indian", "Asian: Indian"),
        ("Black, African, Caribbean or Black British: African", "Black: African"),
        ("Mixed or Multiple ethnic groups: White and Asian", "Mixed: White and Asian"),
        ("Any other White background", "White: Any other White background"),
        ("Pakistani", "Asian: Pakistani"),
    ],
)
def test_usual_wordings(label: str, category: str) -> None:
    found = match_ethnicity(label, "ons_2021")
    assert found is not None
    assert found.category == category


@pytest.mark.parametrize(
    ("label", "group"), [("Asian", "Asian"), ("Mixed", "Mixed"), ("Black or Black British", "Black")]
)
def test_a_broad_label_has_a_group_and_no_category(label: str, group: str) -> None:
    found = match_ethnicity(label, "ons_2021")
    assert found is not None
    assert (found.category, found.group) == (None, group)


@pytest.mark.parametrize("label", ["", "Not stated", "PREFER NOT TO SAY", " not known "])
def test_unknown_is_unknown_in_every_classification(label: str) -> None:
    for classification in ("ons_2021", "nhs_2001", "wres"):
        found = match_ethnicity(label, classification)
        assert found is not None
        assert (found.category, found.group, found.wres) == (None, "Unknown", "Unknown")


@pytest.mark.parametrize(
    "label",
    ["BAME", "Chinese or other", "Pakistani and Bangladeshi", "Asian excluding Chinese", "Martian", "Other", "Q", "QA"],
)
def test_what_is_not_in_the_vocabulary_is_never_guessed(label: str) -> None:
    assert match_ethnicity(label, "ons_2021") is None
    assert match_ethnicity(label, "nhs_2001") is None


def test_codes_mean_nothing_in_a_classification_of_labels() -> None:
    assert match_ethnicity("A", "ons_2021") is None


def test_bme_is_a_word_of_the_wres_only() -> None:
    found = match_ethnicity("BME", "wres")
    assert found is not None
    assert (found.category, found.group, found.wres) == (None, None, "BME")
    assert match_ethnicity("BME", "ons_2021") is None
    assert match_ethnicity("Indian", "wres") is None


def test_folding_ignores_case_space_marks_and_the_ampersand() -> None:
    assert fold(" White  &  Black-African: x ") == fold("white and black african X")


def test_advice_names_what_is_like_it() -> None:
    assert nearest_labels("Asian: Indan")[0] == "Asian: Indian"


def test_order_is_alphabetical_with_other_then_unknown_last() -> None:
    assert list(GROUPS) == ["Asian", "Black", "Mixed", "White", "Other", "Unknown"]
    order = display_order("category")
    assert [name for name in order if name in CATEGORIES] == list(CATEGORIES)
    assert order[-1] == "Unknown"
