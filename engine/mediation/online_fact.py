"""What diagrams and forms may know of an online mediation."""

from typing import Any

from sqlalchemy.orm import Session

from engine.mediation.lookup import case_of
from engine.mediation.notes import last
from engine.mediation.offers import offer_options
from engine.mediation.online import parties_to_ask, unidentified
from engine.mediation.online_meetings import meeting_to_hold
from engine.mediation.online_records import objecting, unconfirmed
from engine.models.online import OnlineRecord


def online_fact(session: Session, root_id: str, *, makes_rooms: bool = False) -> dict[str, Any]:
    """The context of an online mediation: whom to ask, to identify, who confirms; offers, meeting, record.

    `makes_rooms` is whether a video meeting gets a room on a configured server, so that no link is wanted.
    """
    record = last(session, OnlineRecord, root_id)
    case = case_of(session, root_id)
    asked = {
        "organisations": [party.id for party in case.parties if party.kind == "legal"],
        "parties_to_ask": parties_to_ask(session, root_id),
        "unidentified": unidentified(session, root_id),
        "makes_rooms": makes_rooms,
        "meeting": meeting_to_hold(session, root_id),
        "record": {
            "text": record.text if record else None,
            "undisputed_facts": record.undisputed_facts or None if record else None,
        },
        "unconfirmed": unconfirmed(session, root_id),
        "objecting": objecting(session, root_id),
    }
    return {**asked, **offer_options(session, case)}
