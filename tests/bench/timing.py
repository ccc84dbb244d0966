"""How long a call takes: for the measurements of this project and of other engines."""

import statistics
import time
from collections.abc import Callable


def median_seconds(call: Callable[[], object], rounds: int = 15, seconds: float = 0.02) -> float:
    """The median time of one call, over rounds of about `seconds` each."""
    count, spent = 1, 0.0
    while spent < seconds:
        count *= 2
        spent = timed(call, count)
    return statistics.median(timed(call, count) / count for _ in range(rounds))


def seconds_of(call: Callable[[], object]) -> float:
    """Seconds of one call by the clock."""
    begun = time.perf_counter()
    call()
    return time.perf_counter() - begun


def timed(call: Callable[[], object], count: int) -> float:
    """Processor seconds for so many calls: other work on the machine does not count."""
    start = time.process_time()
    for _ in range(count):
        call()
    return time.process_time() - start
