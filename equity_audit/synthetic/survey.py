"""What staff of the made-up small employer answer to a survey: numbers, by wave, question and ethnic group."""

from datetime import date
from types import MappingProxyType

import numpy as np
import polars as pl

COLUMNS = ("wave", "question", "ethnicity", "answered", "agreed")
# One wave before the programme and one since.
WAVES = (date(2020, 11, 30), date(2023, 11, 30))
ANSWERING = MappingProxyType({"White": 430, "Asian": 110, "Black": 105, "Mixed": 30, "Other": 25, "Not stated": 35})
# The share that agrees in each wave, by question: White staff, and all others.
AGREEING = MappingProxyType(
    {
        "Career progression here is fair, whatever a person's ethnic background": ((0.62, 0.40), (0.63, 0.49)),
        "I feel able to speak up about anything that concerns me": ((0.66, 0.58), (0.67, 0.62)),
    }
)


def generate_answers(seed: int) -> pl.DataFrame:
    """Return numbers of answers with the columns COLUMNS; the same seed gives the same numbers."""
    rng = np.random.default_rng([seed, len(AGREEING)])
    rows = []
    for number, wave in enumerate(WAVES):
        answering = {group: int(rng.poisson(people)) for group, people in ANSWERING.items()}
        for question, shares in AGREEING.items():
            white, others = shares[number]
            for group, answered in answering.items():
                agreed = int(rng.binomial(answered, white if group == "White" else others))
                rows.append((wave, question, group, answered, agreed))
    return pl.DataFrame(rows, schema=list(COLUMNS), orient="row")
