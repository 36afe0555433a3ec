"""Write docs/tables.md and docs/settings.md from the code that they describe: `make docs`."""

import json
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any

from equity_audit.contracts import TABLES, Column, Table
from equity_audit.intake.faults import RULES
from equity_audit.setting_reasons import setting_reasons
from equity_audit.settings import Settings

HERE = Path(__file__).parent


def tables_page() -> str:
    """Return the page of tables: each with its grain, key and columns."""
    parts = [
        "# Tables\n\nWritten from equity_audit/contracts by `make docs`. The warehouse is one DuckDB file, "
        "`<home>/warehouse.duckdb`.\n"
    ]
    return "\n".join([*parts, *map(_table, TABLES)])


def settings_page() -> str:
    """Return the page of settings: every key of the shipped settings.toml with its value, limits and reason."""
    text = (files("equity_audit") / "settings.toml").read_text(encoding="utf-8")
    allowed, reasons = _allowed_values(), setting_reasons()
    rows = [
        f"| `{section}.{key}` | `{_value(value)}` | {allowed[section, key]} | {reasons[section, key]} |"
        for section, keys in tomllib.loads(text).items()
        for key, value in keys.items()
    ]
    return "\n".join(
        [
            "# Settings\n",
            "Written from equity_audit/settings.toml by `make docs`. A file `<home>/settings.toml` replaces single "
            "values, for example:\n",
            "```toml\n[disclosure]\nround_to = 10\n```\n",
            "The effective settings and their SHA-256 are part of every edition. A wrong key or value stops a command "
            "with exit code 2 before anything is read.\n",
            "Besides what the table allows, `period.earliest` is the first day of a month, and "
            "`disclosure.withhold_below` is at least half of `disclosure.round_to`, or people would be published "
            "as 0.\n",
            "| key | default | allowed | meaning and source |\n|---|---|---|---|",
            *rows,
            "",
        ]
    )


def rules_table() -> str:
    """Return the table of rules by which rows are rejected, for docs/source-mappings.md."""
    return "\n".join(["| rule | meaning |\n|---|---|", *(f"| `{rule}` | {text} |" for rule, text in RULES.items())])


def _table(table: Table) -> str:
    head = f"## {table.full_name}\n\n{table.grain[:1].upper()}{table.grain[1:]}. Key: {', '.join(table.key)}.\n"
    return "\n".join(
        [head, "| column | type | meaning | derived from |\n|---|---|---|---|", *map(_column, table.columns), ""]
    )


def _column(column: Column) -> str:
    meaning = f"{column.meaning} ({column.unit})" if column.unit else column.meaning
    return f"| {column.name} | {column.type} | {meaning} | {', '.join(column.derived_from)} |"


def _value(value: object) -> str:
    return json.dumps(value) if isinstance(value, (list, dict, bool)) else str(value)


def _allowed_values() -> dict[tuple[str, str], str]:
    """Return the values that each key allows, from the models that validate it."""
    schema = Settings.model_json_schema()
    sections = {name: schema["$defs"][part["$ref"].rsplit("/", 1)[1]] for name, part in schema["properties"].items()}
    return {
        (section, key): _allowed(rule)
        for section, model in sections.items()
        for key, rule in model["properties"].items()
    }


def _allowed(rule: dict[str, Any]) -> str:
    """Write one JSON Schema rule in words."""
    if "enum" in rule:
        return ", ".join(rule["enum"])
    if "description" in rule:
        return str(rule["description"])
    kinds = {
        "boolean": "true or false",
        "integer": "whole number",
        "number": "number",
        "array": "list",
        "object": "table",
        "string": rule.get("format", "text"),
    }
    limits = {"minimum": "from", "exclusiveMinimum": "above", "maximum": "to", "exclusiveMaximum": "below"}
    return " ".join([kinds[rule["type"]], *(f"{word} {rule[name]:g}" for name, word in limits.items() if name in rule)])


if __name__ == "__main__":
    (HERE / "tables.md").write_text(tables_page(), encoding="utf-8")
    (HERE / "settings.md").write_text(settings_page(), encoding="utf-8")
