"""The part of `make bench` about a programme: ten years of monthly counts of fifty departments, everything worked out.

For the employer: the effect with its strata, comparators, placebo dates and left-out quarters. For every department:
the same without comparators, control charts of the ratio and of both rates. For all departments together: the funnel
plot and shrunken estimates.
"""

import time

import numpy as np
import polars as pl

from equity_audit.measures.control_chart import rate_chart, which_chart, xmr_chart
from equity_audit.measures.funnel_plot import funnel
from equity_audit.measures.shrinkage import shrunken_rates
from equity_audit.programme.pairing import COUNTS
from equity_audit.programme.programme_effect import programme_effect
from equity_audit.programme.series import impact_ratios
from equity_audit.settings import Settings, load_settings
from equity_audit.synthetic.history import PROGRAMME_START, WITHOUT_PROGRAMME, history

LEAD_IN = 6


def main() -> None:
    """Print what each part took, and all of it together."""
    settings = load_settings()
    # Posts are alike that share one of nine bands and one of seven staff groups, which departments are spread over.
    number = pl.col("unit").str.tail(2).cast(pl.Int64)
    counts = history("effect", 1).with_columns(staff_group=pl.format("Staff group {}", number % 7))
    departments = counts["unit"].n_unique()
    print(f"Ten years of monthly counts, {departments} departments, {counts.height:,} rows")
    begun = time.perf_counter()
    found = programme_effect(counts, PROGRAMME_START, LEAD_IN, settings, WITHOUT_PROGRAMME)
    _print(
        begun, f"the employer's effect, {len(found.placebos)} placebo dates, {len(found.without_a_quarter)} quarters"
    )
    effects = time.perf_counter()
    for _, department in counts.group_by("unit"):
        programme_effect(department.drop("unit"), PROGRAMME_START, LEAD_IN, settings)
    _print(effects, "the same for every department")
    charts = time.perf_counter()
    for _, department in counts.group_by("unit"):
        _charts(department, settings)
    _print(charts, "control charts for every department: ratios, rates of both groups")
    variation = time.perf_counter()
    _variation(counts, settings)
    _print(variation, "funnel plot and shrunken estimates")
    _print(begun, "all of it")


def _charts(department: pl.DataFrame, settings: Settings) -> None:
    months = department.group_by("period").agg(pl.col(COUNTS).sum()).sort("period")
    s_g, n_g, s_r, n_r = (months[name].to_numpy().astype(np.int64) for name in COUNTS)
    xmr_chart(impact_ratios(s_g, n_g, s_r, n_r)[0], settings.trend, log=True)
    for selected, decided in ((s_g, n_g), (s_r, n_r)):
        kind = which_chart(selected, decided, settings.trend)
        rate_chart(selected, decided, settings.trend, kind=kind)


def _variation(counts: pl.DataFrame, settings: Settings) -> None:
    units = counts.group_by("unit").agg(pl.col(COUNTS).sum())
    s_g, n_g, *_ = (units[name].to_numpy().astype(np.int64) for name in COUNTS)
    funnel(s_g, n_g, settings.variation)
    shrunken_rates(s_g, n_g, settings.comparison.confidence)


def _print(begun: float, what: str) -> None:
    print(f"  {time.perf_counter() - begun:6.2f} s  {what}")


if __name__ == "__main__":
    main()
