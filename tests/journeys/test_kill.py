"""The server is killed between any two steps of a case, and nothing is lost."""

from pathlib import Path
from urllib.parse import quote

import pytest

from engine.documents.verify import verify
from tests.journeys import script
from tests.journeys.server import Server, running
from tests.journeys.visitor import Visitor

pytestmark = pytest.mark.slow
APPLICANT = "罗小琴"


def people(server: Server, names: set[str]) -> dict[str, Visitor]:
    return {name: Visitor(server.address).sign_in(name) for name in names}


def test_a_server_killed_between_all_steps_loses_nothing(tmp_path: Path) -> None:
    steps = script.tasks("tricycle_accident")
    parties = {"罗小琴", "陈大勇"}
    with running(tmp_path / "data") as server:
        visitors = people(server, {step["as"] for step in steps} - parties)
        case = ""
        for number, step in enumerate(steps):
            if step["as"] in parties and step["as"] not in visitors:
                link, code = visitors["mediator"].links(case)[step["as"]]
                visitors[step["as"]] = Visitor(server.address).enter(link, code)
            visitor = visitors[step["as"]]
            task = visitor.open_case() if number == 0 else task_of(visitor, step["as"] in parties)
            visitor.fill(task, step["answers"])
            case = case or case_of(visitors["reception"])
            server.kill()
            server.start()
        agreement = signed_agreement(visitors["reception"], case)
        certificate = (server.data / "authority" / "authority.pem").read_bytes()
        report = verify(agreement, [certificate])
        assert report.ok, report.problems
        assert len({signature.signer for signature in report.signatures}) == 5
        assert server.audit_holds()


def task_of(visitor: Visitor, is_party: bool) -> str:
    return visitor.find_own_task() if is_party else visitor.find_task(APPLICANT)


def case_of(visitor: Visitor) -> str:
    visitor.get(f"/cases?search={quote(APPLICANT)}")
    return str(visitor.page.xpath("//main//a[starts-with(@href, '/cases/')]/@href")[0])


def signed_agreement(visitor: Visitor, case: str) -> bytes:
    visitor.get(case)
    (path,) = visitor.page.xpath("//main//a[starts-with(@href, '/documents/')][contains(., '协议书')]/@href")
    return visitor.download(path)
