"""Direct identifiers by name and by content. NHS number: check digits of the NHS Data Dictionary's own example."""

import pytest

from equity_audit.intake.identifiers import KINDS, is_nhs_number, kind_by_name, kind_by_values


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        ("First Name", "name"),
        ("applicant_name", "name"),
        ("Surname", "name"),
        ("KnownAsName", "name"),
        ("Name", "name"),
        ("E-mail", "email"),
        ("Email Address", "email"),
        ("Mobile", "phone"),
        ("NI Number", "ni_number"),
        ("NHS No", "nhs_number"),
        ("DOB", "birth_date"),
        ("dateOfBirth", "birth_date"),
        ("Home Postcode", "postcode"),
        ("Address Line 1", "address"),
        ("Panel comments", "free_text"),
    ],
)
def test_by_name(column: str, kind: str) -> None:
    assert kind_by_name(column) == kind


@pytest.mark.parametrize(
    "column",
    [
        *("vacancy_name", "Department name", "file name", "Job title", "pay_band", "applied_on", "Username count"),
        *("Organisation name", "staff_group", "Notice period", "Stage name", "ethnicity", "Number of posts", "Phase"),
    ],
)
def test_names_of_things_are_no_names_of_people(column: str) -> None:
    assert kind_by_name(column) is None


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        ("Phone Interview Date", None),
        ("phone_screen_on", None),
        ("Date of phone interview", None),
        ("Telephone interview outcome", None),
        ("Phone screen", None),
        ("E-mail sent on", None),
        ("Phone number", "phone"),
        ("Interview phone", "phone"),
        ("Date of Birth", "birth_date"),
        ("Birth date", "birth_date"),
    ],
)
def test_a_conversation_or_its_day_is_no_number(column: str, kind: str | None) -> None:
    assert kind_by_name(column) == kind


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["jo@example.org", "", "sam.lee@nhs.example", "-"], "email"),
        (["", "jo@example.org", ""], "email"),
        (["QQ123456C".replace("QQ", "AB"), "CE 12 34 56 A"], "ni_number"),
        (["943 476 5919", "9434765919", "401 023 2137"], "nhs_number"),
        (["SW1A 1AA", "M1 1AE", "ec1a1bb"], "postcode"),
        (["020 7946 0000", "+44 20 7946 0958", "07700 900123"], "phone"),
        (
            ["The candidate answered all of the questions well and was friendly to the panel throughout"] * 3,
            "free_text",
        ),
        (["Jo <jo@example.org>", "e-mail: sam.lee@nhs.example"], "email"),
        (["12 High Street, Lewisham", "Flat 3, 7b St Mary's Road"], "address"),
        (["London SE1 9GF", "Camberwell, London SE5 8AZ"], "address"),
        (["Mrs Okafor", "Dr. J. Smith"], "name"),
        ([f"Jo Q. {chr(65 + n)}mith" for n in range(25)], "name"),
        ([f"{chr(65 + n)}mith, Jo" for n in range(25)], "name"),
        (["17/12/1980", "1/2/1999", "03/04/2001"], "birth_date"),
        (["1980-12-17", "1975-01-01 00:00:00", ""], "birth_date"),
        (["17 Dec 1980", "3 May 1969"], "birth_date"),
    ],
)
def test_by_content(values: list[str], kind: str) -> None:
    assert kind_by_values(values) == kind


@pytest.mark.parametrize(
    "values",
    [
        [],
        ["", " "],
        ["Band 5", "Band 6"] * 50,
        ["jo@example.org", *["Theatres"] * 99],  # one is an accident
        [str(number) for number in range(1000000000, 1000000400)],  # one in eleven passes the check
        ["2023-04-01", "01/04/2023"] * 20,
        ["White: English, Welsh, Scottish, Northern Irish or British"] * 20,
        ["12345", "678"] * 10,
        ["Community Nursing", "Critical Care", "Patient Transport"] * 40,  # few different: a list of places
        [f"Staff Nurse, Ward {number}" for number in range(40)],
        ["Prof Services", "MR Imaging", "Add Prof Scientific and Technic", "Theatres"] * 10,
        ["12 hour shifts", "37.5 hours a week"] * 20,
        ["17/12/2019", "2020-12-17"] * 20,
        ["1999", "2001"] * 20,
    ],
)
def test_what_posts_and_dates_look_like_is_let_through(values: list[str]) -> None:
    assert kind_by_values(values) is None


@pytest.mark.parametrize(
    ("number", "valid"),
    [
        ("9434765919", True),  # NHS Data Dictionary, NHS number
        ("943 476 5919", True),
        ("9434765918", False),
        ("943476591", False),
        ("1234567890", False),
        ("0000000010", False),  # a remainder that would need the check digit 10
    ],
)
def test_the_check_digit_of_an_nhs_number(number: str, valid: bool) -> None:
    assert is_nhs_number(number) is valid


def test_every_kind_has_words() -> None:
    assert set(KINDS) == {
        "name", "email", "phone", "ni_number", "nhs_number", "birth_date", "postcode", "address", "free_text",
    }  # fmt: skip


def test_a_reference_to_a_note_is_not_a_note() -> None:
    assert kind_by_name("Shortlisted [note 2]") is None
    assert kind_by_name("Panel note") == "free_text"
