"""Checks under a home's policy: partitioned by its periods, with its numbers in their meanings."""

from collections.abc import Iterable

import dagster as dg

from assets.checks.counts import applicant_checks
from assets.lineage import asset_key
from assets.partitions import EXTRACTS, PERIODS, period_partitions
from equity_audit.contracts import APPLICANT_STAGES
from equity_audit.settings import Settings
from expectations.adapter import check_specs


def checks_by_policy(checks: Iterable[dg.AssetChecksDefinition], settings: Settings) -> list[dg.AssetChecksDefinition]:
    """Return the same checks under a home's policy. Dagster offers this for assets only (`map_asset_specs`)."""
    periods = period_partitions(settings)
    specs = check_specs(applicant_checks(settings), asset_key(APPLICANT_STAGES), EXTRACTS)
    with_numbers = {spec.key: spec for spec in specs}

    def by_policy(spec: dg.AssetCheckSpec) -> dg.AssetCheckSpec:
        if spec.partitions_def is PERIODS:
            return spec._replace(partitions_def=periods)
        return with_numbers.get(spec.key, spec)

    return [
        dg.AssetChecksDefinition.create(
            keys_by_input_name=check.node_keys_by_input_name,
            node_def=check.op,
            check_specs_by_output_name={
                output: by_policy(spec) for output, spec in check.check_specs_by_output_name.items()
            },
            can_subset=check.can_subset,
        )
        for check in checks
    ]
