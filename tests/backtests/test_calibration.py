"""The studies of tests/calibration.py, smaller: the same targets, with room for four standard errors of chance."""

import re
from datetime import date

import polars as pl
import pytest

from tests.calibration import STUDIES, run
from tests.calibration_page import Made, below_the_grid, narrowed, page, section, with_studies

SCALE = 0.05
# Whose repeats take longest: what they are asked for shows in fewer, or in all rows together.
SMALLER = dict.fromkeys(("tests", "power"), 0.01) | dict.fromkeys(("titles", "several_years", "years"), 0.025)
SMALLER |= dict.fromkeys(("points", "published"), 0.03)


def room(study: str, share: float = 0.05, rows: int = 1) -> float:
    """Standard error of a share over the repeats of a study here, and so many of its rows together, times four."""
    return float(4 * (share * (1 - share) / (STUDIES[study][1] * SMALLER.get(study, SCALE) * rows)) ** 0.5)


@pytest.fixture(scope="module")
def results() -> dict[str, pl.DataFrame]:
    found = run(SCALE, STUDIES.keys() - SMALLER.keys(), organisations=2)
    for study, scale in SMALLER.items():
        found |= run(scale, (study,))
    return {study: found[study] for study in STUDIES}


@pytest.mark.parametrize("name", ["Wilson", "Koopman", "Newcombe"])
def test_intervals_hold_the_truth_as_often_as_they_say(results: dict[str, pl.DataFrame], name: str) -> None:
    mine = results["intervals"].filter(pl.col("interval") == name)
    moderate = mine.filter(pl.col("expected") >= 10)["coverage"]
    assert mine["coverage"].min() > 0.93 - room("intervals")
    assert 0.94 - room("intervals") < moderate.min()
    assert moderate.max() < 0.97 + room("intervals")


def test_wilson_is_known_to_fail_where_hardly_anybody_is_expected(results: dict[str, pl.DataFrame]) -> None:
    """Brown, Cai and DasGupta, Stat Sci 2001;16:101: the interval of one selection begins at about 0.1765 / n.

    Just below, it holds the truth only if nobody is selected: exp(-0.1765) = 0.838 for many decided on.
    """
    many = results["few"].filter(pl.col("decided") == 1500).row(0, named=True)
    assert many["expected"] == pytest.approx(0.1765, abs=0.001)
    assert many["coverage"] == pytest.approx(0.838, abs=0.001)
    assert "as low as 84%, with 0.18 selections expected" in below_the_grid(results["few"])


def test_paths_too(results: dict[str, pl.DataFrame]) -> None:
    assert results["paths"]["coverage"].min() > 0.93 - room("paths")
    assert results["paths"].filter(pl.col("expected") >= 10)["coverage"].max() < 0.97 + room("paths")


def test_equal_rates_are_seldom_called_different(results: dict[str, pl.DataFrame]) -> None:
    size = results["tests"]["size"]
    assert size.max() < 0.055 + room("tests")
    assert size.mean() < 0.05 + room("tests", rows=size.len())
    assert results["families"]["findings"].max() < 0.05 + room("families")
    # Without the adjustment most organisations would have one: the study sees what it should.
    assert results["families"]["unadjusted"].max() > 0.5


def test_what_is_called_detectable_is_found_four_times_in_five(results: dict[str, pl.DataFrame]) -> None:
    power = results["power"]["power"]
    assert power.min() > 0.78 - room("power", 0.2)
    assert power.max() < 0.82 + room("power", 0.2)
    assert power.mean() == pytest.approx(0.8, abs=0.01 + room("power", 0.2, power.len()))


def test_like_with_like_undoes_confounding(results: dict[str, pl.DataFrame]) -> None:
    strata = results["strata"]
    assert (strata["crude"] / strata["ratio"] - 1).abs().min() > 0.15
    assert (strata["adjusted"] / strata["ratio"] - 1).abs().max() < 0.02
    assert strata["coverage"].min() > 0.94 - room("strata")
    level = strata.filter(pl.col("ratio") == 1)
    assert level["cmh_rejects"].max() < 0.055 + room("strata")
    assert level["homogeneity_rejects"].drop_nulls().max() < 0.055 + room("strata")


def test_competition_makes_the_measures_cautious_and_never_bold(results: dict[str, pl.DataFrame]) -> None:
    assert results["competition"]["coverage"].min() > 0.945 - room("competition")
    assert results["competition"]["size"].max() < 0.055 + room("competition")


def test_a_programmes_effect_is_held_and_seldom_made_up(results: dict[str, pl.DataFrame]) -> None:
    effects = results["effects"]
    apart = effects.filter(~pl.col("situation").str.contains("together"))
    # 100 repeats a row: 8 rows together say more than any.
    assert apart["coverage"].mean() > 0.95 - room("effects", rows=apart.height)
    found = apart.filter(pl.col("effect") > 1)["found"]
    assert found.mean() == pytest.approx(0.8, abs=room("effects", 0.2, found.len()))
    assert results["changes"]["coverage"].mean() > 0.95 - room("changes", rows=3)


def test_verdicts_that_there_is_an_effect_need_one(results: dict[str, pl.DataFrame]) -> None:
    said = {row["truth"]: row for row in results["verdicts"].iter_rows(named=True)}
    truth = said.pop("an effect of 1.5")
    assert sum(row["improved"] for row in said.values()) <= 0.15
    assert truth["improved"] > 0.3
    assert truth["worse"] == 0


def test_published_counts_hold_the_effect_as_exact_ones_do(results: dict[str, pl.DataFrame]) -> None:
    """All rows together: 9 repeats of each are too few to be judged one by one."""
    found = results["published"]
    assert found["published"].mean() > 0.95 - room("published", rows=found.height)
    assert (found["judged"] == 1).all()


def test_single_figures_are_seldom_off_by_a_tenth(results: dict[str, pl.DataFrame]) -> None:
    """Of ratios that were all shown as single figures a third or more would be, at 500 and at 1,200 applications."""
    points = results["points"]
    every, shown = (
        points[f"{which}: over 10% off"].replace("none", "0%").str.strip_suffix("%").cast(pl.Float64)
        for which in ("all as points", "points")
    )
    assert shown.max() < 5
    assert every.max() > 20
    assert "3 organisations of each size." in section("points", points, 3)


def test_a_solver_narrows_no_published_count(results: dict[str, pl.DataFrame]) -> None:
    attacks = results["attacks"]
    assert attacks["organisations"].sum() == 2
    assert attacks["counts_attacked"].sum() > 500
    what, target, found, met = narrowed(attacks)
    assert (what, target, met) == ("published counts that a solver narrows", "none", "yes"), found
    assert "2 organisations." in section("attacks", attacks, 2)
    disclosed_cells = attacks.with_columns(counts_narrowed=pl.lit(1))
    assert narrowed(disclosed_cells)[2:] == (f"3 of {attacks['counts_attacked'].sum():,}", "no")


def test_a_fair_organisation_is_seldom_accused_and_ranges_alone_would(results: dict[str, pl.DataFrame]) -> None:
    few = results["titles"]
    accused = (few["titles"] * few["repeats"]).sum() / few["repeats"].sum()
    by_range = (few["by the range alone"] * few["repeats"]).sum() / few["repeats"].sum()
    assert accused < 0.02 + 4 * (0.02 / few["repeats"].sum()) ** 0.5
    assert by_range > accused


def test_ranges_hold_the_truth_where_decisions_go_together(results: dict[str, pl.DataFrame]) -> None:
    found = results["clustering"]
    coverage = {(row["setting"], row["range"]): row["mean coverage"] for row in found.iter_rows(named=True)}
    settings = list(dict.fromkeys(found["setting"]))
    published = [coverage[setting, "published class"] for setting in settings]
    assert sum(published) / len(published) > 0.95
    often = settings[-1]
    assert coverage[often, "as if by itself"] < 0.91 < coverage[often, "exact design effect"]


def test_years_find_an_effect_and_nothing_without_one(results: dict[str, pl.DataFrame]) -> None:
    found = results["years"]
    none = found.filter(pl.col("effect") == 1, pl.col("drift") == 0, pl.col("noise") == 0)
    assert none["rose"].mean() < 0.1
    large = found.filter(applications=1200, effect=1.6)
    assert large["rose"].item() > 0.5


def test_three_years_settle_what_one_does_not_and_accuse_nobody(results: dict[str, pl.DataFrame]) -> None:
    found = results["several_years"]
    fair = found.filter(pl.col("true ratio") == 1)
    assert fair["title"].mean() < 0.02 + room("several_years", 0.02, fair.height)
    gap = found.filter(pl.col("true ratio") < 1, pl.col("applications a year") == 1200)
    assert gap["three years"].mean() > gap["one year"].mean() + 0.1
    # Rounding each year costs answers, and makes none.
    assert (found["three years"] <= found["exact sum"]).all()


def test_years_added_as_published_are_near_the_exact_ones(results: dict[str, pl.DataFrame]) -> None:
    rows = results["years_added"]
    errors = {
        name: rows[f"{name}: sd"].str.strip_suffix("%").cast(pl.Float64)
        for name in ("each year rounded", "sum rounded once")
    }
    assert errors["each year rounded"].max() < 30
    assert errors["sum rounded once"].mean() < errors["each year rounded"].mean()


def test_a_study_that_runs_by_itself_replaces_its_section_and_its_targets(results: dict[str, pl.DataFrame]) -> None:
    made = Made(1, dict.fromkeys(results, 7), {"numpy": "2"}, date(2026, 1, 2))
    text = page(results, made)
    # Nothing but where the results come from.
    again = with_studies(text, {"tests": results["tests"]}, made)
    assert again.replace(f" Run by itself on {made.words}.", "") == text
    worse = results["tests"].with_columns(size=pl.lit(0.2))
    changed = with_studies(text, {"tests": worse}, made)
    assert "| size of the test of equal rates | at most 5.5% | 20.0% | no |" in changed
    # A row and a section that the page did not have are put where they belong.
    gone = re.sub(r"## Size of the test\n.*?(?=\n## )", "", text, flags=re.DOTALL)
    gone = re.sub(r"\| size of the test of equal rates \|.*\n", "", gone)
    assert with_studies(gone, {"tests": results["tests"]}, made).count("## Size of the test\n") == 1
    assert "met |\n|---|---|---|---|\n" in gone
    assert (
        len(
            re.findall(r"\n\| size of the test of equal rates \|[^\n]*\n\n", with_studies(gone, {"tests": worse}, made))
        )
        == 1
    )
