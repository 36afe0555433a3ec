"""What a source mapping says: how the columns and labels of one export become this project's vocabulary.

A mapping is data about a source, not policy. mapping_file.py reads one and mapping_checks.py checks it; the values of
the export itself never appear here.
"""

from collections.abc import Collection
from datetime import date
from typing import Literal
from zoneinfo import available_timezones

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from equity_audit.details import DETAIL_NAMES
from equity_audit.intake.mapping_checks import BESIDE_RECRUITMENT, mapping_faults
from equity_audit.vocabulary import CLASSIFICATIONS, DEFAULT_STAGES, Answer, family


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Source(_Part):
    """The export: its name, employer, shape, classification, stages in order, and format.

    Date format, delimiter and encoding are detected from the file unless given here. `blanks` are words for an empty
    field. `time_zone`: times that have a time zone count by their date in this one.
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
                "cannot use names of time zones (%Z), which are ambiguous: only offsets such as +01:00 (%z)"
            )
        return value

    @field_validator("time_zone")
    @classmethod
    def _a_zone(cls, value: str | None) -> str | None:
        if value is not None and value not in available_timezones():
            raise ValueError('must be the name of a time zone in the IANA database, such as "Europe/London"')
        return value

    @field_validator("stages")
    @classmethod
    def _two_or_more(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if len(value) < 2 or len(set(value)) != len(value) or not all(value):
            raise ValueError("must name at least two different stages, in order")
        return value


class Columns(_Part):
    """The column of the export for each key. Columns that are not named here are never read.

    hispanic: the answers to "Hispanic or Latino?", which US forms ask as well as race. more_races: further columns of
    races, or of ticks under the name of a race, if a form accepts several.
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
    """What a current status means: the furthest stage that it proves was reached, and the outcome there."""

    reached: str
    outcome: str


class Privacy(_Part):
    """Columns that identify people and are dropped unread. Otherwise the file is refused."""

    drop: tuple[str, ...] = ()


class Mapping(_Part):
    """A complete mapping. Each shape has its own part for stages.

    wide: `stage_dates`, a column of dates for each stage. flags: `stage_flags`, a yes or no column for each stage after
    the first. status: `statuses`, the path that each status proves. long: `columns.stage`, a row for each stage.
    counts: `stage_counts`, a column of numbers for each stage, already counted by the source.
    workforce, survey: no stages; rows of staff headcounts, or of numbers of answers.
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
        if faults := mapping_faults(self):
            raise ValueError("; ".join(faults))
        return self

    @property
    def time_zone(self) -> str | None:
        """The time zone of dates: as given, or Europe/London for UK classifications; None if it must be given."""
        assumed = "Europe/London" if family(self.source.ethnicity_classification) == "uk" else None
        return self.source.time_zone or assumed

    def stage_date_columns(self) -> list[str | None]:
        """Return the date column of each stage, in order; None for a stage without one."""
        if self.source.shape == "wide":
            return list(self.stage_dates.values())
        return [self.columns.applied_on, *(None for _ in self.source.stages[1:])]

    def date_columns(self) -> list[str]:
        """Return every column of dates."""
        if self.source.shape in BESIDE_RECRUITMENT:
            return [column for column in (self.columns.snapshot, self.columns.wave) if column]
        columns = [*self.stage_date_columns(), self.columns.reached_on]
        return [column for column in columns if column]

    def kept(self, details: Collection[str]) -> "Mapping":
        """Return the mapping as policy allows it to be read, without details that are not among `details`.

        The column of such a detail need not exist. If it does, it is dropped unread, unless the mapping also reads it
        for another key.
        """
        named = self.columns.model_dump(include=set(DETAIL_NAMES) - set(details), exclude_none=True)
        columns = self.columns.model_copy(update=dict.fromkeys(named))
        read = self.model_copy(update={"columns": columns})
        unread = [column for column in named.values() if column not in read.needed_columns()]
        return read.model_copy(update={"privacy": Privacy(drop=(*self.privacy.drop, *unread))})

    def needed_columns(self) -> dict[str, str]:
        """Return each column of the export that is read, with the key of the mapping that names it."""
        columns = self.columns.model_dump(exclude_none=True)
        more_races = columns.pop("more_races")
        named = {f"columns.{key}": column for key, column in columns.items() if column}
        named |= {f"columns.more_races.{index}": column for index, column in enumerate(more_races)}
        named |= {f"stage_dates.{stage}": column for stage, column in self.stage_dates.items()}
        named |= {f"stage_flags.{stage}": column for stage, column in self.stage_flags.items()}
        named |= {f"stage_counts.{stage}": column for stage, column in self.stage_counts.items()}
        return {column: key for key, column in reversed(named.items())}
