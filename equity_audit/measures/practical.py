"""How much a disparity matters in people: whole numbers that need no statistics."""

import polars as pl


def shortfall(s_g: pl.Expr, n_g: pl.Expr, s_r: pl.Expr, n_r: pl.Expr) -> pl.Expr:
    """Selections that the group would have had at the reference's rate, minus those it had: n_g s_r / n_r - s_g.

    Below 0 where the group was selected more often.
    """
    return (n_g * s_r) / n_r - s_g


def selections_to(fraction: tuple[int, int], counts: tuple[pl.Expr, pl.Expr, pl.Expr, pl.Expr]) -> pl.Expr:
    """Further selections of the group that would bring its impact ratio to a fraction, all else as it was.

    The smallest whole k, at least 0, with (s_g + k) / n_g >= a/b s_r / n_r. With `fraction` (4, 5) the four-fifths
    rule, with (1, 1) parity. In whole numbers: no rounding can move it. counts: s_g, n_g, s_r, n_r.
    """
    a, b = fraction
    s_g, n_g, s_r, n_r = counts
    missing = a * s_r * n_g - b * s_g * n_r
    return pl.max_horizontal((missing + b * n_r - 1) // (b * n_r), pl.lit(0))


def flip_flop(s_g: pl.Expr, n_g: pl.Expr, s_r: pl.Expr, n_r: pl.Expr) -> pl.Expr:
    """Whether one selection moved from the one group to the other would reverse which has the higher rate.

    If so, the numbers are too small to act on. False where the rates are equal: there is nothing to reverse.
    Source: US Equal Employment Opportunity Commission, questions and answers on the Uniform Guidelines, number 21.
    """
    lower, higher = s_g * n_r < s_r * n_g, s_g * n_r > s_r * n_g
    return (lower & ((s_g + 1) * n_r > (s_r - 1) * n_g)) | (higher & ((s_g - 1) * n_r < (s_r + 1) * n_g))


def below(fraction: tuple[int, int], counts: tuple[pl.Expr, pl.Expr, pl.Expr, pl.Expr]) -> pl.Expr:
    """Whether the impact ratio is below a fraction, in whole numbers: in floats 3/5 over 15/20 comes out below 0.8."""
    a, b = fraction
    s_g, n_g, s_r, n_r = counts
    return b * s_g * n_r < a * s_r * n_g


def above(fraction: tuple[int, int], counts: tuple[pl.Expr, pl.Expr, pl.Expr, pl.Expr]) -> pl.Expr:
    """Whether the impact ratio is above a fraction turned upside down: above 5/4 for (4, 5)."""
    a, b = fraction
    s_g, n_g, s_r, n_r = counts
    return a * s_g * n_r > b * s_r * n_g
