"""The studies of `make calibration` about a programme's effect: coverage, size, power and verdicts.

One employer, monthly counts of a group and a reference four times its size; the reference's rate is 0.3 in the middle,
the impact ratio 0.7. What differs is how many there are, for how long, and what else moves.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from equity_audit.programme.before_after import before_after
from equity_audit.programme.imputation import widened_series
from equity_audit.programme.interrupted_series import interrupted_series, why_not
from equity_audit.programme.programme_effect import programme_effect
from equity_audit.programme.quarterly_counts import drawn_counts, quarterly_counts
from equity_audit.programme.ratio_model import PairedCounts
from equity_audit.programme.timeline import Timeline
from equity_audit.settings import load_settings

Rng = np.random.Generator
POLICY = load_settings()
LEAD_IN = 6
_QUARTERS = 16


@dataclass(frozen=True)
class Situation:
    """months on either side (the lead-in comes on top), decisions of the group a month, and what moves besides.

    shared: spread of the months' common rate. own: spread of the months' impact ratio, with correlation `together` from
    one month to the next. closing: by how much the logarithm of the ratio rises in a year anyway.
    """

    name: str
    months: int = 48
    decided: int = 100
    shared: float = 0.0
    own: float = 0.0
    together: float = 0.0
    closing: float = 0.0

    @property
    def timeline(self) -> Timeline:
        """A start in January, so many months before, and the lead-in and so many months after it."""
        total = 2 * self.months + LEAD_IN
        first = 12 * 2020 - self.months
        periods = [date((first + m) // 12, (first + m) % 12 + 1, 1) for m in range(total)]
        return Timeline(tuple(periods), date(2020, 1, 1), LEAD_IN)

    def draw(self, rng: Rng, timeline: Timeline, effect: float) -> PairedCounts:
        """One series; the impact ratio is `effect` times what it was, from the end of the lead-in on."""
        count = len(timeline.periods)
        n_g, n_r = rng.poisson(self.decided, count), rng.poisson(4 * self.decided, count)
        rate = np.minimum(0.3 * np.exp(self.shared * rng.standard_normal(count)), 0.9)
        years = timeline.design(1)[:, 1]
        log = np.log(0.7) + np.log(effect) * timeline.after + self.closing * years + self.own * self._wobble(rng, count)
        s_g, s_r = rng.binomial(n_g, np.minimum(rate * np.exp(log), 0.95)), rng.binomial(n_r, rate)
        return PairedCounts(np.arange(count), s_g, n_g, s_r, n_r)

    def _wobble(self, rng: Rng, count: int) -> npt.NDArray[np.float64]:
        steps = rng.standard_normal(count)
        for month in range(1, count):
            steps[month] = self.together * steps[month - 1] + np.sqrt(1 - self.together**2) * steps[month]
        return steps


SITUATIONS = (
    Situation("chance alone"),
    Situation("chance alone, 10 decided a month", decided=10),
    Situation("chance alone, 14 months each", months=14),
    Situation("months differ for everybody", shared=0.3),
    Situation("the ratio differs by month", own=0.2),
    Situation("... and goes together, 0.3", own=0.2, together=0.3),
    Situation("... and goes together, 0.5", own=0.2, together=0.5),
    Situation("... and goes together, 0.8", own=0.2, together=0.8),
)


def effect_coverage(rng: Rng, repeats: int) -> pl.DataFrame:
    """How often the interval of the effect holds it, at no effect and at the smallest that is said to be detectable."""
    rows = []
    for situation in SITUATIONS:
        timeline, detectable = situation.timeline, 1.0
        for _ in range(2):
            found = [
                interrupted_series(situation.draw(rng, timeline, detectable), timeline, POLICY) for _ in range(repeats)
            ]
            low, high = (np.array([getattr(each.effect, end) for each in found]) for end in ("low", "high"))
            clear = (low > 1) | (high < 1)
            rows.append(
                {
                    "situation": situation.name,
                    "effect": detectable,
                    "coverage": float(((low <= detectable) & (detectable <= high)).mean()),
                    "found": float(clear.mean()),
                    "drifts": float(np.mean([each.drifts for each in found])),
                }
            )
            detectable = float(np.median([each.detectable_rise for each in found]))
    return pl.DataFrame(rows)


def published_coverage(rng: Rng, repeats: int) -> pl.DataFrame:
    """The effect from published counts, 16 quarters on either side: with ranges widened for rounding, and without."""
    total, rows = 2 * _QUARTERS + LEAD_IN // 3, []
    first = 4 * 2020 - _QUARTERS
    timeline = Timeline(
        tuple(date((first + q) // 4, 3 * ((first + q) % 4) + 1, 1) for q in range(total)), date(2020, 1, 1), 6
    )
    for decided in (40, 100, 300):
        for effect in (1.0, 1.5):
            rate = 0.21 * np.where(timeline.after, effect, 1.0)
            held = dict.fromkeys(("exact", "published", "without_widening"), 0)
            judged, drifts = 0, 0
            for _ in range(repeats):
                n_g, n_r = rng.poisson(decided, total), rng.poisson(4 * decided, total)
                exact = PairedCounts(np.arange(total), rng.binomial(n_g, rate), n_g, rng.binomial(n_r, 0.3), n_r)
                counts = quarterly_counts(_as_published(exact, timeline), POLICY)
                shown, *drawn = (_paired(one) for one in (counts, *drawn_counts(counts, POLICY.programme.tables_drawn)))
                if any(why_not(one, timeline, POLICY) for one in (exact, shown, *drawn)):
                    continue
                plain = interrupted_series(shown, timeline, POLICY)
                wide = widened_series(plain, [interrupted_series(one, timeline, POLICY) for one in drawn])
                true = interrupted_series(exact, timeline, POLICY)
                judged, drifts = judged + 1, drifts + plain.drifts
                for name, found in zip(held, (true, wide, plain), strict=True):
                    held[name] += found.effect.low <= effect <= found.effect.high
            rows.append(
                {"decided": decided, "effect": effect, "judged": judged / repeats}
                | {name: count / judged for name, count in held.items()}
                | {"drifts": drifts / judged}
            )
    return pl.DataFrame(rows)


def _as_published(exact: PairedCounts, timeline: Timeline) -> pl.DataFrame:
    """Rows of disclosed.stage_counts, split by quarter, by the plain rule: 0 to 4 marked, others to the nearest 5."""
    sides = {
        "BME": (exact.group_decided, exact.group_selected),
        "White": (exact.reference_decided, exact.reference_selected),
    }
    step = {
        "level": "wres",
        "breakdown": "quarter",
        "step_order": 0,
        "step_kind": "stage",
        "from_stage": "a",
        "to_stage": "b",
    }
    rows = []
    for group, (decided, progressed) in sides.items():
        for day, n, s in zip(timeline.periods, decided.tolist(), progressed.tolist(), strict=True):
            row: dict[str, Any] = step | {"group_name": group, "period": day, "breakdown_value": f"{day:%Y-%m}"}
            for name, count in (("decided", n), ("progressed", s)):
                small = count < POLICY.disclosure.withhold_below
                row |= {name: None if small else (count + 2) // 5 * 5, f"{name}_note": "fewer_than" if small else None}
            rows.append(row)
    return pl.DataFrame(rows, infer_schema_length=None)


def _paired(counts: pl.DataFrame) -> PairedCounts:
    sides = {name: counts.filter(pl.col("group_name") == name).sort("period") for name in ("BME", "White")}
    columns = [sides[name][count].to_numpy() for name in sides for count in ("progressed", "decided")]
    return PairedCounts(np.arange(len(columns[0])), *columns)


def change_coverage(rng: Rng, repeats: int) -> pl.DataFrame:
    """The plain change from before to after, with few and many selected."""
    rows = []
    first, second = np.array([True, False]), np.array([False, True])
    for decided in (50, 100, 400):
        n = np.full(2, decided), np.full(2, 4 * decided)
        held, defined = 0, 0
        for _ in range(repeats):
            s_g, s_r = rng.binomial(n[0], [0.21, 0.21 * 1.25]), rng.binomial(n[1], 0.3)
            counts = PairedCounts(np.arange(2), s_g, n[0], s_r, n[1])
            _, low, high = before_after(counts, first, second, 0.95).change
            held, defined = held + (low <= 1.25 <= high), defined + bool(np.isfinite(low))
        rows.append({"decided": decided, "expected": 0.21 * decided, "coverage": held / defined})
    return pl.DataFrame(rows)


def verdicts(rng: Rng, repeats: int) -> pl.DataFrame:
    """What is said where nothing changed, where a gap was closing anyway, and where there was an effect."""
    cases: list[tuple[str, Situation, float]] = [
        ("no effect", Situation("", months=36, decided=200), 1.0),
        ("the ratio differs by month, no effect", Situation("", months=36, decided=200, own=0.2, together=0.3), 1.0),
        ("the ratio drifts, no effect", Situation("", months=36, decided=200, own=0.2, together=0.8), 1.0),
        ("closing by 5% a year, no effect", Situation("", months=36, decided=200, closing=0.05), 1.0),
        ("an effect of 1.5", Situation("", months=36, decided=200), 1.5),
    ]
    rows: list[dict[str, Any]] = []
    for name, situation, effect in cases:
        said = []
        for _ in range(repeats):
            drawn = situation.draw(rng, situation.timeline, effect)
            columns = {key: values for key, values in vars(drawn).items() if key != "period"}
            counts = pl.DataFrame({"period": situation.timeline.periods, **columns})
            said.append(programme_effect(counts, date(2020, 1, 1), LEAD_IN, POLICY).verdict)
        kinds = ("improved", "worse", "no_clear_change", "improved_before_the_programme")
        shares = {kind: said.count(kind) / repeats for kind in kinds}  # type: ignore[arg-type]
        rows.append({"truth": name, **shares, "cannot tell": 1 - sum(shares.values())})
    return pl.DataFrame(rows)
