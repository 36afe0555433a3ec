"""Bounds for unknown ethnicity: the lowest and highest impact ratio under any allocation of applicants to groups."""

import polars as pl


def unknown_bounds(
    group: tuple[pl.Expr, pl.Expr], reference: tuple[pl.Expr, pl.Expr], unknown: tuple[pl.Expr, pl.Expr]
) -> tuple[pl.Expr, pl.Expr]:
    """Return sharp bounds of the impact ratio if applicants of unknown ethnicity may be in either group, or neither.

    Each argument is (selected, decided). Lowest: every unknown applicant who was not selected is in the group, and
    every one who was is in the reference: (s_g / (n_g + u - v)) / ((s_r + v) / (n_r + v)) with v of u unknown selected.
    Highest: the reverse. Both are attained by some allocation, so nothing narrower holds without assumptions (Manski,
    Am Econ Rev 1990;80:319). If no ethnicity is unknown both are the ratio itself.

    Null if the divisor is 0: there is no upper bound if the reference may have no selections.
    """
    (s_g, n_g), (s_r, n_r), (v, u) = group, reference, unknown
    missed = u - v
    lowest = _ratio(s_g, n_g + missed, s_r + v, n_r + v)
    highest = _ratio(s_g + v, n_g + v, s_r, n_r + missed)
    return lowest, highest


def unknown_bounds_of_overall(
    group: tuple[pl.Expr, pl.Expr], overall: tuple[pl.Expr, pl.Expr], unknown: tuple[pl.Expr, pl.Expr]
) -> tuple[pl.Expr, pl.Expr]:
    """Return bounds of the ratio to the rate of all applicants, which includes unknown ethnicity and so is fixed."""
    (s_g, n_g), (s_all, n_all), (v, u) = group, overall, unknown
    return _ratio(s_g, n_g + u - v, s_all, n_all), _ratio(s_g + v, n_g + v, s_all, n_all)


def _ratio(s1: pl.Expr, n1: pl.Expr, s2: pl.Expr, n2: pl.Expr) -> pl.Expr:
    return pl.when((n1 > 0) & (n2 > 0) & (s2 > 0)).then((s1 * n2) / (s2 * n1))
