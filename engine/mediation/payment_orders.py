"""Payment orders: for each worker whose employer did not pay as agreed, an application and its papers."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import Engine, audit, errors, idempotency, instances, policy
from engine.calendar import day_of
from engine.documents.templates import fill
from engine.idempotency import Request
from engine.mediation import compartments, law, wording
from engine.mediation.contacts import identity_of
from engine.mediation.contexts import heading_of
from engine.mediation.court_packets import Packet, Paper, packed
from engine.mediation.documents import (
    PDF,
    TITLES,
    NewFile,
    add_document,
    content_of,
    file_name,
    put_file,
)
from engine.mediation.finished import finished_documents
from engine.mediation.follow_ups import DEFAULT, KIND, Part, parts_of, still_owed
from engine.mediation.guardians import beside, guardians_of
from engine.mediation.lookup import case_of, parties_of
from engine.mediation.office import Office
from engine.mediation.papers import template_of
from engine.models.cases import Case
from engine.models.documents import Document, File
from engine.models.people import Body
from engine.models.processes import ProcessInstance
from engine.policy import Actor
from engine.services import Call, Result, ServiceTask

Pair = tuple[str, str]
"""The ids of a creditor and of the debtor who has not paid it."""


def issue_payment_orders(office: Office) -> ServiceTask:
    """Print the applications of the worker that `creditor` names, in the place of earlier ones."""
    return ServiceTask(partial(_print, office), keep_applications, variables=frozenset())


def claims_of(parts: Sequence[Part]) -> dict[Pair, list[Part]]:
    """The parts in default that a payment order may be asked for, by creditor and debtor."""
    found: dict[Pair, list[Part]] = {}
    for part in parts:
        creditor_id = part.obligation.creditor_id
        if part.state == DEFAULT and part.claim and part.owed and creditor_id:
            found.setdefault((creditor_id, part.obligation.debtor_id), []).append(part)
    return found


def make_payment_order(engine: Engine, actor: Actor, case_id: str, creditor_id: str, key: str) -> Packet:
    """One worker's papers for the court: application, agreement, and what was recorded of the default.

    Nobody else's part is in it but what the agreement itself says. Raises NotFound, Forbidden, KeyReused,
    LawForbids where nothing is in default that the law lets a payment order be asked for, and NotReady
    while the application is being printed.
    """
    policy.allow(actor, "payment_order.make")
    content = ["payment_order.make", case_id, creditor_id]
    request = Request(actor, key, audit.digest(engine.keys, content))
    with engine.sessions.command(actor.tenant_id) as session:
        root = instances.lock(session, case_id, actor)
        at, case = engine.now(), case_of(session, case_id)
        mine = [
            part for part in parts_of(session, case, day_of(at)) if part.obligation.creditor_id == creditor_id
        ]
        own = [part for claimed in claims_of(mine).values() for part in claimed]
        if not own:
            raise law.forbids("payment_order", at, "no wages or the like are in default by the agreement")
        packet = packed(_papers(session, case, mine, own))
        if idempotency.recall(session, request) is None:
            law_ref = law.rule("payment_order", at.date()).law_ref_zh
            entry = audit.Entry("payment_order.made", case_id, at, law_ref=law_ref, content=content)
            audit.record(session, engine.keys, root, actor, entry)
            idempotency.remember(session, request, True, at)
    return packet


def _papers(session: Session, case: Case, mine: Sequence[Part], own: Sequence[Part]) -> Iterator[Paper]:
    """The papers of the creditor of the parts `mine`, of which `own` are in default."""
    creditor_id = own[0].obligation.creditor_id
    # What was recorded since may have been paid: an application from before it asks for too much.
    told_at = max(entry.recorded_at for part in mine for entry in part.entries)
    documents = finished_documents(session, case, (KIND, "agreement"))
    applications = [one for one in documents if one.kind == KIND and creditor_id in one.audience]
    if not applications or any(one.made_at < told_at for one in applications):
        raise errors.NotReady
    agreements = [one for one in documents if one.kind in ("agreement", "signed_sheet", "oral_register")]
    for document in [*applications, *agreements]:
        file = session.get_one(File, (document.tenant_id, document.file_sha256))
        yield file_name(document.title, file.media_type), content_of(session, file.sha256)
    yield "履行情况记录.txt", "".join(f"{line}\n" for part in own for line in _history(part)).encode()


def _history(part: Part) -> Iterator[str]:
    owed = f"{wording.amount(part.amount)}元 {wording.day(part.due_on)}前"
    yield f"{part.number} {part.obligation.action} {owed}"
    for one in part.entries:
        paid = f" {wording.amount(one.amount)}元" if one.amount is not None else ""
        until = f" 延至{wording.day(one.due_on)}" if one.due_on is not None else ""
        yield f"  {wording.day(one.happened_on)} {wording.FOLLOW_UPS[one.result]}{paid}{until} {one.note}"


def _print(office: Office, call: Call) -> list[tuple[str, str, bytes]]:
    with call.engine.sessions.query(call.tenant_id) as session:
        template, css, root = template_of(session, call, KIND)
        contexts = contexts_of(session, call, root)
    return [
        (creditor_id, context["creditor"]["name"], office.renderer.render(fill(template, context), css).pdf)
        for creditor_id, context in contexts
    ]


def keep_applications(result: Result) -> Mapping[str, Any]:
    """Put a worker's applications (its id, name, PDF) in the place of its earlier ones."""
    session, where = result.session, (result.root.id, KIND)
    creditor = result.properties["creditor"]
    earlier = select(Document).where(Document.case_id == result.root.id, Document.kind == KIND)
    for document in session.scalars(earlier):
        if document.audience == [creditor]:
            session.delete(document)
    for creditor_id, name, pdf in result.value:
        title = f"{TITLES[KIND]}（{name}）"
        sha256 = put_file(session, NewFile(title, PDF, pdf), "system", result.at)
        add_document(session, where, sha256, [creditor_id], result.at).title = title
    session.flush()
    return {}


def contexts_of(session: Session, call: Call, root: ProcessInstance) -> list[tuple[str, Mapping[str, Any]]]:
    """The context of each application of the worker that `creditor` names, one a debtor, by its id."""
    case, now = case_of(session, root.id), call.engine.now()
    by_id = {party.id: party for party in parties_of(session, case.id)}
    compartment = compartments.of_case(session, call.engine.keys, case.id)
    acting = guardians_of(session, call.engine.keys, case.id)
    body = session.scalars(select(Body).where(Body.id == case.body_id)).one()
    text = case.agreement
    common = {
        **heading_of(session, root, case),
        "court": body.court,
        "effective_on": wording.day_of_moment(text.effective_at if text else None),
        "facts": text.facts if text else "",
        "made_on": wording.day_of_moment(now),
    }
    return [
        (
            creditor_id,
            {
                **common,
                "creditor": identity_of(compartment, by_id[creditor_id]),
                "guardian": beside(acting.get(creditor_id)),
                "debtor": identity_of(compartment, by_id[debtor_id]),
                "owed": wording.amount(still_owed(own)),
                "claims": wording.names(dict.fromkeys(wording.CLAIMS[part.claim] for part in own)),
                "parts": [_row(part) for part in own],
            },
        )
        for (creditor_id, debtor_id), own in claims_of(parts_of(session, case, day_of(now))).items()
        if creditor_id == call.properties["creditor"]
    ]


def _row(part: Part) -> Mapping[str, str]:
    reason = next(one.note for one in reversed(part.entries) if one.claim)
    return {
        "number": part.number,
        "action": part.obligation.action,
        "amount": wording.amount(part.amount),
        "due_on": wording.day(part.due_on),
        "paid": wording.amount(part.paid),
        "owed": wording.amount(part.owed or Decimal(0)),
        "reason": reason,
    }
