"""A visitor without JavaScript: gets pages, fills in their forms as a browser would, and posts them."""

import http.client
import select
import time
import urllib.parse
import urllib.request
import weakref
from http.cookiejar import CookieJar
from typing import Any, cast
from urllib.error import HTTPError

from lxml import html

from engine.mediation import props
from tests.journeys import script
from web.demo import PASSWORD

WAIT_SECONDS = 30


class Refused(Exception):
    """A page came back with an error; the text is what it says."""


class Connection(urllib.request.HTTPHandler):
    """Asks over one connection that is kept, as a browser does; notes when it last asked."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = 0.0
        self._kept: http.client.HTTPConnection | None = None

    def http_open(self, req: urllib.request.Request) -> Any:
        kept = self._kept = self._kept or http.client.HTTPConnection(req.host)
        if kept.sock and select.select([kept.sock], [], [], 0)[0]:
            kept.close()  # By the server, meanwhile.
        self.begun = time.perf_counter()
        try:
            kept.request(req.get_method(), req.selector, cast(Any, req.data), dict(req.header_items()))
            answer: Any = kept.getresponse()
        except (OSError, http.client.HTTPException):
            kept.close()
            raise
        answer.url, answer.msg = req.full_url, answer.reason
        return answer

    def let_go(self) -> None:
        """End the connection."""
        if self._kept:
            self._kept.close()


class Redirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects; notes where each led, which POST was answered by one, and how long that took."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.seconds: list[float] = []
        self.answered: list[tuple[urllib.request.Request, str]] = []
        self.location = ""

    def redirect_request(self, req: Any, *rest: Any) -> Any:
        self.location = str(rest[-1])
        if req.get_method() == "POST":
            self.seconds.append(time.perf_counter() - self._connection.begun)
            self.answered.append((req, self.location))
        return super().redirect_request(req, *rest)


class Visitor:
    """One browser with its cookies; `page` is what it shows, `address` where it is."""

    def __init__(self, base: str) -> None:
        self.base, self.address = base, ""
        self.patience, self.pause = WAIT_SECONDS, 0.2
        self._connection = Connection()
        weakref.finalize(self, self._connection.let_go)
        self._clock = Redirects(self._connection)
        cookies = urllib.request.HTTPCookieProcessor(CookieJar())
        self._browser = urllib.request.build_opener(self._connection, cookies, self._clock)
        self.page = html.fromstring("<html></html>")

    @property
    def post_seconds(self) -> list[float]:
        """How long each POST took until the server sent on to the next page."""
        return self._clock.seconds

    def get(self, path: str) -> None:
        self._open(urllib.request.Request(urllib.parse.urljoin(self.base, path)))

    def post(self, path: str, fields: list[tuple[str, str]]) -> None:
        body = urllib.parse.urlencode(fields).encode()
        self._open(urllib.request.Request(urllib.parse.urljoin(self.base, path), body))

    def sign_in(self, username: str) -> "Visitor":
        self.get("/sign-in")
        form = self._form("//form[.//input[@name='password']]")
        self.post(form.get("action"), self._values(form, {"username": username, "password": PASSWORD}))
        return self

    def enter(self, link: str, code: str) -> "Visitor":
        self.get(urllib.parse.urlsplit(link).path)
        form = self._form("//form[.//input[@name='code']]")
        self.post(form.get("action"), self._values(form, {"code": code}))
        return self

    def open_case(self) -> str:
        """Begin a new case; gives its first task's address."""
        self.get("/tasks")
        form = self._form("//form[@action='/cases']")
        self.post("/cases", self._values(form, {}))
        return self.address

    def find_task(self, search: str) -> str:
        """The address of the one open task of a case, waiting for the jobs before it."""
        end = time.monotonic() + self.patience
        while time.monotonic() < end:
            for view in ("mine", "role"):
                self.get(f"/tasks?{urllib.parse.urlencode({'view': view, 'search': search})}")
                if found := self.page.xpath("//main//a[starts-with(@href, '/tasks/')]/@href"):
                    return str(found[0])
            time.sleep(self.pause)
        raise AssertionError(f"no task is open for {search}")

    def find_own_task(self) -> str:
        """The address of a party's open task on its own page."""
        end = time.monotonic() + self.patience
        while time.monotonic() < end:
            self.get("/party")
            if found := self.page.xpath("//main//a[starts-with(@href, '/tasks/')]/@href"):
                return str(found[0])
            time.sleep(self.pause)
        raise AssertionError("nothing is open for the party")

    def fill(self, task: str, answers: dict[str, Any]) -> None:
        """Answer a task's form page by page until it is completed; Refused if a page shows errors."""
        self.get(task)
        path = urllib.parse.urlsplit(task).path
        while urllib.parse.urlsplit(self.address).path == path:
            self._add_rows(script.row_counts(answers))
            self._draw_again(script.flat(answers))
            form = self._guided()
            before = self.address
            self.post(form.get("action"), [*self._values(form, script.flat(answers)), ("go", "next")])
            assert self.address != before, self.errors()

    def links(self, case: str) -> dict[str, tuple[str, str]]:
        """Each party's link and code as the staff sees them."""
        self.get(f"{case}/links")
        names = [heading.text_content().strip() for heading in self.page.xpath("//main//h2")]
        found = self.page.xpath("//a[contains(@class, 'address')]/@href")
        codes = [code.text_content().strip() for code in self.page.xpath("//dd[contains(@class, 'code')]")]
        return dict(zip(names, zip(found, codes, strict=True), strict=True))

    def errors(self) -> str:
        return " ".join(self.page.xpath("//*[contains(@class, 'error-summary')]//text()"))

    def download(self, path: str) -> bytes:
        with self._browser.open(urllib.parse.urljoin(self.base, path)) as answer:
            return bytes(answer.read())

    def seconds_of(self, path: str) -> float:
        """How long it takes until the whole of a page is there."""
        self.download(path)
        return time.perf_counter() - self._connection.begun

    def text(self) -> str:
        return " ".join(self.page.text_content().split())

    def _open(self, request: urllib.request.Request) -> None:
        try:
            answer = self._browser.open(request)
        except HTTPError as refused:
            page = html.fromstring(refused.read())
            said = " ".join(page.xpath("//main")[0].text_content().split()) if page.xpath("//main") else ""
            raise Refused(f"{refused.code}: {said}") from refused
        with answer:
            body = answer.read()
            self.address = answer.geturl()
        self.page = html.fromstring(body)

    def _add_rows(self, counts: dict[str, int]) -> None:
        for name, wanted in counts.items():
            while (shown := self._rows_shown(name)) is not None and shown < wanted:
                form = self._guided()
                self.post(form.get("action"), [*self._values(form, {}), ("go", f"add:{name}")])

    def _draw_again(self, answers: dict[str, Any]) -> None:
        """Have the page show what hangs on answers that stand on it themselves, until it shows all."""
        before: set[str] = set()
        while before != (
            shown := {str(name) for name in self._guided().xpath(".//@name") if name in answers}
        ):
            form, before = self._guided(), shown
            watched = set((form.get("data-watched") or "").split())
            if watched & {name.rsplit("-", 1)[-1] for name in shown}:
                self.post(form.get("action"), [*self._values(form, answers), ("go", "redraw")])

    def _rows_shown(self, name: str) -> int | None:
        found = self.page.xpath(f"//input[@name='{name}-count']/@value")
        can_add = self.page.xpath(f"//button[@value='add:{name}']")
        return int(found[0]) if found and can_add else None

    def _guided(self) -> Any:
        return self._form("//form[.//button[@name='go']]")

    def _form(self, path: str) -> Any:
        found = self.page.xpath(path)
        assert found, f"no form at {self.address}: {self.text()[:400]}"
        return found[0]

    def _values(self, form: Any, answers: dict[str, Any]) -> list[tuple[str, str]]:
        """What the form would post, with the answers to the questions that it shows put in."""
        shown = {name for name in form.xpath(".//@name") if name in answers}
        kept = [(name, value) for name, value in form.form_values() if name not in shown]
        for name in sorted(shown):
            kept += [(name, value) for value in self._texts(form, name, answers[name])]
        return kept

    def _texts(self, form: Any, name: str, value: Any) -> list[str]:
        if isinstance(value, list):
            return [text for one in value for text in self._texts(form, name, one)]
        if isinstance(value, dict):
            return [self._reference(form, name, *next(iter(value.items())))]
        if isinstance(value, bool):
            return ["true"] if value else []
        return [str(value)]

    def _reference(self, form: Any, name: str, word: str, who: str) -> str:
        if word == "signature":
            return props.drawn_signature(who)
        options = form.xpath(f".//select[@name='{name}']/option")
        boxes = form.xpath(f".//input[@name='{name}']")
        for option in options:
            if _means(option.text_content(), who):
                return str(option.get("value"))
        for box in boxes:
            (label,) = form.xpath(f".//label[@for='{box.get('id')}']")
            if _means(label.text_content(), who):
                return str(box.get("value"))
        raise AssertionError(f"{who} is not to be chosen as {name}")


PEOPLE = {"mediator": "陈国安", "mediator2": "何素芬"}


def _means(label: str, who: str) -> bool:
    return PEOPLE.get(who, who) in label
