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
from equity_audit.intake.mapping_checks import BESIDE_RECRUITMENT, NOT_READ, mapping_faults
from equity_audit.intake.own_groups import is_own_list
from equity_audit.vocabulary import CLASSIFICATIONS, DEFAULT_STAGES, OWN, Answer, family, know

__all__ = ["NOT_READ", "Columns", "Constants", "Mapping", "Privacy", "Source", "Status"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Source(_Part):
    """The export: its name, employer, shape, classification, stages in order, and format.

    Date format, delimiter and encoding are detected from the file unless given here. `blanks` are words for an empty
    field. `time_zone`: times that have a time zone count by their date in this one. `details_if_present`: details, and
    ids of people, are read only if the file has their columns.

    Of tables of counts: `orientation`, `sum_over` (columns whose values are added together) and `add_same_labels`
    (labels with the same meaning are added together even if no total confirms it). Of records: `yes` and `no`, the
    source's own words in flags; `without_outcome`, the outcome of everybody who did not reach the last stage, if no
    column has outcomes; `number_rows`, if no column has ids.
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
    details_if_present: bool = False
    orientation: Literal["groups down", "groups across"] = "groups down"
    sum_over: tuple[str, ...] = ()
    add_same_labels: bool = False
    yes: tuple[str, ...] = ()
    no: tuple[str, ...] = ()
    without_outcome: str | None = None
    number_rows: bool = False
    blanks: tuple[str, ...] = ("-", "N/A", "n/a", "NULL", "null")

    @field_validator("ethnicity_classification")
    @classmethod
    def _known(cls, value: str) -> str:
        if value not in CLASSIFICATIONS and not is_own_list(value):
            raise ValueError(f"must be one of {', '.join(CLASSIFICATIONS)}, or {OWN} with [own_groups]")
        know([value])
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
    races, or of ticks under the name of a race, if a form accepts several. more_outcomes: further columns that say
    together with `outcome` what happened, such as the current stage or the reason. more_ids: further columns that
    together with `application_id` identify an application, such as the vacancy beside the person. number and
    period: of a table of counts.
    """

    ethnicity: str = ""
    hispanic: str | None = None
    more_races: tuple[str, ...] = ()
    application_id: str = ""
    more_ids: tuple[str, ...] = ()
    vacancy_id: str = ""
    outcome: str = ""
    more_outcomes: tuple[str, ...] = ()
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
    number: str | None = None
    period: str | None = None
    snapshot: str | None = None
    headcount: str | None = None
    leavers: str | None = None
    joiners: str | None = None
    board_member: str | None = None
    executive_member: str | None = None
    wave: str | None = None
    item: str | None = None
    answered: str | None = None
    agreed: str | None = None


class Status(_Part):
    """What a current status means: the furthest stage that it proves was reached, and the outcome there."""

    reached: str
    outcome: str


class Constants(_Part):
    """What is the same for every row and therefore has no column: the only vacancy, or the day on which all applied."""

    vacancy_id: str | None = Field(default=None, min_length=1)
    applied_on: date | None = None


class Privacy(_Part):
    """Columns that identify people and are dropped unread. Otherwise the file is refused."""

    drop: tuple[str, ...] = ()


class Mapping(_Part):
    """A complete mapping. Each shape has its own part for stages.

    wide: `stage_dates`, a column of dates for each stage. flags: `stage_flags`, a yes or no column for each stage after
    the first. status: `statuses`, the path that each status proves. long: `columns.stage`, a row for each stage.
    counts: `stage_counts`, a column of numbers for each stage, already counted by the source; or `columns.stage`, if
    stages run down. `outcome_columns`: of wide, flags and status, a column for each outcome that is marked by a date or
    a yes, as "Rejected On"; who is marked twice has the outcome that was not the employer's decision. `only`: the value
    that rows must have in a column to be counted, as "Number" beside "Percentage".
    workforce, survey: no stages; rows of staff headcounts, or of numbers of answers.
    """

    source: Source
    columns: Columns
    stage_dates: dict[str, str] = {}
    stage_flags: dict[str, str] = {}
    stage_counts: dict[str, str] = {}
    statuses: dict[str, Status] = {}
    outcome_columns: dict[str, str] = {}
    stage_labels: dict[str, str] = {}
    ethnicity_labels: dict[str, str] = {}
    hispanic_answers: dict[str, Answer] = {}
    outcomes: dict[str, str] = {}
    constants: Constants = Constants()
    only: dict[str, str] = {}
    privacy: Privacy = Privacy()

    @model_validator(mode="after")
    def _consistent(self) -> "Mapping":
        if faults := mapping_faults(self):
            raise ValueError("; ".join(faults))
        return self

    def assumptions(self) -> list[str]:
        """Return what the mapping says of all rows, for people who check the result."""
        source, constants = self.source, self.constants
        said = []
        if source.sum_over:
            said.append(f"rows of a group that differ only in {', '.join(source.sum_over)} are added together")
        said += [f"only rows with {value} in column {column} are counted" for column, value in self.only.items()]
        if source.number_rows:
            said.append("no column has ids, so rows are numbered: an application that is in two rows cannot be found")
        if constants.vacancy_id:
            said.append(f"all rows count as applications to one vacancy: {constants.vacancy_id}")
        if constants.applied_on:
            said.append(f"all rows count as applications made on {constants.applied_on}")
        if source.without_outcome:
            unless = ", unless a row says otherwise," if {*self.stage_labels.values()} - {*source.stages} else ""
            if self.outcome_columns:
                unless = f", unless {' or '.join(self.outcome_columns.values())} says otherwise,"
            said.append(
                f"no column has {'all ' if self.outcome_columns else ''}outcomes: everybody who did not reach "
                f"{source.stages[-1]} counts{unless} as {source.without_outcome} at the last stage reached"
            )
        return said

    @property
    def time_zone(self) -> str | None:
        """The time zone of dates: as given, or Europe/London for UK classifications; None if it must be given."""
        assumed = "Europe/London" if family(self.source.ethnicity_classification) == "uk" else None
        return self.source.time_zone or assumed

    def stage_date_columns(self) -> list[str | None]:
        """Return the date column of each stage, in order; None for a stage without one."""
        if self.source.shape == "wide":
            return [self.stage_dates.get(stage) for stage in self.source.stages]
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

    def present(self, columns: Collection[str]) -> "Mapping":
        """Return the mapping without details that a file with these columns lacks, if it says that they may lack."""
        if not self.source.details_if_present:
            return self
        named = self.columns.model_dump(include={*DETAIL_NAMES, "candidate_id"}, exclude_none=True)
        lacking = {key: None for key, column in named.items() if column not in columns}
        return self.model_copy(update={"columns": self.columns.model_copy(update=lacking)})

    def needed_columns(self) -> dict[str, str]:
        """Return each column of the export that is read, with the key of the mapping that names it."""
        columns = self.columns.model_dump(exclude_none=True)
        lists = {key: columns.pop(key) for key in ("more_races", "more_outcomes", "more_ids")}
        named = {f"columns.{key}": column for key, column in columns.items() if column}
        for key, listed in lists.items():
            named |= {f"columns.{key}.{index}": column for index, column in enumerate(listed)}
        named |= {f"source.sum_over.{index}": column for index, column in enumerate(self.source.sum_over)}
        named |= {f"only.{column}": column for column in self.only}
        named |= {f"outcome_columns.{outcome}": column for outcome, column in self.outcome_columns.items()}
        named |= {f"stage_dates.{stage}": column for stage, column in self.stage_dates.items()}
        named |= {f"stage_flags.{stage}": column for stage, column in self.stage_flags.items()}
        named |= {f"stage_counts.{stage}": column for stage, column in self.stage_counts.items()}
        return {column: key for key, column in reversed(named.items())}
