"""What staff say: of each question those who answered, of whom those who agreed are a part, as a set of their own."""

from collections.abc import Iterator

import polars as pl

from equity_audit.contracts.survey import ANSWER_TABLES
from equity_audit.populations.answer_measures import answer_measures
from equity_audit.populations.population import PeopleSet, Population
from equity_audit.settings import Settings

_NUMBERS = ("answered", "agreed")


def _sets(rows: pl.DataFrame, settings: Settings) -> Iterator[PeopleSet]:
    """A set for each question of the wave, at the levels that policy publishes.

    Its numbers name the wave: the same question in another wave is of other people, and what was published of these
    says nothing of them.
    """
    own = rows.filter(pl.col("level").is_in(["all", *settings.disclosure.split_levels])).sort("breakdown_value")
    for (wave, item), asked in own.group_by("wave", "breakdown_value", maintain_order=True):
        columns = {f"{number}, {wave}, {item}": number for number in _NUMBERS}
        yield PeopleSet(f"survey: {item}", asked, columns, part=("item", str(item)), day="wave")


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
    attack="no number of answers can be worked out from everything published of the period; what stands is what was "
    "proven",
)
