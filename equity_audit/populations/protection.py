"""Disclosure control for populations other than applicants: each set of people is protected as applicants are."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from equity_audit.contracts import Table
from equity_audit.disclosure.suppression.earlier_revisions import Earlier
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
    """Round numbers, mark small ones and withhold others until none can be inferred; for one organisation and period.

    exact: rows of the exact table. earlier: what editions of the same period left possible. choices: the keyed choices
    of the home. Raises DisclosureFailed as `protect` does.
    """
    rows, protected = [], {}
    for people_set in population.people_sets(exact, settings):
        organisation, day = people_set.rows.select("organisation", people_set.day).row(0)
        choices_of_set = (choices or Choices()).of(organisation, str(day), people_set.name)
        protection = protect(people_set.people(), settings.disclosure, earlier, choices_of_set)
        protected[people_set.name] = protection
        rows.append(_shown_rows(population, people_set, protection.published))
    return Disclosed(pl.concat(rows) if rows else without_rows(population.tables.shown), protected)


def published_people(
    population: Population, exact: pl.DataFrame, shown: pl.DataFrame, settings: Settings
) -> dict[str, Published]:
    """Return by set what the shown table publishes of the people in the exact one, for one organisation and period."""
    return {
        people_set.name: published_again(people_set.people(), population.rows_of(people_set, shown), people_set.columns)
        for people_set in population.people_sets(exact, settings)
    }


def disclosed_people_tables(
    population: Population,
    exact: pl.DataFrame,
    counts: pl.DataFrame,
    settings: Settings,
    earlier: Mapping[str, Earlier],
    choices: Choices,
) -> tuple[dict[Table, pl.DataFrame], dict[str, Mapping[str, Protected]]]:
    """Return the shown tables of a period, and by organisation how each set was protected.

    Only organisations that have applicants are included. counts: disclosed.stage_counts.
    """
    tables = population.tables
    rows = [without_rows(tables.shown)]
    protected = {}
    for organisation in sorted(set(exact["organisation"]) & set(counts["organisation"])):
        of_organisation = exact.filter(organisation=organisation)
        disclosed = disclose_people(population, of_organisation, settings, earlier.get(organisation), choices)
        rows.append(disclosed.rows)
        protected[organisation] = disclosed.protected
    shown = pl.concat(rows)
    return {tables.shown: shown, tables.shown_measures: shown_measures(population, shown, settings, counts)}, protected


def _shown_rows(population: Population, people_set: PeopleSet, published: Published) -> pl.DataFrame:
    """Return rows of the shown table; a number that the set does not have is marked as not collected."""
    rows = people_set.under_its_part(published_rows(published, people_set.columns))
    for name in population.numbers:
        if name not in rows.columns:
            rows = rows.with_columns(pl.lit(None, pl.Int64).alias(name), pl.lit(NOT_COLLECTED).alias(f"{name}_note"))
    dates = people_set.rows.select("organisation", "period", population.tables.day).unique()
    return rows.join(dates, how="cross").select(population.tables.shown.column_names)
