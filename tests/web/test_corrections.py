"""The page of corrections: a wrong name, and a wrong amount that somebody sees before anybody has signed."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from engine.models.processes import UserTask

from ..conftest import TENANT
from .conftest import Browser, Office

At = Callable[[str], Office]
WRONG, RIGHT = "陈大勇", "陈大永"


def open_nodes(office: Office) -> list[str]:
    with office.engine.sessions.query(TENANT) as session:
        return list(session.scalars(select(UserTask.node_id).where(UserTask.status == "open")))


def correct(browser: Browser, office: Office, **right: str) -> str:
    path = f"/cases/{office.case_id}/corrections"
    browser.get(path)
    return browser.post(f"{path}/party", party_id=office.party_id(WRONG), **right).text


def test_a_wrong_name_is_put_right_and_the_case_is_found_by_the_right_one(office_at: At) -> None:
    office = office_at("record_consent")
    reception = office.person("reception")
    assert f"/cases/{office.case_id}/corrections" in reception.get(f"/cases/{office.case_id}").text
    said = correct(reception, office, name=RIGHT, phone="１３９　００００　１２９９")
    assert "已经更正" in said
    assert "更正当事人信息" in said
    assert f"<dd>{RIGHT}" in said
    assert f"<dd>{WRONG}" not in said
    assert "139 0000 1299" in said
    assert "共1件" in reception.get(f"/cases?search={RIGHT}").text
    assert "共1件" not in reception.get(f"/cases?search={WRONG}").text
    assert open_nodes(office) == ["record_consent"]


def test_a_name_put_right_has_the_unsigned_agreement_drafted_again(office_at: At) -> None:
    office = office_at("agree_signing_method")
    correct(office.person("mediator"), office, name=RIGHT)
    assert open_nodes(office) == ["draft_agreement"]
    page = office.person("mediator").get(f"/tasks/{office.task_id('draft_agreement')}?page=4").text
    assert RIGHT in page
    assert WRONG not in page


@pytest.mark.parametrize("node_id", ["check_legality", "agree_signing_method", "sign_agreement"])
def test_a_wrong_amount_goes_back_to_the_mediator_with_all_that_was_written(
    office_at: At, node_id: str
) -> None:
    office = office_at(node_id)
    mediator, path = office.person("mediator"), f"/cases/{office.case_id}/corrections"
    assert f'action="{path}/agreement"' in mediator.get(path).text
    said = mediator.post(f"{path}/agreement").text
    assert "协议已退回重新起草" in said
    assert "退回协议重新起草" in said
    assert "达成一致，起草协议中" in said
    assert "协议尚未生效，还缺" not in said
    assert open_nodes(office) == ["draft_agreement"]
    assert 'value="' in mediator.get(f"/tasks/{office.task_id('draft_agreement')}?page=4").text
    assert "罗小琴左腕骨裂" in mediator.get(f"/tasks/{office.task_id('draft_agreement')}").text


def test_before_the_first_text_there_is_none_to_send_back(office_at: At) -> None:
    office = office_at("draft_agreement")
    path = f"/cases/{office.case_id}/corrections"
    assert f'action="{path}/agreement"' not in office.person("mediator").get(path).text


def test_what_one_of_them_has_signed_is_not_drafted_again(office_at: At) -> None:
    office = office_at("sign_as_mediator")
    mediator, path = office.person("mediator"), f"/cases/{office.case_id}/corrections"
    mediator.get(path)
    refused = mediator.post(f"{path}/agreement")
    assert refused.status_code == 409
    assert "第二十九条" in refused.text
    assert "第二十九条" in correct(mediator, office, name=RIGHT)
    assert open_nodes(office) == ["sign_as_mediator"]


def test_reception_puts_names_right_and_sends_no_agreement_back(office_at: At) -> None:
    office = office_at("check_legality")
    reception, path = office.person("reception"), f"/cases/{office.case_id}/corrections"
    assert f'action="{path}/agreement"' not in reception.get(path).text
    assert reception.post(f"{path}/agreement").status_code == 403
    assert open_nodes(office) == ["check_legality"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "请填写这一项"),
        ({"name": "王" * 101}, "100"),
        ({"phone": "没有"}, "电话"),
        ({"id_number": "1101"}, "18位"),
    ],
)
def test_what_can_not_be_right_is_told_beside_its_field(
    office_at: At, given: dict[str, str], said: str
) -> None:
    page = correct(office_at("record_consent").person("reception"), office_at("record_consent"), **given)
    assert said in page
    assert 'aria-invalid="true"' in page


def test_once_the_agreement_binds_nothing_is_put_right(office_at: At) -> None:
    office = office_at("end")
    mediator, path = office.person("mediator"), f"/cases/{office.case_id}/corrections"
    assert "<form" not in mediator.get(path).text.split("<main")[1].split("</main")[0]
    assert mediator.post(f"{path}/agreement", key="k").status_code == 409
    assert correct(mediator, office, name=RIGHT, key="l").count(RIGHT) == 0
