"""Proposing a mapping: what words mean, which column holds what, and how unsure things are written."""

import tomllib
from collections import Counter

import pytest

from equity_audit.errors import UsageError
from equity_audit.intake import steps
from equity_audit.intake.mapping import Mapping, Status
from equity_audit.intake.mapping_file import parse_mapping
from equity_audit.intake.proposal.columns import FLAG_WORDS, Column, looks_headerless, nearest_role
from equity_audit.intake.proposal.evidence import Evidence
from equity_audit.intake.proposal.mapping_text import proposal_toml
from equity_audit.intake.proposal.roles import find_layout
from equity_audit.intake.proposal.versions import classification_of, version_of
from equity_audit.intake.proposal.words import (
    only_a_stage,
    outcome_of,
    path_of,
    path_of_parts,
    stages_named,
)
from equity_audit.settings import Settings
from equity_audit.vocabulary import fold

US_LIKE = ["applied", "screened", "interviewed", "offered", "hired"]
UK_LIKE = ["applied", "shortlisted", "interviewed", "appointed"]


@pytest.mark.parametrize(
    ("label", "outcome"),
    [
        *(
            (label, "rejected")
            for label in ("Rejected", "Unsuccessful", "Not shortlisted", "Turned down", "Not Selected")
        ),
        *((label, "withdrew") for label in ("Withdrawn by applicant", "WITHDREW", "Withdrew before interview")),
        *(
            (label, "declined")
            for label in ("Offer declined", "Offered - Declined", "Declined the offer", "OFFER_DECLINED_BY_CANDIDATE")
        ),
        *((label, "ineligible") for label in ("Not eligible", "No right to work", "Basic qualifications not met")),
        *((label, "pending") for label in ("In progress", "Awaiting decision", "Under review")),
        *((label, "progressed") for label in ("Appointed", "Hired", "Start date confirmed", "Successful")),
        ("Withdrawn by employer", "rejected"),
        ("Offer withdrawn by applicant", "withdrew"),
        *((label, "withdrew") for label in ("Rejected by applicant", "RejectedByCandidate", "They rejected us")),
        *((label, "rejected") for label in ("RejectedByOrganization", "We rejected them", "Not a Fit", "Disqualified")),
        ("Not the best qualified", "rejected"),
    ],
)
def test_words_that_mean_one_outcome(label: str, outcome: str) -> None:
    assert outcome_of(label) == outcome


@pytest.mark.parametrize(
    "label",
    [
        *(
            "Declined",
            "Offer withdrawn",
            "Appointed elsewhere",
            "Did not attend",
            "No show",
            "Reserve list",
            "",
            "Closed",
        ),
        *("Withdrew or rejected", "Not withdrawn", "Appointed to another post", "Interview"),
    ],
)
def test_words_that_leave_the_outcome_open_are_not_guessed(label: str) -> None:
    assert outcome_of(label) is None


@pytest.mark.parametrize(
    ("text", "stages"),
    [
        ("Date Applied", ["applied"]),
        ("application.appliedAt", ["applied"]),
        ("Start Date Confirmed", ["appointed"]),
        ("Start Date", ["started"]),
        ("PHONE_SCREEN", ["screened"]),
        ("Telephone interview", ["phone-interviewed"]),
        ("phoneInterviewDate", ["phone-interviewed"]),
        ("Interview", ["interviewed"]),
        ("Application ID", []),
        ("Applicant Type", []),
        ("Application withdrawn", []),
        ("Interview after shortlisting", ["shortlisted", "interviewed"]),
    ],
)
def test_stages_that_a_text_names(text: str, stages: list[str]) -> None:
    assert stages_named(text) == stages


@pytest.mark.parametrize(
    ("label", "stages", "reached", "outcome"),
    [
        ("Phone screen: not selected", US_LIKE, "screened", "rejected"),
        ("Offer: declined by applicant", US_LIKE, "offered", "declined"),
        ("Application review: basic qualifications not met", US_LIKE, "applied", "ineligible"),
        ("Hired", US_LIKE, "hired", "progressed"),
        ("Not shortlisted", UK_LIKE, "applied", "rejected"),
        ("Rejected at shortlisting", UK_LIKE, "applied", "rejected"),
        ("Shortlisted, not interviewed", UK_LIKE, "shortlisted", "rejected"),
        ("Not appointed after interview", UK_LIKE, "interviewed", "rejected"),
    ],
)
def test_a_status_whose_words_prove_a_path(label: str, stages: list[str], reached: str, outcome: str) -> None:
    assert path_of(label, stages) == Status(reached=reached, outcome=outcome)


@pytest.mark.parametrize(
    ("label", "reason"),
    [
        ("Withdrew before interview", "shortlisted was reached"),
        ("Not selected for interview", "shortlisted was reached"),
        ("Withdrew at shortlisting", "whether that step was passed"),
        ("Rejected at screening", "whether that step was passed"),
        ("Rejected", "name no stage"),
        ("Application withdrawn", "name no stage"),
        ("Interview scheduled", "not name one outcome"),
        ("Appointed before interview, rejected after", "not name one outcome"),
        ("Interview successful", "appointed is the last stage"),
        ("Not shortlisted, rejected after interview", "contradict"),
    ],
)
def test_a_status_that_proves_no_path_says_why(label: str, reason: str) -> None:
    found = path_of(label, UK_LIKE)
    assert isinstance(found, str)
    assert reason in found


@pytest.mark.parametrize(
    ("labels", "name"),
    [
        (["White: Irish", "Asian: Indian", "Black: African"], "ons_2021"),
        (["A", "CP", "Z", "99"], "nhs_2001"),
        (["White - British", "Asian or Asian British - Indian"], "nhs_2001"),
        (["White", "BME", "Unknown"], "wres"),
        (["WHITE", "ASIAN", "BLACK_OR_AFRICAN_AMERICAN", "DECLINE_TO_SELF_IDENTIFY"], "us_eeo1"),
    ],
)
def test_the_classification_that_knows_most_labels(labels: list[str], name: str) -> None:
    assert classification_of(labels)[:2] == (name, 1.0)


def test_flags_are_the_words_that_intake_reads() -> None:
    assert set(FLAG_WORDS) == {*steps.YES, *steps.NO}


@pytest.mark.parametrize(
    ("name", "key"),
    [("Hobbies", None), ("Departmant", "department"), ("Interview Date", "stage_dates.interviewed")],
)
def test_the_nearest_key_is_advice(name: str, key: str | None) -> None:
    found = nearest_role(name)
    assert found is None if key is None else (found or "").startswith(key)


def test_serial_numbers_are_days_only_in_a_workbook() -> None:
    numbers = ["45018", "45020.0"]
    assert Column("Date applied", numbers).stage_dates == 0
    assert Column("Date applied", numbers, serial_dates=True).stage_dates == 1


def test_a_first_line_of_values_is_seen() -> None:
    assert looks_headerless({"A1": ["A2"], "White: Irish": ["Asian: Indian"], "2023-04-02": ["2023-04-03"]})
    assert looks_headerless({"A1": ["A2"], "Band 5": ["Band 5"], "Rejected": ["Appointed", "Rejected"]})
    assert not looks_headerless({"id": ["A2"], "ethnicity": ["White: Irish"], "Shortlisted": ["Shortlisted", ""]})


WIDE = {
    "Ref": ["A1", "A2", "A3", "A4"],
    "Post": ["P1", "P1", "P2", "P2"],
    "Ethnic origin": ["White: Irish", "Asian: Indian", "Black: African", "Not stated"],
    "Status": ["Rejected", "Appointed", "Withdrew", "Rejected"],
    "Date applied": ["2023-04-03", "2023-04-04", "2023-04-05", "2023-04-05"],
    "Date shortlisted": ["", "2023-04-14", "2023-04-15", ""],
    "Date appointed": ["", "2023-05-14", "", ""],
}


def proposed(sample: dict[str, list[str]], settings: Settings) -> str:
    layout = find_layout(sample)
    keys = [layout.columns[key].column for key in ("ethnicity", "outcome", "stage") if key in layout.columns]
    labels = {name: Counter(value for value in sample[name] if value) for name in keys}
    if more := layout.lists.get("more_outcomes"):
        # As steps.status_sql combines them.
        columns = (layout.columns["outcome"].column, *more)
        parts = zip(*(sample[column] for column in columns), strict=True)
        labels[columns[0]] = Counter(" / ".join(part or "(blank)" for part in row) for row in parts)
    days = sorted({day for name in layout.date_columns for day in sample[name] if day})
    return proposal_toml("export.csv", layout, Evidence(labels, days), settings.intake)


def mapping(sample: dict[str, list[str]], settings: Settings) -> Mapping:
    return parse_mapping(proposed(sample, settings), "proposal")


def refused(sample: dict[str, list[str]], settings: Settings) -> tuple[str, list[str]]:
    """The text of a proposal that must not parse as a mapping, and what it says is missing."""
    text = proposed(sample, settings)
    with pytest.raises(UsageError, match="unfinished"):
        parse_mapping(text, "proposal")
    return text, tomllib.loads(text)["unfinished"]


def test_a_wide_export(settings: Settings) -> None:
    found = mapping(WIDE, settings)
    assert found.source.shape == "wide"
    assert found.stage_dates == {
        "applied": "Date applied", "shortlisted": "Date shortlisted", "appointed": "Date appointed"
    }  # fmt: skip
    assert (found.columns.application_id, found.columns.vacancy_id) == ("Ref", "Post")
    assert found.outcomes == {"Rejected": "rejected", "Appointed": "progressed", "Withdrew": "withdrew"}


def test_every_proposed_key_says_how_sure_it_is_and_why(settings: Settings) -> None:
    for line in proposed(WIDE, settings).splitlines():
        if " = " in line and not line.startswith("#"):
            assert any(f"  # {sure}: " in line for sure in ("high", "medium", "low")), line


def test_dates_win_over_flags_that_show_no_more_stages(settings: Settings) -> None:
    both = WIDE | {"Shortlisted": ["N", "Y", "Y", "N"]}
    assert mapping(both, settings).source.shape == "wide"


def test_flags_with_a_day_of_applying(settings: Settings) -> None:
    flags = {name: values for name, values in WIDE.items() if name not in ("Date shortlisted", "Date appointed")}
    found = mapping(flags | {"Shortlisted": ["N", "Y", "Y", "N"], "Appointed": ["0", "1", "0", "0"]}, settings)
    assert (found.source.shape, found.columns.applied_on) == ("flags", "Date applied")
    assert found.stage_flags == {"shortlisted": "Shortlisted", "appointed": "Appointed"}


def test_a_long_export_in_the_words_of_its_own(settings: Settings) -> None:
    found = mapping(
        {
            "ref": ["B1", "B1", "B2", "B2", "B2"],
            "post": ["P7"] * 5,
            "ethnic_code": ["PC", "PC", "A", "A", "A"],
            "step": ["Application received", "Interview", "Application received", "Interview", "Started"],
            "day": ["2023-06-01", "2023-06-20", "2023-06-02", "2023-06-20", "2023-07-10"],
            "result": ["", "Not selected", "", "", ""],
        },
        settings,
    )
    assert (found.source.shape, found.source.ethnicity_classification) == ("long", "nhs_2001")
    assert found.source.stages == ("applied", "interviewed", "started")
    assert found.stage_labels == {"Application received": "applied", "Interview": "interviewed"}
    assert (found.columns.stage, found.columns.reached_on) == ("step", "day")


def test_stages_that_some_statuses_do_not_prove_are_not_read(settings: Settings) -> None:
    """ "Rejected" does not say at which stage, but between the first and the last nothing has to be known."""
    status = {name: values for name, values in WIDE.items() if name not in ("Date shortlisted", "Date appointed")}
    status["Status"] = ["Rejected", "Appointed", "Withdrew", "Not appointed after interview"]
    found = mapping(status, settings)
    assert found.source.stages == ("applied", "appointed")
    assert found.statuses["Rejected"] == Status(reached="applied", outcome="rejected")
    text = proposed(status, settings)
    assert "# not read, because some statuses do not say whether they were reached: interviewed" in text
    assert 'Some statuses ("Rejected", "Withdrew") do not say' in text


def test_a_screening_that_may_or_may_not_have_been_passed_is_asked_about_by_its_label(settings: Settings) -> None:
    status = {name: values for name, values in WIDE.items() if name not in ("Date shortlisted", "Date appointed")}
    status["Status"] = ["Rejected at screening", "Appointed", "Rejected after interview", "Rejected at screening"]
    text = proposed(status, settings)
    assert 'Some statuses ("Rejected at screening") do not say' in text
    assert "not read: screened, interviewed" in text


def test_a_telephone_interview_is_a_stage_before_the_interview(settings: Settings) -> None:
    days = {
        "Telephone Interview Date": ["", "2023-04-20", "2023-04-20", ""],
        "Interview Date": ["", "2023-05-02", "", ""],
    }
    found = mapping(WIDE | days, settings)
    assert found.source.stages == ("applied", "shortlisted", "phone-interviewed", "interviewed", "appointed")
    assert found.stage_dates["phone-interviewed"] == "Telephone Interview Date"
    assert found.stage_dates["interviewed"] == "Interview Date"
    text = proposed(WIDE | days, settings)
    assert "You have nothing to decide" in text
    # Every report shows a name, which no file has.
    line = 1 + next(place for place, words in enumerate(text.splitlines()) if words.startswith("# organisation = "))
    assert f"# Line {line}: The employer's name, which heads every report" in text


def test_two_columns_of_one_stage_are_a_decision(settings: Settings) -> None:
    """One of the two is read; which of them, or whether both are stages, only the analyst can know."""
    days = {"First Interview Date": ["", "2023-04-20", "2023-04-20", ""], "Interview Date": ["", "2023-05-02", "", ""]}
    text = proposed(WIDE | days, settings)
    read = mapping(WIDE | days, settings).stage_dates["interviewed"]
    [other] = {*days} - {read}
    number = next(number for number, line in enumerate(text.splitlines(), 1) if line.startswith("interviewed = "))
    assert f'Line {number}: Is "{read}" the column of interviewed, or "{other}"?' in text


def test_stages_between_are_read_if_every_status_proves_them(settings: Settings) -> None:
    """A rejection before the interview may be before or after shortlisting: only that stage is given up."""
    status = {name: values for name, values in WIDE.items() if name not in ("Date shortlisted", "Date appointed")}
    status["Status"] = ["Not appointed after interview", "Appointed", "Withdrew before interview", "Not shortlisted"]
    found = mapping(status, settings)
    assert found.source.stages == ("applied", "interviewed", "appointed")
    assert found.statuses["Withdrew before interview"] == Status(reached="applied", outcome="withdrew")
    assert found.statuses["Not shortlisted"] == Status(reached="applied", outcome="rejected")
    assert found.statuses["Not appointed after interview"] == Status(reached="interviewed", outcome="rejected")


def test_too_many_statuses_without_words_are_left_to_a_person(settings: Settings) -> None:
    status = {name: values for name, values in WIDE.items() if name not in ("Date shortlisted", "Date appointed")}
    text, missing = refused(status | {"Status": ["Hold A", "Appointed", "Hold B", "Rejected"]}, settings)
    assert '# "Hold A" = {reached = "", outcome = ""}  # not guessed: its words do not name one outcome' in text
    assert missing == ["[statuses] Hold A", "[statuses] Hold B"]


def test_outcomes_known_only_by_their_dates(settings: Settings) -> None:
    """A date in "Rejected on" or a yes in "Withdrawn?" is the outcome; the others may still be considered."""
    dated = {name: values for name, values in WIDE.items() if name != "Status"}
    dated["Rejected on"] = ["2023-06-01", "", "", ""]
    dated["Withdrawn?"] = ["No", "No", "Yes", "No"]
    found = mapping(dated, settings)
    assert found.outcome_columns == {"rejected": "Rejected on", "withdrew": "Withdrawn?"}
    assert found.source.without_outcome == "pending"


@pytest.mark.parametrize("name", ["Rejected by", "Rejection reason", "Rejection email sent", "Declined on"])
def test_columns_that_do_not_mark_one_outcome(settings: Settings, name: str) -> None:
    dated = {key: values for key, values in WIDE.items() if key != "Status"} | {name: ["2023-06-01", "", "", ""]}
    assert "[outcome_columns]" not in proposed(dated, settings)


def test_the_date_of_applying_by_its_values_alone(settings: Settings) -> None:
    renamed = {"Date applied": "d0", "Date shortlisted": "d1", "Date appointed": "d2"}
    sample = {renamed.get(name, name): values for name, values in WIDE.items()}
    text = proposed(sample, settings)
    assert 'applied_on = "d0"  # low: values alone; never blank, and never after another date' in text
    assert "Is this the date of applying?" in text
    sample["d1"] = ["", "2023-04-01", "2023-04-15", ""]
    assert "applied_on: no column seems to hold it" in proposed(sample, settings)


def test_between_two_stages_nothing_is_open(settings: Settings) -> None:
    status = {name: values for name, values in WIDE.items() if name not in ("Date shortlisted", "Date appointed")}
    found = mapping(status, settings)
    assert found.source.stages == ("applied", "appointed")
    assert found.statuses["Withdrew"] == Status(reached="applied", outcome="withdrew")


def test_dates_that_can_be_read_two_ways_are_not_guessed(settings: Settings) -> None:
    days = {name: ["03/04/2023" if value else "" for value in WIDE[name]] for name in WIDE if name.startswith("Date")}
    text, missing = refused(WIDE | days, settings)
    assert '\n# date_format = "%d/%m/%Y"  # British' in text
    assert '\n# date_format = "%m/%d/%Y"  # American' in text
    assert "3 April 2023 or 4 March 2023" in missing[0]


def test_a_needed_column_that_is_not_there_is_said_at_the_top(settings: Settings) -> None:
    without = {"Hobbies" if name == "Post" else name: values for name, values in WIDE.items()}
    text, missing = refused(without, settings)
    assert missing == ["columns.vacancy_id: no column seems to hold it"]
    assert text.index("NOT COMPLETE") < text.index("[source]")
    number = text[: text.index('# vacancy_id = ""')].count("\n") + 1
    assert f"# 1. Line {number}: Which column has the vacancy?" in text


def test_a_file_in_which_nothing_could_be_the_vacancy_may_have_only_one(settings: Settings) -> None:
    without = {name: values for name, values in WIDE.items() if name != "Post"}
    assert mapping(without, settings).constants.vacancy_id == "the only vacancy"
    assert "Are all rows for one vacancy?" in proposed(without, settings)


def test_unknown_labels_are_named_with_the_nearest_known(settings: Settings) -> None:
    ethnicities = ["White: Irish", "Asian: Indain", "BAME", "Not stated"]
    statuses = ["Rejected", "Appointed", "Declined", "Rejected"]
    text, missing = refused(WIDE | {"Ethnic origin": ethnicities, "Status": statuses}, settings)
    assert missing == ["[ethnicity_labels] Asian: Indain", "[ethnicity_labels] BAME", "[outcomes] Declined"]
    assert '# "Asian: Indain" = ""  # not in the classification; nearest known: "Asian: Indian"' in text
    assert '# "BAME" = ""  # covers several groups' in text


def test_a_label_that_may_be_personal_is_counted_only(settings: Settings) -> None:
    text, missing = refused(
        WIDE | {"Status": ["Rejected", "Appointed", "Rejected, jo@example.org", "Rejected"]}, settings
    )
    assert "example.org" not in text
    assert missing == ["[outcomes] values not shown because they may be personal: 1"]


def test_many_rare_labels_are_not_labels(settings: Settings) -> None:
    sample = {name: values * 15 for name, values in WIDE.items()}
    sample["Status"] = [f"Rejected after talk with {chr(65 + n // 26)}{chr(97 + n % 26)}" for n in range(60)]
    text, missing = refused(sample, settings)
    assert "after talk" not in text
    assert "[outcomes] values not shown because they may be personal: 60" in missing[0]


def test_a_line_end_in_a_name_or_label_cannot_leave_its_comment(settings: Settings) -> None:
    odd = {"odd\nname = 1": ["a", "b", "c", "d"], "Status": ["Odd\n[x]", "Appointed", "Rejected", "Rejected"]}
    text = proposed(WIDE | odd, settings)
    assert not any(line.startswith(("name = 1", "[x]")) for line in text.splitlines())
    assert "name = 1" in text


def test_identifiers_and_free_text_are_dropped_by_kind_and_never_by_value(settings: Settings) -> None:
    planted = {
        "Full name": ["Jo Bloggs", "Sam Lee", "Ann Other", "Max Moe"],
        "extra": ["jo@example.org", "sam@example.org", "ann@example.org", "max@example.org"],
        "Panel notes": ["was late", "", "", ""],
    }
    text = proposed(WIDE | planted, settings)
    assert parse_mapping(text, "proposal").privacy.drop == ("Full name", "Panel notes", "extra")
    assert '"extra",  # e-mail addresses, by its content' in text
    assert '"Panel notes",  # free text, by its name' in text
    assert not [value for values in planted.values() for value in values if value and value in text]


def test_a_detail_that_holds_identifiers_is_no_detail(settings: Settings) -> None:
    found = mapping(
        WIDE | {"Department": ["020 7946 0000", "020 7946 0001", "020 7946 0002", "020 7946 0002"]}, settings
    )
    assert found.columns.department is None
    assert found.privacy.drop == ("Department",)


def test_small_groups_are_warned_of_by_number(settings: Settings) -> None:
    notes = proposed(WIDE, settings).split("# Notes:")[1]
    assert 'column "Ethnic origin": 3 of 3 groups have fewer than 10 rows' in notes
    assert not [label for label in WIDE["Ethnic origin"] if fold(label) in fold(notes)]


def test_numbers_of_people_stand_for_applications_only_if_nobody_applied_twice(settings: Settings) -> None:
    people = {"Applicant ID" if name == "Ref" else name: values for name, values in WIDE.items()}
    text = proposed(people, settings)
    assert parse_mapping(text, "proposal").columns.application_id == "Applicant ID"
    assert 'application_id = "Applicant ID"  # low: no column has application ids' in text
    _, missing = refused(people | {"Applicant ID": ["P1", "P1", "P2", "P3"]}, settings)
    assert missing == ["columns.application_id: no column seems to hold it"]


def test_dates_of_no_stage_that_is_known_are_pointed_out(settings: Settings) -> None:
    assert '"Vetted" is not read; if these are the dates' in proposed(WIDE | {"Vetted": WIDE["Date applied"]}, settings)


def test_a_table_that_is_counted_already_lacks_its_period_only(settings: Settings) -> None:
    table = {
        "Group": ["Asian", "Black", "White", "Not stated", "All"],
        "Applied": ["1,210", "640", "2,015", "110", "3,975"],
        "Shortlisted": ["298", "130", "604", "28", "1,060"],
        "Appointed": ["31", "11", "92", "3", "137"],
    }
    text, missing = refused(table, settings)
    assert missing == ["source.period: the file does not give it"]
    done = text.replace("# period", "period").replace(text[text.index("unfinished") : text.index("[source]")], "")
    found = parse_mapping(done, "proposal")
    assert found.source.shape == "counts"
    assert found.stage_counts == {"applied": "Applied", "shortlisted": "Shortlisted", "appointed": "Appointed"}
    assert "fewer than 10" not in text


def test_labels_that_are_british_and_american_alike_are_doubted(settings: Settings) -> None:
    values = ["White", "Asian", "White", "Not stated"]
    bare = {"Ref": WIDE["Ref"], "Job": WIDE["Post"], "Group": values, "Date applied": WIDE["Date applied"]}
    bare |= {"Status": ["Rejected", "Hired", "Withdrew", "Rejected"], "Date hired": WIDE["Date appointed"]}

    def line(sample: dict[str, list[str]]) -> str:
        lines = proposed(sample, settings).splitlines()
        return next(line for line in lines if line.startswith("ethnicity_classification"))

    assert 'ons_2021"  # low: knows 100% of 3 labels; UK and US labels are spelled alike here' in line(bare)
    assert "Are the applicants in the UK?" in proposed(bare, settings)
    # The names of the columns can tell.
    british = line({"Ethnic origin" if name == "Group" else name: values for name, values in bare.items()})
    assert 'ons_2021"  # medium' in british
    american = line({"Race" if name == "Group" else name: values for name, values in bare.items()})
    assert 'us_eeo1"  # medium' in american


@pytest.mark.parametrize(
    ("column", "answers"),
    [("Hispanic?", ["Yes", "No", "", "No"]), ("Ethnicity", ["Not Hispanic or Latino", "Hispanic or Latino", "", ""])],
)
def test_both_questions_of_a_us_form_are_proposed(column: str, answers: list[str], settings: Settings) -> None:
    table = {name: values for name, values in WIDE.items() if name != "Ethnic origin"}
    found = mapping(table | {"Race": ["White", "Asian", "White", "Asian"], column: answers}, settings)
    assert (found.columns.ethnicity, found.columns.hispanic) == ("Race", column)
    assert found.source.ethnicity_classification == "us_eeo1"


def test_other_candidates_for_a_choice_are_named(settings: Settings) -> None:
    text = proposed(WIDE | {"Outcome": WIDE["Status"]}, settings)
    line = next(line for line in text.splitlines() if line.startswith("outcome ="))
    assert line.startswith('outcome = "Status"  # high')
    assert line.endswith('; it could also be "Outcome"')


def test_a_last_stage_that_is_not_called_appointed_is_pointed_out(settings: Settings) -> None:
    other = {name.replace("appointed", "started"): values for name, values in WIDE.items()}
    assert "if started means appointed, call it that" in proposed(other, settings)
    assert "call it so" not in proposed(WIDE, settings)


def test_the_outcome_of_one_stage_is_not_that_of_the_application(settings: Settings) -> None:
    first = {"Interview outcome": WIDE["Status"]} | WIDE
    assert mapping(first, settings).columns.outcome == "Status"


def test_a_long_export_whose_day_seems_to_speak_of_a_stage(settings: Settings) -> None:
    long = {
        "application_id": ["B1", "B1", "B2"],
        "job_id": ["P7"] * 3,
        "ethnicity": ["White: Irish", "White: Irish", "Asian: Indian"],
        "stage": ["Applied", "Interview", "Applied"],
        "stage_start_date": ["2023-06-01", "2023-06-20", "2023-06-02"],
        "outcome": ["Progressed", "Rejected", "Rejected"],
    }
    assert mapping(long, settings).columns.reached_on == "stage_start_date"


def test_ids_that_repeat_where_a_row_is_an_application_are_doubted(settings: Settings) -> None:
    text = proposed(WIDE | {"Ref": ["A1", "A1", "A2", "A3"]}, settings)
    assert 'application_id = "Ref"  # low:' in text
    assert "only 75% are distinct" in text


def test_identifiers_are_seen_in_the_rows_in_which_intake_sees_them() -> None:
    early = [f"p{n}@example.org" for n in range(60)] + ["-"] * 940 + ["x"] * 4000
    assert Column("extra", early).identifier == "email"


def test_flags_win_where_they_show_more_stages_than_dates(settings: Settings) -> None:
    flags = {
        "Shortlisted": ["N", "Y", "Y", "N"],
        "Interviewed": ["N", "Y", "N", "N"],
        "Appointed": ["N", "Y", "N", "N"],
    }
    found = mapping({name: WIDE[name] for name in WIDE if name != "Date shortlisted"} | flags, settings)
    assert found.source.stages == ("applied", "shortlisted", "interviewed", "appointed")
    assert found.source.shape == "flags"


def test_statuses_of_which_none_proves_the_last_stage_are_not_complete(settings: Settings) -> None:
    statuses = ["Application review: withdrew", "Interview: not selected", "Interview: withdrew", "Not shortlisted"]
    kept = {name: values for name, values in WIDE.items() if name not in ("Date shortlisted", "Date appointed")}
    _, missing = refused(kept | {"Status": statuses}, settings)
    assert missing[-1:] == ["[statuses] no status proves that interviewed, the last stage, was reached"]


def test_blank_outcomes_are_pointed_out_by_number(settings: Settings) -> None:
    text = proposed(WIDE | {"Status": ["", "Appointed", "", "Rejected"]}, settings)
    assert 'column "Status": 2 sampled rows are blank' in text


def test_flags_of_0_and_1_are_no_counts_even_if_every_row_is_another_group(settings: Settings) -> None:
    flags = {"Applied": ["1", "1", "1", "1"], "Shortlisted": ["0", "1", "1", "0"], "Appointed": ["0", "1", "0", "0"]}
    kept = {name: values for name, values in WIDE.items() if name not in ("Date shortlisted", "Date appointed")}
    assert mapping(kept | flags, settings).source.shape == "flags"


CURRENT = {
    "id": ["A1", "A2", "A3", "A4", "A5"],
    "job": ["P1"] * 5,
    "race": ["White", "Asian", "White", "Asian", "White"],
    "applied_at": ["2023-04-03"] * 5,
}


def test_a_status_and_its_stage_are_read_together(settings: Settings) -> None:
    """An application that was rejected at a stage had reached it, but a step of sifting was not passed."""
    found = mapping(
        CURRENT
        | {
            "status": ["rejected", "rejected", "hired", "active", "rejected"],
            "current_stage": ["Application Review", "Phone Screen", "Offer", "Onsite Interview", "Offer"],
        },
        settings,
    )
    assert (found.source.shape, found.columns.outcome) == ("status", "status")
    assert found.columns.more_outcomes == ("current_stage",)
    assert found.statuses["rejected / Phone Screen"] == Status(reached="screened", outcome="rejected")
    assert found.statuses["active / Onsite Interview"] == Status(reached="interviewed", outcome="pending")
    assert found.statuses["hired / Offer"] == Status(reached="hired", outcome="progressed")


@pytest.mark.parametrize(
    ("parts", "path"),
    [
        (("rejected", "Phone Screen", ""), Status(reached="screened", outcome="rejected")),
        (("rejected", "Phone Screen", "Candidate withdrew"), Status(reached="screened", outcome="withdrew")),
        (("Archived", "Interview", "Lacking experience"), Status(reached="interviewed", outcome="rejected")),
        (("hired", "Offer", ""), Status(reached="hired", outcome="progressed")),
        (("rejected", "", ""), "name no stage"),
        (("", "Interview", ""), "not name one outcome"),
        (("hired", "Offer", "Not qualified"), "different outcomes"),
        (("rejected", "Hired", ""), "different outcomes"),
        (("rejected", "Screening", ""), "which stage was reached"),
        (("rejected", "Phone Screen", "After interview"), "which stage was reached"),
    ],
)
def test_a_status_in_several_columns_proves_a_path_or_says_why_not(parts: tuple[str, ...], path: Status | str) -> None:
    found = path_of_parts(parts, US_LIKE)
    assert found == path if isinstance(path, Status) else path in str(found)


@pytest.mark.parametrize("name", ["Job", "Stage ID"])
def test_ids_that_are_not_of_applications_do_not_make_a_file_long(name: str, settings: Settings) -> None:
    """They repeat, but not once for each stage."""
    sample = {
        "Candidate ID": ["C1", "C1", "C2", "C2", "C3"],
        name: ["J1"] * 5,
        "Race": ["White", "Asian", "White", "Asian", "White"],
        "Stage": ["Applied", "Applied", "Interview", "Interview", "Applied"],
        "Date": ["2023-04-03"] * 5,
    }
    assert 'shape = "long"' not in proposed(sample, settings)


@pytest.mark.parametrize("values", [["", "", "", ""], ["x1", "x2", "x3", "x4"]])
def test_an_outcome_column_that_is_blank_or_fits_nothing_is_not_chosen(values: list[str], settings: Settings) -> None:
    found = mapping(WIDE | {"Status": values}, settings)
    assert (found.columns.outcome, found.source.without_outcome) == ("", "rejected")


@pytest.mark.parametrize(
    ("labels", "name"),
    [
        (["White: Roma", "Asian: Indian", "White: Irish"], "ons_2021"),
        (["White: English, Welsh, Scottish, Northern Irish or British", "Asian or Asian British: Indian"], "ons_2021"),
        (["English/Welsh/Scottish/Northern Irish/British", "Asian/Asian British: Indian", "Arab"], "ons_2011"),
        (["White - British", "Black or Black British - African", "Other - Chinese"], "nhs_2001"),
        # Every version has these words.
        (["White", "Asian", "Black"], None),
    ],
)
def test_the_version_is_told_by_words_that_only_it_has(labels: list[str], name: str | None) -> None:
    assert version_of(labels) == name


def test_a_classification_that_others_know_as_well_is_not_called_certain(settings: Settings) -> None:
    text = proposed(WIDE, settings)
    line = next(line for line in text.splitlines() if line.startswith("ethnicity_classification"))
    assert "# medium:" in line
    assert "ons_2011" in line
    labels = ["White: Roma", "Asian: Indian", "Black: African", "Not stated"]
    assert 'ons_2021"  # high' in proposed(WIDE | {"Ethnic origin": labels}, settings)


@pytest.mark.parametrize(
    ("name", "stages"),
    [
        ("Recruited", ["recruited"]),
        ("Number accepted", ["accepted"]),
        ("Enrolled", ["enrolled"]),
        ("Passed", ["passed"]),
        ("Date Offer Accepted", ["accepted"]),
        ("No. of applicants", ["applied"]),
        ("Total candidates", ["applied"]),
        ("Successful applicants", ["appointed"]),
        ("Number appointed from shortlisting", ["appointed"]),
        ("currentInterviewStage", ["interviewed"]),
        ("Unsuccessful", []),
    ],
)
def test_stages_as_published_tables_name_them(name: str, stages: list[str]) -> None:
    assert stages_named(name) == stages


def test_other_is_a_group_in_a_list_of_groups(settings: Settings) -> None:
    labels = ["White", "Asian", "Black", "Mixed", "Other"]
    table = {"Ethnicity": labels, "Applied": ["90", "40", "30", "20", "10"], "Hired": ["9", "4", "3", "2", "1"]}
    text = proposed(table, settings)
    assert '"Other" = "Other ethnic group"  # medium' in text
    assert 'Is "Other" everybody who is in none of the other groups of this list?' in text
    detailed = proposed(table | {"Ethnicity": ["White", "Indian", "Black", "Mixed", "Other"]}, settings)
    assert '# "Other" = ""' in detailed


@pytest.mark.parametrize(
    ("label", "open_"),
    [
        *((label, True) for label in ("New", "Phone Screened", "Shortlisted for Interview", "Offer Sent")),
        *(
            (label, False)
            for label in ("Hired Elsewhere", "Hired", "Not interviewed", "Interview cancelled", "Archived")
        ),
        *((label, False) for label in ("Awaiting interview", "Rejected", "Archived", "Interview or offer")),
        *((label, False) for label in ("Offered - declined", "Interview - did not attend", "Interview: closed")),
    ],
)
def test_a_status_that_only_names_a_stage_may_still_be_open(label: str, open_: bool) -> None:
    assert only_a_stage(label) is open_


def test_a_column_that_says_who_withdrew_is_not_passed_over(settings: Settings) -> None:
    """Otherwise those who withdrew would count as rejected."""
    dates = {name: values for name, values in WIDE.items() if name != "Status"}
    assert mapping(dates | {"Date withdrawn": ["2023-04-20", "", "", ""]}, settings).outcome_columns == {
        "withdrew": "Date withdrawn"
    }
    _, missing = refused(dates | {"Reason declined": ["Pay", "", "", ""]}, settings)
    assert missing == ['columns.outcome: "Reason declined" may say who withdrew or declined, and is not read']


def test_labels_that_mean_the_same_are_asked_about_if_no_total_can_tell(settings: Settings) -> None:
    table = {
        "Ethnicity": ["White", "Asian", "Prefer not to say", "Not recorded"],
        "Applied": ["90", "40", "20", "10"],
        "Appointed": ["9", "4", "2", "1"],
    }
    text, missing = refused(table, settings)
    assert '"Prefer not to say" and "Not recorded" mean the same group' in missing[0] + missing[1]
    assert "\n# add_same_labels = true" in text
    with_total = {
        name: [*values, total] for (name, values), total in zip(table.items(), ("All", "160", "16"), strict=True)
    }
    assert "add_same_labels" not in proposed(with_total, settings)


@pytest.mark.parametrize("name", ["Quarter", "Month"])
def test_times_are_not_added_together_unasked(name: str, settings: Settings) -> None:
    """They may be in several reporting periods, which are never one."""
    table = {
        name: ["Q1", "Q1", "Q2", "Q2"],
        "Ethnicity": ["White", "Asian", "White", "Asian"],
        "Applied": ["90", "40", "20", "15"],
        "Appointed": ["9", "4", "2", "3"],
    }
    text, missing = refused(table, settings)
    assert f'source.sum_over: "{name}" may be times of several reporting periods' in missing
    assert f'\n# sum_over = ["{name}"]' in text


@pytest.mark.parametrize(("name", "read"), [("Submitted on", True), ("Created at", True), ("Job created date", False)])
def test_the_date_of_a_post_is_not_that_of_applying(name: str, read: bool, settings: Settings) -> None:
    sample = {key: values for key, values in WIDE.items() if not key.startswith("Date")} | {name: WIDE["Date applied"]}
    if read:
        assert mapping(sample, settings).columns.applied_on == name
    else:
        assert "columns.applied_on: no column seems to hold it" in refused(sample, settings)[1]
