"""Details of an application by which counts may be broken down. A new one is a record here (CONTRIBUTING.md).

All are quasi-identifiers, so policy says which are kept and which are published.
"""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Detail:
    """One detail of a post or a person.

    usual_names: a pattern for the usual names of its column in exports. possible_names: for other possible names.
    """

    name: str
    meaning: str
    usual_names: str
    possible_names: str
    type: str = "varchar"


DETAILS = (
    Detail(
        "pay_band", "pay band of the vacancy", r"\b(band|banding|grade|afc)\b", r"\b(pay|salary) (level|scale|range)\b"
    ),
    Detail(
        "staff_group",
        "staff group of the vacancy",
        r"\b(staff|job|occupation(al)?|professional) (group|family|category)\b",
        r"\bprofession\b",
    ),
    Detail(
        "department",
        "department of the vacancy",
        r"\b(department|dept|directorate|division)\b",
        r"\b(service|ward|team|unit|office|location|dep)\b",
    ),
    Detail(
        "clinical", "whether the vacancy is clinical, in the source's words", r"\b(non )?clinical\b", r"\bpost type\b"
    ),
    Detail(
        "applicant_source",
        "internal, external or international, if the source has it",
        r"\b(applicant|candidate) (type|source)\b|\binternal external\b",
        r"\b(source|type)\b",
    ),
    Detail(
        "sex",
        "sex of the applicant, if the source has it and policy keeps it",
        r"\b(sex|gender)\b",
        r"^(m f|male female)$",
    ),
    Detail(
        "disability",
        "disability of the applicant, if the source has it and policy keeps it",
        r"\b(disability|disabled)\b",
        r"\blong term condition\b",
    ),
    Detail(
        "ring_fenced",
        "whether the vacancy was open to some applicants only, if the source has it",
        r"\bring ?fenced?\b",
        r"\b(restricted|internal only)\b",
        type="boolean",
    ),
)
DETAIL_NAMES = tuple(detail.name for detail in DETAILS)
# Counts are broken down only by text details; a yes or no detail excludes applications.
TEXT_DETAILS = tuple(detail.name for detail in DETAILS if detail.type == "varchar")
# Besides the details, the quarter in which somebody applied.
BREAKDOWNS = (*TEXT_DETAILS, "quarter")


def one_of(names: tuple[str, ...]) -> Callable[[str], str]:
    """Return a check that a name is one of these; it raises ValueError with all of them."""

    def check(name: str) -> str:
        if name not in names:
            raise ValueError(f"it must be one of {', '.join(names)}")
        return name

    return check
