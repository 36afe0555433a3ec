"""Check that the parts of a mapping agree with each other and with the shape of its source.

Each fault is a sentence that names the key. mapping_file.py splits them at semicolons and finds their lines.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from equity_audit.contracts import POPULATION_TABLES
from equity_audit.vocabulary import OUTCOMES, family

if TYPE_CHECKING:
    from equity_audit.intake.mapping import Mapping

# Shapes with numbers of people who are not applicants: staff, and their answers to a survey. They have no stages.
BESIDE_RECRUITMENT = tuple(people.name for people in POPULATION_TABLES)
# What a mapping of such numbers must name besides ethnicity, by shape.
NEEDED_OF_NUMBERS = {"workforce": ("headcount", "snapshot"), "survey": ("wave", "item", "answered", "agreed")}
_POSSIBLE = {
    "workforce": ("ethnicity", "pay_band", "staff_group", "leavers", "joiners", "board_member"),
    "survey": ("ethnicity",),
}


def mapping_faults(mapping: "Mapping") -> list[str]:
    """Return everything in a mapping that contradicts its shape, its vocabulary or another part of it."""
    faults = _shape_faults(mapping)
    wrong = sorted(set(mapping.outcomes.values()) - set(OUTCOMES))
    if wrong:
        faults.append(f"[outcomes] uses {', '.join(wrong)}, which is not one of {', '.join(OUTCOMES)}")
    wrong = sorted(set(mapping.stage_labels.values()) - set(mapping.source.stages))
    if wrong:
        faults.append(f"[stage_labels] uses {', '.join(wrong)}, which is not one of the source's stages")
    faults += _question_faults(mapping)
    read = sorted(set(mapping.privacy.drop) & set(mapping.needed_columns()))
    if read:
        faults.append(f"[privacy] drops {', '.join(read)}, which the mapping also reads")
    return faults


def _shape_faults(mapping: "Mapping") -> list[str]:
    """Return what the shape of the source needs and the mapping lacks."""
    shape, stages, columns = mapping.source.shape, mapping.source.stages, mapping.columns
    if shape == "counts":
        return _counts_faults(mapping)
    if shape in BESIDE_RECRUITMENT:
        return list(_numbers_faults(mapping))
    faults = [
        f"columns.{key} must name a column"
        for key in ("application_id", "vacancy_id", "outcome")
        if not getattr(columns, key)
    ]
    if shape == "wide" and tuple(mapping.stage_dates) != stages:
        faults.append("a wide source needs [stage_dates] with one column for each stage, in order")
    if shape == "long" and (columns.stage is None or columns.reached_on is None):
        faults.append("a long source needs columns.stage and columns.reached_on")
    if shape in ("flags", "status") and columns.applied_on is None:
        faults.append(f"a source of shape {shape} needs columns.applied_on")
    if shape == "flags" and tuple(mapping.stage_flags) != stages[1:]:
        faults.append("a source of flags needs [stage_flags] with one column for each stage after the first, in order")
    if shape == "status":
        faults += _status_faults(mapping)
    elif not mapping.outcomes:
        faults.append("[outcomes] must say what each outcome label means")
    return faults


def _question_faults(mapping: "Mapping") -> list[str]:
    """Return what is wrong with the columns of further questions about ethnicity."""
    named = [key for key in ("hispanic", "more_races") if getattr(mapping.columns, key)]
    faults = []
    if named and family(mapping.source.ethnicity_classification) != "us":
        faults.append(f'columns.{named[0]} needs source.ethnicity_classification = "us_eeo1"')
    if mapping.hispanic_answers and not mapping.columns.hispanic:
        faults.append("[hispanic_answers] needs columns.hispanic, the column of these answers")
    return faults


def _counts_faults(mapping: "Mapping") -> list[str]:
    faults = []
    if tuple(mapping.stage_counts) != mapping.source.stages:
        faults.append("a source of counts needs [stage_counts] with one column for each stage, in order")
    if mapping.source.period is None:
        faults.append("a source of counts needs source.period, the first day of the period that it counts")
    named = [key for key, column in mapping.columns.model_dump(exclude_none=True).items() if column]
    if named != ["ethnicity"]:
        faults.append("a source of counts can only have columns.ethnicity and the columns of [stage_counts]")
    return faults


def _status_faults(mapping: "Mapping") -> list[str]:
    if not mapping.statuses:
        return [
            "a source with only a current status needs [statuses] with the stage that each status proves was reached: "
            "the current status does not show earlier stages, so counting it would undercount them"
        ]
    last = mapping.source.stages[-1]
    wrong = [
        label
        for label, status in mapping.statuses.items()
        if status.reached not in mapping.source.stages
        or status.outcome not in OUTCOMES
        or (status.outcome == "progressed") != (status.reached == last)
    ]
    rule = (
        f"reached must be a stage of the source, outcome one of {', '.join(OUTCOMES)}, "
        f"and {last} must have the outcome progressed, which no other stage may have"
    )
    return [f"[statuses] {', '.join(wrong)}: {rule}"] if wrong else []


def _numbers_faults(mapping: "Mapping") -> Iterator[str]:
    """Yield what a mapping of headcounts, or of survey answers, lacks or has too much of."""
    shape = mapping.source.shape
    named = {key for key, column in mapping.columns.model_dump(exclude_none=True).items() if column}
    yield from (f"columns.{key} must name a column" for key in NEEDED_OF_NUMBERS[shape] if key not in named)
    if others := sorted(named.difference(NEEDED_OF_NUMBERS[shape], _POSSIBLE[shape])):
        yield f"columns.{others[0]}: a source of shape {shape} cannot have these columns ({', '.join(others)})"
    parts = ("stage_dates", "stage_flags", "stage_counts", "statuses", "stage_labels", "outcomes")
    present = [part for part in parts if getattr(mapping, part)]
    yield from (f"[{part}] is for applications: a source of shape {shape} cannot have it" for part in present)
    if family(mapping.source.ethnicity_classification) != "uk":
        yield "source.ethnicity_classification must be a UK one: staff are compared as White and BME"
