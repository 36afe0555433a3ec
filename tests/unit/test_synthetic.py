"""The made-up trust: the same arguments give the same records, and what was put in can be found again."""

import json
from datetime import date, timedelta
from importlib.resources import as_file, files
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from equity_audit.errors import UsageError
from equity_audit.synthetic import SMALL_EMPLOYER, generate, generate_workforce, to_long, write, write_sample
from equity_audit.vocabulary import CATEGORIES, DEFAULT_STAGES, match_ethnicity

DATES = [f"{stage}_on" for stage in DEFAULT_STAGES]


@pytest.fixture(scope="module")
def wide() -> pl.DataFrame:
    return generate(5000, 7).wide


def test_the_same_seed_gives_the_same_records_and_another_gives_others() -> None:
    assert generate(500, 1).wide.equals(generate(500, 1).wide)
    assert not generate(500, 1).wide.equals(generate(500, 2).wide)


def test_the_committed_sample_is_what_the_documented_command_makes(tmp_path: Path) -> None:
    written = write_sample(tmp_path / "sample.csv")
    with as_file(files("data") / "synthetic") as folder:
        assert {path.name for path in written} == {
            path.name for path in folder.glob("sample.*") if path.suffix in (".csv", ".json")
        }
        for path in written:
            assert path.read_bytes() == (folder / path.name).read_bytes()


def test_no_stage_without_the_one_before_and_no_date_before_it(wide: pl.DataFrame) -> None:
    for before, after in pairwise(DATES):
        reached = wide.filter(pl.col(after).is_not_null())
        assert reached[before].null_count() == 0
        assert (reached[after] > reached[before]).all()
    assert wide["applied_on"].null_count() == 0


def test_outcomes_fit_the_stages_and_what_lies_ahead_is_pending(wide: pl.DataFrame) -> None:
    appointed = wide["appointed_on"].is_not_null()
    assert ((wide["outcome"] == "Appointed") == appointed).all()
    pending = wide.filter(pl.col("outcome") == "In progress")
    assert 0 < pending.height < 200
    assert pending["applied_on"].min() > wide["applied_on"].max() - timedelta(days=150)
    assert set(wide["outcome"].unique()) == {
        "Rejected", "Withdrawn", "Offer declined", "Not eligible", "In progress", "Appointed",
    }  # fmt: skip


def test_every_ethnicity_is_in_the_vocabulary_and_all_categories_occur() -> None:
    values = generate(50_000, 3).wide["ethnicity"].cast(pl.String).unique().to_list()
    assert all(match_ethnicity(value, "ons_2021") for value in values)
    assert set(values) == {*CATEGORIES, "Not stated", ""}


def test_duplicates_are_exact_and_as_many_as_asked(wide: pl.DataFrame) -> None:
    doubled = generate(5000, 7, duplicates=0.01).wide
    assert doubled.height == 5050
    assert doubled.unique().sort("application_id").equals(wide.sort("application_id"))


def test_corrections_are_later_facts_about_pending_applications_only() -> None:
    extracts = generate(5000, 7, corrections=True)
    assert extracts.corrections is not None
    first = extracts.wide.join(extracts.corrections.select("application_id"), on="application_id")
    assert set(first["outcome"]) == {"In progress"}
    assert "In progress" not in set(extracts.corrections["outcome"])
    known = first.sort("application_id").select(DATES)
    now = extracts.corrections.sort("application_id").select(DATES)
    for name in DATES:  # a date once known does not change
        assert (known[name].is_null() | (known[name] == now[name])).all()


def test_long_and_wide_tell_the_same(wide: pl.DataFrame) -> None:
    long = to_long(wide)
    counts = dict(long.group_by("stage").len().iter_rows())
    assert counts == {stage: wide[f"{stage}_on"].count() for stage in DEFAULT_STAGES}
    assert long.filter(pl.col("outcome") != "Progressed").height == wide.height


def test_what_was_put_in_is_found_again() -> None:
    """Observed rates against the expected ones of the truth: within 4.5 standard errors in each of some 70 cells."""
    extracts = generate(200_000, 11)
    rows = extracts.wide.with_columns(
        group=pl.col("ethnicity").cast(pl.String).replace_strict(CATEGORIES, default="Unknown"),
        year=sum((pl.col("applied_on") >= pl.date(2021 + y, 4, 1)).cast(pl.Int64) for y in (1, 2)),
    )
    compared = 0
    for cell in extracts.truth["expected"]:
        here, there = f"{cell['from_stage']}_on", f"{cell['to_stage']}_on"
        decided = rows.filter(
            pl.col("group") == cell["group"],
            pl.col("year") == cell["year"],
            pl.col(here).is_not_null(),
            pl.col(there).is_not_null() | (pl.col("outcome") == "Rejected"),
        )
        assert decided.height == cell["decided"]
        rate = cell["expected_rate"]
        error = np.sqrt(rate * (1 - rate) / decided.height)
        assert abs(decided[there].is_not_null().mean() - rate) < 4.5 * error
        compared += 1
    assert compared == 3 * 6 * 4


def test_the_effects_are_in_the_expected_rates() -> None:
    truth = generate(50_000, 5).truth
    rates = {
        (cell["year"], cell["group"]): cell["expected_rate"]
        for cell in truth["expected"]
        if cell["to_stage"] == "shortlisted"
    }
    assert rates[0, "Black"] < rates[0, "Asian"] < rates[0, "White"]
    assert (
        rates[2, "Black"] / rates[2, "White"] > rates[0, "Black"] / rates[0, "White"] + 0.05
    )  # narrower in year three
    assert json.loads(json.dumps(truth)) == {**truth, "share_of_effect_by_step": list(truth["share_of_effect_by_step"])}


@pytest.mark.parametrize("name", ["x.xlsx", "x"])
def test_only_csv_and_parquet_are_written(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError):
        write(generate(100, 1), tmp_path / name, "wide")


def test_a_folder_that_is_not_there_is_a_persons_error_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        write(generate(100, 1), tmp_path / "nowhere" / "x.csv", "wide")
    assert list(tmp_path.iterdir()) == []


def test_parquet_and_long_are_written_as_text_and_dates(tmp_path: Path) -> None:
    paths = write(generate(100, 1, corrections=True), tmp_path / "x.parquet", "long")
    assert sorted(path.name for path in paths) == ["x.corrections.parquet", "x.parquet", "x.truth.json"]
    schema = pl.read_parquet_schema(tmp_path / "x.parquet")
    assert (schema["ethnicity"], schema["reached_on"], schema["stage"]) == (pl.String, pl.Date, pl.String)


def test_people_of_the_small_employer_apply_several_times_as_one_ethnicity() -> None:
    wide = generate(5000, 7, employer=SMALL_EMPLOYER).wide
    people = wide.group_by("candidate_id").agg(pl.len(), pl.col("ethnicity", "applicant_source").n_unique())
    assert wide.height / people.height == pytest.approx(SMALL_EMPLOYER.applications_per_person, rel=0.05)
    assert people["len"].max() > 3
    assert set(people["ethnicity"]) == set(people["applicant_source"]) == {1}


def test_rates_of_the_small_employer_differ_by_vacancy_by_more_than_chance() -> None:
    """A plain chi-squared test over vacancies: its statistic is about its degrees of freedom where all are alike."""
    decided = generate(20_000, 7, employer=SMALL_EMPLOYER).wide.filter(
        pl.col("shortlisted_on").is_not_null() | (pl.col("outcome") == "Rejected")
    )
    posts = decided.group_by("vacancy_id").agg(pl.len(), gone_on=pl.col("shortlisted_on").is_not_null().sum())
    rate = posts["gone_on"].sum() / posts["len"].sum()
    statistic = ((posts["gone_on"] - rate * posts["len"]) ** 2 / (posts["len"] * rate * (1 - rate))).sum()
    assert statistic > 1.5 * posts.height


def test_the_truth_of_a_programme_is_the_ratio_of_rates_since_and_before() -> None:
    truth = generate(100_000, 7, years=6, first_day=date(2018, 4, 1), employer=SMALL_EMPLOYER)
    applicants = truth.wide.with_columns(
        white=pl.col("ethnicity").cast(pl.String).str.starts_with("White:"),
        unknown=pl.col("ethnicity").cast(pl.String).is_in(["Not stated", ""]),
        since=pl.col("applied_on") >= date(2021, 4, 1),
        gone_on=pl.col("shortlisted_on").is_not_null(),
    ).filter(~pl.col("unknown"), pl.col("gone_on") | (pl.col("outcome") == "Rejected"))
    rates = {
        (white, since): rate
        for white, since, rate in applicants.group_by("white", "since").agg(pl.col("gone_on").mean()).iter_rows()
    }
    programme = truth.truth["programme"]
    before, since = (rates[False, side] / rates[True, side] for side in (False, True))
    assert programme["impact_ratio_before"] == pytest.approx(before, abs=0.02)
    assert programme["impact_ratio_since"] == pytest.approx(since, abs=0.02)
    assert programme["change"] == pytest.approx(since / before, abs=0.05)
    assert 1.35 < programme["change"] < 1.6


def test_the_truth_has_no_programme_where_records_are_all_on_one_side() -> None:
    assert generate(500, 7).truth["programme"] is None
    assert generate(500, 7, years=2, first_day=date(2018, 4, 1), employer=SMALL_EMPLOYER).truth["programme"] is None


def test_the_small_employer_counts_staff_in_some_years_and_its_bme_share_rises() -> None:
    staff = generate_workforce(3, years=6, first_day=date(2018, 4, 1), employer=SMALL_EMPLOYER)
    assert "staff_group" not in staff.columns
    shares = (
        staff.filter(pl.col("board_member") == "No", ~pl.col("ethnicity").str.starts_with("Not"))
        .group_by("snapshot", maintain_order=True)
        .agg((pl.col("headcount") * ~pl.col("ethnicity").str.starts_with("White")).sum() / pl.col("headcount").sum())
    )
    assert [day.year for day in shares["snapshot"]] == [2019, 2021, 2024]
    assert shares["headcount"].is_sorted()


def test_staff_of_each_year_are_those_before_less_leavers_and_more_joiners() -> None:
    staff = generate_workforce(7).filter(pl.col("board_member") == "No")
    assert generate_workforce(7).equals(generate_workforce(7))
    key = ["ethnicity", "pay_band", "staff_group"]
    for before, after in pairwise(sorted(staff["snapshot"].unique())):
        both = staff.filter(pl.col("snapshot") == before).join(
            staff.filter(pl.col("snapshot") == after), on=key, how="full", coalesce=True, suffix="_after"
        )
        counts = both.select(pl.col(pl.Int64).fill_null(0))
        remaining = counts["headcount"] - counts["leavers_after"] + counts["joiners_after"]
        assert (remaining == counts["headcount_after"]).all()
    assert staff.group_by("snapshot").agg(pl.col("headcount").sum())["headcount"].unique().to_list() == [4000]
