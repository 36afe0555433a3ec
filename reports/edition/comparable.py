"""Whether figures of two published years mean the same, so that they may be compared or combined."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from equity_audit.contracts.years import EARLIER_COLUMNS
from equity_audit.vocabulary import family
from reports.edition.record import Earlier, Edition
from reports.edition.sources import recruitment_shapes

# Settings that decide what a ratio means; others only decide what is shown.
MEANING = (
    ("period", "unit"),
    ("period", "year_starts"),
    ("comparison", "reference_group"),
    ("comparison", "reference_wres"),
    ("comparison", "confidence"),
)
# Settings that decide which counts a published one covers.
ROUNDING = tuple(("disclosure", name) for name in ("withhold_below", "round_to", "zeros", "zeros_in_splits"))


def why_not_comparable(edition: Edition, before: Earlier) -> str:
    """Return why figures of the two editions would not mean the same; empty if they do."""
    different = what_differs(edition.settings, edition.tables, before)
    names = [name.replace("_", " ") for name in different_settings(edition.settings, before.settings)]
    words = {
        "": "",
        "different_settings": f"it was made with different settings ({', '.join(names)})",
        "different_tables": "it was made by a version of this program with different tables",
        "different_stages": "its stages are different",
        "different_classification": "its source uses a different classification of ethnicity",
        "different_source": "one of the two was counted by its source, where everyone who did not go on counts as "
        "rejected",
    }
    return words[different]


def what_differs(settings: Mapping[str, Any], tables: Mapping[str, pl.DataFrame], before: Earlier) -> str:
    """Return the first thing that differs, by a short name; empty if nothing does.

    settings, tables: of the edition that an earlier one is set beside; stage_counts and sources are read.
    """
    if different_settings(settings, before.settings):
        return "different_settings"
    # Without design effects, earlier ranges are those of independent decisions.
    if not {"stage_counts", "disparities", "design_effects", "sources"} <= before.tables.keys():
        return "different_tables"
    if _stages(tables) != _stages(before.tables):
        return "different_stages"
    if _families(tables) != _families(before.tables):
        return "different_classification"
    if recruitment_shapes(tables) != recruitment_shapes(before.tables):
        return "different_source"
    return ""


def why_left_out(settings: Mapping[str, Any], tables: Mapping[str, pl.DataFrame], before: Earlier) -> str:
    """Return the first thing for which counts of the two years cannot be added up, by its name; empty if they can."""
    if reason := what_differs(settings, tables, before):
        return reason
    if different_settings(settings, before.settings, ROUNDING):
        return "different_settings"
    if any(not set(columns) <= set(before.tables[name].columns) for name, columns in EARLIER_COLUMNS.items()):
        return "different_tables"
    return "" if _steps(tables) == _steps(before.tables) else "different_stages"


def different_settings(
    now: Mapping[str, Any], then: Mapping[str, Any], names: tuple[tuple[str, str], ...] = MEANING
) -> list[str]:
    """Return the names of settings that differ."""
    return [name for section, name in names if now[section][name] != then.get(section, {}).get(name)]


def _stages(tables: Mapping[str, pl.DataFrame]) -> list[tuple[Any, ...]]:
    steps = tables["stage_counts"].filter(pl.col("step_kind") == "stage")
    return steps.select("step_order", "from_stage", "to_stage").unique().sort("step_order").rows()


def _steps(tables: Mapping[str, pl.DataFrame]) -> list[tuple[Any, ...]]:
    return sorted(tables["stage_counts"].select("step_kind", "from_stage", "to_stage").unique().rows())


def _families(tables: Mapping[str, pl.DataFrame]) -> set[str]:
    """UK sources are all mapped to one classification, so different versions of theirs make no difference."""
    return {family(name) for name in tables["sources"]["ethnicity_classification"]}
