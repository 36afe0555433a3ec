"""The attack against tau-Argus, which statistical offices use: both agree on which tables are safe.

pytauargus 0.6.0 (EUPL-1.2). It knows tables of counts under sums, without rounding and without marks that say how small
a count is, so only such tables are compared. It chooses the cheapest suppression in which every small count may be one
more and one less, so its choice has to be safe by our attack, and unsafe as soon as any one further cell is shown.
"""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from pytauargus import protect

from equity_audit.disclosure.suppression.mip_bounds import tightest
from equity_audit.disclosure.table.constraints import UNBOUNDED, Constraints

THRESHOLD = 5


def made_up_table(seed: int) -> np.ndarray:
    """Counts of three to five groups by two to four outcomes, a third of them below the threshold."""
    draw = np.random.default_rng(seed)
    shape = draw.integers(3, 6), draw.integers(2, 5)
    return np.where(draw.random(shape) < 1 / 3, draw.integers(1, THRESHOLD, shape), draw.integers(5, 40, shape))


@pytest.fixture(autouse=True)
def _solver_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its solver leaves logs wherever it is started."""
    monkeypatch.chdir(tmp_path)


def suppressed_by_tau_argus(counts: np.ndarray, folder: Path) -> dict[int, tuple[int, float, float]]:
    """Value, smallest and largest by its audit, for each suppressed cell of the table with its totals in front."""
    rows = [(f"g{i}", f"o{j}", 1.0) for (i, j), count in np.ndenumerate(counts) for _ in range(count)]
    records = pl.DataFrame(rows, schema=["group", "outcome", "n"], orient="row")
    rule = f"FREQ({THRESHOLD},20)"
    done = protect(records, ["group", "outcome"], "n", safety_rules=rule, suppress="OPT(1)", workdir=str(folder))
    return {row["cell"]: (int(row["value"]), row["min"], row["max"]) for row in done.engine.audit(0)}


def bounds(counts: np.ndarray, suppressed: set[int]) -> dict[int, tuple[int, int]]:
    """Our attack on the table: what each suppressed cell may be."""
    cells = np.arange(counts.size).reshape(counts.shape)
    low, high = counts.ravel().copy(), counts.ravel().copy()
    low[list(suppressed)], high[list(suppressed)] = 0, UNBOUNDED
    found = tightest(Constraints(low, high, [(line[0], line[1:].tolist()) for line in (*cells, *cells.T)]), suppressed)
    assert found.proven
    return {cell: (int(found.lowest[cell]), int(found.highest[cell])) for cell in suppressed}


def is_safe(counts: np.ndarray, suppressed: set[int]) -> bool:
    """Whether every small count may be one more and one less than it is."""
    possible = bounds(counts, suppressed)
    small = {cell for cell in suppressed if counts.flat[cell] < THRESHOLD}
    return all(low < counts.flat[cell] < high for cell, (low, high) in possible.items() if cell in small)


@pytest.mark.parametrize("seed", range(12))
def test_the_cheapest_safe_suppression_is_safe_and_no_smaller_one_is(seed: int, tmp_path: Path) -> None:
    inner = made_up_table(seed)
    counts = np.block([[inner.sum(), inner.sum(0)], [inner.sum(1)[:, None], inner]])
    audit = suppressed_by_tau_argus(inner, tmp_path)
    suppressed = set(audit)
    assert {cell for cell in range(counts.size) if counts.flat[cell] < THRESHOLD} <= suppressed
    assert all(counts.flat[cell] == value for cell, (value, *_) in audit.items())
    possible = bounds(counts, suppressed)
    # Its attacker also knows the smallest and the largest count of the table, so its bounds lie within ours.
    assert all(possible[cell][0] <= low and high <= possible[cell][1] for cell, (_, low, high) in audit.items())
    assert is_safe(counts, suppressed)
    for cell in suppressed:
        if counts.flat[cell] >= THRESHOLD:
            assert not is_safe(counts, suppressed - {cell})
