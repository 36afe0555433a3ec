"""What staff say in surveys: counted by SQL, measured and protected by equity_audit.

Only beside recruitment: an organisation without applicants in a period has no edition.
"""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from assets.lineage import as_failure, materialized, table_asset
from assets.partitions import PERIODS
from assets.release.published_register import earlier_editions, forget_protections, record_protection
from assets.release.suppression_report import withheld_list, write_protection_report
from assets.resources import Home, Warehouse
from assets.warehouse.tables import period_bounds, read_period, replace_period, rows_of, sql_text
from equity_audit.contracts import (
    ACCEPTED_EXTRACTS,
    ANSWERS,
    DISCLOSED_STAGE_COUNTS,
    DISCLOSED_SURVEY,
    DISCLOSED_SURVEY_MEASURES,
    SURVEY,
)
from equity_audit.errors import EquityAuditError
from equity_audit.populations.answers import (
    SURVEY_POPULATION,
    survey_tables,
)


@dg.asset(**table_asset(SURVEY, [ANSWERS, ACCEPTED_EXTRACTS], partitions=PERIODS))
def survey(context: dg.AssetExecutionContext, home: Home, warehouse: Warehouse) -> dg.MaterializeResult[Any]:
    """Count who answered each question of the period's last survey, and who agreed, by group."""
    query, settings = sql_text("survey"), home.settings()
    with warehouse.transaction() as connection:
        rows = rows_of(connection, "survey", period_bounds(context.partition_key, settings))
        replace_period(connection, SURVEY, context.partition_key, rows)
    return materialized(SURVEY, sql=query)


@dg.multi_asset(
    name="disclose_survey",
    specs=[
        dg.AssetSpec(**table_asset(table, deps, partitions=PERIODS))
        for table, deps in (
            (DISCLOSED_SURVEY, [SURVEY, DISCLOSED_STAGE_COUNTS]),
            (DISCLOSED_SURVEY_MEASURES, [DISCLOSED_SURVEY]),
        )
    ],
)
def disclose_survey(
    context: dg.AssetExecutionContext, home: Home, warehouse: Warehouse
) -> Iterator[dg.MaterializeResult[Any]]:
    """Round and withhold numbers of answers until nothing can be worked out, then make measures from what is left."""
    settings, period = home.settings(), context.partition_key
    with warehouse.transaction() as connection:
        exact, counts = (read_period(connection, table, period) for table in (SURVEY, DISCLOSED_STAGE_COUNTS))
        try:
            earlier = earlier_editions(connection, period)
            tables, protected = survey_tables(exact, counts, settings, earlier, home.choices())
        except EquityAuditError as error:
            raise as_failure(error) from None
        forget_protections(connection, period, SURVEY_POPULATION)
        for name in sorted({name for by_question in protected.values() for name in by_question}):
            having = {organisation: how[name] for organisation, how in protected.items() if name in how}
            record_protection(connection, period, having, context.run.run_id, name)
        for organisation, by_question in protected.items():
            for place, done in enumerate(by_question.values(), 1):
                write_protection_report(withheld_list(home.private, organisation, period, f"survey {place}"), done)
        for table, rows in tables.items():
            replace_period(connection, table, period, rows)
    for table in tables:
        yield materialized(table)
