"""The two jobs: take in one extract; report on one period."""

import dagster as dg

take_in_extract = dg.define_asset_job(
    "take_in_extract",
    selection=dg.AssetSelection.groups("intake", "core"),
    description="Load one export file, check its rows, and let it count if the blocking checks pass.",
)

report_period = dg.define_asset_job(
    "report_period",
    selection=dg.AssetSelection.groups("out", "disclosed", "edition"),
    description="Count one reporting period, protect the figures and publish its edition for every organisation.",
)
