"""Write a proposed mapping as TOML to read, correct and save: every line says how certain it is and why.

Names and labels are written as quoted TOML strings, even in comments, so that a line break in them cannot end a
comment. No values are written except the labels that a mapping must name; those that may be personal are only counted.
"""

import re
from collections import Counter

from equity_audit.details import TEXT_DETAILS
from equity_audit.intake.identifiers import KINDS
from equity_audit.intake.labels import may_be_shown
from equity_audit.intake.mapping import NOT_READ
from equity_audit.intake.proposal.columns import Choice
from equity_audit.intake.proposal.decisions import decisions
from equity_audit.intake.proposal.evidence import Evidence, classification_in, other_in_list, rows_by_label
from equity_audit.intake.proposal.gaps import missing_roles, one_vacancy
from equity_audit.intake.proposal.labels import (
    FEW,
    Section,
    Text,
    ethnicity_advice,
    line,
    quoted,
    status_parts,
    statuses,
    words,
)
from equity_audit.intake.proposal.numbers import NUMBERS
from equity_audit.intake.proposal.roles import Layout
from equity_audit.intake.proposal.source_text import source_lines
from equity_audit.intake.proposal.statuses import provable_stages
from equity_audit.intake.proposal.tables import is_percent_column
from equity_audit.intake.proposal.words import (
    STAGES,
    outcome_of,
    stage_or_ending,
    stages_of_statuses,
)
from equity_audit.intake.steps import STATUS_APART
from equity_audit.settings import IntakePolicy
from equity_audit.vocabulary import OUTCOMES, UNKNOWN, fold, match_ethnicity

_STAGE_LABELS = Section(
    "stage_labels",
    stage_or_ending,
    lambda _: "not guessed: its words do not name one stage",
)
# So many labels may be asked about before stages are given up for which they do not prove a path.
_MOST_LABELS_ASKED = 2
# Names of columns that may say what happened to an application.
_MAY_SAY_MORE = re.compile(r"\b(reject|disqualif|archiv|declin|withdr|dispos|reason|outcome|result|decision)\w*\b")
# Words for which even a date says what happened: that of a disposition says only when.
_ENDED = re.compile(r"\b(reject|disqualif|declin|withdr)\w*\b")
_OUTCOMES = Section(
    "outcomes", outcome_of, lambda _: f"not guessed: its words do not name one of {', '.join(OUTCOMES)}"
)


def proposal_toml(file_name: str, layout: Layout, evidence: Evidence, policy: IntakePolicy, heading: str = "") -> str:
    """Return the whole proposal. It parses as a mapping only if nothing is missing; otherwise a key lists what is.

    heading: a comment for the top.
    """
    text = Text()
    stages = _stages(layout, evidence)
    missing = [key for key in missing_roles(layout) if key != "source.period" or not evidence.year_starts]
    text.missing += [
        f"{key}: no column seems to hold it" if key.startswith("columns.") else f"{key}: the file does not give it"
        for key in missing
    ]
    source_lines(text, file_name, layout, evidence, stages)
    _columns(text, layout, policy)
    _stage_columns(text, layout)
    if one_vacancy(layout):
        text.add("", "[constants]")
        text.add(line("vacancy_id", "the only vacancy", "low", "no column is left that could have it"))
        text.questions.append(("Are all rows for one vacancy? If not, export the file with it.", "vacancy_id"))
    if layout.table and layout.table.only:
        column, value = layout.table.only
        text.add("", "[only]", line(quoted(column), value, "medium", "the other rows are percentages"))
    if layout.marks:
        text.add("", "[outcome_columns]")
        text.add(
            *(line(o, column, "medium", "by its name; dates or a yes mark it") for o, column in layout.marks.items())
        )
    _labels(text, layout, evidence, stages, policy.max_labels_listed)
    _privacy(text, layout)
    _notes(text, layout, evidence)
    rows = len(next(iter(layout.sample.values())).values)
    top = [
        f"# A source mapping proposed for {quoted(file_name)}, from the first {rows} rows and all labels.",
        "# Each line says how certain it is (high, medium, low) and why. Correct it, then give it with --source, or",
        "# save it beside the file, as the file's name followed by .toml. docs/source-mappings.md explains the keys.",
        *([f"# {heading}"] if heading else []),
    ]
    if text.missing:
        top += ["", "# NOT COMPLETE. Fill in what this list names; the list may stay."]
        top += ["unfinished = [", *(f"    {quoted(what)}," for what in text.missing), "]"]
    return "\n".join([*top, *text.lines, *decisions([*top, *text.lines], text)]) + "\n"


def _stages(layout: Layout, evidence: Evidence) -> list[str]:
    if layout.shape == "flags":
        return ["applied", *layout.stages]
    if layout.table and layout.table.stage_words:
        named_in_rows = set(layout.table.stage_words.values())
        return [stage for stage in STAGES if stage in named_in_rows]
    if layout.shape == "status":
        labels = rows_by_label(layout, evidence, "outcome")
        return provable_stages(
            map(status_parts, labels),
            stages_of_statuses(part for label in labels for part in label.split(STATUS_APART)),
            several=_in_several(layout),
            only_stages=_only_stages(layout),
            most=_MOST_LABELS_ASKED,
        )
    if layout.shape == "long":
        named = {stage_or_ending(label) for label in rows_by_label(layout, evidence, "stage")}
        return [stage for stage in STAGES if stage in named]
    return list(layout.stages)


def _columns(text: Text, layout: Layout, policy: IntakePolicy) -> None:
    text.add("", "[columns]")
    for key, choice in layout.columns.items():
        unkept = key in TEXT_DETAILS and key not in policy.details
        text.add(_choice(key, choice, "; the settings (intake.details) do not keep it" if unkept else ""))
        if key == "application_id" and choice.confidence == "low":
            text.questions.append(("Does this column identify each application?", key))
        if key == "applied_on" and choice.confidence == "low":
            text.questions.append(("Is this the date of applying?", key))
        after = {"outcome": "more_outcomes", "application_id": "more_ids"}.get(key)
        if after and (listed := layout.lists.get(after)):
            why = (
                "say more of what happened" if after == "more_outcomes" else "distinguishes applications of one person"
            )
            text.add(f"{after} = [{', '.join(map(quoted, listed))}]  # medium: {why}")
    unused = ", ".join(quoted(name) for name in layout.unmapped if may_be_shown(name)) or "none"
    for key in (key for key in missing_roles(layout) if key.startswith("columns.")):
        text.add(f'# {key.removeprefix("columns.")} = ""  # not found. Unused columns: {unused}')
    missing = [*missing_roles(layout)]
    if "columns.vacancy_id" in missing:
        text.add("# If all rows are for one vacancy, or all applied on one day, write in place of the missing columns:")
        text.add("# [constants]", '# vacancy_id = "the only vacancy"')
    if "columns.applied_on" in missing:
        dated = [quoted(name) for name in layout.unmapped if layout.sample[name].dates >= 0.8 and may_be_shown(name)]
        if dated:
            text.add(f"# Columns of dates that are not read: {', '.join(dated)}")
        text.add("# applied_on = 2023-04-01  # under [constants], if all applied on one day")


def _stage_columns(text: Text, layout: Layout) -> None:
    if layout.table and layout.table.stage_words:
        meant = {
            label: stage for label, stage in layout.table.stage_words.items() if stage is None or fold(label) != stage
        }
        text.add(*(["", "[stage_labels]"] if meant else []))
        for label, stage in meant.items():
            if stage is None:
                text.add(f'{quoted(label)} = "{NOT_READ}"  # medium: does not name a stage, or names percentages')
                text.questions.append((f"Is the row {quoted(label)} right to be left out?", quoted(label)))
            else:
                text.add(line(quoted(label), stage, "medium", "by its words"))
    elif layout.stages:
        text.add(
            "", {"wide": "[stage_dates]", "flags": "[stage_flags]", "counts": "[stage_counts]"}[layout.shape or ""]
        )
        text.add(*(_choice(stage, choice) for stage, choice in layout.stages.items()))
        text.questions += [
            (_one_or_more(stage, choice), stage)
            for stage, choice in layout.stages.items()
            if choice.others and all(map(may_be_shown, choice.others))
        ]


def _one_or_more(stage: str, choice: Choice) -> str:
    """Return a question about the columns that name the same stage, of which one is read."""
    others = ", ".join(map(quoted, choice.others))
    return (
        f"Is {quoted(choice.column)} the column of {stage}, or {others}? Name the right one; if both are stages, add "
        "one under a name of its own, here and in source.stages, in their order."
    )


def _labels(text: Text, layout: Layout, evidence: Evidence, stages: list[str], most: int) -> None:
    """Write what each label of the file means by its words, or a line to fill in."""
    if layout.shape == "long" and not layout.table:
        words(text, _STAGE_LABELS, rows_by_label(layout, evidence, "stage"), most)
    labels = rows_by_label(layout, evidence, "ethnicity")
    name, *_ = classification_in(layout, labels)
    unknown = Counter({label: rows for label, rows in labels.items() if match_ethnicity(label, name) is None})
    if unknown:
        section = Section(
            "ethnicity_labels", lambda label: other_in_list(label, labels), lambda label: ethnicity_advice(label, name)
        )
        words(text, section, unknown, most)
        if any(other_in_list(label, labels) for label in unknown):
            other = next(quoted(label) for label in unknown if other_in_list(label, labels))
            text.questions.append((f"Is {other} everybody who is in none of the other groups of this list?", other))
    outcomes = rows_by_label(layout, evidence, "outcome")
    if layout.shape == "status":
        statuses(
            text,
            outcomes,
            stages,
            most,
            several=_in_several(layout),
            only_stages=_only_stages(layout),
        )
    elif outcomes:
        words(text, _OUTCOMES, outcomes, most)


def _in_several(layout: Layout) -> bool:
    return bool(layout.lists.get("more_outcomes") or layout.marks)


def _only_stages(layout: Layout) -> bool:
    """Return whether no column that is not read could say what happened to those whose status names a stage."""
    unread = [layout.sample[name] for name in layout.unmapped if _MAY_SAY_MORE.search(layout.sample[name].words)]
    return all(column.dates >= 0.8 and not _ENDED.search(column.words) for column in unread)


def _privacy(text: Text, layout: Layout) -> None:
    if layout.drop:
        text.add("", "# Columns that may identify people, dropped unread.", "[privacy]", "drop = [")
        text.add(*(f"    {quoted(name)},  # {KINDS[kind]}, by its {why}" for name, (kind, why) in layout.drop.items()))
        text.add("]")


def _notes(text: Text, layout: Layout, evidence: Evidence) -> None:
    """Write what is not read and where groups are small, by column and number: a rare value could be a person's."""
    notes = []
    for name, nearest in layout.unmapped.items():
        shown = quoted(name) if may_be_shown(name) else "(a name that may be personal)"
        advice = f"the nearest key is {nearest}" if nearest else "no similar key is known"
        if not nearest and layout.sample[name].dates >= 0.8:
            advice = "if these are the dates of a stage, add it to source.stages and [stage_dates]"
        if layout.table and is_percent_column(layout.sample[name]):
            advice = "it has percentages"
        notes.append(f"{shown} is not read; {advice}")
    ethnicities = rows_by_label(layout, evidence, "ethnicity")
    name, *_ = classification_in(layout, ethnicities)
    groups: Counter[str] = Counter()
    for label, rows in ethnicities.items() if layout.shape not in ("counts", *NUMBERS) else ():
        ethnicity = match_ethnicity(label, name)
        if ethnicity and ethnicity.group and ethnicity.group != UNKNOWN:
            groups[ethnicity.group] += rows
    notes += _small(groups, layout.columns.get("ethnicity"), "groups", 0)
    for key in TEXT_DETAILS if layout.shape not in NUMBERS else ():
        if key in layout.columns:
            choice = layout.columns[key]
            notes += _small(layout.sample[choice.column].counts, choice, "values", 0.5)
    outcome = layout.columns.get("outcome")
    blank = len((column := layout.sample[outcome.column]).values) - len(column.filled) if outcome else 0
    if outcome and blank and layout.shape != "long":
        notes.append(
            f"column {quoted(outcome.column)}: {blank} sampled rows are blank, which is correct only at the last "
            "stage; other rows without an outcome are invalid"
        )
    if notes:
        text.add("", "# Notes:", *(f"# - {note}" for note in notes))


def _small(counts: Counter[str], choice: Choice | None, kind: str, least: float) -> list[str]:
    few = sum(rows < FEW for rows in counts.values())
    if choice is None or few <= least * len(counts):
        return []
    what = f"{few} of {len(counts)} {kind} have fewer than {FEW} rows"
    return [f"column {quoted(choice.column)}: {what}, too few for figures of their own"]


def _choice(key: str, choice: Choice, more: str = "") -> str:
    others = f"; it could also be {', '.join(map(quoted, choice.others))}" if choice.others else ""
    return line(key, choice.column, choice.confidence, choice.reason + others + more)
