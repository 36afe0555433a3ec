"""Makes the example exports of this folder: `python data/styles/make.py`. Every number here is invented.

The layouts are of the same kind as real exports; the records are drawn at random and describe nobody. A test makes
every file again and compares it.
"""

import csv
import io
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

APPLICATIONS = 300
REJECTED, WITHDREW, DECLINED, INELIGIBLE, PENDING, APPOINTED = (
    *("rejected", "withdrew", "declined", "ineligible", "pending", "appointed"),
)
# Of those decided on, the share that goes on from each of the four steps; and days to the next stage.
RATES = (0.36, 0.80, 0.42, 0.92)
DAYS = ((7, 28), (7, 21), (1, 14), (14, 50))
WITHDRAWS, INELIGIBLE_AT_FIRST, DECLINES_AT_LAST = 0.04, 0.04, 0.08


@dataclass(frozen=True)
class Application:
    """One drawn application: its place in the file, its post, and how far it got by the day of the export."""

    number: int
    candidate: int
    post: int
    label: str
    days: tuple[date, ...]
    outcome: str


def draw(seed: int, shares: Mapping[str, tuple[float, float]], first: date, last: date) -> list[Application]:
    """Applications over the time from `first` to `last`, the day of the export.

    shares: for each ethnicity label its weight among applicants, and its rate of being shortlisted as a share of the
    usual one.
    """
    rng = random.Random(seed)
    # A few posts draw many applications, most draw a handful.
    starts = {0, *rng.sample(range(1, APPLICATIONS), APPLICATIONS // 15)}
    opened = sorted(rng.randrange((last - first).days - 20) for _ in starts)
    drawn: list[Application] = []
    post = 0
    for place in range(APPLICATIONS):
        post += place in starts
        label = rng.choices(list(shares), [weight for weight, _ in shares.values()])[0]
        candidate = place + 1
        # Some people apply again, for another post.
        if place and rng.random() < 0.05 and (earlier := rng.choice(drawn)).post < post:
            candidate, label = earlier.candidate, earlier.label
        applied = first + timedelta(days=opened[post - 1] + rng.randrange(20))
        days, outcome = _path(rng, applied, shares[label][1], last)
        drawn.append(Application(place + 1, candidate, post, label, days, outcome))
    return drawn


def _path(rng: random.Random, applied: date, ease: float, last: date) -> tuple[tuple[date, ...], str]:
    days = [applied]
    for step, rate in enumerate(RATES):
        when = days[-1] + timedelta(days=rng.randint(*DAYS[step]))
        if when > last:
            return tuple(days), PENDING
        chance = rng.random()
        other, share = {0: (INELIGIBLE, INELIGIBLE_AT_FIRST), 3: (DECLINED, DECLINES_AT_LAST)}.get(step, (WITHDREW, 0))
        if chance < WITHDRAWS + share:
            return tuple(days), WITHDREW if chance < WITHDRAWS else other
        if rng.random() >= rate * (ease if step == 0 else 1):
            return tuple(days), REJECTED
        days.append(when)
    return tuple(days), APPOINTED


def _of(values: tuple[str, ...], post: int) -> str:
    """A detail of a post: the same for everybody who applies to it."""
    return values[(post * 7 + post // 3) % len(values)]


NHS_SHARES = {
    "White - British": (44, 1.0),
    "White - Irish": (2, 1.0),
    "White - Any other White background": (7, 0.9),
    "Mixed - White and Black Caribbean": (1.5, 0.9),
    "Mixed - White and Black African": (1, 0.8),
    "Mixed - White and Asian": (1, 0.9),
    "Mixed - Any other mixed background": (1, 0.9),
    "Asian or Asian British - Indian": (10, 0.75),
    "Asian or Asian British - Pakistani": (5, 0.7),
    "Asian or Asian British - Bangladeshi": (2.5, 0.65),
    "Asian or Asian British - Any other Asian background": (5, 0.7),
    "Black or Black British - African": (12, 0.6),
    "Black or Black British - Caribbean": (3, 0.75),
    "Black or Black British - Any other Black background": (1.5, 0.7),
    "Other Ethnic Groups - Chinese": (1, 0.9),
    "Other Ethnic Groups - Any other ethnic group": (2, 0.8),
    "Not stated": (3, 0.95),
}
ESR_SHARES = {
    "A": (42, 1.0),
    "B": (2, 1.0),
    "C": (3, 0.9),
    "CP": (3, 0.9),
    "CY": (2, 0.9),
    "D": (1.5, 0.9),
    "E": (1, 0.8),
    "F": (1, 0.9),
    "GC": (1, 0.85),
    "H": (9, 0.75),
    "J": (4, 0.7),
    "K": (2, 0.65),
    "L": (3, 0.7),
    "LH": (2, 0.8),
    "LE": (1, 0.7),
    "M": (3, 0.75),
    "N": (8, 0.6),
    "PC": (4, 0.6),
    "PD": (1.5, 0.7),
    "R": (1, 0.9),
    "S": (1, 0.8),
    "SC": (2, 0.9),
    "Z": (3, 0.95),
}
US_SHARES = {
    "White (Not Hispanic or Latino)": (50, 1.0),
    "Black or African American (Not Hispanic or Latino)": (16, 0.75),
    "Hispanic or Latino": (15, 0.85),
    "Asian (Not Hispanic or Latino)": (9, 0.9),
    "Two or More Races (Not Hispanic or Latino)": (3, 0.9),
    "American Indian or Alaska Native (Not Hispanic or Latino)": (1, 0.9),
    "Native Hawaiian or Other Pacific Islander (Not Hispanic or Latino)": (1, 0.9),
    "Decline to self-identify": (5, 0.95),
}
EEOC_SHARES = {
    "WHITE": (46, 1.0),
    "BLACK_OR_AFRICAN_AMERICAN": (14, 0.75),
    "HISPANIC_OR_LATINO": (14, 0.85),
    "ASIAN": (15, 0.9),
    "TWO_OR_MORE_RACES": (3, 0.9),
    "AMERICAN_INDIAN_OR_ALASKAN_NATIVE": (1, 0.9),
    "NATIVE_HAWAIIAN_OR_OTHER_PACIFIC_ISLANDER": (1, 0.9),
    "DECLINE_TO_SELF_IDENTIFY": (6, 0.95),
}
BANDS = ("Band 2", "Band 3", "Band 5", "Band 5", "Band 6", "Band 7", "Band 8a")
STAFF_GROUPS = ("Nursing and Midwifery Registered", "Additional Clinical Services", "Administrative and Clerical")
DEPARTMENTS = ("Emergency Medicine", "Surgery", "Theatres", "Paediatrics", "Estates", "Finance")
APPLICANT_TYPES = ("External", "External", "External", "Internal", "External", "International")
JOB_GROUPS = ("Officials and Managers", "Professionals", "Technicians", "Administrative Support")


def nhs_ats_style() -> Iterator[list[str]]:
    """A row per application, a date per stage, one outcome."""
    words = {
        REJECTED: "Unsuccessful",
        WITHDREW: "Withdrawn by applicant",
        DECLINED: "Offer declined by applicant",
        INELIGIBLE: "Ineligible - no right to work",
        PENDING: "In progress",
        APPOINTED: "Appointed",
    }
    yield [
        *("Application Reference", "Vacancy Reference", "Ethnic Origin", "Pay Band", "Staff Group", "Department"),
        *("Applicant Type", "Date Applied", "Date Shortlisted", "Date Interviewed", "Date Offered"),
        *("Start Date Confirmed", "Application Outcome"),
    ]
    for one in draw(2, NHS_SHARES, date(2023, 4, 1), date(2024, 9, 30)):
        days = [f"{day:%d/%m/%Y}" for day in one.days] + [""] * (5 - len(one.days))
        yield [
            *(f"AR-{one.number:06}", f"372-NM{one.post:04}", one.label, _of(BANDS, one.post)),
            *(_of(STAFF_GROUPS, one.post), _of(DEPARTMENTS, one.post), _of(APPLICANT_TYPES, one.number)),
            *(*days, words[one.outcome]),
        ]


def esr_codes_style() -> Iterator[list[str]]:
    """A row per application, ethnic codes of two characters, a Y or N per stage, days as Oracle writes them."""
    words = {
        REJECTED: "Rejected",
        WITHDREW: "Withdrew",
        DECLINED: "Offer Declined",
        INELIGIBLE: "Not Eligible",
        PENDING: "Pending",
        APPOINTED: "Hired",
    }
    yield [
        *("Application ID", "Requisition Number", "Ethnic Origin Code", "Grade", "Staff Group", "Directorate"),
        *("Source", "Application Date", "Shortlisted", "Interviewed", "Offered", "Appointed", "Result"),
    ]
    for one in draw(12, ESR_SHARES, date(2023, 4, 1), date(2024, 6, 30)):
        flags = ["Y" if stage < len(one.days) else "N" for stage in range(1, 5)]
        yield [
            *(str(40_000_000 + one.number), f"IRC{one.post:05}", one.label, f"Band {_of(BANDS, one.post)[5:]}"),
            *(_of(STAFF_GROUPS, one.post), _of(DEPARTMENTS, one.post), _of(APPLICANT_TYPES, one.number)),
            *(f"{one.days[0]:%d-%b-%Y}".upper(), *flags, words[one.outcome]),
        ]


def us_applicant_flow_style() -> Iterator[list[str]]:
    """A row per application, one disposition that names the stage and what happened there."""
    stages = ("Application review", "Phone screen", "Interview", "Offer", "")
    words = {
        REJECTED: "not selected",
        WITHDREW: "withdrew",
        DECLINED: "declined by applicant",
        INELIGIBLE: "basic qualifications not met",
        PENDING: "decision pending",
    }
    yield [
        *("Application Date", "Requisition Number", "Job Group", "Application ID", "Applicant ID"),
        *("Race/Ethnicity", "Gender", "Disposition"),
    ]
    for one in draw(13, US_SHARES, date(2023, 1, 1), date(2024, 3, 31)):
        where = stages[len(one.days) - 1]
        yield [
            *(f"{one.days[0]:%m/%d/%Y}", f"REQ-{one.post:04}", _of(JOB_GROUPS, one.post), f"AFL-{one.number:05}"),
            *(
                f"P-{one.candidate:05}",
                one.label,
                ("Female", "Male", "Male", "Female", "Not disclosed")[one.number % 5],
            ),
            "Hired" if one.outcome == APPOINTED else f"{where}: {words[one.outcome]}",
        ]


def eeoc_enum_style() -> Iterator[list[str]]:
    """A row per application and stage entered, as nested records make when they are flattened."""
    stages = ("APPLICATION_REVIEW", "PHONE_SCREEN", "INTERVIEW", "OFFER", "HIRED")
    words = {
        REJECTED: "REJECTED",
        WITHDREW: "WITHDREW",
        DECLINED: "OFFER_DECLINED",
        INELIGIBLE: "INELIGIBLE",
        PENDING: "IN_PROGRESS",
        APPOINTED: "HIRED",
    }
    yield [
        *("application.id", "application.candidate_id", "application.applied_at", "job.id", "job.department"),
        *("eeoc.race", "stage.name", "stage.entered_at", "stage.outcome"),
    ]
    for one in draw(3, EEOC_SHARES, date(2024, 1, 1), date(2024, 12, 31)):
        for stage, day in enumerate(one.days):
            last = stage == len(one.days) - 1
            yield [
                *(f"app_{one.number:05}", f"cand_{one.candidate:05}", f"{one.days[0]}T09:00:00Z", f"job_{one.post:03}"),
                *(("Engineering", "Sales", "Support", "Operations")[one.post % 4], one.label, stages[stage]),
                *(f"{day}T09:00:00Z", words[one.outcome] if last else "ADVANCED"),
            ]


STYLES = {make.__name__: make for make in (nhs_ats_style, esr_codes_style, us_applicant_flow_style, eeoc_enum_style)}


def content(style: str) -> str:
    """The whole text of a style's file."""
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator="\n").writerows(STYLES[style]())
    return stream.getvalue()


if __name__ == "__main__":
    for name in STYLES:
        Path(__file__).with_name(f"{name}.csv").write_text(content(name), encoding="utf-8")
