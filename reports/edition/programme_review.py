"""The published review of a programme: made from an organisation's published editions and the programme file alone.

published/<organisation>/programme-<name>/ has the page for the board, its tables as CSV and a record, which names the
editions that it is made from by their seals: whoever has the folder can make every figure again.
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
from equity_audit.programme.effect_table import effect_rows, frame, tried_rows
from equity_audit.programme.programme_file import ProgrammeFile
from equity_audit.programme.quarterly_counts import QUARTER
from equity_audit.programme.review import Review, review
from equity_audit.settings import Settings
from reports.edition.manifest_hash import sha256
from reports.edition.record import Earlier

PAGE = "programme.html"
# What must not differ between editions that are put into one series.
_SAME = ("period", "comparison", "disclosure")


@dataclass(frozen=True)
class ProgrammeEdition:
    """What the page and the record know. editions: oldest first.

    settings: those of the latest edition, with which everything is worked out.
    """

    organisation: str
    name: str
    told: ProgrammeFile
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


def review_editions(organisation: str, name: str, told: ProgrammeFile, editions: Sequence[Earlier]) -> ProgrammeEdition:
    """Judge a programme from published editions. Raises UsageError where these make no series, with what to do."""
    if not editions:
        raise UsageError(Problem("nothing is published yet", organisation, "publish periods first: equity-audit run"))
    ordered = sorted(editions, key=lambda one: one.period)
    settings = _settings(organisation, ordered)
    counts = pl.concat([one.tables["stage_counts"] for one in ordered], how="diagonal_relaxed")
    found = review(counts, told.programme, settings)
    if not found.judged:
        raise UsageError(Problem("no published counts by quarter", organisation, _quarters_advice(settings)))
    if told.programme.start > max(found.trend["period"]):
        raise UsageError(
            Problem(
                f"the programme began after the last published quarter, which begins on {max(found.trend['period'])}",
                f"{name}, key programme.start",
                "correct the day, or come back when later periods are published",
            )
        )
    return ProgrammeEdition(organisation, name, told, ordered, settings, found)


def _quarters_advice(settings: Settings) -> str:
    """What to change so that editions have something to review."""
    policy, again = settings.disclosure, "then publish every period again: equity-audit run with the exports"
    if QUARTER not in policy.publish_splits:
        return f'put "{QUARTER}" into disclosure.publish_splits in settings.toml, {again}'
    levels = ", ".join(policy.quarter_levels)
    return (
        f"quarters are published at the levels {levels}, which these editions do not have: put one that they have, as "
        f'"group", into disclosure.quarter_levels in settings.toml, {again}'
    )


def programme_record(
    edition: ProgrammeEdition,
    files: Mapping[str, bytes],
    revisions: tuple[int, int | None],
    packages: Mapping[str, str],
    run: tuple[str, str],
) -> dict[str, Any]:
    """The record without its seal. files: all others, by name; revisions: this one's, and the one that it replaces.

    run: the run's id and the time of publishing, UTC: the only things that do not follow from the content.
    """
    return {
        "organisation": edition.organisation,
        "period_label": f"programme {edition.told.programme.name}",
        "revision": revisions[0],
        "replaces": revisions[1],
        "published_at": run[1],
        "run_id": run[0],
        "programme_name": edition.name,
        "programme": edition.told.model_dump(mode="json"),
        "editions": [
            {"period": one.period.isoformat(), "revision": one.revision, "record_sha256": one.record_sha256}
            for one in edition.editions
        ],
        "settings_sha256": edition.settings.sha256(),
        "settings": edition.settings.model_dump(mode="json"),
        "packages": dict(packages),
        "tables": {table.name: sha256(files[f"tables/{table.name}.csv"]) for table in DISCLOSED_OVER_TIME},
        "files": {name: {"sha256": sha256(content), "bytes": len(content)} for name, content in sorted(files.items())},
    }


def of_record(record: Mapping[str, Any], editions: Sequence[Earlier]) -> ProgrammeEdition:
    """The review made again from its record and the editions that this names, as they lie there now."""
    told = ProgrammeFile.model_validate(record["programme"])
    return review_editions(record["organisation"], record["programme_name"], told, editions)


def _settings(organisation: str, editions: Sequence[Earlier]) -> Settings:
    """The policy that all editions share. Raises UsageError naming the periods that were published otherwise."""
    latest = editions[-1]
    others = [_label(one.period) for one in editions if any(one.settings[k] != latest.settings[k] for k in _SAME)]
    try:
        settings = Settings.model_validate(latest.settings)
    except ValidationError:
        others = [_label(latest.period)]
    if others:
        raise UsageError(
            Problem(
                f"published with other settings or by another version: {', '.join(others)}",
                organisation,
                "publish these periods again with the present settings: equity-audit run with their exports",
            )
        )
    return settings


def _label(day: date) -> str:
    return f"the period from {day.isoformat()}"
