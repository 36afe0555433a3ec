"""Find the counts from which the rates, ratios and intervals of a published table were calculated.

Tables do not say so in a machine-readable way. A column of figures is assumed to come from the counts that reproduce
every figure in it. If several do, names decide; if none does, or names cannot decide, the column is not used, and a
note says so.
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
    """A way in which a column of figures may have been calculated: the counts of each row, None if it has no figure."""

    part: str
    whole: str
    described: str
    counts: list[tuple[int, ...] | None]


@dataclass
class Figures:
    """The figures found. `pairs`: pairs of columns, where the first counts some of those that the second counts."""

    printed: list[Figure] = field(default_factory=list)
    masked: list[Masked] = field(default_factory=list)
    pairs: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def figures_of(table: PublishedTable, known: Narrowed, shown: Sequence[int | None], confidence: float) -> Figures:
    """Find the source of each column of figures.

    `known`: bounds of the counts without the figures. `shown`: the counts as printed, None if withheld.
    """
    figures = Figures()
    # Rates first: ratios use the same pairs of counts.
    for column in sorted(table.columns.figures, key=lambda c: list(Formula).index(c.formula)):
        rates = column.formula in _RATES
        sources = list(_shares(table) if rates else _ratios(table, column, figures.pairs))
        fits = [source for source in sources if _fits(table, column, source, known, confidence)]
        source = _chosen(column, fits)
        if source is None:
            reason = "several pairs of counts fit it" if fits else "no counts in this table reproduce it"
            figures.notes.append(f"{column.name}: not used, {reason}")
            continue
        printed = list(_printed(table, column, source))
        rounded = any(known.lowest[c] < known.highest[c] for figure in printed for c in figure.counts)
        if rounded and _from_printed_counts(printed, shown, confidence):
            figures.notes.append(
                f"{column.name}: {column.formula} of {source.described} as printed, which discloses nothing more"
            )
        else:
            figures.notes.append(f"{column.name}: {column.formula} of {source.described}")
            figures.printed += printed
        figures.masked += _masked(table, column, source)
        if source.whole in table.columns.counts and (source.part, source.whole) not in figures.pairs:
            figures.pairs.append((source.part, source.whole))
    return figures


def _shares(table: PublishedTable) -> Iterator[Source]:
    """Yield every count divided by another in the same row, and by the same count of a total."""
    rows, counts = range(table.frame.height), table.columns.counts
    for part, whole in permutations(counts, 2):
        pairs = [(table.place(row, part), table.place(row, whole)) for row in rows]
        yield Source(part, whole, f"{part} and {whole}", list(pairs))
    for dimension in table.columns.dimensions:
        total_of = {part: t.row for t in table.totals if t.dimension == dimension for part in t.parts}
        for count in counts if total_of else ():
            shares = [
                (table.place(row, count), table.place(total_of[row], count)) if row in total_of else None
                for row in rows
            ]
            yield Source(count, "", f"{count} and its total by {dimension}", list(shares))


def _ratios(table: PublishedTable, column: FigureColumn, pairs: list[tuple[str, str]]) -> Iterator[Source]:
    """Yield every pair of counts, of a row and of the row that it is compared with."""
    reference = _references(table, column)
    for part, whole in pairs or permutations(table.columns.counts, 2):
        counts: list[tuple[int, ...] | None] = []
        for row in range(table.frame.height):
            other = reference.get(row, row)
            sides = [(table.place(r, part), table.place(r, whole)) for r in (row, other)]
            first, second = sides[::-1] if column.inverted else sides
            counts.append(None if other == row else (*first, *second))
        if any(counts):
            yield Source(part, whole, f"{part} and {whole}", counts)


def _references(table: PublishedTable, column: FigureColumn) -> dict[int, int]:
    """Return the row that each row is compared with: the one that it names, else the only one whose ratio is 1."""
    references = {}
    for dimension in table.columns.dimensions:
        for alike in table.alike(dimension):
            if REFERENCE in table.frame.columns:
                named = {table.frame[dimension][row]: row for row in alike}
                names = table.frame[REFERENCE]
                references.update({row: named[names[row]] for row in alike if names[row] in named})
                continue
            ones = [row for row in alike if _prints_one(table.frame[_ratio_column(table, column)][row])]
            if len(ones) == 1:
                references.update(dict.fromkeys(alike, ones[0]))
    return references


def _ratio_column(table: PublishedTable, column: FigureColumn) -> str:
    """Return the column of ratios to which an interval belongs, or the column itself."""
    ratios = [c.name for c in table.columns.figures if c.formula == Formula.RATIO]
    return ratios[0] if ratios else column.name


def _prints_one(text: str) -> bool:
    return text.strip().rstrip("0").rstrip(".") == "1"


def _fits(table: PublishedTable, column: FigureColumn, source: Source, known: Narrowed, confidence: float) -> bool:
    """Return whether possible counts give each figure, and at least one figure could be tried."""
    tried = 0
    for figure in _printed(table, column, source):
        counts = list(figure.counts)
        possible = values_left(figure, known.lowest[counts].tolist(), known.highest[counts].tolist(), confidence)
        if possible is not None and not len(possible[0]):
            return False
        tried += possible is not None
    return tried > 0


def _chosen(column: FigureColumn, fits: list[Source]) -> Source | None:
    """Return the only source that fits; of several, the one with this project's names or named like the figure."""
    words = set(fold(column.name).split())
    named = [source for source in fits if words & set(fold(source.part).split())]
    for candidates in (
        [source for source in fits if (source.part, source.whole) == _OWN],
        [source for source in named if source.whole],
        named,
        [source for source in fits if source.whole],
        fits,
    ):
        if len(candidates) == 1:
            return candidates[0]
    return None


def _printed(table: PublishedTable, column: FigureColumn, source: Source) -> Iterator[Figure]:
    for row, (text, counts) in enumerate(zip(table.frame[column.name], source.counts, strict=True)):
        printed = as_printed(text, percent=column.percent)
        if printed and counts and not is_masked(text):
            yield Figure(column.formula, counts, printed, f"{column.name} {text.strip()} of {table.labels[row]}")


def _from_printed_counts(figures: Iterable[Figure], shown: Sequence[int | None], confidence: float) -> bool:
    """Return whether each figure follows from the counts as printed: then it discloses no more than they do."""
    for figure in figures:
        values = [value for count in figure.counts if (value := shown[count]) is not None]
        if len(values) < len(figure.counts):
            return False
        possible = values_left(figure, values, values, confidence)
        if possible is None or not len(possible[0]):
            return False
    return True


def _masked(table: PublishedTable, column: FigureColumn, source: Source) -> Iterator[Masked]:
    """Yield withheld rates; a blank may mean no decisions, and other figures disclose no more than the rates do."""
    if column.formula == Formula.RATE:
        for text, counts in zip(table.frame[column.name], source.counts, strict=True):
            if counts and is_masked(text):
                yield Masked(counts, column.name, text.strip())
