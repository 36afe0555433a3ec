"""docs/calibration.md from the results of the studies."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

TARGETS = """\
| what | target | found | met |
|---|---|---|---|
"""


# What is aimed at: what, target, found, met.
Target = tuple[str, str, str, str]


@dataclass(frozen=True)
class Made:
    """How studies were run. repeats: of each study, by name."""

    seed: int
    repeats: Mapping[str, int]
    software: Mapping[str, str]
    day: date

    @property
    def words(self) -> str:
        """Day, seed and versions."""
        versions = ", ".join(f"{name} {version}" for name, version in self.software.items())
        return f"{self.day} with seed {self.seed}; {versions}"


def page(results: Mapping[str, pl.DataFrame], made: Made) -> str:
    """The whole page, in Markdown."""
    parts = [
        "# Calibration\n",
        "Are 95% intervals right 95% of the time? Written by `make calibration`, which simulates recruitment whose truth "
        "is known, runs this project's own measures on it, and counts. The same studies, smaller, are part of "
        "`make test`.\n",
        f"Run on {made.words}. Each simulated stage loses 4% of its applicants before a decision, so "
        "the numbers decided on are themselves left to chance, as they are in records. Where a table does not say how many "
        "applicants the reference has, it has four times as many as the group.\n",
        "## Targets\n",
        TARGETS + "\n".join(_line(target) for name, of in _TARGETS.items() for target in of(results[name])) + "\n",
        below_the_grid(results["few"]) + "\n",
        *(section(name, results[name], made.repeats[name]) for name, _, _ in _SECTIONS),
    ]
    return "\n".join(parts)


def with_studies(text: str, results: Mapping[str, pl.DataFrame], made: Made) -> str:
    """The page with the sections and targets of some studies, run by themselves, in place of their old ones."""
    for name, frame in results.items():
        title = next(title for own, title, _ in _SECTIONS if own == name)
        words = f" Run by itself on {made.words}.\n\n|"
        new = section(name, frame, made.repeats[name]).replace("\n\n|", words, 1)
        text, found = re.subn(rf"## {re.escape(title)}\n.*?(?=\n## |\Z)", lambda _, new=new: new, text, flags=re.DOTALL)
        if not found:
            text = f"{text.rstrip()}\n\n{new}"
        for target in _TARGETS.get(name, lambda _: [])(frame):
            own = rf"\| {re.escape(target[0])} \|[^\n]*"
            text, found = re.subn(own, lambda _, target=target: _line(target), text)
            if not found:
                # After the last row of the table.
                text = re.sub(r"(## Targets\n\n(?:\|[^\n]*\n)+)", rf"\1{_line(target)}\n", text)
    return text


def _line(target: Target) -> str:
    return f"| {' | '.join(target)} |"


def _of_intervals(intervals: pl.DataFrame) -> list[Target]:
    rows = []
    for name in ("Wilson", "Koopman", "Newcombe"):
        mine = intervals.filter(pl.col("interval") == name)
        moderate = mine.filter(pl.col("expected") >= 10)
        rows.append(_range(f"{name}, 10 or more selected, and not, expected", moderate["coverage"], 0.94, 0.97))
        rows.append(_least(f"{name}, the whole grid", mine["coverage"], 0.93))
    return rows


def _of_paths(paths: pl.DataFrame) -> list[Target]:
    rows = []
    for figure in ("overall_rate", "overall_ratio"):
        mine = paths.filter(pl.col("interval") == figure)
        moderate = mine.filter(pl.col("expected") >= 10)
        rows.append(_range(f"{figure}, 10 or more appointed expected", moderate["coverage"], 0.94, 0.97))
        rows.append(_least(f"{figure}, the whole grid", mine["coverage"], 0.93))
    return rows


def _of_strata(strata: pl.DataFrame) -> list[Target]:
    level = strata.filter(pl.col("ratio") == 1)
    off = (strata["adjusted"] / strata["ratio"] - 1).abs()
    return [
        _range("Mantel-Haenszel ratio (Greenland-Robins)", strata["coverage"], 0.94, 0.97),
        _most("bias of the Mantel-Haenszel ratio where the crude one is confounded", off, 0.01),
        _most("size of Cochran-Mantel-Haenszel", level["cmh_rejects"], 0.055),
        _most("size of Breslow-Day-Tarone", level["homogeneity_rejects"].drop_nulls(), 0.055),
    ]


def _of_tests(tests: pl.DataFrame) -> list[Target]:
    return [
        _most("size of the test of equal rates", tests["size"], 0.055),
        _most("range and test of equal rates contradict each other, all cells", _mean(tests["contradicts"]), 0.01),
    ]


def _mean(shares: pl.Series) -> pl.Series:
    return pl.Series([shares.mean()])


def _of_titles(titles: pl.DataFrame) -> list[Target]:
    rows = []
    for (size,), of_size in titles.group_by("applications", maintain_order=True):
        accused = (of_size["titles"] * of_size["repeats"]).sum() / of_size["repeats"].sum()
        what = f"titles that accuse a fair organisation, {size:,} applications, all settings"
        rows.append(_most(what, pl.Series([accused]), 0.02))
    return rows


def _of_years(years: pl.DataFrame) -> list[Target]:
    at = (pl.col("applications") == 1200) & (pl.col("noise") == 0)
    plain = years.filter(at & (pl.col("drift") == 0))
    return [
        _least('1,200 a year and 1.6, "rose"', plain.filter(effect=1.6)["rose"], 0.85),
        _most('1,200 a year without effect, "rose"', plain.filter(effect=1)["rose"], 0.03),
        _most(
            '1,200 a year and a drift of 3%, "more than drifts"',
            years.filter(at & (pl.col("drift") == 0.03))["beyond drifts"],
            0.03,
        ),
    ]


def _of_effects(effects: pl.DataFrame) -> list[Target]:
    apart = effects.filter(~pl.col("situation").str.contains("together"))
    drifting = effects.filter(pl.col("situation").str.contains("together"))
    return [
        _least("effect of a programme, months that do not go together", apart["coverage"], 0.94),
        _least("effect of a programme, months that go together", drifting["coverage"], 0.93),
    ]


def _of_clustering(clustering: pl.DataFrame) -> list[Target]:
    published = clustering.filter(pl.col("range") == "published class")
    return [_least("ranges of ratios where decisions go together, as published", published["lowest coverage"], 0.93)]


def _of_verdicts(verdicts: pl.DataFrame) -> list[Target]:
    none = verdicts.filter(pl.col("truth").str.contains("no effect"))
    return [_most('no effect, verdict "improved"', none["improved"], 0.025)]


# The rows of the table of targets that follow from each study.
_TARGETS: Mapping[str, Callable[[pl.DataFrame], list[Target]]] = {
    "intervals": _of_intervals,
    "paths": _of_paths,
    "strata": _of_strata,
    "tests": _of_tests,
    "families": lambda rows: [_most("organisations without disparity, any sure finding", rows["findings"], 0.05)],
    "power": lambda rows: [_range("power at the smallest detectable ratio", rows["power"], 0.78, 0.82)],
    "clustering": _of_clustering,
    "titles": _of_titles,
    "years": _of_years,
    "effects": _of_effects,
    "published": lambda rows: [_least("effect of a programme, from published counts", rows["published"], 0.93)],
    "changes": lambda rows: [_least("change from before to after", rows["coverage"], 0.93)],
    "verdicts": _of_verdicts,
    "attacks": lambda rows: [narrowed(rows)],
}


def narrowed(attacks: pl.DataFrame) -> Target:
    """How many published counts an attacker could narrow, as a row of the table of targets."""
    asked, fell, doubtful = (
        int(attacks.select(pl.sum_horizontal(names).sum()).item())
        for names in (["counts_attacked"], ["counts_narrowed"], ["not_settled", "fits_no_table"])
    )
    found = f"{fell:,} of {asked:,}" + (f", {doubtful:,} open" if doubtful else "")
    return "published counts that a solver narrows", "none", found, "no" if fell or doubtful else "yes"


def below_the_grid(few: pl.DataFrame) -> str:
    """What no target is set for: the lowest coverage of Wilson's interval where hardly anybody is expected."""
    worst = few.sort("coverage").row(0, named=True)
    return (
        f"No target is set where fewer are expected than in the grid. There Wilson's interval goes as low as "
        f"{worst['coverage']:.0%}, with {worst['expected']:.2f} selections expected of {worst['decided']:,} decided on: "
        "mostly nobody is selected, but one person is enough for the interval to begin above the truth. Of a rate so "
        "small, read the upper end."
    )


def _range(what: str, found: pl.Series, low: float, high: float) -> Target:
    least, most = float(found.min()), float(found.max())  # type: ignore[arg-type]
    met = round(least, 3) >= low and round(most, 3) <= high
    return what, f"{low:.0%} to {high:.0%}", f"{least:.1%} to {most:.1%}", "yes" if met else "no"


def _least(what: str, found: pl.Series, low: float) -> Target:
    least = float(found.min())  # type: ignore[arg-type]
    return what, f"never below {low:.0%}", f"{least:.1%}", "yes" if round(least, 3) >= low else "no"


def _most(what: str, found: pl.Series, high: float) -> Target:
    most = float(found.max())  # type: ignore[arg-type]
    return what, f"at most {high:.1%}", f"{most:.1%}", "yes" if round(most, 3) <= high else "no"


def section(name: str, frame: pl.DataFrame, repeats: int) -> str:
    """The section of one study."""
    title, words = next((title, words) for own, title, words in _SECTIONS if own == name)
    shown = frame
    if title == "Intervals":
        # One row for each size and rate: the lowest and the highest of the ratios.
        shown = frame.group_by("interval", "applicants", "reference_rate", maintain_order=True).agg(
            lowest=pl.col("coverage").min(), highest=pl.col("coverage").max(), fewest_expected=pl.col("expected").min()
        )
        shown = shown.sort("interval", "applicants", "reference_rate")
    how = f"{repeats:,} repeats for each row." if repeats else "Worked out, not simulated."
    if name == "attacks":
        how = f"{repeats:,} organisations."
    if name in ("points", "years_added"):
        how = f"{repeats:,} organisations of each size."
    return f"## {title}\n\n{words} {how}\n\n{_table(shown)}\n"


def _table(frame: pl.DataFrame) -> str:
    head = f"| {' | '.join(name.replace('_', ' ') for name in frame.columns)} |\n|{'---|' * frame.width}"
    return "\n".join([head, *(f"| {' | '.join(map(_cell, row))} |" for row in frame.iter_rows())])


def _cell(value: object) -> str:
    if value is None:
        return "not tested"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


_SECTIONS = (
    (
        "intervals",
        "Intervals",
        "Share of intervals that hold the truth, over impact ratios of 0.5, 0.8, 1 and 1.25. Coverage above 97% means "
        "that the interval is wider than it need be: so it is where almost nobody, or almost everybody, is selected.",
    ),
    (
        "few",
        "Wilson's interval where hardly anybody is expected to be selected",
        "For each number decided on, the lowest coverage at any rate at which fewer are expected than anywhere in the grid, "
        "and how many are expected there.",
    ),
    (
        "tests",
        "Size of the test",
        "Rates are equal; how often p is below 0.05. The score test is used where all expected counts are 5 or more, else "
        "the exact test with mid-P. With the numbers decided on fixed rather than left to chance, single cells go higher: "
        "worked out exactly, 6.0% for 50 against 25 and 5.7% for 50 against 50, both at a rate of one half. contradicts: how "
        "often the range of the ratio lies on one side of 1 and p is not below 0.05, or the reverse.",
    ),
    (
        "power",
        "Power at the smallest detectable ratio",
        "The ratio that is said to be found 80% of the time; how often it is. Sizes and rates at which no ratio is said to "
        "be detectable, because the approximation would be off, have no row.",
    ),
    (
        "paths",
        "The whole path",
        "Four stages (rates 0.30, 0.78, 0.34, 0.93); the disparity is at the first. Paths with a stage where nobody was "
        "decided on have no rate and are left out; defined is the share that has one.",
    ),
    (
        "families",
        "Findings where there is no disparity",
        "Five groups and those of unknown ethnicity, four steps. findings: organisations with at least one disparity or "
        "small_difference; unadjusted: with at least one p below 0.05 before Holm's adjustment.",
    ),
    (
        "strata",
        "Like with like",
        "The group applies mostly where fewer are selected, so the crude ratio is confounded: crude is its median, "
        "adjusted the geometric mean of the Mantel-Haenszel ratio. Where the true ratio is not 1 the odds ratios do differ "
        "between bands although the ratios do not, and the test of homogeneity is right to say so sometimes.",
    ),
    (
        "competition",
        "When applicants compete",
        "Each of 40 vacancies takes a fixed number of its 40 applicants, 8 of them of the group, without regard to group; spread is the "
        "standard deviation of the log odds between vacancies. Decisions are then not separate, as the measures "
        "take them to be. Intervals become somewhat too wide and tests somewhat too cautious, never the reverse.",
    ),
    (
        "effects",
        "The effect of a programme",
        "The interval of the ratio of impact ratios against the path of before: how often it holds the effect, and how often "
        "it excludes 1 (found), without an effect and at the one that was said to be detectable with 80% power. 100 of the group "
        "are decided on a month, 48 months before and 48 after a lead-in of 6, unless said otherwise. Where months go together, "
        "the correlation is that of the ratio's own swings, which chance dilutes; the stronger it is, the less a drift can be told "
        "from an effect, and the narrower the ranges are. Newey-West errors, with 4 (T / 100)^(2/9) lags where a Ljung-Box test "
        "asked for them, were tried when the method was chosen, on 300 series of 114 months with 300 decided: they held the truth "
        "87%, 84% and 65% of the time at correlations of 0.3, 0.5 and 0.8, the errors used now 91%, 92% and 77%. drifts: how often "
        "the ratio is said to drift by itself, so that no change is claimed.",
    ),
    (
        "changes",
        "The plain change from before to after",
        "The interval (MOVER of two Koopman intervals) of a ratio of impact ratios of 1.25; expected is how many of the group are "
        "selected before.",
    ),
    (
        "published",
        "The effect from published counts",
        "16 quarters on either side, so many of the group decided on in each, four times as many of the reference; an impact "
        "ratio of 0.7. Counts are published by the plain rule: 0 to 4 marked, others to the nearest 5. How often the range holds "
        "the effect: of exact counts, as published with ranges widened for rounding, and as published without widening. judged: "
        "the share of series with enough selected for an effect to be worked out; drifts: as above.",
    ),
    (
        "verdicts",
        "Verdicts",
        "36 months before and after, 200 of the group decided on a month. cannot tell: drifts by itself, unusual changes without "
        "a programme, or hangs on one quarter. What is said where there is an effect shows how much it takes: the verdict is built to err on the "
        "side of not saying so.",
    ),
    (
        "attacks",
        "Attacks on published counts",
        "Random organisations of 100 to 1,500 applications, a year each, as `make campaign` draws them (names, layouts, presets, "
        "up to one split, with and without staff, a survey, corrections), published by the project's own counting and protection, "
        "and attacked by a program of other make: OR-Tools' constraint solver, which is given the tables, which rows are listed, "
        "what each mark means, and of corrections exactly what was corrected. Narrowed: a count of which fewer whole numbers "
        "remain possible than policy asks for. Not settled: neither that nor the contrary was proven within the effort allowed. "
        "Fits no table: the attacker's model cannot hold what is true, so that its other answers would be worth nothing.",
    ),
    (
        "points",
        "Shown against exact",
        "Made-up organisations with so many applications in a year: the headline ratios to White applicants, over six steps, of "
        "BME applicants and of four groups. Points, ranges and not shown are shares of them; shown or ranged is the mean number "
        "in an organisation. Over 10% off: the share of single figures, made from published counts, that differ from the exact "
        "ratio by more than a tenth, if every ratio were shown as one, and of those that are. A split takes nothing from "
        "headlines, so none is published here.",
    ),
    (
        "titles",
        "Titles of fair organisations",
        "Organisations that select all groups alike at every vacancy, five groups and those of unknown ethnicity, four steps: the "
        "share whose title says that a group was less likely, the same without design effects, and the share with a range below 1 "
        'somewhere without them, by which titles went before. Settings as under "When decisions go together".',
    ),
    (
        "clustering",
        "When decisions go together",
        "Five groups and those of unknown ethnicity, 7,000 applications a year to vacancies of twenty, four steps (rates 0.25, "
        "0.7, 0.4, 0.9), equal chances for all. Vacancies differ in how hard they are, by 0.7 on the logit unless said otherwise. "
        "kappa: concentration of Dirichlet's distribution of the mix of groups. Ranges of ratios to White applicants, of BME "
        "applicants and five groups at six steps: the lowest coverage of these 36 and their mean, and how many times as wide as "
        "if every decision were made by itself. 0.85 found: how often p is below 0.05 where Asian applicants' chances of being "
        "shortlisted are 0.85 times those of others. Published class: rounded up, or the default where too few can be published.",
    ),
    (
        "years",
        "Did the programme work, by whole years",
        "Seven years, a programme with its lead-in in the fourth, half of the applicants BME with an impact ratio of 0.6 at "
        "shortlisting alone, which the effect multiplies; rates of 0.24, 0.92, 0.16 and 0.9. drift: the ratio's yearly growth "
        "without any programme; noise: the standard deviation of its logarithm from year to year. What is said, at the step that "
        "counts choose; about shortlisting: the share in which that is shortlisting, where the effect is. From exact counts, "
        "without a series by month.",
    ),
    (
        "several_years",
        "Several years together",
        "Organisations of five groups and those of unknown ethnicity, four steps, three years alike: the share with a settled "
        "lower rate in the last year, in the three years together as published, in their sum if it were rounded once, and in the "
        "exact sum; and by the title, which takes three years where one settles nothing. A true ratio of 1: all groups are selected "
        "alike, and any group anywhere counts. Of 0.7: Asian applicants are shortlisted so much less often, a fifth of all, "
        "and only that counts. Published by the plain rule; nothing is withheld to protect another count.",
    ),
    (
        "years_added",
        "Years added up, against exact",
        "Made-up organisations, three years of so many applications, each year protected as policy has it: the headline ratios "
        "over the three years. sd: the standard deviation of the logarithm of the ratio from published counts over the exact "
        "one, from counts rounded each year and added, and from their sum rounded once; of ratios that both ways give, shown "
        "or not. Points: the share shown as single figures in the last year alone, and in three; ranges: as a range. Over 10% "
        "off: of the points over three years.",
    ),
)
