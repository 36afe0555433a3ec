"""The asset graph as a picture in words: a change to it is a change that somebody has to mean."""

from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from assets.edition import edition
from assets.graph import asset_graph
from assets.lineage import asset_key
from assets.resources import Home
from equity_audit.contracts import ANALYSES, DISCLOSED, DISCLOSED_CHECKS, DISCLOSED_OVER_TIME, EXACT_OVER_TIME, TABLES
from equity_audit.settings import load_settings
from expectations.suites import suite
from pipelines.definitions import build_definitions
from pipelines.jobs import report_period, review_programmes, take_in_extract
from pipelines.progress import STEPS
from pipelines.schedules import report_after_each_period

_LABELS = {"intake/ethnicity_labels", "intake/outcome_labels"}
# The applications that count, and what their labels mean.
_RECORDS = {"core/applications", "intake/accepted_extracts", "intake/extracts", *_LABELS}
# Exact counts that the edition reads for the register of what it leaves possible, and shows in no file.
_REGISTERED = {"out/stage_counts", "out/workforce", "out/survey"}
GRAPH = {
    "intake/extracts": set(),
    "intake/rejected_rows": set(),
    "intake/extract_facts": set(),
    **{table: set() for table in _LABELS},
    "core/applications": set(),
    "core/applicant_stages": {"core/applications", "intake/extracts", *_LABELS},
    "core/group_counts": set(),
    "core/headcounts": set(),
    "core/answers": set(),
    "intake/accepted_extracts": {
        *("core/applicant_stages", "core/group_counts", "core/headcounts", "core/answers", "intake/extracts")
    },
    "out/stage_counts": {*_RECORDS, "core/group_counts"},
    "out/design_effects": {*_RECORDS, "out/stage_counts"},
    "out/selection_rates": {"out/stage_counts", "out/design_effects"},
    "out/disparities": {"out/selection_rates", "out/design_effects"},
    "out/stratified_disparities": {*_RECORDS, "out/disparities", "out/design_effects", "out/stage_counts"},
    "out/overall_paths": {"out/stage_counts", "out/design_effects"},
    "out/stage_contributions": {"out/stage_counts", "out/design_effects", "out/overall_paths"},
    "out/rule_tables": {"out/stage_counts"},
    "out/workforce": {"core/headcounts", "intake/accepted_extracts", "intake/ethnicity_labels"},
    "out/workforce_measures": {"out/workforce", "out/stage_counts"},
    "disclosed/workforce": {"out/workforce", "disclosed/stage_counts"},
    "out/survey": {"core/answers", "intake/accepted_extracts", "intake/ethnicity_labels"},
    "disclosed/survey": {"out/survey", "disclosed/stage_counts"},
    "disclosed/survey_measures": {"disclosed/survey"},
    "disclosed/workforce_measures": {"disclosed/workforce", "disclosed/stage_counts"},
    "disclosed/stage_counts": {"out/stage_counts"},
    "disclosed/design_effects": {"disclosed/stage_counts", "out/design_effects"},
    "disclosed/selection_rates": {"disclosed/stage_counts", "disclosed/design_effects"},
    "disclosed/disparities": {"disclosed/stage_counts", "disclosed/design_effects", "out/disparities"},
    "disclosed/overall_paths": {"disclosed/stage_counts", "disclosed/design_effects", "disclosed/selection_rates"},
    "disclosed/stage_contributions": {"disclosed/disparities", "disclosed/overall_paths"},
    "disclosed/like_for_like": {"disclosed/stage_counts", "disclosed/design_effects"},
    "disclosed/variation": {"disclosed/stage_counts"},
    "disclosed/outcome_counts": {"out/stage_counts"},
    "disclosed/years_together": {"disclosed/stage_counts", "disclosed/sources"},
    "disclosed/earlier_years": {"disclosed/years_together"},
    "disclosed/several_years": {"disclosed/stage_counts", "disclosed/earlier_years", "disclosed/design_effects"},
    "disclosed/sources": {*_RECORDS, "core/group_counts", "core/headcounts", "core/answers"},
    "private/records": {"disclosed/sources", "intake/extract_facts", "intake/extracts"},
    "private/analyst": {
        *_RECORDS,
        *("out/stage_counts", "out/disparities", "out/stratified_disparities", "out/overall_paths"),
        *("out/stage_contributions", "out/rule_tables", "out/workforce", "out/workforce_measures", "out/survey"),
        "out/design_effects",
    },
    "private/not_borne_out": {"disclosed/programme_effect", "out/programme_effect"},
    "disclosed/checks": {
        *("disclosed/sources", "disclosed/stage_counts", "out/disparities", "out/stage_counts"),
        *("disclosed/disparities", "disclosed/several_years"),
        *(f"out/{table.name}" for table in ANALYSES),
        *(f"{schema}/{name}" for schema in ("out", "disclosed") for name in ("workforce", "workforce_measures")),
        *("out/survey", "disclosed/survey", "disclosed/survey_measures"),
    },
    "edition/edition": {*(f"disclosed/{table.name}" for table in DISCLOSED), *_REGISTERED},
    "edition/index": {"edition/edition"},
    "out/trend": _RECORDS,
    "out/programme_effect": _RECORDS,
    "disclosed/trend": {"edition/edition"},
    "disclosed/programme_effect": {"edition/edition"},
    "disclosed/programme_sensitivity": {"edition/edition"},
    "edition/programme": {f"disclosed/{table.name}" for table in DISCLOSED_OVER_TIME},
}
CHECKS = {
    "core/applicant_stages": "core.applicant_stages",
    "out/stage_counts": "out.stage_counts",
}
OWN_CHECKS = {
    "core/applicant_stages": {"periods_keep_their_applications"},
    "out/stage_counts": {"every_application_counted"},
    "out/disparities": {"fairlearn_agrees", "bounds_contain_figures", "intervals_contain_figures"},
    "out/stratified_disparities": {"intervals_contain_figures"},
    "out/overall_paths": {"intervals_contain_figures"},
    "out/stage_contributions": {"intervals_contain_figures", "contributions_add_up"},
    "out/rule_tables": {"rule_tables_add_up"},
    "out/workforce": {"every_member_of_staff_counted"},
    "out/workforce_measures": {"intervals_contain_figures"},
    "disclosed/workforce": {"counts_protected", "nothing_can_be_worked_out"},
    "out/survey": {"every_answer_counted"},
    "disclosed/survey": {"counts_protected", "nothing_can_be_worked_out"},
    "disclosed/survey_measures": {
        *("intervals_contain_figures", "figures_follow_from_counts", "ranges_hold_the_exact_ones")
    },
    "disclosed/workforce_measures": {"figures_follow_from_counts", "ranges_hold_the_exact_ones"},
    "disclosed/stage_counts": {"counts_protected", "nothing_can_be_worked_out"},
    "disclosed/disparities": {"figures_follow_from_counts", "findings_are_those_of_exact_counts"},
    "disclosed/several_years": {"years_follow_from_counts"},
}


NOWHERE = Path("nowhere")  # a home without settings of its own


@pytest.fixture(scope="module")
def defs() -> dg.Definitions:
    return build_definitions(NOWHERE)


@cache
def graph() -> Any:
    return build_definitions(NOWHERE).resolve_asset_graph()


def test_the_graph_is_the_one_that_was_meant() -> None:
    found = {
        key.to_user_string(): {parent.to_user_string() for parent in graph().get(key).parent_keys}
        for key in graph().get_all_asset_keys()
    }
    assert found == GRAPH


def test_reports_depend_on_disclosed_tables_alone() -> None:
    """And the index of editions on published ones; exact counts are read for the register alone."""
    for key in graph().get_all_asset_keys():
        if key.path[0] == "edition":
            allowed = "edition" if key.path[1] == "index" else "disclosed"
            parents = {parent for parent in graph().get(key).parent_keys if parent.to_user_string() not in _REGISTERED}
            assert {parent.path[0] for parent in parents} == {allowed}
            assert key.path[1] == "edition" or parents == graph().get(key).parent_keys


def test_every_check_is_there_and_critical_ones_block() -> None:
    policy = load_settings()
    expected = {
        (asset, check.name): check.severity == "critical"
        for asset, table in CHECKS.items()
        for check in suite(table, policy)
    }
    expected |= {(asset, name): True for asset, names in OWN_CHECKS.items() for name in names}
    found = {
        (key.asset_key.to_user_string(), key.name): graph().get_check_spec(key).blocking
        for key in graph().asset_check_keys
    }
    assert found == expected


def test_the_list_of_checks_waits_for_every_check_on_what_an_edition_shows() -> None:
    """Only a check on a table that the list is made from, at whatever distance, has run by then."""
    waited_for = graph().get_ancestor_asset_keys(asset_key(DISCLOSED_CHECKS))
    shown = graph().get_ancestor_asset_keys(dg.AssetKey(["edition", "edition"]))
    checked = {key.asset_key for key in graph().asset_check_keys}
    assert checked & shown <= waited_for


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.full_name)
def test_every_table_tells_its_columns_and_where_they_come_from(table: object) -> None:
    key = asset_key(table)  # type: ignore[arg-type]
    if key not in graph().get_all_asset_keys():
        # Written by the checks themselves, by the removal of records, and by protecting and publishing.
        registers = ("check_results", "purges", "published_counts", "published_effects", "protections")
        assert table.full_name in {f"intake.{name}" for name in registers}  # type: ignore[attr-defined]
        return
    node = graph().get(key)
    assert node.description
    assert node.owners
    schema = node.metadata["dagster/column_schema"]
    assert tuple(column.name for column in schema.columns) == table.column_names  # type: ignore[attr-defined]
    derived = {c.name for c in table.columns if c.derived_from}  # type: ignore[attr-defined]
    lineage = node.metadata.get("dagster/column_lineage")
    assert set(lineage.deps_by_column if lineage else {}) == derived


def test_every_step_has_a_name_that_people_understand(defs: dg.Definitions) -> None:
    jobs = [defs.resolve_job_def(name) for name in ("take_in_extract", "report_period", "review_programmes")]
    assert {node.name for job in jobs for node in job.nodes} == set(STEPS)


def test_lineage_names_columns_that_exist() -> None:
    columns = {f"{table.full_name}.{column.name}" for table in TABLES for column in table.columns}
    for table in TABLES:
        for column in table.columns:
            assert set(column.derived_from) <= columns, f"{table.full_name}.{column.name}"


def test_a_printed_ratio_can_be_walked_back_to_the_register() -> None:
    """disclosed.disparities.impact_ratio, column by column, to the core table."""
    made_of = {f"{t.full_name}.{c.name}": set(c.derived_from) for t in TABLES for c in t.columns}
    seen, ahead = set(), {"disclosed.disparities.impact_ratio"}
    while ahead:
        seen |= ahead
        ahead = {source for name in ahead for source in made_of[name]} - seen
    assert "core.applications.outcome_label" in seen


@pytest.mark.parametrize(
    ("morning", "period"),
    [
        ("2024-04-01T05:00:00", "2023-04-01"),
        ("2025-04-01T05:00:00", "2024-04-01"),
        ("2024-04-02T05:00:00", "2024-04-01"),
    ],
)
def test_the_schedule_reports_on_the_period_just_ended(morning: str, period: str, tmp_path: Path) -> None:
    schedule = report_after_each_period(load_settings())
    when = datetime.fromisoformat(morning).replace(tzinfo=UTC)
    context = dg.build_schedule_context(scheduled_execution_time=when)
    # Where nobody can look who has applications, as here, all are asked for in one run.
    (request,) = schedule(context, home=Home(root=str(tmp_path)))
    assert (request.partition_key, request.run_key, request.tags) == (period, period, {})
    assert schedule.cron_schedule == "0 6 1 4 *"


def test_definitions_load_and_the_jobs_cover_every_asset(defs: dg.Definitions) -> None:
    dg.Definitions.validate_loadable(defs)
    covered = set()
    for job in (take_in_extract, report_period, review_programmes):
        covered |= {key.to_user_string() for key in defs.resolve_job_def(job.name).asset_layer.executable_asset_keys}
    assert covered == set(GRAPH)


def test_the_auditors_graph_is_dagsters() -> None:
    assets = {asset.name: asset for asset in asset_graph(edition, load_settings())}
    keys = {".".join(key.path): key for key in graph().get_all_asset_keys()}
    # The index lists editions and a review is made from them: they come after what an edition can say of itself. Lists
    # for the analyst alone are none of its business.
    after = {"edition.index", "edition.programme", *(t.full_name for t in (*EXACT_OVER_TIME, *DISCLOSED_OVER_TIME))}
    assert set(assets) == {name for name in set(keys) - after if not name.startswith("private.")}
    for name, asset in assets.items():
        node = graph().get(keys[name])
        assert set(asset.made_from) == {".".join(parent.path) for parent in node.parent_keys}
        assert asset.per == ("extract" if isinstance(node.partitions_def, dg.DynamicPartitionsDefinition) else "period")
        assert {(check.name, check.blocking) for check in asset.checks} == {
            (key.name, graph().get_check_spec(key).blocking) for key in node.check_keys
        }
        lineage = node.metadata.get("dagster/column_lineage")
        assert {column.name: set(column.made_of) for column in asset.columns if column.made_of} == {
            column: {".".join((*dep.asset_key.path, dep.column_name)) for dep in deps}
            for column, deps in (lineage.deps_by_column if lineage else {}).items()
        }
