"""The law that this package applies: articles and practice rules with the day from which they hold.

`law_ref` is English and a message id; `law_ref_zh` and `text` are what Chinese readers see. A rule that
changes gets a second row with a later `effective_from`; what was begun under the first keeps it.
"""

import datetime as dt
from dataclasses import dataclass

from engine import errors

READ_ON = dt.date(2026, 11, 23)
PML_FROM = dt.date(2011, 1, 1)


@dataclass(frozen=True)
class Rule:
    """One article as applied here; `text` gives it in short, not word for word.

    `verified` is the day on which the source was last read, None where only a secondary source was.
    """

    key: str
    law_ref: str
    law_ref_zh: str
    text: str
    effective_from: dt.date
    source: str
    verified: dt.date | None = READ_ON


def _pml(key: str, articles: tuple[str, str], text: str) -> Rule:
    law_ref, law_ref_zh = f"People's Mediation Law {articles[0]}", f"《人民调解法》{articles[1]}"
    return Rule(key, law_ref, law_ref_zh, text, PML_FROM, "人民调解法（2010-08-28）")


RULES = (
    _pml(
        "legality", ("Art. 3", "第三条"), "调解应当自愿、平等，不违背法律、法规和国家政策，尊重当事人的权利。"
    ),
    _pml("refusal", ("Art. 17", "第十七条"), "当事人一方明确拒绝调解的，不得调解。"),
    _pml("mediator", ("Art. 19", "第十九条"), "人民调解委员会指定人民调解员，也可以由当事人选择。"),
    _pml("guests", ("Art. 20", "第二十条"), "经当事人同意，可以邀请有关人员参与调解。"),
    _pml("rights", ("Art. 23", "第二十三条"), "当事人可以选择或者接受调解员，接受、拒绝或者要求终止调解。"),
    _pml("routes", ("Art. 26", "第二十六条"), "调解不成的，终止调解，并告知仲裁、行政、司法等途径。"),
    _pml(
        "effect",
        ("Art. 29", "第二十九条"),
        "自各方当事人签名、盖章或者按指印，调解员签名并加盖调解委员会印章之日起生效。",
    ),
    _pml(
        "binding",
        ("Arts. 31 and 32", "第三十一条、第三十二条"),
        "调解协议具有法律约束力；就履行或者内容发生争议的，可以向人民法院起诉。",
    ),
    Rule(
        "notice",
        "Rules on People's Mediation Work Art. 30",
        "《人民调解工作若干规定》第三十条",
        "调解前，应当告知人民调解的性质、原则和效力，以及当事人的权利和义务。",
        dt.date(2002, 11, 1),
        "司法部令第75号",
        verified=None,
    ),
    Rule(
        "conflict",
        "Online Mediation Rules Art. 13",
        "《人民法院在线调解规则》第十三条",
        "调解员是当事人或者其近亲属，或者与纠纷有利害关系的，应当披露；当事人可以另选。",
        dt.date(2022, 1, 1),
        "法释〔2021〕23号",
    ),
    Rule(
        "paper_only",
        "Electronic Signature Law Art. 3",
        "《电子签名法》第三条",
        "涉及婚姻、收养、继承等人身关系，以及停止供水、供热、供气等公用事业服务的文书，不适用电子文书。",
        dt.date(2019, 4, 23),
        "电子签名法（2019-04-23）",
    ),
    Rule(
        "method",
        "Electronic Signature Law Art. 13",
        "《电子签名法》第十三条",
        "当事人可以选择使用符合其约定的可靠条件的电子签名。",
        dt.date(2019, 4, 23),
        "电子签名法（2019-04-23）",
    ),
    Rule(
        "limitation",
        "SPC Provisions on Limitation Art. 12",
        "《最高人民法院关于审理民事案件适用诉讼时效制度若干问题的规定》第十二条",
        "向人民调解委员会提出保护民事权利请求的，诉讼时效从提出请求之日起中断。",
        dt.date(2021, 1, 1),
        "法释〔2020〕17号",
    ),
)


def rule(key: str, on: dt.date) -> Rule:
    """The rule as it holds on a day: the newest row not later than it; KeyError before there was one."""
    held = [row for row in RULES if row.key == key and row.effective_from <= on]
    if not held:
        raise KeyError(key)
    return max(held, key=lambda row: row.effective_from)


def forbids(key: str, at: dt.datetime, reason: str) -> errors.LawForbids:
    """The refusal to raise; `reason` is a message id that completes “… does not allow this:”."""
    return errors.LawForbids(rule(key, at.date()).law_ref, reason)
