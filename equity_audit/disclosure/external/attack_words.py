"""What an attack found, in words: how the table was understood, and of each count that falls what is left and how."""

from collections.abc import Iterator

from equity_audit.disclosure.external.attack import Attack, Fall, Target

# Counts named as reasons for one fall; the rest is numbered.
_MOST_NAMED = 6


def attack_lines(found: Attack) -> Iterator[str]:
    """The report, line by line."""
    target = found.target
    yield "How the table was read"
    yield from (f"  {line}" for line in target.told)
    asked = sum(text is not None for text in target.printed)
    counts = len({(fall.row, fall.column) for fall in found.falls} & _printed(target))
    yield f"Counts in the table: {asked:,}. Standing: {asked - counts:,}. Fallen: {counts:,}."
    others = len(found.falls) - counts
    if others:
        yield f"Fallen beside these, counts that are not printed and figures that are masked: {others:,}."
    if found.exact:
        yield "Bounds are the tightest that follow from all sums together."
    else:
        yield (
            "The table is too large for exact bounds: they are what follows by adding and subtracting sum by sum. "
            "Counts that stand could still fall."
        )
    for fall in found.falls:
        yield f"{fall.row} / {fall.column}: {_what(fall)}"
        yield f"    {_how(fall, target)}"


def _printed(target: Target) -> set[tuple[str, str]]:
    return {name for name, text in zip(target.names, target.printed, strict=True) if text is not None}


def _what(fall: Fall) -> str:
    shown = "not printed" if fall.printed is None else f'printed "{fall.printed}"'
    return f"{shown}, can only be {fall.left}"


def _how(fall: Fall, target: Target) -> str:
    ways = []
    if fall.behind:
        named = [
            f"{' / '.join(target.names[place])} {target.printed[place] or '(blank)'}"
            for place in fall.behind[:_MOST_NAMED]
        ]
        more = len(fall.behind) - len(named)
        ways.append("; ".join(named) + (f"; and {more} more" if more else ""))
    ways += fall.figures[:_MOST_NAMED]
    verb = "by trying every count that prints the same" if fall.figures else "by adding and subtracting"
    if fall.by_all_sums:
        verb += ", and then by solving all sums together"
    if not ways:
        return "how: solving all sums together" if fall.by_all_sums else "how: it is printed, though the rule hides it"
    return f"how: from {'; '.join(ways)}; {verb}"
