"""The vocabulary of the field: outcomes, levels, and the ethnicity classifications with their sources.

Labels are matched by rules on folded text; unknown labels are refused by name and never guessed. Every UK
classification is mapped to the ONS harmonised standard of 2021 (ADR 6); those of other countries stay as they are.
"""

from equity_audit.vocabulary.advice import advice, nearest_labels
from equity_audit.vocabulary.classifications import (
    CATEGORIES,
    CLASSIFICATIONS,
    GROUPS,
    NHS_2001_CODES,
    UNKNOWN,
    US_GROUPS,
    WHITE_BRITISH,
    WRES_GROUPS,
    Ethnicity,
    all_classifications,
    described,
    family,
    family_of_groups,
    group_lists,
    group_of,
    national_reference,
    remapped,
)
from equity_audit.vocabulary.matching import match_ethnicity, match_meaning
from equity_audit.vocabulary.nations import NATIONS, is_telling
from equity_audit.vocabulary.own_lists import OWN, OwnList, is_name, know, known_lists, own_list
from equity_audit.vocabulary.uk_labels import several_whites
from equity_audit.vocabulary.unknown import is_total, is_unknown, says_total
from equity_audit.vocabulary.us_labels import HISPANIC, one_category, several_answers
from equity_audit.vocabulary.us_questions import (
    Answer,
    answers_hispanic,
    answers_race,
    asks_hispanic,
    hispanic_answer,
    is_yes_or_no,
    race_named,
)
from equity_audit.vocabulary.words import (
    ALL_APPLICANTS,
    ALL_STAFF,
    DECIDED,
    DEFAULT_STAGES,
    OUTCOMES,
    always_listed,
    display_order,
    fold,
    fold_name,
    is_broad,
    not_given,
    wider_names,
)

__all__ = [
    "ALL_APPLICANTS",
    "ALL_STAFF",
    "CATEGORIES",
    "CLASSIFICATIONS",
    "DECIDED",
    "DEFAULT_STAGES",
    "GROUPS",
    "HISPANIC",
    "NATIONS",
    "NHS_2001_CODES",
    "OUTCOMES",
    "OWN",
    "UNKNOWN",
    "US_GROUPS",
    "WHITE_BRITISH",
    "WRES_GROUPS",
    "Answer",
    "Ethnicity",
    "OwnList",
    "advice",
    "all_classifications",
    "always_listed",
    "answers_hispanic",
    "answers_race",
    "asks_hispanic",
    "described",
    "display_order",
    "family",
    "family_of_groups",
    "fold",
    "fold_name",
    "group_lists",
    "group_of",
    "hispanic_answer",
    "is_broad",
    "is_name",
    "is_telling",
    "is_total",
    "is_unknown",
    "is_yes_or_no",
    "know",
    "known_lists",
    "match_ethnicity",
    "match_meaning",
    "national_reference",
    "nearest_labels",
    "not_given",
    "one_category",
    "own_list",
    "race_named",
    "remapped",
    "says_total",
    "several_answers",
    "several_whites",
    "wider_names",
]
