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

# Settings that decide what a published count and a rate of it mean.
_ALIKE = ("period", "comparison", "disclosure", "variation")


@dataclass(frozen=True)
class SideBySide:
    """Rows as of disclosed.variation, a unit being an organisation; and what was compared."""

    period_label: str
    organisations: int
    settings: Settings
    rows: pl.DataFrame


def side_by_side_of(organisations: Mapping[str, Sequence[Listed]]) -> SideBySide | None:
    """None where no period has enough editions with the same stages that were made with the same settings.

    Of several such sets of one period the largest is taken.
    """
    alike: dict[tuple[str, str], list[Listed]] = defaultdict(list)
    for one in (one for editions in organisations.values() for one in editions):
        if one.published is not None and "stage_counts" in one.published.tables:
            steps = steps_of(one.published.tables["stage_counts"])
            alike[one.folder, repr([steps, *(one.published.settings.get(section) for section in _ALIKE)])].append(one)
    # The settings' own text decides between two sets of the same size, so that the same editions give the same page.
    for (_, _), editions in sorted(
        alike.items(), key=lambda item: (item[0][0], len(item[1]), item[0][1]), reverse=True
    ):
        tables = [one.published.tables["stage_counts"] for one in editions if one.published is not None]
        settings = _settings(editions[0])
        if settings is not None and len(tables) >= settings.variation.least_organisations:
            rows = organisations_beside(pl.concat(tables), settings)
            return SideBySide(editions[0].period_label, len(tables), settings, rows)
    return None


def limit_levels(compared: SideBySide | None) -> list[str]:
    """How many of a hundred lie between each pair of limits by chance: "99.8%"; none for no comparison."""
    return [setting_percent(level) for level in compared.settings.variation.funnel_limits] if compared else []


def _settings(one: Listed) -> Settings | None:
    """What an edition was made with; None for settings of another version."""
    try:
        return Settings.model_validate(one.published.settings if one.published is not None else {})
    except ValidationError:
        return None
