"""Whether somebody asked this process to stop: seen even where a library has put its own handler in the way.

Dagster takes Ctrl-C for a failed step or lets it pass, and DuckDB tells of it as an error of its own. Python writes the
number of every signal to a file descriptor, whoever handles it; that is read once a command has not ended well.
"""

import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager

_seen: list[int] = []
_reader: list[socket.socket] = []


@contextmanager
def noticing() -> Iterator[None]:
    """Notice signals while the block lasts. Elsewhere than in the main thread there is nothing to notice."""
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
    # A process that a script starts in the background is told to ignore it; who sends it all the same means it.
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
    """Whether Ctrl-C was pressed since the command began."""
    for reader in _reader:
        try:
            _seen.extend(reader.recv(4096))
        except BlockingIOError:
            continue
    return signal.SIGINT in _seen
