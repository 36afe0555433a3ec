"""Describe the result of an attack: how the table was understood, and how each disclosed count can be inferred."""

from collections.abc import Iterator

from equity_audit.disclosure.external.attack import Attack, DisclosedCell, Target

# The number of counts named as reasons; the others are only counted.
_MOST_NAMED = 6


def attack_lines(result: Attack) -> Iterator[str]:
    """Yield the report line by line."""
    target = result.target
    yield "How the table was read"
    yield from (f"  {line}" for line in target.notes)
    total = sum(text is not None for text in target.printed)
    counts = len({(cell.row, cell.column) for cell in result.disclosed} & _printed(target))
    yield f"Counts in the table: {total:,}. Protected: {total - counts:,}. Disclosed: {counts:,}."
    others = len(result.disclosed) - counts
    if others:
        yield f"Also disclosed, counts that are not printed and figures that are masked: {others:,}."
    if result.exact:
        yield "Bounds are the tightest that follow from all sums together."
    else:
        yield (
            "The table is too large for exact bounds: these follow from adding and subtracting one sum at a time. "
            "Counts reported as protected could still be disclosed."
        )
    for cell in result.disclosed:
        yield f"{cell.row} / {cell.column}: {_what(cell)}"
        yield f"    {_how(cell, target)}"


def _printed(target: Target) -> set[tuple[str, str]]:
    return {name for name, text in zip(target.names, target.printed, strict=True) if text is not None}


def _what(cell: DisclosedCell) -> str:
    shown = "not printed" if cell.printed is None else f'printed "{cell.printed}"'
    return f"{shown}, can only be {cell.possible}"


def _how(cell: DisclosedCell, target: Target) -> str:
    sources = []
    if cell.behind:
        named = [
            f"{' / '.join(target.names[count])} {target.printed[count] or '(blank)'}"
            for count in cell.behind[:_MOST_NAMED]
        ]
        more = len(cell.behind) - len(named)
        sources.append("; ".join(named) + (f"; and {more} more" if more else ""))
    sources += cell.figures[:_MOST_NAMED]
    method = "by trying every count that prints the same" if cell.figures else "by adding and subtracting"
    if cell.by_all_sums:
        method += ", and then by solving all sums together"
    if not sources:
        if cell.by_all_sums:
            return "how: by solving all sums together"
        return "how: it is printed, although the rule would hide it"
    return f"how: from {'; '.join(sources)}; {method}"
