"""A small network of 1,200 applications a year, drawn by other code than the bundled samples.

Seven years from April 2017. Of White applicants and those of unknown ethnicity 24% are shortlisted. For all others that
chance is 0.60 times as high in the first three years, 0.78 times in the fourth and 0.95 times in the last three, so the
impact ratio truly changes by 0.95 / 0.60 = 1.58 between the first and the last three. Later steps treat all alike.
"""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl

FIRST_YEAR, YEARS, APPLICATIONS = 2017, 7, 1200
START, LEAD_IN_MONTHS = date(2020, 4, 1), 12
RATIOS = (0.60, 0.60, 0.60, 0.78, 0.95, 0.95, 0.95)
CHANGE = 0.95 / 0.60
_SHORTLISTED, _INTERVIEWED, _OFFERED, _ACCEPTED, _WITHDREW = 0.24, 0.92, 0.16, 0.90, 0.02
_SHARES = {
    "White: English, Welsh, Scottish, Northern Irish or British": 34,
    "White: Irish": 2,
    "White: Any other White background": 10,
    "Asian or Asian British: Indian": 9,
    "Asian or Asian British: Pakistani": 4,
    "Asian or Asian British: Bangladeshi": 3,
    "Asian or Asian British: Chinese": 3,
    "Asian or Asian British: Any other Asian background": 4,
    "Black, Black British, Caribbean or African: African": 13,
    "Black, Black British, Caribbean or African: Caribbean": 5,
    "Mixed or Multiple ethnic groups: White and Black Caribbean": 2,
    "Mixed or Multiple ethnic groups: White and Asian": 1,
    "Other ethnic group: Arab": 1,
    "Other ethnic group: Any other ethnic group": 2,
    "Not stated": 3,
}


def write_small_network(path: Path, seed: int = 7, ratios: tuple[float, ...] = RATIOS) -> None:
    """Write all its years as one export in the standard wide layout."""
    rng = np.random.default_rng(seed)
    parts = [_year(rng, number, ratio) for number, ratio in enumerate(ratios)]
    pl.concat(parts).with_row_index("application_id", 1).cast({"application_id": pl.String}).write_csv(path)


def _year(rng: np.random.Generator, number: int, ratio: float) -> pl.DataFrame:
    """One year, in vacancies of 8 to 79 applications."""
    sizes: list[int] = []
    while sum(sizes) < APPLICATIONS:
        sizes.append(int(rng.integers(8, 80)))
    vacancy = np.repeat(np.arange(len(sizes)), sizes)
    shares = np.array(list(_SHARES.values()))
    ethnicity = rng.choice(list(_SHARES), size=vacancy.size, p=shares / shares.sum())
    reference = np.char.startswith(ethnicity, "White") | (ethnicity == "Not stated")
    shortlisted = rng.random(vacancy.size) < _SHORTLISTED * np.where(reference, 1, ratio)
    interviewed = shortlisted & (rng.random(vacancy.size) < _INTERVIEWED)
    offered = interviewed & (rng.random(vacancy.size) < _OFFERED)
    appointed = offered & (rng.random(vacancy.size) < _ACCEPTED)
    left = np.where(rng.random(vacancy.size) < _WITHDREW, "Withdrawn", "Rejected")
    opened = date(FIRST_YEAR + number, 4, 1).toordinal() + rng.integers(0, 330, len(sizes))[vacancy]

    def days(reached: np.ndarray, after: int) -> list[date | None]:
        first = (date.fromordinal(int(day)) + timedelta(days=after) for day in opened)
        return [day if here else None for day, here in zip(first, reached, strict=True)]

    return pl.DataFrame(
        {
            "vacancy_id": [f"{FIRST_YEAR + number}-{post}" for post in vacancy],
            "ethnicity": ethnicity,
            "applied_on": days(opened > 0, 0),
            "shortlisted_on": days(shortlisted, 20),
            "interviewed_on": days(interviewed, 35),
            "offered_on": days(offered, 40),
            "appointed_on": days(appointed, 60),
            "outcome": np.where(appointed, "Appointed", np.where(offered, "Offer declined", left)),
        }
    )
