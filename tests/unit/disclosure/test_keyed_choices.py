"""Running the program again on guesses: every table that fits an edition could have given it, with some key."""

from dataclasses import dataclass, field
from itertools import product

import numpy as np
import polars as pl
import pytest

from equity_audit.disclosure.suppression.keyed_choices import Choices
from equity_audit.disclosure.suppression.secondary_suppression import protect
from equity_audit.disclosure.table.count_table import CountTable, Quantity, Row
from equity_audit.disclosure.table.suppression_status import Mark, Published, possible
from equity_audit.disclosure.table.totals_and_parts import totals_and_parts_of
from equity_audit.settings import load_settings

# Zeros shown: then much more has to be withheld than by default, where hardly anything is in so small a table.
POLICY = load_settings().disclosure.model_copy(update={"zeros": "show", "zeros_in_splits": "show"})
GROUPS = ("BME", "White", "Unknown")
ROW, REACHED = Row("wres", "all", "all", "BME"), Quantity("reached", 0, 0)


@dataclass(frozen=True)
class Chosen(Choices):
    """The draws of a key that withholds just these counts besides. There is one: keys draw each count by itself."""

    cells: frozenset[tuple[Row, Quantity]] = field(default_factory=frozenset)

    def withholds(self, row: Row, quantity: Quantity, share: float) -> bool:  # noqa: ARG002
        return (row, quantity) in self.cells


def staff_of(numbers: tuple[int, ...]) -> CountTable:
    """Members of a board by group: a table of four numbers, one of which is the sum of the others."""
    rows = [("wres", name, number) for name, number in zip(GROUPS, numbers, strict=True)]
    rows.append(("all", "All staff", sum(numbers)))
    frame = pl.DataFrame(rows, schema=["level", "group_name", "headcount"], orient="row")
    return totals_and_parts_of(
        frame.with_columns(breakdown=pl.lit("all"), breakdown_value=pl.lit("all")), {"on_board": "headcount"}
    )


def all_that_fit(published: Published) -> list[tuple[int, ...]]:
    """By going through them: the tables of which every number is one that would be published so."""
    lowest, highest = (bound[:, 0].tolist() for bound in possible(published, POLICY))
    place = {row.group_name: line for line, row in enumerate(published.people.rows)}
    total = place["All staff"]
    spans = [range(lowest[place[name]], min(highest[place[name]], 25) + 1) for name in GROUPS]
    return [numbers for numbers in product(*spans) if lowest[total] <= sum(numbers) <= highest[total]]


@pytest.mark.parametrize("numbers", [(4, 4, 0), (1, 1, 1), (1, 2, 1), (12, 12, 4), (8, 8, 1), (17, 22, 0)])
def test_every_table_that_fits_could_have_given_the_same_edition(numbers: tuple[int, ...]) -> None:
    done = protect(staff_of(numbers), POLICY, choices=Choices(b"a key"))
    assert done.withheld, "nothing had to be withheld: the example shows nothing"
    published = done.published
    cells = frozenset(
        (published.people.rows[row], published.people.quantities[column]) for row, column in done.withheld
    )
    fitting = all_that_fit(published)
    assert numbers in fitting
    for other in fitting[:: max(1, len(fitting) // 25)]:
        again = protect(staff_of(other), POLICY, choices=Chosen(b"another", cells)).published
        assert (again.mark == published.mark).all(), other
        shown = published.mark == Mark.SHOWN
        assert (again.shown == published.shown)[shown].all(), other


def test_the_same_key_draws_the_same_and_another_key_others() -> None:
    rows = [ROW._replace(group_name=f"Group {number}") for number in range(2_000)]
    one, two = Choices(b"one"), Choices(b"two")
    drawn = [one.withholds(row, REACHED, 0.01) for row in rows]
    assert drawn == [Choices(b"one").withholds(row, REACHED, 0.01) for row in rows]
    assert drawn != [two.withholds(row, REACHED, 0.01) for row in rows]
    # 20 of 2,000 are expected; fewer than 6 or more than 40 come by chance once in 10,000 keys.
    assert 6 <= sum(drawn) <= 40
    assert np.ptp([one.share("cost", row, REACHED) for row in rows]) > 0.99


def test_organisations_and_periods_draw_apart() -> None:
    home = Choices(b"home")
    assert len({home.of(*names).key for names in (("A", "2023"), ("A", "2024"), ("A2", "023"), ("A2023",))}) == 4
