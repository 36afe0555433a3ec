"""Leaks made by hand, each caught; their repairs stand. Expected values are worked out in the comments."""

import io
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from equity_audit.disclosure.external.attack import Attack, attack
from equity_audit.disclosure.external.attack_words import attack_lines
from equity_audit.disclosure.external.external_table import read_table
from equity_audit.disclosure.external.own_edition import is_own, read_own
from equity_audit.disclosure.suppression.mip_bounds import Contradiction
from equity_audit.disclosure.table.count_rows import stage_count_rows
from equity_audit.disclosure.table.count_table import count_table_of
from equity_audit.disclosure.table.suppression_status import first_marks
from equity_audit.errors import InputRefused
from equity_audit.settings import load_settings
from tests.unit.measures.test_measures import stage_counts

SETTINGS = load_settings()


def attacked(table: str, small: str = "", **policy: Any) -> Attack:
    """Not rounded, unless said."""
    lines = "\n".join(line.strip() for line in table.split("|"))
    frame = pl.read_csv(io.StringIO(lines), infer_schema=False)
    frame = frame.select(pl.all().cast(pl.String).fill_null(""))
    rule = SETTINGS.disclosure.model_copy(update={"round_to": 1, **policy})
    return attack(read_table(frame, rule, 0.95, frozenset(filter(None, [small]))), rule.protection_interval, 0.95)


def disclosed_cells(table: str, small: str = "", **policy: Any) -> dict[tuple[str, str], str]:
    return {(cell.row, cell.column): cell.possible for cell in attacked(table, small, **policy).disclosed}


@pytest.mark.parametrize("mark", ["<5", "fewer than 5", "c", "*", "x", "-", "[c]", "", "1 to 4", "<=4"])
def test_a_margin_gives_the_only_withheld_count(mark: str) -> None:
    # 60 - 45 - 12 = 3.
    assert disclosed_cells(f"group,applied | White,45 | Asian,12 | Black,{mark} | Total,60") == {
        ("Black", "applied"): "3"
    }


def test_two_withheld_counts_protect_each_other_unless_their_sum_is_too_small() -> None:
    # Together 7: 0 to 7 each. Together 2, of two marked "<5": 0 to 2 each. Together 1: 0 or 1 each.
    assert not disclosed_cells("group,applied | White,45 | Asian,c | Black,c | Total,52")
    low = "group,applied | White,45 | Asian,<5 | Black,<5 | Total,{}"
    assert not disclosed_cells(low.format(47))
    assert disclosed_cells(low.format(46)) == {("Asian", "applied"): "0 or 1", ("Black", "applied"): "0 or 1"}
    # Where zeros are shown, whatever is marked is at least 1: together 2 is 1 and 1.
    assert disclosed_cells(low.format(47), zeros="show") == {("Asian", "applied"): "1", ("Black", "applied"): "1"}


def test_a_margin_of_two_dimensions() -> None:
    # Men: 30 - 28 = 2 Black; then Black women 6 - 2 = 4; then White women 14 - 4 = 10.
    table = (
        "group,sex,n | White,men,28 | Black,men,* | All,men,30 | White,women,* | Black,women,* | All,women,14"
        " | White,All,* | Black,All,6 | All,All,44"
    )
    found = disclosed_cells(table)
    assert found[("Black, men", "n")] == "2"
    assert found[("Black, women", "n")] == "4"
    assert found[("White, women", "n")] == "10"
    assert found[("White, All", "n")] == "38"


def test_a_total_of_columns() -> None:
    # 12 - 9 = 3.
    assert disclosed_cells("group,men,women,total | White,20,22,42 | Asian,9,<5,12") == {("Asian", "women"): "3"}


def test_rounded_totals_narrow_rounded_parts() -> None:
    # 5 is 5 to 7, so 20 of three is 18 to 21: 20 stands for 18 to 22, each part stays at 5 to 7. 25 of three is at
    # least 23, and 7 + 7 + 7 = 21: no table. 23 to 27 of four: 5 to 7 each; 15 of four is at most 17: none.
    assert not disclosed_cells("group,n | a,5 | b,5 | c,5 | Total,20", round_to=5)
    with pytest.raises(Contradiction):
        attacked("group,n | a,5 | b,5 | c,5 | Total,25", round_to=5)
    # 10 stands for 8 to 12, 15 for 13 to 17, so that 20 of 10 and 15 makes at most 22: 8 or 9, and 13 or 14.
    assert disclosed_cells("group,n | a,10 | b,15 | Total,20", round_to=5) == {
        ("a", "n"): "8 or 9",
        ("b", "n"): "13 or 14",
        ("Total", "n"): "21 or 22",
    }


def test_a_rate_beside_a_masked_count() -> None:
    # 25.0% of 12 is 3.
    table = "group,applied,shortlisted,rate | White,45,20,44.4% | Asian,12,{},25.0%"
    assert disclosed_cells(table.format("*")) == {("Asian", "shortlisted"): "3"}
    assert disclosed_cells(table.format("<5")) == {("Asian", "shortlisted"): "3"}
    # Printed without decimals beside 2000, 1% is 10 to 30 and gives nobody away.
    assert not disclosed_cells("group,applied,shortlisted,rate | White,45,20,44% | Asian,2000,*,1%")


def test_a_rate_undoes_rounding_but_not_where_it_comes_from_the_rounded_counts() -> None:
    # 28 to 32 decided, 8 to 12 progressed: 0.344 is 11 / 32. 10 / 30 is 0.333.
    table = "group,decided,progressed,rate | White,60,20,{} | Asian,30,10,{}"
    found = disclosed_cells(table.format("0.333", "0.344"), round_to=5)
    assert found[("Asian", "progressed")] == "11"
    assert found[("Asian", "decided")] == "32"
    assert not disclosed_cells(table.format("0.333", "0.333"), round_to=5)


def test_a_share_of_a_total() -> None:
    # 5.0% of 60 is 3, though the total alone leaves Black and Asian 1 to 14.
    table = "group,applied,percent of all | White,45,75.0 | Asian,*,20.0 | Black,*,5.0 | Total,60,100"
    assert disclosed_cells(table) == {("Asian", "applied"): "12", ("Black", "applied"): "3"}


def test_a_ratio_and_the_ends_of_an_interval() -> None:
    # s / 20 over 50 / 100 is 0.1 s: 0.40 is 4. Wilson of 1 of 20 begins at 0.0089 and ends at 0.2361.
    ratio = "group,decided,progressed,impact ratio | White,100,50,1.00 | Asian,20,<5,0.40"
    assert disclosed_cells(ratio) == {("Asian", "progressed"): "4"}
    likelihood = "group,decided,progressed,relative likelihood | White,100,50,1 | Asian,20,<5,2.50"
    assert disclosed_cells(likelihood) == {("Asian", "progressed"): "4"}
    wilson = "group,decided,progressed,rate_high | White,100,50,0.596 | Asian,20,<5,0.2361"
    assert disclosed_cells(wilson) == {("Asian", "progressed"): "1"}
    # statsmodels' score interval of 3/20 over 50/100 ends at 0.7452 (see test_printed for the method).
    named = "group,reference_name,decided,progressed,impact_ratio_high | White,,100,50, | Asian,White,20,<5,{}"
    end = koopman_high(3, 20, 50, 100)
    assert disclosed_cells(named.format(f"{end:.3f}")) == {("Asian", "progressed"): "3"}


def koopman_high(*counts: int) -> float:
    from statsmodels.stats.proportion import confint_proportions_2indep

    return float(confint_proportions_2indep(*counts, compare="ratio", method="score", correction=False)[1])


def test_a_percentage_masked_beside_its_exact_counts() -> None:
    # NHS STP 2023: "<=5" in place of a percentage, with both counts beside it.
    table = "area,patients,obese,percent obese | A,400,12,<=5 | B,100,30,30.0 | C,300,57,19.0"
    assert disclosed_cells(table) == {("A", "percent obese"): "12 / 400"}
    # Rounded to 5 and 5, 25 pairs of counts are possible.
    assert not disclosed_cells("area,patients,obese,percent obese | A,400,10,* | B,100,30,* | C,300,55,*", round_to=5)


def test_a_count_that_the_rule_hides_falls_as_it_stands() -> None:
    assert disclosed_cells("group,n | a,3 | b,20") == {("a", "n"): "3"}
    assert disclosed_cells("group,n | a,0 | b,20", zeros="suppress") == {("a", "n"): "0"}
    assert not disclosed_cells("group,n | a,0 | b,20", zeros="show")


def test_a_rounded_count_is_never_below_the_threshold() -> None:
    # 5 stands for 3 to 7, of which 3 and 4 would have been withheld.
    found = attacked("group,n | a,5 | b,50", round_to=5)
    assert (found.lowest.tolist(), found.highest.tolist()) == ([5, 48], [7, 52])


def test_values_with_gaps_are_counted_not_their_span() -> None:
    # 1/3 of 8 to 12 with 1 to 4 progressed: 3 of 9 or 4 of 12, two values of each.
    found = disclosed_cells("group,decided,progressed,rate | White,60,20,33.3% | Asian,10,<5,33.3%", round_to=5)
    assert found[("Asian", "decided")] == "9 or 12"
    assert found[("Asian", "progressed")] == "3 or 4"


def test_what_a_shown_zero_says_on_purpose_is_no_fall() -> None:
    # Nobody applied, so nobody was shortlisted: where the rule shows zeros, that is no leak. Else both are.
    table = "group,applied,shortlisted | White,45,20 | Asian,0,*"
    assert not disclosed_cells(table, zeros="show")
    assert disclosed_cells(table, zeros="suppress") == {("Asian", "applied"): "0", ("Asian", "shortlisted"): "0"}


def test_a_symbol_may_be_said_to_mean_small() -> None:
    # Two that add up to 8: 1 to 7 each if nothing is known of them, 4 and 4 if both are below 5.
    table = "group,n | a,20 | b,* | c,* | Total,28"
    assert not disclosed_cells(table)
    assert disclosed_cells(table, small="*") == {("b", "n"): "4", ("c", "n"): "4"}


def test_this_projects_words_for_counts_are_known() -> None:
    # decided = progressed + rejected: 30 - 27 = 3. reached is at least decided.
    table = "group,reached,decided,progressed,rejected | a,40,30,<5,27 | b,40,30,20,10"
    assert disclosed_cells(table) == {("a", "progressed"): "3"}
    # Everybody who left did so in one of four ways: 40 - 30 - 3 - 1 - 1 = 5 withdrew.
    ways = "group,reached,decided,withdrew,declined,ineligible,pending | a,40,30,*,3,1,1 | b,40,30,10,0,0,0"
    assert disclosed_cells(ways, withhold_below=1, zeros="show") == {("a", "withdrew"): "5"}
    # Nobody is offered a post who was not shortlisted: of 1 shortlisted, 0 or 1.
    stages = "group,applied,shortlisted,offered | a,90,1,c | b,80,20,9"
    assert disclosed_cells(stages, withhold_below=1) == {("a", "offered"): "0 or 1"}


def test_the_report_says_what_falls_and_from_what() -> None:
    said = "\n".join(attack_lines(attacked("group,applied | White,45 | Asian,12 | Black,<5 | Total,60")))
    assert 'Black / applied: printed "<5", can only be 3' in said
    assert "how: from White / applied 45; Asian / applied 12; Total / applied 60; by adding and subtracting" in said
    assert "Counts in the table: 4. Protected: 3. Disclosed: 1." in said
    assert "the tightest" in said


def test_a_large_table_says_that_its_bounds_are_not_exact() -> None:
    frame = pl.DataFrame({"group": ["a", "b", "Total"], "n": ["*", "*", "9"]})
    rule = SETTINGS.disclosure.model_copy(update={"round_to": 1})
    found = attack(read_table(frame, rule, 0.95), 3, 0.95, most_exact=0)
    assert not found.exact
    assert "too large for exact bounds" in "\n".join(attack_lines(found))


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("group,applied | White,45 | Asian,12 | White,3", "row 3"),
        ("group,rate | White,0.5 | Asian,0.4", "no column holds counts"),
        ("group,band | White,a | Asian,b", "no column holds counts"),
    ],
)
def test_what_cannot_be_attacked_is_refused(table: str, said: str) -> None:
    with pytest.raises(InputRefused, match=said):
        attacked(table)


def test_a_number_that_the_rule_does_not_make_is_refused_with_the_remedy() -> None:
    with pytest.raises(InputRefused, match="row 1, column n: 12 is not a multiple of 5") as caught:
        attacked("group,n | a,12 | b,20", round_to=5)
    assert "--round-to 1" in str(caught.value)


def test_parts_above_their_total_are_a_contradiction() -> None:
    with pytest.raises(Contradiction):
        attacked("group,n | a,12 | b,20 | Total,30")


def test_a_code_beside_a_name_hides_no_total() -> None:
    assert disclosed_cells("code,group,n | A,a,12 | B,b,* | T,Total,15") == {("b", "n"): "3"}


@effort(max_examples=40)
@given(
    st.lists(st.integers(0, 12), min_size=4, max_size=6),
    st.integers(5, 6),
    st.sampled_from([1, 5]),
    st.sampled_from(["show", "suppress"]),
)
def test_the_truth_is_always_among_what_is_left(counts: list[int], below: int, base: int, zeros: str) -> None:
    smallest = {"show": 1, "suppress": 0}[zeros]

    def text(count: int) -> str:
        return f"<{below}" if smallest <= count < below else str((2 * count + base) // (2 * base) * base)

    lines = [f"g{place},{text(count)}" for place, count in enumerate(counts)]
    table = " | ".join(["group,n", *lines, f"Total,{text(sum(counts))}"])
    found = attacked(table, withhold_below=below, round_to=base, zeros=zeros)
    truth = np.array([*counts, sum(counts)])
    assert (found.lowest <= truth).all()
    assert (found.highest >= truth).all()


def own_edition(white: tuple[int, int, int], bme: tuple[int, int, int], note: str = "") -> pl.DataFrame:
    """An edition with two steps, from exact counts who applied, were shortlisted and were appointed."""
    levels = {
        "wres": {"White": white, "BME": bme},
        "all": {"All applicants": tuple(map(sum, zip(white, bme, strict=True)))},
    }
    steps = [("applied", "shortlisted"), ("shortlisted", "appointed")]
    exact = pl.concat(
        stage_counts(
            {name: (path[k + 1], path[k]) for name, path in groups.items()},
            level=level,
            step_order=k + 1,
            step_kind="stage",
            from_stage=steps[k][0],
            to_stage=steps[k][1],
            breakdown="all",
            breakdown_value="all",
        )
        for level, groups in levels.items()
        for k in range(2)
    )
    plain = stage_count_rows(first_marks(count_table_of(exact), SETTINGS.disclosure), exact)
    frame = plain.select(pl.all().cast(pl.String).fill_null(""))
    bme_appointed = (pl.col("group_name") == "BME") & (pl.col("from_stage") == "shortlisted")
    hidden = {"progressed": "", "progressed_note": note}
    if note:
        frame = frame.with_columns(
            pl.when(bme_appointed).then(pl.lit(value)).otherwise(pl.col(name)).alias(name)
            for name, value in hidden.items()
        )
    return frame


def fallen_of(frame: pl.DataFrame) -> dict[tuple[str, str], str]:
    return {
        (cell.row, cell.column): cell.possible
        for cell in attack(read_own(frame, SETTINGS.disclosure), 3, 0.95).disclosed
    }


def test_an_edition_of_our_own_is_read_with_its_levels() -> None:
    # Appointed: 10 (8 to 12) and 10 (8 to 12) make 15 (13 to 17): only 8 or 9 of each, and 16 or 17 in all.
    frame = own_edition((400, 100, 8), (300, 80, 8))
    assert is_own(frame)
    found = fallen_of(frame)
    assert found[("White", "reached appointed")] == "8 or 9"
    assert found[("BME", "reached appointed")] == "8 or 9"
    assert found[("All applicants", "reached appointed")] == "16 or 17"
    assert not any("applied" in column for _, column in found)
    # Withheld, and with the total a multiple of 5: nothing falls.
    assert not fallen_of(own_edition((400, 100, 20), (300, 80, 20), note="protects_others"))


@pytest.mark.parametrize(("zeros", "smallest"), [("suppress", 0), ("show", 1)])
def test_a_small_count_of_our_own_edition_is_at_most_4(zeros: str, smallest: int) -> None:
    rule = SETTINGS.disclosure.model_copy(update={"zeros": zeros})
    found = attack(read_own(own_edition((400, 100, 40), (300, 80, 3)), rule), 3, 0.95)
    place = found.target.names.index(("BME", "reached appointed"))
    assert (found.target.printed[place], found.lowest[place], found.highest[place]) == ("fewer than 5", smallest, 4)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (pl.lit("12").alias("reached"), "a multiple of 5"),
        (pl.lit("x").alias("decided"), "a multiple of 5"),
        (pl.lit("wres").alias("level"), "All applicants are missing"),
    ],
)
def test_a_spoilt_edition_is_refused(change: pl.Expr, said: str) -> None:
    with pytest.raises(InputRefused, match=said):
        read_own(own_edition((400, 100, 40), (300, 80, 30)).with_columns(change), SETTINGS.disclosure)
