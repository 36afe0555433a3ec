"""A year of a made-up trust under the policy as shipped: safe, and at a price that is stated."""

import numpy as np

from equity_audit.disclosure.suppression.attacker_knowledge import attacker_knowledge
from equity_audit.disclosure.suppression.choosing import disclosed_in
from equity_audit.disclosure.suppression.secondary_suppression import protect
from equity_audit.disclosure.table.count_table import count_table_of, published_rows
from equity_audit.disclosure.table.suppression_status import Mark
from equity_audit.settings import load_settings
from tests.bench_disclosure import trust_counts

# docs/disclosure.md says what was measured; more than this would be a loss that readers notice.
MOST_WITHHELD, MOST_LOST = 0.03, 0.02


def test_the_trust_is_safe_and_little_is_lost() -> None:
    policy = load_settings()
    people = count_table_of(published_rows(trust_counts(policy), policy.disclosure))
    assert {row.breakdown for row in people.rows} == {"all", "pay_band"}
    done = protect(people, policy.disclosure)
    assert disclosed_in(attacker_knowledge(done.published, policy.disclosure)) == {}
    assert done.fell  # the plain rule alone leaks
    published = (done.published.mark != Mark.UNPUBLISHED).sum()
    assert len(done.withheld) <= MOST_WITHHELD * published
    assert done.lost <= MOST_LOST
    # Everything shown or marked still allows the truth.
    shown = done.published.mark == Mark.SHOWN
    assert (np.abs(done.published.shown - people.values)[shown] <= policy.disclosure.round_to // 2).all()
