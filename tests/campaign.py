"""A campaign: many made-up organisations published, killed and attacked, as make campaign does.

python -m tests.campaign --organisations 500 --kills 200 --attacked 50 --seed 1
"""

import argparse
import json
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tests.campaign_kills import Killed, kill_runs
from tests.campaign_run import Order, Outcome, take_through


@dataclass
class Sums:
    """What all organisations together came to."""

    outcomes: list[Outcome] = field(default_factory=list)
    killed: Killed = field(default_factory=Killed)
    seconds: float = 0.0

    @property
    def failures(self) -> list[tuple[int | None, str, str]]:
        """Organisation, kind and words of each; of kills no organisation."""
        found = [(outcome.number, kind, words) for outcome in self.outcomes for kind, words in outcome.failures]
        return [*found, *((None, kind, words) for kind, words in self.killed.failures)]

    @property
    def lines(self) -> list[str]:
        """The table."""
        kinds = Counter(kind for _, kind, _ in self.failures)
        shares = {
            name: [sum(column) for column in zip(*(getattr(o, name) for o in self.outcomes), strict=True)] or [0] * 3
            for name in ("counts", "headlines")
        }
        rows = {
            "organisations": len(self.outcomes),
            "editions": sum(outcome.editions for outcome in self.outcomes),
            "blocked": sum(kinds[f"exit {code}"] for code in (2, 3, 4, 5)),
            "periods not published": kinds["not published"],
            "tracebacks and faults": kinds["traceback"] + kinds["exit 1"],
            "kills": self.killed.kills,
            "kills that lost or broke something": sum(1 for number, *_ in self.failures if number is None),
            "counts attacked": sum(outcome.attacked for outcome in self.outcomes),
            "counts narrowed": sum(outcome.narrowed for outcome in self.outcomes),
            "other failures": sum(
                kinds[kind] for kind in ("fits no table", "not settled", "attacker's model", "no answer")
            ),
            "counts shown as numbers": _share(shares["counts"], 1),
            "counts withheld": _share(shares["counts"], 2),
            "headline counts shown as numbers": _share(shares["headlines"], 1),
            "headline counts withheld": _share(shares["headlines"], 2),
            "seconds": round(self.seconds),
        }
        return [f"{name:<36}{value:>10}" for name, value in rows.items()]


def _share(counted: list[int], place: int) -> str:
    return f"{counted[place] / counted[0]:.1%}" if counted[0] else "-"


def campaign(given: argparse.Namespace, folder: Path) -> Sums:
    """Take every organisation through, two at a time, then kill runs."""
    began, sums = time.monotonic(), Sums()
    numbers = [given.only] if given.only is not None else list(range(given.organisations))
    orders = [
        Order(
            number,
            given.seed,
            str(folder),
            (given.smallest, given.largest),
            given.splits,
            number < given.attacked or given.only is not None,
            given.listed,
            given.effort,
        )
        for number in numbers
    ]
    for outcome in _outcomes(orders, given.jobs):
        sums.outcomes.append(outcome)
        _say(f"{len(sums.outcomes)} of {len(orders)}: organisation {outcome.number}", outcome.failures)
    if given.kills and given.only is None:
        sums.killed = kill_runs(given.kills, given.seed, folder)
        _say(f"{sums.killed.kills} kills", sums.killed.failures)
    sums.seconds = time.monotonic() - began
    return sums


def _outcomes(orders: list[Order], jobs: int) -> Iterator[Outcome]:
    if not jobs:
        yield from map(take_through, orders)
        return
    running: list[subprocess.Popen[str]] = []
    with ThreadPoolExecutor(jobs) as pool:
        try:
            yield from pool.map(lambda order: _apart(order, running), orders)
        except BaseException:
            # Whoever stops the campaign stops what it began.
            pool.shutdown(wait=False, cancel_futures=True)
            for process in running:
                process.kill()
            raise


def _apart(order: Order, running: list[subprocess.Popen[str]]) -> Outcome:
    """One organisation in a process of its own, which is noted in `running`."""
    command = [sys.executable, "-m", "tests.campaign_run", json.dumps(asdict(order))]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    running.append(process)
    told, error = process.communicate()
    running.remove(process)
    try:
        return Outcome(**json.loads(told))
    except (ValueError, TypeError):
        return Outcome(order.number, [("no answer", f"exit {process.returncode}: {error[-500:]}")])


def _say(what: str, failures: list[tuple[str, str]]) -> None:
    sys.stderr.write(f"{what}, {len(failures) or 'no'} failures\n")
    for kind, words in failures[:20]:
        sys.stderr.write(f"    {kind}: {words[:600]}\n")


def main(arguments: list[str]) -> int:
    """The command: 0 where nothing failed, else 1."""
    parser = argparse.ArgumentParser(prog="python -m tests.campaign", description=__doc__)
    parser.add_argument("--organisations", type=int, default=500)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--attacked", type=int, default=50, help="how many organisations the solver attacks")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, help="the number of one organisation")
    parser.add_argument("--smallest", type=int, default=300, help="applications of the smallest organisation")
    parser.add_argument("--largest", type=int, default=5000)
    parser.add_argument("--splits", type=int, default=2, help="the most splits that one publishes")
    parser.add_argument("--listed", choices=("every", "somebody"), default="every", help="which rows are listed")
    parser.add_argument("--effort", type=float, default=20.0, help="what one question of the solver may cost")
    parser.add_argument("--jobs", type=int, default=2, help="organisations at a time; 0: in this process")
    parser.add_argument("--keep", type=Path, help="folder for homes and files; a throwaway one by default")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="campaign-") as throwaway:
        sums = campaign(given, (given.keep or Path(throwaway)).absolute())
    print("\n".join(sums.lines))
    if not sums.failures:
        return 0
    for kind, count in Counter(kind for _, kind, _ in sums.failures).most_common():
        print(f"failed: {count} {kind}")
    failed = sorted({number for number, *_ in sums.failures if number is not None})
    sizes = f"--smallest {given.smallest} --largest {given.largest} --splits {given.splits} --listed {given.listed}"
    print(
        f"again: python -m tests.campaign --seed {given.seed} {sizes} --only K, K being {', '.join(map(str, failed))}"
    )
    return 1


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sys.exit(main(sys.argv[1:]))
