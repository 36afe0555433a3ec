"""An edition to render: literal counts of a made-up trust, disclosed by the project's own rule."""

import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from equity_audit.contracts import DISCLOSED_DESIGN_EFFECTS, DISCLOSED_SOURCES, STAGE_COUNTS
from equity_audit.disclosure.publish import (
    disclose_counts,
    figures_of,
)
from equity_audit.populations.answers import SURVEY_ANSWERS
from equity_audit.populations.measured import shown_measures, without_rows
from equity_audit.populations.population import Population
from equity_audit.populations.protection import disclose_people
from equity_audit.populations.staff import STAFF
from equity_audit.settings import Settings, load_settings
from reports.charts.stage_charts import Chart
from reports.edition.asset_graph import Asset, AssetCheck, AssetColumn
from reports.edition.record import CheckRecord, Edition, Making
from reports.exports.workbook import write_workbook
from reports.figures.printable import opened
from reports.pages.edition_pages import PAGES

STEPS = [
    (0, "stage", "applied", "shortlisted"),
    (1, "stage", "shortlisted", "appointed"),
    (2, "span", "applied", "appointed"),
]
# group: applied, shortlisted, appointed; nobody drops out. Black applicants are clearly shortlisted less often; Mixed
# has a withheld count, Other too few for a rate, and nobody of unknown ethnicity is shortlisted.
GROUPS = {
    "Asian": (800, 230, 61),
    "Black": (600, 90, 22),
    "Mixed": (60, 12, 3),
    "White": (1500, 450, 130),
    "Other": (7, 2, 1),
    "Unknown": (40, 0, 0),
}
CATEGORIES = {
    "Asian: Indian": (500, 150, 40),
    "Asian, category not given": (300, 80, 21),
    "Black: African": (600, 90, 22),
    "Mixed: White and Asian": (60, 12, 3),
    "White: English, Welsh, Scottish, Northern Irish or British": (1450, 440, 128),
    "White: Roma": (50, 10, 2),
    "Other: Arab": (7, 2, 1),
    "Unknown": (40, 0, 0),
}
# The same people in two departments, one with a name that would be a script if it were not escaped.
SCRIPT = "<script>alert(1)</script>"
DEPARTMENTS = {
    SCRIPT: {name: tuple(count // 2 for count in path) for name, path in GROUPS.items()},
    "Surgery": {name: tuple(count - count // 2 for count in path) for name, path in GROUPS.items()},
}
CHECKS = [
    CheckRecord("unique", "out.stage_counts", "critical", True, "each group has each step once"),
    CheckRecord("dated", "core.applicant_stages", "warning", False, "every stage reached has a date"),
]

ASSETS = (
    Asset(
        name="core.applicant_stages",
        meaning="one row per application",
        computation="assets.extracts.load_extract_tables",
        how="Load one export file.",
        per="extract",
        made_from=(),
        columns=(AssetColumn("last_order", "tinyint", "furthest stage", ()),),
        checks=(AssetCheck("dated", "every stage reached has a date", False),),
    ),
    Asset(
        name="out.stage_counts",
        meaning="one row per group and step",
        computation="assets.counts.stage_counts",
        how="Count who reached each stage.",
        per="period",
        made_from=("core.applicant_stages",),
        columns=(AssetColumn("reached", "bigint", "reached the first stage", ("core.applicant_stages.last_order",)),),
        checks=(AssetCheck("unique", "each group has each step once", True),),
    ),
    Asset(
        name="disclosed.stage_counts",
        meaning="one row per group and step; protected",
        computation="assets.disclosed.disclose",
        how="Round and withhold counts.",
        per="period",
        made_from=("out.stage_counts",),
        columns=(AssetColumn("reached", "bigint", "rounded", ("out.stage_counts.reached",)),),
        checks=(),
    ),
    Asset(
        name="edition.edition",
        meaning="the published edition",
        computation="assets.edition.edition",
        how="Publish.",
        per="period",
        made_from=("disclosed.stage_counts",),
        columns=(),
        checks=(),
    ),
)


def exact_counts(
    groups: dict[str, tuple[int, int, int]],
    categories: dict[str, tuple[int, int, int]],
    organisation: str = "St Made-Up's NHS Trust",
) -> pl.DataFrame:
    def total(names: list[str]) -> tuple[int, int, int]:
        rows = [groups[name] for name in names if name in groups]
        return tuple(sum(column) for column in zip(*rows, strict=True)) if rows else (0, 0, 0)  # type: ignore[return-value]

    levels = {
        "all": {"All applicants": total(list(groups))},
        "wres": {
            "BME": total(["Asian", "Black", "Mixed", "Other", "BME, group not given"]),
            "White": total(["White"]),
            "Unknown": total(["Unknown"]),
        },
        "group": groups,
        "category": categories,
    }
    rows: list[dict[str, Any]] = []
    for level, people in levels.items():
        for name, path in people.items():
            for order, kind, start, end in STEPS:
                reached, progressed = ((path[0], path[1]), (path[1], path[2]), (path[0], path[2]))[order]
                rows.append(
                    {
                        "organisation": organisation,
                        "period": date(2023, 4, 1),
                        "level": level,
                        "breakdown": "all",
                        "breakdown_value": "all",
                        "step_order": order,
                        "step_kind": kind,
                        "from_stage": start,
                        "to_stage": end,
                        "group_name": name,
                        "reached": reached,
                        "decided": reached,
                        "progressed": progressed,
                        "rejected": reached - progressed,
                        **dict.fromkeys(("withdrew", "declined", "ineligible", "pending"), 0),
                        "basis": "records",
                    }
                )
    return pl.DataFrame(rows).select(STAGE_COUNTS.column_names)


def make_edition(
    groups: dict[str, tuple[int, int, int]] = GROUPS,
    categories: dict[str, tuple[int, int, int]] = CATEGORIES,
    organisation: str = "St Made-Up's NHS Trust",
    *,
    shape: str = "wide",
    classification: str = "nhs_2001",
    departments: dict[str, dict[str, tuple[int, int, int]]] | None = None,
    exact: pl.DataFrame | None = None,
    staff: pl.DataFrame | None = None,
    answers: pl.DataFrame | None = None,
    settings: Settings | None = None,
    design_effect: float = 1.0,
) -> Edition:
    """`departments`: the same people by department, which is then published too. `staff`: rows of out.workforce;
    `answers`: of out.survey.
    """
    settings = settings or load_settings()
    exact = exact_counts(groups, categories, organisation) if exact is None else exact
    if departments:
        policy = settings.disclosure.model_copy(update={"publish_splits": ("department",)})
        settings = settings.model_copy(update={"disclosure": policy})
        parts = [
            exact_counts(own, {}, organisation).with_columns(
                breakdown=pl.lit("department"), breakdown_value=pl.lit(name)
            )
            for name, own in departments.items()
        ]
        exact = pl.concat([exact, *parts])
    done = disclose_counts(exact, settings)
    counts = done.stage_counts
    step = [name for name in DISCLOSED_DESIGN_EFFECTS.column_names if name in counts.columns]
    effects = counts.select(step).unique().sort("step_order")
    effects = effects.with_columns(design_effect=pl.lit(design_effect), basis=pl.lit("estimated"))
    of = {"organisation": organisation, "period": date(2023, 4, 1)}
    source = {
        **dict.fromkeys(DISCLOSED_SOURCES.column_names, ""),
        **of,
        "extract_number": 1,
        "mapping_commitment": "e" * 64,
        "file_commitment": "f" * 64,
        "shape": shape,
        "extract_id": "a" * 16,
        "ethnicity_classification": classification,
    }
    return Edition(
        organisation=organisation,
        period=date(2023, 4, 1),
        period_label="1 April 2023 to 31 March 2024",
        revision=1,
        replaces=None,
        tables={
            "stage_counts": counts,
            "design_effects": effects,
            **{table.name: rows for table, rows in figures_of(counts, settings, effects).items()},
            "outcome_counts": done.outcome_counts,
            **tables_beside(STAFF, staff, counts, settings),
            **tables_beside(SURVEY_ANSWERS, answers, counts, settings),
            "sources": pl.DataFrame([source]),
            "checks": pl.DataFrame(
                [
                    of
                    | {"table_name": check.table, "partition_key": "2023-04-01", "check_name": check.name}
                    | {"meaning": check.meaning, "severity": check.severity, "passed": check.passed}
                    for check in CHECKS
                ]
            ),
        },
        checks=CHECKS,
        settings=settings.model_dump(mode="json"),
        settings_sha256="a" * 64,
        software={"duckdb": "1.5"},
        made=Making(
            statements={"out.stage_counts": {"file": "assets/sql/stage_counts.sql", "sha256": "b" * 64}},
            packages={"python": "3.11.2", "duckdb": "1.5.5", "recruitment-equity-audit": "0.1.0"},
            statement_texts={"out.stage_counts": "select 61 as reached\nfrom core.applicant_stages\n"},
            assets=ASSETS,
        ),
    )


def showing_zeros() -> Settings:
    """Settings by which true zeros are shown, as Ofqual shows them."""
    settings = load_settings()
    policy = settings.disclosure.model_copy(update={"zeros": "show", "zeros_in_splits": "show"})
    return settings.model_copy(update={"disclosure": policy})


def tables_beside(
    population: Population, exact: pl.DataFrame | None, counts: pl.DataFrame, settings: Settings
) -> dict[str, pl.DataFrame]:
    """The shown tables of a kind of people, without rows where nobody was counted."""
    tables = population.tables
    shown = without_rows(tables.shown) if exact is None else disclose_people(population, exact, settings).rows
    return {
        tables.shown.name: shown,
        tables.shown_measures.name: shown_measures(population, shown, settings, counts),
    }


@pytest.fixture(scope="session")
def edition() -> Edition:
    return make_edition()


# The same people by pay band: Black applicants apply where fewer are shortlisted, and Band 4 is small. Groups that
# nobody is in are listed as small: with few groups there, a split would be mostly small numbers, and left out.
BANDS = {
    "Band 2": {
        "Asian": (180, 54, 15), "Mixed": (60, 18, 5), "Other": (60, 18, 5), "Black": (400, 50, 12),
        "White": (500, 140, 40),
    },
    "Band 4": {
        "Asian": (24, 7, 2), "Mixed": (8, 3, 1), "Other": (8, 2, 0), "Black": (30, 8, 2), "White": (60, 20, 6),
    },
    "Band 7": {
        "Asian": (240, 72, 20), "Mixed": (80, 24, 7), "Other": (80, 24, 6), "Black": (200, 60, 20),
        "White": (900, 300, 90),
    },
}  # fmt: skip


def split_edition() -> Edition:
    """An edition with a split: the groups above by BANDS, at the levels that policy publishes."""
    policy = load_settings().disclosure
    whole = {
        name: tuple(sum(parts) for parts in zip(*(band[name] for band in BANDS.values()), strict=True))
        for name in BANDS["Band 2"]
    }
    frames = [exact_counts(whole, {}).filter(pl.col("level") != "category")]  # type: ignore[arg-type]
    for value, groups in BANDS.items():
        part = exact_counts(groups, {}).filter(pl.col("level").is_in(("all", *policy.split_levels)))
        frames.append(part.with_columns(breakdown=pl.lit("pay_band"), breakdown_value=pl.lit(value)))
    return make_edition(exact=pl.concat(frames))


@pytest.fixture(scope="session")
def split() -> Edition:
    return split_edition()


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Debian's Chromium. .ci/run installs it; elsewhere these tests skip and say why."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if not found:
        pytest.skip("no Chromium on this machine (Debian: apt install chromium)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages and workbook of an edition are made once, however often its files are checked."""
    for name, render in PAGES.items():
        monkeypatch.setitem(rebuilt_pages, name, _once(render))  # type: ignore[arg-type]
    monkeypatch.setattr("reports.release_check.rebuilt.PAGES", rebuilt_pages)
    monkeypatch.setattr("reports.release_check.rebuilt.write_workbook", _once(write_workbook))


rebuilt_pages: dict[str, Any] = {}
_made: dict[tuple[Any, int], tuple[Any, Any]] = {}


def _once(make: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def remembering(edition: Any) -> Any:
        key = (make, id(edition))
        if key not in _made:
            _made[key] = (edition, make(edition))
        return _made[key][1]

    return remembering


def read(said: Any) -> Any:
    """Words as people read them, without the marks of what may be printed; so within lists, dicts and charts."""
    if isinstance(said, str):
        return opened(said)
    if isinstance(said, dict):
        return {read(key): read(value) for key, value in said.items()}
    if isinstance(said, (list, tuple)):
        return type(said)(read(value) for value in said)
    if isinstance(said, Chart):
        return Chart(said.id, read(said.title), read(said.figure), read(said.alternative))
    return said


def said_by(function: Callable[..., Any], *given: Any) -> Any:
    """What a function says, as people read it."""
    return read(function(*given))


def wait_for_charts(page: Any) -> None:
    """Until every chart of an opened page is drawn that is not in a folded part.

    The page's policy stops what `wait_for_function` looks with.
    """
    unfolded = "[...document.querySelectorAll('.chart')].filter((chart) => !chart.closest('details:not([open])'))"
    for _ in range(600):
        if page.evaluate(f"{unfolded}.every((chart) => chart.querySelector('.main-svg'))"):
            return
        page.wait_for_timeout(50)
    pytest.fail("not every chart was drawn")


@pytest.fixture(scope="session")
def page_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every page of an edition with splits, side by side as they are published."""
    folder = tmp_path_factory.mktemp("pages")
    edition = make_edition(departments=DEPARTMENTS)  # type: ignore[arg-type]
    for name, render in PAGES.items():
        (folder / name).write_text(render(edition), encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def page_file(tmp_path_factory: pytest.TempPathFactory, edition: Edition) -> Path:
    from reports.pages.panel.page import render_panel

    path = tmp_path_factory.mktemp("page") / "panel.html"
    path.write_text(render_panel(edition), encoding="utf-8")
    return path
