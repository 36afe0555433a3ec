"""Numbers cannot be typed into a page: the engine refuses them, and the finished files are what was handed over."""

import ast
import csv
import io
import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import DictLoader

import reports
from assets.release.edition_files import edition_files
from equity_audit.errors import DisclosureFailed
from equity_audit.settings import load_settings
from reports.charts.stage_charts import Chart, stage_bars
from reports.edition.record import Earlier, Edition
from reports.figures import printable
from reports.figures.printable import BareNumber, Printed
from reports.figures.shown_numbers import derived, shown_rows, shown_value
from reports.pages import shell
from reports.release_check import unexpected
from reports.release_check.figures import figures_not_shown
from reports.release_check.values import values_not_shown
from tests.reports.conftest import make_edition
from tests.reports.pages.test_workforce_page import LARGER
from tests.unit.populations.test_answers import ASKED, answers
from tests.unit.populations.test_staff_measures import staff, with_benchmark

RUN = "5c523b80-df1a-4803-9bb6-d7f86ae673f5"
NUMERALS = st.text(st.characters(categories=["Nd", "Nl", "No"]), min_size=1)
TEXTS = st.text(st.characters(codec="utf-8"), max_size=20)


def rendered(template: str, **values: Any) -> shell.Page:
    """A page of one template that is typed here."""
    environment = shell._environment(knows_figures=True).overlay(loader=DictLoader({"typed": template}))
    marked = environment.get_template("typed").render(**values)
    page = shell.Page(printable.opened(marked))
    page.printed = printable.printed_in(marked)
    return page


@pytest.mark.parametrize(
    "template",
    [
        "{{ value }}",
        "{{ value ~ '' }}",
        "{{ 'of ' ~ value }}",
        "{{ rows|length }}",
        "{{ value * 2 }}",
        "{{ value + 1 }}",
        "<td title='{{ value }}'>",
        "{% macro cell(it) %}<td>{{ it }}</td>{% endmacro %}{{ cell(value) }}",
        "{% for one in rows %}{{ loop.index }}{% endfor %}",
        "{% set said = 'about ' ~ value %}{{ said }}",
        "{{ rows|join(', ') }}",
        "{{ rows }}",
        "{{ value == 61 }}",
    ],
)
@pytest.mark.parametrize("value", [61, 0.4987, Decimal("61"), "61", shown_value(61, "stage_counts.reached")])
def test_a_template_that_prints_a_bare_number_cannot_be_rendered(template: str, value: Any) -> None:
    """Not even one of a shown table, unless a way to write it makes a figure of it."""
    if (isinstance(value, int) and value != 61) or (
        template.endswith(("|percent }}", "|number }}")) and hasattr(value, "of")
    ):
        return
    with pytest.raises((BareNumber, TypeError)):
        rendered(template, value=value, rows=[value, value])


@pytest.mark.parametrize("unsafe", ["safe", "string", "format", "int", "round", "sum", "xmlattr", "tojson", "pprint"])
def test_what_makes_text_of_a_number_is_no_filter_of_a_template(unsafe: str) -> None:
    assert unsafe not in shell._environment(knows_figures=True).filters


@settings(max_examples=25, deadline=None)
@given(before=TEXTS, numeral=NUMERALS, after=TEXTS)
def test_a_text_with_a_numeral_of_any_script_is_refused_unless_it_is_a_name(
    before: str, numeral: str, after: str
) -> None:
    text = before + numeral + after
    with pytest.raises(BareNumber):
        rendered("{{ text }}", text=text)
    page = rendered("{{ text|name }}", text=text)
    assert [one.of for one in page.printed] == [printable.NAME]


@given(text=TEXTS)
def test_a_name_is_printed_as_it_is_called_and_cannot_forge_a_mark(text: str) -> None:
    said = printable.name(text)
    wanted = re.sub("[\ufdd0-\ufdef]", "", text)
    assert printable.opened(said) == wanted
    assert {one.of for one in printable.printed_in(said)} <= {printable.NAME}
    for change in (
        str.lower,
        printable.sentence,
        lambda t: f"by {t}: {t}".replace(" ", "  "),
        lambda t: ", ".join([t, t]),
    ):
        assert not printable.is_bare(change(said))  # type: ignore[no-untyped-call]


def test_a_figure_knows_its_column_through_sentences_and_charts(edition: Edition) -> None:
    row = shown_rows(edition.tables["disparities"], "disparities")[0]
    page = rendered("<p>{{ said }}</p>", said=f"{printable.ratio(row['impact_ratio'])} times")
    assert page == f"<p>{row['impact_ratio']:.2f} times</p>"
    assert page.printed == (Printed(f"{row['impact_ratio']:.2f}", "disparities.impact_ratio"),)


@given(value=st.floats(0.01, 100) | st.integers(0, 10**6))
def test_a_number_that_no_shown_table_has_is_no_figure(value: float) -> None:
    for write in (printable.percent, printable.ratio, printable.number, printable.log_words):
        with pytest.raises(BareNumber):
            write(value)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        derived(value / 2, value)
    with pytest.raises(TypeError):
        derived(value)
    half = derived(value / 2, shown_value(value, "stage_counts.reached"))
    assert half.of == "from stage_counts.reached"


@pytest.mark.parametrize(
    "change",
    [
        lambda f: f["data"][0].update(x=[0.078]),
        lambda f: f["data"][0].update(customdata=[61]),
        lambda f: f["data"][0].update(text=["61"]),
        lambda f: f["data"][0].update(y=["61"]),
        lambda f: f["data"][0].update(error_x={"array": [0.1]}),
        lambda f: f["layout"].update(annotations=[{"text": "61 people"}]),
    ],
)
def test_a_chart_draws_figures_alone(change: Any) -> None:
    stages = [("Applied", shown_value(200, "stage_counts.reached"), None)]
    chart = stage_bars("f", "Asian", stages, 5)
    assert '"x":[1.0]' in shell._as_json(chart)
    figure = {"data": [dict(chart.figure["data"][0])], "layout": dict(chart.figure["layout"])}
    change(figure)
    with pytest.raises(BareNumber):
        shell._as_json(Chart("f", "Asian", figure, ""))


def test_markup_is_made_by_the_engine_and_by_drawings_alone() -> None:
    """Markup is printed as it stands, so whoever makes some could print anything. Private pages publish nothing."""
    makers = {
        module_of(path)
        for path in Path(reports.__file__).parent.rglob("*.py")
        if path.parent.name not in ("analyst_private", "data_protection")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module == "markupsafe"
    }
    assert makers == {"pages/shell", "charts/funnel_plot", "charts/sparkline"}


def test_who_says_that_a_number_is_one_of_a_series_or_a_table_is_known() -> None:
    """Elsewhere a value comes from `shown_rows`, or is derived from such."""
    callers: dict[str, set[str]] = {"modelled": set(), "modelled_count": set(), "shown_value": set()}
    for path in Path(reports.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module == "reports.figures.shown_numbers":
                for name in callers.keys() & {alias.name for alias in node.names}:
                    callers[name].add(module_of(path))
    series = {
        *("charts/effects", "charts/series", "pages/board/page", "pages/board/survey"),
        *(f"pages/programme/{module}" for module in ("answer", "effects", "page", "words")),
    }
    counts = {"pages/programme/answer", "pages/programme/words"}
    # The one door for exact figures, to private pages alone: an import contract holds that.
    door = {"figures/exact_numbers"}
    assert callers == {"modelled": series, "modelled_count": counts, "shown_value": door}


def module_of(path: Path) -> str:
    return path.relative_to(Path(reports.__file__).parent).with_suffix("").as_posix()


def test_a_page_says_that_it_was_refused_and_not_which_number(
    edition: Edition, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reports.pages.panel.page.headline", lambda _: {"title": "61 people"})
    with pytest.raises(DisclosureFailed) as caught:
        edition_files(edition, RUN)
    assert "panel.html.j2" in str(caught.value)
    assert "61" not in str(caught.value)


def test_a_mark_that_was_left_on_is_found(edition: Edition, monkeypatch: pytest.MonkeyPatch) -> None:
    """Marked words belong to pages alone: in another file they would stand with their marks.

    A copy of the edition here and below: of itself, what sound code made is remembered, and what this makes would be.
    """
    monkeypatch.setattr("reports.exports.workbook_notes.TITLE", printable.marked("Tables", printable.NAME))
    with pytest.raises(DisclosureFailed, match=r"tables\.xlsx, whole file: a mark of a printable text was left in"):
        edition_files(replace(edition), RUN)


def test_a_figure_that_its_column_has_not_is_found(edition: Edition) -> None:
    wrong = [Printed("0.61", "disparities.impact_ratio"), Printed("3,007", "stage_counts.reached")]
    right = [Printed("3,005", "stage_counts.reached"), Printed("0.50", "disparities.impact_ratio")]
    found = list(figures_not_shown("panel.html", [*right, *wrong], [edition.tables]))
    assert [str(one) for one in found] == [
        "panel.html, figure 3: not a value of disparities.impact_ratio",
        "panel.html, figure 4: not a value of stage_counts.reached",
    ]


def test_a_page_whose_code_tells_another_number_is_found(edition: Edition, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both the page and the one made again have it: the shown table has not."""
    monkeypatch.setattr("reports.pages.first_lines.ratio", lambda value: printable.ratio(shown_value(0.61, value.of)))
    with pytest.raises(DisclosureFailed, match=r"panel\.html, figure \d+: not a value of disparities\.impact_ratio"):
        edition_files(replace(edition), RUN)


@pytest.fixture(scope="module")
def files(edition: Edition) -> dict[str, bytes]:
    return edition_files(edition, RUN)


@pytest.mark.usefixtures("remembered")
@pytest.mark.parametrize("name", ["panel.html", "analyst.html", "audit.html"])
def test_a_page_altered_by_any_one_digit_is_refused(edition: Edition, files: dict[str, bytes], name: str) -> None:
    """A few, from the beginning to the end of what is before the library."""
    page = files[name]
    end = page.find(b'id="plotly"')
    digits = [place for place, letter in enumerate(page[: end if end > 0 else None]) if chr(letter).isdigit()]
    for place in digits[:: max(1, len(digits) // 4)]:
        other = b"%d" % ((page[place] - 48 + 1) % 10)
        changed = {**files, name: page[:place] + other + page[place + 1 :]}
        assert name in {one.file for one in unexpected(changed, edition, RUN)}


def cells_of(edition: Edition) -> list[tuple[str, int, int]]:
    return [
        (name, row, column)
        for name, rows in edition.tables.items()
        for row in range(rows.height)
        for column in range(rows.width)
    ]


@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_a_csv_altered_by_any_one_value_is_refused(edition: Edition, files: dict[str, bytes], data: Any) -> None:
    name, row, column = data.draw(st.sampled_from(cells_of(edition)))
    path = f"tables/{name}.csv"
    lines = list(csv.reader(io.StringIO(files[path].decode())))
    cell = lines[row + 1][column]
    lines[row + 1][column] = (
        str(float(cell) + 1) if edition.tables[name].dtypes[column].is_float() and cell else f"{cell}1"
    )
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows(lines)
    found = list(values_not_shown(path, written.getvalue().encode(), edition.tables, edition))
    assert [one.place for one in found] == [f"row {row + 2}, {edition.tables[name].columns[column]}"]


# Names that a search for numbers takes for numbers, or for identifiers.
ODD = (
    "7",
    "2019",
    "3.5",
    "<b>Ward</b>",
    "25%",
    "0.56",
    "12 to 3,005",
    "٣",
    "½",
    "{{ 61 }}",
    "=1+2",
    "-5",
    "\ufde05\ufde1\ufde2",
)


@pytest.mark.parametrize("organisation", ["\ufde061\ufde2 {{ 61 }} ١٢"])
def test_odd_names_are_printed_as_names(organisation: str) -> None:
    people = {"Asian": (400, 120, 40), "Black": (300, 60, 20), "White": (900, 300, 90)}
    whole = {group: (a * len(ODD), b * len(ODD), c * len(ODD)) for group, (a, b, c) in people.items()}
    edition = make_edition(whole, {}, organisation, departments=dict.fromkeys(ODD, people))
    files = edition_files(edition, RUN)
    assert unexpected(files, edition, RUN) == []
    text = files["analyst.html"].decode()
    assert "<b>Ward</b>" not in text
    assert "&lt;b&gt;Ward&lt;/b&gt;" in text
    assert not re.search("[\ufdd0-\ufdef]", text)


@pytest.mark.parametrize("extract", ["1234567890123456", "0000000000000061", "deadbeefdeadbeef"])
def test_what_files_are_called_is_no_person(edition: Edition, extract: str) -> None:
    sources = edition.tables["sources"].with_columns(extract_id=pl.lit(extract))
    edition_files(replace(edition, tables={**edition.tables, "sources": sources}), RUN)


def test_every_part_of_a_page_takes_names_for_names() -> None:
    """Stages, departments, bands, questions, periods, benchmarks: whatever data can call by a number is."""
    groups = {"Asian": (4000, 1200, 400), "Black": (3000, 600, 200), "White": (9000, 3000, 900)}
    halves = {name: (a // 2, b // 2, c // 2) for name, (a, b, c) in groups.items()}
    settings = with_benchmark(load_settings())
    workforce = settings.workforce.model_copy(update={"benchmark_name": "7 boroughs in 2021"})
    organisation = "St Made-Up's NHS Trust"
    edition = make_edition(
        groups,
        {},
        departments={"7": halves, "2019": halves},
        staff=staff(LARGER, {"White": (9, 0), "Asian": (2, 0)}).with_columns(organisation=pl.lit(organisation)),
        answers=answers({"12": ASKED["Heard"], "q7 ½": ASKED["Heard"]}, organisation=organisation),
        settings=settings.model_copy(update={"workforce": workforce}),
    )
    odd = {"shortlisted": "round_2", "appointed": "61%"}
    tables = {
        name: rows.with_columns(pl.col("^(from|to)_stage$").replace(odd)) for name, rows in edition.tables.items()
    }
    tables["workforce"], tables["workforce_measures"] = (
        tables[name].with_columns(pl.col("breakdown_value").str.replace("Band ", ""))
        for name in ("workforce", "workforce_measures")
    )
    before = Earlier(date(2022, 4, 1), "2022/23", 3, "a" * 64, edition.settings, tables)
    edition = replace(
        edition, tables=tables, organisation="12", previous=before, replaced=before, revision=4, replaces=3
    )
    files = edition_files(edition, RUN)
    page = files["panel.html"].decode()
    words = ("Applied to round 2", "reach “61%”", "Department: 2019", '<th scope="row">5</th>', "7 boroughs in 2021")
    for said in (*words, "2022/23", "q7 ½", "revision 4"):
        assert said in page, said
