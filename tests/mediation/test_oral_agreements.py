"""Oral agreements: only where nobody wants a written one and the matter allows it, effective when reached."""

from functools import partial
from typing import Any

import pytest

from engine import errors, mediation
from engine.documents import sign, verify
from engine.documents.authority import Authority
from engine.documents.render import Renderer
from engine.mediation import agreements, documents, lookup, oral_agreements
from engine.mediation.joint_sessions import session_recorded
from engine.mediation.office import Office
from engine.policy import Actor

from ..conftest import MORNING
from .conftest import TODAY, Desk, text

CONFIRMED = oral_agreements.oral_agreement_confirmed
SEALED = oral_agreements.oral_register_sealed
NOWHERE = Office(None, None)  # type: ignore[arg-type]
WRITTEN_ONLY = ["inheritance", "real_right", "status", "utility_cut"]


@pytest.fixture
def agreed(desk: Desk) -> Desk:
    """The parties came to an agreement and want no paper."""
    desk.register(1, 2).consent().appoint()
    hold(desk, outcome="agreed", agreement_form="oral")
    return desk


def hold(desk: Desk, **changed: Any) -> None:
    answers = {
        "held_on": TODAY, "place": "楼下", "attendees": desk.party_ids, "record": "当面道歉。",
        "read_back": True,
    } | changed  # fmt: skip
    desk.perform(session_recorded, desk.house.mediator, **answers)


def register(desk: Desk, actor: Actor | None = None, **changed: Any) -> None:
    checked = dict.fromkeys(("all_asked", *oral_agreements.CHECKED), True)
    answers = text(desk.party_ids) | {"wants_written": []} | checked | changed
    answers.pop("responsibility")
    effect = mediation.EFFECTS["oral_agreement_registered"]
    desk.perform(effect, actor or desk.house.mediator, **answers)


def print_it(desk: Desk) -> None:
    with desk.command() as session:
        agreement = lookup.drafted_agreement(session, desk.case_id)
        new = documents.NewFile("text", documents.PDF, b"%PDF-text")
        agreement.file_sha256 = documents.put_file(session, new, "system", MORNING)


def has_draft(desk: Desk) -> bool:
    with desk.query() as session:
        return lookup.agreement_of(session, desk.case_id) is not None


def test_a_session_says_whether_the_parties_want_to_agree_orally(desk: Desk) -> None:
    desk.register().consent().appoint()
    for outcome, form, wished in [
        ("agreed", None, False), ("agreed", "written", False), ("another_session", "oral", False),
        ("agreed", "oral", True),
    ]:  # fmt: skip
        hold(desk, outcome=outcome, agreement_form=form)
        assert desk.fact()["oral_wished"] is wished


def test_what_is_registered_binds_nobody_before_it_was_read_out(agreed: Desk) -> None:
    register(agreed)
    assert agreed.fact()["effective"] is False
    assert agreed.fact()["oral_wished"] is True
    with agreed.query() as session:
        agreement = lookup.drafted_agreement(session, agreed.case_id)
        assert (agreement.oral, agreement.content, len(agreement.obligations)) == (True, "一次付清。", 1)


def test_if_one_party_wants_it_in_writing_nothing_is_registered(agreed: Desk) -> None:
    register(agreed, wants_written=[agreed.party_ids[1]])
    assert agreed.fact()["oral_wished"] is False
    assert not has_draft(agreed)


@pytest.mark.parametrize("subject", WRITTEN_ONLY)
def test_what_needs_a_written_agreement_is_not_registered(agreed: Desk, subject: str) -> None:
    assert agreed.fact()["written_only"] == WRITTEN_ONLY
    register(agreed, subjects=["payment", subject])
    assert agreed.fact()["oral_wished"] is False
    assert not has_draft(agreed)


@pytest.mark.parametrize("name", ["all_asked", *oral_agreements.CHECKED])
def test_each_party_is_asked_and_it_is_checked_as_a_written_one_is(agreed: Desk, name: str) -> None:
    with pytest.raises(errors.InvalidAnswers) as refused:
        register(agreed, **{name: False})
    assert set(refused.value.errors) == {name}
    assert not has_draft(agreed)


def test_another_mediator_registers_nothing(agreed: Desk, second_mediator: Actor) -> None:
    with pytest.raises(errors.Forbidden):
        register(agreed, actor=second_mediator)


def test_nothing_is_registered_that_no_session_came_to(desk: Desk) -> None:
    desk.register().consent().appoint()
    with pytest.raises(errors.LawForbids, match=r"Art\. 30"):
        register(desk)


def test_consent_and_rights_notice_come_before_as_they_do_before_a_signature(agreed: Desk) -> None:
    for column, article in (("consents", r"Art\. 17"), ("notice_served_at", r"Art\. 30")):
        with agreed.command() as session:
            setattr(lookup.parties_of(session, agreed.case_id)[1], column, None)
        with pytest.raises(errors.LawForbids, match=article):
            register(agreed)


def test_a_written_agreement_is_not_made_effective_as_an_oral_one(desk: Desk) -> None:
    desk.ready_to_sign()
    for effect, actor in ((CONFIRMED, desk.house.mediator), (SEALED, desk.house.seal_keeper)):
        with pytest.raises(errors.LawForbids, match=r"Art\. 28"):
            desk.perform(partial(effect, NOWHERE), actor, correct="yes", confirm=True)


def test_what_was_not_printed_can_t_be_read_out(agreed: Desk) -> None:
    register(agreed)
    with pytest.raises(errors.NotReady):
        agreed.perform(partial(CONFIRMED, NOWHERE), agreed.house.mediator, correct="yes")


def test_only_the_mediator_of_the_case_reads_it_out(agreed: Desk, second_mediator: Actor) -> None:
    register(agreed)
    print_it(agreed)
    for actor in (second_mediator, agreed.house.seal_keeper, agreed.party(0)):
        with pytest.raises(errors.Forbidden):
            agreed.perform(partial(CONFIRMED, NOWHERE), actor, correct="yes")


def test_where_something_is_wrong_nothing_binds(agreed: Desk) -> None:
    register(agreed)
    print_it(agreed)
    agreed.perform(partial(CONFIRMED, NOWHERE), agreed.house.mediator, correct="no")
    assert agreed.fact()["effective"] is False


def test_a_party_that_left_is_not_bound_by_a_register_that_names_it(agreed: Desk) -> None:
    register(agreed)
    print_it(agreed)
    with agreed.command() as session:
        lookup.parties_of(session, agreed.case_id)[2].withdrawn_at = MORNING
    with pytest.raises(errors.TextOutdated):
        agreed.perform(partial(CONFIRMED, NOWHERE), agreed.house.mediator, correct="yes")


def test_the_seal_is_another_person_s_and_comes_after_the_reading(agreed: Desk) -> None:
    register(agreed)
    print_it(agreed)
    mediator = Actor(
        agreed.house.mediator.tenant_id, agreed.house.mediator.id, "", frozenset({"seal_keeper"})
    )
    with pytest.raises(errors.MediatorSeals):
        agreed.perform(partial(SEALED, NOWHERE), mediator, confirm=True)
    with pytest.raises(errors.Forbidden):
        agreed.perform(partial(SEALED, NOWHERE), agreed.house.reception, confirm=True)
    with pytest.raises(errors.LawForbids, match=r"Art\. 30"):
        agreed.perform(partial(SEALED, NOWHERE), agreed.house.seal_keeper, confirm=True)


def test_a_written_draft_takes_the_place_of_a_register(agreed: Desk) -> None:
    register(agreed)
    agreed.perform(agreements.agreement_drafted, agreed.house.mediator, **text(agreed.party_ids))
    with agreed.query() as session:
        agreement = lookup.drafted_agreement(session, agreed.case_id)
        assert (agreement.oral, agreement.responsibility) == (False, "被申请人承担主要责任")


def test_it_is_effective_from_the_day_it_was_reached_and_the_seal_moves_nothing(
    agreed: Desk, renderer: Renderer, issuer: Authority
) -> None:
    register(agreed)
    page = "<html lang='zh'><title>登记</title><div id='mediator'></div><div id='seal'></div></html>"
    printed = renderer.render(page, "div { width: 60mm; height: 40mm; display: block }")
    prepared = sign.prepare(printed.pdf, printed.boxes, issuer.preparer(at=MORNING), MORNING)
    with agreed.command() as session:
        agreement = lookup.drafted_agreement(session, agreed.case_id)
        new = documents.NewFile("text", documents.PDF, prepared)
        agreement.text_sha256 = agreement.file_sha256 = documents.put_file(session, new, "system", MORNING)
    office, house = Office(renderer, issuer), agreed.house
    agreed.perform(partial(CONFIRMED, office), house.mediator, correct="yes", signature="")
    found = agreed.fact()
    assert (found["effective"], found["status"], found["end_code"]) == (True, "effective", "agreed_oral")
    agreed.perform(partial(SEALED, office), house.seal_keeper, confirm=True)
    with agreed.query() as session:
        agreement = lookup.drafted_agreement(session, agreed.case_id)
        assert agreement.effective_at is not None
        assert agreement.effective_at.isoformat() == "2026-03-01T16:00:00+00:00"
        assert {mark.signer_kind for mark in agreement.marks} == {"mediator", "seal"}
        pdf = documents.content_of(session, agreement.file_sha256 or "")
    assert verify.verify(pdf, [issuer.certificate_pem], house.clock()).ok
    for party in (agreed.party(0), agreed.party(2)):
        rows = documents.list_documents(house.engine, party, agreed.case_id)
        assert [row.kind for row in rows] == [oral_agreements.KIND]
    with pytest.raises(errors.AlreadyMarked):
        agreed.perform(partial(SEALED, office), house.seal_keeper, confirm=True)
