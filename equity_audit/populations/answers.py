"""What staff say: what is published of numbers of answers, protected as numbers of staff are, question by question.

Those who answered a question are one set of people, of whom those who agreed are a part. No sum holds between two
questions, two waves, or answers and staff, so each question is protected by itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from equity_audit.contracts import DISCLOSED_SURVEY, DISCLOSED_SURVEY_MEASURES, Table
from equity_audit.disclosure.suppression.attacker_knowledge import Earlier
from equity_audit.disclosure.suppression.keyed_choices import Choices
from equity_audit.disclosure.suppression.secondary_suppression import Protected, protect
from equity_audit.disclosure.table.rounding import highest_possible, lowest_possible
from equity_audit.disclosure.table.suppression_status import Published
from equity_audit.disclosure.table.totals_and_parts import (
    CountedPeople,
    people_counted,
    published_again,
    published_rows,
)
from equity_audit.measures.count_ranges import Count
from equity_audit.populations.answer_measures import Said, answer_measures
from equity_audit.populations.staff import published_count, without_rows
from equity_audit.settings import DisclosurePolicy, Settings

# By organisation and population, how the numbers were protected.
ProtectedAnswers = dict[str, Mapping[str, Protected]]
# What the protection of a question is recorded under begins so.
SURVEY_POPULATION = "survey: "
NUMBERS = ("answered", "agreed")
_PART = ("breakdown", "breakdown_value")
_MEASURES = DISCLOSED_SURVEY_MEASURES.column_names


@dataclass(frozen=True)
class Question:
    """The people who answered one question of an organisation's wave.

    columns: those of the numbers by what they are of. It names wave and question: the same question in another wave
    is of other people, and what was published of these says nothing of them.
    """

    wave: date
    item: str
    columns: Mapping[str, str]
    people: CountedPeople

    @property
    def population(self) -> str:
        """What its protection is recorded under."""
        return f"{SURVEY_POPULATION}{self.item}"


@dataclass(frozen=True)
class DisclosedAnswers:
    """Rows of disclosed.survey of one organisation and period, and how each question was protected, by population."""

    survey: pl.DataFrame
    protected: Mapping[str, Protected]


def questions(survey: pl.DataFrame, settings: Settings) -> list[Question]:
    """The questions in rows of out.survey of one organisation and period, at the levels that policy publishes."""
    found = []
    own = survey.filter(pl.col("level").is_in(["all", *settings.disclosure.split_levels])).sort("breakdown_value")
    for (wave, item), rows in own.group_by("wave", "breakdown_value", maintain_order=True):
        columns = {f"{number}, {wave}, {item}": number for number in NUMBERS}
        whole = rows.with_columns(pl.lit("all").alias(name) for name in _PART)
        found.append(Question(wave, str(item), columns, people_counted(whole, columns)))
    return found


def disclose_answers(
    survey: pl.DataFrame, settings: Settings, earlier: Earlier | None = None, choices: Choices | None = None
) -> DisclosedAnswers:
    """Round numbers, mark small ones and withhold others until nothing can be worked out; of one organisation, period.

    earlier: what editions of the same period left possible. choices: those of the home. Raises DisclosureFailed as
    `protect` does.
    """
    rows, protected = [], {}
    for one in questions(survey, settings):
        mine = (choices or Choices()).of(str(survey["organisation"][0]), str(one.wave), one.population)
        done = protect(one.people, settings.disclosure, earlier, mine)
        protected[one.population] = done
        said = published_rows(done.published, one.columns)
        rows.append(said.with_columns(breakdown=pl.lit("item"), breakdown_value=pl.lit(one.item)))
    if not rows:
        return DisclosedAnswers(without_rows(DISCLOSED_SURVEY), {})
    of = survey.select("organisation", "period", "wave").unique()
    return DisclosedAnswers(
        pl.concat(rows).join(of, how="cross").select(DISCLOSED_SURVEY.column_names),
        protected,
    )


def answers_again(survey: pl.DataFrame, disclosed: pl.DataFrame, settings: Settings) -> dict[str, Published]:
    """What disclosed.survey says of the people in out.survey, of one organisation and period, by population."""
    found = {}
    for one in questions(survey, settings):
        mine = disclosed.filter(pl.col("breakdown_value") == one.item)
        whole = mine.with_columns(pl.lit("all").alias(name) for name in _PART)
        found[one.population] = published_again(one.people, whole, one.columns)
    return found


def published_answers(disclosed: pl.DataFrame, policy: DisclosurePolicy) -> Said:
    """Rows of disclosed.survey of one organisation and wave as numbers with all that they stand for."""
    ends = [
        end(pl.col(name).cast(pl.Int64), policy).alias(f"{name}_{which}")
        for name in NUMBERS
        for which, end in (("lowest", lowest_possible), ("highest", highest_possible))
    ]
    return {
        (row["level"], row["breakdown_value"], row["group_name"]): (
            published_count(row, "answered"),
            published_count(row, "agreed"),
        )
        for row in disclosed.with_columns(ends).iter_rows(named=True)
    }


def disclosed_answer_measures(disclosed: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """Rows of disclosed.survey_measures from published numbers alone, of every organisation of a period."""
    frames = []
    for _, own in disclosed.group_by("organisation", maintain_order=True):
        said = published_answers(own, settings.disclosure)
        frames.append(_as_table(said, own, settings, settings.disclosure.rate_min_denominator))
    return pl.concat(frames) if frames else without_rows(DISCLOSED_SURVEY_MEASURES)


def exact_answer_measures(survey: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """The same from exact numbers, which published ranges must hold."""
    frames = []
    for _, own in survey.group_by("organisation", maintain_order=True):
        said = {
            (row["level"], row["breakdown_value"], row["group_name"]): (
                Count.exact(row["answered"]),
                Count.exact(row["agreed"]),
            )
            for row in own.iter_rows(named=True)
        }
        frames.append(_as_table(said, own, settings))
    return pl.concat(frames) if frames else without_rows(DISCLOSED_SURVEY_MEASURES)


def _as_table(said: Said, own: pl.DataFrame, settings: Settings, fewest: int = 0) -> pl.DataFrame:
    kinds = dict.fromkeys(("value", "value_low", "value_high"), pl.Float64)
    texts = dict.fromkeys(("reference_name", "why_not"), pl.String)
    found = answer_measures(said, settings, fewest=fewest)
    frame = pl.DataFrame(found, schema_overrides={**kinds, **texts}, infer_schema_length=None)
    of = own.select("organisation", "period", "wave").unique()
    return (
        frame.rename({"why_not": "not_shown_reason"})
        .with_columns(breakdown=pl.lit("item"))
        .join(of, how="cross")
        .select(_MEASURES)
    )


def survey_tables(
    exact: pl.DataFrame, counts: pl.DataFrame, settings: Settings, earlier: Mapping[str, Earlier], choices: Choices
) -> tuple[dict[Table, pl.DataFrame], ProtectedAnswers]:
    """disclosed.survey and its measures, for the organisations that have applicants; and how each was protected.

    counts: disclosed.stage_counts.
    """
    rows: list[pl.DataFrame] = []
    protected: ProtectedAnswers = {}
    for organisation in sorted(set(exact["organisation"]) & set(counts["organisation"])):
        own = exact.filter(pl.col("organisation") == organisation)
        done = disclose_answers(own, settings, earlier.get(organisation), choices)
        rows.append(done.survey)
        protected[organisation] = done.protected
    said = pl.concat(rows) if rows else without_rows(DISCLOSED_SURVEY)
    return {DISCLOSED_SURVEY: said, DISCLOSED_SURVEY_MEASURES: disclosed_answer_measures(said, settings)}, protected
