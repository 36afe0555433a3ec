"""Match the labels of one extract, all together so that one refusal names every unknown label, and keep them.

Auditors can see in intake.ethnicity_labels and intake.outcome_labels how each label was read.
"""

from collections.abc import Iterable
from typing import Any

import duckdb
import polars as pl

from equity_audit.errors import InputRefused, Problem
from equity_audit.intake.labels import (
    hispanic_problem,
    match_ethnicities,
    match_words,
    unmatched_ethnicities,
    unmatched_words,
)
from equity_audit.intake.mapping import Mapping
from equity_audit.intake.steps import NOT_FURTHER
from equity_audit.settings import Settings
from equity_audit.vocabulary import OUTCOMES, Ethnicity, fold


def match_labels(
    connection: duckdb.DuckDBPyConnection, rows: str, mapping: Mapping, extract_id: str, settings: Settings
) -> None:
    """Match every distinct label of `rows`, a table expression. Raises InputRefused with all unknown labels."""
    columns, most, stage_names = mapping.columns, settings.intake.max_labels_listed, mapping.source.stages
    meanings, problems = match_received(_distinct(connection, rows, "ethnicity_code"), mapping, settings)
    # A blank outcome is a label only if the mapping gives it a meaning: whether a row needs one depends on its stages.
    known = {label: label for label in mapping.statuses} or mapping.outcomes
    received = [] if mapping.source.without_outcome else _distinct(connection, rows, "outcome_label")
    read_as = _read_blanks(received, mapping)
    by_parts = bool(columns.more_outcomes or mapping.outcome_columns)
    words, unknown = match_words(
        {text for text in read_as.values() if text or "" in map(fold, known)}, known, by_parts=by_parts
    )
    outcomes = {label: words[text] for label, text in read_as.items() if text in words}
    if unknown:
        section, advised = ("statuses", stage_names) if mapping.statuses else ("outcomes", OUTCOMES)
        named = ", ".join((columns.outcome, *columns.more_outcomes, *mapping.outcome_columns.values()))
        problems.append(unmatched_words(unknown, named, section, advised, most))
    stages: dict[str, str] = {}
    if columns.stage:
        stages, unknown = match_words(
            _distinct(connection, rows, "stage_label"), {stage: stage for stage in stage_names} | mapping.stage_labels
        )
        if unknown:
            problems.append(unmatched_words(unknown, columns.stage, "stage_labels", stage_names, most))
    if mapping.source.without_outcome:
        # In a history of statuses, some rows are outcomes.
        endings = {label: meaning for label, meaning in stages.items() if meaning not in stage_names}
        marked = {outcome: outcome for outcome in mapping.outcome_columns}
        outcomes = {NOT_FURTHER: mapping.source.without_outcome, **endings, **marked}
    if problems:
        raise InputRefused(*problems)
    keep_ethnicities(connection, meanings, extract_id)
    paths = {label: mapping.statuses[meaning] for label, meaning in outcomes.items()} if mapping.statuses else {}
    _keep(
        connection,
        "intake.outcome_labels",
        {"label": pl.String, "outcome": pl.String, "last_order": pl.Int8},
        [(label, path.outcome, stage_names.index(path.reached)) for label, path in paths.items()]
        or [(label, meaning, None) for label, meaning in outcomes.items()],
        extract_id,
    )
    frame = pl.DataFrame(list(stages.items()), schema={"label": pl.String, "stage": pl.String}, orient="row")
    connection.register("label_frame", frame)
    connection.execute("create temp table stage_labels as select * from label_frame")
    connection.unregister("label_frame")


def match_received(
    labels: Iterable[str], mapping: Mapping, settings: Settings
) -> tuple[dict[str, Ethnicity], list[Problem]]:
    """Return what each ethnicity label as received means, and a problem with the labels that are unknown."""
    read_as = _read_blanks(labels, mapping)
    if problem := hispanic_problem(read_as.values(), mapping):
        return {}, [problem]
    meanings, unknown = match_ethnicities(set(read_as.values()), mapping)
    if unknown:
        most = settings.intake.max_labels_listed
        return {}, [unmatched_ethnicities(unknown, mapping.columns.ethnicity, mapping, most)]
    return {label: meanings[text] for label, text in read_as.items()}, []


def keep_ethnicities(connection: duckdb.DuckDBPyConnection, meanings: dict[str, Ethnicity], extract_id: str) -> None:
    """Keep how each label was read."""
    columns = ("label", "ethnicity_category", "ethnicity_group", "wres_group")
    rows = [(label, e.category, e.group, e.wres) for label, e in meanings.items()]
    _keep(connection, "intake.ethnicity_labels", dict.fromkeys(columns, pl.String), rows, extract_id)


def _read_blanks(labels: Iterable[str], mapping: Mapping) -> dict[str, str]:
    """Map each label as received to the text that is read: empty for the mapping's words for a blank."""
    blanks = {fold(word) for word in ("", *mapping.source.blanks)}
    return {label: "" if fold(label) in blanks else label for label in labels}


def _keep(
    connection: duckdb.DuckDBPyConnection, table: str, schema: dict[str, Any], rows: list[Any], extract_id: str
) -> None:
    connection.register("label_frame", pl.DataFrame(rows, schema=schema, orient="row"))
    connection.execute(f"insert into {table} by name select ? as extract_id, * from label_frame", [extract_id])
    connection.unregister("label_frame")


def _distinct(connection: duckdb.DuckDBPyConnection, rows: str, column: str) -> list[str]:
    return [value or "" for (value,) in connection.sql(f"select distinct {column} from {rows}").fetchall()]
