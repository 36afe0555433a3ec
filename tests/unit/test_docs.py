"""The documentation says what the code does: every setting, table, rule, command and exit code."""

import re
from datetime import date
from pathlib import Path

import duckdb
import pytest
import typer

from assets.ingest.extract import Load
from assets.ingest.loading import load_extract
from assets.ingest.source_files import open_source
from docs.generate import rules_table, settings_page, tables_page
from equity_audit.contracts import TABLES
from equity_audit.errors import EquityAuditError
from equity_audit.intake.mapping import Mapping
from equity_audit.intake.mapping_file import parse_mapping
from equity_audit.settings import load_settings
from equity_audit.vocabulary import CLASSIFICATIONS, OUTCOMES, WHITE_BRITISH
from pipelines.cli import app

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *DOCS.rglob("*.md"), *(ROOT / "data").rglob("*.md")])


def text(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def test_generated_pages_are_up_to_date() -> None:
    assert text("tables.md") == tables_page(), "run make docs"
    assert text("settings.md") == settings_page(), "run make docs"
    assert rules_table() in text("source-mappings.md"), "the table of rules in source-mappings.md is old"


def test_every_setting_is_explained() -> None:
    for section, keys in load_settings().model_dump().items():
        for key in keys:
            row = next(line for line in text("settings.md").splitlines() if line.startswith(f"| `{section}.{key}` |"))
            *_, allowed, reason, _end = (cell.strip() for cell in row.split("|"))
            assert allowed
            assert len(reason) > 20, row


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.full_name)
def test_every_column_has_a_meaning(table: object) -> None:
    for column in table.columns:  # type: ignore[attr-defined]
        assert len(column.meaning) > 5
        assert not column.meaning.endswith(".")


def test_every_key_of_a_mapping_is_explained() -> None:
    page = text("source-mappings.md")
    for section, field in Mapping.model_fields.items():
        fields = getattr(field.annotation, "model_fields", None)
        for key in fields or ():
            assert f"`{section}.{key}`" in page
        if not fields:
            assert f"`{section}." in page
    for word in (*OUTCOMES, *CLASSIFICATIONS):
        assert word in page


def test_the_examples_of_mappings_take_their_files_in(warehouse: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    page = text("source-mappings.md")
    files = re.findall(r"```csv\n(.*?)```", page, re.DOTALL)
    mappings = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    for number, (rows, toml) in enumerate(zip(files, mappings, strict=True)):
        path = tmp_path / f"{number}.csv"
        path.write_text(rows, encoding="utf-8")
        load = Load(f"{number:016}", f"{number}", "run", b"k" * 32, date(2026, 1, 1), load_settings())
        load_extract(warehouse, open_source(warehouse, path), parse_mapping(toml, path.name), load)
    paths = warehouse.sql(
        "select ethnicity_category, string_agg(stage || ' ' || coalesce(outcome, '-'), ', ' order by stage_order) "
        "from core.applicant_stages group by extract_id, application_id, ethnicity_category order by min(applied_on)"
    ).fetchall()
    # As the page says it of each application.
    assert paths == [
        ("Asian: Indian", "applied rejected"),
        (WHITE_BRITISH, "applied progressed, shortlisted progressed, appointed -"),
        (None, "applied progressed, shortlisted withdrew"),
        ("Black: Any other Black background", "applied progressed, interviewed rejected"),
        (WHITE_BRITISH, "applied progressed, interviewed progressed, appointed -"),
    ]


def test_the_glossary_has_each_word_once_and_in_order() -> None:
    *_, table = text("glossary.md").split("\n\n")
    head, _, *rows = table.strip().splitlines()
    words = [row.split(" | ")[0].removeprefix("| ") for row in rows]
    assert head == "| word | meaning |"
    assert words == sorted(set(words), key=str.casefold)


def test_every_command_and_exit_code_is_in_operations() -> None:
    page = text("operations.md")
    for command in typer.main.get_command(app).commands:  # type: ignore[attr-defined]
        assert f"`equity-audit {command}" in page
    for kind in (EquityAuditError, *EquityAuditError.__subclasses__()):
        assert f"\n| {kind.exit_code} |" in page


def test_every_outcome_is_in_the_glossary() -> None:
    for outcome in OUTCOMES:
        assert f"\n| {outcome} |" in text("glossary.md")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), f"{page.name}: {target}"
