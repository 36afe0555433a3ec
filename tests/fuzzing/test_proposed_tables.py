"""Made-up tables in any layout, taken in with the mapping that is proposed for them: exactly right, or refused."""

from collections import Counter
from datetime import date
from pathlib import Path

import duckdb
from hypothesis import event, given, settings
from hypothesis import strategies as st

from assets.ingest.extract import Load
from assets.ingest.loading import load_extract
from assets.ingest.profile import profile_file
from assets.ingest.source_files import open_source
from equity_audit.errors import EquityAuditError
from equity_audit.intake.mapping_file import parse_mapping
from tests.fuzzing.conftest import KEY, LENIENT
from tests.fuzzing.exports import write

# Labels with the category and group that the ONS standard of 2021 gives them. One is a whole beside its parts, two mean
# the same, and two are of unknown ethnicity.
LABELS = {
    "White British": ("White: English, Welsh, Scottish, Northern Irish or British", "White"),
    "White Irish": ("White: Irish", "White"),
    "Any other White background": ("White: Any other White background", "White"),
    "Asian": (None, "Asian"),
    "Indian": ("Asian: Indian", "Asian"),
    "Asian: Indian": ("Asian: Indian", "Asian"),
    "Chinese": ("Asian: Chinese", "Asian"),
    "Black African": ("Black: African", "Black"),
    "Arab": ("Other: Arab", "Other"),
    "Prefer not to say": (None, "Unknown"),
    "Not known": (None, "Unknown"),
}
STAGES = ("Applied", "Shortlisted", "Appointed")
Numbers = dict[tuple[str, str, str], tuple[int, int, int]]


def truth(numbers: Numbers) -> Counter[tuple[object, ...]]:
    """How many reached each stage, by period, category and group."""
    found: Counter[tuple[object, ...]] = Counter()
    for (year, label, _), reached in numbers.items():
        for stage, count in enumerate(reached):
            found[date(int(year[:4]), 4, 1), *LABELS[label], stage] += count
    return +found


def stored(warehouse: duckdb.DuckDBPyConnection) -> Counter[tuple[object, ...]]:
    query = """
        select period, ethnicity_category, ethnicity_group, stage_order, sum(applications) from core.group_counts
        group by all
    """
    return +Counter({tuple(key): int(count) for *key, count in warehouse.sql(query).fetchall()})


def summed(rows: list[tuple[int, int, int]]) -> list[int]:
    return [sum(column) for column in zip(*rows, strict=True)]


@st.composite
def tables(draw: st.DrawFn) -> tuple[Numbers, list[list[str]]]:
    """The numbers of a table by year, group and sex, and its rows in some layout."""
    labels = draw(st.lists(st.sampled_from([*LABELS]), min_size=2, max_size=7, unique=True))
    layout = draw(st.sampled_from(["down", "down", "down", "across", "long"]))
    years = draw(st.sampled_from([["2022/23"], ["2021/22", "2022/23"]])) if layout != "across" else ["2022/23"]
    sexes = draw(st.sampled_from([[""], ["F", "M"], ["Women", "Men", "Not known"]])) if layout != "across" else [""]
    numbers: Numbers = {}
    for year in years:
        for label in labels:
            for sex in sexes:
                applied = draw(st.integers(0, 900))
                shortlisted = draw(st.integers(0, applied))
                numbers[year, label, sex] = (applied, shortlisted, draw(st.integers(0, shortlisted)))
    named_year, named_sex = len(years) > 1, len(sexes) > 1
    lines = [(year, label, sex, [*reached]) for (year, label, sex), reached in numbers.items()]
    if draw(st.booleans()):
        word = draw(st.sampled_from(["Total", "All ethnic groups", ""]))
        for year in years:
            lines.append((year, word, "All", summed([n for (y, *_), n in numbers.items() if y == year])))
    if named_sex and draw(st.booleans()):
        word = draw(st.sampled_from(["All", "Persons", ""]))
        for year in years:
            for label in labels:
                of_label = [n for (y, one, _), n in numbers.items() if (y, one) == (year, label)]
                lines.append((year, label, word, summed(of_label)))
    if layout == "across":
        rows = [["Stage", *(label for _, label, *_ in lines)]]
        rows += [[stage, *(str(n[at]) for *_, n in lines)] for at, stage in enumerate(STAGES)]
        return numbers, rows
    keys = [*(["Year"] if named_year else []), "Ethnicity", *(["Sex"] if named_sex else [])]
    percent = draw(st.booleans())
    rows = [[*keys, *STAGES, *(["% appointed"] if percent else [])]]
    for year, label, sex, reached in lines:
        key = [*([year] if named_year else []), label, *([sex] if named_sex else [])]
        rows.append([*key, *map(str, reached), *(["12.5"] if percent else [])])
    if layout == "long":
        body = [(row[: len(keys)], row[len(keys) :]) for row in rows[1:]]
        rows = [
            [*keys, "Stage", "Number"],
            *([*key, stage, cells[at]] for key, cells in body for at, stage in enumerate(STAGES)),
        ]
    if draw(st.booleans()):
        rows = [["Applicants by ethnicity"], [], *rows]
    return numbers, rows


@settings(max_examples=120)
@given(table=tables(), kind=st.sampled_from(["commas", "xlsx"]))
def test_a_proposed_mapping_never_counts_wrongly(
    warehouse: duckdb.DuckDBPyConnection,
    folder: Path,
    table: tuple[Numbers, list[list[str]]],
    kind: str,
) -> None:
    numbers, rows = table
    path = write(rows, kind, folder)
    warehouse.execute("begin")
    try:
        text = profile_file(warehouse, path, LENIENT)
        if "unfinished = [" in text:
            # The year is the only thing that a person adds.
            text = text[: text.index("unfinished")] + text[text.index("[source]") :]
            text = text.replace("# period = 2023-04-01", "period = 2022-04-01")
        mapping = parse_mapping(text, "proposal")
        load = Load("e" * 16, "Trust", "run", KEY, date(2026, 1, 1), LENIENT)
        load_extract(warehouse, open_source(warehouse, path, mapping), mapping, load)
    except EquityAuditError:
        event("refused")
    else:
        event("taken in")
        assert stored(warehouse) == truth(numbers)
    finally:
        warehouse.execute("rollback")
