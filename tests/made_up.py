"""Random made-up organisations, each determined by its seed: what it is called, keeps and publishes."""

import json
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from random import Random

import numpy as np
import polars as pl

from equity_audit.synthetic import generate, generate_workforce, to_long
from equity_audit.vocabulary import DEFAULT_STAGES

NAMES = (
    *("Northmere NHS Trust", "12", "2019", "5.00", "A & B <Care> Ltd", "Больница № 5", "東京病院", "مستشفى المدينة"),
    *('O\'Neil "Quoted" Group', "50% Fair; plc", "=SUM(A1)", "St Mary\N{RIGHT SINGLE QUOTATION MARK}s/West", "Trust_7"),
    *("{{ organisation }}", "3f2504e0-4f89-11d3-9a0c-0305e82c3301", "Gofal Ŵy \N{EN DASH} Môn", "\N{HOSPITAL} Care"),
)
DEPARTMENTS = (
    ("Emergency", "Surgery", "Theatres", "Medicine", "Imaging", "Estates"),
    ("7", "12", "2019", "5", "100", "0.2"),
    ("A&E", "<b>Ward</b>", "R&D / IT", "{{ x }}", "100%", "-5", "1,234"),
    ("Хирургия", "内科", "طوارئ", "Ορθοπεδική", "Přístroje"),
    ("All", "Unknown", "White", "Not recorded", "fewer than 5"),
)
BANDS = (
    ("Band 2", "Band 3", "Band 5", "Band 6", "Band 8a", "Medical and dental"),
    ("2", "3", "5", "6", "7", "8a"),
    ("£20,000 to £24,999", "£25,000 to £29,999", "£30,000 to £39,999", "£40,000 and over"),
    ("Grade <5", "Grade 5 & 6", 'Grade "7"', "10%"),
)
SPLITS = ("pay_band", "staff_group", "department", "applicant_source", "quarter")
US = {
    "Asian": "Asian", "Black": "Black or African American", "Mixed": "Two or More Races", "White": "White",
    "Other": "Hispanic or Latino",
}  # fmt: skip
US_STAGES = ("applied", "screened", "interviewed", "offered", "hired")
FIRST_DAY = date(2021, 4, 1)


@dataclass(frozen=True)
class Sizes:
    """How large organisations may be, and how many splits they publish."""

    applications: tuple[int, int] = (300, 5000)
    splits: int = 2


@dataclass(frozen=True)
class Organisation:
    """Everything about one: its records follow from this alone."""

    number: int
    seed: int
    name: str
    applications: int
    years: int
    shape: str
    is_us: bool
    unit: str
    preset: str
    splits: tuple[str, ...]
    staff: int
    survey: bool
    corrected: int
    later_year: bool
    review: bool
    departments: tuple[str, ...]
    bands: tuple[str, ...]

    @property
    def corrections_name(self) -> str:
        """What the file of corrections is called."""
        return Random(self.seed).choice(
            ("corrections.csv", "corrections (2) of 5.csv", "corrections-0123456789012345.csv", "2022.csv")
        )

    @property
    def settings(self) -> str:
        """The home's settings.toml. The preset called own has no splits but those named."""
        return (
            f'[period]\nunit = "{self.unit}"\n'
            f'[disclosure]\npreset = "{self.preset}"\npublish_splits = {json.dumps(list(self.splits))}\n'
            f"[workforce]\npublish_splits = {json.dumps([s for s in self.splits if s in SPLITS[:2]])}\n"
        )

    @property
    def programme(self) -> str:
        """A programme that began in the middle of the records."""
        return (
            f'[programme]\nname = "Fair <from> 2019 & on"\norganisation = {json.dumps(self.name, ensure_ascii=False)}\n'
            f"start = {FIRST_DAY.year + 1}-10-01\nlead_in_months = 3\n"
        )


def organisation(seed: int, number: int, sizes: Sizes) -> Organisation:
    """The organisation of that number in the campaign of that seed."""
    random = Random(f"{seed}-{number}")
    unit = random.choice(("year", "year", "year", "quarter", "month"))
    is_us = random.random() < 0.15
    years = random.randint(1, 3) if unit == "year" else 1
    possible = SPLITS if unit == "year" else SPLITS[:-1]
    splits = tuple(random.sample(possible, random.randint(0, min(sizes.splits, len(possible)))))
    low, high = sizes.applications
    return Organisation(
        number=number,
        seed=random.randrange(2**31),
        name=random.choice(NAMES),
        applications=round(low * (high / low) ** random.random()),
        years=years,
        shape=random.choice(("wide", "long")),
        is_us=is_us,
        unit=unit,
        preset=random.choice(("own",) * 6 + ("ofqual", "nhs_hes", "hesa", "acro")),
        splits=splits,
        staff=random.choice((0, 150, 600, 4000)) if not is_us else 0,
        survey=not is_us and random.random() < 0.3,
        corrected=random.randint(15, 60) if random.random() < 0.5 else 0,
        later_year=random.random() < 0.4,
        review="quarter" in splits and random.random() < 0.7,
        departments=random.choice(DEPARTMENTS),
        bands=random.choice(BANDS),
    )


def plain(organisation: Organisation) -> Organisation:
    """The same with one year, no splits and nothing besides, and a correction: kills need many short runs."""
    return replace(
        organisation, name=NAMES[0], applications=300, years=1, unit="year", preset="own", splits=(), staff=0,
        survey=False, corrected=40, later_year=False, review=False,
    )  # fmt: skip


@dataclass(frozen=True)
class Records:
    """The applications of an organisation, and a later file of those that were corrected or came later."""

    first: pl.DataFrame
    corrections: pl.DataFrame | None
    later: pl.DataFrame | None


def records(one: Organisation) -> Records:
    """Its applications, in the wide layout."""
    first = _drawn(one, one.applications, one.seed, one.years, FIRST_DAY, "A")
    if one.unit == "month":
        first = _fullest_months(first, 3)
    later = None
    if one.later_year:
        begins = date(FIRST_DAY.year + one.years, FIRST_DAY.month, FIRST_DAY.day)
        later = _drawn(one, one.applications // one.years, one.seed + 1, 1, begins, "L")
        if one.unit == "month":
            later = _fullest_months(later, 1)
    return Records(first, _corrected(one, first) if one.corrected else None, later)


def write_files(one: Organisation, folder: Path) -> dict[str, list[Path]]:
    """Its exports with their mappings, by when they come: first, corrections, later."""
    drawn = records(one)
    files = {"first": [_write(one, drawn.first, folder / f"export {one.number}.csv")]}
    if one.staff:
        files["first"].append(_write_staff(one, folder / "staff-2023.csv"))
    if one.survey:
        files["first"].append(_write_survey(one, folder / "survey.csv"))
    if drawn.corrections is not None:
        files["corrections"] = [_write(one, drawn.corrections, folder / one.corrections_name)]
    if drawn.later is not None:
        files["later"] = [_write(one, drawn.later, folder / "later.csv")]
    return files


def _drawn(one: Organisation, count: int, seed: int, years: int, first_day: date, prefix: str) -> pl.DataFrame:
    drawn = generate(max(count, 1), seed, years=years, first_day=first_day).wide
    drawn = drawn.with_columns(pl.col(pl.Enum).cast(pl.String)).with_columns(
        application_id=prefix + pl.col("application_id"),
        vacancy_id=prefix + pl.col("vacancy_id"),
        department=_renamed("department", one.departments),
        pay_band=_renamed("pay_band", one.bands),
    )
    if one.is_us:
        group = pl.col("ethnicity").str.extract(r"^(\w+):")
        drawn = drawn.with_columns(ethnicity=group.replace_strict(US, default="Not stated"))
    return drawn


def _fullest_months(drawn: pl.DataFrame, months: int) -> pl.DataFrame:
    """The applications of the months that have most: a month of few vacancies may have none."""
    month = drawn["applied_on"].dt.truncate("1mo")
    fullest = month.value_counts().sort("count", "applied_on", descending=True)["applied_on"][:months]
    return drawn.filter(month.is_in(fullest.implode()))


def _renamed(column: str, names: tuple[str, ...]) -> pl.Expr:
    """The values of a column as others: many departments become few."""
    place = pl.col(column).rank("dense").cast(pl.Int64) - 1
    return pl.lit(pl.Series(names)).gather(place % len(names))


def _corrected(one: Organisation, first: pl.DataFrame) -> pl.DataFrame:
    """So many of the applications of one period, with another outcome or another ethnicity."""
    rng = np.random.default_rng(one.seed)
    months = {"year": 12, "quarter": 3, "month": 1}[one.unit]
    since = (pl.col("applied_on").dt.year() - FIRST_DAY.year) * 12 + pl.col("applied_on").dt.month() - FIRST_DAY.month
    periods = first.with_columns(period=since // months)
    fullest = periods["period"].value_counts(sort=True)["period"][0]
    there = periods.filter(period=fullest).drop("period")
    chosen = there[np.sort(rng.permutation(there.height)[: one.corrected])]
    people = pl.Series(rng.permutation(chosen["ethnicity"].to_numpy()))
    return chosen.with_columns(
        outcome=pl.when(pl.col("outcome") == "Rejected")
        .then(pl.lit("Withdrawn"))
        .when(pl.col("outcome") == "Withdrawn")
        .then(pl.lit("Rejected"))
        .otherwise("outcome"),
        ethnicity=people,
    )


def _write(one: Organisation, wide: pl.DataFrame, path: Path) -> Path:
    """An export of applications with its mapping."""
    stages = US_STAGES if one.is_us else DEFAULT_STAGES
    renames = {f"{old}_on": f"{new}_on" for old, new in zip(DEFAULT_STAGES, stages, strict=True)}
    frame = to_long(wide) if one.shape == "long" else wide
    if one.shape == "long":
        frame = frame.with_columns(pl.col("stage").replace(dict(zip(DEFAULT_STAGES, stages, strict=True))))
    else:
        frame = frame.rename(renames)
    names = ("application_id", "vacancy_id", "ethnicity", "outcome", "pay_band", "staff_group", "department")
    columns = {name: name for name in (*names, "applicant_source")}
    if one.shape == "long":
        columns |= {"stage": "stage", "reached_on": "reached_on"}
    outcomes = {
        "Rejected": "rejected", "Withdrawn": "withdrew", "Offer declined": "declined", "Not eligible": "ineligible",
        "In progress": "pending", "Progressed": "progressed", "Appointed": "progressed",
    }  # fmt: skip
    parts = {
        "source": _source(one, one.shape, "us_eeo1" if one.is_us else "ons_2021") | {"stages": list(stages)},
        "columns": columns,
        "outcomes": outcomes,
    }
    if one.shape == "wide":
        parts["stage_dates"] = {stage: f"{stage}_on" for stage in stages}
    frame.write_csv(path)
    return _with_mapping(path, parts)


def _write_staff(one: Organisation, path: Path) -> Path:
    """Headcounts of about as many as it has, without joiners."""
    rng = np.random.default_rng(one.seed)
    drawn = generate_workforce(one.seed, years=one.years, first_day=FIRST_DAY)
    share = one.staff / 4000
    headcount = np.where(drawn["board_member"] == "Yes", drawn["headcount"], rng.binomial(drawn["headcount"], share))
    frame = drawn.drop("joiners").with_columns(
        headcount=pl.Series(headcount),
        leavers=pl.Series(np.where(drawn["board_member"] == "Yes", 0, rng.binomial(headcount, 0.12))),
        pay_band=pl.when(pl.col("pay_band").is_not_null()).then(_renamed("pay_band", one.bands)),
    )
    keys = ["snapshot", "ethnicity", "pay_band", "staff_group", "board_member"]
    summed = frame.group_by(keys, maintain_order=True).agg(pl.col("headcount", "leavers").sum())
    summed.filter(pl.col("headcount") + pl.col("leavers") > 0).write_csv(path)
    columns = {name: name for name in (*keys, "headcount", "leavers")}
    return _with_mapping(path, {"source": _source(one, "workforce", "ons_2021"), "columns": columns})


def _write_survey(one: Organisation, path: Path) -> Path:
    """Answers to two questions in each year."""
    rng = np.random.default_rng(one.seed)
    rows = []
    for year in range(one.years):
        for item in ("Q17: 5 or more?", "I would <recommend> us & 2019"):
            for group, part in (
                ("White", 0.6),
                ("Asian", 0.2),
                ("Black", 0.1),
                ("Mixed", 0.05),
                ("Other: Arab", 0.02),
            ):
                answered = int(rng.poisson(max(one.staff, 200) * part * 0.5))
                rows.append(
                    (date(FIRST_DAY.year + year, 10, 31), item, group, answered, int(rng.binomial(answered, 0.6)))
                )
    columns = ("wave", "item", "ethnicity", "answered", "agreed")
    pl.DataFrame(rows, schema=list(columns), orient="row").write_csv(path)
    return _with_mapping(path, {"source": _source(one, "survey", "ons_2021"), "columns": {c: c for c in columns}})


def _source(one: Organisation, shape: str, classification: str) -> dict[str, object]:
    return {"name": "made_up", "organisation": one.name, "shape": shape, "ethnicity_classification": classification}


def _with_mapping(path: Path, parts: dict[str, dict[str, object]]) -> Path:
    """The mapping beside its file: JSON's texts and lists are TOML's too."""
    lines = [
        line
        for name, values in parts.items()
        for line in (
            f"[{name}]",
            *(f"{json.dumps(k)} = {json.dumps(v, ensure_ascii=False)}" for k, v in values.items()),
        )
    ]
    path.with_name(f"{path.name}.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
