"""The programmes in leaves say what the whole system says, and what they show of one split holds beside another."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equity_audit.disclosure.suppression import secondary_suppression, showing_again
from equity_audit.disclosure.suppression.attacker_knowledge import AttackerKnowledge, attacker_knowledge
from equity_audit.disclosure.suppression.feasible_tables import FeasibleTables
from equity_audit.disclosure.suppression.leaves import leaves_of
from equity_audit.disclosure.suppression.mip_bounds import tightest
from equity_audit.disclosure.suppression.programme import Programme
from equity_audit.disclosure.suppression.tables_found import Ranges
from equity_audit.disclosure.table.constraints import UNBOUNDED
from equity_audit.disclosure.table.count_table import CountTable, Quantity, count_table_of
from equity_audit.disclosure.table.suppression_status import first_marks
from tests.unit.disclosure.test_secondary_suppression import POLICY, Ends, counts_of, part

PARTS = st.fixed_dictionaries({"yes": part, "no": part})
GROUPS: dict[str, Ends] = {
    "White": (61, 2, 23, 9),
    "Asian": (32, 1, 9, 7),
    "Black": (26, 0, 9, 6),
    "Unknown": (7, 1, 3, 2),
}


def known_of(people: CountTable) -> AttackerKnowledge:
    return attacker_knowledge(first_marks(people, POLICY), POLICY)


@settings(max_examples=10)
@given(PARTS)
def test_every_count_is_the_sum_of_its_leaves(parts: dict[str, dict[str, Ends]]) -> None:
    known = known_of(count_table_of(counts_of(parts)))
    leaves, truth = known.sums.leaves, known.sums.truth
    assert (leaves.sums @ truth[leaves.places] == truth).all()
    assert not (leaves.ties @ truth[leaves.places]).any()
    # As many ties as make every table of leaves that satisfies them satisfy all relations.
    both = np.vstack([leaves.ties.toarray(), (known.matrix @ leaves.sums).toarray()])
    assert np.linalg.matrix_rank(both) == leaves.ties.shape[0] == np.linalg.matrix_rank(leaves.ties.toarray())


def test_of_two_relations_of_a_whole_the_second_is_a_tie() -> None:
    """0 is 1 and 2, and also 3 and 4."""
    known = known_of(count_table_of(counts_of({"all": GROUPS})))
    relations = [(0, [1, 2]), (0, [3, 4])]
    matrix = known.matrix[:0, :5]
    matrix = type(matrix)(np.array([[-1, 1, 1, 0, 0], [-1, 0, 0, 1, 1]]))
    leaves = leaves_of(5, relations, matrix)
    assert leaves.places.tolist() == [1, 2, 3, 4]
    assert leaves.sums.toarray()[0].tolist() == [1, 1, 0, 0]
    assert leaves.ties.toarray().tolist() == [[-1, -1, 1, 1]]


@settings(max_examples=2)
@given(PARTS)
def test_a_programme_reaches_at_least_as_far_as_whole_numbers(parts: dict[str, dict[str, Ends]]) -> None:
    """And what it reaches without fractions is a table that is published the same."""
    known = known_of(count_table_of(counts_of(parts)))
    truth, system = known.sums.truth, known.system
    below = np.where(system.lowest >= 0, truth - system.lowest, 0).astype(float)
    above = np.where(system.highest < UNBOUNDED, system.highest - truth, np.inf)
    programme = Programme(known.sums.leaves, below, above)
    places = range(0, len(truth), 11)
    exact = tightest(system, places)
    for place in places:
        for sign, end in ((1, exact.highest[place]), (-1, exact.lowest[place])):
            answer = programme.furthest(place, sign, 4)
            assert answer is not None
            assert sign * answer.change[place] >= min(sign * (end - truth[place]), 4) - 1e-6
            table = truth + answer.change
            assert np.abs(known.matrix @ table).max() < 1e-6
            assert (table >= system.lowest - 1e-6).all()
            assert (table <= system.highest + 1e-6).all()


def test_what_keeps_a_count_from_more_is_named() -> None:
    """12 of two groups of at most 7 and 7, shown as 10 (8 to 12): the sum keeps either from being larger."""
    people = count_table_of(counts_of({"all": {"White": (6, 0, 0, 0), "Asian": (6, 0, 0, 0)}}))
    known = known_of(people)
    truth, system = known.sums.truth, known.system
    above = np.where(system.highest < UNBOUNDED, system.highest - truth, np.inf)
    programme = Programme(known.sums.leaves, (truth - system.lowest).astype(float), above)
    everybody = known.index[people.first_row, 0]
    answer = programme.furthest(everybody, 1, 4)
    assert answer is not None
    # Of everybody no more than 12 as well: what is shown of them is what holds them.
    assert answer.change[everybody] == 0
    assert everybody in answer.full


def test_a_further_question_takes_few_steps() -> None:
    """20 take 845 by the dual method, 1,948 by the primal one, with which a large trust takes four times as long."""
    split = {"yes": GROUPS, "no": {name: (a + 3, b, c, d) for name, (a, b, c, d) in GROUPS.items()}}
    known = known_of(count_table_of(counts_of(split)))
    truth, bounds, random = known.sums.truth, known.narrowed, np.random.default_rng(5)
    programme = Programme(known.sums.leaves, truth - bounds.lowest, bounds.highest - truth)
    for _ in range(20):
        assert programme.best(np.where(known.to_be_shown > 0, random.normal(size=len(truth)), 0), 0.01) is not None
    assert programme.steps < 1_200


def test_tables_of_one_split_stand_beside_another(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was shown of a split by tables that leave the rest alone is within the exact attack on both splits."""
    one = counts_of({"yes": GROUPS, "no": {name: (a + 3, b, c, d) for name, (a, b, c, d) in GROUPS.items()}})
    other = one.with_columns(breakdown=one["breakdown"].replace("clinical", "pay_band"))
    both = one.vstack(other.filter(other["breakdown"] == "pay_band"))
    taken: list[Ranges] = []
    taking = FeasibleTables.taking

    def noted(tables: FeasibleTables, ranges: Ranges) -> None:
        taken.append(ranges)
        taking(tables, ranges)

    monkeypatch.setattr(FeasibleTables, "taking", noted)
    monkeypatch.setattr(showing_again, "_SMALL", 0)
    policy = POLICY.model_copy(update={"publish_splits": ["clinical", "pay_band"], "most_withheld": 1.0})
    people = count_table_of(both)
    done = secondary_suppression.protect(people, policy)
    assert {row.breakdown for row in done.published.people.rows} == {"all", "clinical", "pay_band"}
    known = attacker_knowledge(done.published, policy)
    shown = {
        (known.index[done.published.people.rows.index(row), column], lowest[column], highest[column])
        for ranges in taken
        for row, (lowest, highest) in ranges.items()
        for column in (people.column[quantity] for quantity in people.quantities if quantity.name == "reached")
    }
    exact = tightest(known.system, {cell for cell, _, _ in shown})
    assert all(exact.lowest[cell] <= low <= high <= exact.highest[cell] for cell, low, high in shown)
    assert any(low < high for _, low, high in shown)


def test_what_leaves_the_rest_alone_is_possible_with_the_rest_known() -> None:
    """Ranges apart lie within the exact attack of somebody who knows every count that is not split."""
    split = {"yes": GROUPS, "no": {name: (a + 3, b, c, d) for name, (a, b, c, d) in GROUPS.items()}}
    people = count_table_of(counts_of(split))
    known = known_of(people)
    tables = FeasibleTables.of(people)
    tables.search(known)
    unsplit = np.array([row.breakdown == "all" for row in people.rows])[:, None]
    system = known.sums.within(
        np.where(unsplit, people.values, known.lowest), np.where(unsplit, people.values, known.highest)
    )
    column = people.column[Quantity("reached", 1, 1)]
    cells = {row: known.index[people.rows.index(row), column] for row in tables.ranges_apart()}
    exact = tightest(system, cells.values())
    for row, (lowest, highest) in tables.ranges_apart().items():
        assert exact.lowest[cells[row]] <= lowest[column] <= highest[column] <= exact.highest[cells[row]]
    assert any((lowest < highest).any() for lowest, highest in tables.ranges_apart().values())
