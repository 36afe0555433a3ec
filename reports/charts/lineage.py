"""Positions in the drawing of the lineage: layers from left to right, a curve for each dependency.

Positions follow from the assets alone, so the same assets give the same drawing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from reports.edition.asset_graph import LAYERS, Asset

NODE_WIDTH, NODE_HEIGHT = 150, 40
_ROW, _GAP = 52, 49
_TOP = 56  # for the headings of the layers
# How far a curve between two tables of one layer bulges sideways: more, the further apart they are.
_BULGE, _BULGE_MORE = 14, 4


@dataclass(frozen=True)
class Node:
    """A table in the drawing; x and y are its upper left corner."""

    asset: Asset
    x: int
    y: int

    @property
    def label(self) -> str:
        """The table's name in words."""
        if self.asset.layer == "edition":
            return "The edition"
        return self.asset.name.partition(".")[2].replace("_", " ").capitalize()


@dataclass(frozen=True)
class Edge:
    """A dependency: `path` is the SVG path of its curve."""

    made_from: str
    made: str
    path: str


@dataclass(frozen=True)
class Picture:
    """The whole drawing. layers: heading and left edge of each."""

    width: int
    height: int
    layers: Sequence[tuple[str, int]]
    nodes: Sequence[Node]
    edges: Sequence[Edge]


def draw(assets: Sequence[Asset]) -> Picture:
    """Lay out all assets and the dependencies between them."""
    present = [layer for layer in LAYERS if any(asset.layer == layer for asset in assets)]
    left = {layer: position * (NODE_WIDTH + _GAP) for position, layer in enumerate(present)}
    columns = {layer: [asset for asset in assets if asset.layer == layer] for layer in present}
    rows = max(map(len, columns.values()), default=0)
    height: dict[str, float] = {}
    nodes: dict[str, Node] = {}
    for layer, column in columns.items():
        ordered = _ordered(column, height)
        first = _TOP + (rows - len(ordered)) * _ROW // 2
        for position, asset in enumerate(ordered):
            nodes[asset.name] = Node(asset, left[layer], first + position * _ROW)
            height[asset.name] = first + position * _ROW
    edges = [
        Edge(source, asset.name, _path(nodes[source], nodes[asset.name]))
        for asset in assets
        for source in asset.made_from
        if source in nodes
    ]
    width = len(present) * (NODE_WIDTH + _GAP) - _GAP
    return Picture(
        width, _TOP + rows * _ROW, [(LAYERS[layer][0], left[layer]) for layer in present], [*nodes.values()], edges
    )


def _ordered(column: Sequence[Asset], height: dict[str, float]) -> list[Asset]:
    """Order the tables of a layer: those made only from tables further left first, each near what it is made from."""
    depth = _depths(column)

    def wanted(asset: Asset) -> tuple[int, float, str]:
        known = [height[name] for name in asset.made_from if name in height]
        return depth[asset.name], sum(known) / len(known) if known else 0.0, asset.name

    return sorted(column, key=wanted)


def _depths(column: Iterable[Asset]) -> dict[str, int]:
    """Return for each table how many steps it is from the first tables of its layer."""
    by_name = {asset.name: asset for asset in column}

    def depth(name: str) -> int:
        inner = [source for source in by_name[name].made_from if source in by_name]
        return 1 + max(map(depth, inner)) if inner else 0

    return {name: depth(name) for name in by_name}


def _path(source: Node, target: Node) -> str:
    start, end = source.y + NODE_HEIGHT // 2, target.y + NODE_HEIGHT // 2
    right, arrow = source.x + NODE_WIDTH, 5
    if source.x == target.x:
        out, tip = right + _BULGE + _BULGE_MORE * abs(target.y - source.y) // _ROW, right + arrow
        return f"M {right} {start} C {out} {start} {out} {end} {tip} {end}"
    if source.x < target.x:
        tip = target.x - arrow
        half = min(_GAP, (tip - right) // 2)
        return f"M {right} {start} C {right + half} {start} {tip - half} {end} {tip} {end}"
    tip = target.x + NODE_WIDTH + arrow
    half = (source.x - tip) // 2
    return f"M {source.x} {start} C {source.x - half} {start} {tip + half} {end} {tip} {end}"
