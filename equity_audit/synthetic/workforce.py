"""The staff of a made-up employer: a headcount on the last day of each reporting year, with leavers and joiners.

Initial staff are drawn by pay band and staff group; in each year some leave and the same number join through
recruitment. Higher bands have fewer people from Black, Asian and minoritised groups.
"""

from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import polars as pl

from equity_audit.synthetic import organisation as org
from equity_audit.vocabulary import WHITE_BRITISH, match_ethnicity

COLUMNS = ("snapshot", "ethnicity", "pay_band", "staff_group", "board_member", "headcount", "leavers", "joiners")
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def generate_workforce(
    seed: int, *, years: int = 3, first_day: date = date(2021, 4, 1), employer: org.Employer = org.LARGE_TRUST
) -> pl.DataFrame:
    """Return headcounts at the end of years, a row for each ethnicity, band and staff group with staff, and the board.

    The columns are COLUMNS, without staff_group where the employer does not count staff by it. The same arguments give
    the same numbers.
    """
    rng = np.random.default_rng([seed, employer.staff_stock])
    stock = _first_staff(rng, employer)
    frames = []
    for year in range(years):
        leaves = np.where(_minoritised(), org.LEAVES_MINORITISED, org.LEAVES)
        leavers = rng.binomial(stock, leaves)
        joiners = rng.multinomial(leavers.sum(), _joining(year, employer).ravel()).reshape(stock.shape)
        stock = stock - leavers + joiners
        day = date(first_day.year + year + 1, first_day.month, first_day.day) - timedelta(days=1)
        board = employer.boards[min(year, len(employer.boards) - 1)]
        if employer.counted is None or year in employer.counted:
            frames += [_staff_rows(day, stock, leavers, joiners, employer), _board_rows(day, board)]
    headcounts = pl.concat(frames)
    return headcounts if employer.by_staff_group else _without_staff_groups(headcounts)


def _without_staff_groups(headcounts: pl.DataFrame) -> pl.DataFrame:
    key = [name for name in COLUMNS[:5] if name != "staff_group"]
    return headcounts.group_by(key, maintain_order=True).agg(pl.col(COLUMNS[5:]).sum())


def _first_staff(rng: np.random.Generator, employer: org.Employer) -> Ints:
    """Return staff by band, staff group and ethnicity on the first day."""
    people = np.array([org.MIXES["internal"].get(label, 0.0) for label in org.ETHNICITIES])
    cells = _by_band(np.where(_minoritised(), people * np.exp(employer.first_staff), people), employer)
    drawn: Ints = rng.multinomial(employer.staff, cells.ravel()).reshape(cells.shape)
    return drawn


def _joining(year: int, employer: org.Employer) -> Floats:
    """Return the distribution of joiners: that of applicants, weighted by their odds of selection in the year."""
    applying = np.zeros(len(org.ETHNICITIES))
    for source, part in org.SOURCES.items():
        applying += part * np.array([org.MIXES[source].get(label, 0.0) for label in org.ETHNICITIES])
    effects = np.array([org.SHORTLISTING_EFFECTS.get(label, 0.0) for label in org.ETHNICITIES])
    return _by_band(applying * np.exp(effects * employer.effect_left(year)), employer)


def _by_band(people: Floats, employer: org.Employer) -> Floats:
    """Return a mix of ethnicities as shares of the total, by band, staff group and ethnicity."""
    odds = np.exp([org.STAFF_EFFECTS.get(band, 0.0) for band in employer.bands])
    mixes = np.where(_minoritised(), people[None] * odds[:, None], people[None])
    bands, groups = (np.array(list(shares.values())) for shares in (employer.bands, org.STAFF_GROUPS))
    shares = bands[:, None] * mixes / mixes.sum(axis=1, keepdims=True)
    cells: Floats = shares[:, None, :] * groups[None, :, None]
    parts: Floats = cells / cells.sum()
    return parts


def _minoritised() -> npt.NDArray[np.bool_]:
    meanings = (match_ethnicity(label, "ons_2021") for label in org.ETHNICITIES)
    return np.array([meaning is not None and meaning.wres == "BME" for meaning in meanings])


def _staff_rows(day: date, stock: Ints, leavers: Ints, joiners: Ints, employer: org.Employer) -> pl.DataFrame:
    names = list(employer.bands), list(org.STAFF_GROUPS), org.ETHNICITIES
    counts = np.stack([stock, leavers, joiners])
    rows = [
        # In a table of counts unknown ethnicity needs a label, since a blank one may mean a total.
        (day, names[2][e] or "Not known", names[0][b], names[1][g], "No", *counts[:, b, g, e].tolist())
        for b, g, e in np.argwhere(counts.sum(axis=0) > 0)
    ]
    return pl.DataFrame(rows, schema=list(COLUMNS), orient="row")


def _board_rows(day: date, members: tuple[int, int]) -> pl.DataFrame:
    """Return rows for White members, and for others, who are of two categories."""
    white, others = members
    parts = {WHITE_BRITISH: white, "Asian: Indian": others // 2, "Black: African": others - others // 2}
    rows = [(day, label, None, None, "Yes", count, 0, 0) for label, count in parts.items() if count]
    kinds = {"pay_band": pl.String, "staff_group": pl.String}
    return pl.DataFrame(rows, schema=list(COLUMNS), schema_overrides=kinds, orient="row")
