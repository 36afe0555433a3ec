"""What a reader should know about an extract's data, counted once at intake and kept beside the rows."""

import duckdb

from equity_audit.intake.mapping import Mapping
from equity_audit.intake.steps import literal

_THIS = "(select * from core.applications where extract_id = $extract_id)"
_ACCEPTED = (
    "(select * from core.applications as a semi join intake.accepted_extracts as e on a.extract_id = e.extract_id)"
)
# The fact that an extract has no ids.
NUMBERED = "numbered_rows"
# Fact: (what is true of the applications that are counted, the query that counts them).
FACTS = {
    "stages_filled_in": (
        "a later stage proves an earlier one that the source does not show; it counts as reached, without a date",
        f"select count(*) from {_THIS} where {{filled_in}}",
    ),
    "reopened": (
        "turned down or withdrawn at a stage, then taken up again; it counts as having progressed",
        "{reopened}",
    ),
    "moved_vacancy": (
        "moved from one vacancy to another; it counts in the last one",
        "select (select count(*) from (select distinct application_id from "
        f"{_THIS} as a join {_ACCEPTED} as b using (organisation, application_id) "
        "where a.extract_id <> b.extract_id and a.vacancy_id <> b.vacancy_id)) + ({moved})",
    ),
    "replaces_earlier": (
        "also in an earlier extract, which it replaces",
        f"select count(*) from {_THIS} semi join (select organisation, application_id from {_ACCEPTED} "
        "where extract_id <> $extract_id) using (organisation, application_id)",
    ),
    "repeat_candidates": (
        "made by a person with more than one application in the file; each application counts",
        f"select coalesce(sum(applications), 0) from (select count(*) as applications from {_THIS} "
        "where candidate_id is not null group by candidate_id having count(*) > 1)",
    ),
    "only_applicant": (
        "the only application to its vacancy in the file, without competition",
        f"select count(*) from (select vacancy_id from {_THIS} group by vacancy_id having count(*) = 1)",
    ),
    NUMBERED: (
        "numbered by their rows, since the file has no ids: one that is in two rows counts twice",
        f"select count(*) from {_THIS}",
    ),
    "ring_fenced": (
        "made to a vacancy that was open to some applicants only",
        f"select count(*) from {_THIS} where ring_fenced",
    ),
    "international": (
        "international recruitment, as the applicant's source says",
        # Each of the few distinct sources is matched once.
        f"select coalesce(sum(applications), 0) from (select applicant_source, count(*) as applications from {_THIS} "
        "group by applicant_source) where regexp_matches(lower(applicant_source), 'international|overseas')",
    ),
}
_REOPENED = """
    select count(distinct application_key) from paths anti join (
        select application_key from faults join candidates using (source_row)
    ) using (application_key)
    where {several}
        or (order_after is not null and outcome <> 'progressed')
"""
_MOVED = """
    select count(distinct application_key) from paths anti join (
        select application_key from faults join candidates using (source_row)
    ) using (application_key)
    where moved
"""


# The column that a fact needs: without it the fact is not counted.
_READ_FROM = {
    "repeat_candidates": "candidate_id",
    "ring_fenced": "ring_fenced",
    "international": "applicant_source",
}


def _can_be_counted(mapping: Mapping, fact: str) -> bool:
    if fact == NUMBERED:
        return mapping.source.number_rows
    return fact not in _READ_FROM or getattr(mapping.columns, _READ_FROM[fact]) is not None


def keep_facts(connection: duckdb.DuckDBPyConnection, mapping: Mapping, filled_in: str, extract_id: str) -> None:
    """Count every fact about an extract whose rows have just been validated; facts with a count of 0 are left out."""
    is_long = mapping.source.shape == "long"
    several = "source_row in (select source_row from repeated where versions > 1)"
    parts = {
        "filled_in": filled_in,
        "reopened": _REOPENED.format(several=several) if is_long else "select 0",
        "moved": _MOVED if is_long else "select 0",
    }
    others = connection.execute("select 1 from intake.accepted_extracts where extract_id <> ?", [extract_id]).fetchone()
    counted = [
        f"select {literal(fact)}, {literal(meaning)}, ({template.format(**parts)})"
        for fact, (meaning, template) in FACTS.items()
        if (fact != "replaces_earlier" or others) and _can_be_counted(mapping, fact)
    ]
    # One statement, so that DuckDB can spread the work over the cores.
    connection.execute(
        f"insert into intake.extract_facts select $extract_id, fact, meaning, applications "
        f"from ({' union all '.join(counted)}) as counted (fact, meaning, applications) where applications > 0",
        {"extract_id": extract_id},
    )
