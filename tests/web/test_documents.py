import re
from collections.abc import Callable
from io import BytesIO

import pytest
from PIL import Image

from engine import errors
from engine.mediation import documents
from web import previews, words

from .conftest import Office

At = Callable[[str], Office]


def addresses(text: str) -> list[str]:
    return sorted(set(re.findall(r'href="(/documents/[^"?]+)"', text)))


def test_a_document_opens_under_its_title(office_at: At) -> None:
    office = office_at("end")
    reception = office.person("reception")
    for address in addresses(reception.get(f"/cases/{office.case_id}").text):
        answer = reception.client.get(address, buffered=True)
        assert answer.content_type == "application/pdf"
        named = answer.headers["Content-Disposition"]
        assert named.startswith("inline")
        assert "filename*=UTF-8''%" in named
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_document_is_saved_on_demand(office_at: At) -> None:
    office = office_at("end")
    reception = office.person("reception")
    address = addresses(reception.get(f"/cases/{office.case_id}").text)[0]
    saved = reception.client.get(f"{address}?save=1", buffered=True)
    assert saved.headers["Content-Disposition"].startswith("attachment")


def test_a_document_of_others_does_not_exist(office_at: At) -> None:
    office = office_at("invite_party")
    address = addresses(office.person("reception").get(f"/cases/{office.case_id}").text)[0]
    assert office.person("mediator").get(address).status_code == 404
    assert office.person("mediator").get(f"{address}/pages/1.png").status_code == 404
    assert office.app.test_client().get(address).status_code == 303
    assert office.party("陈大勇").get(address).status_code == 404


def test_a_page_is_as_wide_as_its_paper_and_there_is_none_beyond_the_last(office_at: At) -> None:
    office = office_at("end")
    reception = office.person("reception")
    page = reception.get(f"/cases/{office.case_id}").text
    pdf = reception.client.get(addresses(page)[0], buffered=True).data
    picture = Image.open(BytesIO(previews.page_picture(pdf, 1)))
    assert picture.width == pytest.approx(595 * previews.DOTS_PER_POINT, abs=2)
    for number in (0, previews.page_count(pdf) + 1):
        with pytest.raises(errors.NotFound):
            previews.page_picture(pdf, number)


def test_the_agreement_stands_beside_the_tasks_that_mark_it_only(office_at: At) -> None:
    office = office_at("check_legality")
    chief = office.person("chief").get(f"/tasks/{office.task_id('check_legality')}")
    assert "/pages/1.png" in chief.text
    office = office_at("invite_party")
    invite = office.person("reception").get(f"/tasks/{office.task_id('invite_party')}")
    assert "/pages/1.png" not in invite.text


def test_every_kind_of_document_has_a_word_in_both_languages(office_at: At) -> None:
    office = office_at("end")
    reception = office.person("reception")
    text = reception.get(f"/cases/{office.case_id}").text
    assert all(title in text for title in ("调解申请受理回执", "人民调解协议书"))
    english = reception.english().get(f"/cases/{office.case_id}").text
    assert "mediation agreement" in english
    assert set(documents.TITLES) <= set(words.DOCUMENTS)
