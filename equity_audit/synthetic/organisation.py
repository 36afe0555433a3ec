"""The made-up employers. Every number here is invented: to resemble a large NHS trust, and a small employer.

What both have in common is a constant here; what differs is in Employer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from equity_audit.vocabulary import CATEGORIES, WHITE_BRITISH

# Standard deviation of the logarithm of applications per vacancy: a few posts attract hundreds, many only a handful.
VACANCY_SIZE_SPREAD = 0.9

BANDS = {
    "Band 2": 0.18,
    "Band 3": 0.17,
    "Band 4": 0.10,
    "Band 5": 0.22,
    "Band 6": 0.14,
    "Band 7": 0.09,
    "Band 8a": 0.04,
    "Band 8b to 9": 0.02,
    "Medical and dental": 0.04,
}
STAFF_GROUPS = {
    "Additional clinical services": 0.22,
    "Administrative and clerical": 0.24,
    "Allied health professionals": 0.09,
    "Estates and ancillary": 0.09,
    "Healthcare scientists": 0.04,
    "Nursing and midwifery": 0.32,
}
DEPARTMENTS = (
    *("Emergency", "Surgery", "Theatres", "Medicine", "Paediatrics", "Maternity", "Cancer", "Cardiac", "Renal"),
    *("Outpatients", "Imaging", "Pathology", "Pharmacy", "Therapies", "Estates", "Finance", "People", "Digital"),
)
SOURCES = {"internal": 0.10, "external": 0.78, "international": 0.12}

NOT_STATED = "Not stated"
_HOME = {
    "Asian: Bangladeshi": 0.020,
    "Asian: Chinese": 0.011,
    "Asian: Indian": 0.085,
    "Asian: Pakistani": 0.042,
    "Asian: Any other Asian background": 0.045,
    "Black: African": 0.120,
    "Black: Caribbean": 0.042,
    "Black: Any other Black background": 0.014,
    "Mixed: White and Asian": 0.009,
    "Mixed: White and Black African": 0.009,
    "Mixed: White and Black Caribbean": 0.013,
    "Mixed: Any other Mixed or Multiple background": 0.011,
    WHITE_BRITISH: 0.420,
    "White: Irish": 0.012,
    "White: Gypsy or Irish Traveller": 0.0006,
    "White: Roma": 0.0014,
    "White: Any other White background": 0.065,
    "Other: Arab": 0.012,
    "Other: Any other ethnic group": 0.023,
    NOT_STATED: 0.035,
    "": 0.010,
}
_INTERNATIONAL = {
    "Asian: Indian": 0.28,
    "Asian: Pakistani": 0.10,
    "Asian: Any other Asian background": 0.15,
    "Black: African": 0.32,
    "White: Any other White background": 0.05,
    "Other: Arab": 0.04,
    "Other: Any other ethnic group": 0.03,
    NOT_STATED: 0.03,
}
ETHNICITIES = (*CATEGORIES, NOT_STATED, "")
MIXES = {"internal": _HOME, "external": _HOME, "international": _INTERNATIONAL}

# Selection rates in an average post: to shortlisted, interviewed, offered, appointed.
BASE_RATES = (0.30, 0.78, 0.34, 0.93)
# Shares that leave the process before a decision, the same for all groups.
WITHDRAWS = (0.02, 0.05, 0.03, 0.02)
INELIGIBLE_AT_FIRST = 0.03
DECLINES_AT_LAST = 0.07

# The disparities built in: log odds of being shortlisted, compared with White British applicants.
SHORTLISTING_EFFECTS = {
    "Asian: Bangladeshi": -0.55,
    "Asian: Chinese": -0.15,
    "Asian: Indian": -0.35,
    "Asian: Pakistani": -0.50,
    "Asian: Any other Asian background": -0.40,
    "Black: African": -0.70,
    "Black: Caribbean": -0.40,
    "Black: Any other Black background": -0.55,
    "Mixed: White and Black African": -0.30,
    "Mixed: White and Black Caribbean": -0.10,
    "White: Gypsy or Irish Traveller": -0.60,
    "White: Roma": -0.60,
    "White: Any other White background": -0.15,
    "Other: Arab": -0.45,
    "Other: Any other ethnic group": -0.30,
}
# The share of that effect at each step.
EFFECT_SHARE_BY_STEP = (1.0, 0.2, 0.5, 0.0)
# Higher bands shortlist fewer of their applicants.
BAND_EFFECT_PER_STEP = -0.08

# The share of staff that leaves in a year.
LEAVES, LEAVES_MINORITISED = 0.11, 0.13
# Log odds of being Black, Asian or minoritised, compared with a band not listed: among staff and among joiners.
STAFF_EFFECTS = {"Band 6": -0.35, "Band 7": -0.65, "Band 8a": -0.95, "Band 8b to 9": -1.3, "Medical and dental": 0.45}

# Days from one stage to the next: shortest and longest.
DAYS_TO_NEXT = ((7, 28), (7, 21), (1, 14), (14, 60))
DAYS_OPEN = 21
# At most this many other applications, of those of about a year, lie between two by one person.
APPLICATIONS_BETWEEN = 200
# A later, corrected extract is taken this many days after the first.
DAYS_TO_CORRECTION = 120


@dataclass(frozen=True)
class Employer:
    """What differs between the made-up employers.

    spread: standard deviation of vacancies' log odds at every step, so that applications of one vacancy are alike.
    effect_by_year: the share of the effect that is left at shortlisting in each year, the last in all later ones.
    staff_stock: a seed. boards: White and other voting members in each year, likewise. wider_gap: added to the effect
    at shortlisting in a department. applications_per_person: above 1, people have ids and apply several times.
    first_staff: added to STAFF_EFFECTS of all bands, among the first staff alone. by_staff_group: whether records of
    posts and of staff name it. counted: the years at whose end staff are counted, from 0; None for every year.
    programme: when it began; None without one.
    """

    name: str
    bands: Mapping[str, float]
    departments: tuple[str, ...]
    applications_per_vacancy: int
    spread: float
    effect_by_year: tuple[float, ...]
    staff: int
    staff_stock: int
    boards: tuple[tuple[int, int], ...]
    wider_gap: Mapping[str, float]
    first_staff: float = 0.0
    applications_per_person: float = 1.0
    by_staff_group: bool = True
    counted: tuple[int, ...] | None = None
    programme: date | None = None

    def effect_left(self, year: int) -> float:
        """Return the share of the effect that is left at shortlisting in a year, counted from 0."""
        return self.effect_by_year[min(year, len(self.effect_by_year) - 1)]


LARGE_TRUST = Employer(
    name="Northmere University Hospitals NHS Trust",
    bands=BANDS,
    departments=DEPARTMENTS,
    applications_per_vacancy=40,
    spread=0.30,
    effect_by_year=(1.0, 1.0, 0.6),
    staff=4000,
    # Chosen from a few seeds so that all published tiers of White and BME staff are shown in every year.
    staff_stock=4,
    boards=((13, 2), (12, 3), (12, 5)),
    wider_gap={"Theatres": -0.35},
)
# Six years with a programme from the beginning of the fourth.
SMALL_EMPLOYER = Employer(
    name="Fernmoor Community Trust (made up)",
    bands={"Band 4": 0.54, "Band 6": 0.34, "Band 8a": 0.12},
    departments=("Community nursing", "Estates", "Outpatients", "Therapies"),
    applications_per_vacancy=24,
    spread=0.60,
    effect_by_year=(1.5, 1.5, 1.5, 0.15),
    staff=1200,
    first_staff=-0.70,
    staff_stock=1,
    boards=((9, 1), (9, 1), (9, 1), (8, 2), (8, 2), (8, 3)),
    wider_gap={},
    applications_per_person=1.3,
    by_staff_group=False,
    counted=(0, 2, 5),
    programme=date(2021, 4, 1),
)
