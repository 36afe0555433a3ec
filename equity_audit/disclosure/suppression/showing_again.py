"""Counts that turn out not to need withholding once others are withheld."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from equity_audit.disclosure.suppression.attacker_knowledge import AttackerKnowledge, attacker_knowledge
from equity_audit.disclosure.suppression.choosing import Cell, disclosed_in
from equity_audit.disclosure.suppression.feasible_tables import FeasibleTables

# Of so many counts at the most, each that is withheld is tried again without.
_SMALL = 1_000


def known_with(like: AttackerKnowledge, withheld: Collection[Cell], excused: frozenset[Cell]) -> AttackerKnowledge:
    """What is known where these are withheld besides, beside the same earlier revisions."""
    return replace(
        attacker_knowledge(like.published.withholding(sorted(withheld)), like.policy, like=like), excused=excused
    )


def shown_again(
    withheld: frozenset[Cell],
    chosen: Collection[Cell],
    alike: Iterable[AttackerKnowledge],
    costs: Mapping[Cell, float],
    feasible_tables: FeasibleTables,
) -> frozenset[Cell]:
    """Without those of the chosen counts that need not be withheld after all, the dearest first.

    Where counts are few, that is: it takes a search for each. alike: what is known with none of them withheld, to
    whoever knows the earlier revisions and to whoever does not.
    """
    if feasible_tables.people.values.size > _SMALL:
        return withheld
    for cell in sorted(chosen, key=lambda cell: (-costs[cell], cell)):
        # Nothing is excused here: what is left of such a count depends on all that is withheld by now.
        if all(_stands(known_with(like, withheld - {cell}, frozenset()), feasible_tables) for like in alike):
            withheld -= {cell}
    return withheld


def _stands(known: AttackerKnowledge, feasible_tables: FeasibleTables) -> bool:
    """Whether nothing falls."""
    return not disclosed_in(known) and not feasible_tables.among(known).search(known)
