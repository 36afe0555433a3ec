"""What is withheld depends on a secret too, so that running the program again on guessed counts proves nothing.

Which counts are withheld to protect others depends on exact counts. Somebody who runs this program on every table that
fits an edition could strike out those for which it would have withheld something else. So costs are jittered and a few
counts are withheld besides, both by a key that stays in the house: whatever fits the published figures could have given
the same edition with another key (ADR 17). The same key, organisation and period give the same choices.
"""

import hashlib
import hmac
import json
from dataclasses import dataclass

from equity_audit.disclosure.table.count_table import Quantity, Row


@dataclass(frozen=True)
class Choices:
    """Draws that depend on a key and on names alone. `key`: of one organisation, period and population."""

    key: bytes = b""

    def of(self, *names: str) -> "Choices":
        """The draws of an organisation, a period, a population."""
        return Choices(hmac.new(self.key, json.dumps(names).encode(), hashlib.sha256).digest())

    def share(self, what: str, row: Row, quantity: Quantity) -> float:
        """A number from 0 to below 1, as good as random without the key, for one count."""
        digest = hmac.new(self.key, json.dumps([what, *row, *quantity]).encode(), hashlib.sha256).digest()
        return int.from_bytes(digest[:7], "big") / 2**56

    def withholds(self, row: Row, quantity: Quantity, share: float) -> bool:
        """Whether a count is withheld besides, as so large a share of counts is."""
        return self.share("besides", row, quantity) < share

    def seed(self) -> int:
        """Where the search for other tables begins to draw."""
        return int.from_bytes(hmac.new(self.key, b"search", hashlib.sha256).digest()[:8], "big")
