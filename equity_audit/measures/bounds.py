"""What unknown ethnicity could hide: the lowest and highest impact ratio that any sharing-out of the unknown allows."""

import polars as pl


def unknown_bounds(
    group: tuple[pl.Expr, pl.Expr], reference: tuple[pl.Expr, pl.Expr], unknown: tuple[pl.Expr, pl.Expr]
) -> tuple[pl.Expr, pl.Expr]:
    """Sharp bounds of the impact ratio if any of the unknown may belong to either group, or to neither.

    Each argument is (selected, decided). Lowest: the group gets every unknown person who was not selected, the
    reference every one who was: (s_g / (n_g + u - v)) / ((s_r + v) / (n_r + v)) with v of u unknown selected. Highest:
    the reverse. Both are reached by some sharing-out, so nothing narrower holds without assumptions (Manski, Am Econ
    Rev 1990;80:319). With nobody unknown both are the ratio itself.

    Null where the divisor is 0: no upper bound if the reference could have had no selection.
    """
    (s_g, n_g), (s_r, n_r), (v, u) = group, reference, unknown
    missed = u - v
    lowest = _ratio(s_g, n_g + missed, s_r + v, n_r + v)
    highest = _ratio(s_g + v, n_g + v, s_r, n_r + missed)
    return lowest, highest


def unknown_bounds_of_overall(
    group: tuple[pl.Expr, pl.Expr], overall: tuple[pl.Expr, pl.Expr], unknown: tuple[pl.Expr, pl.Expr]
) -> tuple[pl.Expr, pl.Expr]:
    """The same against the rate of all applicants, which has the unknown in it already and so does not move."""
    (s_g, n_g), (s_all, n_all), (v, u) = group, overall, unknown
    return _ratio(s_g, n_g + u - v, s_all, n_all), _ratio(s_g + v, n_g + v, s_all, n_all)


def _ratio(s1: pl.Expr, n1: pl.Expr, s2: pl.Expr, n2: pl.Expr) -> pl.Expr:
    return pl.when((n1 > 0) & (n2 > 0) & (s2 > 0)).then((s1 * n2) / (s2 * n1))
