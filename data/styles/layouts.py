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


def _ended(one: Any) -> str:
    """The day on which an application ended without an appointment; blank if it has not ended so."""
    return "" if one.outcome in (PENDING, APPOINTED) else str(one.days[-1] + timedelta(days=2))


def _hired(one: Any) -> str:
    return str(one.days[4]) if one.outcome == APPOINTED else ""


def stage_and_disposition(records: list[Any]) -> Rows:
    """The current stage, a reason of those who were let go, and times in UTC; nothing says rejected."""
    stages = ("Review", "Screen", "Interview", "Offer", "Hired")
    reasons = {REJECTED: "Not qualified", WITHDREW: "Candidate withdrew", DECLINED: "Candidate declined offer"}
    reasons |= {INELIGIBLE: "No right to work", PENDING: "", APPOINTED: ""}
    yield ["id", "candidate.id", "jobRequisition.id", "currentStage", "dispositionReason.descriptor",
           "isDispositioned", "appliedOn", "source.descriptor", "race"]  # fmt: skip
    for one in records:
        reason = reasons[one.outcome]
        yield [
            *(f"wid-{one.number:05}", f"wid-c{one.candidate:05}", f"R-{one.post:05}", stages[len(one.days) - 1]),
            *(reason, str(bool(reason)).lower(), f"{one.days[0]}T14:30:00Z", "Job site", one.label),
        ]


def archived_by_whom(records: list[Any]) -> Rows:
    """A status of three words, the stage, and who ended the application."""
    stages = ("Application Review", "Recruiter Screen", "Onsite Interview", "Offer", "Hired")
    ends = {REJECTED: "RejectedByOrganization", WITHDREW: "Withdrawn", DECLINED: "RejectedByCandidate"}
    ends |= {INELIGIBLE: "RejectedByOrganization", PENDING: "", APPOINTED: "Hired"}
    yield ["id", "createdAt", "status", "candidate.id", "job.id", "job.title", "currentInterviewStage.title",
           "archiveReason.reasonType", "race"]  # fmt: skip
    for one in records:
        status = {PENDING: "Active", APPOINTED: "Hired"}.get(one.outcome, "Archived")
        yield [
            *(f"ap-{one.number:05}", f"{one.days[0]}", status, f"ca-{one.candidate:05}", f"jo-{one.post:03}"),
            *("Analyst", stages[len(one.days) - 1], ends[one.outcome], one.label),
        ]


def disqualified(records: list[Any]) -> Rows:
    """A stage, whether and when people were disqualified, and when they were hired; no word for an outcome."""
    stages = ("Applied", "Phone screen", "Interview", "Offer", "Hired")
    yield ["id", "job.shortcode", "stage", "disqualified", "disqualified_at", "hired_at", "created_at", "ethnicity"]
    for one in records:
        ended = _ended(one)
        yield [
            *(f"{one.number + 4000:x}", f"SC{one.post:03}", stages[len(one.days) - 1], str(bool(ended)).lower()),
            *(ended, _hired(one), str(one.days[0]), one.label),
        ]


def rejected_at(records: list[Any]) -> Rows:
    """A stage, and the day and reason of a rejection."""
    stages = ("Inbox", "Screening call", "Interview", "Offer", "Hired")
    reasons = {REJECTED: "Not enough experience", WITHDREW: "Candidate withdrew", DECLINED: "Declined the offer"}
    reasons |= {INELIGIBLE: "No right to work", PENDING: "", APPOINTED: ""}
    yield ["id", "candidate_id", "job_id", "job_stage", "created_at", "changed_stage_at", "rejected_at",
           "rejection_reason", "ethnicity"]  # fmt: skip
    for one in records:
        yield [
            *(f"{one.number + 81000}", f"{one.candidate + 52000}", f"{one.post + 300}", stages[len(one.days) - 1]),
            *(str(one.days[0]), str(one.days[-1]), _ended(one), reasons[one.outcome], one.label),
        ]


def reject_reason(records: list[Any]) -> Rows:
    """The common model of an interface to several systems; races in capitals."""
    stages = ("Application Review", "Phone Screen", "Onsite Interview", "Offer", "Hired")
    reasons = {REJECTED: "Underqualified", WITHDREW: "Withdrew", DECLINED: "Offer declined", INELIGIBLE: "Not eligible"}
    yield ["id", "candidate", "job", "applied_at", "rejected_at", "source", "current_stage", "reject_reason", "race"]
    for one in records:
        yield [
            *(f"a{one.number:05}", f"c{one.candidate:05}", f"j{one.post:03}", str(one.days[0]), _ended(one), "Board"),
            *(stages[len(one.days) - 1], reasons.get(one.outcome, ""), one.label.upper().replace(" ", "_")),
        ]


def deselected(records: list[Any]) -> Rows:
    """A step and a status, whose word for a rejection is Deselected."""
    steps = ("Review Candidate", "Phone Screen", "Interview", "Offer", "Hired")
    words = {REJECTED: "Deselected", WITHDREW: "Withdrawn", DECLINED: "Offer Declined", INELIGIBLE: "Deselected"}
    yield ["id", "candidate_id", "job_id", "job_title", "application_step", "application_status", "status_changed_at",
           "created_at", "race"]  # fmt: skip
    for one in records:
        status = words.get(one.outcome, "Hired" if one.outcome == APPOINTED else "Active")
        yield [
            *(f"{one.number + 1765000}", f"{one.candidate + 1100}", f"{one.post + 25000}", "Clerk"),
            *(steps[len(one.days) - 1], status, str(one.days[-1]), str(one.days[0]), one.label),
        ]


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
    "status_and_stage": Kind("Greenhouse Harvest API, application object", US, status_and_stage, 21),
    "archive_reasons": Kind("Lever API, opportunity object and archive reasons", US, archive_reasons, 22),
    "step_and_status": Kind("Oracle Taleo, report Candidate Details", US, step_and_status, 23),
    "status_history": Kind("SmartRecruiters, candidate status history", US, status_history, 32),
    "applied_and_hired": Kind("ClearCompany, EEO Report", US, applied_and_hired, 24, stages=(0, 4)),
    "joined_words": Kind("SAP SuccessFactors, JobApplication of the OData interface", UK, joined_words, 25),
    "stage_and_disposition": Kind("Workday, recruiting REST API, JobApplication", US, stage_and_disposition, 41),
    "archived_by_whom": Kind("Ashby API, application object", US, archived_by_whom, 42),
    "disqualified": Kind("Workable API, candidate object", UK, disqualified, 43),
    "rejected_at": Kind("Teamtailor, table job_application of a connector", UK, rejected_at, 44),
    "reject_reason": Kind("Merge ATS API, application and EEOC objects", US, reject_reason, 45),
    "deselected": Kind("TalentNest API, application object", US, deselected, 46),
    "only_dates": Kind("no product", UK, only_dates, 47, stages=(0, 2, 4)),
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
