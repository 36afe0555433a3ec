"""Policy, read from settings.toml: frozen, validated, and hashed so that an edition can identify it."""

import hashlib
import json
import tomllib
from collections.abc import Iterable
from copy import deepcopy
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationError, field_validator, model_validator

from equity_audit.details import BREAKDOWNS, DETAIL_NAMES, one_of
from equity_audit.errors import Problem, UsageError
from equity_audit.measure_policies import (
    ClusteringPolicy,
    Policy,
    ProgrammePolicy,
    TrendPolicy,
    VariationPolicy,
    WorkforcePolicy,
)
from equity_audit.vocabulary import display_order, national_reference

Comparator = Literal["reference", "everyone_else", "overall", "highest_rate"]
Detail = Annotated[str, AfterValidator(one_of(DETAIL_NAMES))]
Breakdown = Annotated[str, AfterValidator(one_of(BREAKDOWNS))]
Zeros = Literal["show", "suppress", "round"]
Stratum = Literal["vacancy", "pay_band", "staff_group", "department"]


class OrganisationPolicy(Policy):
    """The organisation of the records."""

    name: str = Field(min_length=1)


class PeriodPolicy(Policy):
    """How applications are grouped in time, by the date on which they were made."""

    unit: Literal["year", "quarter", "month"]
    year_starts: str = Field(pattern=r"^(0[1-9]|1[0-2])-01$", description="month and day; periods begin on the 1st")
    earliest: date

    @field_validator("earliest")
    @classmethod
    def _first_of_month(cls, value: date) -> date:
        if value.day != 1:
            raise ValueError("must be the first day of a month")
        return value


class ComparisonPolicy(Policy):
    """The comparators of each group, the steps compared, and the confidence level."""

    reference_wres: str
    reference_group: str
    reference_category: str
    spans: tuple[tuple[str, str], ...]
    comparators: tuple[Comparator, ...] = Field(min_length=1)
    highest_rate_min_share: float = Field(ge=0, lt=1)
    confidence: float = Field(gt=0.5, lt=1)
    power: float = Field(gt=0.5, lt=1)
    four_fifths: tuple[int, int]
    stated_least_selected: int = Field(ge=1)
    years_together: int = Field(ge=2, le=5)

    @model_validator(mode="after")
    def _references_exist(self) -> "ComparisonPolicy":
        for level in ("wres", "group", "category"):
            if self.reference(level) not in display_order(level):
                raise ValueError(f"reference_{level} is not a name at its level, see docs/glossary.md")
        return self

    def reference(self, level: str, groups: Iterable[str] = ()) -> str | None:
        """Return the reference group of a level; None for the level of all applicants together.

        groups: names at the level of groups. Those of a national classification have its reference (vocabulary).
        """
        if level == "group" and (national := national_reference(groups)):
            return national
        return {
            "wres": self.reference_wres,
            "group": self.reference_group,
            "category": self.reference_category,
        }.get(level)


class BreakdownPolicy(Policy):
    """How counts are further split, and the strata within which like is compared with like."""

    count_by: tuple[Breakdown, ...]
    stratify_by: tuple[Stratum, ...]

    @model_validator(mode="after")
    def _strata_are_counted(self) -> "BreakdownPolicy":
        missing = [name for name in self.stratify_by if name != "vacancy" and name not in self.count_by]
        if missing:
            raise ValueError(
                f"stratify_by has {', '.join(missing)}, which count_by does not have: there would be no counts to "
                "compare. Add it to count_by, or remove it from stratify_by"
            )
        return self


class DisclosurePolicy(Policy):
    """What may be published."""

    preset: str
    withhold_below: int = Field(ge=1)
    round_to: int = Field(ge=1)
    zeros: Zeros
    zeros_in_splits: Zeros
    rate_min_denominator: int = Field(ge=1)
    point_within: float = Field(gt=0, lt=1)
    point_share: float = Field(gt=0, le=1)
    protection_interval: int = Field(ge=2)
    inferred_interval: int = Field(ge=2)
    publish_splits: tuple[Breakdown, ...]
    split_levels: tuple[Literal["wres", "group", "category"], ...]
    quarter_levels: tuple[Literal["wres", "group"], ...]
    min_changed_applications: int = Field(ge=1)
    level_cost: dict[str, float]
    split_cost: float = Field(gt=0, le=1)
    small_cost: float = Field(gt=0, le=1)
    most_withheld: float = Field(gt=0, le=1)
    withheld_besides: dict[Literal["headline", "other"], Annotated[float, Field(ge=0, lt=1)]]

    @model_validator(mode="after")
    def _one_rule_for_zeros(self) -> "DisclosurePolicy":
        # A ratio compares a part with the whole, and one rule says what the marks of both leave possible.
        if self.zeros != self.zeros_in_splits:
            raise ValueError("zeros and zeros_in_splits must be the same: set both, or neither")
        return self

    @model_validator(mode="after")
    def _nobody_rounds_to_zero(self) -> "DisclosurePolicy":
        if "round" in (self.zeros, self.zeros_in_splits):
            if self.withhold_below != 1:
                raise ValueError('zeros = "round" needs withhold_below = 1, so that nothing is withheld as small')
        elif 2 * self.withhold_below < self.round_to:
            raise ValueError("withhold_below must be at least half of round_to, or people would be published as 0")
        return self

    @model_validator(mode="after")
    def _costs_complete(self) -> "DisclosurePolicy":
        if set(self.level_cost) != {"all", "wres", "group", "category"} or min(self.level_cost.values()) <= 0:
            raise ValueError("level_cost needs a cost above 0 for each of all, wres, group and category")
        if set(self.withheld_besides) != {"headline", "other"}:
            raise ValueError("withheld_besides needs a share for each of headline and other")
        return self

    def zeros_of(self, breakdown: str) -> Zeros:
        """Return how true zeros in a split are published; "all" means without a split."""
        return self.zeros if breakdown == "all" else self.zeros_in_splits


class IntakePolicy(Policy):
    """When a file is refused, and which details are kept."""

    max_rejected_share: float = Field(ge=0, le=1)
    max_labels_listed: int = Field(ge=1)
    max_shrink_share: float = Field(ge=0, le=1)
    warn_unknown_share: float = Field(ge=0, le=1)
    max_zip_ratio: int = Field(ge=1)
    max_zip_bytes: int = Field(ge=1)
    max_zip_members: int = Field(ge=1)
    details: tuple[Detail, ...]


class NewYorkCityPolicy(Policy):
    """Whether the table that New York City's rule asks for has a page of its own."""

    write_page: bool


class RetentionPolicy(Policy):
    """How long individual records are kept."""

    keep_years: int = Field(ge=0)


class Settings(Policy):
    """All policy of one audit."""

    organisation: OrganisationPolicy
    period: PeriodPolicy
    comparison: ComparisonPolicy
    clustering: ClusteringPolicy
    breakdowns: BreakdownPolicy
    disclosure: DisclosurePolicy
    intake: IntakePolicy
    trend: TrendPolicy
    programme: ProgrammePolicy
    workforce: WorkforcePolicy
    variation: VariationPolicy
    new_york_city: NewYorkCityPolicy
    retention: RetentionPolicy

    def sha256(self) -> str:
        """Return the hash of the effective values, whatever file they came from."""
        return hashlib.sha256(json.dumps(self.model_dump(mode="json"), sort_keys=True).encode()).hexdigest()

    def of_organisation(self, name: str) -> "Settings":
        """Return the same policy under the name of an organisation, as its editions publish it."""
        return self.model_copy(update={"organisation": OrganisationPolicy(name=name)})


def load_settings(override: Path | None = None) -> Settings:
    """Read the settings of the package, with single values replaced from `override` if that file exists.

    Raises UsageError with every wrong key.
    """
    values = _shipped("settings.toml")
    given: dict[str, Any] = {}
    if override is not None and override.exists():
        try:
            given = tomllib.loads(override.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise UsageError(
                Problem(f"this is not valid TOML ({error})", override.name, "correct the line named")
            ) from None
    _merge(values["disclosure"], _preset(given, values["disclosure"]["preset"]))
    _merge(values, given)
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        name = override.name if override is not None else "settings.toml"
        raise UsageError(
            *(
                Problem(
                    fault["msg"].removeprefix("Value error, "),
                    f"{name}, key {'.'.join(str(part) for part in fault['loc'])}",
                    "see docs/settings.md for the keys and values allowed",
                )
                for fault in error.errors()
            )
        ) from None


def _shipped(name: str) -> dict[str, Any]:
    return deepcopy(_parsed(name))


@cache
def _parsed(name: str) -> dict[str, Any]:
    # Every step of a run loads the settings, and what is shipped does not change.
    return tomllib.loads((files("equity_audit") / name).read_text(encoding="utf-8"))


def _preset(given: dict[str, Any], default: str) -> dict[str, Any]:
    """Return the values of the rule that the settings name."""
    disclosure, presets = given.get("disclosure"), {"own": {}, **_shipped("presets.toml")}
    name = disclosure.get("preset", default) if isinstance(disclosure, dict) else default
    if name not in presets:
        raise UsageError(
            Problem(
                "there is no rule with this name",
                "settings.toml, key disclosure.preset",
                f"choose one of {', '.join(presets)}",
            )
        )
    chosen: dict[str, Any] = presets[name]
    return chosen


def _merge(base: dict[str, Any], extra: dict[str, Any]) -> None:
    for key, value in extra.items():
        if isinstance(value, dict) and isinstance(base.get(key), dict):
            _merge(base[key], value)
        else:
            base[key] = value
