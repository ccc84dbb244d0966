"""Who may see what of a case: one table, item by reader, that the pages ask (annex A4)."""

from collections.abc import Collection, Mapping

from engine.mediation.parties import SIDES
from engine.models.cases import Case, Party
from engine.policy import Actor

ALL, OWN, SERVED, SEALED, NOTHING = "all", "own", "served", "sealed", "nothing"
"""All of it; one's own only; what was handed over to one; that it exists, without its text; nothing."""
DISCLOSED = "disclosed"
"""One's own, and what was told to one with the permission of whoever made it."""

HEADS = frozenset({"chief_mediator", "seal_keeper"})
READERS = (*SIDES, "mediator", "head", "reception", "part")
TABLE: Mapping[str, Mapping[str, str]] = {
    "application": dict.fromkeys(SIDES, SERVED) | dict.fromkeys(READERS[2:], ALL),
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
    "agreement": dict.fromkeys(SIDES, SERVED) | dict.fromkeys(READERS[2:], ALL),
    "report": dict.fromkeys(SIDES, NOTHING)
    | {"mediator": ALL, "head": ALL, "reception": SEALED, "part": SEALED},
    "happening": dict.fromkeys(SIDES, NOTHING) | dict.fromkeys(READERS[2:], ALL),
    "complaint": dict.fromkeys(SIDES, NOTHING)
    | {"mediator": SEALED, "head": ALL, "reception": ALL, "part": SEALED},
    "scan": dict.fromkeys(SIDES, NOTHING) | dict.fromkeys(READERS[2:], ALL),
    "evidence": dict.fromkeys(READERS, ALL) | {"part": NOTHING},
    "private_evidence": dict.fromkeys(SIDES, OWN)
    | {"mediator": ALL, "head": SEALED, "reception": SEALED, "part": NOTHING},
    "undisputed_facts": dict.fromkeys(READERS, ALL),
    "investigation": dict.fromkeys(READERS, ALL) | dict.fromkeys((*SIDES, "part"), NOTHING),
    "evidence_list": dict.fromkeys(READERS, ALL) | dict.fromkeys((*SIDES, "part"), NOTHING),
}
"""Item → reader → how much.

`reception` and `part` (whoever has another part in the case) are ours; annex A4 is silent on them, and on
evidence and site visits: evidence that may be shown is read by both sides, what is private as a separate
talk is, and the investigation record by the staff. Both know that something is reported, for they must not
go on meanwhile, and not what. The annex also has experts, a TV crew, grid members and the court's packet:
nobody has these roles here yet.
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
    "result_notice": "application",
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
