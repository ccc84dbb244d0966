import datetime as dt
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import calendar, instances, mediation
from engine.documents import authority
from engine.documents.fonts import write_fonts
from engine.documents.render import Renderer
from engine.mediation import (
    agreements,
    cases,
    consents,
    documents,
    joint_sessions,
    lookup,
    mediators,
    parties,
)
from engine.models.base import new_id
from engine.models.cases import Case
from engine.models.processes import Definition, ProcessInstance, Release, ReleaseItem, UserTask
from engine.policy import Actor
from engine.services import Effect, Services, Step
from engine.sessions import MOMENT

from ..conftest import MORNING, TENANT, House, add_person

TODAY = dt.date(2026, 3, 2)


@dataclass
class Desk:
    """One case whose steps are taken by calling effects, as complete_task calls them."""

    house: House
    case_id: str
    party_ids: list[str] = field(default_factory=list)

    @contextmanager
    def command(self) -> Iterator[Session]:
        with self.house.engine.sessions.command(TENANT) as session:
            yield session

    @contextmanager
    def query(self) -> Iterator[Session]:
        with self.house.engine.sessions.query(TENANT) as session:
            yield session

    def perform(self, effect: Effect, actor: Actor, **answers: Any) -> None:
        with self.command() as session:
            root = instances.lock(session, self.case_id)
            task = add_task(session, self.case_id, answers={}, status="completed")
            effect(Step(session, self.house.engine, actor, root, task, answers, self.house.clock()))

    def with_template(self, name: str) -> "Desk":
        """The case's release holds an empty template of this name."""
        with self.command() as session:
            root = session.get_one(ProcessInstance, (TENANT, self.case_id))
            empty = {"tenant_id": TENANT, "hash": "e" * 64}
            session.add(Definition(**empty, content=b""))
            session.flush()
            session.add(ReleaseItem(**empty, release_id=root.release_id, kind="template", key=name))
        return self

    def other_fact(self, name: str) -> Any:
        with self.query() as session:
            session.info[MOMENT] = self.house.clock()
            return mediation.facts.FACTS[name](session, self.case_id)

    def fact(self) -> dict[str, Any]:
        with self.query() as session:
            found = mediation.facts.case_fact(session, self.case_id)
            assert found is not None
            return dict(found)

    def party(self, index: int) -> Actor:
        return Actor(
            TENANT, self.party_ids[index], "", frozenset({"party"}), party_id=self.party_ids[index],
            instance_id=self.case_id,
        )  # fmt: skip

    def register(self, applicants: int = 1, respondents: int = 1, **changed: Any) -> "Desk":
        answers = dispute(applicants, respondents) | changed
        self.perform(cases.case_registered, self.house.reception, **answers)
        with self.query() as session:
            self.party_ids = [party.id for party in lookup.parties_of(session, self.case_id)]
        return self

    def register_named(self, name: str) -> "Desk":
        answers = dispute() | {"applicants": [person(name)], "respondents": [person("对方")]}
        self.perform(cases.case_registered, self.house.reception, **answers)
        return self

    def invite(self) -> "Desk":
        """Those who did not come by themselves are willing to."""
        with self.query() as session:
            case, everybody = lookup.case_of(session, self.case_id), lookup.parties_of(session, self.case_id)
            invited = [party.id for party in parties.to_invite(case, everybody)]
        day = calendar.day_of(self.house.clock())
        rows = [
            {"party_id": one, "channel": "phone", "answer": "willing", "contacted_on": day} for one in invited
        ]
        self.perform(parties.invitation_answered, self.house.reception, answers=rows)
        return self

    def consent(self, *answers: str) -> "Desk":
        self.invite()
        rows = [
            {"party_id": party_id, "notice_served": True, "consents": answer, "session": "closed"}
            for party_id, answer in zip(self.party_ids, answers or ["yes"] * len(self.party_ids), strict=True)
        ]
        self.perform(consents.rights_notice_served, self.house.reception, consents=rows)
        self.perform(consents.consent_given, self.house.reception, consents=rows)
        return self

    def appoint(self) -> "Desk":
        self.propose(self.house.mediator)
        self.perform(mediators.conflicts_disclosed, self.house.mediator, accepts="yes", conflict="none")
        return self

    def propose(self, mediator: Actor) -> None:
        answers = {"method": "joint_choice", "mediator": mediator.id}
        self.perform(mediators.mediator_proposed, self.house.chief_mediator, **answers)

    def draft(self, **changed: Any) -> "Desk":
        answers = text(self.party_ids) | changed
        self.perform(agreements.agreement_drafted, self.house.mediator, **answers)
        return self

    def approve(self) -> "Desk":
        with self.command() as session:
            agreement = lookup.drafted_agreement(session, self.case_id)
            new = documents.NewFile("text", documents.PDF, b"%PDF-text")
            sha256 = documents.put_file(session, new, "system", MORNING)
            agreement.text_sha256 = agreement.file_sha256 = sha256
            documents.put_document(session, (self.case_id, "agreement"), sha256, [], MORNING)
        return self.check()

    def check(self, *, voluntary: bool = True) -> "Desk":
        approved = {"decision": "approved", "lawful": True, "clear": True, "voluntary": voluntary}
        self.perform(agreements.legality_checked, self.house.chief_mediator, **approved)
        return self

    def agree(self, *answers: str) -> "Desk":
        rows = [
            {"party_id": party_id, "agrees": answer}
            for party_id, answer in zip(self.party_ids, answers or ["yes"] * len(self.party_ids), strict=True)
        ]
        self.perform(consents.signing_method_agreed, self.house.mediator, methods=rows)
        return self

    def ready_to_sign(self, applicants: int = 1, respondents: int = 1, **changed: Any) -> "Desk":
        return self.register(applicants, respondents).consent().appoint().draft(**changed).approve()


def add_task(session: Session, case_id: str, **columns: Any) -> UserTask:
    """A user task of the case's root instance."""
    values = {
        "node_id": "a_task", "form_id": "a_form", "name": "一项任务", "name_en": "A task", "law_ref": "",
        "status": "open", "candidate_groups": ["reception"], "created_at": MORNING,
    } | columns  # fmt: skip
    task = UserTask(
        tenant_id=TENANT, id=new_id(), instance_id=case_id, root_id=case_id, wait_id=new_id(), **values
    )
    session.add(task)
    session.flush()
    return task


def person(name: str, **changed: Any) -> dict[str, Any]:
    return {"kind": "natural", "name": name, "address": "花滩街道1号", **changed}


def dispute(applicants: int = 1, respondents: int = 1) -> dict[str, Any]:
    return {
        "source": "application",
        "applicants": [person(f"申请人{index}") for index in range(applicants)],
        "respondents": [person(f"被申请人{index}") for index in range(respondents)],
        "dispute_type": "traffic",
        "people_count": applicants + respondents,
        "facts": "三轮车相撞。",
        "requests": [{"text": "赔偿医药费"}],
    }


def obligation(debtor: str, creditor: str, **changed: Any) -> dict[str, Any]:
    return {
        "debtor": debtor, "creditor": creditor, "action": "支付医药费", "manner": "转账",
        "due_on": dt.date(2026, 3, 31), **changed,
    }  # fmt: skip


def text(party_ids: list[str]) -> dict[str, Any]:
    return {
        "facts": "三轮车相撞。", "disputed_matters": "医药费", "responsibility": "被申请人承担主要责任",
        "subjects": ["payment"], "content": "一次付清。",
        "obligations": [obligation(party_ids[-1], party_ids[0])],
    }  # fmt: skip


def add_case(house: House, body_id: str | None = None) -> str:
    """A root instance with its case row, of no deployed process."""
    case_id = new_id()
    with house.engine.sessions.command(TENANT) as session:
        release_id = _release(session)
        session.add(
            ProcessInstance(
                tenant_id=TENANT, id=case_id, root_id=case_id, parent_id=None, process_id="mediation",
                release_id=release_id, definition_hash="0" * 64, body_id=body_id or house.body_id,
                status="active", state="", variables={}, started_at=MORNING, audit_count=0, audit_head="",
            )
        )  # fmt: skip
        session.flush()
        session.add(Case(tenant_id=TENANT, id=case_id, body_id=body_id or house.body_id, opened_at=MORNING))
    return case_id


def _release(session: Session) -> str:
    found = session.scalars(select(Release.id)).first()
    if found is None:
        session.add(Definition(tenant_id=TENANT, hash="0" * 64, content=b""))
        release = Release(tenant_id=TENANT, id=new_id(), number=1, made_at=MORNING, made_by="test")
        session.add(release)
        session.flush()
        found = release.id
    return found


@pytest.fixture(scope="session")
def renderer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Renderer]:
    fonts = tmp_path_factory.mktemp("fonts")
    write_fonts(fonts)
    with Renderer(fonts) as found:
        yield found


@pytest.fixture
def issuer(tmp_path: Path) -> authority.Authority:
    return authority.create(tmp_path / "authority", "花滩街道人民调解委员会", at=MORNING)


def scanned_sheet(colour: str = "white") -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (620, 877), colour).save(written, "PNG")
    return written.getvalue()


@pytest.fixture
def house(sqlite_url: str, make_house: Callable[..., House]) -> House:
    return make_house(sqlite_url, Services(effects=mediation.EFFECTS, facts=mediation.facts.FACTS))


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house, add_case(house))


@pytest.fixture
def second_mediator(house: House) -> Actor:
    return second_of(house)


def second_of(house: House) -> Actor:
    return add_person(house.engine, TENANT, house.body_id, "mediator", "李调解")


__all__ = ["Desk", "add_case", "dispute", "joint_sessions", "obligation", "parties", "person", "text"]
