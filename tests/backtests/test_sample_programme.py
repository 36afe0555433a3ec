"""What was put into the two samples is found again by the board's review, from published counts alone."""

import json
from collections.abc import Sequence
from datetime import date
from functools import cache
from pathlib import Path

import polars as pl
import pytest

from equity_audit.disclosure.publish import disclose_counts
from equity_audit.programme.programme_file import Programme, parse_programme
from equity_audit.programme.review import Review, review
from equity_audit.settings import Settings, load_settings
from tests.backtests import small_network
from tests.counted_files import stage_counts

SAMPLE = Path(__file__).parents[2] / "data" / "synthetic"


@cache
def policy() -> Settings:
    """As shipped, without splits, which the answer needs none of; and with fewer tables drawn to allow for rounding."""
    settings = load_settings()
    return settings.model_copy(
        update={
            "disclosure": settings.disclosure.model_copy(update={"publish_splits": ()}),
            "programme": settings.programme.model_copy(update={"tables_drawn": 10}),
        }
    )


def reviewed(files: Sequence[Path], first_year: int, years: int, programme: Programme) -> Review:
    periods = [date(first_year + number, 4, 1) for number in range(years)]
    # Categories are not asked, and take most of the time to protect.
    asked = [counts.filter(pl.col("level") != "category") for counts in stage_counts(files, periods, policy())]
    published = [disclose_counts(counts, policy()).stage_counts for counts in asked]
    return review(pl.concat(published), programme, policy())


@pytest.fixture(scope="module")
def of_sample() -> Review:
    name = "fair-shortlisting.toml"
    programme = parse_programme((SAMPLE / name).read_text(encoding="utf-8"), name).programme
    return reviewed([SAMPLE / "sample.csv", SAMPLE / "sample.corrections.csv"], 2018, 6, programme)


def test_the_sample_s_known_effect_lies_in_the_board_s_range_and_the_verdict_says_that_it_rose(
    of_sample: Review,
) -> None:
    truth = json.loads((SAMPLE / "sample.truth.json").read_text(encoding="utf-8"))["programme"]
    answer = of_sample.answer
    assert answer.comparison[:5] == ("wres", *truth["step"], "BME", "White")
    assert answer.years.change.low < truth["change"] < answer.years.change.high
    assert answer.years.change.ratio == pytest.approx(truth["change"], rel=0.1)
    assert answer.sentence.startswith("Rose clearly")


def test_steps_into_which_nothing_was_put_are_not_said_to_have_risen(of_sample: Review) -> None:
    later = [judged for judged in of_sample.judged if judged.comparison.from_stage != "applied"]
    assert len(later) > 10
    assert {judged.verdict.partition("_")[0] for judged in later} <= {"cannot", "about", "too"}


def network(tmp_path: Path, ratios: tuple[float, ...]) -> Review:
    small_network.write_small_network(tmp_path / "network.csv", ratios=ratios)
    programme = Programme(name="x", start=small_network.START, lead_in_months=small_network.LEAD_IN_MONTHS)
    return reviewed([tmp_path / "network.csv"], small_network.FIRST_YEAR, small_network.YEARS, programme)


def test_a_small_network_whose_ratio_truly_rose_is_told_so(tmp_path: Path) -> None:
    answer = network(tmp_path, small_network.RATIOS).answer
    assert answer.sentence.startswith("Rose clearly")
    assert answer.comparison[1:3] == ("applied", "shortlisted")
    assert answer.years.change.low < small_network.CHANGE < answer.years.change.high


def test_the_same_network_without_a_change_is_not(tmp_path: Path) -> None:
    answer = network(tmp_path, (0.60,) * small_network.YEARS).answer
    assert not answer.sentence.startswith(("Rose", "Fell"))
    assert answer.years.change.low < 1 < answer.years.change.high
