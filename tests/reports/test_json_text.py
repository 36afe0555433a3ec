"""JSON is written as the standard library writes it, only faster."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.json_text import json_bytes

leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
documents = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text() | st.integers() | st.booleans() | st.none() | st.floats(), inner)
    ),
)


@given(documents)
def test_every_document_is_written_as_the_standard_library_does(document: Any) -> None:
    assert json_bytes(document) == json.dumps(document, indent=2, ensure_ascii=False).encode("utf-8") + b"\n"


def test_what_is_no_json_is_refused() -> None:
    for document in ({"a": {1, 2}}, {(1, 2): 3}):
        with pytest.raises(TypeError):
            json_bytes(document)
