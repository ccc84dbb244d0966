"""Undisputed facts signed apart: by each party for itself, on screen or on paper, without concessions."""

from functools import partial
from typing import Any

import pytest

from engine import calendar, errors, mediation
from engine.documents import sign, verify
from engine.documents.authority import Authority
from engine.documents.render import Renderer
from engine.mediation import documents, fact_sheets, lookup
from engine.mediation.joint_sessions import session_recorded
from engine.mediation.office import Office
from engine.mediation.statements import statements_recorded
from engine.policy import Actor

from ..conftest import MORNING
from .conftest import TODAY, Desk, scanned_sheet

FACTS = "2026年9月21日两车相撞。\n已付3600元。"
PAGE = "<html lang='zh'><title>事实</title>{}</html>"
BOX = "<div id='party_{}'></div>"


class Sheet:
    """A sheet of undisputed facts of three parties, printed and ready to be signed."""

    def __init__(self, desk: Desk, renderer: Renderer, issuer: Authority) -> None:
        self.desk, self.renderer, self.issuer = desk, renderer, issuer
        self.office = Office(renderer, issuer)

    def draft(self, actor: Actor | None = None, **changed: Any) -> None:
        answers = {"facts": FACTS, "no_offers": True, "paper": "no"} | changed
        effect = mediation.EFFECTS["fact_sheet_drafted"]
        self.desk.perform(effect, actor or self.desk.house.mediator, **answers)

    def print(self) -> "Sheet":
        boxes = "".join(BOX.format(number) for number in (1, 2, 3))
        printed = self.renderer.render(
            PAGE.format(boxes), "div { width: 60mm; height: 20mm; display: block }"
        )
        pdf = sign.prepare(printed.pdf, printed.boxes, self.issuer.preparer(at=MORNING), MORNING)
        with self.desk.command() as session:
            sheet = fact_sheets.drafted_sheet(session, self.desk.case_id)
            fact_sheets.keep_printed(session, sheet, pdf, "system", MORNING)
        return self

    def answer(self, actor: Actor, decision: str) -> None:
        effect = partial(fact_sheets.fact_sheet_signed, self.office)
        self.desk.perform(effect, actor, decision=decision, signature="")

    def receive(self, *decisions: str, scans: list[str], **changed: Any) -> None:
        rows = [
            {"party_id": party_id, "decision": decision, "signed_on": TODAY} | changed
            for party_id, decision in zip(self.fact()["to_sign"], decisions, strict=True)
        ]
        effect = partial(fact_sheets.fact_sheet_received, self.office)
        self.desk.perform(effect, self.desk.house.mediator, answers=rows, scan=scans)

    def scan(self, actor: Actor | None = None) -> str:
        who = actor or self.desk.house.mediator
        return documents.store_file(self.desk.house.engine, who, "扫描", scanned_sheet())

    def fact(self) -> dict[str, Any]:
        return dict(self.desk.other_fact("fact_sheet"))

    def kinds(self, actor: Actor) -> list[str]:
        return [
            row.kind for row in documents.list_documents(self.desk.house.engine, actor, self.desk.case_id)
        ]


@pytest.fixture
def sheet(desk: Desk, renderer: Renderer, issuer: Authority) -> Sheet:
    desk.register(1, 2).consent().appoint()
    held = {"held_on": TODAY, "place": "调解室", "attendees": desk.party_ids, "read_back": True}
    for facts, more in (("两车相撞。", {}), ("已付3600元。", {"sign_facts": "yes"}), ("两车相撞。", {})):
        desk.perform(
            session_recorded, desk.house.mediator, record="愿意再付两千。", undisputed_facts=facts,
            outcome="another_session", **held, **more,
        )  # fmt: skip
        assert desk.fact()["facts_wanted"] is bool(more)
    return Sheet(desk, renderer, issuer)


def test_it_begins_with_what_all_sessions_left_undisputed_and_nothing_else(sheet: Sheet) -> None:
    assert sheet.fact() == {
        "facts": "两车相撞。\n已付3600元。", "paper": False, "to_sign": [], "rendering_error": None,
    }  # fmt: skip


def test_each_party_signs_for_itself_and_all_read_it(sheet: Sheet) -> None:
    sheet.draft()
    sheet.print()
    desk = sheet.desk
    assert sheet.fact()["to_sign"] == desk.party_ids
    for index in (0, 1, 2):
        sheet.answer(desk.party(index), "sign")
        assert sheet.fact()["to_sign"] == desk.party_ids[index + 1 :]
    with desk.query() as session:
        row = fact_sheets.drafted_sheet(session, desk.case_id)
        assert [answer.decision for answer in row.answers] == ["sign"] * 3
        pdf = documents.content_of(session, row.file_sha256 or "")
    report = verify.verify(pdf, [sheet.issuer.certificate_pem], desk.house.clock())
    assert report.ok
    for actor in (desk.party(0), desk.party(2), desk.house.mediator, desk.house.reception):
        assert sheet.kinds(actor) == [fact_sheets.KIND]
    with pytest.raises(errors.AlreadyMarked):
        sheet.answer(desk.party(0), "sign")


def test_a_party_may_decline_and_the_mediator_may_end_the_waiting_but_sign_for_nobody(sheet: Sheet) -> None:
    sheet.draft()
    sheet.print()
    desk = sheet.desk
    sheet.answer(desk.party(1), "decline")
    assert sheet.fact()["to_sign"] == [desk.party_ids[0], desk.party_ids[2]]
    with pytest.raises(errors.Forbidden):
        sheet.answer(desk.house.mediator, "sign")
    sheet.answer(desk.house.mediator, "decline")
    assert sheet.fact()["to_sign"] == []


def test_another_mediator_ends_nothing(sheet: Sheet, second_mediator: Actor) -> None:
    sheet.draft()
    sheet.print()
    with pytest.raises(errors.Forbidden):
        sheet.answer(second_mediator, "decline")
    with pytest.raises(errors.Forbidden):
        sheet.draft(second_mediator)


def test_who_left_is_not_waited_for(sheet: Sheet) -> None:
    sheet.draft()
    sheet.print()
    with sheet.desk.command() as session:
        lookup.parties_of(session, sheet.desk.case_id)[2].withdrawn_at = MORNING
    assert sheet.fact()["to_sign"] == sheet.desk.party_ids[:2]


def test_what_the_law_wants_on_paper_is_not_signed_electronically(sheet: Sheet) -> None:
    sheet.draft(paper="yes")
    sheet.print()
    assert sheet.fact()["paper"] is True
    with pytest.raises(errors.LawForbids, match=r"Electronic Signature Law Art\. 3"):
        sheet.answer(sheet.desk.party(0), "sign")


def test_any_party_may_want_paper_and_the_scan_stands_beside_the_sheet(sheet: Sheet) -> None:
    sheet.draft()
    sheet.print()
    sheet.answer(sheet.desk.party(0), "sign")
    sheet.answer(sheet.desk.party(1), "paper")
    assert sheet.fact()["paper"] is True
    sheet.receive("sign", "decline", scans=[sheet.scan()])
    with sheet.desk.query() as session:
        row = fact_sheets.drafted_sheet(session, sheet.desk.case_id)
        found = {answer.party_id: (answer.decision, answer.signed_on) for answer in row.answers}
    assert list(found.values()) == [("sign", None), ("sign", TODAY), ("decline", None)]
    assert sheet.kinds(sheet.desk.party(2)) == [fact_sheets.KIND, documents.FACT_SCAN]


def refused(sheet: Sheet, *decisions: str, scans: list[str], **changed: Any) -> set[str]:
    with pytest.raises(errors.InvalidAnswers) as invalid:
        sheet.receive(*decisions, scans=scans, **changed)
    assert len(sheet.fact()["to_sign"]) == len(decisions)
    return set(invalid.value.errors)


def test_what_comes_back_on_paper_is_dated_scanned_and_the_mediator_s_own(sheet: Sheet) -> None:
    sheet.draft(paper="yes")
    sheet.print()
    signed = ("sign", "sign", "sign")
    assert refused(sheet, *signed, scans=[]) == {"scan"}
    assert refused(sheet, *signed, scans=[sheet.scan(sheet.desk.house.reception)]) == {"scan"}
    with sheet.desk.query() as session:
        printed = fact_sheets.drafted_sheet(session, sheet.desk.case_id).file_sha256 or ""
    assert refused(sheet, *signed, scans=[printed]) == {"scan"}
    days = {f"answers.{index}.signed_on" for index in range(3)} | {"scan"}
    for day in (None, TODAY - calendar.ONE, TODAY + calendar.ONE):
        assert refused(sheet, *signed, scans=[], signed_on=day) == days
    sheet.receive("decline", "decline", "decline", scans=[])
    assert sheet.kinds(sheet.desk.party(0)) == [fact_sheets.KIND]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"facts": " \n"}, "facts"),
        ({"no_offers": False}, "no_offers"),
        ({"facts": "两车相撞。他说 最多付两千 就算了。"}, "facts"),
    ],
)
def test_no_concession_stands_in_it(sheet: Sheet, changed: dict[str, Any], field: str) -> None:
    desk = sheet.desk
    desk.perform(
        statements_recorded, desk.house.mediator, needed="yes", party_id=desk.party_ids[0], held_on=TODAY,
        statements=[{"text": "最多付两千。", "disclosure": "private"}], another="no",
    )  # fmt: skip
    with pytest.raises(errors.InvalidAnswers) as invalid:
        sheet.draft(**changed)
    assert set(invalid.value.errors) == {field}
    sheet.draft()


def test_an_unsigned_sheet_is_written_anew_and_a_signed_one_stays(sheet: Sheet) -> None:
    sheet.draft(facts="写错了。")
    sheet.print()
    sheet.draft()
    with pytest.raises(errors.NotReady):
        sheet.answer(sheet.desk.party(0), "sign")
    sheet.print()
    assert sheet.kinds(sheet.desk.party(0)) == [fact_sheets.KIND]
    sheet.answer(sheet.desk.party(0), "sign")
    sheet.draft(facts="又有一件。")
    sheet.print()
    assert sheet.kinds(sheet.desk.party(0)) == [fact_sheets.KIND, fact_sheets.KIND]
    assert sheet.fact()["to_sign"] == sheet.desk.party_ids
