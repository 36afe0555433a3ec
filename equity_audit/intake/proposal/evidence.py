"""What the whole file shows about the columns chosen for a proposal, and the classification of its labels."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from equity_audit.intake.proposal.roles import Layout
from equity_audit.intake.proposal.versions import classification_of
from equity_audit.vocabulary import family, fold, is_total, match_ethnicity

AMERICAN = r"\b(race|requisition|veteran|eeo|eeoc|zip)\b"
BRITISH = r"\b(ethnic|ethnicity|vacancy|short ?list(ed)?|appointed|nhs|afc|pay band)\b"


@dataclass(frozen=True)
class Evidence:
    """What the whole file shows about the chosen columns: rows by label for each, and the dates as written.

    year_starts: the first day of the reporting period that the file's name or titles give.
    sheet: the only one of several that has applications.
    """

    labels: dict[str, Counter[str]]
    days: list[str]
    year_starts: date | None = None
    sheet: str | None = None


def rows_by_label(layout: Layout, evidence: Evidence, key: str) -> Counter[str]:
    """Return rows by label for a role's column, without lines of totals."""
    choice = layout.columns.get(key)
    counts = evidence.labels.get(choice.column, Counter()) if choice else Counter[str]()
    if key == "ethnicity" and layout.table and layout.table.orientation == "across":
        read = {layout.columns["stage"].column, *layout.drop}
        counts = Counter(name for name in layout.sample if name not in read and not name.startswith("(column "))
    return Counter({label: rows for label, rows in counts.items() if not is_total(label)})


def classification_in(layout: Layout, labels: Iterable[str]) -> tuple[str, float, list[str]]:
    """Like classification_of, but us_eeo1 if the file is American: it asks "Hispanic or Latino?", or its words say so.

    Both families know "White", "Black" and "Asian". Race, requisitions and veterans are words of US forms; ethnic
    origin, vacancies and shortlists those of UK ones.
    """
    name, share, others = classification_of(labels)
    known = [match_ethnicity(label, "us_eeo1") is not None for label in labels if label]
    of_us = sum(known) / (len(known) or 1)
    if "hispanic" in layout.columns:
        return "us_eeo1", of_us, []
    american = re.search(AMERICAN, words_of_columns(layout)) and not re.search(BRITISH, words_of_columns(layout))
    if "us_eeo1" in others and family(name) == "uk" and american:
        return "us_eeo1", of_us, [name, *(other for other in others if other != "us_eeo1")]
    return name, share, others


def words_of_columns(layout: Layout) -> str:
    """Return the words of all names of columns."""
    return " ".join(column.words for column in layout.sample.values())


def other_in_list(label: str, labels: Iterable[str]) -> str | None:
    """Return what "Other" means in a list of labels: the group, in a list of groups alone; else None.

    In a list with Asian, Black, Mixed and White, and no category of any group, it is the fifth group.
    """
    if fold(label) not in (
        "other",
        "others",
        "other ethnic group",
        "other ethnic groups",
        "any other",
        "another ethnic group",
    ):
        return None
    others = [match_ethnicity(other, "ons_2021") for other in labels if other != label]
    groups = {ethnicity.group for ethnicity in others if ethnicity}
    broad = all(ethnicity and ethnicity.category is None for ethnicity in others)
    return "Other ethnic group" if broad and {"Asian", "Black", "Mixed", "White"} <= groups else None
