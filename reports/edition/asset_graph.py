"""The steps by which an edition was made, as plain records: which table is made from which, by what, how checked."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

LAYERS = {
    "intake": ("Loaded", "files as received, and what their labels mean"),
    "core": ("Records", "applications under pseudonyms; never published"),
    "out": ("Calculated", "exact counts, rates and comparisons; never published"),
    "disclosed": ("Protected", "rounded, small counts withheld; may be published"),
    "edition": ("Published", "what you are reading"),
}
"""Every layer from left to right, by the first part of its tables' names: its heading, and what it holds."""


@dataclass(frozen=True)
class AssetColumn:
    """A column. made_of: the columns of other tables that it is derived from, with their tables."""

    name: str
    type: str
    meaning: str
    made_of: tuple[str, ...]


@dataclass(frozen=True)
class AssetCheck:
    """A check on a table. A blocking check lets nothing be made from the table until it passes."""

    name: str
    meaning: str
    blocking: bool


@dataclass(frozen=True)
class Asset:
    """One table, or the edition itself.

    name: layer and table, "out.stage_counts". computation: the function that makes it, and possibly others too; how:
    what the function does. per: "extract" or "period", whichever the table is made for. made_from: names of assets.
    """

    name: str
    meaning: str
    computation: str
    how: str
    per: str
    made_from: tuple[str, ...]
    columns: tuple[AssetColumn, ...]
    checks: tuple[AssetCheck, ...]

    @property
    def layer(self) -> str:
        """The first part of the name."""
        return self.name.partition(".")[0]


def lineage_record(assets: Iterable[Asset]) -> dict[str, Any]:
    """Return the assets as an edition's record lists them: names only, by name."""
    return {
        asset.name: {
            "made_by": asset.computation,
            "made_from": list(asset.made_from),
            "checks": [check.name for check in asset.checks],
            "columns": {column.name: list(column.made_of) for column in asset.columns if column.made_of},
        }
        for asset in assets
    }


def statements_of(asset: str, texts: Mapping[str, str], assets: Sequence[Asset]) -> list[str]:
    """Return the names of the statements that make a table: its own, and of views it reads that are not assets."""
    asset_names = {other.name for other in assets}
    names = [asset] if asset in texts else []
    for name in names:
        names += [view for view in texts if view not in asset_names and view not in names and view in texts[name]]
    return names
