"""The made-up employer. Every number here is invented to resemble a large NHS trust."""

from equity_audit.vocabulary import CATEGORIES, WHITE_BRITISH

ORGANISATION = "Northmere University Hospitals NHS Trust"
APPLICATIONS_PER_VACANCY = 40
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
# The share of that effect at each step, and the share that remains at shortlisting from the third year.
EFFECT_SHARE_BY_STEP = (1.0, 0.2, 0.5, 0.0)
EFFECT_LEFT_FROM_THIRD_YEAR = 0.6
# One department has a wider gap at shortlisting for all groups with an effect.
WIDER_GAP = {"Theatres": -0.35}
# Higher bands shortlist fewer of their applicants.
BAND_EFFECT_PER_STEP = -0.08
VACANCY_SPREAD = 0.30

# Staff in post, and the share that leaves in a year.
STAFF = 4000
LEAVES, LEAVES_MINORITISED = 0.11, 0.13
# Log odds of being Black, Asian or minoritised, compared with a band not listed: among staff and among joiners.
STAFF_EFFECTS = {"Band 6": -0.35, "Band 7": -0.65, "Band 8a": -0.95, "Band 8b to 9": -1.3, "Medical and dental": 0.45}
# The board's voting members in each year: White, and other.
BOARDS = ((13, 2), (12, 3), (12, 5))

# Days from one stage to the next: shortest and longest.
DAYS_TO_NEXT = ((7, 28), (7, 21), (1, 14), (14, 60))
DAYS_OPEN = 21
# A later, corrected extract is taken this many days after the first.
DAYS_TO_CORRECTION = 120
