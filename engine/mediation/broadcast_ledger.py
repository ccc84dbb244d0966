"""The ledger of a case's broadcast: each party's consents as rows that are only added, and its stages."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from engine import Engine, audit, errors, idempotency, instances, messages, policy
from engine.idempotency import Request
from engine.mediation import law
from engine.mediation.answers import Problems, today
from engine.mediation.broadcast_items import (
    ALWAYS,
    CHILD,
    ITEMS,
    WITH_CHANNEL,
    WITH_TERM,
    Latest,
    consequence,
    latest,
    text_hash,
)
from engine.mediation.lookup import case_of, party_of
from engine.models.broadcasts import Broadcast, BroadcastConsent, BroadcastStage, CaseSeqRow, Takedown
from engine.models.cases import Party
from engine.policy import Actor
from engine.services import Step
from engine.sessions import HOT, OF_TENANT, tenant_of

BROADCAST = (
    select(Broadcast)
    .where(Broadcast.tenant_id == OF_TENANT, Broadcast.case_id == bindparam("of_case"))
    .execution_options(**HOT)
)
GIVEN = "given"
WITHDRAWN = "footage_withdrawn"
STOPPING = frozenset(("quarantine", "take_down"))
TALKING = frozenset(("accepted", "invited", "consented", "mediating"))
DETAILS = (
    "given_by", "giver", "scope", "text_read", "face", "voice", "name_shown", "alias", "channel_name",
    "channel_until", "web_name", "web_until", "archive_until", "sublicence", "sublicence_to",
)  # fmt: skip
# What the parties decide never becomes a variable of the process.
PRIVATE = frozenset((*ITEMS, *DETAILS))


@dataclass(frozen=True)
class ConsentWithdrawal:
    """Which party takes back which consent; it needs no reason (PIPL Art. 15)."""

    case_id: str
    party_id: str
    item: str
    reason: str = ""


def withdraw_consent(engine: Engine, actor: Actor, withdrawal: ConsentWithdrawal, key: str) -> None:
    """Take back one of the nine consents, at any stage, by the party itself or by staff at its word.

    What was done before stays lawful (PIPL Art. 15); mediation goes on (PIPL Art. 16). Raises NotFound,
    Forbidden, NothingToWithdraw.
    """
    policy.allow(actor, "broadcast.withdraw")
    if actor.party_id not in (None, withdrawal.party_id) or withdrawal.item not in ITEMS:
        raise errors.NotFound
    content = ["broadcast.withdraw", withdrawal.party_id, withdrawal.item, withdrawal.reason]
    request = Request(actor, key, audit.digest(engine.keys, [withdrawal.case_id, *content]))
    with engine.sessions.command(actor.tenant_id) as session:
        root = instances.lock(session, withdrawal.case_id, actor)
        if idempotency.recall(session, request) is None:
            at = engine.now()
            means = _withdraw(session, actor, withdrawal, at)
            if means in STOPPING and messages.is_awaited(session, root.id, WITHDRAWN):
                messages.throw(session, engine, root, WITHDRAWN)
            law_ref = law.rule("tv_withdrawal", at.date()).law_ref_zh
            entry = audit.Entry(
                "consent.withdrawn", withdrawal.party_id, at, law_ref=law_ref, content=content
            )
            audit.record(session, engine.keys, root, actor, entry)
            idempotency.remember(session, request, True, at)


def broadcast_consents_recorded(step: Step) -> None:
    """What one party decided on each item it was asked, with channel, term and how it is shown (PIPL 14, 29).

    For a child under fourteen only a guardian decides (PIPL Art. 31). A refusal changes nothing else: the
    case goes on as it is (PIPL Art. 16).
    """
    answers = step.answers
    require_stage(step.session, step.root.id, step.at, before="taken_down")
    if step.actor.party_id not in (None, answers["party_id"]):
        raise errors.Forbidden(action="broadcast.consent")
    party = party_of(step.session, step.root.id, answers["party_id"])
    _check_giver(step, party)
    _check_terms(step)
    for item in ITEMS:
        if answers.get(item) in (GIVEN, "refused"):
            step.session.add(_decided(step, party, item))
            step.session.flush()
    if any(answers.get(item) == "refused" for item in ALWAYS):
        leave_television(step.session, step.root.id)


def find_broadcast(session: Session, case_id: str) -> Broadcast | None:
    """What was asked before the case may go on television; None for a case where nobody thought of it."""
    this = {"of_tenant": tenant_of(session), "of_case": case_id}
    return session.scalars(BROADCAST, this).one_or_none()


def stages_of(session: Session, case_id: str) -> Sequence[BroadcastStage]:
    """The stages of the broadcast, oldest first."""
    found = select(BroadcastStage).where(BroadcastStage.case_id == case_id)
    return session.scalars(found.order_by(BroadcastStage.seq)).all()


def stage_of(session: Session, case_id: str) -> str:
    """Where the broadcast is; empty before it was planned."""
    return next((row.stage for row in reversed(stages_of(session, case_id))), "")


def stage_reached(session: Session, case_id: str) -> str:
    """The stage; of what was shown already but is cut anew, `aired`: its copies are still out there."""
    stages = [row.stage for row in stages_of(session, case_id)]
    if "aired" in stages and stages[-1] != "taken_down":
        return "aired"
    return stages[-1] if stages else ""


def require_stage(session: Session, case_id: str, at: dt.datetime, *, before: str = "") -> str:
    """The stage of a broadcast that the rules allow; LawForbids where there is none or it is over."""
    broadcast = find_broadcast(session, case_id)
    if broadcast is not None and broadcast.reasons:
        raise law.forbids(broadcast.reasons[0]["rule"], at, "this case may not go on television")
    stage = stage_of(session, case_id)
    if not stage or stage == before:
        raise law.forbids("tv_consent", at, "no broadcast is planned that this could be for")
    return stage


def consents_of(session: Session, case_id: str) -> Sequence[BroadcastConsent]:
    """All decisions of all parties, oldest first."""
    found = select(BroadcastConsent).where(BroadcastConsent.case_id == case_id)
    return session.scalars(found.order_by(BroadcastConsent.seq)).all()


def standing_of(session: Session, case_id: str) -> Latest:
    """The decision that counts for each party and item."""
    return latest(consents_of(session, case_id))


def open_takedowns(session: Session, case_id: str) -> Sequence[BroadcastConsent]:
    """The withdrawals that ask for footage to be taken down and were not followed yet."""
    handled = select(Takedown.consent_seq).where(Takedown.case_id == case_id)
    asked = (BroadcastConsent.case_id == case_id, BroadcastConsent.consequence == "take_down")
    found = select(BroadcastConsent).where(*asked, BroadcastConsent.seq.not_in(handled))
    return session.scalars(found.order_by(BroadcastConsent.seq)).all()


def next_row(session: Session, kind: type[CaseSeqRow], case_id: str) -> dict[str, Any]:
    """The key of the case's next row of a kind; the case must be locked."""
    last = session.scalar(select(func.max(kind.seq)).where(kind.case_id == case_id))
    return {"tenant_id": tenant_of(session), "case_id": case_id, "seq": (last or 0) + 1}


def leave_television(session: Session, case_id: str) -> None:
    """A case that is still talked over goes on face to face, with the cameras off (PIPL Art. 16)."""
    case = case_of(session, case_id)
    if case.path == "tv" and case.status in TALKING:
        case.path = "face_to_face"


def _withdraw(session: Session, actor: Actor, withdrawal: ConsentWithdrawal, at: dt.datetime) -> str:
    case_id, item = withdrawal.case_id, withdrawal.item
    party = party_of(session, case_id, withdrawal.party_id)
    given = standing_of(session, case_id).get((party.id, item))
    if given is None or given.decision != GIVEN:
        raise errors.NothingToWithdraw
    stage = stage_reached(session, case_id)
    session.add(
        BroadcastConsent(
            **next_row(session, BroadcastConsent, case_id), party_id=party.id, item=item,
            decision="withdrawn", channel=given.channel, made_at=at, made_by=actor.id,
            text_sha256=given.text_sha256, stage=stage, consequence=consequence(item, stage).code,
            reason=withdrawal.reason, giver=party.name,
        )
    )  # fmt: skip
    if item in ALWAYS:
        leave_television(session, case_id)
    session.flush()
    return consequence(item, stage).code


def _check_giver(step: Step, party: Party) -> None:
    answers, problems = step.answers, Problems()
    if party.age is not None and party.age < CHILD and answers["given_by"] != "guardian":
        raise law.forbids("tv_guardian", step.at, "for a child under fourteen a guardian decides")
    if answers["given_by"] != "party" and not answers.get("giver"):
        problems.add("giver", "Say who decided for the party.")
    if answers["given_by"] == "agent" and not answers.get("scope"):
        problems.add("scope", "Say what the agent is authorised to decide.")
    if answers["text_read"] is not True:
        problems.add("text_read", "Read the words to the party first.")
    problems.refuse()


def _check_terms(step: Step) -> None:
    answers, problems = step.answers, Problems()
    for item in (one for one in ITEMS if answers.get(one) == GIVEN):
        until = answers.get(f"{item}_until")
        if item in WITH_TERM and until is None:
            problems.add(f"{item}_until", "Name the last day.")
        if item in WITH_TERM:
            problems.not_before(f"{item}_until", until, today(step))
        if item in WITH_CHANNEL and not answers.get(f"{item}_name"):
            problems.add(f"{item}_name", "Name the channel or site.")
    problems.refuse()


def _decided(step: Step, party: Party, item: str) -> BroadcastConsent:
    answers, case_id = step.answers, step.root.id
    given = answers[item] == GIVEN
    details = _details(step, item) if given else {}
    return BroadcastConsent(
        **next_row(step.session, BroadcastConsent, case_id), party_id=party.id, item=item,
        decision=answers[item], given_by=answers["given_by"], giver=answers.get("giver") or party.name,
        scope=answers.get("scope") or "", text_sha256=text_hash(item), made_at=step.at,
        made_by=step.actor.id, stage=stage_of(step.session, case_id), **details,
    )  # fmt: skip


def _details(step: Step, item: str) -> dict[str, Any]:
    answers = step.answers
    match item:
        case "appearance":
            return {"face": answers["face"], "voice": answers["voice"]}
        case "name":
            return {"name_shown": answers["name_shown"], "alias": answers.get("alias") or ""}
        case "archive":
            licensed = answers.get("sublicence") == "yes"
            licensee = (answers.get("sublicence_to") or "") if licensed else ""
            return {"until": answers["archive_until"], "sublicence": licensed, "channel": licensee}
        case "channel" | "web":
            return {"channel": answers[f"{item}_name"], "until": answers[f"{item}_until"]}
    return {}
