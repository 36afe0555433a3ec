"""Measures of answers against statsmodels, and published ones against every number that they may stand for."""

from datetime import date

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from equity_audit.contracts import SURVEY
from equity_audit.measures.count_ranges import Count
from equity_audit.populations.answer_measures import Answers, answers_changed, gap_change
from equity_audit.populations.answers import SURVEY_ANSWERS
from equity_audit.populations.measured import exact_measures, ranges_that_miss, shown_measures
from equity_audit.populations.protection import disclose_people, published_people
from equity_audit.settings import Settings, load_settings
from equity_audit.vocabulary import wider_names

# Question: of each group who answered, and who of these agreed.
Asked = dict[str, dict[str, tuple[int, int]]]
ASKED: Asked = {
    "Heard": {"White": (1000, 600), "Asian": (300, 120), "Black": (100, 30), "Unknown": (40, 20)},
    "Safe": {"White": (1003, 602), "Asian": (297, 118), "Mixed": (31, 3), "Other": (7, 6), "Unknown": (40, 20)},
}
SETTINGS = load_settings()
KEY = ("organisation", "period", "measure", "level", "breakdown", "breakdown_value", "group_name")


def answers(asked: Asked = ASKED, wave: date = date(2023, 10, 31), organisation: str = "T") -> pl.DataFrame:
    """Rows of out.survey."""
    rows = []
    for item, groups in asked.items():
        levels: dict[tuple[str, str], np.ndarray] = {}
        for name, two in groups.items():
            for level, wide in (("all", "All staff"), ("group", name), *wider_names("group", name).items()):
                if level != "all" or wide == "All staff":
                    levels[level, wide] = levels.get((level, wide), np.zeros(2, int)) + np.array(two)
        for (level, name), (answered, agreed) in levels.items():
            of = (organisation, date(2023, 4, 1), wave)
            rows.append((*of, level, "item", item, name, int(answered), int(agreed)))
    return pl.DataFrame(rows, schema=list(SURVEY.column_names), orient="row")


def row(frame: pl.DataFrame, measure: str, item: str, group: str, level: str = "wres") -> dict[str, object]:
    found = frame.filter(
        *(pl.col(k) == v for k, v in zip(KEY[2:], (measure, level, "item", item, group), strict=True)),
    )
    return found.row(0, named=True)


def figure(found: dict[str, object]) -> tuple[object, ...]:
    return found["value"], found["value_low"], found["value_high"]


@pytest.fixture(scope="module")
def settings() -> Settings:
    return load_settings()


def test_shares_and_differences_of_exact_numbers(settings: Settings) -> None:
    exact = exact_measures(SURVEY_ANSWERS, answers(), settings)
    share = row(exact, "share_agreeing", "Heard", "BME")
    assert share["value"] == pytest.approx(150 / 400)
    assert figure(share)[1:] == pytest.approx(proportion_confint(150, 400, method="wilson"))
    gap = row(exact, "difference", "Heard", "BME")
    assert (gap["value"], gap["reference_name"]) == (pytest.approx(0.375 - 0.6), "White")
    expected = confint_proportions_2indep(150, 400, 600, 1000, compare="diff", method="newcomb")
    assert figure(gap)[1:] == pytest.approx(expected)
    assert row(exact, "difference", "Heard", "Black", "group")["value"] == pytest.approx(0.3 - 0.6)
    compared = exact.filter(pl.col("measure") == "difference")
    assert "White" not in set(compared["group_name"])
    assert "all" not in set(compared["level"])


def test_published_measures_hold_the_exact_ones_and_withhold_what_is_small(settings: Settings) -> None:
    survey = answers()
    done = disclose_people(SURVEY_ANSWERS, survey, settings)
    said = shown_measures(SURVEY_ANSWERS, done.rows, settings)
    assert ranges_that_miss(said, exact_measures(SURVEY_ANSWERS, survey, settings), KEY) == 0
    # Multiples of 5 stand as they are; the range allows for all that round to them.
    share = row(said, "share_agreeing", "Heard", "BME")
    assert share["value"] == pytest.approx(150 / 400)
    assert share["value_low"] == pytest.approx(proportion_confint(148, 402, method="wilson")[0])
    assert share["value_high"] == pytest.approx(proportion_confint(152, 398, method="wilson")[1])
    # 3 of 31 agreed; 7 who answered are published as 5.
    assert row(said, "share_agreeing", "Safe", "Mixed", "group")["not_shown_reason"] == "fewer_than"
    assert row(said, "share_agreeing", "Safe", "Other", "group")["not_shown_reason"] == "too_few_people"
    assert said.filter(pl.col("value_low").is_null() == pl.col("not_shown_reason").is_null()).is_empty()
    reasons = pl.coalesce("not_shown_reason", "value_reason")
    assert said.filter(pl.col("value").is_null() == reasons.is_null()).is_empty()
    # Of 5 or so nobody can say which share agreed.
    assert "rounding_too_coarse" in said["value_reason"].to_list()


def test_without_white_answers_nothing_is_compared(settings: Settings) -> None:
    exact = exact_measures(SURVEY_ANSWERS, answers({"Heard": {"Asian": (30, 20)}}), settings)
    assert row(exact, "difference", "Heard", "BME")["not_shown_reason"] == "nobody_there"


def test_each_question_is_protected_by_itself(settings: Settings) -> None:
    survey = answers()
    done = disclose_people(SURVEY_ANSWERS, survey, settings)
    assert list(done.protected) == ["survey: Heard", "survey: Safe"]
    alone = disclose_people(SURVEY_ANSWERS, survey.filter(pl.col("breakdown_value") == "Safe"), settings)
    together = done.rows.filter(pl.col("breakdown_value") == "Safe")
    assert together.equals(alone.rows)
    again = published_people(SURVEY_ANSWERS, survey, done.rows, settings)
    assert {name: one.sha256() for name, one in again.items()} == {
        name: one.published.sha256() for name, one in done.protected.items()
    }


def test_another_wave_is_of_other_people(settings: Settings) -> None:
    (one,) = disclose_people(SURVEY_ANSWERS, answers({"Heard": ASKED["Heard"]}), settings).protected.values()
    (two,) = disclose_people(
        SURVEY_ANSWERS, answers({"Heard": ASKED["Heard"]}, date(2023, 11, 1)), settings
    ).protected.values()
    assert not set(one.published.people.stages) & set(two.published.people.stages)


def test_policy_says_at_which_levels_answers_are_published(settings: Settings) -> None:
    policy = settings.disclosure.model_copy(update={"split_levels": ("wres",)})
    done = disclose_people(SURVEY_ANSWERS, answers(), settings.model_copy(update={"disclosure": policy}))
    assert set(done.rows["level"]) == {"all", "wres"}


def exactly(*counts: tuple[int, int]) -> tuple[tuple[Count, Count], ...]:
    return tuple((Count.exact(answered), Count.exact(agreed)) for answered, agreed in counts)


def newcombe(*counts: int) -> tuple[float, float]:
    low, high = confint_proportions_2indep(*counts, compare="diff", method="newcomb")
    return float(low), float(high)


def test_changes_of_exact_numbers_are_those_of_the_survey() -> None:
    found = answers_changed(exactly((300, 90), (1000, 500)), exactly((350, 140), (1000, 520)), SETTINGS)
    assert found.group[:3] == pytest.approx((0.1, *newcombe(140, 350, 90, 300)))
    assert found.reference[:3] == pytest.approx((0.02, *newcombe(520, 1000, 500, 1000)))
    change = gap_change(Answers(90, 300, 500, 1000), Answers(140, 350, 520, 1000), 0.95)
    assert found.gap[:3] == pytest.approx(change)


def test_a_wave_that_cannot_be_shown_has_no_change() -> None:
    small = (Count.exact(5), Count.exact(3))
    withheld = (Count.exact(100), Count(why_not="protects_another"))
    found = answers_changed(exactly((300, 90), (1000, 500)), (small, withheld), SETTINGS)
    assert [one.why_not for one in found] == ["too_few_people", "protects_another", "too_few_people"]


sides = st.tuples(st.integers(10, 60), st.integers(0, 10))


@hypothesis_settings(max_examples=15, deadline=None)
@given(st.lists(sides, min_size=4, max_size=4), st.integers(0, 10**6))
def test_every_number_that_rounding_allows_gives_a_change_within_the_range(
    drawn: list[tuple[int, int]], seed: int
) -> None:
    counts = [(Count(5 * n, 5 * n - 2, 5 * n + 2), Count(5 * x, max(5 * x - 2, 0), 5 * x + 2)) for n, x in drawn]
    found = answers_changed(tuple(counts[:2]), tuple(counts[2:]), SETTINGS)
    rng = np.random.default_rng(seed)
    (n1, x1), (n2, x2), (m1, y1), (m2, y2) = [
        (n, min(int(rng.integers(x.lowest, x.highest + 1)), n))
        for n, x in ((int(rng.integers(n.lowest, n.highest + 1)), x) for n, x in counts)
    ]
    gap = gap_change(Answers(x1, n1, x2, n2), Answers(y1, m1, y2, m2), 0.95)
    exact = (newcombe(y1, m1, x1, n1), newcombe(y2, m2, x2, n2), gap[1:])
    for said, (low, high) in zip(found, exact, strict=True):
        assert said.low is not None
        assert said.high is not None
        assert said.low <= low + 1e-12
        assert said.high >= high - 1e-12
