"""Who works for the made-up employer: a headcount on the last day of each reporting year, with leavers and joiners.

Staff of the first day are drawn by pay band and staff group; in each year some leave and as many join, as recruitment
brings them in. Higher bands have fewer people of Black, Asian and minoritised groups.
"""

from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import polars as pl

from equity_audit.synthetic import organisation as org
from equity_audit.vocabulary import WHITE_BRITISH, match_ethnicity

# Of a few tried, one with which all published tiers of White and BME staff are shown in every year.
_STOCK = 4
COLUMNS = ("snapshot", "ethnicity", "pay_band", "staff_group", "board_member", "headcount", "leavers", "joiners")
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def generate_workforce(seed: int, *, years: int = 3, first_day: date = date(2021, 4, 1)) -> pl.DataFrame:
    """Headcounts of `years` snapshots, a row for each ethnicity, band and staff group that has somebody, and the board.

    Columns as COLUMNS. The same arguments give the same numbers.
    """
    rng = np.random.default_rng([seed, _STOCK])
    stock = _first_staff(rng)
    frames = []
    for year in range(years):
        leaves = np.where(_minoritised(), org.LEAVES_MINORITISED, org.LEAVES)
        leavers = rng.binomial(stock, leaves)
        joiners = rng.multinomial(leavers.sum(), _joining().ravel()).reshape(stock.shape)
        stock = stock - leavers + joiners
        day = date(first_day.year + year + 1, first_day.month, first_day.day) - timedelta(days=1)
        board = org.BOARDS[min(year, len(org.BOARDS) - 1)]
        frames += [_staff_rows(day, stock, leavers, joiners), _board_rows(day, board)]
    return pl.concat(frames)


def _first_staff(rng: np.random.Generator) -> Ints:
    """People by band, staff group and ethnicity on the first day."""
    cells = _by_band(np.array([org.MIXES["internal"].get(label, 0.0) for label in org.ETHNICITIES]))
    drawn: Ints = rng.multinomial(org.STAFF, cells.ravel()).reshape(cells.shape)
    return drawn


def _joining() -> Floats:
    """Where those who join go and who they are: whoever applies, by the chance of being selected."""
    applying = np.zeros(len(org.ETHNICITIES))
    for source, part in org.SOURCES.items():
        applying += part * np.array([org.MIXES[source].get(label, 0.0) for label in org.ETHNICITIES])
    effects = np.array([org.SHORTLISTING_EFFECTS.get(label, 0.0) for label in org.ETHNICITIES])
    return _by_band(applying * np.exp(effects))


def _by_band(people: Floats) -> Floats:
    """A mix of ethnicities over bands and staff groups, as parts of all: bands by staff groups by ethnicities."""
    odds = np.exp([org.STAFF_EFFECTS.get(band, 0.0) for band in org.BANDS])
    mixes = np.where(_minoritised(), people[None] * odds[:, None], people[None])
    bands, groups = (np.array(list(shares.values())) for shares in (org.BANDS, org.STAFF_GROUPS))
    shares = bands[:, None] * mixes / mixes.sum(axis=1, keepdims=True)
    cells: Floats = shares[:, None, :] * groups[None, :, None]
    parts: Floats = cells / cells.sum()
    return parts


def _minoritised() -> npt.NDArray[np.bool_]:
    meanings = (match_ethnicity(label, "ons_2021") for label in org.ETHNICITIES)
    return np.array([meaning is not None and meaning.wres == "BME" for meaning in meanings])


def _staff_rows(day: date, stock: Ints, leavers: Ints, joiners: Ints) -> pl.DataFrame:
    names = list(org.BANDS), list(org.STAFF_GROUPS), org.ETHNICITIES
    counts = np.stack([stock, leavers, joiners])
    rows = [
        # A table of numbers does not leave the label of those who are unknown blank: a total might be.
        (day, names[2][e] or "Not known", names[0][b], names[1][g], "No", *counts[:, b, g, e].tolist())
        for b, g, e in np.argwhere(counts.sum(axis=0) > 0)
    ]
    return pl.DataFrame(rows, schema=list(COLUMNS), orient="row")


def _board_rows(day: date, members: tuple[int, int]) -> pl.DataFrame:
    """White members, and others, who are of two categories."""
    white, others = members
    parts = {WHITE_BRITISH: white, "Asian: Indian": others // 2, "Black: African": others - others // 2}
    rows = [(day, label, None, None, "Yes", count, 0, 0) for label, count in parts.items() if count]
    kinds = {"pay_band": pl.String, "staff_group": pl.String}
    return pl.DataFrame(rows, schema=list(COLUMNS), schema_overrides=kinds, orient="row")
