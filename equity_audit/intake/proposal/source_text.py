"""Write the part of a proposed mapping about the file as a whole: its shape, classification, stages and dates."""

import re
from collections import Counter

from equity_audit.errors import Problem
from equity_audit.intake.dates import DAY_FIRST, ISO, MONTH_FIRST, date_format
from equity_audit.intake.labels import may_be_shown
from equity_audit.intake.proposal.columns import Column
from equity_audit.intake.proposal.evidence import (
    AMERICAN,
    BRITISH,
    Evidence,
    classification_in,
    rows_by_label,
    words_of_columns,
)
from equity_audit.intake.proposal.labels import Text, line, quoted, status_parts
from equity_audit.intake.proposal.numbers import NUMBERS
from equity_audit.intake.proposal.roles import Layout
from equity_audit.intake.proposal.statuses import path_or_open
from equity_audit.intake.proposal.versions import version_of
from equity_audit.intake.proposal.words import stage_or_ending, stages_of_statuses
from equity_audit.intake.steps import STATUS_APART
from equity_audit.vocabulary import NATIONS, OUTCOMES, family, fold, is_total, match_ethnicity

_CLASSIFICATION = "ethnicity_classification"
_TIME = re.compile(r"\b(years?|quarters?|months?|weeks?|dates?|periods?|times?|waves?|cohorts?|rounds?)\b")
# Columns that distinguish people who left from those who were rejected.
_WHO_LEFT = re.compile(r"\b(withdr|declin)\w*\b")
_ADD_STAGES = (
    "If you know where they stand and what being there means, add them here, and write under [statuses] the last stage "
    "that each status proves was reached: for a step that may not have been passed, the one before it."
)
# So many labels that are unclear are named in a question.
_MOST_NAMED = 3
_TABLES = {
    "down": "one row for each ethnic group, and columns of numbers for the stages",
    "across": "groups run across: a column for each ethnic group, and a row of numbers for each stage",
    "long": "one row for each ethnic group and stage, with a number",
}


def source_lines(text: Text, file_name: str, layout: Layout, evidence: Evidence, stages: list[str]) -> None:
    """Write the table [source]."""
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
    if evidence.sheet:
        text.add(line("sheet", evidence.sheet, "high", "the only sheet that has applications"))
    if layout.shape:
        ids = layout.columns.get("application_id")
        certain = layout.shape != "long" or (ids is not None and ids.confidence == "high")
        text.add(line("shape", layout.shape, "high" if certain else "medium", why[layout.shape]))
    else:
        text.add('# shape = ""  # not recognised: there are no dates, yes and no, or names of stages')
    labels = rows_by_label(layout, evidence, "ethnicity")
    _classification_line(text, layout, labels)
    if len(stages) > 1:
        listed = ", ".join(map(quoted, stages))
        text.add(f"stages = [{listed}]  # medium: in the usual order of these words")
        _less_stages(text, layout, rows_by_label(layout, evidence, "outcome"), stages)
        if stages[-1] in ("hired", "started") and "appointed" not in stages:
            # The settings compare shortlisted with appointed, as WRES indicator 2 does.
            text.add(f"# if {stages[-1]} means appointed, call it that everywhere: settings compare stages by name")
    elif layout.shape not in NUMBERS:
        text.missing.append("source.stages: at least two stages, in order")
    if layout.table:
        _table(text, layout, evidence)
    _assumed(text, layout, evidence, stages)
    _date_format(text, layout, evidence)


def _less_stages(text: Text, layout: Layout, labels: Counter[str], stages: list[str]) -> None:
    """Say which stages the statuses name but do not prove, so that they are not read."""
    if layout.shape != "status":
        return
    named = stages_of_statuses(part for label in labels for part in label.split(STATUS_APART))
    if unread := [stage for stage in named if stage not in stages]:
        listed = ", ".join(unread)
        text.add(f"# not read, because some statuses do not say whether they were reached: {listed}")
        several = bool(layout.lists.get("more_outcomes") or layout.marks)
        unclear = [
            quoted(label)
            for label in labels
            if may_be_shown(label)
            and isinstance(path_or_open(status_parts(label), named, several=several, only_stages=True)[0], str)
        ]
        which = f" ({', '.join(unclear[:_MOST_NAMED])}{', ...' if unclear[_MOST_NAMED:] else ''})" if unclear else ""
        question = (
            f"Some statuses{which} do not say which of these stages was reached, so they are not read: {listed}. "
        )
        text.questions.append((question + _ADD_STAGES, "stages"))


def _table(text: Text, layout: Layout, evidence: Evidence) -> None:
    """Write what only a table of counts has: its period, its layout, and the columns that are added together."""
    table = layout.table
    if table is None:
        return
    if evidence.year_starts and not table.year:
        text.add(f"period = {evidence.year_starts}  # medium: the year in the file's name or titles")
        text.questions.append((f"Does the table count applications from {evidence.year_starts}?", "period"))
    elif not table.year:
        text.add("# period = 2023-04-01  # the first day of the reporting period that the table counts")
    if same := _same_meaning(layout, evidence):
        listed = " and ".join(map(quoted, same))
        text.missing.append(f"source.add_same_labels: {listed} mean the same group, and the table has no total")
        text.add("# add_same_labels = true  # if they are different people, who may be added together")
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
    listed = ", ".join(map(quoted, table.sum_over))
    if any(_TIME.search(layout.sample[name].words) for name in table.sum_over):
        text.missing.append(f"source.sum_over: {listed} may be times of several reporting periods")
        text.add(
            f"# sum_over = [{listed}]  # if all of them are in one reporting period; otherwise name columns.period"
        )
    elif table.sum_over:
        text.add(f"sum_over = [{listed}]  # high: groups have several rows, which differ in these columns")


def _same_meaning(layout: Layout, evidence: Evidence) -> list[str]:
    """Return the first labels of a table without a total that mean the same group; an empty list if there are none."""
    choice = layout.columns.get("ethnicity")
    received = layout.sample[choice.column].values if choice else list(layout.sample)
    if any(is_total(label) or not fold(label) for label in received):
        return []  # the total decides, when the file is loaded
    labels = rows_by_label(layout, evidence, "ethnicity")
    name, *_ = classification_in(layout, labels)
    by_meaning: dict[object, list[str]] = {}
    for label in labels:
        if (meaning := match_ethnicity(label, name)) and may_be_shown(label):
            by_meaning.setdefault(meaning, []).append(label)
    return next((same for same in by_meaning.values() if len({fold(label) for label in same}) > 1), [])


def _assumed(text: Text, layout: Layout, evidence: Evidence, stages: list[str]) -> None:
    """Write what is taken to hold for all rows because no column says it."""
    if layout.shape not in ("wide", "flags", "status", "long"):
        return
    if not {"application_id", "candidate_id"} & set(layout.columns) and layout.shape != "long":
        text.add("number_rows = true  # low: no column seems to hold ids, so an application in two rows counts twice")
        text.questions.append(
            ("Can an application be in two rows? If so, export the file with ids of applications.", "number_rows")
        )
    if "outcome" not in layout.columns and layout.shape != "status" and stages:
        history = any(stage_or_ending(label) in OUTCOMES for label in rows_by_label(layout, evidence, "stage"))
        telling = [
            name for name in layout.unmapped if _WHO_LEFT.search(layout.sample[name].words) and may_be_shown(name)
        ]
        if telling:
            listed = ", ".join(map(quoted, telling))
            text.missing.append(f"columns.outcome: {listed} may say who withdrew or declined, and is not read")
        if history:
            text.add('without_outcome = "pending"  # medium: outcomes have rows of their own among the stages')
        elif "rejected" in layout.marks:
            text.add('without_outcome = "pending"  # medium: other columns mark who was rejected')
        else:
            text.add('without_outcome = "rejected"  # low: no column says who withdrew')
        text.questions += (
            []
            if history or "rejected" in layout.marks
            else [
                (
                    f"Everybody who did not reach {stages[-1]} counts as rejected. If many are still being considered, "
                    'write "pending"; if a column says what happened, name it as columns.outcome instead.',
                    "without_outcome",
                )
            ]
        )
    for meaning, key in ((True, "yes"), (False, "no")):
        if own := [word for word, is_yes in layout.words if is_yes is meaning]:
            text.add(f"{key} = [{', '.join(map(quoted, own))}]  # medium: the source's own words in flags")


def _classification_line(text: Text, layout: Layout, labels: Counter[str]) -> None:
    """Write the classification. The UK standards lead to the same categories; a US label does not mean a UK group."""
    name, share, others = classification_in(layout, labels)
    reason = f"knows {share:.0%} of {len(labels)} labels"
    foreign = [other for other in others if family(other) != family(name)] if share > 0 else []
    telling = name == version_of(labels) or not [other for other in others if family(other) == family(name)]
    confidence = "low" if share < 0.8 else "medium"
    decided = any(re.search(pattern, words_of_columns(layout)) for pattern in (BRITISH, AMERICAN))
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
        name, *_ = classification_in(layout, rows_by_label(layout, evidence, "ethnicity"))
        if family(name) != "uk" and all(re.search(r"\d(\.\d+)?(Z| ?UTC)$", day, re.IGNORECASE) for day in days):
            text.add('time_zone = "UTC"  # low: all times are in UTC, in which evenings may count for the next day')
            text.questions.append(
                ("Times are in UTC. If days should begin at your own midnight, name your time zone.", "time_zone")
            )
        elif family(name) != "uk":
            zone = NATIONS[name].time_zone if name in NATIONS else "America/New_York"
            text.missing.append("source.time_zone: the time zone in which times count by their date")
            text.add(f"# time_zone = {quoted(zone)}  # not guessed: the times have a zone")
        else:
            text.add('time_zone = "Europe/London"  # medium: the times have a zone, and the labels are British')
    share = Column("", days).dates
    if form == ISO and share < 0.5:
        text.missing.append("source.date_format: the dates do not fit a known format")
        text.add('# date_format = ""  # as strptime codes')
    else:
        confidence = "high" if share >= 0.95 else "medium"
        text.add(line("date_format", form, confidence, f"fits {share:.0%} of {min(len(days), 200)} distinct dates"))
