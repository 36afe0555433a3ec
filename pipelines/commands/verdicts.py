"""Print a programme's verdicts on the terminal: the answer, then one line for each comparison."""

from math import isnan

from rich.console import Console

from equity_audit.programme.comparisons import Judged
from equity_audit.programme.verdict_words import IN_SHORT
from equity_audit.wording import likely_range, number, people, ratio, sentence, step_name
from reports.pages.programme.page import ProgrammeReport


def _step(judged: Judged) -> str:
    return step_name(judged.comparison.from_stage, judged.comparison.to_stage)


def say_verdicts(report: ProgrammeReport, console: Console) -> None:
    """Print the answer, then every comparison with its figures."""
    answer = report.judged[0]
    programme, timeline = report.programme_file.programme, answer.effect.timeline
    months = f"{timeline.before.sum()} months before, {timeline.after.sum()} since"
    console.print(
        f"{report.organisation}: {programme.name}, from {programme.start:%B %Y}; applications of {report.first:%B %Y} "
        f"to {report.last:%B %Y}, {months} (lead-in {programme.lead_in_months} months)",
        markup=False,
    )
    console.print(f"{_step(answer)}: {answer.sentence}", markup=False)
    step = None
    for judged in report.judged:
        if step != (step := _step(judged)):
            console.print(f"{step}, times as likely as {people(judged.comparison.reference)}:", markup=False)
        console.print(f"  {_line(judged)}", markup=False)
    console.print("A change does not say what caused it. These are exact figures about people: do not share them.")


def _line(judged: Judged) -> str:
    """Return a comparison in one line: the verdict, then its figures."""
    plain, main = judged.effect.plain, judged.main
    before, after = ("none" if isnan(value) else ratio(value) for value, *_ in (plain.before, plain.after))
    sides = f"before {before} ({_of(plain.counts_before)}), since {after} ({_of(plain.counts_after)})"
    against = ""
    if main:
        effect = main.effect
        against = (
            f"; {ratio(effect.ratio)} times what the earlier path led to ({likely_range(effect.low, effect.high)})"
        )
    return f"{sentence(people(judged.comparison.group))}: {IN_SHORT[judged.effect.verdict]}; {sides}{against}"


def _of(counts: tuple[int, int, int, int]) -> str:
    selected, decided, *_ = counts
    return f"{number(selected)} of {number(decided)}"
