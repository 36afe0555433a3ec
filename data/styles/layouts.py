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
from datetime import date, timedelta
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
_MAKE = runpy.run_path(str(FOLDER / "make.py"))
REJECTED, WITHDREW, DECLINED, INELIGIBLE, PENDING, APPOINTED = (
    _MAKE[name] for name in ("REJECTED", "WITHDREW", "DECLINED", "INELIGIBLE", "PENDING", "APPOINTED")
)
UK = _MAKE["NHS_SHARES"]
US = {label.replace(" (Not Hispanic or Latino)", ""): shares for label, shares in _MAKE["US_SHARES"].items()}
BROAD = {"White": (60, 1.0), "Asian": (16, 0.8), "Black": (12, 0.7), "Mixed": (5, 0.9), "Prefer not to say": (4, 0.9),
         "Not known": (3, 0.9)}  # fmt: skip
Rows = Iterator[list[str]]


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


def status_and_stage(records: list[Any]) -> Rows:
    """A status, the stage at which it was given, and a reason that tells who withdrew."""
    stages = ("Application Review", "Phone Screen", "Onsite Interview", "Offer", "Offer")
    reasons = {WITHDREW: "Candidate withdrew", DECLINED: "Declined our offer", INELIGIBLE: "Not eligible"}
    yield ["id", "candidate_id", "job_id", "applied_at", "status", "current_stage", "rejection_reason", "eeoc_race"]
    for one in records:
        status = {PENDING: "active", APPOINTED: "hired"}.get(one.outcome, "rejected")
        reason = reasons.get(one.outcome, "Lacking experience" if status == "rejected" else "")
        yield [
            *(f"{69102626 + one.number}", f"{53883394 + one.candidate}", f"{149995 + one.post}"),
            *(f"{one.days[0]}T12:03:02.728Z", status, stages[len(one.days) - 1], reason, one.label),
        ]


def archive_reasons(records: list[Any]) -> Rows:
    """A stage, and a reason for leaving the process; blank while an application is open."""
    stages = ("New applicant", "Phone screen", "On-site interview", "Offer", "Offer")
    reasons = {REJECTED: "Underqualified", WITHDREW: "Withdrew", DECLINED: "Offer declined", PENDING: ""}
    reasons |= {INELIGIBLE: "Not eligible", APPOINTED: "Hired"}
    yield ["Opportunity ID", "Contact ID", "Posting ID", "Stage", "Archive Reason", "Created At", "Race"]
    for one in records:
        yield [
            *(f"op-{one.number:05}", f"co-{one.candidate:05}", f"po-{one.post:03}", stages[len(one.days) - 1]),
            *(reasons[one.outcome], f"{one.days[0]:%b} {one.days[0].day}, {one.days[0].year}", one.label),
        ]


def step_and_status(records: list[Any]) -> Rows:
    """A current step and status, and no ids of applications: one person applies once for each requisition."""
    steps = ("New", "Phone Screen", "Interview", "Offer", "Hire")
    words = {REJECTED: "Rejected", WITHDREW: "Has Withdrawn", DECLINED: "Has Declined the Offer"}
    words |= {INELIGIBLE: "Ineligible", PENDING: "Under Consideration", APPOINTED: "Hired"}
    yield [
        *("Req. Identifier", "Req. Title", "Candidate Identifier", "Candidate is Internal", "Current Step Name"),
        *("Current Status Name", "Submission Created Date", "Race"),
    ]
    for one in records:
        yield [
            *(f"REQ{one.post:04}", "Analyst", f"{500000 + one.candidate}", "No", steps[len(one.days) - 1]),
            *(words[one.outcome], f"{one.days[0].month}/{one.days[0].day}/{one.days[0]:%y}", one.label),
        ]


def status_history(records: list[Any]) -> Rows:
    """A row for each status, also for those that end an application."""
    names = ("NEW", "SCREENING_CALL", "INTERVIEW", "OFFERED", "HIRED")
    words = {REJECTED: "REJECTED", WITHDREW: "WITHDRAWN", DECLINED: "OFFER_DECLINED", INELIGIBLE: "NOT_ELIGIBLE"}
    yield ["candidate_id", "job_id", "status", "changed_on", "race"]
    for one in records:
        ids, stages = (f"cand{one.candidate}", f"job{one.post}"), [*one.days]
        rows = [(*ids, names[stage], str(day)) for stage, day in enumerate(stages)]
        if one.outcome in words:
            rows.append((*ids, words[one.outcome], str(stages[-1] + timedelta(days=2))))
        yield from ([*row, one.label] for row in rows)


def applied_and_hired(records: list[Any]) -> Rows:
    """Two dates, of applying and of being hired, and nothing that says what happened to the others."""
    yield [
        *("Candidate ID", "Source Detail", "Date Candidate Applied", "Hire Date", "Requisition Title"),
        *("Requisition ID", "Requisition Open Date", "Race"),
    ]
    for one in records:
        days = [f"{day:%m/%d/%Y}" for day in (one.days[0], *([one.days[4]] if len(one.days) > 4 else []))]
        yield [
            *(f"{one.number + 7000}", "Job board", *days, *[""] * (2 - len(days)), "Analyst"),
            *(f"R-{one.post}", "03/01/2023", one.label),
        ]


def joined_words(records: list[Any]) -> Rows:
    """Joined words as names, a Y or N for each stage, and no outcome."""
    yield [
        *("applicationId", "jobReqId", "applicationDate", "ethnicOrigin", "isScreened", "isInterviewed"),
        *("isOffered", "isHired"),
    ]
    for one in records:
        flags = ["Y" if stage < len(one.days) else "N" for stage in range(1, 5)]
        yield [str(one.number + 380), str(3000 + one.post), f"{one.days[0]}", one.label, *flags]


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
    "status_and_stage": Kind(
        "Greenhouse Harvest API, application object",
        US, status_and_stage, 21, edits=(('# time_zone = "America/New_York"', 'time_zone = "UTC"'),)
    ),
    "archive_reasons": Kind("Lever API, opportunity object and archive reasons", US, archive_reasons, 22),
    "step_and_status": Kind("Oracle Taleo, report Candidate Details", US, step_and_status, 23),
    "status_history": Kind("SmartRecruiters, candidate status history", US, status_history, 32),
    "applied_and_hired": Kind("ClearCompany, EEO Report", US, applied_and_hired, 24, stages=(0, 4)),
    "joined_words": Kind("SAP SuccessFactors, JobApplication of the OData interface", UK, joined_words, 25),
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
