"""The steps by which an edition was made, as plain records: which table is made of which, by what, and checked how."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

LAYERS = {
    "intake": ("Taken in", "files as they came, and what their labels mean"),
    "core": ("Records", "applications under pseudonyms; never published"),
    "out": ("Worked out", "exact counts, rates and comparisons; never published"),
    "disclosed": ("Protected", "rounded, small counts withheld; may be published"),
    "edition": ("Published", "what you are reading"),
}
"""Every layer from left to right, by the first part of its tables' names: its heading, and what is in it."""


@dataclass(frozen=True)
class AssetColumn:
    """A column; made_of: the columns of other tables that its values are made of, with their tables."""

    name: str
    type: str
    meaning: str
    made_of: tuple[str, ...]


@dataclass(frozen=True)
class AssetCheck:
    """A check on a table. One that blocks lets nothing be made of the table until it passes."""

    name: str
    meaning: str
    blocking: bool


@dataclass(frozen=True)
class Asset:
    """One table, or the edition itself.

    name: layer and table, "out.stage_counts". computation: the function that makes it, which may make others too, and
    how: what that does. per: "extract" or "period", whichever it is made once for. made_from: names of assets.
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
    """The assets as an edition's record says them: names only, by name."""
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
    """Names of the statements by which a table is made: its own, and the views that it reads and that are no assets."""
    known = {one.name for one in assets}
    found = [asset] if asset in texts else []
    for name in found:
        found += [view for view in texts if view not in known and view not in found and view in texts[name]]
    return found
