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
# Under [stage_labels] of a table of counts: a row that is not of a stage, such as one of percentages.
NOT_READ = "not read"
# What a mapping of such numbers must name besides ethnicity, by shape.
NEEDED_OF_NUMBERS = {"workforce": ("headcount", "snapshot"), "survey": ("wave", "item", "answered", "agreed")}
_POSSIBLE = {
    "workforce": ("ethnicity", "pay_band", "staff_group", "leavers", "joiners", "board_member", "executive_member"),
    "survey": ("ethnicity",),
}


def mapping_faults(mapping: "Mapping") -> list[str]:
    """Return everything in a mapping that contradicts its shape, its vocabulary or another part of it."""
    shape = mapping.source.shape
    faults = _shape_faults(mapping)
    if mapping.only and (shape != "counts" or mapping.source.orientation != "groups down"):
        faults.append("[only] is for tables of counts with groups down")
    if shape != "counts":
        faults += [
            f"source.{key} is for tables of counts: a source of shape {shape} cannot have it"
            for key in ("sum_over", "add_same_labels")
            if getattr(mapping.source, key)
        ]
        if mapping.source.orientation != "groups down":
            faults.append(f"source.orientation is for tables of counts: a source of shape {shape} cannot have it")
    faults += _marked_faults(mapping)
    wrong = sorted(set(mapping.outcomes.values()) - set(OUTCOMES))
    if wrong:
        faults.append(f"[outcomes] uses {', '.join(wrong)}, which is not one of {', '.join(OUTCOMES)}")
    meanings = set(mapping.stage_labels.values())
    endings = set(OUTCOMES) - {"progressed"} if shape == "long" else {NOT_READ} if shape == "counts" else set()
    wrong = sorted(meanings - set(mapping.source.stages) - endings)
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
    faults = list(_record_faults(mapping))
    dated = stages[1:] if mapping.constants.applied_on else stages
    if shape == "wide" and tuple(mapping.stage_dates) != dated:
        faults.append("a wide source needs [stage_dates] with one column for each stage, in order")
    if shape == "long" and set(mapping.stage_labels.values()) - set(stages) and not mapping.source.without_outcome:
        faults.append(
            "[stage_labels] has outcomes, as a history of statuses does: source.without_outcome must then say what "
            'happened to applications without one, such as "pending"'
        )
    if shape == "long" and (columns.stage is None or columns.reached_on is None):
        faults.append("a long source needs columns.stage and columns.reached_on")
    if shape in ("flags", "status") and columns.applied_on is None and mapping.constants.applied_on is None:
        faults.append(f"a source of shape {shape} needs columns.applied_on, or one day for all under [constants]")
    if shape == "flags" and tuple(mapping.stage_flags) != stages[1:]:
        faults.append("a source of flags needs [stage_flags] with one column for each stage after the first, in order")
    if shape == "status":
        faults += _status_faults(mapping)
    elif not mapping.outcomes and not mapping.source.without_outcome:
        faults.append("[outcomes] must say what each outcome label means")
    return faults


def _record_faults(mapping: "Mapping") -> Iterator[str]:
    """Yield which columns of single applications are neither named nor replaced."""
    source, columns, constants = mapping.source, mapping.columns, mapping.constants
    if not columns.ethnicity:
        yield "columns.ethnicity must name a column"
    if bool(columns.application_id) == source.number_rows:
        yield (
            "columns.application_id must name a column, or source.number_rows be true if the file has no ids"
            if not source.number_rows
            else "columns.application_id has ids: source.number_rows is only for a file without any"
        )
    if bool(columns.vacancy_id) == bool(constants.vacancy_id):
        yield "columns.vacancy_id must name a column, or constants.vacancy_id the only vacancy, but not both"
    if constants.applied_on and (source.shape == "long" or columns.applied_on):
        yield "constants.applied_on is for wide, flags and status without a column of the date of applying"
    if source.number_rows and source.shape == "long":
        yield "source.number_rows cannot be used for a long source: ids show which rows are one application"
    if columns.more_ids and not columns.application_id:
        yield "columns.more_ids are read together with columns.application_id"
    yield from _outcome_faults(mapping)


def _outcome_faults(mapping: "Mapping") -> Iterator[str]:
    source, columns = mapping.source, mapping.columns
    if source.without_outcome is None:
        if not columns.outcome:
            yield (
                "columns.outcome must name a column, or source.without_outcome say what happened to those who did not "
                'reach the last stage, such as "rejected"'
            )
        if columns.more_outcomes and not columns.outcome:
            yield "columns.more_outcomes are read together with columns.outcome"
        return
    if columns.outcome or mapping.outcomes or source.shape == "status":
        yield "source.without_outcome is for a source of shape wide, flags or long without columns.outcome"
    if source.without_outcome not in OUTCOMES or source.without_outcome == "progressed":
        others = ", ".join(outcome for outcome in OUTCOMES if outcome != "progressed")
        yield f"source.without_outcome must be one of {others}"


def _marked_faults(mapping: "Mapping") -> Iterator[str]:
    """Yield what is wrong with the columns that mark an outcome by a date or a yes."""
    if not mapping.outcome_columns:
        return
    possible = [outcome for outcome in OUTCOMES if outcome != "progressed"]
    if wrong := sorted({*mapping.outcome_columns} - {*possible}):
        yield f"[outcome_columns] names {', '.join(wrong)}, which is not one of {', '.join(possible)}"
    if mapping.source.shape not in ("wide", "flags", "status"):
        yield "[outcome_columns] is for a source of shape wide, flags or status"
    elif mapping.source.shape != "status" and not mapping.source.without_outcome:
        yield (
            "[outcome_columns] needs source.without_outcome, which says what happened to applications that no column "
            'marks, such as "pending"'
        )


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
    faults, source, columns = [], mapping.source, mapping.columns
    across, long = source.orientation == "groups across", bool(columns.number)
    if across or long:
        if not columns.stage:
            faults.append("columns.stage must name the column with the names of the stages")
        if mapping.stage_counts:
            faults.append("[stage_counts] is for a table with a column of numbers for each stage")
        if across and (long or source.sum_over):
            faults.append('source.orientation = "groups across" is for a table of groups and stages alone')
    elif tuple(mapping.stage_counts) != source.stages:
        faults.append("a source of counts needs [stage_counts] with one column for each stage, in order")
    if (source.period is None) == (columns.period is None):
        faults.append(
            "a source of counts needs source.period, the first day of the period that it counts, or columns.period, "
            "the column of years"
        )
    allowed = {"stage"} if across else {"ethnicity", "period", *(("stage", "number") if long else ())}
    named = {key for key, column in columns.model_dump(exclude_none=True).items() if column}
    if not across and not columns.ethnicity:
        faults.append("columns.ethnicity must name a column")
    if others := sorted(named - allowed):
        faults.append(
            f"columns.{others[0]}: such a source of counts can only have columns.{', '.join(sorted(allowed))} and the "
            "columns of [stage_counts] and source.sum_over"
        )
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
    yield from (
        f"columns.{key} must name a column" for key in ("ethnicity", *NEEDED_OF_NUMBERS[shape]) if key not in named
    )
    if others := sorted(named.difference(NEEDED_OF_NUMBERS[shape], _POSSIBLE[shape])):
        yield f"columns.{others[0]}: a source of shape {shape} cannot have these columns ({', '.join(others)})"
    parts = ("stage_dates", "stage_flags", "stage_counts", "statuses", "stage_labels", "outcomes")
    present = [part for part in parts if getattr(mapping, part)]
    yield from (f"[{part}] is for applications: a source of shape {shape} cannot have it" for part in present)
    if family(mapping.source.ethnicity_classification) != "uk":
        yield "source.ethnicity_classification must be a UK one: staff are compared as White and BME"
