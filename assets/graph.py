"""The asset graph of Dagster's definitions, as the plain records that reports use."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from types import ModuleType
from typing import Any

import dagster as dg

from assets import counts, disclosed, extracts, measures, populations, several_years
from assets.checks import counts as checks
from assets.checks import disclosed as disclosure_checks
from assets.checks import measures as measure_checks
from assets.checks import populations as population_checks
from assets.checks.policy import checks_by_policy
from equity_audit.settings import Settings
from reports.edition.asset_graph import LAYERS, Asset, AssetCheck, AssetColumn

# The modules whose assets lead to an edition. The edition is missing, since its module imports this one.
TABLE_MODULES: tuple[ModuleType, ...] = (extracts, counts, measures, disclosed, several_years, populations)
CHECK_MODULES: tuple[ModuleType, ...] = (checks, measure_checks, disclosure_checks, population_checks)


def asset_graph(edition: dg.AssetsDefinition, settings: Settings) -> tuple[Asset, ...]:
    """Return every asset by layer and name, with its checks under the policy.

    edition: the asset that publishes, passed in because importing it here would be circular.
    """
    loaded = dg.load_assets_from_modules(TABLE_MODULES)
    definitions = [asset for asset in (*loaded, edition) if isinstance(asset, dg.AssetsDefinition)]
    checks_by_asset = _checks(checks_by_policy(dg.load_asset_checks_from_modules(CHECK_MODULES), settings))
    assets = [_asset(spec, definition, checks_by_asset) for definition in definitions for spec in definition.specs]
    layers = list(LAYERS)
    return tuple(sorted(assets, key=lambda asset: (layers.index(asset.layer), asset.name)))


def _checks(definitions: Iterable[dg.AssetChecksDefinition]) -> Mapping[dg.AssetKey, list[AssetCheck]]:
    checks_by_asset = defaultdict(list)
    for definition in definitions:
        for spec in definition.check_specs:
            checks_by_asset[spec.asset_key].append(AssetCheck(spec.name, spec.description or "", spec.blocking))
    return checks_by_asset


def _asset(
    spec: dg.AssetSpec, definition: dg.AssetsDefinition, checks_by_asset: Mapping[dg.AssetKey, list[AssetCheck]]
) -> Asset:
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
        checks=tuple(sorted(checks_by_asset.get(spec.key, ()), key=lambda check: check.name)),
    )


def _columns(metadata: Mapping[str, Any]) -> tuple[AssetColumn, ...]:
    """Return the columns in order; an asset that is a file has none."""
    schema, lineage = metadata.get("dagster/column_schema"), metadata.get("dagster/column_lineage")
    sources_by_column = lineage.deps_by_column if lineage else {}
    return tuple(
        AssetColumn(
            column.name,
            column.type,
            column.description or "",
            tuple(f"{_name(dep.asset_key)}.{dep.column_name}" for dep in sources_by_column.get(column.name, ())),
        )
        for column in (schema.columns if schema else ())
    )


def _name(key: dg.AssetKey) -> str:
    return ".".join(key.path)
