"""The way into an online meeting: a link out with a pass, which no page, log or record keeps."""

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from sqlalchemy import select

from engine.calendar import day_of
from engine.mediation.play import Player
from engine.mediation.rooms import new_room
from engine.models.base import new_id
from engine.models.online import OnlineMeeting
from engine.models.records import AuditRow
from web import make_app, rehearsal, settings

from ..conftest import TENANT
from ..mediation.test_rooms import ROOMS, SECRET
from .conftest import Office, Settings
from .test_logs import listen
from .test_online import RENT, STEPS


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """The case of the deposit, in which a meeting waits in a room."""
    script = json.loads(RENT.read_text(encoding="utf-8"))
    with rehearsal.stage_for(settings.read({"WOSHOU_DATA": str(tmp_path)}), script) as stage:
        player = Player(stage, script, "rent")
        for _ in player.play(STEPS):
            pass
        app = make_app(stage.engine, Settings(rooms=ROOMS))  # type: ignore[arg-type]
        arrange(stage.engine.sessions, player.case_id, stage.clock.moment)
        yield Office(stage.engine, stage.clock, player.case_id, app)


def arrange(sessions, case_id, at) -> None:
    with sessions.command(TENANT) as session:
        session.add(
            OnlineMeeting(
                tenant_id=TENANT, id=new_id(), case_id=case_id, made_at=at, recorded_by="x", number=1, part=0,
                state="planned", how="video", room=new_room(), meets_on=day_of(at), meets_at="09:30",
            )
        )  # fmt: skip


def test_each_goes_out_to_the_servers_page_with_a_pass_that_is_kept_nowhere(office: Office) -> None:
    lines = next(listening := listen("json"))
    found = {}
    for who, browser, path in (
        ("mediator", office.person("mediator"), f"/cases/{office.case_id}/meeting"),
        ("applicant-1", office.party("戴晓"), "/party/meeting"),
        ("respondent-2", office.party("马国"), "/party/meeting"),
    ):
        page = browser.get("/party" if "party" in path else f"/cases/{office.case_id}")
        assert f'href="{path}"' in page.text
        assert "iframe" not in page.text
        answer = browser.client.get(path)
        assert answer.status_code == 303
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert answer.headers["Cache-Control"] == "no-store"
        address = urlsplit(answer.headers["Location"])
        assert address._replace(query="").geturl() == ROOMS.page
        token = parse_qs(address.query)["token"][0]
        times = {"verify_exp": False, "verify_nbf": False}
        assert jwt.decode(token, SECRET, algorithms=["HS256"], options=times)["sub"] == who
        found[who] = token
        assert token not in page.text
    written = "\n".join(lines.lines)
    assert "rooms.enter_own" in written
    with office.engine.sessions.query(TENANT) as session:
        recorded = repr([vars(row) for row in session.scalars(select(AuditRow))])
    for token in found.values():
        assert token not in written
        assert token.split(".")[2] not in written + recorded
    listening.close()


def test_nobody_else_goes_in_and_without_a_server_nobody_does(office: Office) -> None:
    for who in ("reception", "chief", "seal"):
        assert office.person(who).get(f"/cases/{office.case_id}/meeting").status_code == 404
    office.app.extensions["rooms"] = None
    assert office.party("戴晓").get("/party/meeting").status_code == 404
