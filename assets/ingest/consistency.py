"""Whether an extract can stand beside those that are there: what would add up to a wrong number is refused."""

import duckdb

from equity_audit.errors import InputRefused, Problem, UsageError
from equity_audit.intake.mapping import BESIDE_RECRUITMENT, Mapping
from equity_audit.intake.pseudonyms import key_id
from equity_audit.periods import period_label, period_start
from equity_audit.settings import Settings
from equity_audit.vocabulary import CLASSIFICATIONS, family

_ELSEWHERE = "give the mapping another organisation, or use another home"


def check_fits_others(
    connection: duckdb.DuckDBPyConnection, mapping: Mapping, extract_id: str, organisation: str, key: bytes
) -> None:
    """Same stages, one family of classifications and one pseudonym key as the other extracts have.

    Raises InputRefused, or UsageError for another key.
    """
    others = connection.execute(
        "select file_name, organisation, stages, ethnicity_classification, pseudonym_key_id from intake.extracts "
        "where extract_id <> ? order by extract_number",
        [extract_id],
    ).fetchall()
    source = mapping.source
    problems = []
    for name, owner, stages, classification, other_key in others:
        if other_key != key_id(key):
            raise UsageError(
                Problem(
                    f"the pseudonym key is not the one that {name} was taken in with",
                    "secrets/pseudonym.key or EQUITY_AUDIT_PSEUDONYM_KEY",
                    # Under another key every applicant would look new and be counted twice.
                    "restore that key, or take every export in again in a new home",
                )
            )
        has_stages = stages and source.shape not in BESIDE_RECRUITMENT
        if owner == organisation and has_stages and tuple(stages) != source.stages:
            problems.append(
                Problem(
                    f"the stages {', '.join(source.stages)} differ from those of {name}: {', '.join(stages)}",
                    f"mapping {source.name}, key source.stages",
                    f"map both exports to the same stages, or {_ELSEWHERE}",
                )
            )
        if owner == organisation and family(classification) != family(source.ethnicity_classification):
            problems.append(
                Problem(
                    f"{name} has {CLASSIFICATIONS[classification]}; groups of the two cannot be added up",
                    f"mapping {source.name}, key source.ethnicity_classification",
                    _ELSEWHERE,
                )
            )
    if problems:
        raise InputRefused(*problems[:1])


def check_one_basis(
    connection: duckdb.DuckDBPyConnection, extract_id: str, organisation: str, settings: Settings
) -> None:
    """Raise InputRefused where a period would have records and a table of counts: the same people twice."""
    # Few have such tables, and looking through all records for their days takes seconds.
    if not connection.execute("select 1 from core.group_counts where organisation = ?", [organisation]).fetchone():
        return
    months = connection.execute(
        """
        select distinct date_trunc('month', applied_on)::date, own, true from (
            select distinct applied_on, extract_id = $extract as own from core.applications
            where organisation = $organisation
        )
        union all
        select distinct period, extract_id = $extract, false from core.group_counts where organisation = $organisation
        """,
        {"extract": extract_id, "organisation": organisation},
    ).fetchall()
    own = {(period_start(month, settings.period), records) for month, is_own, records in months if is_own}
    there = {(period_start(month, settings.period), records) for month, is_own, records in months if not is_own}
    double = sorted(start for start, records in own if (start, not records) in there)
    if double:
        raise InputRefused(
            Problem(
                f"there are records and a table of counts for {period_label(double[0], settings.period)}",
                f"organisation {organisation}",
                f"people would count twice: keep one of the two for a period, or {_ELSEWHERE}",
            )
        )
