"""The counts of a system that all others are sums of: a programme in these alone is small.

A count that is a whole in some relation is the sum of its parts, and these of theirs. What is left, the leaves, are the
finest groups' outcomes, as far as anything published tells them apart. Of further relations of the same wholes, as of
splits, only those say something that are not sums of others.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from equity_audit.disclosure.table.constraints import Ints


@dataclass(frozen=True)
class Leaves:
    """places: the leaves among the counts. sums: counts by leaves, 1 where a leaf counts. ties: lines that are 0.

    A tie that seems to follow from others is left out; whoever finds a table tests all relations.
    """

    places: Ints
    sums: sp.csr_array
    ties: sp.csr_array


def leaves_of(counts: int, relations: Sequence[tuple[int, Sequence[int]]], matrix: sp.csr_array) -> Leaves:
    """The leaves of so many counts. relations: pairs of (whole, its parts), of which the first of a whole defines it.

    matrix: the relations as lines that are 0.
    """
    defined = dict[int, Sequence[int]]()
    others = []
    for line, (whole, parts) in enumerate(relations):
        if whole in defined:
            others.append(line)
        else:
            defined[whole] = parts
    places = np.setdiff1d(np.arange(counts), np.fromiter(defined, np.int64, len(defined)))
    lines = np.repeat(np.fromiter(defined, np.int64, len(defined)), [len(parts) for parts in defined.values()])
    columns = np.fromiter((part for parts in defined.values() for part in parts), np.int64)
    into_parts = sp.csr_array((np.ones(len(lines)), (lines, columns)), shape=(counts, counts))
    step = sp.csr_array((np.ones(len(places)), (places, np.arange(len(places)))), shape=(counts, len(places)))
    sums = step
    while (step := into_parts @ step).nnz:
        sums = sums + step
    sums = sp.csr_array(sums)
    return Leaves(places, sums, _independent(sp.csr_array(matrix[others] @ sums)))


def _independent(ties: sp.csr_array) -> sp.csr_array:
    """Lines with a leaf that no shorter line has: the others are sums of these, as far as they are sums at all."""
    ties.eliminate_zeros()
    covered = np.zeros(ties.shape[1], bool)
    kept = []
    for line in np.argsort(np.diff(ties.indptr), kind="stable").tolist():
        leaves = ties.indices[ties.indptr[line] : ties.indptr[line + 1]]
        if not covered[leaves].all():
            covered[leaves] = True
            kept.append(line)
    return ties[sorted(kept)]
