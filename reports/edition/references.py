"""The group that an edition compares others with, at the level of groups, and what its levels are called."""

from collections.abc import Collection

from equity_audit.vocabulary import national_reference
from reports.edition.record import Edition


def group_reference(edition: Edition) -> str:
    """Return the reference of groups: that of a national classification, otherwise that of policy."""
    counts = edition.tables["stage_counts"]
    names = counts.filter(counts["level"] == "group")["group_name"].unique()
    return national_reference(names) or str(edition.settings["comparison"]["reference_group"])


def level_names(levels: Collection[str]) -> dict[str, str]:
    """Return the names of the levels that an edition has, in the order of its pages; only UK groups are five."""
    names = {"group": "Five groups", "wres": "White and BME", "category": "Each ethnic category"}
    if "wres" not in levels:
        names["group"] = "Each group"
    return {level: name for level, name in names.items() if level in levels}
