import datetime as dt
from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import calendar, errors, mediation
from engine.documents import authority
from engine.documents.render import Renderer
from engine.mediation import agreements, documents, lookup, marks, office, sheets
from engine.models.agreements import Mark
from engine.policy import Actor
from engine.services import Call, Step

from ..conftest import MORNING, TENANT
from .conftest import TODAY, Desk, obligation, scanned_sheet

SIGNERS = [("party", "a"), ("party", "b"), ("party", "c"), ("mediator", "m"), ("seal", "k")]
MOMENTS = st.datetimes(dt.datetime(2026, 1, 1), dt.datetime(2027, 1, 1), timezones=st.just(dt.UTC))
NOWHERE = office.Office(None, None)  # type: ignore[arg-type]


def mark(signer: tuple[str, str], **columns: object) -> Mark:
    return Mark(signer_kind=signer[0], signer_id=signer[1], **columns)


@given(st.lists(MOMENTS, min_size=5, max_size=5), st.permutations(range(5)))
def test_an_agreement_binds_from_its_last_mark_in_whatever_order_they_are_made(
    moments: list[dt.datetime], order: list[int]
) -> None:
    made = [mark(SIGNERS[index], made_at=moments[index]) for index in order]
    for count in range(5):
        assert marks.effective_at(made[:count], SIGNERS) is None
    assert marks.effective_at(made, SIGNERS) == max(moments)


@given(st.lists(st.dates(dt.date(2026, 1, 1), dt.date(2027, 1, 1)), min_size=5, max_size=5))
def test_on_paper_the_latest_confirmed_day_counts_from_its_first_moment(made_on: list[dt.date]) -> None:
    made = [mark(signer, made_on=day) for signer, day in zip(SIGNERS, made_on, strict=True)]
    assert marks.effective_at(made, SIGNERS) is None
    for one in made:
        one.confirmed_by = "somebody"
    found = marks.effective_at(made, SIGNERS)
    assert found is not None
    assert calendar.day_of(found) == max(made_on)
    assert calendar.day_of(found - dt.timedelta(microseconds=1)) == max(made_on) - calendar.ONE


def test_a_mark_of_somebody_else_does_not_stand_in_for_a_missing_one() -> None:
    made = [mark(signer, made_at=MORNING) for signer in SIGNERS[1:]]
    assert marks.effective_at([*made, mark(("party", "z"), made_at=MORNING)], SIGNERS) is None


def test_no_marks_at_all_bind_nobody() -> None:
    assert marks.effective_at([], []) is None


def electronic(desk: Desk, actor: Actor) -> None:
    def sign(step: Step) -> None:
        marks.party_mark_made(NOWHERE, step)

    desk.perform(sign, actor, read=True, signature="data:image/png;base64,AAAA")


def seal(desk: Desk, actor: Actor) -> None:
    desk.perform(lambda step: marks.agreement_sealed(NOWHERE, step), actor, confirm=True)


@pytest.mark.parametrize("subject", ["inheritance", "status", "utility_cut"])
def test_no_electronic_mark_is_made_where_the_law_wants_paper(desk: Desk, subject: str) -> None:
    desk.ready_to_sign(subjects=[subject])
    with pytest.raises(errors.LawForbids, match=r"Electronic Signature Law Art\. 3"):
        electronic(desk, desk.party(0))
    with pytest.raises(errors.LawForbids, match=r"Electronic Signature Law Art\. 3"):
        seal(desk, desk.house.seal_keeper)
    with pytest.raises(errors.LawForbids, match=r"Electronic Signature Law Art\. 3"):
        desk.perform(lambda step: marks.mediator_mark_made(NOWHERE, step), desk.house.mediator, read=True)


def test_no_mark_is_made_before_all_have_agreed_to_the_method(desk: Desk) -> None:
    desk.ready_to_sign()
    with pytest.raises(errors.LawForbids, match=r"Electronic Signature Law Art\. 13"):
        electronic(desk, desk.party(0))


def test_a_text_that_was_not_approved_is_not_signed(desk: Desk) -> None:
    desk.register().consent().appoint().draft().agree()
    with pytest.raises(errors.LawForbids, match="Mediation Law Art. 3 "):
        electronic(desk, desk.party(0))


def test_staff_do_not_sign_for_a_party_nor_strangers(desk: Desk) -> None:
    desk.ready_to_sign().agree()
    with pytest.raises(errors.Forbidden):
        electronic(desk, desk.house.reception)
    with pytest.raises(errors.NotFound):
        electronic(desk, Actor(TENANT, "x", "x", frozenset({"party"}), party_id="x"))


def test_a_mediator_does_not_seal_the_same_agreement(desk: Desk) -> None:
    desk.ready_to_sign().agree()
    mediator = desk.house.mediator
    both = Actor(TENANT, mediator.id, mediator.name, frozenset({"mediator", "seal_keeper"}))
    with pytest.raises(errors.MediatorSeals):
        seal(desk, both)
    with pytest.raises(errors.Forbidden):
        seal(desk, desk.house.chief_mediator)


def test_who_mediated_when_the_text_was_drafted_or_signed_does_not_seal_it_for_the_next_mediator(
    desk: Desk,
) -> None:
    desk.ready_to_sign().agree()
    first, keeper = desk.house.mediator, desk.house.seal_keeper
    both = Actor(TENANT, first.id, first.name, frozenset({"mediator", "seal_keeper"}))
    with desk.command() as session:
        lookup.case_of(session, desk.case_id).mediator_id = desk.house.reception.id
    with pytest.raises(errors.MediatorSeals):
        seal(desk, both)
    with desk.command() as session:
        agreement = lookup.drafted_agreement(session, desk.case_id)
        agreement.marks.append(
            Mark(
                tenant_id=TENANT, id="m", medium="electronic", signer_kind="mediator", signer_id=keeper.id,
                name="名", kind="signature", made_at=MORNING, entered_by=keeper.id,
            )
        )  # fmt: skip
    with pytest.raises(errors.MediatorSeals):
        seal(desk, keeper)


def test_somebody_who_left_has_the_text_drafted_again(desk: Desk) -> None:
    desk.ready_to_sign(1, 2).agree()
    with desk.command() as session:
        lookup.parties_of(session, desk.case_id)[2].withdrawn_at = MORNING
    with pytest.raises(errors.TextOutdated):
        electronic(desk, desk.party(0))


Receive = Callable[[Desk, list[str]], None]


@pytest.fixture
def receive(renderer: Renderer, issuer: authority.Authority) -> Receive:
    def taken(desk: Desk, scan: list[str]) -> None:
        effect = partial(sheets.signed_sheet_received, office.Office(renderer, issuer))
        desk.perform(effect, desk.house.mediator, scan=scan, complete=True)

    return taken


def upload(desk: Desk, content: bytes) -> str:
    return documents.store_file(desk.house.engine, desk.house.mediator, "扫描", content)


def rows(desk: Desk, *made_on: dt.date) -> list[dict[str, object]]:
    signers = [*desk.party_ids, "mediator", "committee"]
    kinds = ["fingerprint"] * len(desk.party_ids) + ["signature", "seal"]
    given = made_on or (TODAY,) * len(signers)
    return [
        {"signer": signer, "kind": kind, "made_on": day}
        for signer, kind, day in zip(signers, kinds, given, strict=True)
    ]


def enter(desk: Desk, *made_on: dt.date) -> None:
    desk.perform(sheets.marks_entered, desk.house.seal_keeper, marks=rows(desk, *made_on))


@pytest.fixture
def sheet(desk: Desk, receive: Receive) -> Desk:
    desk.ready_to_sign(subjects=["inheritance"])
    desk.house.clock.forward(days=10)
    receive(desk, [upload(desk, scanned_sheet())])
    return desk


def test_a_paper_agreement_binds_from_its_latest_date_and_not_from_the_upload(sheet: Desk) -> None:
    made_on = [TODAY + calendar.ONE * number for number in (1, 5, 2, 3)]
    enter(sheet, *made_on)
    assert sheet.fact()["effective"] is False
    sheet.house.clock.forward(days=3)
    sheet.perform(sheets.marks_confirmed, sheet.house.chief_mediator, confirm="yes")
    with sheet.query() as session:
        found = lookup.drafted_agreement(session, sheet.case_id).effective_at
    assert found == calendar.start_of(max(made_on))
    assert (sheet.fact()["effective"], sheet.fact()["status"]) == (True, "effective")


def test_the_one_who_entered_the_dates_does_not_confirm_them(sheet: Desk) -> None:
    enter(sheet)
    with pytest.raises(errors.SamePersonConfirms):
        sheet.perform(sheets.marks_confirmed, sheet.house.seal_keeper, confirm="yes")


def test_dates_that_do_not_fit_are_entered_again(sheet: Desk) -> None:
    enter(sheet)
    sheet.perform(sheets.marks_confirmed, sheet.house.chief_mediator, confirm="no", difference="日期有误")
    assert sheet.fact()["effective"] is False
    enter(sheet, *[TODAY + calendar.ONE] * 4)
    sheet.perform(sheets.marks_confirmed, sheet.house.chief_mediator, confirm="yes")
    with sheet.query() as session:
        agreement = lookup.drafted_agreement(session, sheet.case_id)
        assert agreement.effective_at == calendar.start_of(TODAY + calendar.ONE)
        assert len(agreement.marks) == 4


def test_nobody_s_mark_is_left_out_or_entered_twice(sheet: Desk) -> None:
    short = rows(sheet)[:3]
    with pytest.raises(errors.InvalidAnswers) as refused:
        sheet.perform(sheets.marks_entered, sheet.house.seal_keeper, marks=short)
    assert set(refused.value.errors) == {"marks"}
    twice = [*rows(sheet)[:3], rows(sheet)[0]]
    with pytest.raises(errors.InvalidAnswers) as refused:
        sheet.perform(sheets.marks_entered, sheet.house.seal_keeper, marks=twice)
    assert set(refused.value.errors) == {"marks", "marks.3.signer"}


def test_marks_are_not_dated_before_the_draft_or_after_today(sheet: Desk) -> None:
    late = calendar.day_of(sheet.house.clock()) + calendar.ONE
    with pytest.raises(errors.InvalidAnswers) as refused:
        enter(sheet, TODAY - calendar.ONE, late, TODAY, TODAY)
    assert set(refused.value.errors) == {"marks.0.made_on", "marks.1.made_on"}


def test_the_mediator_signs_and_the_committee_seals(sheet: Desk) -> None:
    wrong = rows(sheet)
    wrong[2]["kind"], wrong[3]["kind"] = "seal", "signature"
    with pytest.raises(errors.InvalidAnswers) as refused:
        sheet.perform(sheets.marks_entered, sheet.house.seal_keeper, marks=wrong)
    assert set(refused.value.errors) == {"marks.2.kind", "marks.3.kind"}


def test_without_a_readable_sheet_there_is_nothing_to_enter(desk: Desk, receive: Receive) -> None:
    desk.ready_to_sign(subjects=["inheritance"])
    with pytest.raises(errors.NotReady):
        enter(desk)
    for scan in ([], ["0" * 64], [upload(desk, scanned_sheet()), upload(desk, b"%PDF-broken")]):
        with pytest.raises(errors.InvalidAnswers) as refused:
            receive(desk, scan)
        assert set(refused.value.errors) == {"scan"}


def test_mediator_and_seal_keeper_of_a_sheet_are_two_people(sheet: Desk) -> None:
    mediator = sheet.house.mediator
    both = Actor(TENANT, mediator.id, mediator.name, frozenset({"mediator", "seal_keeper"}))
    with pytest.raises(errors.MediatorSeals):
        sheet.perform(sheets.marks_entered, both, marks=rows(sheet))
    with sheet.command() as session:
        lookup.case_of(session, sheet.case_id).mediator_id = sheet.house.reception.id
    with pytest.raises(errors.MediatorSeals):
        sheet.perform(sheets.marks_entered, both, marks=rows(sheet))


def test_the_system_seals_no_sheet_whose_marks_nobody_has_confirmed(
    sheet: Desk, renderer: Renderer, issuer: authority.Authority
) -> None:
    seal_sheet = mediation.services(renderer, issuer).tasks["seal_signed_sheet"]
    call = Call(sheet.house.engine, TENANT, sheet.case_id, "1", {})
    for _ in range(2):
        with pytest.raises(errors.LawForbids, match=r"Art\. 29"):
            seal_sheet.work(call)
        enter(sheet)


def test_copies_go_to_every_party_once_the_agreement_binds(sheet: Desk) -> None:
    enter(sheet)
    sheet.perform(sheets.marks_confirmed, sheet.house.chief_mediator, confirm="yes")
    served = calendar.day_of(sheet.house.clock())
    copies = [{"party_id": one, "manner": "paper", "served_on": served} for one in sheet.party_ids]
    early = [
        copies[0] | {"served_on": TODAY - calendar.ONE},
        copies[1] | {"served_on": served + calendar.ONE},
    ]
    with pytest.raises(errors.InvalidAnswers) as refused:
        sheet.perform(agreements.copies_served, sheet.house.reception, copies=early)
    assert set(refused.value.errors) == {"copies.0.served_on", "copies.1.served_on"}
    sheet.perform(agreements.copies_served, sheet.house.reception, copies=copies)
    with sheet.query() as session:
        served_on = [party.copy_served_on for party in lookup.parties_of(session, sheet.case_id)]
    assert served_on == [served, served]


def test_what_binds_can_not_be_drafted_again(sheet: Desk) -> None:
    enter(sheet)
    with pytest.raises(errors.LawForbids, match=r"Art\. 29"):
        sheet.draft(obligations=[obligation(*sheet.party_ids, due_on=TODAY + calendar.ONE * 30)])
