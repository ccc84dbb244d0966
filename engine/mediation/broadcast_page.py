"""The broadcast on pages: the ledger party × item for staff, its own nine consents for a party."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy.orm import Session

from engine.calendar import day_of
from engine.mediation.broadcast_items import ITEMS, LETTERS, STAGES, absence, consequence, latest
from engine.mediation.broadcast_ledger import (
    consents_of,
    find_broadcast,
    open_takedowns,
    stage_of,
    stage_reached,
)
from engine.mediation.broadcast_uses import uses_of
from engine.mediation.footage import FootageView, footage_for
from engine.mediation.panel_guests import guests_of
from engine.models.broadcasts import BroadcastConsent, BroadcastUse, PanelGuest
from engine.models.cases import Case, Party
from engine.policy import ACTIONS, Actor


@dataclass(frozen=True)
class ConsentView:
    """One item of one party; state is given, missing, refused, withdrawn or ended.

    `row` is the decision that counts, None before one was made. `means` is what a withdrawal would mean now.
    `reason` is empty for all but the party itself and the case's mediator.
    """

    item: str
    letter: str
    state: str
    row: BroadcastConsent | None
    may_withdraw: bool
    means: str
    reason: str


@dataclass(frozen=True)
class PartyConsents:
    """A party with its nine items, in their order."""

    party_id: str
    name: str
    side: str
    consents: list[ConsentView]


@dataclass(frozen=True)
class BroadcastView:
    """What somebody may see of a case's broadcast; `reasons` speak against television at all.

    A party sees its own consents, the guests and the stage; uses and takedowns are for the staff.
    """

    programme: str
    channel: str
    stage: str
    reasons: list[dict[str, str]]
    parties: list[PartyConsents]
    guests: list[PanelGuest]
    uses: list[BroadcastUse]
    takedowns: list[tuple[str, BroadcastConsent]]
    footage: FootageView


def broadcast_view(session: Session, actor: Actor, case: Case, now: dt.datetime) -> BroadcastView | None:
    """The broadcast of a case that the actor may see; None where nobody thought of television."""
    broadcast = find_broadcast(session, case.id)
    if broadcast is None:
        return None
    is_staff, reached = actor.party_id is None, stage_reached(session, case.id)
    found = latest(consents_of(session, case.id))
    shown = [party for party in case.parties if is_staff or party.id == actor.party_id]
    names = {party.id: party.name for party in case.parties}

    def consents(party: Party) -> list[ConsentView]:
        reads = actor.party_id == party.id or (is_staff and actor.id == case.mediator_id)
        rows = [(item, found.get((party.id, item))) for item in ITEMS]
        return [
            _consent(item, row, (reached, day_of(now)), reads=reads, may=ACTIONS["broadcast.withdraw"](actor))
            for item, row in rows
        ]

    asked = open_takedowns(session, case.id) if is_staff else []
    return BroadcastView(
        programme=broadcast.programme, channel=broadcast.channel, stage=stage_of(session, case.id),
        reasons=list(broadcast.reasons) if is_staff else [],
        parties=[PartyConsents(party.id, party.name, party.side, consents(party)) for party in shown],
        guests=list(guests_of(session, case.id)),
        uses=list(uses_of(session, case.id)) if is_staff else [],
        takedowns=[(names[row.party_id], row) for row in asked],
        footage=footage_for(session, actor, case),
    )  # fmt: skip


def _consent(
    item: str, row: BroadcastConsent | None, at: tuple[str, dt.date], *, reads: bool, may: bool
) -> ConsentView:
    stage, day = at
    return ConsentView(
        item=item,
        letter=LETTERS[item],
        state=absence(row, day) or "given",
        row=row,
        may_withdraw=may and row is not None and row.decision == "given",
        means=consequence(item, stage).code if stage in STAGES else "",
        reason=row.reason if row is not None and reads else "",
    )
