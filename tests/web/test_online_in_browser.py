"""A mediator mediates online in Chromium, from the consents to the confirmed record, in two widths."""

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.mediation.play import Player
from tests.journeys.browser import NARROW, WIDE, Person, chromium
from web import make_app, rehearsal, settings

from .conftest import Office, Settings
from .test_clocks_in_browser import served, signed_in
from .test_online import RENT
from .test_pages_in_browser import BEYOND, LEAST_TARGET, LEAST_TEXT, SMALL_TARGETS, SMALL_TEXT

pytestmark = [pytest.mark.browser, pytest.mark.slow]
ON_SITE = RENT.with_name("online_and_on_site.json")
OPENING = 7  # steps of both scripts until the mediator has disclosed conflicts
MEETING = slice(11, 14)


def steps(path: Path) -> list[dict[str, Any]]:
    return list(json.loads(path.read_text(encoding="utf-8"))["steps"])


def talked() -> list[dict[str, Any]]:
    """The online steps of the rent case, with the meeting that was lost and went on before its record."""
    rent, meeting = steps(RENT)[OPENING:], steps(ON_SITE)[MEETING]
    confirmed = max(at for at, step in enumerate(rent) if step["task"] == "confirm_online_record")
    asked = next(at for at, step in enumerate(rent) if step["answers"].get("next_step") == "record")
    return [*rent[:asked], *meeting, *rent[asked : confirmed + 1]]


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    script = json.loads(RENT.read_text(encoding="utf-8"))
    with rehearsal.stage_for(settings.read({"WOSHOU_DATA": str(tmp_path)}), script) as stage:
        player = Player(stage, script, "rent")
        for _ in player.play(OPENING):
            pass
        app = make_app(stage.engine, Settings())  # type: ignore[arg-type]
        yield Office(stage.engine, stage.clock, player.case_id, app)


def named(answers: dict[str, Any]) -> dict[str, Any]:
    """An offer is chosen by the number with which its label begins."""
    return {
        key: {"offer": f"{value['offer']}."} if isinstance(value, dict) and "offer" in value else value
        for key, value in answers.items()
    }


def test_a_mediator_leads_an_online_mediation_to_its_confirmed_record(office: Office) -> None:
    with served(office) as address, chromium() as browser:
        person = Person(browser, address, set())
        for step in talked():
            office.clock.moment = max(office.clock.moment, dt.datetime.fromisoformat(step["at"]))
            signed_in(person, office.person("mediator"), address)
            person.page.goto(f"/tasks/{office.task_id(step['task'])}")
            what = step["answers"].get("next_step") or step["answers"].get("state") or ""
            person.answer(f"{step['task']}-{what}", named(step["answers"]))
            if what == "disclose":
                look_at_the_case(person, office, "offers")
        assert office.task_id("draft_agreement")
        look_at_the_case(person, office, "record")
        page = person.page.locator("main").inner_text()
    for said in ("第1次会面、接着开", "断线，接上以后再谈", "2000.00元", "都接受了", "2026年10月14日确认"):
        assert said in page, said


def look_at_the_case(person: Person, office: Office, name: str) -> None:
    person.page.goto(f"/cases/{office.case_id}")
    person.look(f"online-{name}")
    for size in (WIDE, NARROW):
        person.page.set_viewport_size(size)  # type: ignore[arg-type]
        assert person.page.evaluate(SMALL_TEXT, LEAST_TEXT) == []
        assert person.page.evaluate(SMALL_TARGETS, LEAST_TARGET) == []
        assert person.page.evaluate(BEYOND) == []
