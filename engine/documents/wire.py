"""The messages between the renderer and its child: a JSON head and byte strings, over a socket pair.

Neither side unpickles: what comes back from a child that read hostile input is plain data.
"""

import json
import socket
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_LENGTH = 4


class Closed(Exception):
    """The other side has gone."""


@dataclass(frozen=True)
class Message:
    """A JSON object and the byte strings that go with it."""

    head: Mapping[str, object]
    parts: Sequence[bytes] = ()


class Line:
    """One end of the socket pair; every call may be given the instant (`time.monotonic`) it must be over."""

    def __init__(self, end: socket.socket) -> None:
        self.end = end

    def send(self, message: Message, deadline: float | None = None) -> None:
        """Send a message; raises Closed or TimeoutError."""
        lengths = [len(part) for part in message.parts]
        head = json.dumps({"lengths": lengths, "head": message.head}).encode()
        try:
            for piece in (len(head).to_bytes(_LENGTH, "big"), head, *message.parts):
                self._limit(deadline)
                self.end.sendall(piece)
        except (BrokenPipeError, ConnectionResetError) as gone:
            raise Closed from gone

    def receive(self, deadline: float | None = None) -> Message:
        """Wait for a message; raises Closed or TimeoutError."""
        size = int.from_bytes(self._read(_LENGTH, deadline), "big")
        envelope = json.loads(self._read(size, deadline))
        return Message(envelope["head"], [self._read(length, deadline) for length in envelope["lengths"]])

    def _read(self, size: int, deadline: float | None) -> bytes:
        buffer = bytearray(size)
        view = memoryview(buffer)
        while view:
            self._limit(deadline)
            try:
                got = self.end.recv_into(view)
            except ConnectionResetError as gone:
                raise Closed from gone
            if not got:
                raise Closed
            view = view[got:]
        return bytes(buffer)

    def _limit(self, deadline: float | None) -> None:
        if deadline is None:
            self.end.settimeout(None)
        elif (left := deadline - time.monotonic()) > 0:
            self.end.settimeout(left)
        else:
            raise TimeoutError
