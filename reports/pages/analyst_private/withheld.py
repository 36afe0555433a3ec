"""What was withheld from the panel, and why: the lists that the protection of counts writes."""

from markupsafe import Markup

from reports.pages.analyst_private import tables
from reports.pages.analyst_private.record import ExactReport
from reports.pages.analyst_private.tables import Column

_COLUMNS = (
    Column("Group", lambda row: row["group"]),
    Column("Level", lambda row: row["level"], words=True),
    Column("Split", lambda row: "" if row["split"] == "all" else f"{tables.in_words(row['split'])}: {row['part']}",
           words=True),
    Column("Count", lambda row: row["count"], words=True),
    Column("What", lambda row: row["what"], words=True),
    Column("Because", lambda row: row["because"], words=True),
)  # fmt: skip


def withheld(report: ExactReport) -> list[tuple[str, int, Markup]]:
    """Return for each set of people that has such counts its name, how many, and the list."""
    return [
        (people, len(rows), tables.table(f"Counts of {people}", _COLUMNS, rows))
        for people, rows in report.withheld.items()
        if rows
    ]
