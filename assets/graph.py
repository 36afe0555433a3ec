"""The asset graph as Dagster's own definitions give it, in the plain records that a report may know."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from types import ModuleType
from typing import Any

import dagster as dg

from assets import counts, disclosed, extracts, measures, populations
from assets.checks import counts as checks
from assets.checks import disclosed as disclosure_checks
from assets.checks import measures as measure_checks
from assets.checks import populations as population_checks
from assets.checks.policy import checks_by_policy
from equity_audit.settings import Settings
from reports.edition.asset_graph import LAYERS, Asset, AssetCheck, AssetColumn

# What an edition is made by; the edition itself is not among them, since it asks for them.
TABLE_MODULES: tuple[ModuleType, ...] = (extracts, counts, measures, disclosed, populations)
CHECK_MODULES: tuple[ModuleType, ...] = (checks, measure_checks, disclosure_checks, population_checks)


def asset_graph(edition: dg.AssetsDefinition, settings: Settings) -> tuple[Asset, ...]:
    """Every asset by layer and name, with checks as policy has them.

    edition: the asset that publishes, which no module here knows.
    """
    loaded = dg.load_assets_from_modules(TABLE_MODULES)
    definitions = [one for one in (*loaded, edition) if isinstance(one, dg.AssetsDefinition)]
    found = _checks(checks_by_policy(dg.load_asset_checks_from_modules(CHECK_MODULES), settings))
    assets = [_asset(spec, definition, found) for definition in definitions for spec in definition.specs]
    layers = list(LAYERS)
    return tuple(sorted(assets, key=lambda asset: (layers.index(asset.layer), asset.name)))


def _checks(definitions: Iterable[dg.AssetChecksDefinition]) -> Mapping[dg.AssetKey, list[AssetCheck]]:
    found = defaultdict(list)
    for definition in definitions:
        for spec in definition.check_specs:
            found[spec.asset_key].append(AssetCheck(spec.name, spec.description or "", spec.blocking))
    return found


def _asset(spec: dg.AssetSpec, definition: dg.AssetsDefinition, found: Mapping[dg.AssetKey, list[AssetCheck]]) -> Asset:
    name = _name(spec.key)
    function: Any = definition.op.compute_fn
    function = function.decorated_fn
    return Asset(
        name=name,
        meaning=(spec.description or "").removeprefix(f"{name}: "),
        computation=f"{function.__module__}.{function.__name__}",
        how=function.__doc__ or "",
        per="extract" if isinstance(spec.partitions_def, dg.DynamicPartitionsDefinition) else "period",
        made_from=tuple(sorted(_name(dep.asset_key) for dep in spec.deps)),
        columns=_columns(spec.metadata),
        checks=tuple(sorted(found.get(spec.key, ()), key=lambda check: check.name)),
    )


def _columns(metadata: Mapping[str, Any]) -> tuple[AssetColumn, ...]:
    """Columns in their order; a file has none."""
    schema, lineage = metadata.get("dagster/column_schema"), metadata.get("dagster/column_lineage")
    made_of = lineage.deps_by_column if lineage else {}
    return tuple(
        AssetColumn(
            column.name,
            column.type,
            column.description or "",
            tuple(f"{_name(dep.asset_key)}.{dep.column_name}" for dep in made_of.get(column.name, ())),
        )
        for column in (schema.columns if schema else ())
    )


def _name(key: dg.AssetKey) -> str:
    return ".".join(key.path)
