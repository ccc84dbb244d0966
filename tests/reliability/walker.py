"""A client who walks cases over HTTP, remembers what was acknowledged, and asks again for what was not."""

import http.client
import json
import threading
import time
import urllib.parse
import urllib.request
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tests.journeys import script
from tests.journeys.visitor import Refused, Visitor

PATIENCE_SECONDS = 900
CASE = "tricycle_accident"
LINK = "/p/"
APPLICANT, RESPONDENT = "罗小琴", "陈大勇"
STAFF = ("reception", "chief", "mediator", "seal")
DIGITS = str.maketrans("0123456789", "零一二三四五六七八九")


@dataclass
class Acknowledged:
    """What clients were told: idempotency keys of completed tasks with their ids, and of opened cases.

    Entering a party's page has no key: each time that it is asked for may open a session. `asked` counts
    how often that was, by the link's token, and `entered` how often it was answered.
    """

    tasks: dict[str, str] = field(default_factory=dict)
    cases: set[str] = field(default_factory=set)
    troubles: list[str] = field(default_factory=list)
    asked: Counter[str] = field(default_factory=Counter)
    entered: Counter[str] = field(default_factory=Counter)

    def note_asked(self, request: urllib.request.Request) -> None:
        """A request is sent, whatever becomes of it."""
        path = urllib.parse.urlsplit(request.full_url).path
        if request.get_method() == "POST" and path.startswith(LINK):
            self.asked[path.removeprefix(LINK)] += 1

    def note(self, request: urllib.request.Request, location: str) -> None:
        """A POST was answered by a redirect to `location`."""
        body = request.data.decode() if isinstance(request.data, bytes) else ""
        key = dict(urllib.parse.parse_qsl(body)).get("key", "")
        path, after = (urllib.parse.urlsplit(url).path for url in (request.full_url, location))
        if path == "/cases":
            self.cases.add(key)
        elif path.startswith("/tasks/") and path != after:
            self.tasks[key] = path.removeprefix("/tasks/")
        elif path.startswith(LINK):
            self.entered[path.removeprefix(LINK)] += 1


class StubbornVisitor(Visitor):
    """Sends a request again, with the same idempotency key, until somebody answers it."""

    def __init__(self, base: str, acknowledged: Acknowledged) -> None:
        super().__init__(base)
        self.patience, self.pause = PATIENCE_SECONDS, 0.5
        self._acknowledged = acknowledged

    def _open(self, request: urllib.request.Request) -> None:
        end = time.monotonic() + self.patience
        while True:
            self._clock.location = ""
            self._acknowledged.note_asked(request)
            try:
                super()._open(request)
            except (OSError, http.client.HTTPException):
                if time.monotonic() > end:
                    raise
                time.sleep(0.05)
            else:
                return
            finally:
                while self._clock.answered:
                    self._acknowledged.note(*self._clock.answered.pop())
            if self._clock.location:
                request = urllib.request.Request(self._clock.location)


class Walker(threading.Thread):
    """Walks one case after the other until told to stop, and then the one at hand to its end."""

    def __init__(self, base: str, number: int, acknowledged: Acknowledged, stop: threading.Event) -> None:
        super().__init__(name=f"client {number}", daemon=True)
        self._base, self._number, self._acknowledged, self._stop_asked = base, number, acknowledged, stop
        self._staff = {name: self._visitor().sign_in(name) for name in STAFF}
        self.walked = 0

    def run(self) -> None:
        try:
            while not self._stop_asked.is_set():
                self._walk(self._staff)
                self.walked += 1
        except (Refused, AssertionError, OSError, http.client.HTTPException) as trouble:
            self._acknowledged.troubles.append(f"{self.name}, case {self.walked}: {trouble!r}")

    def _walk(self, staff: dict[str, Visitor]) -> None:
        mark = f"{self._number}{self.walked:03}".translate(DIGITS)
        parties: dict[str, Visitor] = {}
        case = ""
        for number, step in enumerate(_steps(mark)):
            who = step["as"]
            if who not in staff and who not in parties:
                parties[who] = self._visitor()
                parties[who].enter(*staff["mediator"].links(case)[who])
            visitor = staff.get(who) or parties[who]
            visitor.fill(_task(visitor, number, who in parties, APPLICANT + mark), step["answers"])
            case = case or _case(staff["reception"], APPLICANT + mark)

    def _visitor(self) -> Visitor:
        return StubbornVisitor(self._base, self._acknowledged)


def _steps(mark: str) -> list[dict[str, Any]]:
    """The script of the case, its parties' names made unique by a mark."""
    text = json.dumps(script.tasks(CASE), ensure_ascii=False)
    return list(json.loads(text.replace(APPLICANT, APPLICANT + mark).replace(RESPONDENT, RESPONDENT + mark)))


def _task(visitor: Visitor, number: int, is_party: bool, applicant: str) -> str:
    if number == 0:
        return visitor.open_case()
    return visitor.find_own_task() if is_party else visitor.find_task(applicant)


def _case(visitor: Visitor, applicant: str) -> str:
    visitor.get(f"/cases?{urllib.parse.urlencode({'search': applicant})}")
    return str(visitor.page.xpath("//main//a[starts-with(@href, '/cases/')]/@href")[0])
