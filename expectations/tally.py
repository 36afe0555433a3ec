"""One statement for all rules of a suite: how many rows of each rule's grain break it, in one row of counts.

A grain is read once, however many rules judge it, so a table of five million rows is scanned a few times and not once
for each rule. What the counts mean is not judged here: Great Expectations asks them (adapter.py).
"""

from collections.abc import Iterator, Sequence

from expectations.check import Check, Grain


def tally_sql(table: str, condition: str, checks: Sequence[Check]) -> str:
    """Return SQL for one row with a column for each check that has rules: how often they are broken.

    condition: this project's own SQL, for one partition of the table.
    """
    judged = {rule.grain.name: rule.grain for check in checks for rule in check.rules}
    steps = dict(step for grain in judged.values() for step in _steps(grain))
    # The batch is not materialised: each grain reads only the columns that it needs.
    queries = [
        f"batch as not materialized (select * from {table} where {condition})",
        *(f"{name} as ({query.replace('{condition}', condition)})" for name, query in steps.items()),
        *(f"broken_{name} as ({_count_broken(name, checks)})" for name in judged),
    ]
    totals = ", ".join(f"{_total(check)} as {check.name}" for check in checks if check.rules)
    sources = " cross join ".join(f"broken_{name}" for name in judged)
    return f"with {', '.join(queries)} select {totals} from {sources}"


def _steps(grain: Grain) -> Iterator[tuple[str, str]]:
    for read in grain.reads:
        yield from _steps(read)
    yield grain.name, grain.query


def _count_broken(grain: str, checks: Sequence[Check]) -> str:
    counts = (
        f"count(*) filter (where {rule.broken}) as {check.name}_{part}"
        for check in checks
        for part, rule in enumerate(check.rules)
        if rule.grain.name == grain
    )
    return f"select {', '.join(counts)} from {grain}"


def _total(check: Check) -> str:
    return " + ".join(f"{check.name}_{part}" for part in range(len(check.rules)))
