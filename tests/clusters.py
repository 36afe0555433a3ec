"""Applications with their vacancies and people, as arrays, and what the two statements give of them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from equity_audit.vocabulary import ALL_APPLICANTS, DEFAULT_STAGES, UNKNOWN

REFERENCE = "White"
Ints = npt.NDArray[np.int64]
PERIOD = date(2023, 4, 1)


@dataclass(frozen=True)
class Applications:
    """One row each: vacancy and person by number (person None: not identified), group, furthest stage; all decided."""

    vacancy: Ints
    candidate: Ints | None
    group: Ints
    last: Ints
    groups: Sequence[str]

    def clusters(self) -> Iterator[tuple[str, Ints]]:
        """Each kind of cluster, with that of every application."""
        yield "vacancy", self.vacancy
        if self.candidate is not None:
            yield "candidate", self.candidate

    def levels(self) -> dict[str, dict[str, list[int]]]:
        """The groups of each level, by the numbers of those in them."""
        known = [name for name in self.groups if name not in (REFERENCE, UNKNOWN)]
        numbers = {name: number for number, name in enumerate(self.groups)}
        wres = {REFERENCE: [numbers[REFERENCE]], "BME": [numbers[name] for name in known]}
        if UNKNOWN in numbers:
            wres[UNKNOWN] = [numbers[UNKNOWN]]
        single = {name: [number] for name, number in numbers.items()}
        return {"wres": wres, "group": single, "all": {ALL_APPLICANTS: [*numbers.values()]}}


def sums_and_counts(
    applications: Applications, spans: Sequence[tuple[int, int]], organisation: str = "Trust"
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Sums over clusters and counts of every step, as the two statements give them."""
    sums: list[Mapping[str, Any]] = []
    counts: list[Mapping[str, Any]] = []
    for order, (start, end) in enumerate(spans):
        step = {"organisation": organisation, "step_order": order}
        decided = applications.last >= start
        selected = applications.last >= end
        words = {
            "period": PERIOD,
            "breakdown": "all",
            "breakdown_value": "all",
            "step_kind": "stage" if end == start + 1 else "span",
            "from_stage": DEFAULT_STAGES[start],
            "to_stage": DEFAULT_STAGES[end],
            "basis": "records",
        }
        for level, groups in applications.levels().items():
            for name, members in groups.items():
                of_group = np.isin(applications.group, members) & decided
                numbers = {"decided": int(of_group.sum()), "progressed": int((of_group & selected).sum())}
                counts.append(step | words | {"level": level, "group_name": name} | numbers)
        for kind, cluster in applications.clusters():
            size = int(cluster.max()) + 1
            by_group = [
                [np.bincount(cluster[of & (applications.group == g)], minlength=size) for of in (selected, decided)]
                for g in range(len(applications.groups))
            ]
            for level, groups in applications.levels().items():
                table = {
                    name: np.sum([by_group[g] for g in members], axis=0, dtype=np.int64)
                    for name, members in groups.items()
                }
                s0, n0 = table.get(REFERENCE, np.zeros((2, size), np.int64))
                for name, (s, n) in table.items():
                    if not n.sum():
                        continue
                    values = {
                        "clusters": (n > 0).sum(),
                        "clusters_with_reference": ((n > 0) & (n0 > 0)).sum(),
                        "selected": s.sum(),
                        "decided": n.sum(),
                        "selected_selected": s @ s,
                        "selected_decided": s @ n,
                        "decided_decided": n @ n,
                        "selected_with_selected": s @ s0,
                        "selected_with_decided": s @ n0,
                        "decided_with_selected": n @ s0,
                        "decided_with_decided": n @ n0,
                    }
                    row = {"clustered_by": kind, "level": level, "group_name": name, "is_reference": name == REFERENCE}
                    sums.append(step | row | {key: int(value) for key, value in values.items()})
    return pl.DataFrame(sums), pl.DataFrame(counts)
