"""Who may see what of a case: one table, item by reader, that the pages ask (annex A4)."""

from collections.abc import Collection, Mapping

from engine.mediation.parties import SIDES
from engine.models.cases import Case, Party
from engine.policy import Actor

ALL, OWN, SERVED, SEALED, NOTHING = "all", "own", "served", "sealed", "nothing"
"""All of it; one's own only; what was handed over to one; that it exists, without its text; nothing."""
DISCLOSED = "disclosed"
"""One's own, and what was told to one with the permission of whoever made it."""
DEIDENTIFIED, OBLIGATIONS, IF_DISCLOSED = "deidentified", "obligations", "if_disclosed"
"""Nobody named in it; what is owed, and no more; what both sides know."""
OWN_PREVIEW, IF_CONSENT, UNTIL_LOCK, BY_LAW = "own_preview", "if_consent", "until_edit_lock", "by_law"
"""What the cut shows of one; with each party's standing consent; until the cut is final; as a law demands."""

HEADS = frozenset({"chief_mediator", "seal_keeper"})
INSIDE = (*SIDES, "mediator", "head", "reception", "part")
COURT = "court"
OUTSIDE = ("expert", "tv_crew", "grid_member", COURT)
"""Those who do not see the case itself: they were admitted to a little of it; a court gets its packet."""
READERS = (*INSIDE, *OUTSIDE)
_INSIDE: Mapping[str, Mapping[str, str]] = {
    "application": dict.fromkeys(SIDES, SERVED) | dict.fromkeys(INSIDE[2:], ALL),
    "separate_talks": dict.fromkeys(SIDES, OWN)
    | {"mediator": ALL, "head": SEALED, "reception": NOTHING, "part": NOTHING},
    "private_messages": dict.fromkeys(SIDES, OWN)
    | {"mediator": ALL, "head": SEALED, "reception": NOTHING, "part": NOTHING},
    "joint_messages": dict.fromkeys((*SIDES, "mediator", "head"), ALL)
    | {"reception": NOTHING, "part": NOTHING},
    "offers": dict.fromkeys(SIDES, DISCLOSED)
    | {"mediator": ALL, "head": ALL, "reception": NOTHING, "part": NOTHING},
    "online_record": dict.fromkeys((*SIDES, "mediator", "head"), ALL)
    | {"reception": NOTHING, "part": NOTHING},
    "joint_record": dict.fromkeys((*SIDES, "mediator", "head"), ALL)
    | {"reception": NOTHING, "part": NOTHING},
    "agreement": dict.fromkeys(SIDES, SERVED) | dict.fromkeys(INSIDE[2:], ALL),
    "report": dict.fromkeys(SIDES, NOTHING)
    | {"mediator": ALL, "head": ALL, "reception": SEALED, "part": SEALED},
    "happening": dict.fromkeys(SIDES, NOTHING) | dict.fromkeys(INSIDE[2:], ALL),
    "complaint": dict.fromkeys(SIDES, NOTHING)
    | {"mediator": SEALED, "head": ALL, "reception": ALL, "part": SEALED},
    "scan": dict.fromkeys(SIDES, NOTHING) | dict.fromkeys(INSIDE[2:], ALL),
    "evidence": dict.fromkeys(INSIDE, ALL) | {"part": NOTHING},
    "private_evidence": dict.fromkeys(SIDES, OWN)
    | {"mediator": ALL, "head": SEALED, "reception": SEALED, "part": NOTHING},
    "undisputed_facts": dict.fromkeys(INSIDE, ALL),
    "investigation": dict.fromkeys(INSIDE, ALL) | dict.fromkeys((*SIDES, "part"), NOTHING),
    "evidence_list": dict.fromkeys(INSIDE, ALL) | dict.fromkeys((*SIDES, "part"), NOTHING),
    "footage": dict.fromkeys(SIDES, OWN_PREVIEW)
    | {"mediator": ALL, "head": ALL, "reception": NOTHING, "part": NOTHING},
    "payment_order": dict.fromkeys(SIDES, SERVED) | dict.fromkeys(INSIDE[2:], ALL),
    "dossier": dict.fromkeys(INSIDE, NOTHING) | {"mediator": ALL, "head": ALL},
}
_OUTSIDE: Mapping[str, Mapping[str, str]] = {
    "application": {"expert": DEIDENTIFIED, COURT: ALL},
    "undisputed_facts": {"expert": ALL, "tv_crew": IF_CONSENT, COURT: ALL},
    "offers": {"expert": IF_DISCLOSED},
    "joint_record": {"expert": ALL, COURT: ALL},
    "online_record": {"expert": ALL, COURT: ALL},
    "agreement": {"expert": OBLIGATIONS, "tv_crew": IF_CONSENT, COURT: ALL},
    "report": {COURT: BY_LAW},
    "footage": {"tv_crew": UNTIL_LOCK},
}
TABLE: Mapping[str, Mapping[str, str]] = {
    item: {**dict.fromkeys(OUTSIDE, NOTHING), **row, **_OUTSIDE.get(item, {})}
    for item, row in _INSIDE.items()
}
"""Item → reader → how much.

`reception` and `part` (whoever has another part in the case) are ours; annex A4 is silent on them, and on
evidence and site visits: evidence that may be shown is read by both sides, what is private as a separate
talk is, and the investigation record by the staff. Both know that something is reported, for they must not
go on meanwhile, and not what. A worker's application for a payment order is for that worker and the staff
alone: no packet for a court brings in what one worker has yet to ask for. The dossier holds the joint
records, so those in the committee read it who read these, and it goes to nobody else. Who stands outside
gets nothing that the annex does not name.
"""

ITEM_OF = {
    "receipt": "application",
    "rights_notice": "application",
    "routes_notice": "application",
    "agreement": "agreement",
    "signed_sheet": "agreement",
    "oral_register": "agreement",
    "fact_sheet": "undisputed_facts",
    "fact_scan": "undisputed_facts",
    "investigation_record": "investigation",
    "evidence_list": "evidence_list",
    "scan": "scan",
    "joining_scan": "scan",
    "annex": "agreement",
    "abstention_notice": "application",
    "payment_order": "payment_order",
    "result_notice": "application",
    "dossier": "dossier",
    "confirmation_application": "agreement",
}
"""Kind of document → the item that it is."""


def reader_of(actor: Actor, case: Case, parties: Collection[Party]) -> str:
    """As whom somebody who sees the case reads it; the mediator of the case before all other roles."""
    if actor.party_id is not None:
        return next((party.side for party in parties if party.id == actor.party_id), "")
    if actor.id == case.mediator_id:
        return "mediator"
    if actor.roles & HEADS:
        return "head"
    return "reception" if "reception" in actor.roles else "part"


def reading(item: str, actor: Actor, case: Case, parties: Collection[Party]) -> str:
    """How much of an item somebody may read; nothing for who is nobody in the case."""
    return TABLE[item].get(reader_of(actor, case, parties), NOTHING)
