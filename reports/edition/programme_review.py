"""The published review of a programme: made from an organisation's published editions and the programme file alone.

published/<organisation>/programme-<name>/ has the page for the board, its tables as CSV and a record, which lists the
editions that it is made from by their manifest hashes: anybody who has the folders can recalculate every figure.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl
from pydantic import ValidationError

from equity_audit.contracts import (
    DISCLOSED_OVER_TIME,
    DISCLOSED_PROGRAMME_EFFECT,
    DISCLOSED_PROGRAMME_SENSITIVITY,
    DISCLOSED_TREND,
)
from equity_audit.errors import Problem, UsageError
from equity_audit.periods import period_end
from equity_audit.programme.effect_table import effect_rows, frame, tried_rows
from equity_audit.programme.programme_file import ProgrammeFile
from equity_audit.programme.review import Review, review
from equity_audit.settings import Settings
from reports.edition.manifest_hash import sha256
from reports.edition.record import Earlier

PAGE = "programme.html"
# Settings that must not differ between the editions of one series.
_SAME = ("period", "comparison", "disclosure")


@dataclass(frozen=True)
class ProgrammeEdition:
    """What the page and the record are made from. editions: oldest first.

    settings: those of the latest edition, which are used throughout.
    """

    organisation: str
    name: str
    programme_file: ProgrammeFile
    editions: Sequence[Earlier]
    settings: Settings
    review: Review

    @property
    def tables(self) -> dict[str, pl.DataFrame]:
        """The tables by name, with the columns of their contracts."""
        same = {"organisation": self.organisation}
        effect, tried = DISCLOSED_PROGRAMME_EFFECT, DISCLOSED_PROGRAMME_SENSITIVITY
        columns = {table: [(c.name, c.type) for c in table.columns] for table in (effect, tried)}
        judged = self.review.judged
        return {
            DISCLOSED_TREND.name: self.review.trend.with_columns(organisation=pl.lit(self.organisation)).select(
                DISCLOSED_TREND.column_names
            ),
            effect.name: frame(effect_rows(judged), columns[effect], programme=self.name, **same),
            tried.name: frame(tried_rows(judged), columns[tried], programme=self.name, **same),
        }


def review_editions(
    organisation: str, name: str, programme_file: ProgrammeFile, editions: Sequence[Earlier]
) -> ProgrammeEdition:
    """Judge a programme from published editions. Raises UsageError, with what to do, if they do not form a series."""
    if not editions:
        raise UsageError(Problem("nothing is published yet", organisation, "publish periods first: equity-audit run"))
    ordered = sorted(editions, key=lambda edition: edition.period)
    settings = _settings(organisation, ordered)
    counts = pl.concat([edition.tables["stage_counts"] for edition in ordered], how="diagonal_relaxed")
    result = review(counts, programme_file.programme, settings)
    if result is None:
        advice = (
            "the reference groups in settings.toml, comparison.reference_wres and reference_group, have to be counted"
        )
        raise UsageError(Problem("no step has two groups with published counts", organisation, advice))
    last = period_end(ordered[-1].period, settings.period)
    if programme_file.programme.start >= last:
        raise UsageError(
            Problem(
                f"the programme began after the last published period, which ends before {last.isoformat()}",
                f"{name}, key programme.start",
                "correct the date, or try again when later periods are published",
            )
        )
    return ProgrammeEdition(organisation, name, programme_file, ordered, settings, result)


def programme_record(
    edition: ProgrammeEdition,
    files: Mapping[str, bytes],
    revisions: tuple[int, int | None],
    packages: Mapping[str, str],
    run: tuple[str, str],
) -> dict[str, Any]:
    """Return the record without its own hash. files: all others, by name; revisions: this one's, and the one replaced.

    run: the run's id and the time of publishing, UTC: the only parts that do not follow from the content.
    """
    return {
        "organisation": edition.organisation,
        "period_label": f"programme {edition.programme_file.programme.name}",
        "revision": revisions[0],
        "replaces": revisions[1],
        "published_at": run[1],
        "run_id": run[0],
        "programme_name": edition.name,
        "programme": edition.programme_file.model_dump(mode="json"),
        "editions": [
            {"period": used.period.isoformat(), "revision": used.revision, "record_sha256": used.record_sha256}
            for used in edition.editions
        ],
        "settings_sha256": edition.settings.sha256(),
        "settings": edition.settings.model_dump(mode="json"),
        "packages": dict(packages),
        "tables": {table.name: sha256(files[f"tables/{table.name}.csv"]) for table in DISCLOSED_OVER_TIME},
        "files": {name: {"sha256": sha256(content), "bytes": len(content)} for name, content in sorted(files.items())},
    }


def of_record(record: Mapping[str, Any], editions: Sequence[Earlier]) -> ProgrammeEdition:
    """Recalculate a review from its record and the editions that the record lists, as they are now."""
    programme_file = ProgrammeFile.model_validate(record["programme"])
    return review_editions(record["organisation"], record["programme_name"], programme_file, editions)


def _settings(organisation: str, editions: Sequence[Earlier]) -> Settings:
    """Return the policy that all editions share. Raises UsageError naming the periods published under another."""
    latest = editions[-1]
    others = [
        _label(edition.period)
        for edition in editions
        if any(edition.settings[section] != latest.settings[section] for section in _SAME)
    ]
    try:
        settings = Settings.model_validate(latest.settings)
    except ValidationError:
        others = [_label(latest.period)]
    if others:
        raise UsageError(
            Problem(
                f"published with different settings or by another version: {', '.join(others)}",
                organisation,
                "publish these periods again with the current settings: equity-audit run with their exports",
            )
        )
    return settings


def _label(day: date) -> str:
    return f"the period from {day.isoformat()}"
