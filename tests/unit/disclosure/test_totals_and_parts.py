"""Numbers of staff and board members: the same proof as for applicants, with bands that make up tiers."""

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from equity_audit.disclosure.suppression.attacker_knowledge import AttackerKnowledge, attacker_knowledge
from equity_audit.disclosure.suppression.choosing import disclosed_in
from equity_audit.disclosure.suppression.feasible_tables import FeasibleTables
from equity_audit.disclosure.suppression.mip_bounds import tightest
from equity_audit.disclosure.suppression.moves import Moves
from equity_audit.disclosure.suppression.secondary_suppression import protect
from equity_audit.disclosure.suppression.walk import Walk
from equity_audit.disclosure.table.constraints import Ints
from equity_audit.disclosure.table.count_table import CountTable, Row
from equity_audit.disclosure.table.suppression_status import Mark, first_marks
from equity_audit.disclosure.table.totals_and_parts import published_again, published_rows, totals_and_parts_of
from equity_audit.measures.intervals import Floats
from equity_audit.settings import load_settings

POLICY = load_settings().disclosure
# Zeros told apart: then small numbers give each other away by adding up.
ZEROS_SHOWN = POLICY.model_copy(update={"zeros": "show", "zeros_in_splits": "show"})
ONE, TWO = {"in_post": "headcount"}, {"employed": "employed", "in_post": "headcount"}
TIERS = {
    ("pay_band", "Band 2"): ("tier", "lower"),
    ("pay_band", "Band 5"): ("tier", "lower"),
    ("pay_band", "Band 6"): ("tier", "middle"),
    ("pay_band", "Band 8a"): ("tier", "upper"),
}
# Those employed since the last snapshot, and those in post.
Two = tuple[int, int]


def staff(bands: dict[str, dict[str, Two]]) -> pl.DataFrame:
    """Rows of groups within bands and within their tiers, and of all together."""
    parts: dict[tuple[str, str], dict[str, Any]] = {}
    for band, groups in bands.items():
        for part in (("all", "all"), ("pay_band", band), TIERS["pay_band", band]):
            own = parts.setdefault(part, {})
            for name, two in groups.items():
                own[name] = own.get(name, np.zeros(2, int)) + np.array(two)
    rows = []
    for (breakdown, value), groups in parts.items():
        bme = sum(two for name, two in groups.items() if name not in ("White", "Unknown"))
        levels = {
            "all": {"All staff": sum(groups.values())},
            "wres": {name: two for name, two in groups.items() if name in ("White", "Unknown")} | {"BME": bme},
            "group": groups,
        }
        rows += [
            (level, breakdown, value, name, int(employed), int(headcount))
            for level, named in levels.items()
            for name, (employed, headcount) in named.items()
        ]
    return pl.DataFrame(rows, schema=[*Row._fields, "employed", "headcount"], orient="row")


two = st.tuples(st.integers(0, 14), st.integers(0, 12)).map(lambda n: (n[0] + n[1], n[0]))
groups = st.fixed_dictionaries({"White": two, "Asian": two, "Black": two})


@settings(max_examples=12)
@given(st.fixed_dictionaries(dict.fromkeys(("Band 2", "Band 5", "Band 6"), groups)), st.sampled_from([ONE, TWO]))
def test_the_exact_attack_fails_after_protection(bands: dict[str, dict[str, Two]], columns: dict[str, str]) -> None:
    people = totals_and_parts_of(staff(bands), columns, TIERS)
    done = protect(people, POLICY)
    known = attacker_knowledge(done.published, POLICY)
    found = tightest(known.system, range(len(known.cells)))
    assert found.proven
    assert not [
        known.cells[c] for c in range(len(known.cells)) if found.highest[c] - found.lowest[c] + 1 < known.to_be_shown[c]
    ]


def test_a_single_number_is_held_to_its_sums() -> None:
    """8 of all are 4 and 4: two parts of at most 4 that make at least 8."""
    people = totals_and_parts_of(staff({"Band 2": {"White": (4, 4), "Asian": (4, 4)}}), ONE, TIERS)
    known = attacker_knowledge(first_marks(people, ZEROS_SHOWN), ZEROS_SHOWN)
    assert {people.rows[row].group_name for row, _ in disclosed_in(known)} >= {"White", "BME"}
    assert disclosed_in(attacker_knowledge(protect(people, ZEROS_SHOWN).published, ZEROS_SHOWN)) == {}


def test_leavers_are_protected_though_they_are_not_published() -> None:
    """50 employed and 50 in post are shown: between no leavers and eight, so nothing of them is certain."""
    people = totals_and_parts_of(staff({"Band 2": {"White": (52, 48), "Asian": (51, 50)}}), TWO, TIERS)
    known = attacker_knowledge(protect(people, POLICY).published, POLICY)
    rest = people.column[people.quantities[2]]
    assert known.published.mark[:, rest].tolist() == [Mark.UNPUBLISHED] * len(known.published.people.rows)
    assert min(n for (_, q), n in zip(known.cells, known.possible_values, strict=True) if q == rest) >= 2


def sums(people: CountTable, counts: Any) -> list[Any]:
    return [counts[whole] - counts[list(parts)].sum(axis=0) for whole, parts in people.ties]


def test_every_table_that_proves_something_is_one_of_real_people(monkeypatch: pytest.MonkeyPatch) -> None:
    bands = {band: {"White": (90, 80), "Asian": (50, 40), "Black": (33, 30)} for band in ("Band 2", "Band 5", "Band 6")}
    people = totals_and_parts_of(staff(bands), TWO, TIERS)
    assert any("tier" in people.rows[whole] for whole, _ in people.ties)
    known = attacker_knowledge(first_marks(people, POLICY), POLICY)
    feasible_tables = FeasibleTables.of(people)
    found: list[Ints] = []
    note = feasible_tables._note

    def noted(known: AttackerKnowledge, change: Floats | None) -> bool:
        if new := note(known, change):
            table = people.values.copy()
            table[known.sums.places] += np.rint(change).astype(np.int64)
            found.append(table)
        return new

    monkeypatch.setattr(feasible_tables, "_note", noted)
    feasible_tables._push(known)
    feasible_tables._one_by_one(known)
    assert found
    for table in found:
        assert not np.concatenate(sums(people, table)).any()
        assert (table >= np.maximum(known.lowest, 0)).all()
        assert (table <= known.highest).all()
    assert any((table != people.values).any() for table in found)


@settings(max_examples=15)
@given(st.fixed_dictionaries(dict.fromkeys(("Band 2", "Band 5", "Band 6"), groups)))
def test_no_change_of_a_table_is_claimed_that_the_sums_forbid(bands: dict[str, dict[str, Two]]) -> None:
    """As somebody moving between two bands of one tier would change the tier."""
    people = totals_and_parts_of(staff(bands), ONE, TIERS)
    assume(people.rows)
    known = attacker_knowledge(first_marks(people, POLICY), POLICY)
    random = np.random.default_rng(1)
    walk = Walk(known, Moves(people), random)
    rows = np.repeat(np.arange(len(people.rows)), 40)
    exact = tightest(known.system, range(len(known.cells)))
    lowest, highest = (np.array(list(ends.values())) for ends in (exact.lowest, exact.highest))
    for _ in range(3):
        for low, high in walk.stop(rows):
            assert (low[:, 0] >= lowest).all()
            assert (high[:, 0] <= highest).all()
        # Then from another table that is published the same.
        walk.step(rows, random.choice([-1, 0, 1], people.values.shape))
        assert not (known.matrix @ walk.table).any()
        assert (walk.table >= lowest).all()
        assert (walk.table <= highest).all()


def test_what_is_published_reads_back_as_it_was_proven() -> None:
    people = totals_and_parts_of(staff({"Band 2": {"White": (90, 80), "Asian": (7, 3)}}), TWO, TIERS)
    done = protect(people, POLICY).published
    rows = published_rows(done, TWO)
    assert published_again(people, rows, TWO).sha256() == done.sha256()
    asian = rows.filter(pl.col("breakdown") == "all", pl.col("group_name") == "Asian").to_dicts()[0]
    assert (asian["headcount"], asian["headcount_note"]) == (None, "fewer_than")


def test_rows_that_do_not_add_up_are_refused() -> None:
    wrong = staff({"Band 2": {"White": (90, 80), "Asian": (7, 3)}}).with_columns(
        headcount=pl.when(pl.col("level") == "all").then(1).otherwise(pl.col("headcount"))
    )
    with pytest.raises(ValueError, match="do not add up"):
        totals_and_parts_of(wrong, ONE, TIERS)


def test_bands_stand_where_their_tiers_are_left_out() -> None:
    """Two of three tiers have few of any group, and two of four bands: the tiers are left out, the bands are not."""
    many, few = (dict.fromkeys(("White", "Asian", "Black", "Mixed", "Other", "Unknown"), (n, n)) for n in (40, 1))
    counted = staff({"Band 2": many, "Band 5": many, "Band 6": few, "Band 8a": few})
    done = protect(totals_and_parts_of(counted, ONE, TIERS), POLICY)
    assert [block.parts for block in done.left_out] == [{("tier", "group")}]
    rows = published_rows(done.published, ONE)
    assert rows.filter(breakdown="pay_band", level="group")["headcount"].max() == 40
    again = published_again(totals_and_parts_of(counted, ONE, TIERS), rows, ONE)
    assert again.sha256() == done.published.sha256()
    # What the tiers would have said follows from the rest of the sums.
    known = attacker_knowledge(done.published, POLICY)
    assert not disclosed_in(known)


def test_categories_within_bands_are_left_out_where_those_of_all_are() -> None:
    """Two categories of 4 in a group of 8 cannot both be marked: here that is too much to withhold."""
    rows: list[tuple[object, ...]] = []
    for part, asian in (("all", 4), ("2", 4), ("6", 0)):
        white = 80 if part == "all" else 40
        named = [("all", "All staff", white + 2 * asian), ("wres", "White", white), ("wres", "BME", 2 * asian)]
        named += [("group", "White", white), ("group", "Asian", 2 * asian), ("category", "White: Irish", white)]
        named += [("category", "Asian: Indian", asian), ("category", "Asian: Pakistani", asian)]
        split = "all" if part == "all" else "pay_band"
        rows += [(level, split, part, name, 0, number) for level, name, number in named]
    frame = pl.DataFrame(rows, schema=[*Row._fields, "employed", "headcount"], orient="row")
    policy = ZEROS_SHOWN.model_copy(
        update={"most_withheld": 0.04, "withheld_besides": dict.fromkeys(("headline", "other"), 0)}
    )
    done = protect(totals_and_parts_of(frame, ONE), policy)
    assert {part for block in done.left_out for part in block.parts} == {("all", "category"), ("pay_band", "category")}
    assert not disclosed_in(attacker_knowledge(done.published, policy))
