"""Which counts the rates, ratios and intervals of a published table were made from.

Nobody says so in a way that a program can read. A column of figures is taken to come from the counts that reproduce
every figure in it; where several do, names decide; where none does, or names cannot decide, it is left and that is
told.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import permutations

from equity_audit.disclosure.external.cell_text import is_masked
from equity_audit.disclosure.external.columns import REFERENCE, FigureColumn
from equity_audit.disclosure.external.figure_inversion import Figure, Formula, Masked, as_printed, values_left
from equity_audit.disclosure.external.published_table import PublishedTable
from equity_audit.disclosure.table.constraints import Narrowed
from equity_audit.vocabulary import fold

_RATES = (Formula.RATE, Formula.RATE_LOW, Formula.RATE_HIGH)
_OWN = ("progressed", "decided")


@dataclass(frozen=True)
class Source:
    """A way that a column of figures could have been made: the counts of each row, None where it has no figure."""

    part: str
    whole: str
    described: str
    places: list[tuple[int, ...] | None]


@dataclass
class Figures:
    """What was found. `pairs`: columns of which the first counts some of those whom the second does."""

    printed: list[Figure] = field(default_factory=list)
    masked: list[Masked] = field(default_factory=list)
    pairs: list[tuple[str, str]] = field(default_factory=list)
    told: list[str] = field(default_factory=list)


def figures_of(table: PublishedTable, known: Narrowed, shown: Sequence[int | None], confidence: float) -> Figures:
    """Find the source of each column of figures.

    `known` are bounds of the counts without them, `shown` the counts as printed, None where withheld.
    """
    found = Figures()
    # Rates first: ratios are of the same pairs of counts.
    for column in sorted(table.columns.figures, key=lambda c: list(Formula).index(c.formula)):
        rates = column.formula in _RATES
        sources = list(_shares(table) if rates else _ratios(table, column, found.pairs))
        fits = [source for source in sources if _fits(table, column, source, known, confidence)]
        source = _chosen(column, fits)
        if source is None:
            reason = "several pairs of counts fit it" if fits else "no counts of this table are found to give it"
            found.told.append(f"{column.name}: not used, {reason}")
            continue
        printed = list(_printed(table, column, source))
        rounded = any(known.lowest[p] < known.highest[p] for figure in printed for p in figure.counts)
        if rounded and _from_printed_counts(printed, shown, confidence):
            found.told.append(f"{column.name}: {column.formula} of {source.described} as printed, and says no more")
        else:
            found.told.append(f"{column.name}: {column.formula} of {source.described}")
            found.printed += printed
        found.masked += _masked(table, column, source)
        if source.whole in table.columns.counts and (source.part, source.whole) not in found.pairs:
            found.pairs.append((source.part, source.whole))
    return found


def _shares(table: PublishedTable) -> Iterator[Source]:
    """Every count over another of the same row, and over the same count of a total."""
    rows, counts = range(table.frame.height), table.columns.counts
    for part, whole in permutations(counts, 2):
        places = [(table.place(row, part), table.place(row, whole)) for row in rows]
        yield Source(part, whole, f"{part} and {whole}", list(places))
    for dimension in table.columns.dimensions:
        total_of = {part: t.row for t in table.totals if t.dimension == dimension for part in t.parts}
        for count in counts if total_of else ():
            shares = [
                (table.place(row, count), table.place(total_of[row], count)) if row in total_of else None
                for row in rows
            ]
            yield Source(count, "", f"{count} and its total by {dimension}", list(shares))


def _ratios(table: PublishedTable, column: FigureColumn, pairs: list[tuple[str, str]]) -> Iterator[Source]:
    """Every pair of counts, of a row and of the row that it is compared with."""
    reference = _references(table, column)
    for part, whole in pairs or permutations(table.columns.counts, 2):
        places: list[tuple[int, ...] | None] = []
        for row in range(table.frame.height):
            other = reference.get(row, row)
            sides = [(table.place(r, part), table.place(r, whole)) for r in (row, other)]
            first, second = sides[::-1] if column.inverted else sides
            places.append(None if other == row else (*first, *second))
        if any(places):
            yield Source(part, whole, f"{part} and {whole}", places)


def _references(table: PublishedTable, column: FigureColumn) -> dict[int, int]:
    """The row that each is compared with: the one named in its row, else the only one whose ratio is 1."""
    found = {}
    for dimension in table.columns.dimensions:
        for alike in table.alike(dimension):
            if REFERENCE in table.frame.columns:
                named = {table.frame[dimension][row]: row for row in alike}
                names = table.frame[REFERENCE]
                found.update({row: named[names[row]] for row in alike if names[row] in named})
                continue
            ones = [row for row in alike if _prints_one(table.frame[_ratio_column(table, column)][row])]
            if len(ones) == 1:
                found.update(dict.fromkeys(alike, ones[0]))
    return found


def _ratio_column(table: PublishedTable, column: FigureColumn) -> str:
    """The column of ratios that an interval is beside, or itself."""
    ratios = [c.name for c in table.columns.figures if c.formula == Formula.RATIO]
    return ratios[0] if ratios else column.name


def _prints_one(text: str) -> bool:
    return text.strip().rstrip("0").rstrip(".") == "1"


def _fits(table: PublishedTable, column: FigureColumn, source: Source, known: Narrowed, confidence: float) -> bool:
    """Whether some counts give each figure, and at least one could be tried."""
    tried = 0
    for figure in _printed(table, column, source):
        places = list(figure.counts)
        left = values_left(figure, known.lowest[places].tolist(), known.highest[places].tolist(), confidence)
        if left is not None and not len(left[0]):
            return False
        tried += left is not None
    return tried > 0


def _chosen(column: FigureColumn, fits: list[Source]) -> Source | None:
    """The one that fits; of several the one with this project's names, or whose count the figure is named after."""
    words = set(fold(column.name).split())
    named = [source for source in fits if words & set(fold(source.part).split())]
    for some in (
        [source for source in fits if (source.part, source.whole) == _OWN],
        [source for source in named if source.whole],
        named,
        [source for source in fits if source.whole],
        fits,
    ):
        if len(some) == 1:
            return some[0]
    return None


def _printed(table: PublishedTable, column: FigureColumn, source: Source) -> Iterator[Figure]:
    for row, (text, places) in enumerate(zip(table.frame[column.name], source.places, strict=True)):
        printed = as_printed(text, percent=column.percent)
        if printed and places and not is_masked(text):
            yield Figure(column.formula, places, printed, f"{column.name} {text.strip()} of {table.labels[row]}")


def _from_printed_counts(figures: Iterable[Figure], shown: Sequence[int | None], confidence: float) -> bool:
    """Whether each figure can be had from the counts as they are printed: then it says no more than they do."""
    for figure in figures:
        counts = [value for place in figure.counts if (value := shown[place]) is not None]
        if len(counts) < len(figure.counts):
            return False
        left = values_left(figure, counts, counts, confidence)
        if left is None or not len(left[0]):
            return False
    return True


def _masked(table: PublishedTable, column: FigureColumn, source: Source) -> Iterator[Masked]:
    """Rates that are withheld: a blank may be of nobody, and other figures say no more than the rates do."""
    if column.formula == Formula.RATE:
        for text, places in zip(table.frame[column.name], source.places, strict=True):
            if places and is_masked(text):
                yield Masked(places, column.name, text.strip())
