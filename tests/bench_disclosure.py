"""The part of `make bench` about disclosure: protecting and attacking an edition, and what that costs its readers.

A year of a made-up trust as policy publishes it; made-up organisations of several sizes with pay bands, and
corrections of 25 of their applications; then a large trust: 19 categories, 5 steps, three levels, all of them within
each of 40 departments and of 12 pay bands. Each in a process of its own, for the memory. Last a table of groups by pay
bands beside tau-Argus, which statistical offices use.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytauargus as tau_argus

from equity_audit.contracts import STAGE_COUNTS
from equity_audit.disclosure.suppression.attacker_knowledge import attacker_knowledge
from equity_audit.disclosure.suppression.earlier_revisions import CellNames
from equity_audit.disclosure.suppression.keyed_choices import Choices
from equity_audit.disclosure.suppression.secondary_suppression import protect
from equity_audit.disclosure.table.count_table import Row, count_table_of, published_rows
from equity_audit.disclosure.table.suppression_status import Mark, possible
from equity_audit.disclosure.table.totals_and_parts import totals_and_parts_of
from equity_audit.settings import Settings, load_settings
from equity_audit.synthetic import generate, write
from equity_audit.vocabulary import ALL_APPLICANTS, CATEGORIES, UNKNOWN, display_order, wider_names
from tests.counted_files import stage_counts

APPLICATIONS = 150_000
STAGES = ("applied", "shortlisted", "tested", "interviewed", "offered", "appointed")
# Who goes on at each step, as in the made-up trust.
GO_ON = (0.3, 0.8, 0.6, 0.5, 0.95)
# The same of organisations of other sizes.
SHORT_STAGES = ("applied", "shortlisted", "interviewed", "offered", "appointed")
SHORT_GO_ON = (0.25, 0.7, 0.4, 0.9)
# Applications of organisations that publish pay bands; of those that are corrected besides.
SIZES, CORRECTED_SIZES, CORRECTED = (150, 300, 500, 1_200, 5_000, 20_000), (500, 1_200, 4_000), 25
TABLE_SEED = 20261130


def main() -> None:
    """Print both."""
    for name in ("trust", "large"):
        command = [sys.executable, "-m", "tests.bench_disclosure", name]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        _print(json.loads(done.stdout.splitlines()[-1]))
        if name == "trust":
            for size in SIZES:
                organisation(size)
            for size in CORRECTED_SIZES:
                organisation(size, corrected=CORRECTED)
    beside_tau_argus()


def beside_tau_argus() -> None:
    """Protect one table of groups by pay bands with totals both ways; print seconds of CPU and what is not shown.

    tau-Argus chooses the cheapest cells to leave out of exact counts (pytauargus, suppress OPT). This program is run on
    exact counts too, and as policy has it: rounded.
    """
    rng = np.random.default_rng(TABLE_SEED)
    groups, bands = ("White", "Asian", "Black", "Mixed", "Other", "Unknown"), [f"Band {n}" for n in range(1, 10)]
    numbers = rng.poisson(np.outer(60 / np.arange(1, 7) ** 1.4, 1.5 / np.arange(1, 10) ** 0.7))
    table = pl.DataFrame(
        [(g, b, int(numbers[i, j])) for i, g in enumerate(groups) for j, b in enumerate(bands)],
        schema=["group_name", "breakdown_value", "posts"],
        orient="row",
    ).with_columns(level=pl.lit("group"), breakdown=pl.lit("pay_band"))
    everybody = {"level": pl.lit("all"), "group_name": pl.lit(ALL_APPLICANTS)}
    whole = {"breakdown": pl.lit("all"), "breakdown_value": pl.lit("all")}
    levels = [
        rows.with_columns(**columns) for rows in (table, table.with_columns(**everybody)) for columns in ({}, whole)
    ]
    key = [*Row._fields]
    people = totals_and_parts_of(
        pl.concat(levels, how="diagonal").group_by(key).agg(pl.sum("posts")), {"posts": "posts"}
    )
    # However many are small: tau-Argus leaves out no table.
    shipped = load_settings().disclosure.model_copy(update={"most_withheld": 1.0})
    exact = shipped.model_copy(update={"round_to": 1, "zeros": "show", "zeros_in_splits": "show"})
    for name, policy in (("exact counts", exact), ("as policy has it", shipped)):
        begun = time.process_time()
        done = protect(people, policy, None, Choices(b"bench")).published
        took = time.process_time() - begun
        # Without groups that nobody is in, which this program lists.
        mark = done.mark[[row.group_name in (*groups, ALL_APPLICANTS) for row in done.people.rows]]
        small, withheld = ((mark == each).sum() / mark.size for each in (Mark.FEWER_THAN, Mark.PROTECTS))
        print(f"{mark.size} counts, {name}: {took:.2f} s of CPU; {small:.1%} small, {withheld:.1%} withheld for them")
    here = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        # Its solver leaves logs wherever it is started.
        os.chdir(folder)
        records = table.with_columns(n=pl.lit(1.0)).select(
            pl.col("group_name", "breakdown_value", "n").repeat_by("posts").explode()
        )
        begun = time.process_time()
        peer = tau_argus.protect(
            records,
            ["group_name", "breakdown_value"],
            "n",
            safety_rules="FREQ(5,20)",
            suppress="OPT(1)",
            workdir=folder,
        )
        took = time.process_time() - begun
        audited = peer.engine.audit(0)
        os.chdir(here)
    said = (len(groups) + 1) * (len(bands) + 1)
    small = sum(cell["value"] < 5 for cell in audited)
    print(
        f"{said} counts, tau-Argus: {took:.2f} s of CPU; {small / said:.1%} small, "
        f"{(len(audited) - small) / said:.1%} withheld for them"
    )


def organisation(size: int, corrected: int = 0) -> None:
    """Protect a made-up organisation's year, then a revision of it; print seconds of CPU and what is withheld."""
    policy = load_settings().disclosure
    rng = np.random.default_rng(size)
    people = _applicants(size, rng)
    earlier: dict[CellNames, list[tuple[int, int, int]]] = {}
    for revision in range(1 + (corrected > 0)):
        behind = count_table_of(published_rows(stage_counts_of(people, ("pay_band",), SHORT_STAGES), policy))
        begun = time.process_time()
        done = protect(behind, policy, earlier or None, Choices(b"bench"))
        took, published = time.process_time() - begun, done.published
        own = [row.breakdown == "all" and row.level != "category" for row in published.people.rows]
        said = [(marks != Mark.UNPUBLISHED).sum() for marks in (published.mark[own], published.mark)]
        withheld = [(marks == Mark.PROTECTS).sum() for marks in (published.mark[own], published.mark)]
        print(
            f"{size:,} applications, revision {revision + 1}: {took:.2f} s of CPU; withheld {withheld[0]} of {said[0]} "
            f"headline counts, {withheld[1]} of {said[1]} in all"
        )
        lowest, highest = possible(published, policy)
        stages = published.people.stages
        for line, row in enumerate(published.people.rows):
            for column, q in enumerate(published.people.quantities):
                low, high, exact = (table[line, column] for table in (lowest, highest, published.people.values))
                earlier[row, q.name, stages[q.start], stages[q.end]] = [(int(low), int(high), int(exact))]
        chosen = rng.choice(size, corrected, replace=False)
        last = people["last"].to_numpy().copy()
        last[chosen] = np.minimum(last[chosen] + rng.integers(1, 3, corrected), len(SHORT_STAGES) - 1)
        people = people.with_columns(last=pl.Series(last))


def _applicants(size: int, rng: np.random.Generator) -> pl.DataFrame:
    """Applicants of very different groups, in nine pay bands."""
    names = (*CATEGORIES, UNKNOWN)
    weights = 1 / np.arange(1, len(names) + 1) ** 1.1
    bands = 1 / np.arange(1, 10) ** 0.7
    went_on = rng.random((size, len(SHORT_GO_ON))) < np.array(SHORT_GO_ON)
    return pl.DataFrame(
        {
            "category": rng.choice(names, size, p=weights / weights.sum()),
            "pay_band": rng.choice([f"Band {n}" for n in range(1, 10)], size, p=bands / bands.sum()),
            "last": np.where(went_on.all(axis=1), len(SHORT_GO_ON), went_on.argmin(axis=1)).tolist(),
            "way": rng.choice(["rejected", "withdrew", "pending"], size, p=[0.9, 0.08, 0.02]).tolist(),
        }
    )


def _print(found: dict[str, Any]) -> None:
    print(f"{found['name']}: {found['rows']:,} rows of {found['counts']:,} published counts")
    print(f"  {found['protect']:6.2f} s  choosing what to withhold, and other tables for all that is left")
    print(f"  {found['attack']:6.2f} s  the attack on what is published")
    print(f"  {found['megabytes']:6.0f} MB at most")
    print(f"  {found['plain']:6.1%}  of counts shown or marked as small that the plain rule only marks as small")
    print(f"  {found['withheld']:6.1%}  of counts withheld to protect others")
    print(f"  {found['lost']:6.1%}  of what counts are worth to readers lost with them")


def bench(name: str, counts: pl.DataFrame, settings: Settings) -> dict[str, Any]:
    """Protect and attack the counts of one organisation and period."""
    begun = time.perf_counter()
    people = count_table_of(published_rows(counts, settings.disclosure))
    done = protect(people, settings.disclosure)
    protected = time.perf_counter()
    known = attacker_knowledge(done.published, settings.disclosure)
    assert (known.possible_values >= known.needed).all()
    attacked = time.perf_counter()
    published = done.published.mark != Mark.UNPUBLISHED
    return {
        "name": name,
        "rows": len(people.rows),
        "counts": int(published.sum()),
        "protect": protected - begun,
        "attack": attacked - protected,
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "plain": float((done.published.mark == Mark.FEWER_THAN).sum() / published.sum()),
        "withheld": len(done.withheld) / int(published.sum()),
        "lost": done.lost,
    }


def trust_counts(settings: Settings) -> pl.DataFrame:
    """out.stage_counts of the last year of a made-up trust with 20,000 applications in three years."""
    with tempfile.TemporaryDirectory() as folder:
        export = Path(folder) / "trust.csv"
        write(generate(20_000, 2021), export, "wide")
        (counts,) = stage_counts([export], [date(2023, 4, 1)], settings)
        return counts


def large_counts() -> pl.DataFrame:
    """out.stage_counts of a made-up trust whose departments, bands and groups are of very different sizes."""
    rng = np.random.default_rng(20261125)
    names = [name for name in display_order("category") if not name.endswith("not given")][:19]
    shares = {"category": (names, 1.1), "department": ([f"Department {n:02}" for n in range(1, 41)], 1.0)}
    shares |= {"pay_band": ([f"Band {n:02}" for n in range(1, 13)], 0.7)}
    people = {}
    for column, (values, slope) in shares.items():
        weights = 1 / np.arange(1, len(values) + 1) ** slope
        people[column] = rng.choice(values, APPLICATIONS, p=weights / weights.sum())
    went_on = rng.random((APPLICATIONS, len(GO_ON))) < np.array(GO_ON)
    people["last"] = np.where(went_on.all(axis=1), len(GO_ON), went_on.argmin(axis=1)).tolist()
    people["way"] = rng.choice(["rejected", "withdrew", "pending"], APPLICATIONS, p=[0.9, 0.08, 0.02])
    return stage_counts_of(pl.DataFrame(people), ("department", "pay_band"), STAGES)


def stage_counts_of(people: pl.DataFrame, splits: tuple[str, ...], stages: tuple[str, ...]) -> pl.DataFrame:
    """Rows of out.stage_counts from people: category, splits, last (place of the last stage reached), way it ended."""
    names = {category: wider_names("category", category) for category in people["category"].unique()}
    levels = {
        "all": pl.lit(ALL_APPLICANTS),
        "wres": pl.col("category").replace_strict({c: wider["wres"] for c, wider in names.items()}),
        "group": pl.col("category").replace_strict({c: wider["group"] for c, wider in names.items()}),
        "category": pl.col("category"),
    }
    parts = {"all": pl.lit("all")} | {split: pl.col(split) for split in splits}
    steps = [(k, k + 1) for k in range(len(stages) - 1)]
    steps += [(0, len(stages) - 1), (1, len(stages) - 1)]
    found = []
    for level, name in levels.items():
        for breakdown, value in parts.items():
            rows = people.select("last", "way", group_name=name, breakdown_value=value)
            for order, (start, end) in enumerate(steps):
                here = pl.col("last").is_between(start, end - 1)
                ways = {w: (here & (pl.col("way") == w)).sum() for w in ("rejected", "withdrew", "pending")}
                found.append(
                    rows.group_by("group_name", "breakdown_value")
                    .agg(reached=(pl.col("last") >= start).sum(), progressed=(pl.col("last") >= end).sum(), **ways)
                    .with_columns(
                        organisation=pl.lit("Trust"),
                        period=pl.lit(date(2023, 4, 1)),
                        level=pl.lit(level),
                        breakdown=pl.lit(breakdown),
                        step_order=pl.lit(order, pl.Int8),
                        step_kind=pl.lit("stage" if end == start + 1 else "span"),
                        from_stage=pl.lit(stages[start]),
                        to_stage=pl.lit(stages[end]),
                        decided=pl.col("progressed") + pl.col("rejected"),
                        declined=pl.lit(0),
                        ineligible=pl.lit(0),
                        basis=pl.lit("records"),
                    )
                    .select(STAGE_COUNTS.column_names)
                )
    return pl.concat(found).with_columns(pl.col(pl.UInt32).cast(pl.Int64), pl.col(pl.Int32).cast(pl.Int64))


def _policy(large: bool) -> Settings:
    settings = load_settings()
    if not large:
        return settings
    all_levels = {"publish_splits": ["department", "pay_band"], "split_levels": ["wres", "group", "category"]}
    return settings.model_copy(update={"disclosure": settings.disclosure.model_copy(update=all_levels)})


if __name__ == "__main__":
    if len(sys.argv) == 1:
        main()
    else:
        policy = _policy(sys.argv[1] == "large")
        counted = large_counts() if sys.argv[1] == "large" else trust_counts(policy)
        print(json.dumps(bench("A large trust" if sys.argv[1] == "large" else "A trust's last year", counted, policy)))
