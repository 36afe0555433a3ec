"""Verdicts as fixed sets of sentences: on whole years, the first answer, and on the series, the second look.

None of them says why, or that a programme did it.
"""

from typing import Literal

from equity_audit.wording import likely_range, ratio, sentence

Verdict = Literal[
    "too_soon",
    "too_few_periods_before",
    "too_few_selected",
    "improved",
    "worse",
    "no_clear_change",
    "improved_before_the_programme",
    "improved_like_the_comparators",
    "follows_what_was_advertised",
    "drifts_by_itself",
    "unusual_changes_without_a_programme",
    "hangs_on_one_quarter",
]

# {group}: the group in a sentence, as in "Asian applicants". {effect}, {range}: the impact ratio divided by its
# projection from the years before. {rise}: the smallest improvement that would very probably have been found.
SENTENCES: dict[Verdict, str] = {
    "too_soon": (
        "It is too soon to say whether the gap for {group} has changed: too few months have passed since the programme "
        "settled in."
    ),
    "too_few_periods_before": (
        "We cannot tell whether the gap for {group} has changed: the records cover too few months before the programme "
        "to know what would have happened anyway."
    ),
    "too_few_selected": (
        "We cannot tell whether the gap for {group} has changed: too few people were selected before or since."
    ),
    "improved": (
        "The gap for {group} is smaller than the years before the programme would lead us to expect: their impact "
        "ratio is {effect} times that (likely range {range}). These records cannot show whether the programme did "
        "this."
    ),
    "worse": (
        "The gap for {group} is larger than the years before the programme would lead us to expect: their impact "
        "ratio is {effect} times that (likely range {range}). These records cannot show whether the programme did "
        "this."
    ),
    "no_clear_change": (
        "There is no clear change in the gap for {group} beyond what the years before the programme would lead us to "
        "expect: their impact ratio is {effect} times that (likely range {range}). With these numbers a change to "
        "{rise} times would very probably have been found; smaller changes are less likely to be found."
    ),
    "improved_before_the_programme": (
        "The gap for {group} is smaller than before the programme, but it was already closing, and has not clearly "
        "closed faster since: their impact ratio is {effect} times what the earlier path led to (likely range {range})."
    ),
    "improved_like_the_comparators": (
        "The gap for {group} is smaller than the years before would lead us to expect, but it also became smaller "
        "elsewhere, where there was no such programme, and not by a clearly different amount."
    ),
    "follows_what_was_advertised": (
        "The impact ratio for {group} has changed over all posts, but not clearly among posts of the same kind "
        "({effect} times what we would expect, likely range {range}). The change follows the mix of posts advertised."
    ),
    "drifts_by_itself": (
        "We cannot tell whether the gap for {group} has changed with the programme: their impact ratio drifts by "
        "itself, and a drift cannot be distinguished from an effect."
    ),
    "unusual_changes_without_a_programme": (
        "We cannot tell whether the gap for {group} has changed with the programme: changes that are just as unusual "
        "occurred in years without it."
    ),
    "hangs_on_one_quarter": (
        "We cannot tell whether the gap for {group} has changed: the result depends on a single quarter."
    ),
}

# The same in a few words, for headings and tables, after the name of the group.
IN_SHORT: dict[Verdict, str] = {
    "too_soon": "too soon to say",
    "too_few_periods_before": "cannot tell, the records cover too few months before",
    "too_few_selected": "cannot tell, too few people",
    "improved": "a smaller gap than the earlier years led to",
    "worse": "a larger gap than the earlier years led to",
    "no_clear_change": "no clear change",
    "improved_before_the_programme": "a smaller gap, but it was already closing",
    "improved_like_the_comparators": "a smaller gap, but also elsewhere",
    "follows_what_was_advertised": "a change that follows the mix of posts advertised",
    "drifts_by_itself": "cannot tell, the ratio drifts by itself",
    "unusual_changes_without_a_programme": "cannot tell, equally unusual changes occurred without a programme",
    "hangs_on_one_quarter": "cannot tell, it depends on a single quarter",
}


YearlyVerdict = Literal[
    "too_few",
    "about_the_same",
    "cannot_tell",
    "rose_already_rising",
    "rose_beyond_its_path",
    "rose_beyond_drifts",
    "rose_or_drifted",
    "fell_already_falling",
    "fell_beyond_its_path",
    "fell_beyond_drifts",
    "fell_or_drifted",
]

# {low}, {high}: the range of the change. {sides}: the impact ratios before and since, if both are single
# numbers. {drift}: the breakdown drift.
YEARLY_SENTENCES: dict[YearlyVerdict, str] = {
    "too_few": "Too few to tell.",
    "about_the_same": "About the same: a change beyond {low} to {high} can be ruled out.",
    "cannot_tell": "Cannot tell: anything from {low} to {high} times is possible.",
    "rose_already_rising": "Rose, but was already rising.",
    "rose_beyond_its_path": "Rose clearly, and more than its own earlier path led to.",
    "rose_beyond_drifts": (
        "Rose clearly, by more than drifts seen nationally explain. Its own earlier years are too few to show a path."
    ),
    "rose_or_drifted": (
        "Rose clearly{sides}. These years cannot say whether it would have risen anyway: a steady "
        "rise of {drift} a year would explain it."
    ),
    "fell_already_falling": "Fell, but was already falling.",
    "fell_beyond_its_path": "Fell clearly, and more than its own earlier path led to.",
    "fell_beyond_drifts": (
        "Fell clearly, by more than drifts seen nationally explain. Its own earlier years are too few to show a path."
    ),
    "fell_or_drifted": (
        "Fell clearly{sides}. These years cannot say whether it would have fallen anyway: a steady "
        "fall of {drift} a year would explain it."
    ),
}
# The same in a few words, for tables and lists.
YEARLY_IN_SHORT: dict[YearlyVerdict, str] = {
    "too_few": "too few to tell",
    "about_the_same": "about the same",
    "cannot_tell": "cannot tell",
    "rose_already_rising": "rose, but was already rising",
    "rose_beyond_its_path": "rose clearly, beyond its earlier path",
    "rose_beyond_drifts": "rose clearly, beyond drifts seen nationally",
    "rose_or_drifted": "rose clearly; a drift could explain it",
    "fell_already_falling": "fell, but was already falling",
    "fell_beyond_its_path": "fell clearly, beyond its earlier path",
    "fell_beyond_drifts": "fell clearly, beyond drifts seen nationally",
    "fell_or_drifted": "fell clearly; a drift could explain it",
}


def verdict_sentence(verdict: Verdict, group: str, effect: tuple[float, float, float] | None, rise: float) -> str:
    """Return the verdict in words. `effect`: ratio, low, high, needed by verdicts that print it. `rise`: 1 or more."""
    value, low, high = effect or (float("nan"),) * 3
    words = SENTENCES[verdict].format(group=group, effect=ratio(value), range=likely_range(low, high), rise=ratio(rise))
    return sentence(words)
