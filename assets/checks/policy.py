"""Checks as a home's policy has them: cut by its periods, and named with its numbers."""

from collections.abc import Iterable

import dagster as dg

from assets.checks.counts import applicant_checks
from assets.lineage import asset_key
from assets.partitions import EXTRACTS, PERIODS, period_partitions
from equity_audit.contracts import APPLICANT_STAGES
from equity_audit.settings import Settings
from expectations.adapter import check_specs


def checks_by_policy(checks: Iterable[dg.AssetChecksDefinition], settings: Settings) -> list[dg.AssetChecksDefinition]:
    """The same checks by a home's policy; Dagster has this for assets only (`map_asset_specs`)."""
    periods = period_partitions(settings)
    named = {spec.key: spec for spec in check_specs(applicant_checks(settings), asset_key(APPLICANT_STAGES), EXTRACTS)}

    def by_policy(spec: dg.AssetCheckSpec) -> dg.AssetCheckSpec:
        return spec._replace(partitions_def=periods) if spec.partitions_def is PERIODS else named.get(spec.key, spec)

    return [
        dg.AssetChecksDefinition.create(
            keys_by_input_name=one.node_keys_by_input_name,
            node_def=one.op,
            check_specs_by_output_name={
                output: by_policy(spec) for output, spec in one.check_specs_by_output_name.items()
            },
            can_subset=one.can_subset,
        )
        for one in checks
    ]
