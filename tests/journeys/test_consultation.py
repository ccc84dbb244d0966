"""A consultation in Chromium: each of its forms, each of its turns, and what the case's page then shows."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.journeys import script
from tests.journeys.browser import PASSED, Person, chromium
from tests.journeys.hall import Hall
from tests.journeys.server import running

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PARTIES = ("郑秀芳", "罗守田", "恒川置业有限公司")
# A party objects to an expert and one keeps its name to itself; one invitee is silent, then declines, one
# sends somebody; the first meeting has no quorum. So often each form is asked for, and clicked.
CLICKED = (
    *("choose_invitees", "record_consultation_consents", "record_invitation_answers") * 2,
    "write_case_sheet",
    *["record_written_opinion"] * 3,
    *["hold_consultation_meeting"] * 2,
    "draft_consultation_opinion",
    "tell_opinion",
    "hold_joint_session",
)


def test_a_consultation_is_clicked_through_to_an_agreement(tmp_path: Path) -> None:
    with running(tmp_path / "data") as server, chromium() as browser:
        seen = set(PASSED)
        hall = Hall(server.address, lambda: Person(browser, server.address, seen), PARTIES, CLICKED)
        for step in script.steps("consultation_certificates"):
            hall.take(step)
        assert not +hall.clicked
        mediator = hall.windows["mediator"].page
        mediator.goto(hall.page_of_case())
        shown = mediator.locator("main")
        for said in ("派人参加会诊：田科长", "秦工认为三十日偏紧。", "牵头部门", "协议已生效"):
            expect(shown).to_contain_text(said)
        sheet = mediator.locator("details", has_text="会诊材料").first
        sheet.locator("summary").click()
        expect(sheet).to_contain_text("申请人2住（略）")
        expect(sheet).to_contain_text("郑秀芳、申请人2等一百二十户")
        expect(sheet).to_contain_text("至少要到2位")
        hall.windows["mediator"].look("case-consultation")
