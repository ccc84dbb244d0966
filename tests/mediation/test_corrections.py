"""Corrections: what of a party is put right is kept as it was kept before, and found again by it."""

import pytest
from sqlalchemy import select

from engine import errors
from engine.documents import authority
from engine.documents.render import Renderer
from engine.mediation import compartments, contacts, documents, lookup, traces
from engine.mediation.corrections import Correction, correct_party, return_text
from engine.mediation.office import Office
from engine.models.base import new_id
from engine.models.records import AuditRow

from .conftest import Desk, scanned_sheet
from .test_groups import ON_PAPER, SAYS_NO, Group

PHONE, IDENTITY = "13700001234", "11010119800101123X"


def correct(desk: Desk | Group, position: int = 0, **right: str) -> None:
    party_id = desk.party_ids[position]
    correct_party(
        desk.house.engine, desk.house.reception, desk.case_id, Correction(party_id, **right), new_id()
    )


def test_numbers_are_kept_encrypted_and_what_was_not_given_stays(desk: Desk) -> None:
    desk.register()
    correct(desk, phone=PHONE)
    correct(desk, id_number=IDENTITY)
    with desk.command() as session:
        party = lookup.party_of(session, desk.case_id, desk.party_ids[0])
        inside = compartments.ensure(session, desk.house.engine.keys, desk.case_id)
        assert contacts.contact_of(inside, party) == (IDENTITY, PHONE)
        assert (party.phone, party.id_number) == ("", "")
        assert party.name


def test_a_party_is_traced_by_what_is_right_and_no_more_by_what_was_wrong(desk: Desk) -> None:
    desk.register()
    correct(desk, name="周正")
    keys = desk.house.engine.keys
    with desk.query() as session:
        found = select(traces.TRACES.c.tenant_id, traces.TRACES.c.digest).where(
            traces.TRACES.c.party_id == desk.party_ids[0], traces.TRACES.c.kind == "name"
        )
        ((tenant_id, digest),) = session.execute(found).all()
    assert digest == traces.digest(keys, tenant_id, "name", "周正")


def test_a_correction_is_in_the_record_without_what_was_corrected(desk: Desk) -> None:
    desk.register()
    correct(desk, name="周正")
    with desk.query() as session:
        row = session.scalars(select(AuditRow).where(AuditRow.action == "party.corrected")).one()
    assert (row.law_ref, row.actor_id) == ("《人民调解法》第二十七条", desk.house.reception.id)


def test_only_the_cases_own_mediator_or_a_chief_mediator_has_it_drafted_again(desk: Desk) -> None:
    desk.register().consent().appoint().draft()
    with pytest.raises(errors.Refusal) as refused:
        return_text(desk.house.engine, desk.house.reception, desk.case_id, new_id())
    assert isinstance(refused.value, errors.Forbidden)


def test_there_is_nothing_to_draft_again_before_the_first_text(desk: Desk) -> None:
    desk.register().consent().appoint()
    with pytest.raises(errors.NotFound):
        return_text(desk.house.engine, desk.house.mediator, desk.case_id, new_id())


def test_nothing_changes_of_a_household_once_a_copy_of_the_text_is_signed(
    desk: Desk, renderer: Renderer, issuer: authority.Authority
) -> None:
    group = Group.of(desk).offer()
    scan = documents.store_file(group.house.engine, group.house.reception, "sheet.png", scanned_sheet())
    group.close(ON_PAPER, SAYS_NO, SAYS_NO, office=Office(renderer, issuer), scan=[scan])
    with pytest.raises(errors.LawForbids, match="already bears marks"):
        correct(group, name="周正")
