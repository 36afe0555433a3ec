"""The command `dpo`: facts for a data protection impact assessment, from the live settings and what is on the disk."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rich.console import Console

from assets.warehouse.holdings import Folder, Holdings, folders, holdings
from assets.warehouse.keys import keys_held
from assets.warehouse.private_files import write_private
from equity_audit.contracts import APPLICATIONS
from equity_audit.errors import EquityAuditError
from equity_audit.setting_reasons import setting_reasons
from equity_audit.settings import Settings, load_settings
from reports.edition.folder import open_edition
from reports.pages.data_protection.page import render_pack, write_pack

# What is lost with a key, and what is gained by destroying it.
_WITHOUT_KEY = {
    "pseudonym": "a later export looks like new applicants, and what was withheld cannot be decided the same way",
    "commitment": "nobody can show which file an edition was counted from",
    "warehouse": "the warehouse and its backups cannot be read",
    "signing": "editions are not signed",
}

# The two schemas of figures about groups.
_FIGURES = {
    "out": "one row per group, step and split, in several tables: exact counts and measures",
    "disclosed": "one row per group, step and split, in several tables: the same as it is published",
}


def write_data_protection_pack(home: Path, console: Console) -> None:
    """Write <home>/private/data-protection.html and .md, and print their paths. Raises UsageError."""
    markdown = write_pack(_facts(home))
    for name, content in (("data-protection.html", str(render_pack(markdown))), ("data-protection.md", markdown)):
        file = home / "private" / name
        write_private(file, content.encode())
        console.print(f"For the Data Protection Officer: {file}", markup=False)


def _facts(home: Path) -> dict[str, Any]:
    settings, held, present = load_settings(home / "settings.toml"), holdings(home), folders(home)
    return {
        "written": f"Written on {_day(datetime.now(UTC).date())}",
        "version": version("recruitment-equity-audit"),
        "settings_sha256": settings.sha256(),
        "organisations": [(name, f"{n:,}", _day(first), _day(last)) for name, n, first, last in held.organisations],
        "files_loaded": held.files_loaded,
        "application_columns": APPLICATIONS.columns,
        "rows": list(_rows(held)),
        "details": ", ".join(name.replace("_", " ") for name in settings.intake.details) or "none",
        "keep_years": settings.retention.keep_years,
        "purges": [
            {"at": _day(purge.at.date()), "before": _day(purge.before), "applications": f"{purge.applications:,}"}
            for purge in held.purges
        ],
        "folders": present,
        "open_folders": ", ".join(folder.name for folder in present if _is_open(folder)),
        "keys": [(name, where, _WITHOUT_KEY[name]) for name, where in keys_held(home)],
        "published": list(_published(home / "published")),
        "disclosure": list(_disclosure(settings)),
        "protection_interval": settings.disclosure.protection_interval,
        "checks": f"{held.checks:,}",
        "failed_checks": held.failed_checks,
    }


def _rows(held: Holdings) -> Iterator[tuple[str, str, str]]:
    """Yield tables of records and registers one by one, and the many tables of figures together."""
    for table, rows in held.rows:
        if table.schema not in _FIGURES:
            yield table.full_name, table.grain, f"{rows:,}"
    for schema, words in _FIGURES.items():
        if rows := sum(rows for table, rows in held.rows if table.schema == schema):
            yield f"{schema}.*", words, f"{rows:,}"


def _is_open(folder: Folder) -> bool:
    """Return whether anybody but the owner may open it, as far as permissions say."""
    return folder.permissions[4:] != "------"


def _published(folder: Path) -> Iterator[dict[str, Any]]:
    """Yield the editions and reviews that are as they were published."""
    for record in sorted(folder.glob("*/*/edition.json")):
        try:
            edition = open_edition(record.parent).record
        except EquityAuditError:
            continue
        programme = edition.get("programme")
        period = f"review of {programme['programme']['name']}" if programme else edition["period_label"]
        on = _day(date.fromisoformat(edition["published_at"][:10]))
        yield {
            "organisation": edition["organisation"],
            "period": period,
            "revision": edition["revision"],
            "on": on,
        }


def _disclosure(settings: Settings) -> Iterator[dict[str, Any]]:
    """Yield the settings of disclosure with their reasons, and the default if the home has another value."""
    default, reasons = load_settings().disclosure.model_dump(mode="json"), setting_reasons()
    for key, value in settings.disclosure.model_dump(mode="json").items():
        changed = value != default[key]
        yield {
            "key": f"disclosure.{key}",
            "value": _words(value),
            "changed": changed,
            "default": _words(default[key]),
            "reason": reasons["disclosure", key],
        }


def _words(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {part}" for key, part in value.items())
    return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
