"""Contexts as the mediation package gives them to the templates."""

from engine.documents.qr import picture

NUMBERS = "一二三四五六七八"
COMMITTEE = "和川区清溪街道人民调解委员会"
COMMON = {"number": "（2026）清溪人调字第12号", "committee": COMMITTEE, "record": "9f" * 32}


def party(position: int, **values: str) -> dict[str, str]:
    side = "申请人" if position == 1 else "被申请人"
    facts = {"gender": "女", "ethnicity": "汉族", "age": "46", "occupation": "超市收银员"}
    place = {
        "phone": "139-0000-1201",
        "address": "清溪街道书院路18号3单元502",
        "representative": "",
        "agent": "",
        "guardian": "",
        "witnesses": "",
    }
    name = f"罗小{NUMBERS[position - 1]}"
    known = {"field": f"party_{position}", "side": side, "kind": "natural", "name": name, "id_number": ""}
    return {**known, **facts, **place, **values}


def obligation(number: int, **values: object) -> dict[str, object]:
    who = {"number": str(number), "debtor": "陈大勇", "creditor": "罗小一", "place": "清溪街道调解中心"}
    what = {"action": "支付其余医疗费、误工费", "amount": "2,561.00", "manner": "银行转账"}
    return {**who, **what, "due_on": "2026年11月30日", "instalments": [], **values}


def agreement(count: int = 2, duties: int = 2, **values: object) -> dict[str, object]:
    facts = "2026年9月21日傍晚，陈大勇驾驶未登记的电动三轮车，与骑自行车的罗小一相撞，罗小一左腕骨裂。"
    return {
        **COMMON,
        "dispute_type": "道路交通事故",
        "facts": facts,
        "disputed_matters": "其余医疗费和误工费由谁承担、承担多少。",
        "responsibility": "陈大勇负主要责任，罗小一负次要责任。",
        "content": "一、陈大勇赔偿罗小一2561元。\n二、双方不再就本次事故提出其他请求。",
        "copies": str(count + 1),
        "mediator": "陈国安",
        "drafted_on": "2026年10月13日",
        "parties": [party(position + 1) for position in range(count)],
        "obligations": [obligation(number + 1) for number in range(duties)],
        "interpreters": [],
        **values,
    }


def oral_register(**values: object) -> dict[str, object]:
    return {**agreement(), "reached_on": "2026年10月13日", **values}


def evidence(number: int, **values: object) -> dict[str, object]:
    said = {"name": "漏水照片", "description": "两张", "kind": "照片", "original": "复制件", "private": False}
    brought = {"brought_by": "罗小一", "brought_on": "2026年10月13日", "sha256": "ab" * 32, "returned_on": ""}
    return {"number": str(number), **said, **brought, **values}


def evidence_list(**values: object) -> dict[str, object]:
    hidden = evidence(2, private=True, name="", description="", sha256="")
    items = [evidence(1), hidden, evidence(3, returned_on="2026年10月20日")]
    return {**COMMON, "parties": "罗小一、陈大勇", "mediator": "陈国安", "items": items, **values}


def fact_sheet(count: int = 2, **values: object) -> dict[str, object]:
    said = {"dispute_type": "道路交通事故", "facts": "一、两车相撞。\n二、已付3600元。", "mediator": "陈国安"}
    parties = [party(position + 1) for position in range(count)]
    return {
        **COMMON,
        **said,
        "drafted_on": "2026年10月13日",
        "method": "",
        "parties": parties,
        "interpreters": [],
        **values,
    }


def investigation_record(**values: object) -> dict[str, object]:
    when = {"visited_on": "2026年9月8日", "place": "城西老屋", "participants": "双方当事人、网格员"}
    found = {"questioned": "吴阿姨，邻居", "content": "屋顶漏雨。\n界桩还在。", "investigators": "陈国安"}
    visits = [when | found, when | found | {"questioned": ""}]
    return {**COMMON, "parties": "罗小一、陈大勇", "dispute_type": "邻里", "visits": visits, **values}


NOTICES = {
    "receipt": {
        **COMMON,
        "applicants": "罗小一",
        "respondents": "陈大勇",
        "dispute_type": "道路交通事故",
        "requests": ["请求赔偿其余医疗费、误工费共3200元。"],
        "applied_on": "2026年10月13日",
        "issued_on": "2026年10月13日",
        "check": {"page": "https://m.example/verify", "code": "0123-4567-89AB-CDEF", "qr": picture("甲")},
    },
    "result_notice": {
        **COMMON,
        "body_name": "和川区人民法院",
        "reference": "（2026）委调第7号",
        "answer_to": "立案庭 周法官",
        "result": "已达成调解协议，协议已经生效",
        "result_on": "2026年10月20日",
        "received_on": "2026年10月13日",
    },
    "rights_notice": {**COMMON, "parties": "罗小一、陈大勇", "issued_on": "2026年10月13日"},
    "routes_notice": {
        **COMMON,
        "parties": "罗小一、陈大勇",
        "end_code": "当事人明确拒绝调解",
        "reason": "电话联系时明确表示不愿调解。",
        "routes": ["申请仲裁", "通过行政途径处理", "向人民法院起诉"],
        "manner": "当面",
        "told_on": "2026年10月20日",
        "mediator": "",
    },
}


def dossier(**values: object) -> dict[str, object]:
    held = {
        "held_on": "2026年10月13日", "place": "二号调解室", "attendees": "罗小一、陈大勇",
        "guests": "吴阿姨（邻居）", "text": "各让一步。\n当场读给双方听。",
        "undisputed_facts": "已付3600元。", "outcome": "达成一致", "reason": "",
    }  # fmt: skip
    written = {
        "written_on": "2026年10月14日", "text": "在线说定。", "undisputed_facts": "", "outcome": "达成一致",
        "reason": "", "confirmed_by": "罗小一",
    }  # fmt: skip
    listed = {
        "side": "申请人",
        "name": "罗小一",
        "address": "花滩街道1号",
        "representative": "",
        "agent": "孙晴",
    }
    paper = {"number": "1", "title": "人民调解协议书", "place": "附件1", "sha256": "cd" * 32}
    return {
        **COMMON, "title": "罗小一与陈大勇道路交通事故纠纷", "mediator": "陈国安", "result": "调解协议生效",
        "began_on": "2026年10月13日", "ended_on": "2026年10月14日", "compiled_on": "2026年10月15日",
        "enclosed": "1", "registered_on": "2026年10月13日", "source": "当事人申请", "dispute_type": "邻里",
        "people": "2", "happened_on": "", "place": "", "facts": "漏水。", "requests": ["修好水管"],
        "parties": [{**listed, "left_on": "2026年10月14日"}], "papers": [paper], "sessions": [held],
        "online_records": [written], **values,
    }  # fmt: skip
