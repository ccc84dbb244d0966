from pathlib import Path

import pypdfium2
import pytest

from engine import errors
from engine.documents.templates import fill

from .samples import (
    NOTICES,
    agreement,
    dossier,
    evidence,
    evidence_list,
    fact_sheet,
    investigation_record,
    obligation,
    oral_register,
    party,
)

DOCUMENTS = Path(__file__).resolve().parents[2] / "processes" / "documents"
CSS = (DOCUMENTS / "print.css").read_text("utf-8")
HOSTILE = "<script>alert(1)</script><img src=x onerror=y>&amp;"


@pytest.fixture
def printed(renderer):
    def print_one(name, context):
        return renderer.render(fill((DOCUMENTS / f"{name}.html").read_text("utf-8"), context), CSS)

    return print_one


def _text(pdf):
    with pypdfium2.PdfDocument(pdf) as document:
        read = "".join(page.get_textpage().get_text_range() for page in document)
    return "".join(read.split())


def test_the_agreement_has_the_fields_of_the_ministry_s_form(printed):
    context = agreement()
    text = _text(printed("agreement", context).pdf)

    for key in ("committee", "number", "facts", "disputed_matters", "responsibility", "mediator", "record"):
        assert context[key] in text, key
    for key in ("name", "gender", "ethnicity", "occupation", "phone", "address"):
        assert context["parties"][0][key] in text, key
    for said in ("46岁", "2,561.00", "贰仟伍佰陆拾壹元整", "银行转账", "不迟于2026年11月30日", "一式3份"):
        assert said in text, said
    assert "三十日内共同" in text


@pytest.mark.parametrize("count", [2, 3, 5, 7, 8])
def test_every_mark_has_a_whole_place_of_its_own(printed, count):
    rendered = printed("agreement", agreement(count, 3))
    names = [*(f"party_{n + 1}" for n in range(count)), "mediator", "seal"]
    boxes = [rendered.boxes[name] for name in names]

    for box in boxes:
        assert box.x2 - box.x1 > 120
        assert box.y2 - box.y1 > 50
        assert box.x1 > 40
        assert box.y1 > 50
        assert box.x2 < 560
        assert box.y2 < 790
    for index, box in enumerate(boxes):
        assert not any(_overlap(box, other) for other in boxes[index + 1 :])


@pytest.mark.parametrize(("name", "sample"), [("agreement", agreement), ("fact_sheet", fact_sheet)])
@pytest.mark.parametrize("method", ["", "paper", "electronic"])
def test_interpreters_sign_on_paper_and_a_fingerprint_is_witnessed_there(printed, name, sample, method):
    speaks = [
        {"name": "阿依古丽", "language": "维吾尔语", "parties": "罗小一"},
        {"name": "何静", "language": "手语", "parties": "罗小一、罗小二"},
    ]
    parties = [party(1, witnesses="王五、赵六"), party(2)]
    rendered = printed(name, sample(method=method, interpreters=speaks, parties=parties))
    text = _text(rendered.pdf)

    for said in ("翻译人员：阿依古丽（维吾尔语）为罗小一翻译", "翻译人员：何静（手语）为罗小一、罗小二翻译"):
        assert said in text
    on_paper = method != "electronic"
    assert text.count("见证人（见证按指印）：王五、赵六") == text.count("见证人签名：") == on_paper
    assert text.count("纸质签署时在下面签名") == 2 * (method == "")
    people = 5 if name == "agreement" else 4
    assert text.count("纸质签署日期") == people * on_paper
    assert {"party_1", "party_2"} <= set(rendered.boxes) <= {"party_1", "party_2", "mediator", "seal"}
    assert rendered.boxes["party_1"].page == rendered.boxes["party_2"].page


def _overlap(one, other):
    apart = one.x2 <= other.x1 or other.x2 <= one.x1 or one.y2 <= other.y1 or other.y2 <= one.y1
    return one.page == other.page and not apart


def test_an_organisation_signs_by_its_representative_and_instalments_are_listed(printed):
    parts = [{"number": "1", "amount": "1,000.00", "due_on": "2026年12月1日"}]
    company = party(
        2, kind="legal", name="清溪物业公司", representative="王建国", agent="孙晴", id_number="91500117MA5U0"
    )
    context = agreement(obligations=[obligation(1, instalments=parts, due_on="")])
    text = _text(printed("agreement", {**context, "parties": [party(1), company]}).pdf)

    for said in (
        "代表人：王建国",
        "委托代理人：孙晴",
        "91500117MA5U0",
        "第1期：1,000.00元，不迟于2026年12月1日",
        "按各期日期",
    ):
        assert said in text, said


@pytest.mark.parametrize(
    ("method", "there", "not_there"),
    [
        ("electronic", "第十三条末款", "纸质签署"),
        ("paper", "纸质签署", "第十三条末款"),
    ],
)
def test_the_note_says_how_it_is_signed(printed, method, there, not_there):
    text = _text(printed("agreement", agreement(method=method)).pdf)

    assert there in text
    assert not_there not in text


def test_an_agreement_without_obligations_still_prints(printed):
    assert "六、其他" in _text(printed("agreement", agreement(duties=0)).pdf)


def test_the_register_of_an_oral_agreement_has_what_the_written_one_has_but_the_parties_marks(printed):
    context = oral_register()
    rendered = printed("oral_register", context)
    text = _text(rendered.pdf)

    for key in ("committee", "number", "facts", "disputed_matters", "mediator", "reached_on", "record"):
        assert context[key] in text, key
    for said in ("罗小一", "陈大勇", "2,561.00", "银行转账", "清溪街道调解中心", "不迟于2026年11月30日"):
        assert said in text, said
    assert "即2026年10月13日起生效" in text
    assert set(rendered.boxes) == {"mediator", "seal"}
    for box in rendered.boxes.values():
        assert box.x2 - box.x1 > 100
        assert box.y2 - box.y1 > 50


def test_the_list_of_evidence_has_each_hash_and_no_name_of_what_is_private(printed):
    rendered = printed("evidence_list", evidence_list())
    text = _text(rendered.pdf)

    for said in ("漏水照片", "两张", "复制件", "罗小一", "ab" * 32, "2026年10月20日", "名称从略", "陈国安"):
        assert said in text, said
    long = printed("evidence_list", evidence_list(items=[evidence(n, name=HOSTILE) for n in range(1, 61)]))
    assert long.pages > 3
    assert _text(long.pdf).count("<script>alert(1)</script>") == 60


@pytest.mark.parametrize("count", [2, 7])
def test_the_sheet_of_undisputed_facts_has_a_place_for_each_party_and_says_what_it_is_not(printed, count):
    context = fact_sheet(count)
    rendered = printed("fact_sheet", context)
    text = _text(rendered.pdf)

    for said in ("一、两车相撞。", "二、已付3600元。", "陈国安", "不是调解协议", "不写任何一方", "罗小一"):
        assert said in text, said
    boxes = [rendered.boxes[f"party_{number + 1}"] for number in range(count)]
    for index, box in enumerate(boxes):
        assert box.x2 - box.x1 > 120
        assert not any(_overlap(box, other) for other in boxes[index + 1 :])


def test_the_investigation_record_has_every_visit_and_places_to_sign_by_hand(printed):
    context = investigation_record()
    text = _text(printed("investigation_record", context).pdf)

    for said in (
        "第1次调查",
        "第2次调查",
        "2026年9月8日",
        "城西老屋",
        "吴阿姨，邻居",
        "界桩还在。",
        "陈国安",
    ):
        assert said in text, said
    assert text.count("被调查人签名") == 1
    assert text.count("记录人签名") == 2


def test_html_in_every_field_shows_as_text(printed):
    hostile = dict.fromkeys(("name", "address", "occupation", "representative", "agent"), HOSTILE)
    context = {**agreement(), "parties": [party(n, **hostile) for n in (1, 2)]}
    for key in ("facts", "disputed_matters", "responsibility", "content", "dispute_type", "mediator"):
        context[key] = HOSTILE
    context["obligations"] = [obligation(1, action=HOSTILE, manner=HOSTILE, place=HOSTILE, debtor=HOSTILE)]

    text = _text(printed("agreement", context).pdf)

    assert text.count("<script>alert(1)</script>") >= 15
    for name, notice in NOTICES.items():
        kinds = {list: [HOSTILE], dict: notice.get("check")}
        shown = {key: kinds.get(type(value), HOSTILE) for key, value in notice.items()}
        assert "<script>" in _text(printed(name, shown).pdf)


@pytest.mark.parametrize(
    ("name", "pages", "said"),
    [
        ("receipt", 1, "诉讼时效从提出请求之日，即2026年10月13日起中断"),
        ("receipt", 1, "核验码：0123-4567-89AB-CDEF"),
        ("result_notice", 1, "已达成调解协议，协议已经生效"),
        ("rights_notice", 2, "自主表达意愿、自愿达成调解协议"),
        ("routes_notice", 1, "通过行政途径处理"),
    ],
)
def test_the_notices_say_what_the_law_asks_of_them(printed, name, pages, said):
    rendered = printed(name, NOTICES[name])

    assert said in _text(rendered.pdf)
    assert rendered.pages == pages


def test_a_name_that_cannot_be_printed_is_named_with_its_field(printed):
    with pytest.raises(errors.MissingGlyph) as raised:
        printed("agreement", {**agreement(), "parties": [party(1), party(2, name="张😀")]})

    assert raised.value.params == {"character": "😀", "field": "party.name"}


def test_the_dossier_lists_its_papers_and_tells_of_each_session_and_record(printed):
    context = dossier(requests=[HOSTILE])
    text = _text(printed("dossier", context).pdf)

    for said in (
        "1人民调解协议书附件1" + "cd" * 8, "罗小一2026年10月14日退出", "孙晴", "吴阿姨（邻居）",
        "没有争议的事实：已付3600元。",
        "在线调解笔录（2026年10月14日）", "已经在线确认：罗小一", "嵌入文书1件",
    ):  # fmt: skip
        assert said in text, said
    assert "".join(HOSTILE.split()) in text


def test_without_a_session_the_dossier_has_no_records(printed):
    text = _text(printed("dossier", dossier(sessions=[], online_records=[])).pdf)

    assert "调解记录" not in text
    assert "卷宗情况说明4" in text
