"""Counts by month or quarter as the series that charts are drawn of."""

import numpy as np
import numpy.typing as npt

from equity_audit.measures.intervals import Counts, Floats


def impact_ratios(
    group_selected: Counts, group_decided: Counts, reference_selected: Counts, reference_decided: Counts
) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Impact ratios fit for a logarithmic scale, and which of them had to be made so.

    (s_g / n_g) / (s_r / n_r); where s_g or s_r is 0, half a person is added to all four counts, since a ratio of 0 has
    no place on that scale and leaving the point out would hide the worst months. nan where nobody of a side was decided
    on, or nobody at all selected. Arrays of whole numbers of one length. Source: Walter, Biometrika 1975;62:371.
    """
    counts = [
        np.asarray(c, dtype=float) for c in (group_selected, group_decided, reference_selected, reference_decided)
    ]
    s_g, n_g, s_r, n_r = counts
    undefined = (n_g == 0) | (n_r == 0) | (s_g + s_r == 0)
    adjusted = ~undefined & ((s_g == 0) | (s_r == 0))
    half = np.where(adjusted, 0.5, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = ((s_g + half) / (n_g + half)) / ((s_r + half) / (n_r + half))
    return np.where(undefined, np.nan, ratio), adjusted
