from typing import Any

import pytest

from engine import errors
from engine.documents import authority
from engine.documents.render import Renderer
from engine.mediation import agreements, cases, papers
from engine.mediation.office import Office

from .conftest import Desk, dispute, person, text

EMOJI = "😀"
RARE = "陈\U00030010勇"


@pytest.fixture
def office(renderer: Renderer, issuer: authority.Authority) -> Office:
    return Office(renderer, issuer)


def refused_at(desk: Desk, office: Office, **answers: Any) -> dict[str, Any]:
    registered = papers.printable(office, cases.case_registered)
    with pytest.raises(errors.InvalidAnswers) as refused:
        desk.perform(registered, desk.house.reception, **dispute() | answers)
    assert refused.value.status == 422
    return dict(refused.value.errors)


def test_a_name_that_no_paper_can_show_is_refused_where_it_was_typed(desk: Desk, office: Office) -> None:
    found = refused_at(desk, office, respondents=[person("陈大勇"), person(RARE)])
    assert found == {"respondents.1.name": (papers.UNPRINTABLE, {"character": "\U00030010"})}
    assert desk.fact()["parties"] == []


def test_every_field_is_named_at_once(desk: Desk, office: Office) -> None:
    given = {"facts": f"相撞{EMOJI}", "requests": [{"text": "赔偿"}, {"text": f"还我钱{EMOJI}"}]}
    assert set(refused_at(desk, office, **given)) == {"facts", "requests.1.text"}


def test_what_can_be_printed_is_registered(desk: Desk, office: Office) -> None:
    registered = papers.printable(office, cases.case_registered)
    given = dispute() | {"facts": "三轮车相撞。\r\n𠮷先生 (San Zhang) ¥1,200.00"}
    desk.perform(registered, desk.house.reception, **given)
    assert len(desk.fact()["parties"]) == 2


def test_the_text_of_an_agreement_is_checked_when_it_is_drafted(desk: Desk, office: Office) -> None:
    desk.register().consent().appoint()
    drafted = papers.printable(office, agreements.agreement_drafted)
    given = text(desk.party_ids)
    given["obligations"][0]["action"] = f"支付{EMOJI}"
    with pytest.raises(errors.InvalidAnswers) as refused:
        desk.perform(drafted, desk.house.mediator, **given)
    assert list(refused.value.errors) == ["obligations.0.action"]
