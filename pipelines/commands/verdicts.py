"""Print a programme's verdicts on the terminal: the answer, then one line for each comparison."""

from math import isnan

from rich.console import Console

from equity_audit.programme.comparisons import Judged
from equity_audit.programme.verdict_words import YEARLY_IN_SHORT
from equity_audit.wording import likely_range, number, people, ratio, sentence, step_name
from reports.pages.programme.page import ProgrammeReport


def _step(judged: Judged) -> str:
    return step_name(judged.comparison.from_stage, judged.comparison.to_stage)


def say_verdicts(report: ProgrammeReport, console: Console) -> None:
    """Print the verdict, before and after, and what drift would explain it; then every comparison with its figures."""
    answer, programme = report.answer, report.programme_file.programme
    console.print(
        f"{report.organisation}: {programme.name}, from {programme.start:%B %Y}; applications of {report.first:%B %Y} "
        f"to {report.last:%B %Y} (lead-in {programme.lead_in_months} months)",
        markup=False,
    )
    group, reference = people(answer.comparison.group), people(answer.comparison.reference)
    console.print(f"{sentence(group)} and {reference}, {_step(answer).lower()}: {answer.sentence}", markup=False)
    console.print(f"  {_figures(answer)}", markup=False)
    if answer.second_look:
        console.print(f"A second look, month by month: {answer.second_look}", markup=False)
    step = None
    for judged in report.judged:
        if step != (step := _step(judged)):
            console.print(f"{step}, times as likely as {people(judged.comparison.reference)}:", markup=False)
        name = sentence(people(judged.comparison.group))
        console.print(f"  {name}: {YEARLY_IN_SHORT[judged.verdict]}; {_figures(judged)}", markup=False)
    console.print("A change does not say what caused it. These are exact figures about people: do not share them.")


def _figures(judged: Judged) -> str:
    """Return before and after in one line, the change, and the drift that would explain it."""
    change = judged.years
    if change is None:
        return "no whole year before it, or none since"
    before, since = ("none" if isnan(value) else ratio(value) for value, *_ in (change.before, change.since))
    sides = f"before {before} ({_of(change.counts[0])}), since {since} ({_of(change.counts[1])})"
    if isnan(change.change.ratio) or judged.verdict == "too_few":
        return sides
    against = f"{ratio(change.change.ratio)} times ({likely_range(change.change.low, change.change.high)})"
    drift = (
        f"; a steady drift of {change.breakdown_drift:.1%} a year would explain it" if change.breakdown_drift else ""
    )
    return f"{sides}: {against}{drift}"


def _of(counts: tuple[int, int, int, int]) -> str:
    selected, decided, *_ = counts
    return f"{number(selected)} of {number(decided)}"
