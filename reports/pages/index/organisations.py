"""Organisations side by side: published rates of the latest period that enough of them have an edition of."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl
from pydantic import ValidationError

from equity_audit.disclosure.estimates.variation import organisations_beside
from equity_audit.settings import Settings
from reports.cells.rate_tables import steps_of
from reports.edition.published_editions import Listed
from reports.figures.printable import setting_percent

# Settings that decide what a published count and its rate mean.
_ALIKE = ("period", "comparison", "disclosure", "variation")


@dataclass(frozen=True)
class SideBySide:
    """Rows like those of disclosed.variation, with organisations as units; and what was compared."""

    period_label: str
    organisations: int
    settings: Settings
    rows: pl.DataFrame


def side_by_side_of(organisations: Mapping[str, Sequence[Listed]]) -> SideBySide | None:
    """Return the latest comparable set of editions; None if no period has enough with the same stages and settings.

    Of several such sets in one period, the largest is used.
    """
    alike: dict[tuple[str, str], list[Listed]] = defaultdict(list)
    for edition in (edition for editions in organisations.values() for edition in editions):
        published = edition.published
        if published is not None and "stage_counts" in published.tables:
            steps = steps_of(published.tables["stage_counts"])
            policy = [published.settings.get(section) for section in _ALIKE]
            alike[edition.folder, repr([steps, *policy])].append(edition)
    # The text of the settings decides between sets of the same size, so that the same editions give the same page.
    for (_, _), editions in sorted(
        alike.items(), key=lambda item: (item[0][0], len(item[1]), item[0][1]), reverse=True
    ):
        tables = [edition.published.tables["stage_counts"] for edition in editions if edition.published is not None]
        settings = _settings(editions[0])
        if settings is not None and len(tables) >= settings.variation.least_organisations:
            rows = organisations_beside(pl.concat(tables), settings)
            return SideBySide(editions[0].period_label, len(tables), settings, rows)
    return None


def limit_levels(compared: SideBySide | None) -> list[str]:
    """Return the share expected within each pair of limits by chance, as "99.8%"; empty if nothing is compared."""
    return [setting_percent(level) for level in compared.settings.variation.funnel_limits] if compared else []


def _settings(edition: Listed) -> Settings | None:
    """Return the settings that an edition was made with; None if they are of another version."""
    try:
        return Settings.model_validate(edition.published.settings if edition.published is not None else {})
    except ValidationError:
        return None
