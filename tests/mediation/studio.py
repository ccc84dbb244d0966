"""A case in mediation that goes on television, step by step, for tests."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

from engine import mediation
from engine.mediation import broadcast_uses
from engine.mediation.broadcast_items import ITEMS, STAGES
from engine.mediation.broadcast_ledger import ConsentWithdrawal, withdraw_consent
from engine.models.base import new_id
from engine.models.processes import Definition
from engine.policy import Actor
from engine.services import Services

from ..conftest import TENANT, House
from .conftest import TODAY, Desk, add_case

DECISION = Path(__file__).parents[2] / "processes" / "tv_eligibility.dmn"
CHANNEL, SITE, LICENSEE = "重庆卫视", "第1眼", "四川卫视"
LAST_DAY = TODAY + dt.timedelta(days=365)
QUIET = dict.fromkeys(
    (
        "child_under_14", "guardian_consents", "sexual_or_domestic", "trade_secret", "party_objects",
        "court_pending",
    ),
    "no",
)  # fmt: skip
DETAILS: dict[str, Any] = {
    "given_by": "party", "text_read": True, "face": "shown", "voice": "own", "name_shown": "real",
    "channel_name": CHANNEL, "channel_until": LAST_DAY, "web_name": SITE, "web_until": LAST_DAY,
    "archive_until": LAST_DAY, "sublicence": "yes", "sublicence_to": LICENSEE,
}  # fmt: skip
EVERYTHING = ["face", "voice", "real_name", "evidence", "surroundings"]


def studio_house(url: str, make_house: Callable[..., House]) -> House:
    """A committee whose release holds the rules for television."""
    house = make_house(url, Services(effects=mediation.EFFECTS, facts=mediation.facts.FACTS))
    house.deploy({"tv_eligibility.dmn": DECISION.read_bytes()})
    with house.engine.sessions.command(TENANT) as session:
        session.add(Definition(tenant_id=TENANT, hash="0" * 64, content=b""))
    return house


class Studio(Desk):
    """A desk that knows how to bring a broadcast to a stage."""

    @classmethod
    def opened(cls, house: House, applicants: int = 1, respondents: int = 1) -> "Studio":
        studio = cls(house, add_case(house))
        studio.register(applicants, respondents).consent().appoint()
        return studio

    def take(self, effect: str, actor: Actor | None = None, **answers: Any) -> "Studio":
        self.perform(mediation.EFFECTS[effect], actor or self.house.mediator, **answers)
        return self

    def plan(self, **changed: str) -> "Studio":
        return self.take("tv_eligibility_assessed", programme="有话好说", channel=CHANNEL, **QUIET | changed)

    def decide(self, index: int, actor: Actor | None = None, **changed: Any) -> "Studio":
        given = dict.fromkeys(ITEMS, "given")
        answers = DETAILS | given | {"party_id": self.party_ids[index]} | changed
        return self.take("broadcast_consents_recorded", actor, **answers)

    def decide_all(self, **changed: Any) -> "Studio":
        for index in range(len(self.party_ids)):
            self.decide(index, **changed)
        return self

    def cuts(self, *elements: str) -> list[dict[str, Any]]:
        return [{"party_id": one, "shows": list(elements)} for one in self.party_ids]

    def reach(self, stage: str) -> "Studio":
        """Bring a planned broadcast, to which all have agreed in everything, on to a stage."""
        steps: list[Callable[[], object]] = [
            lambda: self.take("footage_recorded", recorded_on=TODAY, kept_at="三号柜"),
            lambda: self.take("cooling_off_begun", told=True, told_on=TODAY),
            lambda: self.take("edit_locked", cuts=self.cuts(*EVERYTHING), reviewed=True),
            self.preview,
            self.air,
            lambda: self.take("footage_taken_down", scope="all", done_on=TODAY, note="已删除"),
        ]
        for step in steps[: STAGES.index(stage)]:
            step()
        return self

    def reach_lock(self) -> "Studio":
        """Bring what was recorded to the edit lock; the cut shows everything of everybody."""
        self.take("cooling_off_begun", told=True, told_on=TODAY)
        return self.take("edit_locked", cuts=self.cuts(*EVERYTHING), reviewed=True)

    def preview(self, *answers: str) -> "Studio":
        said = answers or ("agrees",) * len(self.party_ids)
        rows = [
            {"party_id": one, "answer": answer, "objection": "不要拍到门牌" if answer == "objects" else ""}
            for one, answer in zip(self.party_ids, said, strict=True)
        ]
        return self.take("footage_previewed", previews=rows)

    def air(self, kind: str = "broadcast", outlet: str = CHANNEL, day: dt.date = TODAY) -> "Studio":
        return self.take("footage_broadcast", kind=kind, outlet=outlet, airs_on=day)

    def withdraw(self, index: int, item: str, actor: Actor | None = None, reason: str = "") -> "Studio":
        asked = ConsentWithdrawal(self.case_id, self.party_ids[index], item, reason)
        withdraw_consent(self.house.engine, actor or self.party(index), asked, new_id())
        return self

    def listed(self, on: dt.date = TODAY) -> dict[str, Any]:
        with self.query() as session:
            return broadcast_uses.do_not_air(session, self.case_id, on)

    def entries(self, on: dt.date = TODAY) -> list[tuple[str, str, str]]:
        """(party id, item, why) of each entry in the list."""
        return [(one["party"]["id"], one["item"], one["why"]) for one in self.listed(on)["entries"]]
