"""Blocking checks on populations other than applicants: what is counted of them, and what is published."""

from collections.abc import Iterator

import dagster as dg

from assets.checks.results import critical, record_results, result_of
from assets.io import Tables, reading
from assets.lineage import asset_key
from assets.partitions import PERIODS
from assets.release.attack import disclosed_sets_of
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
    """Return the checks of a population.

    They check that everybody is counted, that exact figures lie within their intervals, and that published numbers are
    safe and published measures follow from them.
    """
    exact_table = population.tables.exact_measures
    return [_everybody(population), *([_exact_figures(exact_table)] if exact_table else []), _shown(population)]


def _everybody(population: Population) -> dg.AssetChecksDefinition:
    tables, (name, meaning) = population.tables, population.everybody
    check = critical(name, tables.exact, meaning)

    @dg.multi_asset_check(name=f"check_{tables.name}", specs=check_specs([check], asset_key(tables.exact), PERIODS))
    def everybody(
        context: dg.AssetCheckExecutionContext, home: Home, warehouse: Warehouse
    ) -> Iterator[dg.AssetCheckResult]:
        """Count everybody a second time, independently."""
        bounds = period_bounds(context.partition_key, home.settings())
        uncounted = reading(context, warehouse).query(f"uncounted_{tables.received.name}", bounds)
        yield from record_results(context, warehouse, tables.exact, [result_of(check, uncounted.is_empty())])

    return everybody


def _exact_figures(table: Table) -> dg.AssetChecksDefinition:
    check = critical(_INSIDE, table, "every figure lies within its own interval")

    @dg.multi_asset_check(name=f"check_{table.name}", specs=check_specs([check], asset_key(table), PERIODS))
    def exact_figures(context: dg.AssetCheckExecutionContext, warehouse: Warehouse) -> Iterator[dg.AssetCheckResult]:
        """Check that every figure lies within its own interval."""
        figures = reading(context, warehouse).read(table)
        intervals_hold = intervals_that_miss(figures, "value") == 0
        yield from record_results(context, warehouse, table, [result_of(check, intervals_hold)])

    return exact_figures


def _shown(population: Population) -> dg.AssetChecksDefinition:
    tables = population.tables
    checks = _checks_of_shown(population)
    additional_deps = [asset_key(tables.exact_measures)] if tables.exact_measures else []

    @dg.multi_asset_check(
        name=f"check_disclosed_{tables.name}",
        specs=[
            spec
            for table, of_table in checks.items()
            for spec in check_specs(of_table, asset_key(table), PERIODS, additional_deps)
        ],
    )
    def shown(
        context: dg.AssetCheckExecutionContext, home: Home, warehouse: Warehouse
    ) -> Iterator[dg.AssetCheckResult]:
        """Check that published numbers obey the rule, the attack on them fails, and measures follow from them."""
        settings, period = home.settings(), context.partition_key
        disclosed_cells = disclosed_sets_of(warehouse.connection, period, settings, population)
        for (organisation, list_name), cells in disclosed_cells.items():
            target = withheld_list(home.private, organisation, period, list_name)
            write_failure_report(target, cells.people, cells.counts)
        passed = _passed(population, reading(context, warehouse), settings) | {_ATTACKED: not disclosed_cells}
        for table, of_table in checks.items():
            results = [result_of(check, passed[check.name]) for check in of_table]
            yield from record_results(context, warehouse, table, results)

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
        # Checked on the exact measures; the published ranges contain their intervals.
        del measures[_INSIDE]
    return {
        tables.shown: numbers,
        tables.shown_measures: [critical(name, tables.shown_measures, meaning) for name, meaning in measures.items()],
    }


def _passed(population: Population, of_period: Tables, settings: Settings) -> dict[str, bool]:
    """Return by name whether each check passed, except the attack."""
    tables = population.tables
    numbers, figures = of_period.read(tables.shown), of_period.read(tables.shown_measures)
    counts = of_period.read(DISCLOSED_STAGE_COUNTS) if population.of_applicants else None
    recalculated = shown_measures(population, numbers, settings, counts)
    stored = of_period.read(tables.exact_measures or tables.exact)
    exact = stored if tables.exact_measures else exact_measures(population, stored, settings)
    return {
        _PROTECTED: breaks_rule(numbers, settings, tuple(population.numbers)) == 0,
        _INSIDE: intervals_that_miss(figures, "value") == 0,
        _FOLLOW: same_rows(figures, recalculated, tables.shown_measures),
        _HOLD: ranges_that_miss(figures, exact, tables.shown_measures.key) == 0,
    }


POPULATION_CHECKS = [check for population in POPULATIONS for check in population_checks(population)]
