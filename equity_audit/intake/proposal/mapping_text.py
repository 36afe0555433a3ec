"""Write a proposed mapping as TOML to read, correct and save: every line says how certain it is and why.

Names and labels are written as quoted TOML strings, even in comments, so that a line break in them cannot end a
comment. No values are written except the labels that a mapping must name; those that may be personal are only counted.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from equity_audit.details import TEXT_DETAILS
from equity_audit.errors import Problem
from equity_audit.intake.dates import DAY_FIRST, ISO, MONTH_FIRST, date_format
from equity_audit.intake.identifiers import KINDS
from equity_audit.intake.labels import may_be_shown
from equity_audit.intake.mapping import NOT_READ
from equity_audit.intake.proposal.columns import Choice, Column
from equity_audit.intake.proposal.decisions import decisions
from equity_audit.intake.proposal.labels import FEW, Section, Text, ethnicity_advice, line, quoted, statuses, words
from equity_audit.intake.proposal.numbers import NUMBERS
from equity_audit.intake.proposal.roles import Layout, missing_roles
from equity_audit.intake.proposal.tables import is_percent_column
from equity_audit.intake.proposal.words import (
    STAGES,
    classification_of,
    outcome_of,
    stages_named,
    stages_of_statuses,
    version_of,
)
from equity_audit.intake.steps import STATUS_APART
from equity_audit.settings import IntakePolicy
from equity_audit.vocabulary import OUTCOMES, UNKNOWN, family, fold, is_total, match_ethnicity

_TABLES = {
    "down": "one row for each ethnic group, and columns of numbers for the stages",
    "across": "groups run across: a column for each ethnic group, and a row of numbers for each stage",
    "long": "one row for each ethnic group and stage, with a number",
}
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
    """What the whole file shows about the chosen columns: rows by label for each, and the dates as written.

    year_starts: the first day of the reporting period that the file's name gives, as in applicants_2022-23.csv.
    """

    labels: dict[str, Counter[str]]
    days: list[str]
    year_starts: date | None = None


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
    return "\n".join([*top, *text.lines, *decisions([*top, *text.lines], text)]) + "\n"


def _stages(layout: Layout, evidence: Evidence) -> list[str]:
    if layout.shape == "flags":
        return ["applied", *layout.stages]
    if layout.table and layout.table.stage_words:
        named_in_rows = set(layout.table.stage_words.values())
        return [stage for stage in STAGES if stage in named_in_rows]
    if layout.shape == "status":
        labels = _counts(layout, evidence, "outcome")
        return stages_of_statuses(part for label in labels for part in label.split(STATUS_APART))
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
        "counts": _TABLES[layout.table.orientation if layout.table else "down"],
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
    _classification_line(text, layout, labels)
    if len(stages) > 1:
        listed = ", ".join(map(quoted, stages))
        text.add(f"stages = [{listed}]  # medium: in the usual order of these words")
        if stages[-1] in ("hired", "started") and "appointed" not in stages:
            # The settings compare shortlisted with appointed, as WRES indicator 2 does.
            text.add(f"# if {stages[-1]} means appointed, call it that everywhere: settings compare stages by name")
    elif layout.shape not in NUMBERS:
        text.missing.append("source.stages: at least two stages, in order")
    if layout.table:
        _table(text, layout, evidence)
    _assumed(text, layout, stages)
    _date_format(text, layout, evidence)


def _table(text: Text, layout: Layout, evidence: Evidence) -> None:
    """Write what only a table of counts has: its period, its layout, and the columns that are added together."""
    table = layout.table
    if table is None:
        return
    if evidence.year_starts and not table.year:
        text.add(f"period = {evidence.year_starts}  # medium: the years in the file's name")
        text.questions.append((f"Does the table count applications from {evidence.year_starts}?", "period"))
    elif not table.year:
        text.add("# period = 2023-04-01  # the first day of the reporting period that the table counts")
    if table.orientation == "long":
        names = " ".join(layout.sample[layout.columns[key].column].words for key in ("stage", "number"))
        if re.search(r"\bcurrent(ly)?\b", names):
            text.missing.append(
                "source.stages: the numbers seem to count those who are at each stage now; those who ever reached it "
                "are needed, as only the source can count them"
            )
        else:
            ask = "Do the numbers count everybody who ever reached each stage, and not only those who are at it now?"
            text.questions.append((ask, "number"))
    if table.orientation == "across":
        text.add('orientation = "groups across"  # high: the names of the columns are groups')
    if table.sum_over:
        listed = ", ".join(map(quoted, table.sum_over))
        text.add(f"sum_over = [{listed}]  # high: groups have several rows, which differ in these columns")


def _assumed(text: Text, layout: Layout, stages: list[str]) -> None:
    """Write what is taken to hold for all rows because no column says it."""
    if layout.shape not in ("wide", "flags", "status", "long"):
        return
    if not {"application_id", "candidate_id"} & set(layout.columns) and layout.shape != "long":
        text.add("number_rows = true  # low: no column seems to hold ids, so an application in two rows counts twice")
        text.questions.append(
            ("Can an application be in two rows? If so, export the file with ids of applications.", "number_rows")
        )
    if "outcome" not in layout.columns and layout.shape != "status" and stages:
        text.add('without_outcome = "rejected"  # low: no column says who withdrew')
        text.questions.append(
            (
                f"Everybody who did not reach {stages[-1]} counts as rejected. If many are still being considered, "
                'write "pending"; if a column says what happened, name it as columns.outcome instead.',
                "without_outcome",
            )
        )
    for meaning, key in ((True, "yes"), (False, "no")):
        if own := [word for word, is_yes in layout.words if is_yes is meaning]:
            text.add(f"{key} = [{', '.join(map(quoted, own))}]  # medium: the source's own words in flags")


def _classification_line(text: Text, layout: Layout, labels: Counter[str]) -> None:
    """Write the classification. The UK standards lead to the same categories; a US label does not mean a UK group."""
    name, share, others = _classification(layout, labels)
    reason = f"knows {share:.0%} of {len(labels)} labels"
    foreign = [other for other in others if family(other) != family(name)] if share > 0 else []
    telling = name == version_of(labels) or not [other for other in others if family(other) == family(name)]
    confidence = "low" if share < 0.8 else "medium"
    decided = any(re.search(pattern, _words_of(layout)) for pattern in (_BRITISH, _AMERICAN))
    if foreign and not decided:
        confidence = "low"
        reason += "; UK and US labels are spelled alike here"
        text.questions.append(
            (
                f'Are the applicants in the UK? If they are in the US, write "us_eeo1" ({name} is taken).',
                _CLASSIFICATION,
            )
        )
    elif foreign:
        reason += f"; the names of the columns are {'British' if family(name) == 'uk' else 'American'}"
    elif share == 1 and len(labels) > 2 and telling:
        confidence = "high"
        reason += ", with words of this version" if name == version_of(labels) else ""
    elif not telling:
        reason += f"; {' and '.join(other for other in others)} would read them in the same way"
    text.add(line("ethnicity_classification", name, confidence, reason))


def _classification(layout: Layout, labels: Iterable[str]) -> tuple[str, float, list[str]]:
    """Like classification_of, but us_eeo1 if the file is American: it asks "Hispanic or Latino?", or its words say so.

    Both families know "White", "Black" and "Asian". Race, requisitions and veterans are words of US forms; ethnic
    origin, vacancies and shortlists those of UK ones.
    """
    name, share, others = classification_of(labels)
    known = [match_ethnicity(label, "us_eeo1") is not None for label in labels if label]
    of_us = sum(known) / (len(known) or 1)
    if "hispanic" in layout.columns:
        return "us_eeo1", of_us, []
    american = re.search(_AMERICAN, _words_of(layout)) and not re.search(_BRITISH, _words_of(layout))
    if "us_eeo1" in others and family(name) == "uk" and american:
        return "us_eeo1", of_us, [name, *(other for other in others if other != "us_eeo1")]
    return name, share, others


def _words_of(layout: Layout) -> str:
    return " ".join(column.words for column in layout.sample.values())


_CLASSIFICATION = "ethnicity_classification"
_AMERICAN = r"\b(race|requisition|veteran|eeo|eeoc|zip)\b"
_BRITISH = r"\b(ethnic|ethnicity|vacancy|short ?list(ed)?|appointed|nhs|afc|pay band)\b"


def _date_format(text: Text, layout: Layout, evidence: Evidence) -> None:
    days, where = evidence.days, f"columns {', '.join(map(quoted, layout.date_columns))}"
    form = date_format(days, where)
    if not days:
        return
    if isinstance(form, Problem):
        text.missing.append(f"source.date_format: {form.what}")
        for pattern in sorted(pattern for pattern in (*DAY_FIRST, *MONTH_FIRST) if f'"{pattern}"' in form.remedy):
            kind = "British" if pattern in DAY_FIRST else "American"
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
        if key == "application_id" and choice.confidence == "low":
            text.questions.append(("Does this column identify each application?", key))
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


def _labels(text: Text, layout: Layout, evidence: Evidence, stages: list[str], most: int) -> None:
    """Write what each label of the file means by its words, or a line to fill in."""
    if layout.shape == "long" and not layout.table:
        words(text, _STAGE_LABELS, _counts(layout, evidence, "stage"), most)
    labels = _counts(layout, evidence, "ethnicity")
    name, *_ = _classification(layout, labels)
    unknown = Counter({label: rows for label, rows in labels.items() if match_ethnicity(label, name) is None})
    if unknown:
        section = Section("ethnicity_labels", lambda _: None, lambda label: ethnicity_advice(label, name))
        words(text, section, unknown, most)
    outcomes = _counts(layout, evidence, "outcome")
    if layout.shape == "status":
        statuses(text, outcomes, stages, most, several=bool(layout.lists.get("more_outcomes")))
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
        if layout.table and is_percent_column(layout.sample[name]):
            advice = "it has percentages"
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
    counts = evidence.labels.get(choice.column, Counter()) if choice else Counter[str]()
    if key == "ethnicity" and layout.table and layout.table.orientation == "across":
        read = {layout.columns["stage"].column, *layout.drop}
        counts = Counter(name for name in layout.sample if name not in read and not name.startswith("(column "))
    return Counter({label: rows for label, rows in counts.items() if not is_total(label)})


def _choice(key: str, choice: Choice, more: str = "") -> str:
    others = f"; it could also be {', '.join(map(quoted, choice.others))}" if choice.others else ""
    return line(key, choice.column, choice.confidence, choice.reason + others + more)
