"""Staff, the board and answers to surveys, exactly, with the indicators of the WRES as its return asks for them."""

from collections.abc import Iterator
from typing import Any

import polars as pl
from markupsafe import Markup

from equity_audit.contracts.workforce import MEASURES
from equity_audit.measures.rules import WRES
from reports.pages.analyst_private import tables
from reports.pages.analyst_private.record import ExactReport
from reports.pages.analyst_private.seen import count_seen, figure_seen
from reports.pages.analyst_private.tables import Column, Row, count, ratio, share

_PLACE = ("level", "breakdown", "breakdown_value", "group_name")
_MEASURE = ("measure", *_PLACE)
_SHARES = ("share", "share_if_unknown_bme", "share_of_known", "settles_at", "settles_at_if_selected_alike",
           "share_in_years")  # fmt: skip
_GROUPS = ("White", "BME", "Unknown")
# Indicator 9 asks for these apart; they are not parts of the staff.
_VOTING, _EXECUTIVE = ("board", "voting members"), ("board_executive", "executive members")
_EVERYBODY = ("all", "all")
_BOARD = {_VOTING: "voting members of the board", _EXECUTIVE: "executive members of the board"}


def _write(row: Row) -> Any:
    """Return how a measure's values are written."""
    if row["measure"] in _SHARES:
        return share
    if row["measure"] == "board_gap":
        return tables.points
    return tables.one_place if row["measure"] == "halfway_years" else ratio


def _value(row: Row) -> str:
    if row["value"] is None:
        return tables.in_words(row["undefined_reason"])
    return str(_write(row)(row["value"]))


def _of(row: Row) -> str:
    if row["breakdown"] == "all":
        return "all staff"
    return f"{row['breakdown'].replace('_', ' ')}: {row['breakdown_value']}"


_MEASURES = (
    Column("Measure", lambda row: tables.in_words(row["measure"]), lambda row: MEASURES[row["measure"]], words=True),
    Column("Of", _of, words=True),
    Column("Group", lambda row: row["group_name"], words=True),
    Column("Exactly", _value, lambda row: tables.ends(row["value_low"], row["value_high"], _write(row))),
    Column("Panel sees", lambda row: figure_seen(row, "value", lambda value: str(_write(row)(value))), words=True),
)


def measures(report: ExactReport) -> Markup | None:
    """Return every measure of staff; None without numbers of staff."""
    rows = report.tables["workforce_measures"]
    if rows.is_empty():
        return None
    beside = report.beside(rows, "workforce_measures", _MEASURE)
    return tables.table("Measures of staff", _MEASURES, beside.iter_rows(named=True))


def indicators(report: ExactReport) -> list[tuple[str, Markup]]:
    """Return the tables of those WRES indicators that the records have numbers for, each with what it is about."""
    tables_by_title = {
        "Indicator 1: staff in post, by band, and clinical and other staff apart": _indicator_1(report),
        "Indicator 2: relative likelihood of appointment from shortlisting": _indicator_2(report),
        "Indicators 5 to 8: answers to the survey, whatever it asked": _answers(report),
        "Indicator 9: the board, by voting and by executive membership, and staff": _indicator_9(report),
    }
    return [(title, table) for title, table in tables_by_title.items() if table is not None]


def _indicator_1(report: ExactReport) -> Markup | None:
    """Return WRES indicator 1: staff in each part by White, BME and unknown, and the BME share; None without staff."""
    of_board = pl.col("breakdown").is_in([split for split, _ in _BOARD])
    parts = _parts(report, report.tables["workforce"].filter(~of_board))
    if not parts:
        return None
    columns = (
        Column("Staff", lambda row: row["part"]),
        *_by_group(report),
        Column("Share of BME staff", lambda row: share(row["bme"])),
    )
    return tables.table("Indicator 1: staff in post", columns, parts.values())


def _indicator_9(report: ExactReport) -> Markup | None:
    """Return WRES indicator 9: voting and executive members of the board, each beside all staff; None without staff.

    Where the source does not have members of a kind, the table says so: that is not the same as none of them.
    """
    parts = _parts(report, report.tables["workforce"])
    if _EVERYBODY not in parts:
        return None
    measured = report.tables["workforce_measures"].filter(measure="board_gap").iter_rows(named=True)
    gaps = {(row["breakdown"], row["breakdown_value"]): row for row in measured}
    # Other voting members are known to be no executive ones, so the source says who is.
    splits = {split for split, _ in parts}
    rows = [
        {"part": text, "in_source": part[0] in splits, "gap": gaps.get(part), "bme": None, "note": note}
        | parts.get(part, {})
        for (part, text), note in zip(_BOARD.items(), ("", "voting or not"), strict=True)
    ]
    columns = (
        Column("Who", lambda row: row["part"], lambda row: row["note"] if row["in_source"] else "not in the source"),
        *_by_group(report),
        Column("Share of BME people", lambda row: share(row["bme"]) if row["in_source"] else ""),
        Column(
            "Minus that of staff, percentage points",
            lambda row: tables.points(row["gap"]["value"]) if row["gap"] else "",
            lambda row: (
                tables.ends(row["gap"]["value_low"], row["gap"]["value_high"], tables.points) if row["gap"] else ""
            ),
        ),
    )
    everybody = parts[_EVERYBODY] | {"in_source": True, "gap": None, "note": ""}
    return tables.table("Indicator 9: the board and all staff", columns, [*rows, everybody])


def _by_group(report: ExactReport) -> Iterator[Column]:
    """Yield a column of people for each of White, BME and unknown, with what the panel sees below."""
    below = report.settings.disclosure.withhold_below
    for group in _GROUPS:
        yield Column(
            group,
            lambda row, group=group: (  # type: ignore[misc]
                count(row[group]["headcount"]) if group in row else "0" if row.get("in_source", True) else ""
            ),
            lambda row, group=group: (
                f"panel: {count_seen(row[group], 'headcount', below)}"  # type: ignore[misc]
                if group in row
                else ""
            ),
        )


def _parts(report: ExactReport, workforce: pl.DataFrame) -> dict[tuple[str, str], dict[str, Any]]:
    """Return White, BME and unknown people of each part, with the edition's beside, and the BME share."""
    rows = report.beside(workforce.filter(pl.col("level") == "wres"), "workforce", _PLACE)
    parts: dict[tuple[str, str], dict[str, Any]] = {}
    for row in rows.iter_rows(named=True):
        parts.setdefault((row["breakdown"], row["breakdown_value"]), {})[row["group_name"]] = row
    for (split, value), groups in parts.items():
        everybody = sum(row["headcount"] for row in groups.values())
        bme = groups["BME"]["headcount"] if "BME" in groups else 0
        groups["part"] = _BOARD.get((split, value)) or _of({"breakdown": split, "breakdown_value": value})
        groups["bme"] = bme / everybody if everybody else None
    return parts


def _indicator_2(report: ExactReport) -> Markup | None:
    """Return WRES indicator 2: shortlisted, appointed and the relative likelihood; None without these stages."""
    rows = report.tables["rule_tables"].filter(rule=WRES)
    if rows.is_empty():
        return None
    columns = (
        Column("Applicants", lambda row: row["category"]),
        Column("Shortlisted", lambda row: count(row["applicants"])),
        Column("Appointed", lambda row: count(row["selected"])),
        Column("Likelihood of appointment", lambda row: share(row["selection_rate"])),
        Column("White / this group", lambda row: ratio(row["relative_likelihood"])),
    )
    caption = "Indicator 2: relative likelihood of appointment from shortlisting"
    return tables.table(caption, columns, rows.iter_rows(named=True))


def _answers(report: ExactReport) -> Markup | None:
    """Return the answers of White, BME and all who answered each question: indicators 5 to 8; None without a survey."""
    rows = report.beside(report.tables["survey"].filter(pl.col("level") != "group"), "survey", _PLACE)
    if rows.is_empty():
        return None
    below = report.settings.disclosure.withhold_below
    columns = (
        Column("Question", lambda row: row["breakdown_value"]),
        Column("Who", lambda row: row["group_name"], words=True),
        Column("Agreed, of answered", lambda row: f"{count(row['agreed'])} of {count(row['answered'])}"),
        Column("Share", lambda row: share(row["agreed"] / row["answered"] if row["answered"] else None)),
        Column(
            "Panel sees",
            lambda row: f"{count_seen(row, 'agreed', below)} of {count_seen(row, 'answered', below)}",
            words=True,
        ),
    )
    return tables.table("Answers to the survey", columns, rows.iter_rows(named=True))
