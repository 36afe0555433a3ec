"""The part of `make bench` about measures: inference alone, and the two heavy statements on ten million applications.

Beside them, on one Parquet file of a million applications: raw DuckDB, fairlearn, and Aequitas where the interpreter
that BENCH_PEERS_PYTHON names has it (it asks for older versions of what this project uses, so it is no extra of it).
None of them has intervals, tests, strata or the path; they give rates by group.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from itertools import product
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import polars as pl

from assets.warehouse.connection import open_warehouse
from assets.warehouse.tables import reference_parameters, replace_period, sql_text
from equity_audit.contracts import STAGE_COUNTS
from equity_audit.measures.disparity import disparities
from equity_audit.measures.paths import overall_paths, stage_contributions
from equity_audit.measures.rates import selection_rates
from equity_audit.measures.rules import rule_tables
from equity_audit.measures.stratified import stratified_disparities
from equity_audit.settings import load_settings
from equity_audit.vocabulary import display_order
from tests.conftest import STAGES, add_extract

APPLICATIONS, VACANCIES, PEERS = 10_000_000, 250_000, 1_000_000
MANY_VACANCIES = 1_000_000
PERIOD = {"period_start": date(2023, 4, 1), "period_end": date(2024, 4, 1)}
LABELS = ("White: Irish", "Asian: Indian", "Black: African", "Asian", "BME", "")
SPLITS = {"pay_band": 12, "staff_group": 8, "department": 40, "clinical": 2, "applicant_source": 3}
STRATA = ["vacancy", "pay_band", "staff_group", "department"]


def main() -> None:
    """Print the three tables."""
    _print_inference()
    with tempfile.TemporaryDirectory() as folder:
        _print_statements(Path(folder))
        _print_peers(Path(folder))


def seconds(work: Callable[[], Any], turns: int = 3) -> float:
    """The quickest of some turns: the others were disturbed."""
    found = []
    for _ in range(turns):
        begun = time.perf_counter()
        work()
        found.append(time.perf_counter() - begun)
    return min(found)


def made_up_counts(levels: int, values: int, groups: int) -> pl.DataFrame:
    """out.stage_counts of one organisation with six steps: four single ones, and two spans."""
    rng = np.random.default_rng(1)
    names = ("White", *(name for name in display_order("category") if name != "White"))[:groups]
    steps = [(i, "stage", STAGES[i], STAGES[i + 1]) for i in range(4)]
    steps += [(4, "span", "applied", "appointed"), (5, "span", "shortlisted", "appointed")]
    rows = []
    for level, value, name in product(range(levels), range(values), names):
        here = int(rng.integers(20, 4000))
        for order, kind, begin, end in steps:
            progressed = int(rng.binomial(here, 0.4))
            key = (["wres", "group", "category"][level], "department", str(value), order, kind, begin, end, name)
            rows.append(("Trust", PERIOD["period_start"], *key, here, here, progressed, here - progressed, *[0] * 4))
            here = progressed if kind == "stage" and order < 3 else 1000
    schema = [column for column in STAGE_COUNTS.column_names if column != "basis"]
    return pl.DataFrame(rows, schema=schema, orient="row").with_columns(basis=pl.lit("records"))


def _print_inference() -> None:
    policy = load_settings()
    references = {f"reference_{level}": "White" for level in ("wres", "group", "category")}
    policy = policy.model_copy(update={"comparison": policy.comparison.model_copy(update=references)})
    counts = made_up_counts(3, 30, 19)

    def infer() -> None:
        disparities(selection_rates(counts, policy), policy)
        stage_contributions(counts, overall_paths(counts, policy), policy)
        rule_tables(counts, policy)

    print(f"Inference: 3 levels, 6 steps, 30 parts, 19 groups: {counts.height:,} counts")
    print(f"  {seconds(infer):6.2f} s  rates, disparities, whole paths, contributions, rule tables")


def fill(connection: duckdb.DuckDBPyConnection, applications: int, vacancies: int) -> None:
    """Applications made by DuckDB itself, with every kind of split."""
    add_extract(connection, "a" * 16, 1)
    labels = ", ".join(f"'{label}'" for label in LABELS)
    splits = ", ".join(f"'{name} ' || (hash(i, '{name}') % {parts}) as {name}" for name, parts in SPLITS.items())
    connection.execute(f"""
        insert into core.applications by name
        select
            'Trust' as organisation, md5(i::varchar)::uuid as application_id,
            md5('v' || (i % {vacancies}))::uuid as vacancy_id,
            [{labels}][1 + least(hash(i, 'e') % 12, 5)::integer] as ethnicity_code,
            ['rejected', 'rejected', 'rejected', 'withdrew', 'pending'][1 + (hash(i, 'o') % 5)::integer]
                as outcome_label,
            [0, 0, 0, 0, 1, 1, 2, 3, 4, 4][1 + (hash(i, 's') % 10)::integer]::tinyint as last_order,
            date '2023-04-01' + (i % 360)::integer as applied_on, '{"a" * 16}' as extract_id,
            {splits},
            ['Female', 'Male'][1 + (hash(i, 'x') % 2)::integer] as sex,
            ['Yes', 'No'][1 + (hash(i, 'd') % 2)::integer] as disability
        from range({applications}) as r (i)
    """)
    connection.execute("update core.applications set outcome_label = null where last_order = 4")


def _print_statements(folder: Path) -> None:
    connection = open_warehouse(folder)
    fill(connection, APPLICATIONS, VACANCIES)
    policy = load_settings()
    columns = "ethnicity_code, outcome_label, last_order, applied_on, extract_id, organisation, sex, disability"
    columns += ", " + ", ".join(SPLITS)
    scan = f"select bit_xor(hash(columns([{_quoted(columns)}]))) from core.applications"
    plain = seconds(lambda: connection.sql(scan).pl())
    count = PERIOD | {"spans": [["shortlisted", "appointed"]], "breakdowns": list(policy.breakdowns.count_by)}
    counts = connection.sql(sql_text("stage_counts"), params=count).pl()
    counted = seconds(lambda: connection.sql(sql_text("stage_counts"), params=count).pl())
    replace_period(connection, STAGE_COUNTS, "2023-04-01", counts)
    strata = reference_parameters("2023-04-01", policy) | {"strata": STRATA}
    summed = seconds(lambda: connection.sql(sql_text("stratified_sums"), params=strata).pl(), turns=1)
    sums = connection.sql(sql_text("stratified_sums"), params=strata).pl()
    if sums.is_empty():
        raise RuntimeError("nothing was compared, so what follows would measure nothing")
    crude = disparities(selection_rates(counts, policy), policy)
    adjusted = seconds(lambda: stratified_disparities(sums, counts, crude, policy))
    print(f"{APPLICATIONS:,} applications of {VACANCIES:,} vacancies, in the encrypted warehouse")
    print(f"  {plain:6.2f} s  plain scan: every value of the columns that are counted by, hashed")
    print(f"  {counted:6.2f} s  counts with grouping sets, {counts.height:,} of them: {counted / plain:.1f} times")
    print(f"  {summed:6.2f} s  sums over all strata: {summed / plain:.1f} times")
    print(f"  {adjusted:6.2f} s  like with like from these sums")
    # The same people in more and smaller vacancies.
    others = f"md5('w' || (hash(application_id) % {MANY_VACANCIES}))::uuid"
    connection.execute(f"update core.applications set vacancy_id = {others}")
    summed = seconds(lambda: connection.sql(sql_text("stratified_sums"), params=strata).pl(), turns=1)
    print(f"  {summed:6.2f} s  sums over all strata, of {MANY_VACANCIES:,} vacancies: {summed / plain:.1f} times")
    connection.close()


def _quoted(columns: str) -> str:
    return ", ".join(f"'{name}'" for name in columns.split(", "))


def _print_peers(folder: Path) -> None:
    file = folder / "peers.parquet"
    duckdb.sql(
        "select hash(i, 'g') % 18 as grp, (hash(i, 's') % 100 < 40 - hash(i, 'g') % 18)::integer as selected "
        f"from range({PEERS}) as r (i)"
    ).write_parquet(str(file))
    print(f"{PEERS:,} applications of 18 groups, one step, from one Parquet file: selection rates by")
    query = f"select grp, count(*) as decided, sum(selected)::bigint as progressed from '{file}' group by grp"
    print(f"  {seconds(lambda: duckdb.sql(query).pl()):6.2f} s  raw DuckDB")
    print(f"  {seconds(lambda: _ours(query)):6.2f} s  this project, with intervals, tests and findings")
    for name, python in (("aequitas", os.environ.get("BENCH_PEERS_PYTHON")), ("fairlearn", sys.executable)):
        if python is None:
            print(f"          {name}: set BENCH_PEERS_PYTHON to an interpreter that has it")
            continue
        code = [python, str(Path(__file__).with_name("bench_peers.py")), name, str(file)]
        done = subprocess.run(code, check=False, capture_output=True, text=True)
        if done.returncode:
            print(f"          {name}: not there ({done.stderr.strip().splitlines()[-1]})")
        else:
            print(f"  {json.loads(done.stdout):6.2f} s  {name}, from records")


def _ours(query: str) -> None:
    counted = duckdb.sql(query).pl()
    policy = load_settings()
    key = {"organisation": "Trust", "period": PERIOD["period_start"], "level": "group", "breakdown": "all"}
    key |= {"breakdown_value": "all", "step_order": 0, "step_kind": "stage", "from_stage": "applied"}
    key |= {"to_stage": "shortlisted", "basis": "records"} | dict.fromkeys(("withdrew", "declined"), 0)
    key |= dict.fromkeys(("ineligible", "pending"), 0)
    counts = counted.with_columns(
        **{name: pl.lit(value) for name, value in key.items()},
        group_name=pl.when(pl.col("grp") == 0).then(pl.lit("White")).otherwise(pl.col("grp").cast(pl.String)),
        reached=pl.col("decided"),
        rejected=pl.col("decided") - pl.col("progressed"),
    ).select(STAGE_COUNTS.column_names)
    disparities(selection_rates(counts, policy), policy)


if __name__ == "__main__":
    main()
