"""Examine single columns of an unknown export, and measure how well each fits a key of a mapping.

Values are examined in memory and never become part of a result.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from functools import cached_property

from equity_audit.details import DETAILS, Detail
from equity_audit.errors import Problem
from equity_audit.intake.counted_applicants import read_count
from equity_audit.intake.dates import ISO, date_format
from equity_audit.intake.identifiers import kind_by_values
from equity_audit.intake.mapping import Source
from equity_audit.intake.proposal.versions import classification_of
from equity_audit.intake.proposal.words import outcome_of, stages_named
from equity_audit.vocabulary import UNKNOWN, fold, fold_name, is_total, match_ethnicity

# The words that Cells.flag in steps.py reads.
FLAG_WORDS = frozenset({"yes", "y", "true", "t", "1", "x", "no", "n", "false", "f", "0"})
# The words of a mapping for an empty cell, by default.
BLANKS = frozenset({"", *Source.model_fields["blanks"].default})
# Identifiers are searched for in as many rows as when the file is loaded, so that both find the same.
_IDENTIFIER_ROWS = 1000
_DAYS = 200
# A column with more distinct values does not hold labels.
_LABELS = 200
_NUMBER = re.compile(r"\d{5}(\.\d+)?")
_ISO_MOMENT = re.compile(r"\d{4}-\d\d-\d\d([T ].*)?")


@dataclass(frozen=True)
class Column:
    """One column of the sample: its name and its values as text, including blanks. Shares are of the filled values."""

    name: str
    values: list[str]
    serial_dates: bool = False

    @cached_property
    def words(self) -> str:
        """The name in lower case, without punctuation and with joined words separated."""
        return fold_name(self.name)

    @cached_property
    def filled(self) -> list[str]:
        """The values that are not blank."""
        return [text for value in self.values if (text := value.strip()) not in BLANKS]

    @cached_property
    def counts(self) -> Counter[str]:
        """How often each filled value occurs."""
        return Counter(self.filled)

    @cached_property
    def unique(self) -> float:
        """Distinct values as a share of the filled values."""
        return len(self.counts) / len(self.filled) if self.filled else 0.0

    @cached_property
    def identifier(self) -> str | None:
        """The kind of identifier in the values, or None."""
        return kind_by_values(self.values[:_IDENTIFIER_ROWS]) or kind_by_values(self.values)

    @cached_property
    def dates(self) -> float:
        """Share of values that are dates, in any format."""
        days = list(self.counts)[:_DAYS]
        form = date_format(days, self.name)
        if isinstance(form, Problem):
            return 1.0
        return sum(_is_date(day, form) for day in days) / len(days) if days else 0.0

    @cached_property
    def stage_dates(self) -> float:
        """Share of dates, including a workbook's dates stored as numbers, which only the name can identify as dates."""
        if not self.serial_dates:
            return self.dates
        return max(self.dates, self.share(lambda day: _NUMBER.fullmatch(day) and 20_000 <= float(day) <= 80_000))

    def share(self, fits: Callable[[str], object]) -> float:
        """Return the share of the filled values that fit."""
        return sum(times for value, times in self.counts.items() if fits(value)) / (len(self.filled) or 1)

    @cached_property
    def flags(self) -> float:
        """Share of yes and no."""
        return self.share(lambda value: value.lower() in FLAG_WORDS)

    @cached_property
    def numbers(self) -> float:
        """Share of whole numbers, as counts are written; 0 if all can be read as yes or no."""
        return self.share(lambda value: read_count(value) is not None) if self.flags < 1 else 0.0

    @cached_property
    def counted(self) -> float:
        """Share of whole numbers, even if all are 0 or 1."""
        return self.share(lambda value: read_count(value) is not None)

    @cached_property
    def ethnicities(self) -> float:
        """Share of values known to the best-fitting classification; 0 if it knows only words for unknown."""
        labels = Counter({label: rows for label, rows in self.counts.items() if not is_total(label)})
        if len(labels) > _LABELS:
            return 0.0
        name, *_ = classification_of(labels)
        matched = {label: match_ethnicity(label, name) for label in labels}
        if not any(ethnicity and ethnicity.group != UNKNOWN for ethnicity in matched.values()):
            return 0.0
        return sum(rows for label, rows in labels.items() if matched[label]) / labels.total()


@dataclass(frozen=True)
class Choice:
    """The column chosen for a role, how certain that is, why, and the other columns that could be meant."""

    column: str
    confidence: str
    reason: str
    others: tuple[str, ...] = ()


@dataclass(frozen=True)
class Role:
    """A key of a mapping: usual names of its column, possible names, and the share of values that fit.

    least: the share of values that must fit even if the column has a usual name.
    """

    names: str
    hints: str
    share: Callable[[Column], float]
    meaning: str
    least: float = 0.5


def _ids(column: Column) -> float:
    return 0.0 if column.dates >= 0.5 else len(column.filled) / (len(column.values) or 1)


def _detail(column: Column) -> float:
    repeated = len(column.counts) <= 50 or column.unique < 0.5
    return float(bool(column.filled) and repeated and not column.identifier and max(column.dates, column.flags) < 0.5)


ETHNICITIES = "ethnic categories"
_WORDS = "words that repeat"
_ID = r"(ids?|ref|reference|number|num|no|nr|code|key|identifier|uuid|guid)"
# Dates of the post are not those of the application.
_OF_POST = (
    r"\b(job|vacancy|requisition|req|posting|post|position|advert|opening|offer|updated|closed|stage|step|status)\b"
)
# Details whose values must have certain words, not just any words that repeat.
_WORDS_OF = {
    "applicant_source": (
        "internal, external or international",
        frozenset({"internal", "external", "international", "overseas"}),
    ),
}


def _values_of(detail: Detail) -> tuple[Callable[[Column], float], str]:
    """Return a measure of how well a column's values fit a detail, and words for the values expected."""
    if detail.type == "boolean":
        return lambda column: column.flags, "yes or no"
    if detail.name not in _WORDS_OF:
        return _detail, _WORDS
    expected, usual = _WORDS_OF[detail.name]
    return (
        lambda column: column.share(lambda value: not usual.isdisjoint(fold(value).split())) * _detail(column),
        expected,
    )


ROLES = {
    "application_id": Role(
        rf"\b(application|app|submission|submittal|opportunity|candidacy) (system )?{_ID}\b",
        rf"^{_ID}$|^(application|submission)$|\b(record|row) {_ID}\b",
        _ids,
        "ids",
    ),
    "vacancy_id": Role(
        r"\b(vacancy|job|job opening|opening|requisition|req|post|position|posting|advert|campaign|role|competition) "
        rf"(req |requisition )?(system )?({_ID}|short ?code)\b",
        r"^(vacancy|vac|requisition|req|(job )?(req|requisition|opening)|job|post|position|posting|role|campaign)$"
        r"|\b(job|vacancy|post|position|requisition|posting|role) (title|name|requisition)\b|^offer id$",
        _ids,
        "ids",
    ),
    "candidate_id": Role(
        rf"\b(applicant|candidate|person|profile) (system )?{_ID}\b", r"^(applicant|candidate)$", _ids, "ids"
    ),
    "ethnicity": Role(
        r"\b(ethnic(ity)?|race)\b",
        r"\b(origin|heritage|diversity|eth)\b|^group$",
        lambda c: c.ethnicities,
        ETHNICITIES,
        least=0.0,
    ),
    "stage": Role(
        r"^(.* )?(stage|step|phase|milestone)( name| label| reached)?$",
        r"\b(event|milestone)\b",
        lambda c: c.share(lambda value: len(stages_named(value)) == 1 or outcome_of(value)),
        "names of one stage or outcome",
    ),
    "outcome": Role(
        r"\b(outcome|result|disposition|decision|status)\b",
        r"\b(state|reason|out)\b",
        lambda c: c.share(lambda value: outcome_of(value) or stages_named(value)) if c.flags < 1 else 0.0,
        "words for an outcome or a stage",
        least=0.3,
    ),
    "applied_on": Role(
        rf"^(?!.*{_OF_POST}).*\b(submitted|submission|received)\b",
        rf"^(?!.*{_OF_POST}).*\b(created|registered|entered)\b|^(date|day|timestamp)$",
        lambda c: c.stage_dates,
        "dates",
        least=0.8,
    ),
    "reached_on": Role(
        r"\b(reached|entered|moved|changed|(stage|step|event|status) (start(ed)? )?(date|day|on|at))\b",
        r"^(date|day|on|at|when|timestamp)$",
        lambda c: c.stage_dates,
        "dates",
    ),
    **{detail.name: Role(detail.usual_names, detail.possible_names, *_values_of(detail)) for detail in DETAILS},
}


def earliest_dates(columns: Iterable[Column]) -> Column | None:
    """Return the column whose date is never blank and in no row after that of another; None if not exactly one is.

    Dates of the post, and what no other dates can confirm, do not count.
    """
    dated = [column for column in columns if column.dates == 1 and not re.search(_OF_POST, column.words)]
    forms = {date_format(column.filled, column.name) for column in dated if column.filled}
    form = forms.pop() if len(forms) == 1 else None
    if len(dated) < 2 or not isinstance(form, str):
        return None
    days = {column.name: [_day(value, form) for value in column.values] for column in dated}
    rows = list(zip(*days.values(), strict=True))
    first = [
        column
        for column in dated
        if all(days[column.name])
        and all(day <= min(filter(None, row)) for day, row in zip(days[column.name], rows, strict=True) if day)
    ]
    return first[0] if len(first) == 1 else None


def looks_headerless(sample: dict[str, list[str]]) -> bool:
    """Return whether the names look like a first row of records: dates, ethnicities, values of their own columns."""

    def is_value(name: str, values: list[str]) -> bool:
        return bool(
            Column(name, [name]).dates
            or (fold(name) and classification_of([name])[1] and len(name) > 2)
            or kind_by_values([name, name])
            or (name and name in values)
        )

    return sum(is_value(name, values) for name, values in sample.items()) >= 2


def nearest_role(name: str, roles: Mapping[str, Role] = ROLES) -> str | None:
    """Return the key of a mapping whose name is most like a column's, for advice only."""
    if "stage" in roles and len(named := stages_named(name)) == 1:
        return "applied_on" if named[0] == "applied" else f"stage_dates.{named[0]} or stage_flags.{named[0]}"
    keys = {fold_name(key): key for key in roles}
    matches = get_close_matches(fold_name(name), keys, n=1, cutoff=0.6)
    return keys[matches[0]] if matches else None


def _day(value: str, form: str) -> datetime | None:
    """Return the moment of a date with its time, without its zone; None if it is blank or cannot be read."""
    try:
        day = datetime.fromisoformat(value.strip()) if form == ISO else datetime.strptime(value.strip(), form)  # noqa: DTZ007
    except ValueError:
        return None
    return day.replace(tzinfo=None)


def _is_date(value: str, form: str) -> bool:
    try:
        if form == ISO:
            return bool(_ISO_MOMENT.fullmatch(value)) and bool(datetime.fromisoformat(value))
        datetime.strptime(value, form)  # noqa: DTZ007  a date has no zone
    except ValueError:
        return False
    return True
