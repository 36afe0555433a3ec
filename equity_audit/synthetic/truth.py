"""What made-up records should show: the expected rates that their applications were drawn with."""

from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from equity_audit.synthetic import organisation as org
from equity_audit.vocabulary import CATEGORIES, DEFAULT_STAGES, GROUPS, UNKNOWN

Floats = npt.NDArray[np.float64]


def expected_rates(
    step: int, chance: Floats, ethnicity: npt.NDArray[np.uint8], year: npt.NDArray[np.int8]
) -> list[dict[str, Any]]:
    """Return the expected selection rate of those decided, by reporting year and group."""
    groups = np.array([GROUPS.index(CATEGORIES.get(label, UNKNOWN)) for label in org.ETHNICITIES])[ethnicity]
    cell = year.astype(np.int64) * len(GROUPS) + groups
    sums, counts = np.bincount(cell, weights=chance), np.bincount(cell)
    return [
        {
            "from_stage": DEFAULT_STAGES[step],
            "to_stage": DEFAULT_STAGES[step + 1],
            "year": int(index // len(GROUPS)),
            "group": GROUPS[index % len(GROUPS)],
            "decided": int(counts[index]),
            "expected_rate": round(float(sums[index] / counts[index]), 6),
        }
        for index in np.flatnonzero(counts)
    ]


def programme_truth(expected: list[dict[str, Any]], start: date, first_day: date) -> dict[str, Any] | None:
    """Return the expected impact ratio of BME to White applicants at shortlisting before and since, and its change.

    expected: what `expected_rates` returns, of all steps. start: the first day of a year counted from first_day. None
    without records of both sides.
    """
    if len({cell["year"] >= start.year - first_day.year for cell in expected}) < 2:
        return None
    rates: dict[tuple[bool, bool], float] = {}
    for since in (False, True):
        for white in (False, True):
            cells = [
                cell
                for cell in expected
                if cell["to_stage"] == DEFAULT_STAGES[1]
                and (cell["year"] >= start.year - first_day.year) is since
                and cell["group"] != UNKNOWN
                and (cell["group"] == "White") is white
            ]
            decided = sum(cell["decided"] for cell in cells)
            rates[since, white] = sum(cell["expected_rate"] * cell["decided"] for cell in cells) / decided
    before, after = (rates[since, False] / rates[since, True] for since in (False, True))
    return {
        "start": start.isoformat(),
        "step": [*DEFAULT_STAGES[:2]],
        "impact_ratio_before": round(before, 4),
        "impact_ratio_since": round(after, 4),
        "change": round(after / before, 4),
    }
