"""Labels met in published UK statistics: each is read rightly, or refused where sources mean different things by it.

published_labels.csv has the label as the source writes it, and its meaning in the standard of 2021 by the source's own
definition: a category, a group, Unknown, total, or refused.
"""

import csv
from pathlib import Path

import pytest

from equity_audit.vocabulary import advice, is_total, match_ethnicity

with (Path(__file__).parent / "published_labels.csv").open(encoding="utf-8") as lines:
    LABELS = [(row["label"], row["classification"], row["meaning"]) for row in csv.DictReader(lines)]
# Codes beside a label that contradicts them, or without a label, say nothing that advice could explain.
WITHOUT_ADVICE = {"A1 - African", "W1"}


def read(label: str, classification: str) -> str:
    if ethnicity := match_ethnicity(label, classification):
        return ethnicity.category or ethnicity.group or "BME"
    return "total" if is_total(label) else "refused"


@pytest.mark.parametrize(("label", "classification", "meaning"), LABELS)
def test_a_published_label_has_the_meaning_of_its_source(label: str, classification: str, meaning: str) -> None:
    assert read(label, classification) == meaning
    if meaning == "refused" and label not in WITHOUT_ADVICE:
        assert advice(label, classification)


def test_the_table_is_large_enough_to_say_something() -> None:
    assert len(LABELS) > 250
    assert sum(meaning == "refused" for *_, meaning in LABELS) < 0.1 * len(LABELS)
