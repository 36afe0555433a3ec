"""Measures of staff against independent computations, and published ones against every number they may stand for."""

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from scipy.stats.contingency import odds_ratio
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from equity_audit.contracts import DISCLOSED_WORKFORCE_MEASURES, WORKFORCE
from equity_audit.disclosure.publish import disclose_counts
from equity_audit.measures.count_ranges import Count, measure
from equity_audit.populations.measured import exact_measures, ranges_that_miss, shown_measures
from equity_audit.populations.protection import disclose_people
from equity_audit.populations.staff import STAFF
from equity_audit.settings import Settings, load_settings
from equity_audit.vocabulary import wider_names
from tests.unit.disclosure.test_secondary_suppression import counts_of

PERIOD = date(2023, 4, 1)
KEY = DISCLOSED_WORKFORCE_MEASURES.key
# Band: tier, then of each group those in post and those who left.
Band = dict[str, tuple[int, int]]
BANDS: dict[tuple[str, str], Band] = {
    ("Band 5", "lower"): {"White": (300, 30), "Asian": (150, 20), "Black": (100, 15), "Unknown": (20, 3)},
    ("Band 6", "middle"): {"White": (280, 25), "Asian": (70, 8), "Black": (50, 6), "Unknown": (10, 1)},
    ("Band 8a", "upper"): {"White": (90, 9), "Asian": (15, 2), "Black": (11, 1), "Unknown": (0, 0)},
    ("Consultant", "no tier"): {"White": (100, 8), "Asian": (120, 9), "Black": (12, 2), "Unknown": (5, 0)},
}
RECRUITED = counts_of({"all": {"White": (700, 0, 100, 200), "Asian": (500, 0, 50, 60), "Black": (400, 0, 40, 40)}})


def staff(bands: dict[tuple[str, str], Band] = BANDS, board: Band | None = None) -> pl.DataFrame:
    """Rows of out.workforce."""
    parts: dict[tuple[str, str], Any] = {}
    for (band, tier), groups in bands.items():
        for part in (("all", "all"), ("pay_band", band), ("tier", tier)):
            own = parts.setdefault(part, {})
            for name, two in groups.items():
                own[name] = own.get(name, np.zeros(2, int)) + np.array(two)
    if board:
        parts["board", "voting members"] = {name: np.array(two) for name, two in board.items()}
    rows = []
    for part, groups in parts.items():
        levels: dict[tuple[str, str], Any] = {}
        for name, two in groups.items():
            for level, wide in (("all", "All staff"), ("group", name), *wider_names("group", name).items()):
                levels[level, wide] = levels.get((level, wide), 0) + two
        for (level, name), (post, left) in levels.items():
            rows.append(("T", PERIOD, date(2024, 3, 31), level, *part, name, int(post), int(left), None))
    return pl.DataFrame(rows, schema=list(WORKFORCE.column_names), schema_overrides={"joiners": pl.Int64}, orient="row")


def with_kinds(rows: pl.DataFrame) -> pl.DataFrame:
    """The same people as clinical staff, in bands 5 and 6, and other staff as well."""
    kind = (
        pl.when(pl.col("breakdown_value").is_in(["Band 5", "Band 6"]))
        .then(pl.lit("clinical"))
        .otherwise(pl.lit("other"))
    )
    parts = rows.filter(breakdown="pay_band").with_columns(breakdown=pl.lit("clinical"), breakdown_value=kind)
    keys = [name for name in parts.columns if name not in ("headcount", "leavers", "joiners")]
    summed = parts.group_by(keys, maintain_order=True).agg(
        pl.col("headcount", "leavers").sum(), pl.col("joiners").first()
    )
    return pl.concat([rows, summed.select(rows.columns)])


def found(frame: pl.DataFrame) -> dict[tuple[str, str, str], tuple[Any, ...]]:
    keys = ("measure", "breakdown_value", "group_name")
    return {
        tuple(row[k] for k in keys): (row["value"], row["value_low"], row["value_high"])
        for row in frame.iter_rows(named=True)
        if not (row["level"] == "group" and row["group_name"] in ("White", "Unknown"))
    }


@pytest.fixture(scope="module")
def exact() -> dict[tuple[str, str, str], tuple[Any, ...]]:
    board = {"White": (9, 0), "Asian": (2, 0)}
    return found(exact_measures(STAFF, staff(board=board), with_benchmark(load_settings()), RECRUITED))


def with_benchmark(settings: Settings) -> Settings:
    policy = settings.workforce.model_copy(update={"benchmark": {"BME": 0.46}, "benchmark_name": "Here"})
    return settings.model_copy(update={"workforce": policy})


def test_shares_keep_unknown_among_all(exact: dict[tuple[str, str, str], tuple[Any, ...]]) -> None:
    # 528 of 1333 are BME, 35 of unknown ethnicity.
    assert exact["share", "all", "BME"] == pytest.approx((528 / 1333, *proportion_confint(528, 1333, method="wilson")))
    assert exact["share", "Band 5", "Asian"][0] == pytest.approx(150 / 570)
    assert exact["share_if_unknown_bme", "all", "BME"][0] == pytest.approx(563 / 1333)
    assert exact["share_of_known", "all", "BME"][0] == pytest.approx(528 / 1298)
    assert exact["representation", "all", "BME"][0] == pytest.approx(528 / 1333 / 0.46)


def test_race_disparity_ratios_are_odds_ratios(exact: dict[tuple[str, str, str], tuple[Any, ...]]) -> None:
    for step, table in (
        ("lower to middle", [[280, 300], [120, 250]]),
        ("middle to upper", [[90, 280], [26, 120]]),
        ("lower to upper", [[90, 300], [26, 250]]),
    ):
        value, low, high = exact["race_disparity_ratio", step, "BME"]
        assert value == pytest.approx(odds_ratio(table, kind="sample").statistic)
        half = 1.959964 * np.sqrt((1 / np.array(table)).sum())
        assert (low, high) == pytest.approx((value * np.exp(-half), value * np.exp(half)), rel=1e-5)


def under(rows: pl.DataFrame, breakdown: str, value: str) -> pl.DataFrame:
    """The same people as a part of another split."""
    return rows.with_columns(breakdown=pl.lit(breakdown), breakdown_value=pl.format(value, "breakdown_value"))


def test_clinical_staff_have_ratios_of_their_own() -> None:
    everybody = staff()
    tiers = under(everybody.filter(breakdown="tier"), "clinical_tier", "clinical, {}")
    exact = found(exact_measures(STAFF, pl.concat([everybody, tiers]), load_settings(), RECRUITED))
    value, *_ = exact["race_disparity_ratio", "clinical, lower to upper", "BME"]
    assert value == pytest.approx(odds_ratio([[90, 300], [26, 250]], kind="sample").statistic)
    assert ("race_disparity_ratio", "other, lower to upper", "BME") not in exact


def test_staff_groups_make_up_clinical_and_other_staff() -> None:
    everybody = staff()
    unsplit = everybody.filter(breakdown="all")
    group = unsplit.with_columns(breakdown=pl.lit("staff_group"), breakdown_value=pl.lit("Estates and ancillary"))
    kind = group.with_columns(breakdown=pl.lit("clinical"), breakdown_value=pl.lit("other"))
    crossed = group.with_columns(breakdown=pl.lit("clinical_band"), breakdown_value=pl.lit("other, Band 2"))
    (people,) = STAFF.people_sets(pl.concat([everybody, group, kind, crossed]), load_settings())
    assert people.coarser is not None
    assert people.coarser["staff_group", "Estates and ancillary"] == ("clinical", "other")
    # A sum that an attacker knows, and so does the proof; what is crossed is never published.
    table = people.people()
    of_clinical = [parts for whole, parts in table.ties if table.rows[whole].breakdown == "clinical"]
    assert "staff_group" in {table.rows[parts[0]].breakdown for parts in of_clinical}
    assert "clinical_band" not in people.rows["breakdown"]
    (without,) = STAFF.people_sets(pl.concat([everybody, group]), load_settings())
    assert ("staff_group", "Estates and ancillary") not in (without.coarser or {})


def test_the_board_is_held_against_those_in_post(exact: dict[tuple[str, str, str], tuple[Any, ...]]) -> None:
    value, low, high = exact["board_gap", "voting members", "BME"]
    assert value == pytest.approx(2 / 11 - 528 / 1333)
    expected = confint_proportions_2indep(2, 11, 528, 1333, compare="diff", method="newcomb")
    assert (low, high) == pytest.approx(expected, rel=1e-6)


def test_leavers_are_compared_as_parts_of_those_employed(exact: dict[tuple[str, str, str], tuple[Any, ...]]) -> None:
    # 63 of 591 BME staff left, 72 of 842 White staff.
    value, low, high = exact["leaving_ratio", "all", "BME"]
    assert value == pytest.approx((63 / 591) / (72 / 842))
    expected = confint_proportions_2indep(63, 591, 72, 842, compare="ratio", method="score", correction=False)
    assert (low, high) == pytest.approx(expected, rel=1e-4)


def test_where_the_workforce_settles_is_where_it_stays(exact: dict[tuple[str, str, str], tuple[Any, ...]]) -> None:
    """Iterated until nothing changes: 100 of 300 appointed are BME, 63 of 528 BME and 72 of 770 White staff leave."""
    joining, leaving, others = 100 / 300, 63 / 528, 72 / 770
    share, path = 528 / 1298, []
    for _ in range(400):
        share = share * (1 - leaving) + joining * (share * leaving + (1 - share) * others)
        path.append(share)
    assert exact["settles_at", "all", "BME"][0] == pytest.approx(share)
    assert exact["share_in_years", "5", "BME"][0] == pytest.approx(path[4])
    assert exact["share_in_years", "10", "BME"][0] == pytest.approx(path[9])
    applying = 1090 / 2090
    odds = applying / (1 - applying) * others / leaving
    assert exact["settles_at_if_selected_alike", "all", "BME"][0] == pytest.approx(odds / (1 + odds))


def test_published_measures_hold_the_exact_ones_and_withhold_what_is_small() -> None:
    settings = with_benchmark(load_settings())
    workforce = staff(board={"White": (9, 0), "Asian": (2, 0)})
    counts = disclose_counts(RECRUITED, settings).stage_counts
    done = disclose_people(STAFF, workforce, settings)
    measures = shown_measures(STAFF, done.rows, settings, counts)
    assert ranges_that_miss(measures, exact_measures(STAFF, workforce, settings, RECRUITED), KEY) == 0
    by = {(r["measure"], r["breakdown_value"], r["group_name"]): r for r in measures.iter_rows(named=True)}
    assert by["board_gap", "voting members", "BME"]["not_shown_reason"] == "fewer_than"
    assert by["share", "all", "BME"]["value"] == pytest.approx(530 / 1335)
    assert by["settles_at", "all", "BME"]["value"] is not None
    reasons = pl.coalesce("not_shown_reason", "value_reason")
    assert measures.filter(pl.col("value").is_null() == reasons.is_null()).is_empty()
    assert measures.filter(pl.col("value_reason").is_not_null(), pl.col("value_low").is_null()).is_empty()
    assert "rounding_too_coarse" in measures["value_reason"].to_list()


@pytest.mark.parametrize("preset", ["own", "ofqual", "nhs_hes", "hesa", "acro"])
def test_a_group_with_nobody_in_a_band_has_a_range_too(preset: str, tmp_path: Path) -> None:
    """A group is listed with nobody in it: its published share is 0 where zeros are shown.

    Where 0 may be 1 or 2 people (hesa), its range alone is shown.
    """
    (tmp_path / "settings.toml").write_text(f'[disclosure]\npreset = "{preset}"\n', encoding="utf-8")
    settings = load_settings(tmp_path / "settings.toml")
    nobody = {("Band 5", "lower"): BANDS["Band 5", "lower"] | {"Other": (12, 1)}, **{k: BANDS[k] for k in [*BANDS][1:]}}
    workforce = staff(nobody)
    counts = disclose_counts(RECRUITED, settings).stage_counts
    measures = shown_measures(STAFF, disclose_people(STAFF, workforce, settings).rows, settings, counts)
    shares = measures.filter(measure="share", breakdown_value="Band 6", group_name="Other")
    assert shares["value"].to_list() == ([0.0] if settings.disclosure.zeros_in_splits == "show" else [None])
    assert shares["value_low"].is_null().all() == (settings.disclosure.zeros_in_splits == "suppress")
    assert ranges_that_miss(measures, exact_measures(STAFF, workforce, settings, RECRUITED), KEY) == 0


def test_a_range_that_misses_is_found() -> None:
    settings = load_settings()
    exact = exact_measures(STAFF, staff(), settings, RECRUITED)
    published = exact.rename({"undefined_reason": "not_shown_reason"})
    assert ranges_that_miss(published, exact, KEY) == 0
    narrower = published.with_columns(value_low=pl.col("value_low") + 1e-6)
    assert ranges_that_miss(narrower, exact, KEY) == exact["value"].is_not_null().sum()


def test_without_leavers_nothing_is_said_of_leaving_and_settling() -> None:
    settings = load_settings()
    done = disclose_people(STAFF, staff().with_columns(leavers=pl.lit(None, pl.Int64)), settings)
    counts = disclose_counts(RECRUITED, settings).stage_counts
    measures = shown_measures(STAFF, done.rows, settings, counts)
    of = measures.filter(pl.col("measure").is_in(["leaving_ratio", "settles_at"]))
    assert set(of["not_shown_reason"]) == {"not_collected"}
    assert set(done.rows["employed_note"]) == {"not_collected"}


def test_without_applicants_or_by_quarter_nothing_is_projected() -> None:
    settings = load_settings()
    alone = exact_measures(STAFF, staff(), settings, RECRUITED.clear())
    assert set(alone.filter(pl.col("measure") == "settles_at")["undefined_reason"]) == {"no_applicants"}
    period = settings.period.model_copy(update={"unit": "quarter"})
    quarters = exact_measures(STAFF, staff(), settings.model_copy(update={"period": period}), RECRUITED)
    assert set(quarters.filter(pl.col("measure") == "settles_at")["undefined_reason"]) == {"not_by_year"}


def test_policy_says_by_what_staff_are_published() -> None:
    settings = load_settings()
    policy = settings.workforce.model_copy(update={"publish_splits": ()})
    done = disclose_people(STAFF, staff(board={"White": (9, 0)}), settings.model_copy(update={"workforce": policy}))
    assert set(done.rows["breakdown"]) == {"all", "board"}


spans = st.tuples(st.integers(5, 60), st.integers(0, 2), st.integers(0, 2))


@hypothesis_settings(max_examples=40)
@given(st.lists(spans, min_size=8, max_size=8), st.integers(0, 10**6))
def test_every_number_that_a_span_allows_gives_an_interval_within_the_range(
    drawn: list[tuple[int, int, int]], seed: int
) -> None:
    """The projection's, which has the most numbers behind it: its ends are at the ends of the spans."""
    from equity_audit.populations.projection import Flows, projection

    def settles(*flows: int) -> Any:
        made = projection(Flows(*flows), 1, 0.95)
        return None if made is None else made.settles_at

    base = [value for value, _, _ in drawn]
    # Appointed and leavers are fewer than applicants and staff.
    base = [*base[:4], base[4] + base[2] + 70, base[5] + base[3] + 70, base[6] + base[0] + 70, base[7] + base[1] + 70]
    counts = [Count(value, value - down, value + up) for value, (_, down, up) in zip(base, drawn, strict=True)]
    found = measure(counts, settles, "nobody_there")
    world = [int(np.random.default_rng([seed, k]).integers(c.lowest, c.highest + 1)) for k, c in enumerate(counts)]
    _, low, high = settles(*world)
    assert found.low is not None
    assert found.high is not None
    assert found.low <= low + 1e-12
    assert found.high >= high - 1e-12


def test_executive_members_are_held_against_those_in_post_exactly_and_never_published() -> None:
    board = {"White": (9, 0), "Asian": (2, 0)}
    rows = staff(board=board)
    executive = rows.filter(breakdown="board", group_name="White").with_columns(headcount=pl.lit(5, pl.Int64))
    executive = pl.concat([executive, executive.with_columns(level=pl.lit("all"), group_name=pl.lit("All staff"))])
    executive = executive.with_columns(
        breakdown=pl.lit("board_executive"), breakdown_value=pl.lit("executive members")
    ).unique(["level", "group_name"], maintain_order=True)
    both = pl.concat([rows, executive])
    exact = found(exact_measures(STAFF, both, load_settings(), RECRUITED))
    # Nobody of the five is BME.
    assert exact["board_gap", "executive members", "BME"][0] == pytest.approx(-528 / 1333)
    assert exact["board_gap", "voting members", "BME"][0] == pytest.approx(2 / 11 - 528 / 1333)
    with_them, without = (STAFF.people_sets(given, load_settings()) for given in (both, rows))
    assert [one.rows.equals(other.rows) for one, other in zip(with_them, without, strict=True)] == [True, True]
