"""Notice Ctrl-C even if a library has installed its own signal handler.

Dagster treats Ctrl-C as a failed step or ignores it, and DuckDB reports it as an error of its own. Python writes the
number of every signal to a file descriptor, whatever handles it; it is read after a command has failed.
"""

import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager

_seen: list[int] = []
_reader: list[socket.socket] = []


@contextmanager
def noticing() -> Iterator[None]:
    """Notice signals during the block. Does nothing outside the main thread, which alone receives them."""
    _seen.clear()
    reader, writer = socket.socketpair()
    reader.setblocking(False)
    writer.setblocking(False)
    try:
        before = signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
    except ValueError:
        reader.close()
        writer.close()
        yield
        return
    # A script starts background processes with SIGINT ignored; one that is sent all the same is meant.
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)
    _reader.append(reader)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
        signal.set_wakeup_fd(before)
        _reader.remove(reader)
        reader.close()
        writer.close()


def interrupted() -> bool:
    """Return whether Ctrl-C was pressed since the command began."""
    for reader in _reader:
        try:
            _seen.extend(reader.recv(4096))
        except BlockingIOError:
            continue
    return signal.SIGINT in _seen
