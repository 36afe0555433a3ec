"""The survey population: for each question, a set of the people who answered it, some of whom agreed."""

from collections.abc import Iterator

import polars as pl

from equity_audit.contracts.survey import ANSWER_TABLES
from equity_audit.populations.answer_measures import answer_measures
from equity_audit.populations.population import PeopleSet, Population
from equity_audit.settings import Settings

_NUMBERS = ("answered", "agreed")


def _sets(rows: pl.DataFrame, settings: Settings) -> Iterator[PeopleSet]:
    """Yield a set for each question of the wave, at the levels that policy publishes.

    The names of its quantities include the wave: another wave of the same question counts other people, so what was
    published of one wave reveals nothing about the other.
    """
    published = rows.filter(pl.col("level").is_in(["all", *settings.disclosure.split_levels])).sort("breakdown_value")
    for (wave, item), answers in published.group_by("wave", "breakdown_value", maintain_order=True):
        columns = {f"{number}, {wave}, {item}": number for number in _NUMBERS}
        yield PeopleSet(f"survey: {item}", answers, columns, part=("item", str(item)), day="wave")


SURVEY_ANSWERS = Population(
    ANSWER_TABLES,
    numbers={number: pl.col(number) for number in _NUMBERS},
    sets=_sets,
    measures=answer_measures,
    apart=("item",),
    set_names=("survey",),
    counting="Count who answered each question of the period's last survey, and who agreed, by group.",
    everybody=(
        "every_answer_counted",
        "everybody who answered, and who agreed, is counted once at each level, by a second, independent count",
    ),
    attack="no number of answers can be inferred from everything published of the period, and the tables are those "
    "that were proven",
)
