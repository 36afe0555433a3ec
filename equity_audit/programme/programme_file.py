"""The programme file: when a programme began and ended, its milestones, and the units without it.

It is TOML: data about a programme, not policy. Problems are collected and named by key and line.
"""

import re
from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from equity_audit.errors import Problem, UsageError
from equity_audit.intake.identifiers import KINDS
from equity_audit.intake.personal_values import personal_kind
from equity_audit.periods import months_after
from equity_audit.toml_text import line_of, read_toml

MilestoneKind = Literal["commitment", "champions", "listening", "workshops", "training", "policy", "other"]
# A date if it is known, otherwise only the year.
DayOrYear = date | int


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _names_nobody(text: str) -> str:
    """Refuse text that points to a person, since names and labels are published as they are."""
    if kind := personal_kind(text):
        raise ValueError(f"may hold {KINDS[kind]}, which would be published")
    return text


PublicText = Annotated[str, Field(min_length=1), AfterValidator(_names_nobody)]


class Milestone(_Part):
    """An event for the charts: on a date or in a year, or from one to another (`until`)."""

    when: DayOrYear
    until: DayOrYear | None = None
    label: PublicText
    kind: MilestoneKind

    @field_validator("when", "until")
    @classmethod
    def _a_year(cls, value: DayOrYear | None) -> DayOrYear | None:
        if isinstance(value, int) and not 1900 <= value <= 2100:
            raise ValueError("must be a date such as 2020-06-01, or a year such as 2020")
        return value

    @model_validator(mode="after")
    def _in_order(self) -> "Milestone":
        if self.until is not None and _last(self.until) < _first(self.when):
            raise ValueError("until is before when")
        return self

    @property
    def first_day(self) -> date:
        """The date, or the first day of the year: its position on a chart."""
        return _first(self.when)


class Programme(_Part):
    """A programme: when it ran, how many months it took to settle in, and the units without it.

    start: the first day of a month, since effects are calculated by month or quarter. end: its last day; None if it is
    still running. Effects are judged from `lead_in_months` after the start, during the programme and after it.
    comparator_units: departments or organisations without the programme, as the records name them. next_review: when
    the effect is to be reviewed again. organisation: its name; None if there is only one.
    """

    name: PublicText
    organisation: str | None = None
    start: date
    end: date | None = None
    lead_in_months: int = Field(ge=0, le=60)
    comparator_units: tuple[str, ...] = ()
    next_review: date | None = None

    @field_validator("start")
    @classmethod
    def _first_of_month(cls, value: date) -> date:
        if value.day != 1:
            raise ValueError("must be the first day of a month, since effects are calculated from whole months")
        return value

    @field_validator("comparator_units")
    @classmethod
    def _named_once(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(value)) != len(value) or not all(value):
            raise ValueError("must name each unit once")
        return value

    @model_validator(mode="after")
    def _in_order(self) -> "Programme":
        if self.end is not None and self.end <= self.start:
            raise ValueError("end must be after start")
        return self

    @property
    def settled(self) -> date:
        """The first day after the lead-in."""
        return months_after(self.start, self.lead_in_months)


class ProgrammeFile(_Part):
    """A complete programme file: [programme] and any number of [[milestones]], sorted by date."""

    programme: Programme
    milestones: tuple[Milestone, ...] = ()

    @field_validator("milestones")
    @classmethod
    def _sorted(cls, value: tuple[Milestone, ...]) -> tuple[Milestone, ...]:
        return tuple(sorted(value, key=lambda milestone: milestone.first_day))


def parse_programme(text: str, file_name: str) -> ProgrammeFile:
    """Read a programme file from TOML text. Raises UsageError that names every wrong key, with its line."""
    values = read_toml(text, file_name)
    try:
        return ProgrammeFile.model_validate(values)
    except ValidationError as error:
        faults = {tuple(str(part) for part in _key(fault["loc"])): fault["msg"] for fault in error.errors()}
        raise UsageError(*(_problem(text, file_name, key, message) for key, message in faults.items())) from None


def _key(loc: tuple[int | str, ...]) -> tuple[int | str, ...]:
    """Return the key of a fault, without the type that the validator tried last."""
    return loc[:3] if loc[:1] == ("milestones",) else loc[:2]


def _problem(text: str, file_name: str, key: tuple[str, ...], message: str) -> Problem:
    line = _line_of_milestone(text, key) if key[:1] == ("milestones",) and len(key) > 1 else line_of(text, key)
    where = f"{file_name}, line {line}" if line else file_name
    what = message.removeprefix("Value error, ")
    if key[2:] in (("when",), ("until",)):
        what = "must be a date such as 2020-06-01, or a year such as 2020"
    advice = "see data/programmes/README.md for the keys of a programme file"
    return Problem(what, f"{where}, key {'.'.join(key) or '(whole file)'}", advice)


def _line_of_milestone(text: str, key: tuple[str, ...]) -> int | None:
    """Return the line of a key of a milestone, numbered from 0: TOML repeats the heading for each one."""
    lines = text.splitlines()
    starts = [
        number for number, line in enumerate(lines) if re.fullmatch(r"\s*\[\[\s*milestones\s*\]\]\s*(#.*)?", line)
    ]
    if int(key[1]) >= len(starts):
        return line_of(text, key[:1])
    begin = starts[int(key[1])]
    end = next(
        (number for number in range(begin + 1, len(lines)) if lines[number].lstrip().startswith("[")), len(lines)
    )
    within = line_of("\n".join(lines[begin + 1 : end]), key[2:])
    return begin + 1 + (within or 0)


def _first(value: DayOrYear) -> date:
    return date(value, 1, 1) if isinstance(value, int) else value


def _last(value: DayOrYear) -> date:
    return date(value, 12, 31) if isinstance(value, int) else value
