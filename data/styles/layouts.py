"""Makes the example exports of kinds of file: `python data/styles/layouts.py`. Names are documented, rows are invented.

The records are those of make.py, drawn at random; they describe nobody. A test makes every file again, proposes a
mapping for it, takes it in, and compares the counts with the records.
"""

import csv
import io
import runpy
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
_MAKE = runpy.run_path(str(FOLDER / "make.py"))
_SYSTEMS = runpy.run_path(str(FOLDER / "systems.py"))
REJECTED, WITHDREW, DECLINED, INELIGIBLE, PENDING, APPOINTED = (
    _MAKE[name] for name in ("REJECTED", "WITHDREW", "DECLINED", "INELIGIBLE", "PENDING", "APPOINTED")
)
UK = _MAKE["NHS_SHARES"]
US = {label.replace(" (Not Hispanic or Latino)", ""): shares for label, shares in _MAKE["US_SHARES"].items()}
BROAD = {"White": (60, 1.0), "Asian": (16, 0.8), "Black": (12, 0.7), "Mixed": (5, 0.9), "Prefer not to say": (4, 0.9),
         "Not known": (3, 0.9)}  # fmt: skip
Rows = Iterator[list[str]]
_ended = _SYSTEMS["_ended"]


@dataclass(frozen=True)
class Kind:
    """One kind of file. source: where its names are documented. edits: lines of the proposal to change, as it asks."""

    source: str
    shares: dict[str, tuple[float, float]]
    rows: Callable[[list[Any]], Rows]
    seed: int
    first: date = date(2023, 4, 1)
    last: date = date(2024, 3, 1)
    edits: tuple[tuple[str, str], ...] = ()
    # How many stages the file shows; the records have five.
    stages: tuple[int, ...] = (0, 1, 2, 3, 4)

    def records(self) -> list[Any]:
        """The drawn applications."""
        drawn: list[Any] = _MAKE["draw"](self.seed, self.shares, self.first, self.last)
        return drawn


def only_dates(records: list[Any]) -> Rows:
    """Dates alone: also of a rejection and of a withdrawal."""
    yield ["Application ID", "Vacancy ID", "Ethnicity", "Date applied", "Date interviewed", "Date rejected",
           "Date withdrawn", "Date appointed"]  # fmt: skip
    for one in records:
        left, ended = one.outcome in (WITHDREW, DECLINED), _ended(one)
        reached = [str(one.days[stage]) if stage < len(one.days) else "" for stage in (0, 2, 4)]
        yield [
            *(f"N-{one.number}", f"P-{one.post}", one.label, *reached[:2]),
            *("" if left else ended, ended if left else "", reached[2]),
        ]


def two_interviews(records: list[Any]) -> Rows:
    """A date for each stage: an interview by telephone, and a later one."""
    words = {REJECTED: "Rejected", WITHDREW: "Withdrew", DECLINED: "Declined the offer", INELIGIBLE: "Not eligible",
             PENDING: "Pending", APPOINTED: "Appointed"}  # fmt: skip
    yield ["Application ID", "Vacancy ID", "Ethnicity", "Date applied", "Telephone interview date", "Interview date",
           "Offer date", "Appointed date", "Outcome"]  # fmt: skip
    for one in records:
        reached = [str(day) for day in one.days] + [""] * (5 - len(one.days))
        yield [f"A{one.number}", f"V{one.post}", one.label, *reached, words[one.outcome]]


def plain_statuses(records: list[Any]) -> Rows:
    """One status that does not say at which stage people were rejected or withdrew."""
    open_ = ("Application received", "Invited to interview", "Interviewed", "Offer made", "Hired")
    words = {REJECTED: "Rejected", WITHDREW: "Withdrawn", DECLINED: "Offer declined", INELIGIBLE: "Not eligible"}
    yield ["Application ref", "Job ref", "Date submitted", "Ethnic group", "Application status"]
    for one in records:
        status = words.get(one.outcome, open_[len(one.days) - 1])
        yield [f"Q{one.number}", f"J{one.post}", f"{one.days[0]:%d-%b-%Y}", one.label, status]


def own_words(records: list[Any]) -> Rows:
    """The source's own words in flags."""
    yes = ("Shortlisted", "Attended", "Successful", "Accepted")
    no = ("Not shortlisted", "Did not attend", "Unsuccessful", "Rejected")
    yield ["Application reference", "Vacancy reference", "Ethnic origin", "Date received", "Shortlisting", "Interview",
           "Offer", "Appointment"]  # fmt: skip
    for one in records:
        flags = [yes[s - 1] if s < len(one.days) else no[s - 1] for s in range(1, 5)]
        yield [
            *(f"T-{one.number}", f"V-{one.post}", one.label),
            *(f"{one.days[0]:%d/%m/%Y %H:%M}", *flags),
        ]


def _reached(records: list[Any], *keys: Callable[[Any], str]) -> dict[tuple[str, ...], list[int]]:
    counts: dict[tuple[str, ...], list[int]] = {}
    for one in records:
        numbers = counts.setdefault(tuple(key(one) for key in keys), [0] * 5)
        for stage in range(len(one.days)):
            numbers[stage] += 1
    return counts


def _label(one: Any) -> str:
    return str(one.label)


def _sex(one: Any) -> str:
    return "FM"[one.number % 2]


def table_by_sex(records: list[Any]) -> Rows:
    """A table by group and sex, with a title, a total and a note."""
    yield ["Applicants to all posts by ethnic group and sex, 1 April 2023 to 31 March 2024"]
    yield []
    yield ["Ethnic group", "Sex", "Applicants", "Shortlisted", "Interviewed", "Offers made", "Appointed"]
    for key, numbers in _reached(records, _label, _sex).items():
        yield [*key, *map(str, numbers)]
    total = [sum(column) for column in zip(*_reached(records, _label).values(), strict=True)]
    yield ["Total", "All", *map(str, total)]
    yield []
    yield ["Source: recruitment system"]


def numbers_and_percentages(records: list[Any]) -> Rows:
    """Headings over columns of numbers and of percentages."""
    counts = _reached(records, _label)
    total = [sum(column) for column in zip(*counts.values(), strict=True)]
    yield ["Ethnic group", "Applied", "", "Shortlisted", "", "Appointed", ""]
    yield ["", *("Number", "%") * 3]
    for (label,), numbers in counts.items():
        cells = [(numbers[stage], 100 * numbers[stage] / total[stage]) for stage in (0, 1, 4)]
        yield [label, *(cell for number, share in cells for cell in (str(number), f"{share:.1f}"))]
    yield ["All", *(cell for stage in (0, 1, 4) for cell in (str(total[stage]), "100.0"))]


def groups_across(records: list[Any]) -> Rows:
    """A column for each group, a row for each stage, and rows of rates."""
    counts = {label: numbers for (label,), numbers in _reached(records, _label).items()}
    yield ["Stage", *counts, "Total"]
    for name, stage in (("Applied", 0), ("Shortlisted", 1), ("Interviewed", 2), ("Appointed", 4)):
        numbers = [numbers[stage] for numbers in counts.values()]
        yield [name, *map(str, numbers), str(sum(numbers))]
    yield ["Success rate", *(f"{100 * numbers[4] / numbers[0]:.1f}%" for numbers in counts.values()), ""]


def submissions_by_step(records: list[Any]) -> Rows:
    """A row for each requisition, race and step ever reached."""
    steps = ("New", "Phone Screen", "Interview", "Offer", "Hire")
    yield ["Req. Identifier", "Race", "Historical Step Name", "# Submissions"]
    for key, numbers in _reached(records, lambda one: f"REQ{one.post % 3}", _label).items():
        yield from ([*key, step, str(number)] for step, number in zip(steps, numbers, strict=True))


def table_by_year(records: list[Any]) -> Rows:
    """A table with a row for each year and group."""
    years = _reached(records, lambda one: "2022/23" if one.days[0] < date(2023, 4, 1) else "2023/24", _label)
    yield ["Financial year", "Ethnicity", "Number of applications", "Number shortlisted", "Number appointed"]
    for key, numbers in sorted(years.items()):
        yield [*key, *(f"{numbers[stage]:,}" for stage in (0, 1, 4))]


_PERIOD = ("# period = 2023-04-01", "period = 2023-04-01")
KINDS = {
    "status_and_stage": Kind("Greenhouse Harvest API, application object", US, _SYSTEMS["status_and_stage"], 21),
    "archive_reasons": Kind("Lever API, opportunity object and archive reasons", US, _SYSTEMS["archive_reasons"], 22),
    "step_and_status": Kind("Oracle Taleo, report Candidate Details", US, _SYSTEMS["step_and_status"], 23),
    "status_history": Kind("SmartRecruiters, candidate status history", US, _SYSTEMS["status_history"], 32),
    "applied_and_hired": Kind("ClearCompany, EEO Report", US, _SYSTEMS["applied_and_hired"], 24, stages=(0, 4)),
    "joined_words": Kind("SAP SuccessFactors, JobApplication of the OData interface", UK, _SYSTEMS["joined_words"], 25),
    "stage_and_disposition": Kind(
        "Workday, recruiting REST API, JobApplication", US, _SYSTEMS["stage_and_disposition"], 41
    ),
    "archived_by_whom": Kind("Ashby API, application object", US, _SYSTEMS["archived_by_whom"], 42),
    "disqualified": Kind("Workable API, candidate object", UK, _SYSTEMS["disqualified"], 43),
    "rejected_at": Kind("Teamtailor, table job_application of a connector", UK, _SYSTEMS["rejected_at"], 44),
    "reject_reason": Kind("Merge ATS API, application and EEOC objects", US, _SYSTEMS["reject_reason"], 45),
    "deselected": Kind("TalentNest API, application object", US, _SYSTEMS["deselected"], 46),
    "only_dates": Kind("no product", UK, only_dates, 47, stages=(0, 2, 4)),
    "two_interviews": Kind("no product", UK, two_interviews, 49),
    "plain_statuses": Kind("no product", UK, plain_statuses, 48, stages=(0, 4)),
    "own_words": Kind("a trust's report; no product", UK, own_words, 26),
    "table_by_sex": Kind("a published table; no product", BROAD, table_by_sex, 27),
    "numbers_and_percentages": Kind(
        "a published table; no product", BROAD, numbers_and_percentages, 28, edits=(_PERIOD,), stages=(0, 1, 4)
    ),
    "groups_across": Kind(
        "a published table; no product", BROAD, groups_across, 29, edits=(_PERIOD,), stages=(0, 1, 2, 4)
    ),
    "submissions_by_step": Kind(
        "Oracle Taleo, report Candidate EEO Summary By Recruiting Status, Requisition",
        US, submissions_by_step, 30, edits=(_PERIOD,)
    ),
    "table_by_year": Kind(
        "a published table; no product", UK, table_by_year, 31, first=date(2022, 4, 1), stages=(0, 1, 4)
    ),
}  # fmt: skip


def content(name: str) -> str:
    """The whole text of a kind's file."""
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator="\n").writerows(KINDS[name].rows(KINDS[name].records()))
    return stream.getvalue()


def truth(name: str) -> Counter[tuple[str, int]]:
    """How many applications of each label reached each stage that the file shows, by the records."""
    kind = KINDS[name]
    return Counter(
        (one.label, order) for one in kind.records() for order, stage in enumerate(kind.stages) if stage < len(one.days)
    )


if __name__ == "__main__":
    for kind_name in KINDS:
        (FOLDER / f"{kind_name}.csv").write_text(content(kind_name), encoding="utf-8")
