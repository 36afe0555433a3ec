"""What each published count is worth to readers: what withholding it costs."""

from collections.abc import Collection

import numpy as np

from equity_audit.disclosure.suppression.choosing import Cell
from equity_audit.disclosure.suppression.keyed_choices import Choices
from equity_audit.disclosure.table.count_table import Row
from equity_audit.disclosure.table.suppression_status import Mark, Published
from equity_audit.settings import DisclosurePolicy


def costs_of_withholding(
    published: Published,
    policy: DisclosurePolicy,
    choices: Choices | None = None,
    rows: Collection[Row] | None = None,
) -> dict[Cell, float]:
    """What each published count is worth to readers: by level, less within a split, less where it is small anyway.

    rows: those whose counts are wanted, all by default.

    A part that parts of another split make up, as bands make up tiers, is a headline like what is not split. With
    choices, each cost is higher by chance, by a quarter at the most.
    """
    costs = {}
    people = published.people
    for row, line in enumerate(people.rows):
        if rows is not None and line not in rows:
            continue
        worth = policy.level_cost[line.level] * (1 if line in people.headlines else policy.split_cost)
        for column in np.nonzero(published.mark[row] != Mark.UNPUBLISHED)[0].tolist():
            small = published.mark[row, column] == Mark.FEWER_THAN
            jitter = 1 + choices.share("cost", line, people.quantities[column]) / 4 if choices else 1
            costs[row, column] = worth * (policy.small_cost if small else 1) * jitter
    return costs
