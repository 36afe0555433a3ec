from pathlib import Path

import pytest

from equity_audit.errors import UsageError
from equity_audit.settings import load_settings


def test_the_defaults_are_the_policy_that_the_domain_names() -> None:
    settings = load_settings()
    assert (settings.disclosure.withhold_below, settings.disclosure.round_to) == (5, 5)
    assert settings.disclosure.rate_min_denominator == 10
    assert settings.comparison.four_fifths == (4, 5)
    assert settings.comparison.reference("group") == "White"
    assert settings.comparison.reference("all") is None


def test_a_home_replaces_single_values_and_the_hash_tells(tmp_path: Path) -> None:
    override = tmp_path / "settings.toml"
    override.write_text("[disclosure]\nround_to = 10\n", encoding="utf-8")
    changed = load_settings(override)
    assert (changed.disclosure.round_to, changed.disclosure.withhold_below) == (10, 5)
    assert changed.sha256() != load_settings().sha256()


def test_an_override_that_says_the_same_is_the_same_policy(tmp_path: Path) -> None:
    override = tmp_path / "settings.toml"
    override.write_text("[disclosure]\nround_to = 5\n", encoding="utf-8")
    assert load_settings(override).sha256() == load_settings().sha256()


def test_every_wrong_key_is_named_at_once(tmp_path: Path) -> None:
    override = tmp_path / "settings.toml"
    override.write_text('[disclosure]\nround_to = 0\nround_two = 5\n[period]\nunit = "week"\n', encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        load_settings(override)
    places = [problem.where for problem in caught.value.problems]
    assert sorted(place.rsplit(" ", 1)[1] for place in places) == [
        "disclosure.round_to",
        "disclosure.round_two",
        "period.unit",
    ]


@pytest.mark.parametrize("text", ["[disclosure", "[period]\nearliest = 2015-04-02\n"])
def test_broken_toml_and_a_period_that_begins_midway_are_refused(tmp_path: Path, text: str) -> None:
    override = tmp_path / "settings.toml"
    override.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError):
        load_settings(override)


def test_like_is_compared_with_like_only_where_people_are_counted(tmp_path: Path) -> None:
    override = tmp_path / "settings.toml"
    override.write_text('[breakdowns]\ncount_by = ["pay_band"]\n', encoding="utf-8")
    with pytest.raises(
        UsageError, match="stratify_by has staff_group, department, which count_by does not have"
    ) as caught:
        load_settings(override)
    assert "key breakdowns" in caught.value.problems[0].where
    override.write_text(
        '[breakdowns]\ncount_by = ["pay_band"]\nstratify_by = ["vacancy", "pay_band"]\n', encoding="utf-8"
    )
    assert load_settings(override).breakdowns.stratify_by == ("vacancy", "pay_band")


def test_a_misspelt_reference_would_compare_with_nobody(tmp_path: Path) -> None:
    override = tmp_path / "settings.toml"
    override.write_text('[comparison]\nreference_group = "Whit"\n', encoding="utf-8")
    with pytest.raises(UsageError, match="reference_group is not a name"):
        load_settings(override)


def test_zeros_of_splits_are_those_of_the_whole(tmp_path: Path) -> None:
    override = tmp_path / "settings.toml"
    override.write_text('[disclosure]\nzeros = "show"\n', encoding="utf-8")
    with pytest.raises(UsageError, match="zeros and zeros_in_splits must be the same: set both") as caught:
        load_settings(override)
    assert caught.value.exit_code == 2
    override.write_text('[disclosure]\nzeros = "show"\nzeros_in_splits = "show"\n', encoding="utf-8")
    assert load_settings(override).disclosure.zeros_of("pay_band") == "show"


@pytest.mark.parametrize("classes", ["[]", "[1.1, 2.0]", "[1.0, 2.0, 2.0]", "[1.0, 0.5]"])
def test_classes_of_design_effects_begin_with_none_and_ascend(tmp_path: Path, classes: str) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(f"[clustering]\nclasses = {classes}\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"clustering\.classes|ascend"):
        load_settings(file)
