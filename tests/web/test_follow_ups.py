"""The performance of an agreement on the pages: recorded by staff, refused at its place, read by parties."""

import datetime as dt
import io
import re
import shutil
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace

import pypdfium2
import pytest
from sqlalchemy import update
from werkzeug.test import TestResponse

from engine.models.base import table
from engine.models.cases import Case, Party
from engine.sessions import Sessions
from web import make_app

from ..conftest import TENANT, add_person
from .conftest import Browser, Office, Played, Settings

At = Callable[[str], Office]
OWED, LATE = "尚欠2,561.00元", dt.datetime(2026, 10, 20, 2, tzinfo=dt.UTC)
NOTE = "银行回单尾号0917"


@pytest.fixture
def office(office_at: At) -> Iterator[Office]:
    yield from overdue(office_at("end"))


@pytest.fixture(scope="module")
def unchanged(played: Played, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """The same for the tests that change nothing, once for all."""
    copied = shutil.copy(played.databases / "end.db", tmp_path_factory.mktemp("owed") / "woshou.db")
    engine = replace(played.stage.engine, sessions=Sessions(f"sqlite:///{copied}"))
    app = make_app(engine, Settings())  # type: ignore[arg-type]
    yield from overdue(Office(engine, played.stage.clock, played.case_id, app))
    engine.sessions.dispose()


def overdue(office: Office) -> Iterator[Office]:
    """An agreement of labour law that binds: 2,561 yuan until 16 October, and now it is the 20th."""
    cases, parties = table(Case), table(Party)
    with office.engine.sessions.command(TENANT) as session:
        session.execute(update(cases).where(cases.c.tenant_id == TENANT).values(dispute_type="labour"))
        of_debtor = (parties.c.tenant_id == TENANT, parties.c.side == "respondent")
        session.execute(update(parties).where(*of_debtor).values(kind="legal"))
    before = office.clock.moment
    office.clock.moment = LATE
    yield office
    office.clock.moment = before


def path(office: Office) -> str:
    return f"/cases/{office.case_id}/follow-ups"


def record(browser: Browser, office: Office, **given: str) -> TestResponse:
    """Send the form of the one part, as a mediator fills it in."""
    (address,) = re.findall(rf'action="({path(office)}/[^"]+)"', browser.get(path(office)).text)
    sent = {"result": "performed", "happened_on": "2026-10-20", "both_agree": "no", "note": NOTE}
    return browser.post(address, **sent | given)


def owed(page: TestResponse) -> str:
    """What the page says of the agreement's money, and how its one part stands."""
    (left,) = re.findall(r"已付[\d,.]+元，(尚欠[\d,.]+元)", page.text)
    (state,) = re.findall(r'<span class="tag[^"]*">([^<]+)</span>', page.text.split("协议的各项")[1])
    return f"{left} {state}"


def test_there_is_nothing_to_record_before_an_agreement_binds(office_at: At) -> None:
    office = office_at("draft_agreement")
    mediator = office.person("mediator")
    page = mediator.get(path(office))
    assert "还没有生效的协议" in page.text
    assert "协议的履行" not in mediator.get(f"/cases/{office.case_id}").text
    sent = {"result": "performed", "happened_on": "2026-10-13", "note": NOTE, "key": "k"}
    refused = mediator.post(f"{path(office)}/unknown", **sent)
    assert refused.status_code == 409
    assert "协议还没有生效" in refused.text


@pytest.mark.parametrize("who", ["reception", "mediator"])
def test_the_case_page_says_what_is_owed_and_leads_to_where_it_is_recorded(
    unchanged: Office, who: str
) -> None:
    person = unchanged.person(who)
    case = person.get(f"/cases/{unchanged.case_id}").text
    assert OWED in case.split("协议的履行")[1]
    assert f'href="{path(unchanged)}"' in case
    assert owed(person.get(path(unchanged))) == f"{OWED} 已到期，还没有登记"
    english = person.english().get(path(unchanged)).text
    assert "2,561.00 yuan, of it 0.00 paid, 2,561.00 still owed" in english
    assert "due, nothing recorded" in english


def test_it_is_paid_in_part_put_off_and_performed_and_the_record_keeps_each(office: Office) -> None:
    person = office.person("mediator")
    page = record(person, office, result="part", amount="￥１,561.00 元")
    assert "已登记" in page.text
    assert owed(page) == "尚欠1,000.00元 已到期，还没有登记"
    page = record(person, office, result="deferred", due_on="2026-11-20", both_agree="yes", note="书面同意")
    assert owed(page) == "尚欠1,000.00元 还没到期"
    assert "2026年11月20日" in page.text
    page = record(office.person("reception"), office)
    assert owed(page) == "尚欠0.00元 已履行"
    assert "登记履行情况</summary>" not in page.text
    case = person.get(f"/cases/{office.case_id}").text
    assert [said in case for said in ("1,561.00", "书面同意", NOTE)] == [True] * 3
    assert case.count("登记了协议的履行情况") == 3


def test_a_form_sent_twice_is_one_entry_and_without_the_page_s_token_none(office: Office) -> None:
    person = office.person("mediator")
    page = record(person, office, result="part", amount="1000", key="once")
    page = record(person, office, result="part", amount="1000", key="once")
    assert owed(page) == "尚欠1,561.00元 已到期，还没有登记"
    assert record(person, office, csrf_token="wrong").status_code == 400
    assert owed(person.get(path(office))) == "尚欠1,561.00元 已到期，还没有登记"


@pytest.mark.parametrize(
    ("place", "given", "said"),
    [
        ("result", {"result": ""}, "请从这些里面选一个"),
        ("note", {"note": " "}, "请填写这一项"),
        ("happened_on", {"happened_on": ""}, "请填写这一项"),
        ("happened_on", {"happened_on": "2026-10-32"}, "日期"),
        ("happened_on", {"happened_on": "2026-10-21"}, "2026"),
        ("happened_on", {"result": "not_performed", "happened_on": "2026-10-16"}, "过后才算没有履行"),
        ("amount", {"result": "part", "amount": "一千"}, "请用数字写金额"),
        ("amount", {"result": "part", "amount": "NaN"}, "请用数字写金额"),
        ("amount", {"result": "part", "amount": "2561"}, "小于尚欠的2561.00元"),
        ("amount", {"amount": "5"}, "只有部分履行时才填写金额"),
        ("due_on", {"result": "deferred", "both_agree": "yes"}, "请填写这一项"),
        ("due_on", {"due_on": "2026-11-01"}, "只有延期才填写新的期限"),
        ("both_agree", {"result": "deferred", "due_on": "2026-11-20"}, "只有双方都同意才能延期"),
        ("claim", {"claim": "wages"}, "只有用人单位依劳动法欠的钱才能这样申请"),
    ],
)
def test_what_can_not_be_is_refused_at_its_place_and_what_was_typed_stays(
    unchanged: Office, place: str, given: dict[str, str], said: str
) -> None:
    person = unchanged.person("mediator")
    page = record(person, unchanged, **{"note": NOTE} | given)
    assert page.status_code == 422
    ((anchor, text),) = re.findall(r'<a href="#(part-[^"]+)">([^<]+)</a>', page.text)
    assert (anchor.endswith(f"-{place}"), said in text) == (True, True), text
    assert f'id="{anchor}-error">{text}' in page.text
    assert '<details class="fold" open>' in page.text
    for value in given.values():
        assert f'value="{value}"' in page.text or not value.strip(), value
    assert NOTE in page.text or "note" in given
    assert owed(person.get(path(unchanged))) == f"{OWED} 已到期，还没有登记"


def test_of_wages_not_paid_the_worker_s_papers_are_saved_and_only_the_worker_learns_of_them(
    office: Office,
) -> None:
    person = office.person("mediator")
    assert "申请支付令的材料" not in person.get(path(office)).text
    page = record(person, office, result="not_performed", claim="wages", note="催了两次没有付")
    assert owed(page) == f"{OWED} 未履行"
    creditor = office.party_id("罗小琴")
    address = f"/cases/{office.case_id}/payment-order"
    assert f'name="creditor" value="{creditor}"' in page.text
    early = person.post(address, creditor=creditor)
    assert early.status_code == 409
    office.work()
    person.get(path(office))
    saved = person.post(address, creditor=creditor)
    assert (saved.status_code, saved.mimetype) == (200, "application/zip")
    with zipfile.ZipFile(io.BytesIO(saved.data)) as packet:
        names = packet.namelist()
        application = packet.read(next(name for name in names if "支付令申请书" in name))
    assert [name.partition(" ")[2] for name in names[1:]] == [
        "支付令申请书（罗小琴）.pdf", "人民调解协议书.pdf", "履行情况记录.txt",
    ]  # fmt: skip
    with pypdfium2.PdfDocument(application) as pdf:
        text = "".join(pdf[0].get_textpage().get_text_range().split())
    for said in ("支付令申请书", "劳动报酬人民币2561.00元", "贰仟伍佰陆拾壹元整", "催了两次没有付"):
        assert said in text.replace(",", "")
    assert "支付令申请书" in office.party("罗小琴").get("/party").text
    assert "支付令" not in office.party("陈大勇").get("/party").text
    person.get(path(office))
    assert person.post(address, creditor=office.party_id("陈大勇")).status_code == 409
    court = office.person("chief")
    court.get(f"/cases/{office.case_id}")
    with zipfile.ZipFile(io.BytesIO(court.post(f"/cases/{office.case_id}/court-packet").data)) as packet:
        assert not [name for name in packet.namelist() if "支付令" in name or "履行" in name]


@pytest.mark.parametrize("name", ["罗小琴", "陈大勇"])
def test_a_party_reads_what_is_owed_by_the_agreement_and_nothing_that_the_staff_wrote(
    office: Office, name: str
) -> None:
    record(office.person("mediator"), office, result="part", amount="61", note=NOTE)
    page = office.party(name).get("/party").text
    assert "支付余下的赔偿款" in page.split("协议的履行")[1]
    assert "已付61.00元，尚欠2,500.00元" in page
    for hidden in (NOTE, "登记履行情况", "登记了协议的履行情况"):
        assert hidden not in page


def test_who_has_no_part_in_it_neither_sees_nor_records_it(unchanged: Office) -> None:
    (body,) = unchanged.bodies()
    add_person(unchanged.engine, TENANT, body, "mediator", "other")
    for who, status in (("other", 404), ("seal", 403)):
        person = unchanged.person(who)
        assert person.get(path(unchanged)).status_code == status
        refused(unchanged, person, status)
    assert "罗小琴" not in unchanged.person("other").get("/cases").text
    seals = unchanged.person("seal").get(f"/cases/{unchanged.case_id}").text
    assert (OWED in seals, f'href="{path(unchanged)}"' in seals) == (True, False)
    party = unchanged.party("罗小琴")
    assert party.get(path(unchanged)).status_code == 404
    refused(unchanged, party, 404)
    stranger = Browser(unchanged.app.test_client())
    assert stranger.get(path(unchanged)).request.path == "/sign-in"
    assert stranger.post(f"{path(unchanged)}/x", note=NOTE, key="k").status_code == 401
    assert NOTE not in unchanged.person("mediator").get(f"/cases/{unchanged.case_id}").text


def refused(office: Office, person: Browser, status: int) -> None:
    sent = {"result": "performed", "happened_on": "2026-10-20", "note": NOTE, "key": "k"}
    assert person.post(f"{path(office)}/x", **sent).status_code == status
    creditor = office.party_id("罗小琴")
    answer = person.post(f"/cases/{office.case_id}/payment-order", creditor=creditor, key="p")
    assert answer.status_code == status
