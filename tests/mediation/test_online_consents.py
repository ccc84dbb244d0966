import datetime as dt

import pytest
from sqlalchemy import select

from engine import errors
from engine.mediation import EFFECTS, compartments, online_consents
from engine.mediation.lookup import parties_of
from engine.mediation.online import consents_of
from engine.mediation.online_consents import address_of

from ..conftest import House
from .conftest import TODAY, add_case, person
from .online import AGREES, Online

ADDRESS = "139-0000-4401"


@pytest.fixture
def online(house: House) -> Online:
    return Online(house, add_case(house))


def test_everybody_is_asked_once_and_a_refusal_sends_the_case_to_talks_face_to_face(online: Online) -> None:
    online.open()
    assert online.now()["parties_to_ask"] == online.party_ids
    rows = [{"party_id": one} | AGREES for one in online.party_ids]
    rows[1]["online"] = "no"
    online.take(online_consents.online_consented, consents=rows)
    assert online.now()["parties_to_ask"] == online.party_ids[1:]
    assert online.case().path == "face_to_face"
    online.agree()
    assert online.now()["parties_to_ask"] == []


@pytest.mark.parametrize("twice", [True, False])
def test_an_answer_is_missing_or_double(online: Online, twice: bool) -> None:
    online.open()
    ids = [online.party_ids[0]] * (2 if twice else 1)
    with pytest.raises(errors.InvalidAnswers):
        online.take(online_consents.online_consented, consents=[{"party_id": one} | AGREES for one in ids])


def test_nobody_is_asked_before_mediation_itself_was_agreed_to(online: Online) -> None:
    online.open()
    with online.command() as session:
        parties_of(session, online.case_id)[1].consents = None
    with pytest.raises(errors.LawForbids) as refused:
        online.agree()
    assert refused.value.law_ref == "People's Mediation Law Art. 17"


def test_only_the_mediator_of_the_case_asks(online: Online) -> None:
    online.open()
    rows = [{"party_id": one} | AGREES for one in online.party_ids]
    with pytest.raises(errors.Forbidden):
        online.take(online_consents.online_consented, online.house.reception, consents=rows)


def test_the_address_for_electronic_service_lies_encrypted_and_is_read_by_the_mediator_alone(
    online: Online,
) -> None:
    online.open().agree(e_service="yes", e_address=ADDRESS)
    raw = online.raw("online_consents")
    assert ADDRESS not in str(raw)
    assert ADDRESS.encode() not in b"".join(bytes(row.sealed) for row in raw)
    with online.query() as session:
        compartment = compartments.of_case(session, online.house.engine.keys, online.case_id)
        consent = consents_of(session, online.case_id)[online.party_ids[0]]
        assert compartment is not None
        assert address_of(compartment, consent) == ADDRESS
    assert [one.e_address for one in online.view().parties] == [ADDRESS, ADDRESS]
    for other in (online.house.chief_mediator, online.house.reception):
        assert [one.e_address for one in online.view(other).parties] == ["", ""]


def test_without_consent_to_electronic_service_there_is_no_address(online: Online) -> None:
    online.open().agree()
    with online.query() as session:
        found = session.scalars(select(online_consents.OnlineConsent)).all()
    assert [(row.e_service, row.sealed) for row in found] == [(False, None)] * 2


def test_whoever_refused_electronic_service_gets_its_copy_in_another_way(online: Online) -> None:
    online.open().agree()
    served = [{"party_id": one, "manner": "link", "served_on": TODAY} for one in online.party_ids]
    with pytest.raises(errors.LawForbids) as refused:
        online.take(EFFECTS["copies_served"], online.house.reception, copies=served)
    assert refused.value.law_ref == "Online Mediation Rules Art. 17"
    posted = [row | {"manner": "both"} for row in served]
    with pytest.raises(errors.NotFound):  # there is no agreement yet: this guard had nothing against it
        online.take(EFFECTS["copies_served"], online.house.reception, copies=posted)


def test_online_talks_begin_only_once_all_agreed_and_were_identified(online: Online) -> None:
    online.open()
    with pytest.raises(errors.LawForbids) as refused:
        online.offer(0)
    assert refused.value.law_ref == "Online Mediation Rules Art. 4"
    online.agree()
    with pytest.raises(errors.LawForbids) as refused:
        online.offer(0)
    assert refused.value.law_ref == "Online Mediation Rules Art. 17"
    online.identify().offer(0)
    assert [row.number for row in online.offers()] == [1]


def test_a_party_that_does_not_match_is_checked_on_site(online: Online) -> None:
    online.open().agree().identify(matches="no")
    assert online.case().path == "face_to_face"
    assert online.now()["unidentified"] == online.party_ids
    online.identify()
    assert online.now()["unidentified"] == []
    assert {one.check.level for one in online.view().parties if one.check} == {"image"}


@pytest.mark.parametrize("day", [TODAY + dt.timedelta(days=1), TODAY - dt.timedelta(days=1)])
def test_a_check_was_made_in_the_time_of_the_case(online: Online, day: dt.date) -> None:
    online.open().agree()
    with pytest.raises(errors.InvalidAnswers) as refused:
        online.identify(checked_on=day)
    assert set(refused.value.errors) == {"identities.0.checked_on", "identities.1.checked_on"}


@pytest.mark.parametrize(
    ("kind", "appears"), [("natural", "agent"), ("legal", "self"), ("natural", "representative")]
)
def test_who_appears_fits_the_party(online: Online, kind: str, appears: str) -> None:
    both = [person("甲方", kind=kind, representative="某甲" if kind == "legal" else "")]
    online.open(applicants=both, respondents=[person("乙方", kind=kind)])
    online.agree()
    with pytest.raises(errors.InvalidAnswers) as refused:
        online.identify(appears=appears)
    assert set(refused.value.errors) == {"identities.0.appears", "identities.1.appears"}


def test_the_form_is_told_which_parties_are_organisations(online: Online) -> None:
    online.open(applicants=[person("甲公司", kind="legal", representative="某甲")])
    assert online.now()["organisations"] == online.party_ids[:1]
