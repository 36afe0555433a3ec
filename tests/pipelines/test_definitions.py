"""Definitions are made for a home: two homes with other policies live in one process, and imports read none."""

import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.workspace.autodiscovery import loadable_targets_from_python_module

from assets.lineage import asset_key
from equity_audit.contracts import APPLICANT_STAGES, STAGE_COUNTS
from equity_audit.errors import UsageError
from pipelines.definitions import build_definitions

KEPT = dg.AssetCheckKey(asset_key(APPLICANT_STAGES), "periods_keep_their_applications")


def home(folder: Path, settings: str) -> Path:
    folder.mkdir()
    (folder / "settings.toml").write_text(settings, encoding="utf-8")
    return folder


def test_two_homes_are_cut_by_their_own_policies_in_one_process(tmp_path: Path) -> None:
    quarters = build_definitions(home(tmp_path / "quarters", '[period]\nunit = "quarter"\n'))
    years = build_definitions(home(tmp_path / "years", "[intake]\nmax_shrink_share = 0.25\n"))
    for definitions, months, share in ((quarters, "1,4,7,10", "10%"), (years, "4", "25%")):
        graph = definitions.resolve_asset_graph()
        by_period = {key for key in graph.get_all_asset_keys() if graph.get(key).partitions_def is not None}
        crons = {
            cut.cron_schedule
            for key in by_period
            if isinstance(cut := graph.get(key).partitions_def, dg.TimeWindowPartitionsDefinition)
        }
        assert crons == {f"0 0 1 {months} *"}
        for key in graph.asset_check_keys:
            assert graph.get_check_spec(key).partitions_def == graph.get(key.asset_key).partitions_def
        assert share in graph.get_check_spec(KEPT).description
        schedule = definitions.resolve_schedule_def("report_period_just_ended")
        assert schedule.cron_schedule == f"0 6 1 {months} *"
        assert graph.get(asset_key(STAGE_COUNTS)).partitions_def.end_offset == 1


def test_settings_that_are_wrong_stop_definitions_and_no_import(tmp_path: Path) -> None:
    wrong = home(tmp_path / "wrong", "[period]\nunit = 'fortnight'\n")
    with pytest.raises(UsageError):
        build_definitions(wrong)
    done = subprocess.run(
        [sys.executable, "-c", "import pipelines.definitions"],
        env={"EQUITY_AUDIT_HOME": str(wrong)},
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


def test_dagsters_own_processes_load_the_home_that_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EQUITY_AUDIT_HOME", str(home(tmp_path / "quarters", '[period]\nunit = "quarter"\n')))
    (target,) = loadable_targets_from_python_module("pipelines.definitions", None)
    schedule = target.target_definition().resolve_schedule_def("report_period_just_ended")
    assert schedule.cron_schedule == "0 6 1 1,4,7,10 *"
