"""The practical size of a disparity, as numbers of people, without statistics."""

import polars as pl


def shortfall(s_g: pl.Expr, n_g: pl.Expr, s_r: pl.Expr, n_r: pl.Expr) -> pl.Expr:
    """Return the selections that the group would have at the reference's rate, minus those it had: n_g s_r / n_r - s_g.

    Below 0 if the group was selected more often.
    """
    return (n_g * s_r) / n_r - s_g


def selections_to(fraction: tuple[int, int], counts: tuple[pl.Expr, pl.Expr, pl.Expr, pl.Expr]) -> pl.Expr:
    """Return how many further selections of the group would bring its impact ratio to a fraction, all else equal.

    The smallest whole k, at least 0, with (s_g + k) / n_g >= a/b s_r / n_r. `fraction` (4, 5) is the four-fifths rule,
    (1, 1) parity. Calculated in whole numbers, so rounding cannot change it. counts: s_g, n_g, s_r, n_r.
    """
    a, b = fraction
    s_g, n_g, s_r, n_r = counts
    missing = a * s_r * n_g - b * s_g * n_r
    return pl.max_horizontal((missing + b * n_r - 1) // (b * n_r), pl.lit(0))


def flip_flop(s_g: pl.Expr, n_g: pl.Expr, s_r: pl.Expr, n_r: pl.Expr) -> pl.Expr:
    """Return whether moving one selection from one group to the other would reverse which has the higher rate.

    If so, the numbers are too small to act on. False if the rates are equal: there is nothing to reverse.
    Source: US Equal Employment Opportunity Commission, questions and answers on the Uniform Guidelines, number 21.
    """
    lower, higher = s_g * n_r < s_r * n_g, s_g * n_r > s_r * n_g
    return (lower & ((s_g + 1) * n_r > (s_r - 1) * n_g)) | (higher & ((s_g - 1) * n_r < (s_r + 1) * n_g))


def below(fraction: tuple[int, int], counts: tuple[pl.Expr, pl.Expr, pl.Expr, pl.Expr]) -> pl.Expr:
    """Return whether the impact ratio is below a fraction, in whole numbers: in floats 3/5 over 15/20 is below 0.8."""
    a, b = fraction
    s_g, n_g, s_r, n_r = counts
    return b * s_g * n_r < a * s_r * n_g


def above(fraction: tuple[int, int], counts: tuple[pl.Expr, pl.Expr, pl.Expr, pl.Expr]) -> pl.Expr:
    """Return whether the impact ratio is above the inverse of a fraction: above 5/4 for (4, 5)."""
    a, b = fraction
    s_g, n_g, s_r, n_r = counts
    return a * s_g * n_r > b * s_r * n_g
