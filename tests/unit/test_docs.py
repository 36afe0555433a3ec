"""The documentation says what the code does: every setting, table, rule, command and exit code."""

import re
from pathlib import Path

import pytest
import typer

from docs.generate import rules_table, settings_page, tables_page
from equity_audit.contracts import TABLES
from equity_audit.errors import EquityAuditError
from equity_audit.intake.mapping import Mapping
from equity_audit.settings import load_settings
from equity_audit.vocabulary import CLASSIFICATIONS, OUTCOMES
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
            row = next(line for line in text("settings.md").splitlines() if f"`{section}.{key}`" in line)
            assert len(row.split("|")[3].strip()) > 20, row


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
