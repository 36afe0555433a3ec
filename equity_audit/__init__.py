"""The pure core: what the numbers mean.

Nothing here imports Dagster or Great Expectations or reads a record: assets and commands do that and call in.
"""
