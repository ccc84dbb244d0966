"""Footage on pages: where it is kept, and what the cut shows of whom (annex A4)."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from engine.mediation import visibility
from engine.mediation.broadcast_items import Use, obstacles
from engine.mediation.broadcast_ledger import stage_of, stages_of, standing_of
from engine.mediation.broadcasts import last_cut
from engine.models.cases import Case
from engine.policy import Actor

ITEM = "footage"
PREVIEWS = ("edit_locked", "previewed", "aired")


@dataclass(frozen=True)
class FootageView:
    """Where footage is kept, by the day of its recording; what the cut shows, by the party's name."""

    places: list[tuple[dt.date, str]] = field(default_factory=list)
    shows: Mapping[str, list[str]] = field(default_factory=dict)


def footage_for(session: Session, actor: Actor, case: Case) -> FootageView:
    """What somebody who sees the case may know: a party what the locked cut shows of itself."""
    how = visibility.reading(ITEM, actor, case, case.parties)
    if how == visibility.NOTHING:
        return FootageView()
    own, cut = how == visibility.OWN_PREVIEW, last_cut(session, case.id)
    is_locked = stage_of(session, case.id) in PREVIEWS
    shown = [one for one in case.parties if one.id in cut and (not own or one.id == actor.party_id)]
    shows = {one.name: list(cut[one.id]) for one in shown if is_locked or not own}
    return FootageView([] if own else places_of(session, case.id), shows)


def places_of(session: Session, case_id: str) -> list[tuple[dt.date, str]]:
    """Where each recording is kept, oldest first."""
    return [(row.happened_on, row.note) for row in stages_of(session, case_id) if row.stage == "recorded"]


def footage_to_cut(session: Session, case: Case, on: dt.date) -> list[tuple[dt.date, str]]:
    """The same for whoever cuts it: until the edit is locked, and while nobody has taken a consent back."""
    ids = [party.id for party in case.parties]
    stage = stage_of(session, case.id)
    against = obstacles(standing_of(session, case.id), ids, Use("edit", on), stage)
    return [] if against else places_of(session, case.id)
