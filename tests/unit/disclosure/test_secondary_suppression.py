"""Protection: the exact attack, which is tested against brute force, brings nothing down that is published."""

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from equity_audit.contracts import STAGE_COUNTS
from equity_audit.disclosure.suppression import secondary_suppression
from equity_audit.disclosure.suppression.attacker_knowledge import attacker_knowledge
from equity_audit.disclosure.suppression.choosing import cheapest, disclosed_in
from equity_audit.disclosure.suppression.earlier_revisions import CellNames, Earlier, by_names
from equity_audit.disclosure.suppression.feasible_tables import FeasibleTables
from equity_audit.disclosure.suppression.keyed_choices import Choices
from equity_audit.disclosure.suppression.mip_bounds import tightest
from equity_audit.disclosure.suppression.secondary_suppression import protect
from equity_audit.disclosure.table.constraints import UNBOUNDED
from equity_audit.disclosure.table.count_rows import outcome_count_rows, published_again, stage_count_rows
from equity_audit.disclosure.table.count_table import CountTable, Quantity, Row, count_table_of
from equity_audit.disclosure.table.suppression_status import Mark, first_marks, possible
from equity_audit.errors import DisclosureFailed
from equity_audit.settings import DisclosurePolicy, load_settings

POLICY = load_settings().disclosure
# Zeros told apart, as Ofqual does: then small counts give each other away by adding up.
ZEROS_SHOWN = POLICY.model_copy(update={"zeros": "show", "zeros_in_splits": "show"})
# Whoever ends where: turned down at the first step, withdrew there, turned down at the second, appointed.
Ends = tuple[int, int, int, int]
REACHED = Quantity("reached", 0, 0)


def counts_of(parts: dict[str, dict[str, Ends]]) -> pl.DataFrame:
    """Rows of out.stage_counts for groups within parts of one split; without parts, of all together only."""
    groups: dict[str, np.ndarray] = {}
    for people in parts.values():
        for name, ends in people.items():
            groups[name] = groups.get(name, 0) + np.array(ends)
    cells = {("all", "all"): groups}
    if len(parts) > 1:
        cells |= {("clinical", part): {n: np.array(e) for n, e in people.items()} for part, people in parts.items()}
    rows: list[dict[str, Any]] = []
    for (breakdown, value), found in cells.items():
        bme = [ends for name, ends in found.items() if name not in ("White", "Unknown")]
        levels = {
            "all": {"All applicants": sum(found.values())},
            "wres": {n: e for n, e in found.items() if n in ("White", "Unknown")} | ({"BME": sum(bme)} if bme else {}),
            "group": found,
        }
        for level, named in levels.items():
            for name, ends in named.items():
                key = ("T", date(2023, 4, 1), level, breakdown, value)
                rows += [
                    dict(zip(STAGE_COUNTS.column_names, (*key, *step), strict=True)) for step in _steps(name, ends)
                ]
    return pl.DataFrame(rows, schema_overrides={"step_order": pl.Int8})


def _steps(name: str, ends: Any) -> list[tuple[Any, ...]]:
    first, left, second, end = (int(n) for n in ends)
    reached, passed, decided = first + left + second + end, second + end, first + second + end
    return [
        (0, "stage", "applied", "shortlisted", name, reached, passed + first, passed, first, left, 0, 0, 0, "records"),
        (1, "stage", "shortlisted", "appointed", name, passed, passed, end, second, 0, 0, 0, 0, "records"),
        (2, "span", "applied", "appointed", name, reached, decided, end, first + second, left, 0, 0, 0, "records"),
    ]  # fmt: skip


small = st.tuples(st.integers(0, 14), st.integers(0, 2), st.integers(0, 6), st.integers(0, 4))
part = st.fixed_dictionaries({"White": small, "Asian": small, "Black": small, "Unknown": small})


@settings(max_examples=4)
@given(st.one_of(part.map(lambda p: {"all": p}), st.fixed_dictionaries({"yes": part, "no": part})))
def test_the_exact_attack_fails_after_protection(parts: dict[str, dict[str, Ends]]) -> None:
    counts = counts_of(parts)
    people = count_table_of(counts)
    done = protect(people, POLICY)
    known = attacker_knowledge(done.published, POLICY)
    found = tightest(known.system, range(len(known.cells)))
    assert found.proven
    short = [
        known.cells[c] for c in range(len(known.cells)) if found.highest[c] - found.lowest[c] + 1 < known.to_be_shown[c]
    ]
    assert not short
    truth = [int(known.published.people.values[cell]) for cell in known.cells]
    assert all(found.lowest[c] <= value <= found.highest[c] for c, value in enumerate(truth))
    # What stands in the tables is what was proven.
    again = published_again(
        people, stage_count_rows(done.published, counts), outcome_count_rows(done.published, counts, POLICY)
    )
    assert again.sha256() == done.published.sha256()


@pytest.mark.parametrize("seed", [1, 4, 36])
def test_exact_counts_give_no_inferred_count_away_together(seed: int, tmp_path: Path) -> None:
    """Without rounding (ACRO) no sum tells how many withdrew in a part of a split, but all of them together may.

    Found by the campaign: organisations were published of which the exact attack worked out up to 13 such counts.
    """
    (tmp_path / "settings.toml").write_text('[disclosure]\npreset = "acro"\n', encoding="utf-8")
    policy = load_settings(tmp_path / "settings.toml").disclosure
    rng, most = (
        np.random.default_rng(seed),
        {"White": (120, 4, 40, 30), "Asian": (60, 3, 20, 12), "Black": (40, 3, 12, 8)},
    )
    parts = {
        name: {group: tuple(int(rng.integers(0, high)) for high in ends) for group, ends in most.items()}
        for name in ("yes", "no")
    }
    known = attacker_knowledge(protect(count_table_of(counts_of(parts)), policy).published, policy)
    found = tightest(known.system, range(len(known.cells)))
    assert found.proven
    assert not [
        known.cells[c] for c in range(len(known.cells)) if found.highest[c] - found.lowest[c] + 1 < known.needed[c]
    ]


@settings(max_examples=4)
@given(st.one_of(part.map(lambda p: {"all": p}), st.fixed_dictionaries({"yes": part, "no": part})))
def test_other_tables_show_no_more_than_is_possible(parts: dict[str, dict[str, Ends]]) -> None:
    """The exact attack is the yardstick: a table outside its bounds would not have been published the same."""
    people = count_table_of(counts_of(parts))
    assume(people.rows)
    known = attacker_knowledge(first_marks(people, POLICY), POLICY)
    feasible_tables = FeasibleTables.of(people)
    feasible_tables.search(known)
    found = tightest(known.system, range(len(known.cells)))
    for place, cell in enumerate(known.cells):
        assert found.lowest[place] <= feasible_tables.lowest[cell] <= people.values[cell]
        assert people.values[cell] <= feasible_tables.highest[cell] <= found.highest[place]


def test_a_leak_by_subtraction_is_found_and_repaired() -> None:
    """8 of all are 4 and 4: published as 10 and twice "fewer than 5". At least 8 in two parts of at most 4."""
    counts = counts_of({"all": {"White": (4, 0, 0, 0), "Asian": (4, 0, 0, 0)}})
    people = count_table_of(counts)
    known = attacker_knowledge(first_marks(people, ZEROS_SHOWN), ZEROS_SHOWN)
    asian = known.index[people.rows.index(Row("group", "all", "all", "Asian")), people.column[REACHED]]
    assert (known.narrowed.lowest[asian], known.narrowed.highest[asian]) == (4, 4)
    done = protect(people, ZEROS_SHOWN)
    assert done.withheld
    assert Mark.PROTECTS in done.published.mark
    again = attacker_knowledge(done.published, ZEROS_SHOWN)
    assert (again.possible_values >= again.needed).all()


def test_nothing_is_withheld_where_nothing_falls() -> None:
    """515, 495, 95 and 35 of each, in the middle of what rounds to them, and so are their sums."""
    ends = (400, 20, 60, 35)
    done = protect(count_table_of(counts_of({"all": {"White": ends, "Asian": ends, "Black": ends}})), POLICY)
    assert (done.withheld, done.fell, done.exact, done.lost) == ((), {}, True, 0)


def test_the_cheapest_choice_hits_every_reason() -> None:
    """{1} and {2} alone would cost 2; 3 hits both for 1.5; {4} needs itself."""
    one, two, three, four = (0, 1), (0, 2), (0, 3), (0, 4)
    reasons = [frozenset({one, three}), frozenset({two, three}), frozenset({four})]
    costs = {one: 1.0, two: 1.0, three: 1.5, four: 9.0}
    assert cheapest(reasons, costs) == (frozenset({three, four}), True)


@pytest.mark.parametrize("decided", [1, 4, 12, 40, 400])
def test_a_zero_is_marked_as_a_small_count_whatever_stands_beside_it(decided: int) -> None:
    """A mark that depended on the counts before it would say something of them, even where they are withheld."""
    people = count_table_of(counts_of({"all": {"White": (100, 0, 20, 9), "Asian": (decided, 0, 0, 0)}}))
    row = people.rows.index(Row("group", "all", "all", "Asian"))
    for column in (people.column[Quantity("reached", 1, 1)], people.column[Quantity("decided", 1, 2)]):
        assert first_marks(people, POLICY).mark[row, column] == Mark.FEWER_THAN
        assert first_marks(people, ZEROS_SHOWN).mark[row, column] == Mark.SHOWN
    lowest, highest = possible(first_marks(people, POLICY), POLICY)
    assert (lowest[row, column], highest[row, column]) == (0, 4)


def test_every_group_of_the_classification_is_listed() -> None:
    """A listed row says nothing of whether somebody is in it; a part of a split, and everybody, have somebody."""
    groups: dict[str, Ends] = {"White": (60, 2, 20, 9), "Mixed": (1, 0, 0, 0)}
    people = count_table_of(counts_of({"yes": groups, "no": {"White": (1, 0, 0, 0)}}))
    for part in (("all", "all"), ("clinical", "yes"), ("clinical", "no")):
        listed = {row.group_name for row in people.rows if row[:3] == ("group", *part)}
        assert listed == {"Asian", "Black", "Mixed", "White", "Other", "Unknown"}
    published = first_marks(people, POLICY).silent()
    lowest, _ = possible(published, POLICY)
    everybody = [row.level == "all" for row in people.rows]
    assert lowest[:, people.column[REACHED]].tolist() == [int(somebody) for somebody in everybody]


@pytest.mark.parametrize(("exact", "bounds"), [(12, (11, 12)), (13, (10, 12)), (11, (12, 12)), (20, (8, 9))])
def test_an_earlier_revision_still_tells_moved_by_what_was_corrected(exact: int, bounds: tuple[int, int]) -> None:
    """A count of 12, published as 10 now (8 to 12); an earlier revision said 11 to 17 when it was `exact`."""
    people = count_table_of(counts_of({"all": {"White": (100, 0, 20, 9), "Asian": (12, 0, 0, 0)}}))
    cell = (Row("group", "all", "all", "Asian"), "reached", "applied", "applied")
    earlier: Earlier = {cell: [(11, 17, exact)]}
    place = people.rows.index(cell[0]), people.column[REACHED]
    known = attacker_knowledge(first_marks(people, POLICY), POLICY, earlier)
    assert (known.lowest[place], known.highest[place]) == bounds
    done = protect(people, POLICY, earlier)
    again = attacker_knowledge(done.published, POLICY, earlier)
    assert (again.possible_values >= again.needed).all()
    assert done.published.mark[place] == Mark.PROTECTS or bounds == (10, 12)


def test_a_count_that_was_withheld_before_was_not_below_zero() -> None:
    """3 withdrew, 2 more than when nothing was said of it: so 2 or more, whatever is said now."""
    people = count_table_of(counts_of({"all": {"White": (100, 3, 20, 9)}}))
    row = Row("group", "all", "all", "White")
    earlier: Earlier = {(row, "left", "applied", "shortlisted"): [(0, UNBOUNDED, 1)]}
    known = attacker_knowledge(first_marks(people, POLICY).silent(), POLICY, earlier)
    place = people.rows.index(row), people.column[Quantity("left", 0, 1)]
    assert (known.lowest[place], known.highest[place]) == (2, UNBOUNDED)


def test_levels_that_do_not_add_up_are_refused() -> None:
    counts = counts_of({"all": {"White": (10, 0, 2, 1), "Asian": (10, 0, 2, 1)}})
    wrong = counts.with_columns(rejected=pl.when(pl.col("level") == "wres").then(11).otherwise("rejected"))
    with pytest.raises(ValueError, match="do not add up"):
        count_table_of(wrong)


@pytest.mark.parametrize(
    ("preset", "below", "base", "zeros"),
    [("ofqual", 5, 5, "show"), ("nhs_hes", 8, 5, "show"), ("hesa", 1, 5, "round"), ("acro", 10, 1, "suppress")],
)
def test_published_rules_can_be_chosen_by_name(tmp_path: Path, preset: str, below: int, base: int, zeros: str) -> None:
    override = tmp_path / "settings.toml"
    override.write_text(f'[disclosure]\npreset = "{preset}"\n', encoding="utf-8")
    policy = load_settings(override).disclosure
    assert (policy.withhold_below, policy.round_to, policy.zeros) == (below, base, zeros)
    counts = counts_of({"all": {"White": (100, 3, 20, 9), "Asian": (31, 1, 4, 2), "Black": (6, 0, 1, 0)}})
    people = count_table_of(counts)
    known = attacker_knowledge(protect(people, policy).published, policy)
    found = tightest(known.system, range(len(known.cells)))
    assert all(found.highest[c] - found.lowest[c] + 1 >= known.to_be_shown[c] for c in range(len(known.cells)))


def test_a_revision_that_leaves_out_a_split_is_refused() -> None:
    """What the split said is known for good, and the sums with it are in no system that would be looked into."""
    groups: dict[str, Ends] = {"White": (60, 2, 20, 9), "Asian": (30, 1, 8, 7), "Black": (25, 0, 9, 6)}
    split = count_table_of(counts_of({"yes": groups, "no": groups}))
    whole = count_table_of(counts_of({"yes": groups, "no": groups}).filter(pl.col("breakdown") == "all"))
    earlier: Earlier = {(row, "reached", "applied", "applied"): [(0, 1000, 0)] for row in split.rows}
    with pytest.raises(DisclosureFailed, match="published by clinical, and this one would not be"):
        protect(whole, POLICY, earlier)
    assert protect(split, POLICY, earlier).published.people.rows == split.rows
    # Of other people, as staff beside applicants: no stage of theirs has the same name.
    others: Earlier = {(row, "employed", "employed", "employed"): [(0, 1000, 0)] for row in split.rows}
    assert protect(whole, POLICY, others).published.people.rows == whole.rows


def test_what_is_said_of_staff_says_nothing_of_the_splits_of_applicants() -> None:
    """A split that the first edition left out stays out of a correction, though staff are published by it."""
    nobody: dict[str, Ends] = {"White": (30, 0, 9, 6), "Asian": (3, 0, 0, 1), "Black": (2, 1, 1, 0)}
    people = count_table_of(counts_of({"yes": nobody, "no": nobody}))
    done = protect(people, POLICY)
    assert {part for block in done.left_out for part in block.parts} == {("clinical", "group")}
    # The same counts, but for one more of those turned down.
    later = count_table_of(counts_of({"yes": nobody | {"White": (31, 0, 9, 6)}, "no": nobody}))
    lowest, highest = (by_names(done.published.people, bound) for bound in possible(done.published, POLICY))
    exact = by_names(people, people.values)
    earlier = {cell: [(lowest.get(cell, 0), highest.get(cell, UNBOUNDED), exact[cell])] for cell in exact}
    earlier |= {(row, "employed", "employed", "employed"): [(8, 12, 10)] for row in people.rows}
    assert ("clinical", "group") in {part for block in protect(later, POLICY, earlier).left_out for part in block.parts}


def test_what_was_left_out_before_is_known_to_have_grown() -> None:
    """Seven more Asian applicants in one part: whoever knows the corrections knows of no fewer there."""
    groups: dict[str, Ends] = {"White": (60, 2, 20, 9), "Asian": (30, 1, 8, 7), "Black": (25, 0, 9, 6)}
    before = count_table_of(counts_of({"yes": groups, "no": groups}))
    now = count_table_of(counts_of({"yes": groups | {"Asian": (37, 1, 8, 7)}, "no": groups}))
    earlier = {cell: [(0, UNBOUNDED, count)] for cell, count in by_names(before, before.values).items()}
    known = attacker_knowledge(first_marks(now, POLICY).silent(), POLICY, earlier)
    cell = now.rows.index(Row("group", "clinical", "yes", "Asian")), now.column[REACHED]
    assert (known.lowest[cell], known.highest[cell]) == (7, UNBOUNDED)


@pytest.mark.parametrize(("moved", "left_out"), [(0, False), (7, True)])
def test_a_split_that_no_earlier_revision_showed_stays_out_of_corrections(moved: int, left_out: bool) -> None:
    groups: dict[str, Ends] = {"White": (60, 2, 20, 9), "Asian": (30, 1, 8, 7), "Black": (25, 0, 9, 6)}
    people = count_table_of(counts_of({"yes": groups, "no": groups}))
    counts = by_names(people, people.values).items()
    earlier = {cell: [(0, UNBOUNDED, max(count - moved, 0))] for cell, count in counts if cell[0].breakdown == "all"}
    done = protect(people, POLICY, earlier)
    assert any("clinical" in {split for split, _ in block.parts} for block in done.left_out) is left_out


def test_counts_that_have_not_changed_are_protected_as_they_were(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside what was said, another choice could be cheapest: then each run would publish a revision."""
    known: list[int] = []
    search = secondary_suppression._Search

    def noted(
        people: CountTable, policy: DisclosurePolicy, earlier: Earlier, choices: Choices
    ) -> secondary_suppression._Search:
        known.append(max(map(len, earlier.values()), default=0))
        return search(people, policy, earlier, choices)

    def said(done: secondary_suppression.Protected) -> dict[CellNames, tuple[int, int, int]]:
        shown = done.published.people
        lowest, highest = possible(done.published, POLICY)
        return {
            (row, q.name, shown.stages[q.start], shown.stages[q.end]): (
                int(lowest[line, column]),
                int(highest[line, column]),
                int(shown.values[line, column]),
            )
            for line, row in enumerate(shown.rows)
            for column, q in enumerate(shown.quantities)
        }

    before = count_table_of(counts_of({"all": {"White": (30, 2, 11, 9), "Asian": (4, 1, 3, 2)}}))
    people = count_table_of(counts_of({"all": {"White": (24, 2, 11, 9), "Asian": (9, 1, 3, 2)}}))
    choices = Choices(b"k" * 32)
    first = said(protect(before, POLICY, None, choices))
    second = protect(people, POLICY, {cell: [one] for cell, one in first.items()}, choices)
    earlier = {cell: [first[cell], one] for cell, one in said(second).items()}
    monkeypatch.setattr(secondary_suppression, "_Search", noted)
    again = protect(people, POLICY, earlier, choices)
    assert (again.published.sha256(), again.withheld) == (second.published.sha256(), second.withheld)
    assert known.pop() == 1  # the first revision, not what itself had said
    # Where other rules would say something else, all that was said is known.
    protect(people, ZEROS_SHOWN, earlier, choices)
    assert known.pop() == 2


def test_who_left_over_several_stages_is_known_by_subtraction() -> None:
    """Not rounded, and the stage between withheld: who applied less who was decided on in the end is who left."""
    rule = POLICY.model_copy(update={"withhold_below": 10, "round_to": 1})
    people = count_table_of(counts_of({"all": {"White": (60, 4, 40, 30), "Asian": (20, 3, 20, 12)}}))
    between = [c for q, c in people.column.items() if q.name in ("reached", "decided") and {q.start, q.end} & {1}]
    published = first_marks(people, rule).withholding([(row, c) for row in range(len(people.rows)) for c in between])
    disclosed_cells = {
        (people.rows[row].group_name, people.quantities[column])
        for row, column in disclosed_in(attacker_knowledge(published, rule))
    }
    assert ("Asian", Quantity("left", 0, 2)) in disclosed_cells
    assert ("Asian", Quantity("left", 0, 1)) not in disclosed_cells


def test_a_count_that_was_small_before_it_was_corrected_stays_hidden(tmp_path: Path) -> None:
    """Not rounded: 6 of 38 Asian applicants withdrew, and 16 after a correction of 10.

    16 may be told, but whoever knows the ten would learn that 6 had withdrawn before. Found by the campaign.
    """
    (tmp_path / "settings.toml").write_text('[disclosure]\npreset = "acro"\n', encoding="utf-8")
    policy = load_settings(tmp_path / "settings.toml").disclosure
    others = {"White": (57, 10, 12, 5), "Black": (16, 6, 6, 2)}
    first, later = (
        count_table_of(counts_of({"all": {"Asian": asian, **others}})) for asian in ((22, 6, 2, 8), (12, 16, 2, 8))
    )
    before = protect(first, policy)
    lowest, highest = possible(before.published, policy)
    earlier = {
        (row, q.name, first.stages[q.start], first.stages[q.end]): [
            (int(lowest[line, k]), int(highest[line, k]), int(first.values[line, k]))
        ]
        for line, row in enumerate(first.rows)
        for k, q in enumerate(first.quantities)
    }
    known = attacker_knowledge(protect(later, policy, earlier).published, policy, earlier)
    asian = later.rows.index(Row("group", "all", "all", "Asian"))
    place = known.index[asian, later.column[Quantity("left", 0, 1)]]
    found = tightest(known.system, [place])
    assert found.highest[place] - found.lowest[place] + 1 >= policy.inferred_interval


@pytest.mark.parametrize("seed", range(2))
def test_a_correction_leaves_as_much_as_policy_asks_for_or_as_was_left_before(seed: int) -> None:
    """By the exact attack of somebody who knows all that was corrected."""
    draw = np.random.default_rng(seed)
    groups = ("White", "Asian", "Black", "Unknown")
    first = {part: {name: draw.integers((5, 0, 2, 0), (50, 3, 20, 10)) for name in groups} for part in ("yes", "no")}
    later = {part: {name: ends.copy() for name, ends in named.items()} for part, named in first.items()}
    for _ in range(12):
        ends = later[draw.choice(["yes", "no"])][draw.choice(groups)]
        one, other = draw.choice(4, 2, replace=False)
        moved = min(1, ends[one])
        ends[one], ends[other] = ends[one] - moved, ends[other] + moved
    choices = Choices(bytes([seed]) * 32)
    before = protect(count_table_of(counts_of(first)), POLICY, None, choices)
    lowest, highest = possible(before.published, POLICY)
    table = before.published.people
    earlier = {
        (row, q.name, table.stages[q.start], table.stages[q.end]): [
            (int(lowest[line, k]), int(highest[line, k]), int(table.values[line, k]))
        ]
        for line, row in enumerate(table.rows)
        for k, q in enumerate(table.quantities)
    }
    done = protect(count_table_of(counts_of(later)), POLICY, earlier, choices)
    known = attacker_knowledge(done.published, POLICY, earlier)
    assert known.before is not None
    places = range(len(known.cells))
    now, then = tightest(known.system, places), tightest(known.sums.within(*known.before), places)
    assert now.proven
    assert then.proven
    left, left_before = ({c: t.highest[c] - t.lowest[c] + 1 for c in places} for t in (now, then))
    assert [c for c in places if left[c] < min(known.to_be_shown[c], left_before[c])] == []
