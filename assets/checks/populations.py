"""Blocking checks on what is counted and published of people beside recruitment, kind by kind."""

from collections.abc import Iterator

import dagster as dg

from assets.checks.results import critical, record_results, result_of
from assets.io import Tables, reading
from assets.lineage import asset_key
from assets.partitions import PERIODS
from assets.release.attack import sets_that_fall
from assets.release.suppression_report import withheld_list, write_failure_report
from assets.resources import Home, Warehouse
from assets.warehouse.tables import period_bounds
from equity_audit.contracts import DISCLOSED_STAGE_COUNTS, Table
from equity_audit.disclosure.publish import breaks_rule, same_rows
from equity_audit.measures.consistency import intervals_that_miss
from equity_audit.populations.kinds import POPULATIONS
from equity_audit.populations.measured import exact_measures, ranges_that_miss, shown_measures
from equity_audit.populations.population import Population
from equity_audit.settings import Settings
from expectations.adapter import check_specs
from expectations.check import Check

_PROTECTED, _ATTACKED, _INSIDE = "counts_protected", "nothing_can_be_worked_out", "intervals_contain_figures"
_FOLLOW, _HOLD = "figures_follow_from_counts", "ranges_hold_the_exact_ones"


def population_checks(population: Population) -> list[dg.AssetChecksDefinition]:
    """That everybody is counted, that figures lie in their intervals, and that what is shown is safe and follows."""
    kept = population.tables.exact_measures
    return [_everybody(population), *([_exact_figures(kept)] if kept else []), _shown(population)]


def _everybody(population: Population) -> dg.AssetChecksDefinition:
    tables, (name, meaning) = population.tables, population.everybody
    check = critical(name, tables.exact, meaning)

    @dg.multi_asset_check(name=f"check_{tables.name}", specs=check_specs([check], asset_key(tables.exact), PERIODS))
    def everybody(
        context: dg.AssetCheckExecutionContext, home: Home, warehouse: Warehouse
    ) -> Iterator[dg.AssetCheckResult]:
        """A second count."""
        bounds = period_bounds(context.partition_key, home.settings())
        missed = reading(context, warehouse).query(f"uncounted_{tables.received.name}", bounds)
        yield from record_results(context, warehouse, tables.exact, [result_of(check, missed.is_empty())])

    return everybody


def _exact_figures(table: Table) -> dg.AssetChecksDefinition:
    check = critical(_INSIDE, table, "every figure lies within its own interval")

    @dg.multi_asset_check(name=f"check_{table.name}", specs=check_specs([check], asset_key(table), PERIODS))
    def exact_figures(context: dg.AssetCheckExecutionContext, warehouse: Warehouse) -> Iterator[dg.AssetCheckResult]:
        """Figures against their own intervals."""
        figures = reading(context, warehouse).read(table)
        held = intervals_that_miss(figures, "value") == 0
        yield from record_results(context, warehouse, table, [result_of(check, held)])

    return exact_figures


def _shown(population: Population) -> dg.AssetChecksDefinition:
    tables = population.tables
    checks, beside = _checks_of_shown(population), ([asset_key(tables.exact_measures)] if tables.exact_measures else [])

    @dg.multi_asset_check(
        name=f"check_disclosed_{tables.name}",
        specs=[spec for table, own in checks.items() for spec in check_specs(own, asset_key(table), PERIODS, beside)],
    )
    def shown(
        context: dg.AssetCheckExecutionContext, home: Home, warehouse: Warehouse
    ) -> Iterator[dg.AssetCheckResult]:
        """What is about to be published obeys the rule, the attack on it fails, and measures follow from it."""
        settings, period = home.settings(), context.partition_key
        fallen = sets_that_fall(warehouse.connection, period, settings, population)
        for (organisation, listed), found in fallen.items():
            write_failure_report(withheld_list(home.private, organisation, period, listed), found.people, found.counts)
        held = _held(population, reading(context, warehouse), settings) | {_ATTACKED: not fallen}
        for table, own in checks.items():
            yield from record_results(context, warehouse, table, [result_of(one, held[one.name]) for one in own])

    return shown


def _checks_of_shown(population: Population) -> dict[Table, list[Check]]:
    tables, people = population.tables, population.tables.people
    numbers = [
        critical(_PROTECTED, tables.shown, "no number to be published is below the threshold or not rounded"),
        critical(_ATTACKED, tables.shown, population.attack),
    ]
    measures = {
        _INSIDE: "every figure lies within its own interval",
        _FOLLOW: f"every published measure of {people} is what the published numbers alone give",
        _HOLD: f"every published range of a measure of {people} holds the exact interval",
    }
    if tables.exact_measures:
        # Checked of those: the published ranges hold theirs.
        del measures[_INSIDE]
    return {
        tables.shown: numbers,
        tables.shown_measures: [critical(name, tables.shown_measures, what) for name, what in measures.items()],
    }


def _held(population: Population, of_period: Tables, settings: Settings) -> dict[str, bool]:
    """Whether each check but the attack holds, by name."""
    tables = population.tables
    numbers, figures = of_period.read(tables.shown), of_period.read(tables.shown_measures)
    counts = of_period.read(DISCLOSED_STAGE_COUNTS) if population.of_applicants else None
    again = shown_measures(population, numbers, settings, counts)
    kept = of_period.read(tables.exact_measures or tables.exact)
    exact = kept if tables.exact_measures else exact_measures(population, kept, settings)
    return {
        _PROTECTED: breaks_rule(numbers, settings, tuple(population.numbers)) == 0,
        _INSIDE: intervals_that_miss(figures, "value") == 0,
        _FOLLOW: same_rows(figures, again, tables.shown_measures),
        _HOLD: ranges_that_miss(figures, exact, tables.shown_measures.key) == 0,
    }


POPULATION_CHECKS = [check for population in POPULATIONS for check in population_checks(population)]
