"""The pure core: what the numbers mean.

Nothing here imports Dagster or Great Expectations, or reads records: assets and commands do that and call this package.
"""
