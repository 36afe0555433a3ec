"""Policy of measures that go beyond comparing groups at a step: design effects, time, programmes, staff and units.

settings.py has the other sections, and reads them all.
"""

from itertools import pairwise
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from equity_audit.vocabulary import display_order


class Policy(BaseModel):
    """Values of one section: they cannot be changed, and a key that is not known is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=False)


class ClusteringPolicy(Policy):
    """How decisions of one vacancy, and on one person, are allowed for, and what is published of it."""

    classes: tuple[Annotated[float, Field(ge=1)], ...] = Field(min_length=1)
    small_sample_below: int = Field(ge=2)
    fewest_vacancies: int = Field(ge=2)
    published_least: int = Field(ge=1)
    default_effect: float = Field(ge=1)

    @model_validator(mode="after")
    def _classes_ascend(self) -> "ClusteringPolicy":
        if self.classes[0] != 1 or any(low >= high for low, high in pairwise(self.classes)):
            raise ValueError("classes must begin with 1 and ascend")
        return self


class TrendPolicy(Policy):
    """How a change over time is distinguished from chance on a control chart."""

    run_length: int = Field(ge=2)
    trial_below: int = Field(ge=3)
    denominators_alike: float = Field(gt=0, lt=1)


class ProgrammePolicy(Policy):
    """When and how a programme's effect is judged."""

    least_years: int = Field(ge=2)
    detectable_change: float = Field(gt=1)
    drift: float = Field(gt=0)
    drifts_beside: tuple[float, ...]
    least_periods: int = Field(ge=4)
    least_selected: int = Field(ge=1)
    drift_errors: float = Field(gt=0)
    tables_drawn: int = Field(ge=2)
    seasonal_years: int = Field(ge=1)


class WorkforcePolicy(Policy):
    """What is published about the workforce, and the benchmark with which it is compared."""

    publish_splits: tuple[Literal["pay_band", "staff_group"], ...]
    benchmark_name: str
    benchmark: dict[str, float]
    projection_years: tuple[Annotated[int, Field(ge=1, le=50)], ...]

    @model_validator(mode="after")
    def _benchmark_is_of_groups(self) -> "WorkforcePolicy":
        known = {*display_order("wres"), *display_order("group")}
        if wrong := sorted(set(self.benchmark) - known):
            raise ValueError(f"benchmark has {', '.join(wrong)}, which is not a group: see docs/glossary.md")
        if not all(0 < share < 1 for share in self.benchmark.values()):
            raise ValueError("the shares in benchmark must be between 0 and 1")
        if bool(self.benchmark) != bool(self.benchmark_name):
            raise ValueError("benchmark and benchmark_name must both be given: name the population of the shares")
        return self


class VariationPolicy(Policy):
    """What counts as unusual among units that are shown side by side."""

    funnel_limits: tuple[float, float]
    winsorised_share: float = Field(ge=0, lt=0.5)
    dispersion_level: float = Field(gt=0, lt=1)
    least_organisations: int = Field(ge=2)
