"""Tables of counts in every layout: the same counts, or refused; never a number that counts people twice."""

# ruff: noqa: E501  one case a line
import tomllib

import duckdb
import pytest

from equity_audit.errors import InputRefused, UsageError
from tests.pipelines.conftest import Loader

HEAD = """
[source]
name = "table"
shape = "counts"
ethnicity_classification = "ons_2021"
period = 2023-04-01
stages = ["applied", "appointed"]
"""
DOWN = '[columns]\nethnicity = "Group"\n[stage_counts]\napplied = "Applied"\nappointed = "Appointed"\n'
LONG = '[columns]\nethnicity = "Group"\nstage = "Stage"\nnumber = "Number"\n'
ACROSS = '[columns]\nstage = "Stage"\n'
STAGES = '[stage_labels]\n"Hired" = "appointed"\n"Rate" = "not read"\n'
BY_SEX = ("Group;Sex;Applied;Appointed", "White;F;300;30", "White;M;300;31", "Asian;F;50;4", "Asian;M;50;5")
RIGHT = {("White", 600, 61), ("Asian", 100, 9)}


def counted(connection: duckdb.DuckDBPyConnection) -> set[tuple[str, int, int]]:
    """Each group with the numbers that applied and were appointed."""
    query = """
        select ethnicity_group, sum(applications) filter (stage_order = 0), sum(applications) filter (stage_order = 1)
        from core.group_counts group by all
    """
    return {(group, int(applied), int(appointed)) for group, applied, appointed in connection.sql(query).fetchall()}


def mapping(rest: str, **source: str) -> str:
    text = HEAD + "".join(f"{key} = {value}\n" for key, value in source.items()) + rest
    tomllib.loads(text)
    return text


SUMMED = mapping(DOWN, sum_over='["Sex"]')


@pytest.mark.parametrize(
    ("text", "lines", "ignored"),
    [
        (SUMMED, BY_SEX, 0),
        (SUMMED, (*BY_SEX, "Total;F;350;34", "Total;All;700;70", "White;Total;600;61", "Total;;700;70"), 4),
        # A blank where other rows of the group have a value is their total.
        (SUMMED, (*BY_SEX, "White;;600;61"), 1),
        (SUMMED, (*BY_SEX, "White;Persons;600;61", "Asian;Persons;100;9"), 2),
        (SUMMED, (BY_SEX[0], "White;;600;61", "Asian;F;50;4", "Asian;M;50;5"), 0),
        (
            mapping(LONG + STAGES),
            ("Group;Stage;Number", "White;Applied;600", "White;Hired;61", "Asian;Applied;100", "Asian;Hired;9"),
            0,
        ),
        (
            mapping(LONG + STAGES),
            (
                *("Group;Stage;Number", "White;Applied;600", "White;Hired;61", "Asian;Applied;100", "Asian;Hired;9"),
                *("White;Rate;10.2", "Asian;Rate;9", "All;Applied;700", "All;Hired;70", ";;"),
            ),
            5,
        ),
        (
            mapping(ACROSS + STAGES, orientation='"groups across"'),
            ("Stage;White;Asian;Total", "Applied;600;100;700", "Hired;61;9;70", "Rate;10.2;9;10"),
            1,
        ),
        (mapping(ACROSS + STAGES, orientation='"groups across"'), ("Stage;White;Asian", "Hired;61;9", "Applied;600;100"), 0),
        # Two labels of one group: a total shows that nobody is in both, or the mapping says so.
        (mapping(DOWN), ("Group;Applied;Appointed", "White;600;61", "Asian;60;5", "Asian British;40;4", "All;700;70"), 1),
        (
            mapping(DOWN, add_same_labels="true"),
            ("Group;Applied;Appointed", "White;600;61", "Asian;60;5", "Asian British;40;4"),
            0,
        ),
        # A group beside all of its categories is their sum, if its label says so or the total shows it.
        (mapping(DOWN), ("Group;Applied;Appointed", "White;600;61", "Asian total;100;9", "Indian;60;5", "Chinese;40;4"), 1),
        (
            mapping(DOWN),
            ("Group;Applied;Appointed", "White;600;61", "Asian;100;9", "Indian;60;5", "Chinese;40;4", "Total;700;70"),
            2,
        ),
        (mapping(DOWN), ("Group;Applied;Appointed", "Total White;600;61", "Asian - total;100;9"), 0),
        (
            mapping(LONG + STAGES + '[only]\n"Measure" = "Number"\n'),
            (
                *("Group;Stage;Measure;Number", "White;Applied;Number;600", "White;Applied;Percent;85.7"),
                *("White;Hired;Number;61", "White;Hired;Percent;87", "Asian;Applied;Number;100", "Asian;Hired;number;9"),
            ),
            2,
        ),
        # Several categories of White, but not all of them.
        (
            mapping(DOWN),
            (
                *("Group;Applied;Appointed", "White British;500;50", "White non-British;100;11", "Indian;60;5"),
                "Other Asian background;40;4",
            ),
            0,
        ),
        (
            mapping(DOWN),
            (
                *("Group;Applied;Appointed", "White British;500;50", "Gypsy/Roma;60;7", "Traveller of Irish heritage;40;4"),
                "Asian;100;9",
            ),
            0,
        ),
        # The percentage in brackets is left.
        (mapping(DOWN), ("Group;Applied;Appointed", "White [note 1];600 (85.7%);61 (87%)", "Asian*;100 (14.3 %);9 (13%)"), 0),
        (
            mapping(DOWN, sum_over='["Detail"]'),
            (
                *("Group;Detail;Applied;Appointed", "White;White British;500;50", "White;White Irish;100;11"),
                *("White;White total;600;61", "Asian;Indian;100;9", "Asian;All Asian;100;9", "Total;;700;70"),
            ),
            3,
        ),
    ],
)  # fmt: skip
def test_every_layout_gives_the_same_counts(
    load: Loader, warehouse: duckdb.DuckDBPyConnection, text: str, lines: tuple[str, ...], ignored: int
) -> None:
    extract = load(text, *lines)
    assert counted(warehouse) == RIGHT
    assert (extract["rows_in"], extract["rows_ignored"]) == (len(lines) - 1, ignored)
    assert extract["applications"] == 700


@pytest.mark.parametrize(
    ("text", "lines", "word"),
    [
        (mapping(DOWN), BY_SEX, 'source.sum_over = ["Sex"]'),
        (SUMMED, (*BY_SEX, "White;F;1;1"), '"White"'),
        (SUMMED, (*BY_SEX, "White;All;601;61"), "total in row 5 is 601, but the other rows add up to 600"),
        (SUMMED, (*BY_SEX, "Total;F;351;34"), "total in row 5 is 351"),
        (SUMMED, (*BY_SEX, "White;;10;1"), "total in row 5 is 10"),
        (SUMMED, (*BY_SEX, "White;All others;10;1"), "total in row 5 is 10"),
        (SUMMED, (*BY_SEX, "Black;All;10;1"), "total in row 5 is 10, but the other rows add up to 0"),
        (mapping(LONG + STAGES), ("Group;Stage;Number", "White;Applied;600"), "these groups have no row for a stage: row 1"),
        (
            mapping(LONG + STAGES),
            ("Group;Stage;Number", "White;Applied;6", "White;Applied;6", "White;Hired;6"),
            "the same group and stage is in more than one row: 2",
        ),
        (
            mapping(LONG + STAGES),
            ("Group;Stage;Number", "White;Applied;6", "White;Seen;6", "White;Hired;6"),
            '"not read" for rows to leave out',
        ),
        (
            mapping(ACROSS + STAGES, orientation='"groups across"'),
            ("Stage;White;Asian", "Applied;600;100"),
            "no row has the numbers of the stage appointed",
        ),
        (
            mapping(ACROSS + STAGES, orientation='"groups across"'),
            ("Stage;White;Asian", "Applied;600;100", "Applied;1;1", "Hired;1;1"),
            "row 2 is a second row of the stage applied",
        ),
        (
            mapping(ACROSS + STAGES, orientation='"groups across"'),
            ("Stage;White;Asian;Total", "Applied;600;100;700", "Hired;61;9;71"),
            "the total in column 4 is 71",
        ),
        (
            mapping(ACROSS + STAGES, orientation='"groups across"'),
            ("Stage;White;Martian", "Applied;600;100", "Hired;61;9"),
            '"Martian"',
        ),
        (mapping(DOWN), ("Group;Applied;Appointed", "White non-British;10;1", "White Irish;5;1"), '"White non-British" is given'),
        (mapping(DOWN), ("Group;Applied;Appointed", "Gypsy/Roma;10;1", "Gypsy or Irish Traveller;5;1"), '"Gypsy/Roma" is given'),
        (mapping(DOWN), ("Group;Applied;Appointed", "White;61;85.7%", "Asian;9;14,3 %"), "counts are needed: row 1"),
        # The total could be exact by including a sum, so two labels of one group are asked about without a total.
        (mapping(DOWN), ("Group;Applied;Appointed", "Asian;60;5", "Asian British;40;4"), "source.add_same_labels = true"),
        (
            mapping(DOWN),
            ("Group;Applied;Appointed", "Asian;60;5", "Asian British;40;4", "All;105;10"),
            "source.add_same_labels",
        ),
        (mapping(DOWN), ("Group;Applied;Appointed", "Asian;100;9", "Indian;60;5", "Chinese;40;4"), "its own parts"),
        (mapping(DOWN), ("Group;Applied;Appointed", "Asian total;100;9", "Indian;60;5", "Chinese;40;3"), "its own parts"),
    ],
)  # fmt: skip
def test_what_may_count_people_twice_or_not_at_all_is_refused(
    load: Loader, warehouse: duckdb.DuckDBPyConnection, text: str, lines: tuple[str, ...], word: str
) -> None:
    with pytest.raises(InputRefused) as caught:
        load(text, *lines)
    assert word in str(caught.value)
    assert warehouse.sql("select count(*) from core.group_counts").fetchone() == (0,)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (mapping('[columns]\nnumber = "Number"\n'), "columns.stage must name"),
        (mapping('[columns]\nnumber = "Number"\nstage = "Stage"\n'), "columns.ethnicity must name"),
        (mapping(ACROSS + DOWN[DOWN.index("[stage") :], orientation='"groups across"'), "[stage_counts] is for"),
        (mapping(LONG, orientation='"groups across"'), "for a table of groups and stages alone"),
        (mapping(DOWN.replace("[columns]", '[columns]\nsex = "Sex"')), "columns.sex"),
    ],
)
def test_a_mapping_that_contradicts_its_layout_is_refused(load: Loader, text: str, word: str) -> None:
    with pytest.raises(UsageError) as caught:
        load(text, *BY_SEX)
    assert word in str(caught.value)


BY_YEAR = mapping(DOWN.replace("[columns]", '[columns]\nperiod = "Year"')).replace("period = 2023-04-01\n", "")


def test_each_row_may_name_its_year(load: Loader, warehouse: duckdb.DuckDBPyConnection) -> None:
    extract = load(
        BY_YEAR,
        "Year;Group;Applied;Appointed",
        *("2021/22;White;300;30", "2021-22;Asian;50;4", "2021/22;All;350;34"),
        *("2022-04-01;White;300;31", "2022/2023;Asian;50;5"),
    )
    assert counted(warehouse) == RIGHT
    assert (extract["rows_accepted"], extract["rows_ignored"]) == (4, 1)
    query = "select period, sum(applications) from core.group_counts where stage_order = 0 group by all order by all"
    assert [(str(day), total) for day, total in warehouse.sql(query).fetchall()] == [
        ("2021-04-01", 350),
        ("2022-04-01", 350),
    ]


@pytest.mark.parametrize(
    ("year", "word"),
    [
        ("2022", 'set it to "01-01" for calendar years'),
        ("2022/24", "does not name a year"),
        ("", "does not name a year"),
        ("All years", "does not name a year"),
        ("2022-09-01", "not the first day of a reporting period"),
        ("2012/13", "before the first day that the settings cover"),
        ("2030/31", "in the future"),
    ],
)
def test_a_year_that_is_not_a_period_is_refused(load: Loader, year: str, word: str) -> None:
    with pytest.raises(InputRefused) as caught:
        load(BY_YEAR, "Year;Group;Applied;Appointed", "2022/23;White;300;30", f"{year};White;30;3")
    assert word in str(caught.value)
    assert "column Year" in str(caught.value)
