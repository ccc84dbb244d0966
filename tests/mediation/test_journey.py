import datetime as dt
import hashlib
import sqlite3
from collections.abc import Callable
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from sqlalchemy import select

from engine import errors, jobs, mediation, messages, open_tasks, service_tasks, tasks
from engine.documents import authority, verify
from engine.documents.render import Renderer
from engine.mediation import case_page, cases, documents, inbox, links, lookup
from engine.mediation.cases import Withdrawal
from engine.mediation.statements import read_statements
from engine.models.base import new_id
from engine.models.processes import UserTask
from engine.models.records import Job
from engine.policy import Actor

from ..conftest import MORNING, TENANT, House
from .conftest import TODAY, dispute, obligation, scanned_sheet, text

ROOT = Path(__file__).resolve().parents[2]
TEXT = (
    "<html lang='zh'><title>协议</title><body><h1>{{ committee }} {{ number }}</h1>"
    "<p id='facts'>{{ facts }}</p>"
    "<p id='content'>{{ content }}</p>{% for row in obligations %}<p>{{ row.debtor }} {{ row.amount }}</p>"
    "{% endfor %}{% for party in parties %}<div class='mark' id='{{ party.field }}'></div>{% endfor %}"
    "<div class='mark' id='mediator'></div><div class='mark' id='seal'></div></body></html>"
)
NOTICE = "<html lang='zh'><title>告知</title><body><h1>{{ number }}</h1><p>{{ record }}</p></body></html>"
SEAL = "#seal { display: block; width: 40mm; height: 40mm; }"
STYLE = "@page { size: A4 } body { font-family: 'Noto Sans CJK SC' } .mark { width: 60mm; height: 18mm }"
SIGNATURE = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAA"
    "AABJRU5ErkJggg=="
)


class Journey:
    """A case that goes through the real processes and forms, step by step."""

    def __init__(self, house: House, office: authority.Authority) -> None:
        self.house, self.office = house, office
        self.case_id = cases.open_case(house.engine, house.reception, new_id())

    def open(self) -> dict[str, str]:
        mine = (UserTask.root_id == self.case_id, UserTask.status == "open")
        with self.house.engine.sessions.query(TENANT) as session:
            found = session.scalars(select(UserTask).where(*mine).order_by(UserTask.id))
            return {task.node_id: task.id for task in found}

    def sees(self, actor: Actor) -> bool:
        with self.house.engine.sessions.query(TENANT) as session:
            try:
                lookup.visible_case(session, actor, self.case_id)
            except errors.NotFound:
                return False
            return True

    def parties(self) -> dict[str, Actor]:
        with self.house.engine.sessions.query(TENANT) as session:
            found = lookup.parties_of(session, self.case_id)
        actors = {party.name: links.party_actor(self.house.engine, TENANT, party.id) for party in found}
        return {name: actor for name, actor in actors.items() if actor}

    def do(self, node_id: str, actor: Actor, **answers: Any) -> "Journey":
        task_id = self.open()[node_id]
        initial = open_tasks.open_task(self.house.engine, actor, task_id).initial
        given = {name: value for name, value in initial.items() if value is not None} | answers
        tasks.complete_task(self.house.engine, actor, task_id, given, new_id())
        jobs.run_due(self.house.engine, service_tasks.HANDLERS)
        return self

    def rows(self, name: str, node_id: str, **columns: Any) -> dict[str, Any]:
        task_id = self.open()[node_id]
        opened = [open_tasks.open_task(self.house.engine, actor, task_id) for actor in self.staff()]
        (initial, *_) = [one.initial[name] for one in opened if one.may_act]
        return {name: [row | columns for row in initial]}

    def staff(self) -> list[Actor]:
        """Those of the staff who see the case now."""
        house = self.house
        seeing = [house.reception, house.chief_mediator, house.seal_keeper]
        return [*seeing, house.mediator] if self.view().mediator else seeing

    def view(self, actor: Actor | None = None) -> case_page.CaseView:
        return case_page.show_case(self.house.engine, actor or self.house.reception, self.case_id)

    def withdraw(self, name: str, actor: Actor, key: str = "") -> None:
        party_id = next(party.id for party in self.view().parties if party.name == name)
        asked = Withdrawal(self.case_id, party_id, "不想谈了")
        cases.withdraw(self.house.engine, actor, asked, key or new_id())

    def accepted(self, respondents: int = 1) -> "Journey":
        self.do("register_dispute", self.house.reception, **dispute(1, respondents))
        no = dict.fromkeys(
            ["crime_clue", "minor_at_risk", "party_refused", "other_authority", "petition_planned",
             "expert_needed", "online_wished", "tv_wished"], "no",
        )  # fmt: skip
        self.do("assess_suitability", self.house.reception, **no, departments=0, failed_attempts=0)
        return self.do(
            "decide_acceptance", self.house.chief_mediator, decision="accepted", path="face_to_face"
        )

    def mediating(self, respondents: int = 1) -> "Journey":
        self.accepted(respondents)
        said = {"channel": "phone", "answer": "willing", "contacted_on": TODAY}
        self.do("invite_party", self.house.reception, **self.rows("answers", "invite_party", **said))
        consent = {"notice_served": True, "consents": "yes", "session": "closed"}
        self.do("record_consent", self.house.reception, **self.rows("consents", "record_consent", **consent))
        chosen = {"method": "joint_choice", "mediator": self.house.mediator.id}
        self.do("choose_mediator", self.house.chief_mediator, **chosen)
        return self.do("disclose_conflicts", self.house.mediator, accepts="yes", conflict="none")

    def drafting(self, respondents: int = 1) -> "Journey":
        self.mediating(respondents).do("hold_separate_talk", self.house.mediator, needed="no")
        ids = [party.id for party in self.view().parties]
        held = {
            "held_on": TODAY, "place": "调解室", "attendees": ids, "record": "双方各退一步。",
            "read_back": True, "outcome": "agreed",
        }  # fmt: skip
        return self.do("hold_joint_session", self.house.mediator, **held)

    def failed(self) -> "Journey":
        """The parties do not come to terms, and all that is left is to tell of the other ways."""
        self.mediating().do("hold_separate_talk", self.house.mediator, needed="no")
        held = {
            "held_on": TODAY, "place": "调解室", "attendees": [party.id for party in self.view().parties],
            "record": "没有谈拢。", "read_back": True, "outcome": "failed", "failure_reason": "谈不拢",
            "sign_facts": "no",
        }  # fmt: skip
        return self.do("hold_joint_session", self.house.mediator, **held)

    def draft(self, **changed: Any) -> "Journey":
        ids = [party.id for party in self.view().parties if party.takes_part]
        owed = obligation(ids[-1], ids[0], amount=Decimal("2561.00"))
        return self.do(
            "draft_agreement", self.house.mediator, **text(ids) | {"obligations": [owed]} | changed
        )

    def approved(self, **changed: Any) -> "Journey":
        self.draft(**changed)
        checked = {"decision": "approved", "lawful": True, "clear": True, "voluntary": True}
        return self.do("check_legality", self.house.chief_mediator, **checked)

    def signing(self, respondents: int = 1) -> "Journey":
        self.drafting(respondents).approved()
        methods = self.rows("methods", "agree_signing_method", agrees="yes")
        return self.do("agree_signing_method", self.house.mediator, **methods)

    def file(self, kind: str) -> bytes:
        rows = documents.list_documents(self.house.engine, self.house.reception, self.case_id)
        found = next(row for row in rows if row.kind == kind)
        return documents.read_document(self.house.engine, self.house.reception, found.id).content


@pytest.fixture
def house(
    sqlite_url: str, make_house: Callable[..., House], renderer: Renderer, issuer: authority.Authority
) -> House:
    return deployed(make_house(sqlite_url, mediation.services(renderer, issuer)))


def deployed(house: House) -> House:
    """The house with all that is shipped, its papers short."""
    files = {path.name: path.read_bytes() for path in ROOT.glob("processes/*.[bd]*n")}
    sheet = ROOT / "processes" / "documents" / "signed_sheet.html"
    files[sheet.name] = sheet.read_bytes()
    files |= {path.name: path.read_bytes() for path in ROOT.glob("forms/*.form")}
    notices = ("receipt", "routes_notice", "rights_notice", "result_notice", "dossier")
    files |= {f"{name}.html": NOTICE.encode() for name in notices}
    house.deploy(files | {"agreement.html": TEXT.encode(), "print.css": (STYLE + SEAL).encode()})
    return house


@pytest.fixture
def journey(house: House, issuer: authority.Authority) -> Journey:
    return Journey(house, issuer)


def shown(pdf: bytes) -> str:
    with pypdfium2.PdfDocument(pdf) as document:
        return "".join(document[0].get_textpage().get_text_range().split())


def kinds(journey: Journey, actor: Actor) -> list[str]:
    return [row.kind for row in documents.list_documents(journey.house.engine, actor, journey.case_id)]


def test_a_case_is_opened_once_for_one_key(house: House) -> None:
    opened = {cases.open_case(house.engine, house.reception, "key") for _ in range(2)}
    assert len(opened) == 1
    with pytest.raises(errors.Forbidden):
        cases.open_case(house.engine, house.mediator, "other")
    page = inbox.list_cases(house.engine, house.reception)
    assert [(row.number, row.status) for row in page.rows] == [("", "draft")]


@pytest.mark.slow
def test_a_dispute_ends_in_an_agreement_with_four_marks_under_four_names(journey: Journey) -> None:
    journey.signing()
    for name, party in journey.parties().items():
        missing = [mark.name for mark in journey.view().missing_marks]
        assert name in missing
        journey.do("sign_agreement", party, read=True, signature=SIGNATURE)
    journey.do("sign_as_mediator", journey.house.mediator, read=True, signature=SIGNATURE)
    assert journey.view().effective_at is None
    journey.house.clock.forward(minutes=5)
    journey.do("seal_agreement", journey.house.seal_keeper, confirm=True)
    view = journey.view()
    assert (view.status, view.end_code) == ("effective", "agreed_written")
    assert view.effective_at == MORNING + dt.timedelta(minutes=5)
    assert view.missing_marks == []
    report = verify.verify(journey.file("agreement"), [journey.office.certificate_pem], journey.house.clock())
    assert report.ok
    signers = [signature.signer for signature in report.signatures]
    assert len({*signers[1:]}) == 4
    served = {"manner": "both", "served_on": TODAY}
    journey.do("serve_copies", journey.house.reception, **journey.rows("copies", "serve_copies", **served))
    assert journey.open() == {}
    assert journey.view().positions[0].status == "ended"


@pytest.mark.slow
def test_a_party_does_not_sign_twice(journey: Journey) -> None:
    journey.signing()
    first, second = journey.parties().values()
    journey.do("sign_agreement", first, read=True, signature=SIGNATURE)
    with pytest.raises(errors.AlreadyMarked):
        journey.do("sign_agreement", first, read=True, signature=SIGNATURE)
    journey.do("sign_agreement", second, read=True, signature=SIGNATURE)


@pytest.mark.slow
def test_the_drawing_of_a_signature_is_kept_in_the_document_only(journey: Journey) -> None:
    journey.signing()
    task_id = journey.open()["sign_agreement"]
    journey.do("sign_agreement", next(iter(journey.parties().values())), read=True, signature=SIGNATURE)
    with journey.house.engine.sessions.query(TENANT) as session:
        assert session.connection().exec_driver_sql(
            "SELECT answers FROM user_tasks WHERE tenant_id = ? AND id = ?", (TENANT, task_id)
        ).scalar_one() == '{"read":true}'  # fmt: skip


def test_the_applicant_gets_a_receipt_and_the_respondent_none(journey: Journey) -> None:
    journey.accepted()
    applicant, respondent = journey.parties().values()
    assert kinds(journey, applicant) == ["receipt"]
    assert kinds(journey, respondent) == []


@pytest.mark.slow
def test_a_withdrawal_that_leaves_one_side_ends_the_case_with_the_other_ways(journey: Journey) -> None:
    journey.signing()
    applicant, respondent = journey.parties().values()
    journey.withdraw("被申请人0", respondent, key="once")
    journey.withdraw("被申请人0", respondent, key="once")
    assert list(journey.open()) == ["tell_other_routes"]
    assert journey.view().may_withdraw
    told = {
        "end_code": "withdrawn", "reason": "不想谈了", "routes": ["court"], "manner": "phone",
        "told_on": TODAY, "told": True,
    }  # fmt: skip
    journey.do("tell_other_routes", journey.house.reception, **told)
    assert (journey.view().status, journey.view().end_code) == ("ended", "withdrawn")
    assert "routes_notice" in kinds(journey, applicant)
    with pytest.raises(errors.CaseClosed):
        journey.withdraw("申请人0", applicant)
    assert journey.view().may_withdraw == []
    actions = [row.action for row in journey.view().timeline]
    assert actions.count("party.withdrew") == 1


@pytest.mark.slow
def test_who_leaves_when_the_talks_have_failed_already_changes_nothing_of_the_way_to_the_end(
    journey: Journey,
) -> None:
    journey.failed()
    assert list(journey.open()) == ["tell_other_routes"]
    journey.withdraw("被申请人0", journey.house.reception)
    assert list(journey.open()) == ["tell_other_routes"]
    with journey.house.engine.sessions.query(TENANT) as session:
        assert session.scalars(select(Job).where(Job.kind == messages.UNHEARD)).all() == []


@pytest.mark.slow
def test_a_withdrawal_that_leaves_both_sides_goes_on_without_the_party(journey: Journey) -> None:
    journey.mediating(2)
    journey.withdraw("被申请人1", journey.house.reception)
    assert list(journey.open()) == ["hold_separate_talk"]
    with pytest.raises(errors.PartyGone):
        journey.withdraw("被申请人1", journey.house.reception)


@pytest.mark.slow
def test_a_withdrawal_during_signing_has_the_agreement_drafted_again(
    journey: Journey,
) -> None:
    journey.signing(2)
    first, second, third = journey.parties().values()
    journey.do("sign_agreement", first, read=True, signature=SIGNATURE)
    journey.withdraw("被申请人1", third)
    assert list(journey.open()) == ["draft_agreement"]
    journey.approved()
    methods = journey.rows("methods", "agree_signing_method", agrees="yes")
    assert len(methods["methods"]) == 2
    journey.do("agree_signing_method", journey.house.mediator, **methods)
    for party in (first, second):
        journey.do("sign_agreement", party, read=True, signature=SIGNATURE)
    assert list(journey.open()) == ["sign_as_mediator"]


def test_nobody_withdraws_for_another_party(journey: Journey) -> None:
    journey.accepted()
    applicant, _ = journey.parties().values()
    with pytest.raises(errors.NotFound):
        journey.withdraw("被申请人0", applicant)
    with pytest.raises(errors.Forbidden):
        journey.withdraw("被申请人0", journey.house.seal_keeper)


@pytest.mark.slow
def test_what_can_not_be_printed_is_refused_where_it_is_typed(journey: Journey) -> None:
    journey.drafting()
    with pytest.raises(errors.InvalidAnswers) as refused:
        journey.draft(content="支付𓀀元")
    message, params = refused.value.errors["content"]
    assert "𓀀" in message.format_map(params)
    journey.draft(content="支付一元")
    assert list(journey.open()) == ["check_legality"]


@pytest.mark.slow
def test_hostile_text_stands_as_text_in_the_agreement(journey: Journey) -> None:
    journey.drafting().draft(content="<img src=x onerror=alert(1)>{{ 7*7 }}</p>")
    assert list(journey.open()) == ["check_legality"]


def test_the_page_shows_where_the_case_stands(journey: Journey) -> None:
    journey.accepted()
    found = {position.process_id: position for position in journey.view().positions}
    assert set(found) == {"mediation", "intake", "expiry", "opening"}
    intake, opening = found["intake"], found["opening"]
    assert (intake.status, opening.active) == ("ended", ["invite_party"])
    states = {step.node_id: step.state for step in opening.steps}
    assert (states["invite_party"], states["record_consent"]) == ("active", "ahead")
    assert {"register_dispute", "issue_receipt", "triage", "decide_acceptance"} <= set(intake.done)
    row = next(row for row in journey.view().timeline if row.node_id == "register_dispute")
    assert (row.actor_name, row.action) == ("reception", "task.completed")
    assert "登记" in row.node_name
    assert row.law_ref
    xml = case_page.diagram(
        journey.house.engine, journey.house.reception, journey.case_id, opening.instance_id
    )
    assert b'id="opening"' in xml
    with pytest.raises(errors.NotFound):
        case_page.diagram(journey.house.engine, journey.house.reception, journey.case_id, new_id())


@pytest.mark.slow
def test_an_inheritance_goes_by_paper_and_binds_from_the_date_on_the_sheet(journey: Journey) -> None:
    journey.drafting().approved(subjects=["inheritance"])
    assert list(journey.open()) == ["receive_signed_sheet"]
    journey.house.clock.forward(days=3)
    scan = documents.store_file(journey.house.engine, journey.house.mediator, "sheet.png", scanned_sheet())
    journey.do("receive_signed_sheet", journey.house.mediator, scan=[scan], complete=True)
    made_on = TODAY + dt.timedelta(days=1)
    rows = journey.rows("marks", "enter_mark_dates", made_on=made_on)
    journey.do("enter_mark_dates", journey.house.seal_keeper, **rows)
    journey.do("confirm_mark_dates", journey.house.chief_mediator, confirm="yes")
    effective_at = journey.view().effective_at
    assert effective_at is not None
    assert effective_at.isoformat() == "2026-03-02T16:00:00+00:00"
    assert list(journey.open()) == ["serve_copies"]
    applicant, _ = journey.parties().values()
    assert kinds(journey, applicant) == ["receipt", "rights_notice", "agreement", "signed_sheet"]
    bound = journey.file("signed_sheet")
    assert verify.verify(bound, [journey.office.certificate_pem], journey.house.clock()).ok
    assert hashlib.sha256(journey.file("agreement")).hexdigest() in shown(bound)
    with pytest.raises(errors.LawForbids, match="31"):
        journey.withdraw("申请人0", applicant)


def test_what_a_side_said_through_the_form_lies_nowhere_in_the_database(
    journey: Journey, tmp_path: Path
) -> None:
    said = "底线是一万二千三百四十五元"
    journey.mediating(1)
    person = journey.view().parties[0].id
    journey.do(
        "hold_separate_talk", journey.house.mediator, needed="yes", held_on=TODAY, another="no",
        party_id=person, statements=[{"text": said, "disclosure": "private"}],
    )  # fmt: skip
    file = journey.house.engine.sessions.url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(file)) as database:
        database.execute("VACUUM INTO ?", (str(tmp_path / "copy.db"),))
    assert said.encode() not in (tmp_path / "copy.db").read_bytes()
    read = read_statements(journey.house.engine, journey.house.mediator, journey.case_id)
    assert [row.text for row in read] == [said]
