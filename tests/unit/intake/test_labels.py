"""How the labels of an export meet a mapping: its own meanings first, and refusals that say what to do."""

from importlib.resources import files

import pytest

from equity_audit.intake.labels import match_ethnicities, unmatched_ethnicities
from equity_audit.intake.mapping import Mapping
from equity_audit.intake.mapping_file import parse_mapping
from equity_audit.vocabulary import Ethnicity

TEXT = (files("assets") / "mappings" / "standard_wide.toml").read_text(encoding="utf-8")


def mapping(classification: str = "ons_2021", **labels: str) -> Mapping:
    own = "".join(f'"{label}" = "{meaning}"\n' for label, meaning in labels.items())
    text = TEXT.replace('"ons_2021"', f'"{classification}"') + f"\n[ethnicity_labels]\n{own}"
    return parse_mapping(text, "mine.toml")


@pytest.mark.parametrize("classification", ["ons_2021", "ons_2011", "ons_2001", "nhs_2001", "wres"])
def test_a_label_of_several_groups_may_count_in_the_wres_line_only(classification: str) -> None:
    label = "Black and Asian"
    assert match_ethnicities([label], mapping(classification)) == ({}, [label])
    matched, unmatched = match_ethnicities([label, "BAME or so"], mapping(classification, **{label: "BME"}))
    assert matched == {label: Ethnicity(None, None, "BME")}
    assert unmatched == ["BAME or so"]


def test_the_mappings_meaning_comes_before_the_rules_and_is_folded() -> None:
    own = mapping("nhs_2001", **{"A": "White: Irish", "Other Ethnic Groups": "Other"})
    matched, _ = match_ethnicities(["A", "a", "other ethnic GROUPS", "B"], own)
    assert matched["A"].category == matched["a"].category == matched["B"].category == "White: Irish"
    assert matched["other ethnic GROUPS"] == Ethnicity(None, "Other", "BME")


def test_bme_means_nothing_in_a_us_source() -> None:
    assert match_ethnicities(["Minority"], mapping("us_eeo1", Minority="BME")) == ({}, ["Minority"])


@pytest.mark.parametrize(
    ("classification", "value", "said"),
    [
        ("ons_2021", "BAME", '"BAME" (covers several groups: may be mapped to "BME"'),
        ("ons_2021", "Asian excluding Chinese", 'broad label "Asian"'),
        ("ons_2021", "HISPANIC_OR_LATINO", 'set source.ethnicity_classification = "us_eeo1"'),
        ("ons_2021", "Asian: Indan", "nearest known: Asian: Indian"),
        ("ons_2021", "Zz", "no similar label is known"),
        ("us_eeo1", "Hispanic or Latin", "nearest known: Hispanic or Latino)"),
        ("us_eeo1", "Bangladeshi", "a UK label"),
        ("nhs_2001", "Chinese or other", '"BME"'),
    ],
)
def test_each_refused_value_has_its_advice(classification: str, value: str, said: str) -> None:
    problem = unmatched_ethnicities([value], "Ethnic origin", mapping(classification), 20)
    assert said in problem.what
    assert "[ethnicity_labels]" in problem.remedy


def test_a_meaning_that_is_not_known_is_named() -> None:
    own = mapping("ons_2021", Desi="Asiann")
    assert match_ethnicities(["DESI"], own) == ({}, ["DESI"])
    problem = unmatched_ethnicities(["DESI"], "Ethnic origin", own, 20)
    assert '"DESI" (the mapping says "Asiann"' in problem.what
