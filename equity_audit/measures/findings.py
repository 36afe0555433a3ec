"""Findings: the practical and statistical evidence of a comparison together, as one of five terms."""

import polars as pl

# In order of importance to the reader.
FINDINGS = {
    "disparity": "outside four fifths to five fourths, and unlikely to be chance",
    "possible_disparity": "outside four fifths to five fourths, but it may be chance",
    "small_difference": "inside four fifths to five fourths, and unlikely to be chance",
    "no_disparity_detected": "inside four fifths to five fourths, and it may be chance",
    "too_few_to_say": "too few to say what would have been found, or nothing to compare",
}


def finding(level: float) -> pl.Expr:
    """Return the finding of a row of out.disparities; null if nothing can be tested (reference_chosen_by_rate).

    - disparity: impact ratio outside 4/5 to 5/4, adjusted p below `level`, and one selection moved would not reverse it
    - possible_disparity: outside 4/5 to 5/4, but not all of the above
    - small_difference: inside 4/5 to 5/4, adjusted p below `level`
    - no_disparity_detected: inside 4/5 to 5/4, not significant; smallest_detectable_ratio shows what may be missed
    - too_few_to_say: no ratio; or not significant, and too few to say which ratio would have been found (power.py)

    The four-fifths rule alone is harsh on small employers; significance alone finds trivial differences in large ones.
    A finding is about selection, not about intent or cause. Source: docs/methodology.md, findings.
    """
    significant = (pl.col("p_adjusted") < level).fill_null(value=False)
    outside = pl.col("below_four_fifths") | pl.col("above_five_fourths")
    return (
        pl.when(pl.col("undefined_reason") == "reference_chosen_by_rate")
        .then(None)
        .when(pl.col("impact_ratio").is_null())
        .then(pl.lit("too_few_to_say"))
        .when(outside & significant & ~pl.col("flip_flop"))
        .then(pl.lit("disparity"))
        .when(~outside & significant)
        .then(pl.lit("small_difference"))
        .when(pl.col("smallest_detectable_ratio").is_null())
        .then(pl.lit("too_few_to_say"))
        .when(outside)
        .then(pl.lit("possible_disparity"))
        .otherwise(pl.lit("no_disparity_detected"))
    )
