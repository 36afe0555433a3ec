"""Exports without ids, vacancies, dates or outcomes, and those that say in several columns what happened."""

from collections import Counter

import duckdb
import pytest

from equity_audit.errors import InputRefused, UsageError
from equity_audit.intake.mapping_file import parse_mapping
from tests.pipelines.conftest import Loader

HEAD = '[source]\nname = "m"\nshape = "{shape}"\nethnicity_classification = "ons_2021"\nstages = ["applied", "interviewed", "appointed"]\n'  # noqa: E501
STATUS = (
    HEAD.format(shape="status")
    + """
[columns]
application_id = "id"
vacancy_id = "post"
ethnicity = "group"
applied_on = "day"
outcome = "status"
more_outcomes = ["stage", "reason"]
[statuses]
"Rejected / Sift / (blank)" = {reached = "applied", outcome = "rejected"}
"rejected / interview / Withdrew" = {reached = "interviewed", outcome = "withdrew"}
"(blank) / (blank) / Started" = {reached = "appointed", outcome = "progressed"}
"""
)
WIDE = HEAD.format(shape="wide") + '{source}[columns]\n{columns}ethnicity = "group"\n{dates}{constants}'
FLAGS = (
    HEAD.format(shape="flags")
    + """without_outcome = "rejected"
yes = ["Ja", "0"]
no = ["Nein", "1"]
[columns]
application_id = "id"
vacancy_id = "post"
ethnicity = "group"
applied_on = "day"
[stage_flags]
interviewed = "interview"
appointed = "offer"
"""
)


def paths(connection: duckdb.DuckDBPyConnection) -> Counter[tuple[str, str, str | None]]:
    """How many rows of each group are at each stage with each outcome."""
    query = "select ethnicity_group, stage, outcome, count(*) from core.applicant_stages group by all"
    return Counter({(group, stage, outcome): n for group, stage, outcome, n in connection.sql(query).fetchall()})


def test_a_status_in_three_columns(load: Loader, warehouse: duckdb.DuckDBPyConnection) -> None:
    extract = load(
        STATUS,
        "id;post;group;day;status;stage;reason",
        "1;V;White;2023-04-02;rejected;SIFT;",
        "2;V;Asian;2023-04-02;Rejected;Interview;withdrew",
        "3;V;Asian;2023-04-02;;N/A;started",
        ";;;;;;",
    )
    assert (extract["rows_accepted"], extract["rows_ignored"]) == (3, 1)
    assert paths(warehouse) == {
        ("White", "applied", "rejected"): 1,
        ("Asian", "applied", "progressed"): 2,
        ("Asian", "interviewed", "withdrew"): 1,
        ("Asian", "interviewed", "progressed"): 1,
        ("Asian", "appointed", None): 1,
    }


def test_ids_in_two_columns(load: Loader, warehouse: duckdb.DuckDBPyConnection) -> None:
    """A person who applies for two posts makes two applications; one without a post is invalid."""
    text = STATUS.replace(
        'application_id = "id"\n', 'application_id = "id"\nmore_ids = ["post"]\ncandidate_id = "id"\n'
    )
    rows = [f"{number};V;White;2023-04-02;rejected;SIFT;" for number in range(40)]
    names = "id;post;group;day;status;stage;reason"
    extract = load(text, names, *rows, rows[0].replace(";V;", ";W;"), rows[1], rows[2].replace(";V;", ";;"))
    assert [extract[f"rows_{what}"] for what in ("accepted", "ignored", "rejected")] == [41, 1, 1]
    query = "select count(distinct application_id), count(distinct candidate_id) from core.applications"
    assert warehouse.sql(query).fetchone() == (41, 40)


def test_a_status_that_moves_between_columns_is_another_status(load: Loader) -> None:
    with pytest.raises(InputRefused) as caught:
        load(STATUS, "id;post;group;day;status;stage;reason", "1;V;White;2023-04-02;Rejected Sift;;")
    assert '"Rejected Sift / (blank) / (blank)"' in str(caught.value)


def test_the_sources_own_words_for_yes_and_no_and_outcomes_by_stages(
    load: Loader, warehouse: duckdb.DuckDBPyConnection
) -> None:
    extract = load(
        FLAGS,
        "id;post;group;day;interview;offer",
        "1;V;White;2023-04-02;nein;",
        "2;V;Asian;2023-04-02;JA;Nein",
        "3;V;Asian;2023-04-02;0;0",
        "4;V;Asian;2023-04-02;1;No",
        "5;V;White;2023-04-02;perhaps;No",
        *(f"{number};V;White;2023-04-02;Nein;Nein" for number in range(6, 40)),
    )
    assert extract["rows_rejected"] == 1
    assert paths(warehouse) == {
        ("White", "applied", "rejected"): 35,
        ("Asian", "applied", "rejected"): 1,
        ("Asian", "applied", "progressed"): 2,
        ("Asian", "interviewed", "rejected"): 1,
        ("Asian", "interviewed", "progressed"): 1,
        ("Asian", "appointed", None): 1,
    }


DATES = '[stage_dates]\ninterviewed = "i"\nappointed = "p"\n'
CONSTANT = WIDE.format(
    source='number_rows = true\nwithout_outcome = "pending"\n',
    columns="",
    dates=DATES,
    constants='[constants]\nvacancy_id = "Ward sister"\napplied_on = 2023-05-01\n',
)
BARE = ("group;i;p", "White;;", "Asian;2023-06-01;2023-07-01", ";2023-06-02;", ";;", "White;2023-04-30;")


def test_nothing_but_groups_and_dates(load: Loader, warehouse: duckdb.DuckDBPyConnection) -> None:
    extract = load(CONSTANT, *BARE, *("White;;" for _ in range(60)))
    # The last of the first five has a date before the one on which all applied.
    assert [extract[f"rows_{what}"] for what in ("in", "accepted", "ignored", "rejected")] == [65, 63, 1, 1]
    assert paths(warehouse) == {
        ("White", "applied", "pending"): 61,
        ("Asian", "applied", "progressed"): 1,
        ("Asian", "interviewed", "progressed"): 1,
        ("Asian", "appointed", None): 1,
        ("Unknown", "applied", "progressed"): 1,
        ("Unknown", "interviewed", "pending"): 1,
    }
    query = "select count(distinct application_id), count(distinct vacancy_id) from core.applications"
    assert warehouse.sql(query).fetchone() == (63, 1)
    facts = dict(warehouse.sql("select fact, applications from intake.extract_facts").fetchall())
    assert facts["numbered_rows"] == 63


@pytest.mark.parametrize("first", ["numbered", "with ids"])
def test_rows_without_ids_are_never_counted_beside_others(load: Loader, first: str) -> None:
    """A corrected file would count everybody twice, and one with ids perhaps some."""
    with_ids = CONSTANT.replace("number_rows = true\n", "").replace("[columns]\n", '[columns]\napplication_id = "id"\n')
    files = {"numbered": (CONSTANT, ("group;i;p", "White;;")), "with ids": (with_ids, ("id;group;i;p", "1;White;;"))}
    text, lines = files.pop(first)
    load(text, *lines)
    for number, (other, others) in enumerate([*files.values(), (CONSTANT, ("group;i;p", "Asian;;"))]):
        with pytest.raises(InputRefused, match="nobody can tell whether the same people are in both"):
            load(other, *others, extract_id=f"{number}" * 16)
    later = CONSTANT.replace("2023-05-01", "2024-05-01")
    load(later, "group;i;p", "White;;", extract_id="a" * 16)


LONG = (
    HEAD.format(shape="long")
    + 'without_outcome = "rejected"\n[columns]\napplication_id = "id"\nvacancy_id = "post"\nethnicity = "group"\n'
    'stage = "stage"\nreached_on = "day"\n'
)


def test_a_long_export_without_outcomes(load: Loader, warehouse: duckdb.DuckDBPyConnection) -> None:
    load(
        LONG,
        "id;post;group;stage;day",
        "1;V;White;applied;2023-04-02",
        "2;V;Asian;applied;2023-04-02",
        "2;V;Asian;interviewed;2023-04-12",
        "3;V;Asian;applied;2023-04-02",
        "3;V;Asian;interviewed;2023-04-12",
        "3;V;Asian;appointed;2023-05-12",
    )
    assert paths(warehouse) == {
        ("White", "applied", "rejected"): 1,
        ("Asian", "applied", "progressed"): 2,
        ("Asian", "interviewed", "rejected"): 1,
        ("Asian", "interviewed", "progressed"): 1,
        ("Asian", "appointed", None): 1,
    }


HISTORY = (
    LONG.replace('without_outcome = "rejected"', 'without_outcome = "pending"')
    + '[stage_labels]\n"Rejected" = "rejected"\n"Left" = "withdrew"\n'
)
NAMES = "id;post;group;stage;day"


def test_outcomes_with_rows_of_their_own(load: Loader, warehouse: duckdb.DuckDBPyConnection) -> None:
    extract = load(
        HISTORY,
        NAMES,
        *("1;V;White;applied;2023-04-02", "1;V;White;Rejected;2023-04-09"),
        *("2;V;Asian;applied;2023-04-02", "2;V;Asian;interviewed;2023-04-12", "2;V;Asian;LEFT;2023-04-12"),
        # Taken up again after it was rejected, and then still open.
        *("3;V;Black;applied;2023-04-02", "3;V;Black;Rejected;2023-04-09", "3;V;Black;interviewed;2023-04-12"),
        # The last outcome holds, wherever it stands in the file; an outcome may have no date.
        *("4;V;Mixed;Left;2023-04-20", "4;V;Mixed;applied;2023-04-02", "4;V;Mixed;Rejected;2023-04-09"),
        *("5;V;Other: Arab;applied;2023-04-02", "5;V;Other: Arab;Rejected;"),
        *("6;V;;applied;2023-04-02", "6;V;;interviewed;2023-04-12", "6;V;;appointed;2023-05-12"),
    )
    assert (extract["rows_in"], extract["rows_accepted"], extract["applications"]) == (16, 16, 6)
    assert paths(warehouse) == {
        ("White", "applied", "rejected"): 1,
        ("Asian", "applied", "progressed"): 1,
        ("Asian", "interviewed", "withdrew"): 1,
        ("Black", "applied", "progressed"): 1,
        ("Black", "interviewed", "pending"): 1,
        ("Mixed", "applied", "withdrew"): 1,
        ("Other", "applied", "rejected"): 1,
        ("Unknown", "applied", "progressed"): 1,
        ("Unknown", "interviewed", "progressed"): 1,
        ("Unknown", "appointed", None): 1,
    }


@pytest.mark.parametrize(
    ("rows", "rule", "invalid"),
    [
        (("1;V;White;Rejected;2023-04-09",), "missing_applied_date", 1),
        (("1;V;White;applied;2023-04-02", "1;V;White;Rejected;soon"), "unreadable_date", 2),
        (("1;V;White;applied;2023-04-02", ";V;White;Rejected;2023-04-09"), "missing_application_id", 1),
        (
            ("1;V;White;applied;2023-04-02", "1;V;White;appointed;2023-05-02", "1;V;White;Rejected;2023-06-09"),
            "outcome_contradicts_stages",
            3,
        ),
    ],
)
def test_an_outcome_without_its_application_is_invalid(
    load: Loader, warehouse: duckdb.DuckDBPyConnection, rows: tuple[str, ...], rule: str, invalid: int
) -> None:
    others = (f"x{number};V;White;applied;2023-04-02" for number in range(100))
    extract = load(HISTORY, NAMES, *rows, *others)
    assert extract["rows_rejected"] == invalid
    rules = {rule for (rule,) in warehouse.sql("select distinct rule from intake.rejected_rows").fetchall()}
    assert rule in rules
    assert rules <= {rule, "application_set_aside"}


def test_outcomes_among_the_stages_need_one_for_the_others(load: Loader) -> None:
    with_column = HISTORY.replace('without_outcome = "pending"\n', "") + '[outcomes]\n"x" = "rejected"\n'
    with pytest.raises(UsageError, match="as a history of statuses does"):
        load(with_column.replace("[columns]", '[columns]\noutcome = "o"'), NAMES)


ID, POST, OUTCOME = 'application_id = "id"\n', 'vacancy_id = "post"\n', 'outcome = "status"\n'
ALL_DATES = '[stage_dates]\napplied = "a"\ninterviewed = "i"\nappointed = "p"\n'
OUTCOMES = '[outcomes]\n"No" = "rejected"\n'


@pytest.mark.parametrize(
    ("parts", "word"),
    [
        ({"columns": POST + OUTCOME, "constants": OUTCOMES}, "or source.number_rows be true if the file has no ids"),
        (
            {"source": "number_rows = true\n", "columns": ID + POST + OUTCOME, "constants": OUTCOMES},
            "source.number_rows is only for a file without any",
        ),
        ({"columns": ID + OUTCOME, "constants": OUTCOMES}, "constants.vacancy_id the only vacancy"),
        (
            {"columns": ID + POST + OUTCOME, "constants": OUTCOMES + '[constants]\nvacancy_id = "x"\n'},
            "but not both",
        ),
        ({"columns": ID + POST}, "source.without_outcome say what happened"),
        ({"source": 'without_outcome = "progressed"\n', "columns": ID + POST}, "must be one of rejected, withdrew"),
        (
            {"source": 'without_outcome = "rejected"\n', "columns": ID + POST + OUTCOME, "constants": OUTCOMES},
            "without columns.outcome",
        ),
        (
            {"columns": ID + POST + OUTCOME, "constants": OUTCOMES + "[constants]\napplied_on = 2023-04-01\n"},
            "[stage_dates]",
        ),
        ({"source": 'sum_over = ["x"]\n', "columns": ID + POST + OUTCOME, "constants": OUTCOMES}, "tables of counts"),
    ],
)
def test_a_mapping_that_contradicts_itself_is_refused(load: Loader, parts: dict[str, str], word: str) -> None:
    text = WIDE.format(**{"source": "", "columns": "", "dates": ALL_DATES, "constants": "", **parts})
    with pytest.raises(UsageError) as caught:
        load(text, "id")
    assert word in str(caught.value)


MARKED = (
    "id;post;group;applied;interviewed;hired;rejected_on;withdrawn",
    "1;P;White;2023-05-01;;;2023-05-09;No",
    "2;P;White;2023-05-01;2023-05-20;2023-06-01;;No",
    "3;P;White;2023-05-01;2023-05-20;;2023-05-22;Yes",
    "4;P;White;2023-05-01;2023-05-20;;;",
)
MARKS = """[source]
name = "x"
shape = "wide"
ethnicity_classification = "ons_2021"
stages = ["applied", "interviewed", "hired"]
without_outcome = "pending"
[columns]
application_id = "id"
vacancy_id = "post"
ethnicity = "group"
[stage_dates]
applied = "applied"
interviewed = "interviewed"
hired = "hired"
[outcome_columns]
rejected = "rejected_on"
withdrew = "withdrawn"
"""


def test_an_outcome_is_marked_by_a_date_or_a_yes(load: Loader, warehouse: duckdb.DuckDBPyConnection) -> None:
    """Who withdrew counts as such even if the system closed the application as rejected; the rest is pending."""
    extract = load(MARKS, *MARKED)
    assert extract["applications"] == 4
    query = "select stage_order, outcome, count(*) from core.applicant_stages where outcome is not null group by all"
    assert {*warehouse.sql(query).fetchall()} == {
        *((0, "rejected", 1), (0, "progressed", 3)),
        *((1, "progressed", 1), (1, "withdrew", 1), (1, "pending", 1)),
    }
    said = parse_mapping(MARKS, "x").assumptions()
    assert any("unless rejected_on or withdrawn says otherwise" in one for one in said)


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("4;P;White;2023-05-01;2023-05-20;;;", "4;P;White;2023-05-01;2023-05-20;;later;", "no outcome"),
        ("2023-06-01;;No", "2023-06-01;2023-06-02;No", "contradicts"),
    ],
)
def test_a_mark_that_cannot_be_right_makes_the_row_invalid(load: Loader, old: str, new: str, rule: str) -> None:
    with pytest.raises(InputRefused, match=rule) as caught:
        load(MARKS, *(line.replace(old, new) for line in MARKED))
    assert "rejected_on, withdrawn" in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("rejected =", "progressed =", "names progressed, which is not one of rejected, withdrew"),
        ('without_outcome = "pending"\n', "", "needs source.without_outcome"),
        ('shape = "wide"', 'shape = "long"', "is for a source of shape wide, flags or status"),
    ],
)
def test_marks_must_agree_with_the_rest(old: str, new: str, fault: str) -> None:
    with pytest.raises(UsageError, match=fault):
        parse_mapping(MARKS.replace(old, new), "x.toml")
