"""One made-up organisation taken through the real command line, and what became of it.

In a process of its own, so that several go at a time: python -m tests.campaign_run '{"number": ...}'
prints one Outcome as JSON. Commands run in this process; Dagster keeps its history in memory.
"""

import csv
import json
import shutil
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tests.attackers.applicants_system import applicants, exact_numbers, with_losses
from tests.attackers.editions import Edition, revisions
from tests.attackers.published import attack_editions, attack_revisions
from tests.attackers.rule import Rule
from tests.campaign_home import Home, opened
from tests.made_up import Organisation, Sizes, organisation, write_files

# The exact numbers of each period and revision.
Exact = dict[tuple[str, int], dict[Any, int]]
HEADLINES = ("all", "wres", "group")


@dataclass
class Order:
    """What is asked of a process: which organisation, and whether it is attacked."""

    number: int
    seed: int
    folder: str
    applications: tuple[int, int]
    splits: int
    attacked: bool
    listed: str
    effort: float


@dataclass
class Outcome:
    """What became of an organisation. failures: kind and words of each."""

    number: int
    failures: list[tuple[str, str]] = field(default_factory=list)
    editions: int = 0
    attacked: int = 0
    narrowed: int = 0
    # Counts and headline counts: all, shown as numbers, withheld.
    counts: list[int] = field(default_factory=lambda: [0, 0, 0])
    headlines: list[int] = field(default_factory=lambda: [0, 0, 0])


def take_through(order: Order) -> Outcome:
    """Publish all that the organisation has, and attack it."""
    one = organisation(order.seed, order.number, Sizes(order.applications, order.splits))
    outcome = Outcome(one.number)
    folder = Path(order.folder) / str(one.number)
    shutil.rmtree(folder, ignore_errors=True)
    with opened(folder / "home", one.settings, outcome.failures) as home:
        _publish(order, one, home, outcome)
    return outcome


def _publish(order: Order, one: Organisation, home: Home, outcome: Outcome) -> None:
    folder = home.folder.parent
    files = write_files(one, folder)
    exact: Exact = {}
    for step in ("first", "corrections", "later"):
        if step in files:
            home.call(step, "run", *files[step])
            if order.attacked:
                _note_exact(home, exact)
    if one.review:
        _review(one, home, folder)
    published = [edition.folder for edition in home.editions]
    outcome.editions = len(published)
    _count_periods(one, files["first"][0], published, outcome)
    for edition in published:
        _measure(edition, outcome)
        home.call(f"attack {edition.name}", "attack", edition / "tables" / "stage_counts.csv")
    if published:
        home.call(f"verify {published[-1].name}", "verify", published[-1])
    if order.attacked:
        _attack(order, home.folder, published, exact, outcome)


def _note_exact(home: Home, exact: Exact) -> None:
    """Keep the exact numbers of every revision that is new: a later run, and one that was blocked, changes them."""
    new = [edition for edition in home.editions if _key(edition) not in exact]
    rows = home.exact() if new else []
    exact.update({_key(edition): exact_numbers(rows, edition.period) for edition in new})


def _key(edition: Edition) -> tuple[str, int]:
    return edition.period, edition.revision


def _review(one: Organisation, home: Home, folder: Path) -> None:
    file = folder / "fair.toml"
    file.write_text(one.programme, encoding="utf-8")
    home.call("review", "programme", file, "--publish")


def _count_periods(one: Organisation, export: Path, published: list[Path], outcome: Outcome) -> None:
    """Every period that has applications must have an edition."""
    with export.open(encoding="utf-8", newline="") as text:
        rows = csv.DictReader(text)
        first = "reached_on" if one.shape == "long" else "applied_on"
        days = [row[first] for row in rows if one.shape == "wide" or row["stage"] == "applied"]
    months = {"year": 12, "quarter": 3, "month": 1}[one.unit]
    periods = set()
    for day in days:
        since = (int(day[:4]) - 2000) * 12 + int(day[5:7]) - 4
        begins = since // months * months + 3
        periods.add(f"{2000 + begins // 12}-{begins % 12 + 1:02}-01")
    missing = periods - {folder.name for folder in published}
    if missing:
        outcome.failures.append(("not published", ", ".join(sorted(missing))))


def _measure(folder: Path, outcome: Outcome) -> None:
    """How much of an edition is shown as numbers, and how much withheld."""
    for row in Edition(folder).rows("stage_counts"):
        for column in ("reached", "decided", "progressed"):
            found = (1, int(bool(row[column])), int(row[f"{column}_note"] == "protects_another"))
            outcome.counts = [a + b for a, b in zip(outcome.counts, found, strict=True)]
            if row["breakdown"] == "all" and row["level"] in HEADLINES:
                outcome.headlines = [a + b for a, b in zip(outcome.headlines, found, strict=True)]


def _attack(order: Order, home: Path, published: list[Path], exact: Exact, outcome: Outcome) -> None:
    """The attacker of other make: each edition by itself, and revisions together by whoever knows what changed."""
    for folder in published:
        editions = revisions(folder, home / "superseded" / folder.parent.name / folder.name)
        folders = [edition.folder for edition in editions]
        reports = [attack_editions(folders, listed=order.listed, effort=order.effort)]
        numbers = [exact[_key(edition)] for edition in editions]
        for edition, true in zip(editions, numbers, strict=True):
            _check_model(order, edition, true, outcome)
        if len(editions) > 1:
            reports.append(attack_revisions(folders, numbers, listed=order.listed, effort=order.effort))
        for report in reports:
            outcome.attacked += report.asked
            outcome.narrowed += len(report.narrowed)
            outcome.failures += [("narrowed", line) for line in report.lines[: len(report.narrowed)]]
            outcome.failures += [("fits no table", words) for words in report.contradictions]
            outcome.failures += [("not settled", f"{where}: {a.asked.name}") for where, a in report.unsettled]


def _check_model(order: Order, edition: Edition, numbers: dict[Any, int], outcome: Outcome) -> None:
    """What is true must fit the attacker's model, or what it says is worth nothing."""
    system = applicants([edition], Rule.of_settings(edition.record["settings"], order.listed), [{}])
    wrong = system.broken_by(with_losses(numbers))[:5]
    outcome.failures += [("attacker's model", f"{edition.folder.name}: {words}") for words in wrong]


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asdict(take_through(Order(**json.loads(sys.argv[1]))))))
