"""Moving an online mediation on site because a party asks for it, wherever the case waits."""

from dataclasses import dataclass

from engine import Engine, audit, errors, idempotency, instances, messages, policy
from engine.idempotency import Request
from engine.mediation import law, parties
from engine.mediation.happenings import require_going
from engine.mediation.lookup import case_of
from engine.mediation.online import PATH, consents_of
from engine.models.cases import Case
from engine.policy import Actor

ASKED = "on_site_asked"
MOVABLE = frozenset({"consented", "mediating"})
"""The statuses in which a case is in its path, between the opening and an agreement or the end."""


@dataclass(frozen=True)
class OnSiteRequest:
    """Which party wants mediation on site; it needs no reason (Online Rules Art. 16)."""

    case_id: str
    party_id: str
    reason: str = ""


def ask_on_site(engine: Engine, actor: Actor, asked: OnSiteRequest, key: str) -> None:
    """Go on face to face in the same case; the party's consent to online mediation is taken back with it.

    Raises NotFound, Forbidden, PartyGone, NotOnline, and LawForbids or, to a party, CaseSuspended
    while something that happened halts the case.
    """
    policy.allow(actor, "case.move_on_site")
    if actor.party_id not in (None, asked.party_id):
        raise errors.NotFound
    content = ["case.move_on_site", asked.case_id, asked.party_id, asked.reason]
    request = Request(actor, key, audit.digest(engine.keys, content))
    with engine.sessions.command(actor.tenant_id) as session:
        root = instances.lock(session, asked.case_id, actor)
        if idempotency.recall(session, request) is not None:
            return
        at, case = engine.now(), case_of(session, root.id)
        party = parties.active_party(session, case.id, asked.party_id)
        if not may_move(case):
            raise errors.NotOnline
        require_going(session, actor, case.id, at)
        case.path = "face_to_face"
        consent = consents_of(session, case.id).get(party.id)
        if consent is not None:
            consent.agrees, consent.taken_back = False, asked.reason
        session.flush()
        messages.tell(session, engine, root, ASKED)
        law_ref = law.rule("online_mixed", at.date()).law_ref_zh
        entry = audit.Entry("party.went_on_site", party.id, at, law_ref=law_ref, content=content)
        audit.record(session, engine.keys, root, actor, entry)
        idempotency.remember(session, request, True, at)


def may_move(case: Case) -> bool:
    """Whether the case is mediated online now, and neither agreed nor on its way to the end."""
    return case.path == PATH and case.status in MOVABLE and case.end_code is None
