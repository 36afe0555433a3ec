"""Blocking checks on records and counts: the suites of expectations/, and two checks defined here."""

import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import date

import dagster as dg
import duckdb

from assets.checks.results import critical, organisation_of_run, record_results, result_of
from assets.io import reading
from assets.lineage import asset_key
from assets.partitions import EXTRACTS, PERIODS
from assets.resources import Home, Warehouse
from assets.warehouse.tables import period_bounds, sql_text
from equity_audit.contracts import APPLICANT_STAGES, STAGE_COUNTS
from equity_audit.periods import period_start
from equity_audit.settings import Settings, load_settings
from expectations.adapter import check_specs, run_suite
from expectations.suites import Check, suite

_DEFAULT_POLICY = load_settings()

EVERY_APPLICATION_COUNTED = critical(
    "every_application_counted",
    STAGE_COUNTS,
    "every application of the period is counted once, by a second, independent count of the records",
)


def periods_keep_applications(settings: Settings) -> Check:
    """Return the check that loading an extract does not remove many applications from any period."""
    return critical(
        "periods_keep_their_applications",
        APPLICANT_STAGES,
        f"no period that was counted before loses more than {settings.intake.max_shrink_share:.0%} of its applications "
        "(intake.max_shrink_share)",
    )


def applicant_checks(settings: Settings) -> tuple[Check, ...]:
    """Return the checks on core.applicant_stages, whose meanings quote numbers of the policy."""
    return (*suite(APPLICANT_STAGES.full_name, settings), periods_keep_applications(settings))


# With the numbers of the default policy; assets/checks/policy.py replaces them with those of a home.
@dg.multi_asset_check(
    name="check_applicant_stages",
    specs=check_specs(applicant_checks(_DEFAULT_POLICY), asset_key(APPLICANT_STAGES), EXTRACTS),
)
def check_applicant_stages(
    context: dg.AssetCheckExecutionContext, home: Home, warehouse: Warehouse
) -> Iterator[dg.AssetCheckResult]:
    """Run the suite on the rows of one extract, and check what accepting it would do to periods counted before."""
    extract_id = context.partition_key
    if not re.fullmatch("[0-9a-f]{16}", extract_id):
        raise ValueError("an extract's id is 16 hexadecimal digits")
    condition = f"extract_id = '{extract_id}'"
    settings = home.settings()
    results = run_suite(warehouse.connection, APPLICANT_STAGES.full_name, condition, settings)
    keeps_applications = not shrunk_periods(warehouse.connection, extract_id, settings)
    yield from record_results(
        context,
        warehouse,
        APPLICANT_STAGES,
        [*results, result_of(periods_keep_applications(settings), keeps_applications)],
    )


@dg.multi_asset_check(
    name="check_stage_counts",
    specs=check_specs(
        (*suite(STAGE_COUNTS.full_name, _DEFAULT_POLICY), EVERY_APPLICATION_COUNTED), asset_key(STAGE_COUNTS), PERIODS
    ),
)
def check_stage_counts(
    context: dg.AssetCheckExecutionContext, home: Home, warehouse: Warehouse
) -> Iterator[dg.AssetCheckResult]:
    """Run the suite on the counts of one period, and count its applications independently."""
    settings, connection = home.settings(), warehouse.connection
    bounds = period_bounds(context.partition_key, settings)
    condition = f"period = '{bounds['period_start']}'"
    if (organisation := organisation_of_run(connection)) is not None:
        # This SQL takes no parameters: hexadecimal digits are safe for any name.
        condition += f" and organisation = decode(unhex('{organisation.encode().hex()}'))"
    results = run_suite(connection, STAGE_COUNTS.full_name, condition, settings)
    uncounted = reading(context, warehouse).query("uncounted_applications", bounds)
    yield from record_results(
        context, warehouse, STAGE_COUNTS, [*results, result_of(EVERY_APPLICATION_COUNTED, uncounted.is_empty())]
    )


def shrunk_periods(connection: duckdb.DuckDBPyConnection, extract_id: str, settings: Settings) -> list[date]:
    """Return the periods that would lose more of the applications counted before than policy allows."""
    before: dict[tuple[str, date], int] = defaultdict(int)
    after: dict[tuple[str, date], int] = defaultdict(int)
    months = connection.sql(sql_text("applications_by_month"), params={"extract_id": extract_id}).fetchall()
    for organisation, month, count_before, count_after in months:
        before[organisation, period_start(month, settings.period)] += count_before
        after[organisation, period_start(month, settings.period)] += count_after
    kept_share = 1 - settings.intake.max_shrink_share
    return sorted({period for (name, period), count in before.items() if after[name, period] < kept_share * count})
