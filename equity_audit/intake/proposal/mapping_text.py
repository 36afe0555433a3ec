"""Write a proposed mapping as TOML to read, correct and save: every line says how certain it is and why.

Names and labels are written as quoted TOML strings, even in comments, so that a line break in them cannot end a
comment. No values are written except the labels that a mapping must name; those that may be personal are only counted.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from equity_audit.details import TEXT_DETAILS
from equity_audit.errors import Problem
from equity_audit.intake.dates import ISO, date_format
from equity_audit.intake.identifiers import KINDS
from equity_audit.intake.labels import may_be_shown
from equity_audit.intake.proposal.columns import Column
from equity_audit.intake.proposal.labels import FEW, Section, Text, ethnicity_advice, line, quoted, statuses, words
from equity_audit.intake.proposal.numbers import NUMBERS
from equity_audit.intake.proposal.roles import Choice, Layout, missing_roles
from equity_audit.intake.proposal.words import STAGES, classification_of, outcome_of, stages_named, stages_of_statuses
from equity_audit.settings import IntakePolicy
from equity_audit.vocabulary import OUTCOMES, UNKNOWN, family, is_total, match_ethnicity

_DATE_PAIRS = ("%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y")


_STAGE_LABELS = Section(
    "stage_labels",
    lambda label: named[0] if len(named := stages_named(label)) == 1 else None,
    lambda _: "not guessed: its words do not name one stage",
)
_OUTCOMES = Section(
    "outcomes", outcome_of, lambda _: f"not guessed: its words do not name one of {', '.join(OUTCOMES)}"
)


@dataclass(frozen=True)
class Evidence:
    """What the whole file shows about the chosen columns: rows by label for each, and the dates as written."""

    labels: dict[str, Counter[str]]
    days: list[str]


def proposal_toml(file_name: str, layout: Layout, evidence: Evidence, policy: IntakePolicy, heading: str = "") -> str:
    """Return the whole proposal. It parses as a mapping only if nothing is missing; otherwise a key lists what is.

    heading: a comment for the top.
    """
    text = Text()
    stages = _stages(layout, evidence)
    text.missing += [
        f"{key}: no column seems to hold it" if key.startswith("columns.") else f"{key}: the file does not give it"
        for key in missing_roles(layout)
    ]
    _source(text, file_name, layout, evidence, stages)
    _columns(text, layout, policy)
    _stage_columns(text, layout)
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
        top += ["", "# NOT COMPLETE. Fill in what this list names, then delete the list."]
        top += ["unfinished = [", *(f"    {quoted(what)}," for what in text.missing), "]"]
    return "\n".join([*top, *text.lines]) + "\n"


def _stages(layout: Layout, evidence: Evidence) -> list[str]:
    if layout.shape == "flags":
        return ["applied", *layout.stages]
    if layout.shape == "status":
        return stages_of_statuses(_counts(layout, evidence, "outcome"))
    if layout.shape == "long":
        named = [stages_named(label) for label in _counts(layout, evidence, "stage")]
        return [stage for stage in STAGES if [stage] in named]
    return list(layout.stages)


def _source(text: Text, file_name: str, layout: Layout, evidence: Evidence, stages: list[str]) -> None:
    why = {
        "wide": f"{len(stages)} stages have a column of dates",
        "flags": f"{len(stages) - 1} stages after the first have a column of yes and no",
        "status": "one status for each application, and no columns for the stages",
        "long": "application ids repeat, and there is a column of stages",
        "counts": "one row for each ethnic group, and columns of numbers for the stages",
        "workforce": "a column of headcounts",
        "survey": "columns of how many answered and how many agreed",
    }
    text.add("", "[source]", line("name", file_name.rsplit(".", 1)[0] or file_name, "high", "the file's name"))
    text.add('# organisation = ""  # the employer; default: organisation.name in the settings')
    if layout.shape:
        text.add(line("shape", layout.shape, "high", why[layout.shape]))
    else:
        text.add('# shape = ""  # not recognised: there are no dates, yes and no, or names of stages')
    labels = _counts(layout, evidence, "ethnicity")
    name, share, others = _classification(layout, labels)
    # The UK standards all lead to the same categories, but a US label does not mean a UK group.
    other_family = share > 0 and any(family(other) != family(name) for other in others)
    confidence = "low" if other_family or share < 0.8 else "high" if share == 1 and len(labels) > 2 else "medium"
    reason = f"knows {share:.0%} of {len(labels)} labels"
    if share > 0 and others:
        reason += f", as {' and '.join(others)} {'does' if len(others) == 1 else 'do'}"
    text.add(line("ethnicity_classification", name, confidence, reason))
    if len(stages) > 1:
        listed = ", ".join(map(quoted, stages))
        text.add(f"stages = [{listed}]  # medium: in the usual order of these words")
        if stages[-1] in ("hired", "started") and "appointed" not in stages:
            # The settings compare shortlisted with appointed, as WRES indicator 2 does.
            text.add(f"# if {stages[-1]} means appointed, call it that everywhere: settings compare stages by name")
    elif layout.shape not in NUMBERS:
        text.missing.append("source.stages: at least two stages, in order")
    if layout.shape == "counts":
        text.add("# period = 2023-04-01  # the first day of the reporting period that the table counts")
    _date_format(text, layout, evidence)


def _classification(layout: Layout, labels: Iterable[str]) -> tuple[str, float, list[str]]:
    """Like classification_of, but us_eeo1 if there is a question "Hispanic or Latino?", asked only in the US."""
    if "hispanic" not in layout.columns:
        return classification_of(labels)
    known = [match_ethnicity(label, "us_eeo1") is not None for label in labels if label]
    return "us_eeo1", sum(known) / (len(known) or 1), []


def _date_format(text: Text, layout: Layout, evidence: Evidence) -> None:
    days, where = evidence.days, f"columns {', '.join(map(quoted, layout.date_columns))}"
    form = date_format(days, where)
    if not days:
        return
    if isinstance(form, Problem):
        text.missing.append(f"source.date_format: {form.what}")
        for pattern in (pattern for pattern in _DATE_PAIRS if pattern in form.remedy):
            kind = "British" if pattern.startswith("%d") else "American"
            text.add(f"# date_format = {quoted(pattern)}  # {kind}. Not guessed: {quoted(form.what)}")
        return
    if any(re.search(r"\d\d:\d\d.*(Z|[+-]\d\d:?\d\d)$", day, re.IGNORECASE) for day in days):
        name, *_ = _classification(layout, _counts(layout, evidence, "ethnicity"))
        if family(name) == "us":
            text.missing.append("source.time_zone: the time zone in which times count by their date")
            text.add('# time_zone = "America/New_York"  # not guessed: the times have a zone')
        else:
            text.add('time_zone = "Europe/London"  # medium: the times have a zone, and the labels are British')
    share = Column("", days).dates
    if form == ISO and share < 0.5:
        text.missing.append("source.date_format: the dates do not fit a known format")
        text.add('# date_format = ""  # as strptime codes')
    else:
        confidence = "high" if share >= 0.95 else "medium"
        text.add(line("date_format", form, confidence, f"fits {share:.0%} of {min(len(days), 200)} distinct dates"))


def _columns(text: Text, layout: Layout, policy: IntakePolicy) -> None:
    text.add("", "[columns]")
    for key, choice in layout.columns.items():
        unkept = key in TEXT_DETAILS and key not in policy.details
        text.add(_choice(key, choice, "; the settings (intake.details) do not keep it" if unkept else ""))
    unused = ", ".join(quoted(name) for name in layout.unmapped if may_be_shown(name)) or "none"
    for key in (key for key in missing_roles(layout) if key.startswith("columns.")):
        text.add(f'# {key.removeprefix("columns.")} = ""  # not found. Unused columns: {unused}')


def _stage_columns(text: Text, layout: Layout) -> None:
    if layout.stages:
        text.add(
            "", {"wide": "[stage_dates]", "flags": "[stage_flags]", "counts": "[stage_counts]"}[layout.shape or ""]
        )
        text.add(*(_choice(stage, choice) for stage, choice in layout.stages.items()))


def _labels(text: Text, layout: Layout, evidence: Evidence, stages: list[str], most: int) -> None:
    """Write what each label of the file means by its words, or a line to fill in."""
    if layout.shape == "long":
        words(text, _STAGE_LABELS, _counts(layout, evidence, "stage"), most)
    labels = _counts(layout, evidence, "ethnicity")
    name, *_ = _classification(layout, labels)
    unknown = Counter({label: rows for label, rows in labels.items() if match_ethnicity(label, name) is None})
    if unknown:
        section = Section("ethnicity_labels", lambda _: None, lambda label: ethnicity_advice(label, name))
        words(text, section, unknown, most)
    outcomes = _counts(layout, evidence, "outcome")
    if layout.shape == "status":
        statuses(text, outcomes, stages, most)
    elif outcomes:
        words(text, _OUTCOMES, outcomes, most)


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
        notes.append(f"{shown} is not read; {advice}")
    ethnicities = _counts(layout, evidence, "ethnicity")
    name, *_ = _classification(layout, ethnicities)
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


def _counts(layout: Layout, evidence: Evidence, key: str) -> Counter[str]:
    """Return rows by label for a role's column, without lines of totals."""
    choice = layout.columns.get(key)
    counts = evidence.labels.get(choice.column, Counter()) if choice else Counter()
    return Counter({label: rows for label, rows in counts.items() if not is_total(label)})


def _choice(key: str, choice: Choice, more: str = "") -> str:
    others = f"; it could also be {', '.join(map(quoted, choice.others))}" if choice.others else ""
    return line(key, choice.column, choice.confidence, choice.reason + others + more)
