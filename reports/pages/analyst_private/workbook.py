"""tables.xlsx beside the private page: every row of the exact tables, with what the panel sees in a column of words."""

from collections.abc import Iterator, Mapping, Sequence

import polars as pl

from equity_audit.contracts import TABLES, Column
from reports.exports.private_workbook import write_private_workbook
from reports.pages.analyst_private.record import PLACE, PRIVATE, ExactReport
from reports.pages.analyst_private.seen import figure_seen

_LEFT_OUT = ("organisation", "period", "step_order", "step_kind")
_PANEL = "panel sees"
_CONTRACTS = {table.full_name: table for table in TABLES}
# Sheet, table, the shown table beside it with its key, and the figure that the panel sees.
_SHEETS: tuple[tuple[str, str, str, Sequence[str], str], ...] = (
    ("Comparisons", "disparities", "disparities", PLACE, "impact_ratio"),
    (
        "Like for like",
        "stratified_disparities",
        "like_for_like",
        ("level", "from_stage", "to_stage", "group_name", "stratified_by"),
        "adjusted_ratio",
    ),
    (
        "Whole path",
        "overall_paths",
        "overall_paths",
        ("level", "breakdown", "breakdown_value", "group_name"),
        "overall_ratio",
    ),
    (
        "Staff",
        "workforce_measures",
        "workforce_measures",
        ("measure", "level", "breakdown", "breakdown_value", "group_name"),
        "value",
    ),
)


def write_exact_workbook(report: ExactReport) -> bytes:
    """Return the workbook. A table without rows has no sheet."""
    return write_private_workbook(
        f"Recruitment equity audit, exact: {report.organisation}, {report.period_label}",
        PRIVATE,
        list(_facts(report)),
        {name: (rows, columns) for name, rows, columns in _sheets(report) if rows.height},
    )


def _facts(report: ExactReport) -> Iterator[tuple[str, str]]:
    yield (
        "What this is",
        "Every exact figure of one period. Set beside a published edition, it reveals what that withholds.",
    )
    yield "Organisation", report.organisation
    yield "Period", report.period_label
    yield "Run", report.run_id
    yield (
        "Panel",
        f"The panel sees revision {report.edition.revision} of the edition."
        if report.edition
        else "This period has no published edition, so the panel sees nothing.",
    )
    yield (
        "Left out",
        "Categories and whole paths within splits; comparisons with nobody decided on: equity-audit query has them.",
    )
    yield "Policy", f"Settings with SHA-256 {report.settings.sha256()}"


def _sheets(report: ExactReport) -> Iterator[tuple[str, pl.DataFrame, Mapping[str, Column]]]:
    for sheet, name, shown, key, figure in _SHEETS:
        rows = _rows(report, name)
        contract = _CONTRACTS[f"out.{name}"]
        columns = {column.name: column for column in contract.columns}
        beside = rows if name == "disparities" else report.beside(rows, shown, key)
        seen = pl.Series(_PANEL, [figure_seen(row, figure) for row in beside.iter_rows(named=True)], pl.String)
        yield sheet, _kept(rows.select(contract.column_names)).with_columns(seen), columns
    for sheet, name in (
        ("Design effects", "design_effects"),
        ("Staff in post", "workforce"),
        ("Survey", "survey"),
        ("Rules", "rule_tables"),
    ):
        contract = _CONTRACTS[f"out.{name}"]
        yield sheet, _kept(report.tables[name]), {column.name: column for column in contract.columns}
    trend = {column.name: column for column in _CONTRACTS["out.trend"].columns}
    yield "Over time", _kept(report.trend.rename({"period": "quarter"})), trend
    yield "Departments", _kept(report.departments), {}
    withheld = [{"people": people, **row} for people, rows in report.withheld.items() for row in rows]
    yield "Withheld", pl.DataFrame(withheld), {}


def _rows(report: ExactReport, name: str) -> pl.DataFrame:
    if name == "disparities":
        return report.comparisons
    rows = report.tables[name]
    return rows.filter(breakdown="all") if name == "overall_paths" else rows


def _kept(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.drop(name for name in _LEFT_OUT if name in rows.columns)
