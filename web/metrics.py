"""Numbers for Prometheus: requests, commands, refusals, what waits, memory and processor; nobody's data."""

import hmac
import ipaddress
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, cast

from flask import Blueprint, Flask, Response, current_app, g, request
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Histogram,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from engine import Engine, errors, jobs
from engine.backlog import Backlog, backlog

if TYPE_CHECKING:
    from web.settings import Settings

METRICS = "metrics"
# A page takes 5 ms, signing a document about a second; beyond ten nobody waits any more.
BUCKETS = (0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
METHODS = frozenset(("GET", "HEAD", "POST", "OPTIONS"))
UNKNOWN = "unknown"
BEARER = "Bearer "

pages = Blueprint("metrics", __name__)


class Metrics:
    """The counters of one application; every label is a name out of the code, never of a case or a person."""

    def __init__(self, engine: Engine) -> None:
        self.registry = registry = CollectorRegistry()
        labels = ("route", "method", "status")
        self.requests = Counter("woshou_requests", "Requests by route and status.", labels, registry=registry)
        self.seconds = Histogram(
            "woshou_request_seconds", "How long answers took.", ("route",), registry=registry, buckets=BUCKETS
        )
        self._answers: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
        self.refusals = Counter(
            "woshou_refusals", "Refusals told to people, by kind.", ("kind",), registry=registry
        )
        registry.register(_Work(engine))
        ProcessCollector(registry=registry)

    def count(self, route: str, status: int, seconds: float) -> None:
        """Count an answer."""
        key = (route, request.method if request.method in METHODS else "other", status)
        if (found := self._answers.get(key)) is None:
            # Looking a child up by its labels takes five times as long as counting in it.
            found = self._answers[key] = self.requests.labels(*key), self.seconds.labels(route)
        found[0].inc()
        found[1].observe(seconds)


class _Work(Collector):
    """What the engine has done since the process began, and what waits in the database now."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def describe(self) -> Iterable[Metric]:
        return ()

    def collect(self) -> Iterator[Metric]:
        done = CounterMetricFamily(
            "woshou_commands", "Recorded commands and steps that were committed.", labels=["action"]
        )
        for action, count in self._engine.sessions.recorded.counts().items():
            done.add_metric([action], count)
        yield done
        yield from _waiting([backlog(self._engine, tenant) for tenant in jobs.tenants(self._engine)])


def prepare(app: Flask, engine: Engine, settings: "Settings") -> None:
    """Count every answer of the application; `logs.prepare` notes when requests begin."""
    app.extensions[METRICS] = Metrics(engine)
    app.config["METRICS_TOKEN"] = settings.metrics_token
    app.config["METRICS_ON_LOOPBACK"] = not settings.secure_cookies
    app.after_request(_count)


def of_app() -> Metrics:
    """The counters of this application."""
    return cast(Metrics, current_app.extensions[METRICS])


def refused(refusal: errors.Refusal) -> None:
    """Count a refusal that somebody is told."""
    of_app().refusals.labels(type(refusal).__name__).inc()


@pages.get("/metrics")
def show() -> Response:
    """All numbers in the text format of Prometheus; for the machine itself, and for who has the token."""
    if not _may_read():
        raise errors.NotFound
    return Response(generate_latest(of_app().registry), content_type=CONTENT_TYPE_LATEST)


def _may_read() -> bool:
    token, sent = current_app.config["METRICS_TOKEN"], request.headers.get("Authorization", "")
    if token and hmac.compare_digest(sent.encode(), f"{BEARER}{token}".encode()):
        return True
    # Behind a proxy everybody comes from this machine.
    return current_app.config["METRICS_ON_LOOPBACK"] and _is_loopback(request.remote_addr or "")


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def _count(response: Response) -> Response:
    of_app().count(request.endpoint or UNKNOWN, response.status_code, time.perf_counter() - g.begun)
    return response


def _waiting(found: list[Backlog]) -> Iterator[Metric]:
    def gauge(name: str, text: str, value: float) -> Metric:
        return GaugeMetricFamily(f"woshou_{name}", text, value=value)

    yield gauge("user_tasks_open", "Open user tasks.", sum(one.open_tasks for one in found))
    yield gauge("user_tasks_overdue", "Open user tasks past their time.", sum(o.overdue_tasks for o in found))
    yield _by_status("jobs", "Jobs by status.", [one.jobs for one in found])
    yield _by_status("timers", "Timers by status.", [one.timers for one in found])
    yield _by_status("messages", "Kept messages by status.", [one.messages for one in found])
    yield gauge(
        "job_delay_seconds", "Delay of the oldest job that is due.", max([o.job_delay for o in found] or [0])
    )
    yield gauge(
        "timer_delay_seconds", "Delay of the oldest timer due.", max([o.timer_delay for o in found] or [0])
    )


def _by_status(name: str, text: str, found: list[Mapping[str, int]]) -> Metric:
    family = GaugeMetricFamily(f"woshou_{name}", text, labels=["status"])
    for status in jobs.UNDONE:
        family.add_metric([status], sum(one.get(status, 0) for one in found))
    return family
