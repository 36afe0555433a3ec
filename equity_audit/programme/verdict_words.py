"""The verdict on an effect as one of a fixed set of sentences. None of them says why."""

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


def verdict_sentence(verdict: Verdict, group: str, effect: tuple[float, float, float] | None, rise: float) -> str:
    """Return the verdict in words. `effect`: ratio, low, high, needed by verdicts that print it. `rise`: 1 or more."""
    value, low, high = effect or (float("nan"),) * 3
    words = SENTENCES[verdict].format(group=group, effect=ratio(value), range=likely_range(low, high), rise=ratio(rise))
    return sentence(words)
