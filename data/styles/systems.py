"""Rows of the records of make.py, under the names that recruitment systems document; layouts.py makes the files.

No export of a product was tried.
"""

import runpy
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

_MAKE = runpy.run_path(str(Path(__file__).with_name("make.py")))
REJECTED, WITHDREW, DECLINED, INELIGIBLE, PENDING, APPOINTED = (
    _MAKE[name] for name in ("REJECTED", "WITHDREW", "DECLINED", "INELIGIBLE", "PENDING", "APPOINTED")
)
Rows = Iterator[list[str]]


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
