"""A list of groups of a source's own, as its mapping gives it: [own_groups], and source.reference_group.

The list becomes the source's classification, as a text that gives it whole (vocabulary/own_lists.py), and its labels
become [ethnicity_labels], so that everything after the mapping treats it like a bundled one.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from equity_audit.vocabulary import (
    GROUPS,
    NATIONS,
    OWN,
    UNKNOWN,
    US_GROUPS,
    WRES_GROUPS,
    OwnList,
    fold,
    is_name,
    is_total,
    own_list,
)

_TABLE = "own_groups"
_TAKEN = {fold(name) for name in (*GROUPS, *US_GROUPS, *WRES_GROUPS, *(n for x in NATIONS.values() for n in x.groups))}


def with_own_groups(values: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Return the values of a mapping with its own list as its classification, and everything that is wrong with it.

    Each fault is a sentence that names its table or key. A mapping without an own list is returned as it is.
    """
    source, table = values.get("source"), values.get(_TABLE)
    if not isinstance(source, dict):
        return values, []
    named = source.get("ethnicity_classification") == OWN
    if table is None and not named:
        return values, []
    if not named:
        return values, [f'[{_TABLE}] needs source.ethnicity_classification = "{OWN}"']
    if not isinstance(table, dict) or not table:
        return values, [
            f'source.ethnicity_classification = "{OWN}" needs [{_TABLE}]: each group in order, with its labels in the '
            'file, such as Parda = ["Parda", "Pardo"]'
        ]
    groups, reference = tuple(name for name in table if name != UNKNOWN), source.get("reference_group")
    faults = [*_label_faults(table, values.get("ethnicity_labels")), *group_faults(groups)]
    if reference not in groups:
        faults.append(
            "source.reference_group must be the group that others are compared with, one of " + ", ".join(groups)
        )
    if faults:
        return values, faults
    labels = {label: group for group, listed in table.items() for label in listed}
    rest = {key: value for key, value in source.items() if key != "reference_group"}
    classification = str(OwnList(groups, str(reference)))
    given = {key: value for key, value in values.items() if key != _TABLE}
    return given | {
        "source": rest | {"ethnicity_classification": classification},
        "ethnicity_labels": labels | given.get("ethnicity_labels", {}),
    }, []


def group_faults(groups: Sequence[str]) -> list[str]:
    """Return what is wrong with the names of an own list's groups.

    A name of a bundled classification is refused, because tables give names alone: "White" must mean the same in all.
    """
    faults = [] if len(groups) > 1 else [f"[{_TABLE}] must have at least two groups"]
    if odd := [name for name in groups if not is_name(name)]:
        signs = "letters, spaces and , : / ( ) & . ' + -"
        faults.append(
            f"[{_TABLE}] has names that no group can have, which are up to 80 {signs}, without digits: {', '.join(odd)}"
        )
    if taken := [name for name in groups if fold(name) in _TAKEN]:
        example = f"{taken[0]} (own list)"
        faults.append(
            f"[{_TABLE}] has names of bundled groups, which may mean other people: {', '.join(taken)} "
            f"(write {example}, for example)"
        )
    if totals := [name for name in groups if is_total(name)]:
        faults.append(f"[{_TABLE}] has names that stand for everybody: {', '.join(totals)}")
    if len({*map(fold, groups)}) < len(groups):
        faults.append(f"[{_TABLE}] has a group more than once")
    return faults


def is_own_list(classification: str) -> bool:
    """Return whether a classification's text is that of an own list without faults."""
    found = own_list(classification)
    return found is not None and not group_faults(found.groups)


def _label_faults(table: dict[str, Any], others: Any) -> Iterator[str]:
    """Yield what is wrong with the labels of groups."""
    for group, labels in table.items():
        if not isinstance(labels, list) or not labels or not all(isinstance(label, str) for label in labels):
            yield f'[{_TABLE}] {group} must be a list of its labels in the file, such as ["{group}"]'
            return
    counted = Counter(fold(label) for labels in table.values() for label in labels)
    if twice := [label for label, times in counted.items() if times > 1]:
        yield f"[{_TABLE}] has a label more than once: {', '.join(sorted(twice))}"
    if isinstance(others, dict) and (both := sorted(label for label in others if fold(label) in counted)):
        yield f"[ethnicity_labels] and [{_TABLE}] both have {', '.join(both)}"
