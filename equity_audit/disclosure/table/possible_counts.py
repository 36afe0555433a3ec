"""What a published count stands for: all counts that would be published the same, from the smallest to the largest.

Worked out here and nowhere else, so that suppression, every interval and every check go by one rule.
"""

from collections.abc import Collection, Iterable

import numpy as np
import polars as pl
from numpy.typing import NDArray

from equity_audit.disclosure.table.constraints import Ints
from equity_audit.settings import DisclosurePolicy, Zeros


def possible_counts(
    shown: Ints, small: NDArray[np.bool_], zeros: Iterable[Zeros], policy: DisclosurePolicy
) -> tuple[Ints, Ints]:
    """The smallest and the largest count, both included, that each published one stands for.

    shown: rounded counts by row, and by column where there are several. small: which are marked "fewer than" instead.
    zeros: what is done with true zeros in each row.
    """
    rule = np.array(list(zeros), np.str_).reshape(-1, *(1,) * (shown.ndim - 1))
    least = np.maximum(shown - policy.round_to // 2, policy.withhold_below)
    spare = (policy.round_to - 1) // 2
    lowest = np.where(small, np.where(rule == "suppress", 0, 1), np.where(shown == 0, 0, least))
    most = np.where(shown == 0, np.where(rule == "round", spare, 0), shown + spare)
    return lowest, np.where(small, policy.withhold_below - 1, most)


def with_possible_counts(
    rows: pl.DataFrame, names: Iterable[str], policy: DisclosurePolicy, unsplit: Collection[str] = ("all",)
) -> pl.DataFrame:
    """Rows of published counts with `<name>_low` and `<name>_high` beside each count named.

    A count that is not shown has the ends of a small one; withheld to protect another it may be any number, and no
    figure may be made of it. unsplit: breakdowns that have the rule for zeros of what is not split.
    """
    zeros = [policy.zeros_of("all" if breakdown in unsplit else breakdown) for breakdown in rows["breakdown"]]
    ends: dict[str, Ints] = {}
    for name in names:
        counts = rows[name].cast(pl.Int64)
        shown, small = counts.fill_null(0).to_numpy(), counts.is_null().to_numpy()
        ends[f"{name}_low"], ends[f"{name}_high"] = possible_counts(shown, small, zeros, policy)
    return rows.with_columns(pl.Series(name, values, pl.Int64) for name, values in ends.items())
