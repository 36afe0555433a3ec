"""Consistency of an extract with those already loaded: one that would make totals wrong is refused."""

from collections.abc import Sequence

import duckdb

from equity_audit.errors import InputRefused, Problem, UsageError
from equity_audit.intake.mapping import Mapping
from equity_audit.intake.mapping_checks import BESIDE_RECRUITMENT
from equity_audit.intake.pseudonyms import key_id
from equity_audit.periods import period_label, period_start
from equity_audit.settings import Settings
from equity_audit.vocabulary import described, family, own_list

_OVERLAP = """
    with numbered as (
        select extract_id from intake.extract_facts where fact = 'numbered_rows'
        union
        select $extract where $is_numbered
    ),
    months as (
        select distinct a.extract_id, date_trunc('month', a.applied_on)::date as month from core.applications as a
        where a.organisation = $organisation
    )
    select distinct this.month, other.month, e.file_name
    from months as this
        inner join months as other on other.extract_id <> this.extract_id
        inner join intake.accepted_extracts as a on a.extract_id = other.extract_id
        inner join intake.extracts as e on e.extract_id = other.extract_id
    where this.extract_id = $extract
        and (exists (from numbered where extract_id = $extract) or other.extract_id in (from numbered))
"""
_ELSEWHERE = "give the mapping another organisation, or use another home"


def check_fits_others(
    connection: duckdb.DuckDBPyConnection, mapping: Mapping, extract_id: str, organisation: str, key: bytes
) -> None:
    """Check that stages, family of classifications and pseudonym key are those of the other extracts.

    Raises InputRefused, or UsageError if the key differs.
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
                    f"{name} was loaded with a different pseudonym key",
                    "secrets/pseudonym.key or EQUITY_AUDIT_PSEUDONYM_KEY",
                    # Under a different key every applicant would look new and be counted twice.
                    "restore the earlier key, or load every export again in a new home",
                )
            )
        has_stages = stages and source.shape not in BESIDE_RECRUITMENT
        if owner == organisation and has_stages and tuple(stages) != source.stages:
            problems.append(
                Problem(
                    f"the stages {', '.join(source.stages)} differ from those of {name}: {', '.join(stages)}",
                    f"mapping {source.name}, key source.stages",
                    _same_stages(source.stages, stages, name),
                )
            )
        if owner == organisation and family(classification) != family(source.ethnicity_classification):
            problems.append(
                Problem(
                    f"{name} uses {described(classification)}: its groups cannot be added to those of this file",
                    f"mapping {source.name}, key source.ethnicity_classification",
                    _ELSEWHERE,
                )
            )
        if owner != organisation and (shared := _shared_groups(classification, source.ethnicity_classification)):
            problems.append(
                Problem(
                    f"the groups {', '.join(shared)} are also in the list of {name}, and tables give names alone",
                    f"mapping {source.name}, [own_groups]",
                    "give these groups other names, or use another home",
                )
            )
    if problems:
        raise InputRefused(*problems[:1])


def _shared_groups(one: str, other: str) -> list[str]:
    """Return the groups that two different own lists both have."""
    lists = own_list(one), own_list(other)
    if one == other or None in lists:
        return []
    return sorted(set.intersection(*({*listed.groups} for listed in lists if listed)))


def _same_stages(new: Sequence[str], loaded: Sequence[str], name: str) -> str:
    """Return what to do about an extract whose stages differ from those of one that is loaded.

    The stages of a loaded extract cannot be changed, and those that only one of the two has cannot be compared.
    """
    shared = [stage for stage in new if stage in loaded]
    in_order = [stage for stage in loaded if stage in shared]
    if shared == in_order and len(shared) > 1 and (shared[0], shared[-1]) == (loaded[0], loaded[-1]):
        more = [stage for stage in new if stage not in shared]
        lacking = [stage for stage in loaded if stage not in shared]
        if not lacking:
            return (
                f"leave {', '.join(more)} out of the mapping of this file, as {name} has no such stage, or {_ELSEWHERE}"
            )
        this = f" and {', '.join(more)} out of that of this file" if more else ""
        return (
            f"leave {', '.join(lacking)} out of the mapping of {name}{this}, and load both in a new home: only stages "
            f"that all files have can be compared. If this file has the stage under another name, map it, or "
            f"{_ELSEWHERE}"
        )
    return f"map both exports to the same stages, under the same names and in the same order, or {_ELSEWHERE}"


def check_one_basis(
    connection: duckdb.DuckDBPyConnection, extract_id: str, organisation: str, settings: Settings
) -> None:
    """Raise InputRefused if a period would have both records and a table of counts: people would count twice."""
    # Few organisations have tables of counts, and searching all records for their dates takes seconds.
    if not connection.execute("select 1 from core.group_counts where organisation = ?", [organisation]).fetchone():
        return
    months = connection.execute(
        """
        select distinct date_trunc('month', applied_on)::date, is_this, true from (
            select distinct applied_on, extract_id = $extract as is_this from core.applications
            where organisation = $organisation
        )
        union all
        select distinct period, extract_id = $extract, false from core.group_counts where organisation = $organisation
        """,
        {"extract": extract_id, "organisation": organisation},
    ).fetchall()
    new = {(period_start(month, settings.period), records) for month, is_this, records in months if is_this}
    loaded = {(period_start(month, settings.period), records) for month, is_this, records in months if not is_this}
    doubled = sorted(start for start, records in new if (start, not records) in loaded)
    if doubled:
        raise InputRefused(
            Problem(
                f"there are both records and a table of counts for {period_label(doubled[0], settings.period)}",
                f"organisation {organisation}",
                f"people would be counted twice: give only one of the two for each period, or {_ELSEWHERE}",
            )
        )


def check_rows_without_ids(
    connection: duckdb.DuckDBPyConnection, mapping: Mapping, extract_id: str, organisation: str, settings: Settings
) -> None:
    """Raise InputRefused if rows without ids are in a period that another file covers: people might count twice.

    Such rows cannot replace earlier ones, as those of a corrected export with ids do, nor be replaced.
    """
    numbered = mapping.source.number_rows
    if (
        not numbered
        and not connection.execute("select 1 from intake.extract_facts where fact = 'numbered_rows' limit 1").fetchone()
    ):
        return
    months = connection.execute(
        _OVERLAP, {"extract": extract_id, "organisation": organisation, "is_numbered": numbered}
    ).fetchall()
    for this, other, name in months:
        if (start := period_start(this, settings.period)) == period_start(other, settings.period):
            raise InputRefused(
                Problem(
                    f"{name} also has applications in {period_label(start, settings.period)}, and one of the two files "
                    "has no ids, so nobody can tell whether the same people are in both",
                    f"mapping {mapping.source.name}, key source.number_rows",
                    f"export both with ids. To replace the other file, load this one in a new home; or {_ELSEWHERE}",
                )
            )
