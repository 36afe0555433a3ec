"""Source mappings: a TOML file that says how one export's columns and labels become this project's words.

A mapping is data about a source, not policy. Faults are collected and named by key; the values of the export itself
never appear here.
"""

import hashlib
import re
from collections.abc import Collection, Iterator
from datetime import date
from typing import Literal
from zoneinfo import available_timezones

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from equity_audit.details import DETAIL_NAMES
from equity_audit.errors import Problem, UsageError
from equity_audit.toml_text import line_of, parts_of, read_toml
from equity_audit.vocabulary import CLASSIFICATIONS, DEFAULT_STAGES, OUTCOMES, Answer, family

# Numbers of people who apply for nothing: staff, and their answers to a survey. They have no stages.
BESIDE_RECRUITMENT = ("workforce", "survey")


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Source(_Part):
    """What the export is: its name, employer, shape, classification, stages in order, and how it is written.

    Date format, delimiter and encoding are seen from the file unless given here. `blanks` stand for an empty field.
    `time_zone`: where the day is looked up of moments that are given with a zone of their own.
    """

    name: str = Field(min_length=1)
    organisation: str | None = Field(default=None, min_length=1)
    shape: Literal["wide", "flags", "status", "long", "counts", "workforce", "survey"]
    ethnicity_classification: str
    stages: tuple[str, ...] = DEFAULT_STAGES
    period: date | None = None
    date_format: str | None = None
    time_zone: str | None = None
    sheet: str | None = None
    delimiter: str | None = Field(default=None, min_length=1, max_length=1)
    encoding: Literal["utf-8", "utf-16", "cp1252"] | None = None
    blanks: tuple[str, ...] = ("-", "N/A", "n/a", "NULL", "null")

    @field_validator("ethnicity_classification")
    @classmethod
    def _known(cls, value: str) -> str:
        if value not in CLASSIFICATIONS:
            raise ValueError(f"must be one of {', '.join(CLASSIFICATIONS)}")
        return value

    @field_validator("date_format")
    @classmethod
    def _no_named_zones(cls, value: str | None) -> str | None:
        if value and "%Z" in value:
            raise ValueError(
                "cannot read names of time zones (%Z), which mean several: only differences such as +01:00 (%z)"
            )
        return value

    @field_validator("time_zone")
    @classmethod
    def _a_zone(cls, value: str | None) -> str | None:
        if value is not None and value not in available_timezones():
            raise ValueError('must be a time zone by its name in the IANA database, such as "Europe/London"')
        return value

    @field_validator("stages")
    @classmethod
    def _two_or_more(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if len(value) < 2 or len(set(value)) != len(value) or not all(value):
            raise ValueError("must name at least two different stages, in order")
        return value


class Columns(_Part):
    """Which column of the export holds what. Columns not named here are never read.

    hispanic: the answers to "Hispanic or Latino?", which US forms ask beside race. more_races: where a form takes
    several, further columns of races, or ticks under a race's name.
    """

    ethnicity: str
    hispanic: str | None = None
    more_races: tuple[str, ...] = ()
    application_id: str = ""
    vacancy_id: str = ""
    outcome: str = ""
    pay_band: str | None = None
    staff_group: str | None = None
    department: str | None = None
    clinical: str | None = None
    applicant_source: str | None = None
    sex: str | None = None
    disability: str | None = None
    ring_fenced: str | None = None
    candidate_id: str | None = None
    applied_on: str | None = None
    stage: str | None = None
    reached_on: str | None = None
    snapshot: str | None = None
    headcount: str | None = None
    leavers: str | None = None
    joiners: str | None = None
    board_member: str | None = None
    wave: str | None = None
    item: str | None = None
    answered: str | None = None
    agreed: str | None = None


class Status(_Part):
    """What one "current status" means: the furthest stage that it proves was reached, and what happened there."""

    reached: str
    outcome: str


class Privacy(_Part):
    """Columns that identify people and are dropped unread; without this they refuse the file."""

    drop: tuple[str, ...] = ()


class Mapping(_Part):
    """A whole mapping. Each shape has its own part for stages.

    wide: `stage_dates`, a date column per stage. flags: `stage_flags`, a yes or no column per stage after the first.
    status: `statuses`, the path that each status proves. long: `columns.stage`, a row per stage.
    counts: `stage_counts`, a column of numbers per stage, for people whom the source has counted already.
    workforce, survey: no stages; a row of numbers of staff, or of their answers (numbers.py).
    """

    source: Source
    columns: Columns
    stage_dates: dict[str, str] = {}
    stage_flags: dict[str, str] = {}
    stage_counts: dict[str, str] = {}
    statuses: dict[str, Status] = {}
    stage_labels: dict[str, str] = {}
    ethnicity_labels: dict[str, str] = {}
    hispanic_answers: dict[str, Answer] = {}
    outcomes: dict[str, str] = {}
    privacy: Privacy = Privacy()

    @model_validator(mode="after")
    def _consistent(self) -> "Mapping":
        faults = self._shape_faults()
        wrong = sorted(set(self.outcomes.values()) - set(OUTCOMES))
        if wrong:
            faults.append(f"[outcomes] leads to {', '.join(wrong)}, which is none of {', '.join(OUTCOMES)}")
        wrong = sorted(set(self.stage_labels.values()) - set(self.source.stages))
        if wrong:
            faults.append(f"[stage_labels] leads to {', '.join(wrong)}, which is none of the source's stages")
        faults += self._question_faults()
        used = sorted(set(self.privacy.drop) & set(self.needed_columns()))
        if used:
            faults.append(f"[privacy] drops {', '.join(used)}, which the mapping also reads")
        if faults:
            raise ValueError("; ".join(faults))
        return self

    def _shape_faults(self) -> list[str]:
        """What the shape of the source needs and the mapping lacks."""
        shape, stages, columns = self.source.shape, self.source.stages, self.columns
        if shape == "counts":
            return self._counts_faults()
        if shape in BESIDE_RECRUITMENT:
            return list(numbers_faults(self))
        faults = [
            f"columns.{key} must name a column"
            for key in ("application_id", "vacancy_id", "outcome")
            if not getattr(columns, key)
        ]
        if shape == "wide" and tuple(self.stage_dates) != stages:
            faults.append("a wide source needs [stage_dates] with one column for each stage, in order")
        if shape == "long" and (columns.stage is None or columns.reached_on is None):
            faults.append("a long source needs columns.stage and columns.reached_on")
        if shape in ("flags", "status") and columns.applied_on is None:
            faults.append(f"a source of shape {shape} needs columns.applied_on")
        if shape == "flags" and tuple(self.stage_flags) != stages[1:]:
            faults.append(
                "a source of flags needs [stage_flags] with one column for each stage after the first, in order"
            )
        if shape == "status":
            faults += self._status_faults()
        elif not self.outcomes:
            faults.append("[outcomes] must say what each outcome label means")
        return faults

    def _question_faults(self) -> list[str]:
        """What is wrong with columns of several answers to one question."""
        named = [key for key in ("hispanic", "more_races") if getattr(self.columns, key)]
        faults = []
        if named and family(self.source.ethnicity_classification) != "us":
            faults.append(f'columns.{named[0]} goes with source.ethnicity_classification = "us_eeo1" alone')
        if self.hispanic_answers and not self.columns.hispanic:
            faults.append("[hispanic_answers] needs columns.hispanic, the column that they are in")
        return faults

    def _counts_faults(self) -> list[str]:
        faults = []
        if tuple(self.stage_counts) != self.source.stages:
            faults.append("a source of counts needs [stage_counts] with one column for each stage, in order")
        if self.source.period is None:
            faults.append("a source of counts needs source.period, the first day of the period that it counted")
        others = [key for key, column in self.columns.model_dump(exclude_none=True).items() if column]
        if others != ["ethnicity"]:
            faults.append("a source of counts has no column but columns.ethnicity and those of [stage_counts]")
        return faults

    def _status_faults(self) -> list[str]:
        if not self.statuses:
            return [
                "a source that only has a current status needs [statuses] with the stage that each status proves was "
                "reached: where applications now are says nothing of the stages behind them, so counting it undercounts"
            ]
        last = self.source.stages[-1]
        wrong = [
            label
            for label, status in self.statuses.items()
            if status.reached not in self.source.stages
            or status.outcome not in OUTCOMES
            or (status.outcome == "progressed") != (status.reached == last)
        ]
        rule = (
            f"reached must be a stage of the source, outcome one of {', '.join(OUTCOMES)}, "
            f"and progressed goes with {last} and with nothing else"
        )
        return [f"[statuses] {', '.join(wrong)}: {rule}"] if wrong else []

    @property
    def time_zone(self) -> str | None:
        """Where days are looked up: as said, or Europe/London for UK classifications; None where it must be said."""
        assumed = "Europe/London" if family(self.source.ethnicity_classification) == "uk" else None
        return self.source.time_zone or assumed

    def stage_date_columns(self) -> list[str | None]:
        """For each stage in order the column of its date, None where the source has none."""
        if self.source.shape == "wide":
            return list(self.stage_dates.values())
        return [self.columns.applied_on, *(None for _ in self.source.stages[1:])]

    def date_columns(self) -> list[str]:
        """Every column that holds dates."""
        if self.source.shape in BESIDE_RECRUITMENT:
            return [day for day in (self.columns.snapshot, self.columns.wave) if day]
        columns = [*self.stage_date_columns(), self.columns.reached_on]
        return [column for column in columns if column]

    def kept(self, details: Collection[str]) -> "Mapping":
        """The mapping as policy lets it be read: a detail that is not among `details` is as if it were not mapped.

        Its column need not be there, and where it is, it is dropped unread, unless the mapping reads it as something
        else as well.
        """
        named = self.columns.model_dump(include=set(DETAIL_NAMES) - set(details), exclude_none=True)
        columns = self.columns.model_copy(update=dict.fromkeys(named))
        read = self.model_copy(update={"columns": columns})
        unread = [column for column in named.values() if column not in read.needed_columns()]
        return read.model_copy(update={"privacy": Privacy(drop=(*self.privacy.drop, *unread))})

    def needed_columns(self) -> dict[str, str]:
        """Each column of the export that is read, with the key of the mapping that names it."""
        columns = self.columns.model_dump(exclude_none=True)
        more = columns.pop("more_races")
        named = {f"columns.{key}": column for key, column in columns.items() if column}
        named |= {f"columns.more_races.{place}": column for place, column in enumerate(more)}
        named |= {f"stage_dates.{stage}": column for stage, column in self.stage_dates.items()}
        named |= {f"stage_flags.{stage}": column for stage, column in self.stage_flags.items()}
        named |= {f"stage_counts.{stage}": column for stage, column in self.stage_counts.items()}
        return {column: key for key, column in reversed(named.items())}


# What a mapping of numbers must name besides ethnicity, by shape.
NEEDED_OF_NUMBERS = {"workforce": ("headcount", "snapshot"), "survey": ("wave", "item", "answered", "agreed")}
_POSSIBLE = {
    "workforce": ("ethnicity", "pay_band", "staff_group", "leavers", "joiners", "board_member"),
    "survey": ("ethnicity",),
}


def numbers_faults(mapping: Mapping) -> Iterator[str]:
    """What a mapping of numbers of staff, or of their answers, lacks, or has too much."""
    shape = mapping.source.shape
    named = {key for key, column in mapping.columns.model_dump(exclude_none=True).items() if column}
    yield from (f"columns.{key} must name a column" for key in NEEDED_OF_NUMBERS[shape] if key not in named)
    if others := sorted(named.difference(NEEDED_OF_NUMBERS[shape], _POSSIBLE[shape])):
        yield f"columns.{others[0]}: a source of shape {shape} has no such column ({', '.join(others)})"
    parts = ("stage_dates", "stage_flags", "stage_counts", "statuses", "stage_labels", "outcomes")
    found = [part for part in parts if getattr(mapping, part)]
    yield from (f"[{part}] is of applications: a source of shape {shape} has none" for part in found)
    if family(mapping.source.ethnicity_classification) != "uk":
        yield "source.ethnicity_classification must be one of the UK: White and BME are what staff are compared by"


def parse_mapping(text: str, file_name: str) -> Mapping:
    """Read a mapping from TOML text. Raises UsageError that names every wrong key, with its line."""
    values = read_toml(text, file_name)
    try:
        return Mapping.model_validate(values)
    except ValidationError as error:
        problems = []
        for fault in error.errors():
            loc = tuple(str(part) for part in fault["loc"])
            for message in fault["msg"].removeprefix("Value error, ").split("; "):
                # What concerns several keys names the first of them in its own words.
                named = re.search(r"\[(\w+)\]|((?:columns|source)\.\w+)", message)
                key = loc or (parts_of(named[1] or named[2]) if named else ())
                line = line_of(text, key)
                place = f"{file_name}, line {line}" if line else file_name
                advice = "see docs/source-mappings.md for the keys of a mapping"
                problems.append(Problem(message, f"{place}, key {'.'.join(key) or '(whole file)'}", advice))
        raise UsageError(*problems) from None


def mapping_sha256(mapping: Mapping) -> str:
    """Hash of what a mapping says; comments and layout make no difference."""
    return hashlib.sha256(mapping.model_dump_json().encode()).hexdigest()
