"""The Chinese words of documents: codes of the forms, dates and amounts as papers write them."""

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal

from engine.calendar import day_of

DISPUTE_TYPES = {
    "family": "婚姻家庭",
    "neighbours": "邻里",
    "housing": "房屋宅基地",
    "contract": "合同",
    "business": "生产经营",
    "damages": "损害赔偿",
    "woodland": "山林土地",
    "relocation": "征地拆迁",
    "pollution": "环境污染",
    "migrant_wages": "拖欠农民工工资",
    "labour": "其他劳动争议",
    "tourism": "旅游",
    "e_commerce": "电子商务",
    "consumer": "其他消费",
    "medical": "医疗",
    "traffic": "道路交通事故",
    "property_service": "物业",
    "other": "其他",
}
SIDES = {"applicant": "申请人", "respondent": "被申请人"}
GENDERS = {"male": "男", "female": "女", "": ""}
END_CODES = {
    "refused": "当事人明确拒绝调解",
    "withdrawn": "当事人要求终止调解",
    "unreachable": "无法联系当事人",
    "deadlock": "分歧过大，调解不成",
    "not_accepted": "不予受理",
    "transferred": "移送其他机关",
    "expired": "调解期限届满，未一致同意延长",
    "other": "其他",
}
RESULTS = {
    "agreed": "已达成调解协议，协议已经生效",
    "not_agreed": "未达成调解协议，调解已经终止",
    "not_accepted": "本委员会不予受理",
    "transferred": "已移送其他有权处理的单位",
}
HAPPENINGS = {
    "crime": "发现违法犯罪线索",
    "minor": "疑似侵害未成年人",
    "domestic_violence": "疑似对没有完全行为能力的人实施家庭暴力",
    "false_mediation": "疑似虚假调解",
    "expiry": "调解期限届满",
    "appraisal": "鉴定",
    "mediator": "调解员需要回避或者被投诉",
    "unreachable": "联系不上当事人",
    "incapacity": "当事人死亡或者丧失行为能力",
    "other_body": "其他机关有权处理",
}
ROUTES = {"arbitration": "申请仲裁", "administrative": "通过行政途径处理", "court": "向人民法院起诉"}
ATTENDANTS = {"interpreter": "翻译人员", "fact_witness": "证人", "mark_witness": "见证人"}
MARKS = {"signature": "签名", "fingerprint": "按指印", "seal": "盖章"}
EVIDENCE = {"paper": "书面材料", "photo": "照片", "file": "电子文件", "object": "实物"}
OUTCOMES = {
    "agreed": "达成一致",
    "another_session": "再次调解",
    "go_on": "继续在线沟通",
    "separate_talk": "先分别谈话",
    "switch": "改用其他调解方式",
    "failed": "未能达成一致",
}
SOURCES = {"application": "当事人申请", "proactive": "主动调解"}
FOLLOW_UPS = {
    "performed": "已履行",
    "part": "部分履行",
    "not_performed": "未履行",
    "deferred": "双方同意延期",
}
CLAIMS = {"wages": "劳动报酬", "injury": "工伤医疗费", "compensation": "经济补偿", "damages": "赔偿金"}
JOINED = "加入的各户"
MANNERS = {"in_person": "当面", "phone": "电话", "letter": "书信"}


def day(value: dt.date | None) -> str:
    """A day as papers write it: 2026年3月2日."""
    return "" if value is None else f"{value.year}年{value.month}月{value.day}日"


def day_of_moment(value: dt.datetime | None) -> str:
    """The legal day of a moment."""
    return "" if value is None else day(day_of(value))


def amount(value: Decimal | None) -> str:
    """Yuan with two decimals: 3,600.00."""
    return "" if value is None else f"{value:,.2f}"


def names(values: Iterable[str]) -> str:
    """Names joined as Chinese lists are."""
    return "、".join(values)
