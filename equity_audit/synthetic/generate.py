"""Draw applications to a made-up employer, all at once.

Each application is decided independently, given the selectivity of its vacancy: the number of posts is not limited, so
applicants do not compete within a vacancy as they would in reality.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from equity_audit.synthetic import organisation as org
from equity_audit.synthetic.truth import expected_rates, programme_truth
from equity_audit.vocabulary import DEFAULT_STAGES

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

LABELS = ("Rejected", "Withdrawn", "Offer declined", "Not eligible", "In progress", "Appointed")
_REJECTED, _WITHDRAWN, _DECLINED, _INELIGIBLE, _PENDING, _APPOINTED = range(6)
_STEPS = len(DEFAULT_STAGES) - 1
_NEVER = np.iinfo(np.int32).max


@dataclass(frozen=True)
class SyntheticExtracts:
    """A wide extract, a later one that corrects it (or None), and the truth about both as plain values."""

    wide: pl.DataFrame
    corrections: pl.DataFrame | None
    truth: dict[str, Any]


@dataclass
class _History:
    """The full history of every application: the day of each stage, and how and when it ended."""

    attributes: dict[str, pl.Series]
    days: list[npt.NDArray[np.int32]]
    outcome: npt.NDArray[np.uint8]
    ended: npt.NDArray[np.int32]


def generate(  # noqa: PLR0913  each is an option of the command, or differs between the samples
    applications: int,
    seed: int,
    *,
    years: int = 3,
    first_day: date = date(2021, 4, 1),
    duplicates: float = 0.0,
    corrections: bool = False,
    employer: org.Employer = org.LARGE_TRUST,
) -> SyntheticExtracts:
    """Return records of `applications` over `years` from `first_day`; the same arguments give the same records.

    duplicates: share of rows that are repeated exactly. corrections: also a second, later extract of the applications
    that were in progress in the first. The truth has the effects built in; by reporting year, group and step, the
    expected selection rate of those decided: the mean of their probabilities; and what the programme changed.
    """
    rng = np.random.default_rng(seed)
    last_day = date(first_day.year + years, first_day.month, first_day.day) - timedelta(days=1)
    cut_off = (last_day - first_day).days
    history, expected = _draw(rng, applications, (first_day, years, cut_off), employer)
    wide = _as_seen(history, first_day, cut_off)
    if duplicates:
        repeated = rng.choice(applications, size=round(applications * duplicates), replace=False)
        wide = pl.concat([wide, wide[np.sort(repeated)]])
    later = None
    if corrections:
        seen_later = _as_seen(history, first_day, cut_off + org.DAYS_TO_CORRECTION)
        pending = wide["outcome"][:applications] == LABELS[_PENDING]
        later = seen_later.filter(pending & (seen_later["outcome"] != LABELS[_PENDING]))
    truth = {
        "organisation": employer.name,
        "applications": applications,
        "seed": seed,
        "years": years,
        "first_day": first_day.isoformat(),
        "last_day": last_day.isoformat(),
        "duplicates": duplicates,
        "corrections": corrections,
        "log_odds_at_shortlisting": org.SHORTLISTING_EFFECTS,
        "share_of_effect_by_step": org.EFFECT_SHARE_BY_STEP,
        "share_of_effect_left_at_shortlisting_by_year": [employer.effect_left(year) for year in range(years)],
        "wider_gap_by_department": dict(employer.wider_gap),
        "spread_of_vacancies": employer.spread,
        "applications_per_person": employer.applications_per_person,
        "programme": programme_truth(expected, employer.programme, first_day) if employer.programme else None,
        "expected": expected,
    }
    return SyntheticExtracts(wide, later, truth)


def to_long(wide: pl.DataFrame) -> pl.DataFrame:
    """Return the same applications with a row for each stage reached, and the outcome of that stage."""
    dates = [f"{stage}_on" for stage in DEFAULT_STAGES]
    order = {name: number for number, name in enumerate(dates)}
    return (
        wide.with_row_index("row")
        .unpivot(dates, index=[c for c in ("row", *wide.columns) if c not in dates], value_name="reached_on")
        .filter(pl.col("reached_on").is_not_null())
        .with_columns(order=pl.col("variable").replace_strict(order, return_dtype=pl.Int8))
        .sort("row", "order")
        .with_columns(
            stage=pl.col("variable").str.strip_suffix("_on"),
            outcome=pl.when(pl.col("order") < pl.col("order").max().over("row"))
            .then(pl.lit("Progressed"))
            .otherwise(pl.col("outcome").cast(pl.String)),
        )
        .drop("row", "order", "variable")
        .select(*(c for c in wide.columns if c not in (*dates, "outcome")), "stage", "reached_on", "outcome")
    )


def _draw(
    rng: np.random.Generator, count: int, span: tuple[date, int, int], employer: org.Employer
) -> tuple[_History, list[dict[str, Any]]]:
    """span: first day, number of years, and the number of days until the extract is taken."""
    first_day, years, cut_off = span
    vacancy, posts = _vacancies(rng, count, cut_off, employer)
    person = _people(rng, count, employer)
    source_of_person = _choose(rng, list(org.SOURCES.values()), int(person.max()) + 1)
    source, ethnicity = source_of_person[person], _ethnicities(rng, source_of_person)[person]
    applied = np.minimum(posts["opened"][vacancy] + rng.integers(0, org.DAYS_OPEN, count), cut_off).astype(np.int32)
    starts = [(date(first_day.year + year, first_day.month, first_day.day) - first_day).days for year in range(years)]
    year = (np.searchsorted(starts, applied, side="right") - 1).astype(np.int8)

    days = [applied, *(np.full(count, _NEVER, dtype=np.int32) for _ in range(_STEPS))]
    outcome = np.full(count, _APPOINTED, dtype=np.uint8)
    ended = np.full(count, _NEVER, dtype=np.int32)
    expected: list[dict[str, Any]] = []
    here = np.arange(count)
    for step in range(_STEPS):
        chance = _chances(step, here, (vacancy, posts), (ethnicity, year), employer)
        left = _leaves(rng, step, here.size)
        when = (days[step][here] + rng.integers(*org.DAYS_TO_NEXT[step], here.size, endpoint=True)).astype(np.int32)
        goes_on = (left == _APPOINTED) & (rng.random(here.size, dtype=np.float32) < chance)
        decided = (left == _APPOINTED) & (when <= cut_off)
        expected += expected_rates(step, chance[decided], ethnicity[here[decided]], year[here[decided]])
        outcome[here] = np.where(goes_on, _APPOINTED, np.where(left == _APPOINTED, _REJECTED, left))
        ended[here[~goes_on]] = when[~goes_on]
        here, when = here[goes_on], when[goes_on]
        days[step + 1][here] = when
    ids = {} if employer.applications_per_person == 1 else {"candidate_id": _ids("CAN", person)}
    attributes = {
        "application_id": _ids("APP", np.arange(count)),
        **ids,
        "vacancy_id": _named([f"VAC-{number:06}" for number in range(1, len(posts["opened"]) + 1)], vacancy),
        "pay_band": _named(list(employer.bands), posts["band"][vacancy]),
        **(
            {"staff_group": _named(list(org.STAFF_GROUPS), posts["staff_group"][vacancy])}
            if employer.by_staff_group
            else {}
        ),
        "department": _named(list(employer.departments), posts["department"][vacancy]),
        "applicant_source": _named(list(org.SOURCES), source),
        "ethnicity": _named(list(org.ETHNICITIES), ethnicity),
    }
    return _History(attributes, days, outcome, ended), expected


def _ids(prefix: str, numbers: Ints) -> pl.Series:
    """Return ids with eight digits, counted from 1."""
    digits = (pl.Series(numbers) + 1).cast(pl.String).str.zfill(8)
    return pl.select(pl.concat_str(pl.lit(f"{prefix}-"), digits)).to_series()


def _people(rng: np.random.Generator, count: int, employer: org.Employer) -> Ints:
    """Return the number of the person behind each application; those of one person are close to each other in time."""
    if employer.applications_per_person == 1:
        return np.arange(count)
    each = rng.geometric(1 / employer.applications_per_person, count)
    people: Ints = np.repeat(np.arange(count), each)[:count]
    return people[np.argsort(np.arange(count) + rng.uniform(0, org.APPLICATIONS_BETWEEN, count))]


def _vacancies(
    rng: np.random.Generator, count: int, cut_off: int, employer: org.Employer
) -> tuple[Ints, dict[str, npt.NDArray[Any]]]:
    """Return the vacancy of each application, and the vacancies."""
    posts = max(1, count // employer.applications_per_vacancy)
    weights = rng.lognormal(sigma=org.VACANCY_SIZE_SPREAD, size=posts)
    ends = np.round(np.cumsum(weights) / weights.sum() * count).astype(np.int64)
    vacancy = np.repeat(np.arange(posts), np.diff(ends, prepend=0))
    return vacancy, {
        "opened": np.sort(rng.integers(0, cut_off + 1, posts)),
        "band": _choose(rng, list(employer.bands.values()), posts),
        "staff_group": _choose(rng, list(org.STAFF_GROUPS.values()), posts),
        "department": rng.integers(0, len(employer.departments), posts).astype(np.uint8),
        "selectivity": rng.normal(0, employer.spread, posts),
    }


def _ethnicities(rng: np.random.Generator, source: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    ethnicity = np.empty(source.size, dtype=np.uint8)
    for code, name in enumerate(org.SOURCES):
        mix = org.MIXES[name]
        of_source = source == code
        ethnicity[of_source] = _choose(rng, [mix.get(label, 0.0) for label in org.ETHNICITIES], int(of_source.sum()))
    return ethnicity


def _chances(
    step: int,
    here: Ints,
    vacancies: tuple[Ints, dict[str, npt.NDArray[Any]]],
    applicants: tuple[npt.NDArray[np.uint8], npt.NDArray[np.int8]],
    employer: org.Employer,
) -> Floats:
    """Return each application's probability of progressing at the step: logistic in the post and the effect built in.

    vacancies: that of each application, and all of them. applicants: ethnicity, and the year of applying. In double
    precision, so that processors that differ in the last place still draw the same people.
    """
    (vacancy, posts), (ethnicity, year) = vacancies, applicants
    post = vacancy[here]
    base = np.log(org.BASE_RATES[step] / (1 - org.BASE_RATES[step]))
    effects = np.array([org.SHORTLISTING_EFFECTS.get(label, 0.0) for label in org.ETHNICITIES])
    effect = effects[ethnicity[here]]
    if step == 0:
        wider = np.array([employer.wider_gap.get(name, 0.0) for name in employer.departments])
        effect = effect + np.where(effect < 0, wider[posts["department"][post]], 0)
        effect = effect * np.array([employer.effect_left(number) for number in range(int(year.max()) + 1)])[year[here]]
    odds = (
        base
        + posts["selectivity"][post]
        + org.BAND_EFFECT_PER_STEP * posts["band"][post]
        + effect * org.EFFECT_SHARE_BY_STEP[step]
    )
    chance: Floats = 1 / (1 + np.exp(-odds))
    return chance


def _leaves(rng: np.random.Generator, step: int, count: int) -> npt.NDArray[np.uint8]:
    """Return how applications leave before a decision; the others have the code for appointed for the time being."""
    other, label = {0: (org.INELIGIBLE_AT_FIRST, _INELIGIBLE), _STEPS - 1: (org.DECLINES_AT_LAST, _DECLINED)}.get(
        step, (0.0, _INELIGIBLE)
    )
    drawn = rng.random(count, dtype=np.float32)
    left = np.full(count, _APPOINTED, dtype=np.uint8)
    left[drawn < org.WITHDRAWS[step] + other] = label
    left[drawn < org.WITHDRAWS[step]] = _WITHDRAWN
    return left


def _as_seen(history: _History, first_day: date, cut_off: int) -> pl.DataFrame:
    """Return the extract of one day: anything after that day has not happened yet."""
    epoch = (first_day - date(1970, 1, 1)).days
    stages = {
        f"{stage}_on": pl.Series(np.where(days <= cut_off, days, 0) + epoch, dtype=pl.Int32)
        .cast(pl.Date)
        .set(pl.Series(days > cut_off), None)
        for stage, days in zip(DEFAULT_STAGES, history.days, strict=True)
    }
    # Still open: the day on which it ends, or of the appointment, is after the cut-off.
    open_yet = np.where(history.outcome == _APPOINTED, history.days[-1], history.ended) > cut_off
    outcome = _named(list(LABELS), np.where(open_yet, _PENDING, history.outcome))
    return pl.DataFrame({**history.attributes, **stages, "outcome": outcome})


def _choose(rng: np.random.Generator, shares: list[float], count: int) -> npt.NDArray[np.uint8]:
    edges = np.cumsum(shares)
    drawn = rng.random(count, dtype=np.float32) * edges[-1]
    codes: npt.NDArray[np.uint8] = np.minimum(np.searchsorted(edges, drawn, side="right"), len(shares) - 1).astype(
        np.uint8
    )
    return codes


def _named(names: list[str], codes: npt.NDArray[Any]) -> pl.Series:
    """Return codes as words, in an Enum, which keeps ten million of them small."""
    return pl.Series(names, dtype=pl.Enum(names)).gather(pl.Series(codes).cast(pl.UInt32))
