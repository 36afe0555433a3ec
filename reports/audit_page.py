"""The page for an auditor: how the edition was made, step by step, with what every step read, ran and checked.

It knows no figure of a group: of the disclosed tables it reads what is said of each extract, and which marks stand
where. Run and time are in the record, so that the same figures give the same page.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
from markupsafe import Markup

from equity_audit.setting_reasons import setting_reasons
from equity_audit.wording import sentence
from reports.graph import LAYERS, Asset, statements_of
from reports.graph_picture import NODE_HEIGHT, NODE_WIDTH, draw
from reports.record import CheckRecord, Edition
from reports.shell import render, template_text

_SECTIONS = {
    "organisation": "Whose records",
    "period": "Reporting periods",
    "comparison": "Comparisons",
    "breakdowns": "Splits",
    "disclosure": "Protection of people",
    "intake": "Taking files in",
    "retention": "Keeping records",
}
_REASONS = {
    "fewer_than": "A count behind it is small",
    "protects_another": "A count behind it is withheld",
    "too_few_decided": "Too few decided on",
    "no_decisions": "Nobody decided on",
    "reference_never_selected": "Nobody to compare with was selected",
    "no_reference_group": "No group to compare with",
}


def render_audit(edition: Edition) -> str:
    """The page of an edition, as HTML."""
    assets = edition.made.assets
    results = _results(edition.checks)
    return render(
        "audit.html.j2",
        ("audit.js",),
        edition=edition,
        page_style=Markup(template_text("audit.css")),
        policy=edition.settings,
        picture=draw(assets),
        node_width=NODE_WIDTH,
        node_height=NODE_HEIGHT,
        layers=[(name, *said) for name, said in LAYERS.items()],
        cards=[_card(asset, edition, results) for asset in assets],
        sources=_sources(edition),
        checks=_checks(results),
        not_met=sum(not check["passed"] for check in results.values()),
        marks=_marks(edition),
        reasons=_reasons(edition),
        sections=_settings(edition.settings),
    )


def _results(checks: Sequence[CheckRecord]) -> dict[tuple[str, str], dict[str, Any]]:
    """Each check once by table and name: it may have looked at several files, and is met if it was for all of them."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for check in checks:
        one = found.setdefault(
            (check.table, check.name),
            {"table": check.table, "meaning": check.meaning, "severity": check.severity, "passed": True, "times": 0},
        )
        one["passed"] = one["passed"] and check.passed
        one["times"] += 1
    return found


def _checks(results: Mapping[tuple[str, str], dict[str, Any]]) -> list[dict[str, Any]]:
    """Those that were not met first, then by table."""
    return sorted(results.values(), key=lambda check: (check["passed"], check["table"]))


def _card(asset: Asset, edition: Edition, results: Mapping[tuple[str, str], dict[str, Any]]) -> dict[str, Any]:
    """What is said of one table; results that are not in the record are those of checks on another kind of file."""
    made = edition.made
    checks: list[dict[str, Any]] = [
        {"meaning": check.meaning, "blocking": check.blocking, "result": results.get((asset.name, check.name))}
        for check in asset.checks
    ]
    return {
        "asset": asset,
        "checks": checks,
        "not_met": sum(bool(check["result"]) and not check["result"]["passed"] for check in checks),
        "goes_into": [other.name for other in made.assets if asset.name in other.made_from],
        "statements": [
            {"name": name, "text": made.statement_texts[name], **made.statements[name]}
            for name in statements_of(asset.name, made.statement_texts, made.assets)
        ],
    }


def _sources(edition: Edition) -> list[dict[str, Any]]:
    """Each file behind the figures, with the facts to know of it."""
    facts = edition.tables["extract_facts"].to_dicts()
    return [
        {**source, "facts": [fact for fact in facts if fact["extract_id"] == source["extract_id"]]}
        for source in edition.tables["sources"].to_dicts()
    ]


def _marks(edition: Edition) -> list[dict[str, Any]]:
    """For each column of counts, how many are shown and how many bear which mark."""
    found = []
    for name, rows in edition.tables.items():
        for column in (column for column in rows.columns if column.endswith("_note")):
            tally = _tally(rows[column])
            found.append(
                {
                    "what": f"{sentence(column.removesuffix('_note'))} ({name.replace('_', ' ')})",
                    "cells": [tally.get(mark, 0) for mark in (None, "fewer_than", "protects_another")],
                }
            )
    return found


def _reasons(edition: Edition) -> dict[str, Any]:
    """For each table of rates or comparisons, how many rows are shown and why the others are not."""
    tallies = {
        name: _tally(rows["not_shown_reason"])
        for name, rows in edition.tables.items()
        if "not_shown_reason" in rows.columns
    }
    present = [reason for reason in _REASONS if any(reason in tally for tally in tallies.values())]
    return {
        "names": [_REASONS[reason] for reason in present],
        "rows": [
            (name, [tally.get(None, 0), *(tally.get(reason, 0) for reason in present)])
            for name, tally in tallies.items()
        ],
    }


def _tally(values: pl.Series) -> dict[str | None, int]:
    return dict(values.value_counts().iter_rows())


def _settings(settings: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Every section and setting with its value in words and what it means."""
    reasons = setting_reasons()
    return [
        {
            "title": _SECTIONS.get(section, sentence(section)),
            "rows": [
                {
                    "key": f"{section}.{key}",
                    "name": sentence(key.replace("_", " ")),
                    "value": _in_words(value),
                    "meaning": reasons.get((section, key), ""),
                }
                for key, value in values.items()
            ],
        }
        for section, values in settings.items()
    ]


def _in_words(value: Any) -> str:
    """A setting as people read it: lists with commas, a list within a list as from one to the other."""
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_in_words(inner)}" for name, inner in value.items())
    if isinstance(value, (list, tuple)):
        return (
            ", ".join(
                " to ".join(map(str, inner)) if isinstance(inner, (list, tuple)) else _in_words(inner)
                for inner in value
            )
            or "none"
        )
    return str(value)
