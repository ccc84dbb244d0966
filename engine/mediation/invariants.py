"""What no diagram of a mediation may allow: the law's order over effects, as one table.

Deploy proves each row on the composed diagrams; the effects' functions guard the same rules in every case.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from engine.bpmn import AtEnd, Available, Before, Invariant, Law, Proof
from engine.mediation import law

TALKS = frozenset(("statements_recorded", "session_recorded"))
PARTY_MARKS = frozenset(("party_mark_made", "signed_sheet_received"))
MARKS = PARTY_MARKS | {"mediator_mark_made", "agreement_sealed"}
SEALED = frozenset(("agreement_sealed", "signed_sheet_sealed"))
SIGNING = MARKS | {"signed_sheet_sealed"}
AGREEMENT = SIGNING | {"agreement_drafted"}
OVER = SEALED | {"agreement_effective", "routes_notice_served"}


def _one(*effects: str) -> frozenset[str]:
    return frozenset(effects)


BEFORE: tuple[Mapping[str, Any], ...] = (
    {
        "key": "consent",
        "article": "refusal",
        "effects": TALKS | AGREEMENT,
        "needs": (_one("consent_given"),),
        "message": "This step can be reached without the parties' consent to mediation: {way}",
        "hint": "Let every way here pass a task whose form records consent (consent_given).",
    },
    {
        "key": "notice",
        "article": "notice",
        "effects": TALKS | AGREEMENT,
        "needs": (_one("rights_notice_served"),),
        "message": "This step can be reached before the parties were told their rights and duties: {way}",
        "hint": "Let every way here pass a task whose form serves the rights notice (rights_notice_served).",
    },
    {
        "key": "mediator",
        "article": "mediator",
        "effects": TALKS,
        "needs": (_one("mediator_proposed"),),
        "message": "Talks can begin before a mediator was appointed or chosen: {way}",
        "hint": "Let every way here pass a task whose form names the mediator (mediator_proposed).",
    },
    {
        "key": "conflict",
        "article": "conflict",
        "effects": TALKS,
        "needs": (_one("conflicts_disclosed"),),
        "since": _one("mediator_proposed"),
        "message": "Talks can begin before the mediator has disclosed conflicts of interest: {way}",
        "hint": "After each choice of a mediator, lead through a task whose form discloses conflicts "
        "(conflicts_disclosed).",
    },
    {
        "key": "legality",
        "article": "legality",
        "effects": SIGNING,
        "needs": (_one("agreement_drafted"), _one("legality_checked")),
        "since": _one("agreement_drafted"),
        "message": "An agreement can be signed or sealed that was not drafted, or whose last draft nobody "
        "checked for legality: {way}",
        "hint": "Lead through a task that drafts it (agreement_drafted), and after each draft through one "
        "that checks legality (legality_checked).",
    },
    {
        "key": "method",
        "article": "method",
        "effects": _one("party_mark_made"),
        "needs": (_one("signing_method_agreed"),),
        "message": "A party can sign electronically without having agreed to that way of signing: {way}",
        "hint": "Let every way here pass a task whose form asks for it (signing_method_agreed).",
    },
    {
        "key": "seal",
        "article": "effect",
        "effects": _one("agreement_sealed"),
        "needs": (_one("party_mark_made"), _one("parties_all_marked"), _one("mediator_mark_made")),
        "message": "The seal can be set before all parties and the mediator have signed: {way}",
        "hint": "Let the parties sign until case.marks_missing is 0, then the mediator, and only then seal.",
    },
    {
        "key": "sheet",
        "article": "effect",
        "effects": _one("signed_sheet_sealed"),
        "needs": (_one("signed_sheet_received"), _one("marks_entered"), _one("marks_confirmed")),
        "since": _one("agreement_drafted"),
        "message": "A paper sheet can be sealed before its marks were entered and confirmed: {way}",
        "hint": "Lead through receiving the sheet, entering the dates of its marks, and confirming them.",
    },
    {
        "key": "copies",
        "article": "effect",
        "effects": _one("copies_served"),
        "needs": (SEALED,),
        "message": "Copies can be served of an agreement that is not sealed yet: {way}",
        "hint": "Serve the copies after the seal.",
    },
)
"""Each row: none of `effects` without one of each set in `needs` before it, anew after what is in `since`."""

PROOFS = (
    Proof("agreement_effective", {"case.effective": False}),
    Proof("parties_all_marked", {"case.marks_missing": 1}),
)
"""What a condition over facts proves to whoever gets past it: facts are computed from the marks."""


def law_on(day: dt.date) -> Law:
    """The invariants as they hold on a day; KeyError before their articles held."""
    rows: list[Invariant] = [_before(row, day) for row in BEFORE]
    return Law((*rows, _withdrawal(day), _routes(day), _served(day)), PROOFS)


def _before(row: Mapping[str, Any], day: dt.date) -> Before:
    given = {name: found for name, found in row.items() if name != "article"}
    return Before(law_ref=law.rule(row["article"], day).law_ref, **given)


def _withdrawal(day: dt.date) -> Available:
    return Available(
        key="withdrawal",
        law_ref=law.rule("rights", day).law_ref,
        message="While the case waits here, a party cannot end the mediation: {way}",
        hint="Put this step into a sub-process with an interrupting boundary event for the message "
        "mediation_ended, which leads to the notice of other routes.",
        event="mediation_ended",
        until=OVER,
        within=TALKS | AGREEMENT | {"consent_given", "invitation_answered"},
    )


def _routes(day: dt.date) -> AtEnd:
    return AtEnd(
        key="routes",
        law_ref=law.rule("routes", day).law_ref,
        message="A case without an effective agreement can end here although nobody was told of "
        "arbitration, administrative and court routes: {way}",
        hint="Let every such way pass a task whose form serves the notice of other routes "
        "(routes_notice_served).",
        begun=_one("case_registered", "acceptance_decided", "invitation_answered", "consent_given"),
        needs=_one("routes_notice_served", "agreement_effective"),
    )


def _served(day: dt.date) -> AtEnd:
    return AtEnd(
        key="served",
        law_ref=law.rule("effect", day).law_ref,
        message="A case can end here although the parties have no copy of the sealed agreement: {way}",
        hint="After the seal, lead through a task whose form serves the copies (copies_served).",
        begun=SEALED,
        needs=_one("copies_served", "routes_notice_served"),
    )
