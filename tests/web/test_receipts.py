"""The receipt's code and the public page behind it: number, date, committee, and nothing else."""

import re

import pypdfium2
import pytest

from engine.mediation import receipts
from engine.models.cases import Case

from ..conftest import TENANT
from .conftest import Browser, Office
from .test_cases import At

NAMES = ("罗小琴", "陈大勇", "周小梅", "陈国安", "刘正明", "三轮车", "医疗费", "书院路", "道路交通")


@pytest.fixture
def office(office_at: At) -> Office:
    return office_at("draft_agreement")


def code_of(office: Office) -> str:
    with office.engine.sessions.query(TENANT) as session:
        code = session.get_one(Case, (TENANT, office.case_id)).receipt_code
    assert code is not None
    return code


def test_the_page_tells_number_date_and_committee_and_no_name(office: Office) -> None:
    page = Browser(office.app.test_client()).get(f"/verify/{code_of(office)}")
    assert page.status_code == 200
    main = page.text.split("<main")[1].split("</main>")[0]
    told = re.findall(r"<dd>([^<]*)</dd>", main)
    assert told == ["（2026）花滩人调字第0001号", "2026年10月13日", "花滩街道人民调解委员会"]
    for word in (*NAMES, office.case_id):
        assert word not in page.text


def test_the_receipt_bears_the_code_and_it_may_be_typed(office: Office) -> None:
    reception = office.person("reception")
    page = reception.get(f"/cases/{office.case_id}")
    path = re.search(r'href="(/documents/[0-9a-f-]+)">调解申请受理回执', page.text)
    assert path is not None
    with pypdfium2.PdfDocument(reception.client.get(path[1]).data) as document:
        text = "".join("".join(one.get_textpage().get_text_range() for one in document).split())
    typed = re.search(r"核验码：([0-9A-Z]{4}(?:-[0-9A-Z]{4}){3})", text)
    assert typed is not None
    assert f"{office.engine.address}/verify" in text
    shown = Browser(office.app.test_client()).get(f"/verify?code={typed[1].lower()}")
    assert "这份回执是真的" in shown.text


@pytest.mark.parametrize(("language", "said"), [("zh", "这里没有您可以查看的内容"), ("en", "nothing here")])
def test_an_unknown_code_is_a_plain_page_in_the_reader_s_language(
    office: Office, language: str, said: str
) -> None:
    visitor = Browser(office.app.test_client())
    if language == "en":
        visitor.english()
    page = visitor.get("/verify/0000000000000000")
    assert page.status_code == 404
    assert said in page.text


def test_codes_can_t_be_tried_out(office: Office) -> None:
    visitor = Browser(office.app.test_client())
    assert [visitor.get(f"/verify/{index:016d}").status_code for index in range(6)] == [404] * 5 + [429]
    assert visitor.get(f"/verify/{code_of(office)}").status_code == 429


def test_letters_that_look_like_digits_are_taken_for_them(office: Office) -> None:
    code = code_of(office)
    typed = code.replace("0", "o").replace("1", "l").lower()
    assert Browser(office.app.test_client()).get(f"/verify/{typed}").status_code == 200


def test_a_code_has_eighty_bits_and_no_letter_that_is_taken_for_a_digit() -> None:
    codes = {receipts.new_code() for _ in range(1000)}
    assert len(codes) == 1000
    assert {len(code) for code in codes} == {16}
    assert len(receipts.ALPHABET) == 32
    assert not set("ILOU") & set("".join(codes))
