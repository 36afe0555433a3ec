import pytest

from equity_audit.errors import Problem
from equity_audit.intake.dates import date_format


@pytest.mark.parametrize(
    ("values", "form"),
    [
        (["2023-04-03", "2023-12-31"], "%Y-%m-%d"),
        (["03/04/2023", "31/12/2023"], "%d/%m/%Y"),
        (["3/4/2023", "13/4/2023"], "%d/%m/%Y"),
        (["03/04/2023", "12/31/2023"], "%m/%d/%Y"),
        (["03-04-2023", "31-12-2023"], "%d-%m-%Y"),
        (["3 Apr 2023", "31 Dec 2023"], "%d %b %Y"),
        (["03.04.2023"], "%d.%m.%Y"),
        (["03/04/2023 10:15", "31/12/2023 00:00"], "%d/%m/%Y %H:%M"),
        (["3 Apr 2023 10:15:59"], "%d %b %Y %H:%M:%S"),
        (["Apr 3, 2023", "Dec 31, 2023"], "%b %d, %Y"),
        (["April 3, 2023", "May 31, 2023"], "%B %d, %Y"),
        (["Apr 3, 2023 2:05 PM"], "%b %d, %Y %I:%M %p"),
        (["03-APR-23", "31-DEC-23"], "%d-%b-%y"),
        (["4/3/23", "4/13/23"], "%m/%d/%y"),
        (["4/3/23", "13/4/23"], "%d/%m/%y"),
        (["4/3/2023 2:05 PM", "4/13/2023 11:59 AM"], "%m/%d/%Y %I:%M %p"),
        (["4/13/2023 2:05:59 PM"], "%m/%d/%Y %I:%M:%S %p"),
        ([], "%Y-%m-%d"),
        (["soon", "later"], "%Y-%m-%d"),
        # One mistyped date in thirty does not hide how the others are written.
        ([*(f"{day}/06/2023" for day in range(1, 30)), "32/06/2023"], "%d/%m/%Y"),
    ],
)
def test_a_format_that_can_be_nothing_else(values: list[str], form: str) -> None:
    assert date_format(values, "c") == form


def test_where_both_readings_fit_both_are_shown_and_nobody_guesses() -> None:
    found = date_format(["03/04/2023", "05/06/2023"], "columns applied")
    assert isinstance(found, Problem)
    assert "03/04/2023 is 3 April 2023 or 4 March 2023" in found.what
    assert 'source.date_format = "%d/%m/%Y" (British) or "%m/%d/%Y" (American)' in found.remedy


@pytest.mark.parametrize(
    ("value", "readings", "formats"),
    [
        ("4/3/23", "4 March 2023 or 3 April 2023", ("%d/%m/%y", "%m/%d/%y")),
        ("4/3/2023 2:05 PM", "4 March 2023 or 3 April 2023", ("%d/%m/%Y %I:%M %p", "%m/%d/%Y %I:%M %p")),
    ],
)
def test_short_years_and_twelve_hours_can_be_read_two_ways_too(
    value: str, readings: str, formats: tuple[str, str]
) -> None:
    found = date_format([value], "c")
    assert isinstance(found, Problem)
    assert readings in found.what
    assert all(f'"{form}"' in found.remedy for form in formats)


def test_a_mixture_is_refused() -> None:
    found = date_format(["13/04/2023", "04/13/2023"], "c")
    assert isinstance(found, Problem)
    assert "some dates can only be day first and others only month first" in found.what
