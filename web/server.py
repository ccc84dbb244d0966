"""Serves the application until the process is asked to end, and lets what is under way be finished first."""

import logging
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from flask import Flask
from waitress import create_server, wasyncore
from waitress.channel import HTTPChannel
from waitress.server import BaseWSGIServer

SIGNALS = (signal.SIGTERM, signal.SIGINT)
THREADS = 8
FINISH_SECONDS = 15.0
WAKE_SECONDS = 0.25
log = logging.getLogger("woshou.server")
Sockets = dict[int, Any]


@contextmanager
def asked_to_stop() -> Iterator[threading.Event]:
    """An event that SIGTERM or SIGINT sets; a second signal ends the process at once."""
    stop = threading.Event()

    def note(_: int, __: FrameType | None) -> None:
        stop.set()
        for number in SIGNALS:
            signal.signal(number, signal.SIG_DFL)

    before = {number: signal.signal(number, note) for number in SIGNALS}
    try:
        yield stop
    finally:
        for number, usual in before.items():
            signal.signal(number, usual)


def serve(app: Flask, address: tuple[str, int], stop: threading.Event) -> None:
    """Answer requests until `stop` is set; then accept no more, and finish those that have begun.

    A request that takes longer than FINISH_SECONDS from then on is cut off.
    """
    sockets: Sockets = {}
    host, port = address
    server = create_server(app, map=sockets, host=host, port=port, threads=THREADS)
    while not stop.is_set():
        _turn(sockets)
    log.info("stopping: requests under way are finished, no new ones accepted")
    _finish(sockets, time.monotonic() + FINISH_SECONDS)
    server.task_dispatcher.shutdown(timeout=1)
    for entry in list(sockets.values()):
        entry.close()


def _turn(sockets: Sockets) -> None:
    wasyncore.loop(timeout=WAKE_SECONDS, use_poll=True, map=sockets, count=1)


def _finish(sockets: Sockets, end: float) -> None:
    for listener in [one for one in sockets.values() if isinstance(one, BaseWSGIServer)]:
        # Its own close would also close the pipe by which a request that is done wakes this thread.
        wasyncore.dispatcher.close(listener)
    while (open_channels := _channels(sockets)) and time.monotonic() < end:
        _turn(sockets)
        for channel in open_channels:
            if not channel.requests and channel.request is None:
                channel.close_when_flushed = True
    if cut_off := len(_channels(sockets)):
        log.warning("%d requests were cut off", cut_off)


def _channels(sockets: Sockets) -> list[HTTPChannel]:
    return [one for one in sockets.values() if isinstance(one, HTTPChannel)]
