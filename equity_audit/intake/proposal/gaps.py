"""What a layout lacks: keys that a mapping needs, a vacancy, or numbers in place of percentages."""

from collections.abc import Iterable

from equity_audit.intake.mapping_checks import NEEDED_OF_NUMBERS
from equity_audit.intake.proposal.roles import Layout
from equity_audit.intake.proposal.tables import is_percent_column
from equity_audit.intake.proposal.words import stages_named


def only_percentages(layout: Layout) -> list[str]:
    """Return the columns named after stages if a table of groups has percentages in all of them; else an empty list."""
    ethnicity = layout.columns.get("ethnicity")
    if layout.table or not ethnicity or layout.sample[ethnicity.column].unique < 1:
        return []
    named = [column for column in layout.sample.values() if stages_named(column.name) and column.filled]
    percentages = [column.name for column in named if is_percent_column(column) and column.dates < 0.5]
    return percentages if len(percentages) == len(named) > 1 else []


def one_vacancy(layout: Layout) -> bool:
    """Return whether no column is left that could have the vacancy, so that all rows may be for one."""
    records = layout.shape in ("wide", "flags", "status", "long")
    return records and "vacancy_id" not in layout.columns and not layout.unmapped


def missing_roles(layout: Layout) -> Iterable[str]:
    """Yield the keys that a mapping needs but the export does not show."""
    if layout.shape in NEEDED_OF_NUMBERS:
        needed = ("ethnicity", *NEEDED_OF_NUMBERS[layout.shape])
        yield from (f"columns.{key}" for key in needed if key not in layout.columns)
        return
    if layout.table:
        # A table of counts seldom says when they were counted.
        if not layout.table.year:
            yield "source.period"
        return
    if "vacancy_id" not in layout.columns and not one_vacancy(layout):
        yield "columns.vacancy_id"
    if "ethnicity" not in layout.columns:
        yield "columns.ethnicity"
    if layout.shape in (None, "status") and "outcome" not in layout.columns:
        yield "columns.outcome"
    if layout.shape is None or (layout.shape in ("flags", "status") and "applied_on" not in layout.columns):
        yield "columns.applied_on"
    if "application_id" not in layout.columns and (layout.shape == "long" or "candidate_id" in layout.columns):
        # Rows are not numbered in their place: people who are in several rows may have made one application.
        yield "columns.application_id"
    if layout.shape == "long" and "reached_on" not in layout.columns:
        yield "columns.reached_on"
