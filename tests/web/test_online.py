"""An online mediation on the case page: who reads what, and the move on site by one form."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from engine.mediation.play import Player
from engine.soundness import flaws
from web import make_app, rehearsal, settings

from ..conftest import TENANT
from .conftest import Office, Settings

pytestmark = pytest.mark.slow

RENT = Path(__file__).parents[1] / "cases" / "rent_deposit.json"
PHONE, E_ADDRESS = "139-0000-4401", "139-0000-4471"
PRIVATE, JOINT, OFFER = "能退一半以上我就同意", "房子没有损坏", "2800.00元"
STAFF = ("mediator", "chief", "reception", "seal")
STEPS = 13  # up to the offer that is not told to the other side yet


@dataclass(frozen=True)
class Rented:
    office: Office
    player: Player


@pytest.fixture(scope="module")
def rented(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rented]:
    script = json.loads(RENT.read_text(encoding="utf-8"))
    folder = tmp_path_factory.mktemp("rented")
    with rehearsal.stage_for(settings.read({"WOSHOU_DATA": str(folder)}), script) as stage:
        player = Player(stage, script, "rent")
        for _ in player.play(STEPS):
            pass
        app = make_app(stage.engine, Settings())  # type: ignore[arg-type]
        yield Rented(Office(stage.engine, stage.clock, player.case_id, app), player)


def pages(office: Office) -> Mapping[str, str]:
    """The page of the case as each of them sees it."""
    staff = {who: office.person(who).get(f"/cases/{office.case_id}").text for who in STAFF}
    return staff | {name: office.party(name).get("/party").text for name in ("戴晓", "马国")}


def test_each_reads_of_the_channels_and_offers_what_the_annex_allows(rented: Rented) -> None:
    found = pages(rented.office)
    assert {who for who, page in found.items() if PRIVATE in page} == {"mediator"}
    assert {who for who, page in found.items() if JOINT in page} == {"mediator", "chief", "seal"}
    assert {who for who, page in found.items() if OFFER in page} == {"mediator", "chief", "seal"}
    assert "保密" in found["chief"]
    assert "对方还不知道" in found["mediator"]
    assert {who for who, page in found.items() if E_ADDRESS in page} == {"mediator"}
    assert {who for who, page in found.items() if PHONE in page} == {"mediator", "reception"}


def test_consents_and_identities_are_shown_to_the_staff_in_words(rented: Rented) -> None:
    page = rented.office.person("reception").get(f"/cases/{rented.office.case_id}").text
    for said in ("同意网络调解", "可以在不同时间留言", "用自己的设备参加", "证件照片，视频中比对", "对得上"):
        assert said in page


def test_no_byte_of_the_database_holds_what_was_said_or_offered(rented: Rented) -> None:
    path = Path(rented.office.engine.sessions.url.removeprefix("sqlite:///"))
    raw = b"".join(one.read_bytes() for one in path.parent.glob(f"{path.name}*"))
    assert "戴晓".encode() in raw
    for said in (PRIVATE, JOINT, OFFER.removesuffix("元"), E_ADDRESS, PHONE):
        assert said.encode() not in raw, said


def test_a_party_is_moved_on_site_by_one_form_and_the_page_says_so(rented: Rented) -> None:
    office = rented.office
    reception = office.person("reception")
    page = reception.get(f"/cases/{office.case_id}").text
    action = re.search(r'action="(/cases/[^"]+/on-site)"', page)
    assert action
    after = reception.post(action[1], party_id=office.party_id("马国"), reason="想当面说").text
    assert "案件改为当面调解。" in after
    assert "应当事人要求改为现场调解" in after
    assert "要求现场调解</span>：想当面说" in after
    assert action[1] not in after
    assert office.task_id("hold_separate_talk")
    again = reception.post(action[1], party_id=office.party_id("马国"), key="another")
    assert again.status_code == 409
    assert "这件案子现在不是网络调解。" in again.text


def test_what_is_kept_of_the_tasks_and_the_record_verifies(rented: Rented) -> None:
    assert list(flaws(rented.office.engine, TENANT, {})) == []
