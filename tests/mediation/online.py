"""A case that is mediated online, moved on by the effects of its tasks, for tests."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, text

from engine.mediation import (
    cases,
    channels,
    offers,
    on_site,
    online_consents,
    online_meetings,
    online_records,
)
from engine.mediation.channels import MessageView
from engine.mediation.lookup import case_of, parties_of
from engine.mediation.offers import OfferView
from engine.mediation.online_page import OnlineView, online_view
from engine.models.base import new_id
from engine.models.cases import Case
from engine.policy import Actor

from ..conftest import TENANT
from .conftest import TODAY, Desk, dispute

LINK = "https://meet.example.org/woshou"
AGREES = {
    "online": "yes", "asynchronous": "yes", "equipment": "own", "e_service": "no", "recording": "no",
    "warned": True,
}  # fmt: skip
SHOWN = {"appears": "self", "level": "image", "checked": "证件", "checked_on": TODAY, "matches": "yes"}
TERM = {"action": "退还保证金", "amount": Decimal("2000.00"), "manner": "转账"}


class Online(Desk):
    """A desk that knows the steps of an online mediation; parties are named by their place."""

    def open(self, **sides: Any) -> "Online":
        """A case in mediation; `sides` are its applicants or respondents as the registration has them."""
        self.perform(cases.case_registered, self.house.reception, **dispute() | sides)
        with self.query() as session:
            self.party_ids = [party.id for party in parties_of(session, self.case_id)]
        self.consent().appoint()
        return self

    def ready(self) -> "Online":
        return self.open().agree().identify()

    def take(self, effect: Any, actor: Actor | None = None, **answers: Any) -> "Online":
        self.perform(effect, actor or self.house.mediator, **answers)
        return self

    def agree(self, **changed: Any) -> "Online":
        """All who are left to ask agree; what `changed` holds is said by each of them."""
        rows = [{"party_id": one} | AGREES | changed for one in self.now()["parties_to_ask"]]
        return self.take(online_consents.online_consented, consents=rows)

    def identify(self, **changed: Any) -> "Online":
        rows = [{"party_id": one} | SHOWN | changed for one in self.now()["unidentified"]]
        return self.take(online_consents.identities_checked, identities=rows)

    def take_identities(self, appears: dict[str, str]) -> "Online":
        """Identify everybody; who is not named appears in person."""
        rows = [
            {"party_id": one} | SHOWN | {"appears": appears.get(one, "self")}
            for one in self.now()["unidentified"]
        ]
        return self.take(online_consents.identities_checked, identities=rows)

    def exchange(self, next_step: str, **answers: Any) -> "Online":
        """What the form of the exchange does: each of its effects sees the answers."""
        for effect in (
            channels.message_recorded, offers.offer_made, offers.offer_disclosed, offers.offer_answered,
            online_meetings.meeting_planned,
        ):  # fmt: skip
            self.take(effect, next_step=next_step, **answers)
        return self

    def say(self, index: int, text: str, channel: str = "private", author: str = "party") -> "Online":
        said = {"channel": channel, "message_party": self.party_ids[index], "author": author}
        return self.exchange("message", message=text, **said)

    def offer(self, index: int | None, disclosed: str = "yes", **changed: Any) -> "Online":
        """An offer of a party to the others; None stands for the mediator, who offers to all."""
        made_by = None if index is None else self.party_ids[index]
        answers = {
            "offer_by": "mediator" if index is None else "party", "offer_from": made_by,
            "offer_to": [one for one in self.party_ids if one != made_by], "disclosed": disclosed,
            "terms": [TERM],
        }  # fmt: skip
        return self.exchange("offer", **answers | changed)

    def answer(self, number: int, index: int, answer: str, **more: Any) -> "Online":
        asked = {"answered_offer": self.offer_id(number), "answered_by": self.party_ids[index]}
        return self.exchange("answer", answer=answer, **asked, **more)

    def plan(self, **changed: Any) -> "Online":
        when = {"meets_how": "video", "meeting_link": LINK, "meets_on": TODAY, "meets_at": dt.time(9, 30)}
        return self.exchange("meeting", **when | changed)

    def meet(self, state: str = "held", **changed: Any) -> "Online":
        held = {
            "how": "video", "link": LINK, "held_on": TODAY, "attendees": self.party_ids, "guests": [],
            "course": "双方说明。", "state": state,
        }  # fmt: skip
        return self.take(online_meetings.meeting_held, **held | changed)

    def write(self, outcome: str = "agreed", **changed: Any) -> "Online":
        written = {"record": "双方同意退2000元。", "undisputed_facts": "保证金3400元。", "outcome": outcome}
        return self.take(online_records.online_record_written, **written | changed)

    def confirm(self, *answers: str, **changed: Any) -> "Online":
        waiting = self.now()["unconfirmed"]
        row = {"manner": "message", "confirmed_on": TODAY, "objection": "金额写错了"} | changed
        rows = [
            {"party_id": one, "answer": answer} | row
            for one, answer in zip(waiting, answers or ("confirms",) * len(waiting), strict=True)
        ]
        return self.take(online_records.online_record_confirmed, confirmations=rows)

    def ask_on_site(self, index: int, actor: Actor | None = None, key: str = "") -> None:
        asked = on_site.OnSiteRequest(self.case_id, self.party_ids[index], "想当面说")
        on_site.ask_on_site(self.house.engine, actor or self.house.reception, asked, key or new_id())

    def raw(self, table: str) -> Sequence[Row[Any]]:
        """The rows of a table as they lie in the database."""
        with self.query() as session:
            found = text(f"SELECT * FROM {table} WHERE tenant_id = :tenant_id")
            return session.connection().execute(found, {"tenant_id": TENANT}).all()

    def now(self) -> dict[str, Any]:
        return dict(self.other_fact("online"))

    def offer_id(self, number: int) -> str:
        with self.query() as session:
            return next(one.id for one in offers.offers_of(session, self.case_id) if one.number == number)

    def case(self) -> Case:
        with self.query() as session:
            return case_of(session, self.case_id)

    def messages(self, actor: Actor) -> list[MessageView]:
        with self.query() as session:
            case = case_of(session, self.case_id)
            return channels.messages_for(session, self.house.engine.keys, actor, case)

    def offers(self, actor: Actor | None = None) -> list[OfferView]:
        with self.query() as session:
            case = case_of(session, self.case_id)
            return offers.offers_for(session, self.house.engine.keys, actor or self.house.mediator, case)

    def seen_by(self, actor: Actor) -> OnlineView | None:
        with self.query() as session:
            case = case_of(session, self.case_id)
            return online_view(session, self.house.engine.keys, actor, case)

    def view(self, actor: Actor | None = None) -> OnlineView:
        seen = self.seen_by(actor or self.house.mediator)
        assert seen is not None
        return seen


__all__ = ["AGREES", "LINK", "TERM", "Online"]
