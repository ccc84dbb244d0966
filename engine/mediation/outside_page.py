"""What somebody from outside sees of a case: each cell of annex A4, and nothing else."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

from sqlalchemy.orm import Session, undefer

from engine import Engine, errors, policy
from engine.calendar import day_of
from engine.mediation import compartments, visibility
from engine.mediation.admissions import admissions_of
from engine.mediation.broadcast_items import Use, obstacles
from engine.mediation.broadcast_ledger import standing_of
from engine.mediation.broadcast_uses import do_not_air
from engine.mediation.compartments import Compartment
from engine.mediation.consultations import consents_of
from engine.mediation.documents import FileView, file_name
from engine.mediation.finished import finished_documents, signed_sheets
from engine.mediation.footage import footage_to_cut
from engine.mediation.happenings import shown_state
from engine.mediation.joint_sessions import sessions_of
from engine.mediation.lookup import case_of
from engine.mediation.notes import last
from engine.mediation.offers import Term, disclosed_terms
from engine.mediation.pseudonyms import beside_parties, roles_of, without_names
from engine.models.admissions import Admission
from engine.models.cases import Case
from engine.models.consultations import CaseSheet
from engine.models.documents import Document, File
from engine.models.online import OnlineRecord
from engine.policy import Actor

MATERIAL = ("agreement", "undisputed_facts")


@dataclass(frozen=True)
class OutsideRow:
    """A case on the list of somebody from outside; `state` is for the grid member who reported it."""

    case_id: str
    role: str
    admitted_at: dt.datetime
    state: str


@dataclass(frozen=True)
class Owed:
    """What one side owes the other, by their roles in the case; an amount in yuan."""

    debtor: str
    creditor: str
    action: str
    amount: Decimal | None
    due_on: dt.date


@dataclass(frozen=True)
class OutsideView:
    """The page of one case; whatever the reader's role has no cell for is empty.

    `sheet` are facts and questions of the case sheet, `documents` (id, kind), `footage` the day of a
    recording and where it is kept.
    """

    row: OutsideRow
    sheet: tuple[str, str] | None = None
    facts: Sequence[str] = ()
    records: Sequence[str] = ()
    offers: Sequence[Sequence[Term]] = ()
    owed: Sequence[Owed] = ()
    documents: Sequence[tuple[str, str]] = ()
    do_not_air: Mapping[str, Any] | None = None
    footage: Sequence[tuple[dt.date, str]] = field(default=())


@dataclass(frozen=True)
class _Guest:
    """Whoever reads, with what is needed to say it without names."""

    session: Session
    case: Case
    role: str
    inside: Compartment | None

    def reads(self, item: str) -> bool:
        """Whether the table has a cell for this role at all."""
        return visibility.TABLE[item][self.role] != visibility.NOTHING

    def told(self, text: str, named: Collection[str] = ()) -> str:
        """A text in which all but these parties stand by their role."""
        hidden = [party for party in self.case.parties if party.id not in named]
        return without_names(text, hidden, roles_of(self.case.parties), self.inside, self.beside)

    @cached_property
    def beside(self) -> Mapping[str, Mapping[str, str]]:
        """Who acts or acted for the parties, interprets or witnesses, by the party's id."""
        return beside_parties(self.session, self.inside, self.case.id)

    def named(self) -> list[str]:
        """The parties who agreed to be named to those who are invited (PIPL Art. 23)."""
        return [one for one, consent in consents_of(self.session, self.case.id).items() if consent.shares]


def list_outside(engine: Engine, actor: Actor) -> list[OutsideRow]:
    """The cases that somebody from outside was admitted to, newest first, without number or name."""
    policy.allow(actor, "outside.read")
    with engine.sessions.query(actor.tenant_id) as session:
        return [_row(session, actor, one) for one in admissions_of(session, actor)]


def show_outside(engine: Engine, actor: Actor, case_id: str) -> OutsideView:
    """What the reader's role sees of a case that it was admitted to; NotFound for any other."""
    policy.allow(actor, "outside.read")
    with engine.sessions.query(actor.tenant_id) as session:
        admission = _admission(session, actor, case_id)
        row, case = _row(session, actor, admission), case_of(session, case_id)
        inside = compartments.of_case(session, engine.keys, case_id)
        guest, today = _Guest(session, case, admission.role, inside), day_of(engine.now())
        match admission.role:
            case "expert":
                return _for_expert(guest, row)
            case "tv_crew":
                return _for_crew(guest, row, today)
        return OutsideView(row)


def read_outside(engine: Engine, actor: Actor, case_id: str, document_id: str) -> FileView:
    """A document on the page of somebody from outside; NotFound for every other."""
    policy.allow(actor, "outside.read")
    with engine.sessions.query(actor.tenant_id) as session:
        admission, case = _admission(session, actor, case_id), case_of(session, case_id)
        guest = _Guest(session, case, admission.role, None)
        for document in _material(guest, day_of(engine.now())):
            if document.id == document_id:
                this = (document.tenant_id, document.file_sha256)
                file = session.get_one(File, this, options=[undefer(File.content)])
                return FileView(file_name(document.title, file.media_type), file.media_type, file.content)
    raise errors.NotFound


def _admission(session: Session, actor: Actor, case_id: str) -> Admission:
    for one in admissions_of(session, actor):
        if one.case_id == case_id:
            return one
    raise errors.NotFound


def _row(session: Session, actor: Actor, admission: Admission) -> OutsideRow:
    reported = admission.role == "grid_member"
    # A reporter learns of no report that was made later: the state is the one that parties see.
    state = shown_state(case_of(session, admission.case_id), _told_as_party(actor)) if reported else ""
    return OutsideRow(admission.case_id, admission.role, admission.admitted_at, state)


def _told_as_party(actor: Actor) -> Actor:
    return Actor(actor.tenant_id, actor.id, actor.name, party_id=actor.id)


def _for_expert(guest: _Guest, row: OutsideRow) -> OutsideView:
    session, case = guest.session, guest.case
    sheet, named = last(session, CaseSheet, case.id), guest.named()
    records = [one.text for one in sessions_of(session, case.id)] if guest.reads("joint_record") else []
    online = last(session, OnlineRecord, case.id) if guest.reads("online_record") else None
    records += [online.text] if online else []
    offers = disclosed_terms(session, guest.inside, case) if guest.reads("offers") else []
    return OutsideView(
        row,
        sheet=(guest.told(sheet.facts), guest.told(sheet.questions)) if sheet else None,
        facts=[guest.told(one.facts, named) for one in signed_sheets(session, case.id)],
        records=[guest.told(text, named) for text in records],
        offers=[[_said(guest, term) for term in terms] for terms in offers],
        owed=_owed(guest),
    )


def _for_crew(guest: _Guest, row: OutsideRow, today: dt.date) -> OutsideView:
    return OutsideView(
        row,
        documents=[(one.id, one.kind) for one in _material(guest, today)],
        do_not_air=do_not_air(guest.session, guest.case.id, today),
        footage=footage_to_cut(guest.session, guest.case, today) if guest.reads("footage") else (),
    )


def _material(guest: _Guest, today: dt.date) -> Sequence[Document]:
    """What a crew may have: with each party's standing consent to have its material shown (PIPL Art. 25)."""
    items = [item for item in MATERIAL if visibility.TABLE[item][guest.role] == visibility.IF_CONSENT]
    ids = [party.id for party in guest.case.parties]
    use = Use("edit", today, shows=dict.fromkeys(ids, ("evidence",)))
    if not items or obstacles(standing_of(guest.session, guest.case.id), ids, use, "recorded"):
        return []
    return [one for one in finished_documents(guest.session, guest.case, items) if one.kind != "annex"]


def _owed(guest: _Guest) -> list[Owed]:
    text, words = guest.case.agreement, roles_of(guest.case.parties)
    if text is None or text.effective_at is None or not guest.reads("agreement"):
        return []
    return [
        Owed(
            words[one.debtor_id], words.get(one.creditor_id or "", ""), guest.told(one.action), one.amount,
            one.due_on,
        )
        for one in text.obligations
    ]  # fmt: skip


def _said(guest: _Guest, term: Term) -> Term:
    return Term(guest.told(term.action), term.amount, guest.told(term.manner), term.due_on)
