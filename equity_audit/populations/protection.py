"""What is published of people counted beside recruitment: each set of them protected as applicants are."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from equity_audit.contracts import Table
from equity_audit.disclosure.suppression.attacker_knowledge import Earlier
from equity_audit.disclosure.suppression.keyed_choices import Choices
from equity_audit.disclosure.suppression.secondary_suppression import Protected, protect
from equity_audit.disclosure.table.suppression_status import Published
from equity_audit.disclosure.table.totals_and_parts import published_again, published_rows
from equity_audit.measures.count_ranges import NOT_COLLECTED
from equity_audit.populations.measured import shown_measures, without_rows
from equity_audit.populations.population import PeopleSet, Population
from equity_audit.settings import Settings


@dataclass(frozen=True)
class Disclosed:
    """Rows of the shown table of one organisation and period, and how each set of people was protected, by name."""

    rows: pl.DataFrame
    protected: Mapping[str, Protected]


def disclose_people(
    population: Population,
    exact: pl.DataFrame,
    settings: Settings,
    earlier: Earlier | None = None,
    choices: Choices | None = None,
) -> Disclosed:
    """Round numbers, mark small ones and withhold others until nothing can be worked out; of one organisation, period.

    exact: rows of the exact table. earlier: what editions of the same period left possible. choices: those of the home.
    Raises DisclosureFailed as `protect` does.
    """
    rows, protected = [], {}
    for one in population.people_sets(exact, settings):
        organisation, day = one.rows.select("organisation", one.day).row(0)
        mine = (choices or Choices()).of(organisation, str(day), one.name)
        done = protect(one.people(), settings.disclosure, earlier, mine)
        protected[one.name] = done
        rows.append(_shown_rows(population, one, done.published))
    return Disclosed(pl.concat(rows) if rows else without_rows(population.tables.shown), protected)


def published_people(
    population: Population, exact: pl.DataFrame, shown: pl.DataFrame, settings: Settings
) -> dict[str, Published]:
    """What the shown table says of the people in the exact one, of one organisation and period, by set."""
    return {
        one.name: published_again(one.people(), population.rows_of(one, shown), one.columns)
        for one in population.people_sets(exact, settings)
    }


def disclosed_people_tables(
    population: Population,
    exact: pl.DataFrame,
    counts: pl.DataFrame,
    settings: Settings,
    earlier: Mapping[str, Earlier],
    choices: Choices,
) -> tuple[dict[Table, pl.DataFrame], dict[str, Mapping[str, Protected]]]:
    """The shown tables of a period, for organisations that have applicants; and, by organisation, how each set was
    protected. counts: disclosed.stage_counts.
    """
    tables = population.tables
    rows = [without_rows(tables.shown)]
    protected = {}
    for organisation in sorted(set(exact["organisation"]) & set(counts["organisation"])):
        own = exact.filter(organisation=organisation)
        done = disclose_people(population, own, settings, earlier.get(organisation), choices)
        rows.append(done.rows)
        protected[organisation] = done.protected
    shown = pl.concat(rows)
    return {tables.shown: shown, tables.shown_measures: shown_measures(population, shown, settings, counts)}, protected


def _shown_rows(population: Population, one: PeopleSet, published: Published) -> pl.DataFrame:
    """Rows of the shown table; a number that the set has not is noted as not collected."""
    rows = one.under_its_part(published_rows(published, one.columns))
    for name in population.numbers:
        if name not in rows.columns:
            rows = rows.with_columns(pl.lit(None, pl.Int64).alias(name), pl.lit(NOT_COLLECTED).alias(f"{name}_note"))
    of = one.rows.select("organisation", "period", population.tables.day).unique()
    return rows.join(of, how="cross").select(population.tables.shown.column_names)
