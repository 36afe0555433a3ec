"""Those who started a year before, of whom those still in post are a part."""

from collections.abc import Iterator

import numpy as np
import polars as pl

from equity_audit.measures.count_ranges import Figure, measure
from equity_audit.measures.intervals import wilson_interval
from equity_audit.populations.population import (
    MeasureRow,
    Numbers,
    PeopleSet,
    Population,
    Recruited,
    measure_row,
)
from equity_audit.settings import Settings
from tests.pipelines.populations.starters.tables import STARTER_TABLES

_NUMBERS = ("started", "stayed")


def _sets(rows: pl.DataFrame, settings: Settings) -> Iterator[PeopleSet]:
    """All starters, at the levels that policy publishes."""
    own = rows.filter(pl.col("level").is_in(["all", *settings.disclosure.split_levels]))
    if own.height:
        yield PeopleSet("starters", own, {"started": "started", "still_in_post": "stayed"})


def _measures(numbers: Numbers, _: Recruited, settings: Settings, fewest: int) -> list[MeasureRow]:
    """Of each group the share still in post, with Wilson's interval."""

    def share(stayed: int, started: int) -> Figure:
        stayed = min(stayed, started)
        low, high = wilson_interval(np.array([stayed]), np.array([started]), settings.comparison.confidence)
        return (stayed / started if started else np.nan), float(low[0]), float(high[0])

    return [
        measure_row("share_staying", place, measure([stayed, started.of_at_least(fewest)], share, "nobody_there"))
        for place, (started, stayed) in numbers.items()
    ]


STARTERS = Population(
    STARTER_TABLES,
    numbers={number: pl.col(number) for number in _NUMBERS},
    sets=_sets,
    measures=_measures,
    apart=(),
    set_names=("starters",),
    counting="Count who started a year before, and who of these is still in post, by group.",
    everybody=("every_starter_counted", "every starter is counted once at each level, by a second, independent count"),
    attack="no number of starters can be inferred from everything published of the period",
)
