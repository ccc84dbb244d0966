"""The time limits and numbers that the law or practice sets: as shipped, a table of data, and as they hold.

A limit that changes gets a second row with a later `effective_from`; a tenant's own rows come on top. What
was begun under the first keeps it.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from dateutil.relativedelta import relativedelta
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import Engine, feel
from engine.calendar import day_of
from engine.mediation import law
from engine.mediation.law import READ_ON
from engine.models.law import LawChange
from engine.services import TenantFunction

HOURS, DAYS, WORKING_DAYS, MONTHS, YEARS = "hours", "days", "working_days", "months", "years"
PEOPLE = "people"
LIMIT = "limit"
UNITS = frozenset((HOURS, DAYS, WORKING_DAYS, MONTHS, YEARS, PEOPLE))


@dataclass(frozen=True)
class Law:
    """Where limits stand: its names, the day from which it holds, and the text that was read.

    `verified` is the day on which the source was last read, None where only a secondary source was.
    """

    name: str
    name_zh: str
    effective_from: dt.date
    source: str
    verified: dt.date | None = READ_ON


@dataclass(frozen=True)
class Limit:
    """So many `unit`s (one of UNITS) from a day on, with the article that says so and where that was read."""

    key: str
    value: int
    unit: str
    name: str
    name_zh: str
    law_ref: str
    law_ref_zh: str
    effective_from: dt.date
    source: str
    verified: dt.date | None
    is_changed: bool = False


def _in(law: Law, *rows: tuple[str, int, str, tuple[str, str], tuple[str, str]]) -> Iterator[Limit]:
    """The limits of a law: key, value, unit, article and name, both in English and Chinese."""
    for key, value, unit, (article, article_zh), (name, name_zh) in rows:
        yield Limit(
            key, value, unit, name, name_zh, f"{law.name} {article}".strip(), f"{law.name_zh}{article_zh}",
            law.effective_from, law.source, law.verified,
        )  # fmt: skip


PML = Law("People's Mediation Law", "《人民调解法》", dt.date(2011, 1, 1), "人民调解法（2010-08-28）")
WORK = Law(
    "Rules on People's Mediation Work",
    "《人民调解工作若干规定》",
    dt.date(2002, 11, 1),
    "司法部令第75号",
    None,
)
ONLINE = Law("Online Mediation Rules", "《人民法院在线调解规则》", dt.date(2022, 1, 1), "法释〔2021〕23号")
CONFIRMATION = Law(
    "SPC Provisions on Confirmation",
    "《最高人民法院关于人民调解协议司法确认程序的若干规定》",
    dt.date(2011, 3, 30),
    "人民调解协议司法确认程序的若干规定（2011-03-23）",
)
PETITIONS = Law(
    "Regulations on Petition Work", "《信访工作条例》", dt.date(2022, 5, 1), "信访工作条例（2022-02-25）"
)
PROCEDURE = Law("Civil Procedure Law", "《民事诉讼法》", dt.date(2024, 1, 1), "民事诉讼法（2023-09-01）")
LABOUR = Law(
    "Labour Dispute Mediation and Arbitration Law",
    "《劳动争议调解仲裁法》",
    dt.date(2008, 5, 1),
    "劳动争议调解仲裁法（2007-12-29）",
)
PRIVACY = Law(
    "Personal Information Protection Law",
    "《个人信息保护法》",
    dt.date(2021, 11, 1),
    "个人信息保护法（2021-08-20）",
)

PRACTICE = Law("Practice", "工作惯例", dt.date(2011, 1, 1), "各地回访做法", None)
GRID = Law("Practice of grids", "网格管理惯例", dt.date(2011, 1, 1), "网格管理培训讲义", None)
GROUPS = Law("Local policy on groups", "本地群体纠纷政策", dt.date(2011, 1, 1), "本地政策数", None)
CONSULTATION = Law("Practice of consultations", "会诊惯例", dt.date(2011, 1, 1), "本地会诊做法", None)
REMINDERS = Law("Practice of reminders", "催办惯例", dt.date(2011, 1, 1), "某调解系统的默认设置", None)

LIMITS = (
    *_in(
        WORK,
        ("mediation.normal", 1, MONTHS, ("Art. 33", "第三十三条"),
         ("Normal length of a mediation", "调解的一般期限")),
    ),
    *_in(
        ONLINE,
        ("mediation.delegated", 30, DAYS, ("Art. 24", "第二十四条"),
         ("Mediation delegated by a court", "法院委派调解的期限")),
        ("mediator.choice", 2, WORKING_DAYS, ("Art. 10", "第十条"),
         ("Joint choice of a mediator by the parties", "当事人共同选定调解员")),
        ("mediator.appointment", 3, WORKING_DAYS, ("Art. 10", "第十条"),
         ("Appointment of the organisation or mediator", "指定调解组织或者调解员")),
        ("mediator.answer", 3, WORKING_DAYS, ("Art. 12", "第十二条"),
         ("The mediator accepts or declines", "调解员答复接受或者不接受")),
        ("contact.other_party", 3, WORKING_DAYS, ("Art. 15", "第十五条"),
         ("Contact with the other party", "联系对方当事人")),
    ),
    *_in(
        # The periods were read, in which article they stand was not.
        replace(ONLINE, verified=None),
        ("mediation.in_suit", 15, DAYS, ("Art. 24", "第二十四条"),
         ("Mediation in a suit, ordinary procedure", "诉中委托调解的期限（普通程序）")),
        ("mediation.in_suit_summary", 7, DAYS, ("Art. 24", "第二十四条"),
         ("Mediation in a suit, summary procedure", "诉中委托调解的期限（简易程序）")),
    ),
    *_in(
        PML,
        ("confirmation.window", 30, DAYS, ("Art. 33", "第三十三条"),
         ("Joint application for confirmation by a court", "共同申请司法确认")),
        ("committee.term", 3, YEARS, ("Art. 9", "第九条"), ("Term of a member of a committee", "委员的任期")),
    ),
    *_in(
        CONFIRMATION,
        ("confirmation.acceptance", 3, DAYS, ("Art. 4", "第四条"),
         ("The court accepts the application for confirmation or not", "法院决定是否受理司法确认申请")),
        ("confirmation.decision", 15, DAYS, ("Art. 5", "第五条"),
         ("The court decides on confirmation", "法院作出司法确认决定")),
        ("confirmation.decision_extension", 10, DAYS, ("Art. 5", "第五条"),
         ("Extension of the decision on confirmation", "司法确认决定的延长期")),
        ("confirmation.revocation", 1, YEARS, ("Art. 10", "第十条"),
         ("A third party asks to revoke the confirmation", "案外人申请撤销司法确认")),
    ),
    *_in(
        PETITIONS,
        ("petition.transfer", 15, DAYS, ("Art. 22", "第二十二条"),
         ("A petition is passed on and the petitioner told", "信访事项的转送和告知")),
        ("petition.conclusion", 60, DAYS, ("Art. 34", "第三十四条"),
         ("A petition is concluded", "信访事项的办结")),
        ("petition.conclusion_extension", 30, DAYS, ("Art. 34", "第三十四条"),
         ("Extension of the conclusion of a petition", "信访事项办结的延长期")),
        ("petition.review", 30, DAYS, ("Art. 35", "第三十五条"), ("Review of a petition", "信访事项的复查")),
        ("petition.second_review", 30, DAYS, ("Art. 36", "第三十六条"),
         ("Second review of a petition", "信访事项的复核")),
    ),
    *_in(
        PROCEDURE,
        ("court.registration", 7, DAYS, ("Art. 126", "第一百二十六条"),
         ("The court registers a suit", "法院立案")),
    ),
    *_in(
        replace(PROCEDURE, verified=None),
        ("confirmation.special_procedure", 30, DAYS, ("Art. 187", "第一百八十七条"),
         ("The court ends a special procedure", "法院审结特别程序案件")),
    ),
    *_in(
        LABOUR,
        ("labour.claim", 1, YEARS, ("Art. 27", "第二十七条"),
         ("Claim of labour arbitration", "申请劳动仲裁的时效")),
        ("labour.award", 45, DAYS, ("Art. 43", "第四十三条"), ("Labour award", "劳动仲裁裁决")),
        ("labour.award_extension", 15, DAYS, ("Art. 43", "第四十三条"),
         ("Extension of the labour award", "劳动仲裁裁决的延长期")),
    ),
    *_in(
        PRIVACY,
        ("privacy.assessment_kept", 3, YEARS, ("Art. 56", "第五十六条"),
         ("Keeping of an impact assessment", "个人信息保护影响评估报告的保存")),
    ),
    *_in(
        PRACTICE,
        ("follow_up.first", 7, DAYS, ("", ""), ("First follow-up visit", "第一次回访")),
        ("follow_up.second", 15, DAYS, ("", ""), ("Second follow-up visit", "第二次回访")),
        ("follow_up.third", 30, DAYS, ("", ""), ("Third follow-up visit", "第三次回访")),
    ),
    *_in(
        GRID,
        ("grid.red", 2, HOURS, ("", ""), ("Answer to an event of the red level", "红色事件的处置")),
        ("grid.yellow", 24, HOURS, ("", ""), ("Answer to an event of the yellow level", "黄色事件的处置")),
        ("grid.blue", 72, HOURS, ("", ""), ("Answer to an event of the blue level", "蓝色事件的处置")),
    ),
    *_in(
        GROUPS,
        ("group.threshold", 30, PEOPLE, ("", ""),
         ("From so many people on a dispute is a group's", "达到多少人的纠纷列为群体纠纷")),
        ("group.representatives", 5, PEOPLE, ("", ""),
         ("A group elects so many representatives at most", "群体推选代表人的最多人数")),
    ),
    *_in(
        CONSULTATION,
        ("invitation.answer", 3, WORKING_DAYS, ("", ""),
         ("Answer to an invitation to a consultation", "答复会诊的邀请")),
        ("invitation.second_reminder", 2, WORKING_DAYS, ("", ""),
         ("Second reminder of an invitation, after the day for the answer", "答复期满后的第二次催办")),
        ("duty.soon", 3, DAYS, ("", ""),
         ("A duty of a consultation is yellow so long before its last day", "会诊任务到期前多久标为黄色")),
    ),
    *_in(
        REMINDERS,
        ("reminder.first", 24, HOURS, ("", ""), ("First reminder", "第一级催办")),
        ("reminder.second", 48, HOURS, ("", ""), ("Second reminder", "第二级催办")),
        ("reminder.third", 72, HOURS, ("", ""), ("Third reminder", "第三级催办")),
    ),
)  # fmt: skip
KEYS = frozenset(row.key for row in LIMITS)


def limit(session: Session, key: str, on: dt.date) -> Limit:
    """The limit as it holds on a day, by the shipped rows and the tenant's; KeyError before there was one."""
    changes = session.scalars(select(LawChange).where(LawChange.key == key).order_by(LawChange.seq))
    return law.newest((*LIMITS, *changed(changes.all())), key, on)


def changed(changes: Sequence[LawChange]) -> Iterator[Limit]:
    """A tenant's changes as limits; the article stays, the source is the one that was named for it."""
    shipped = {row.key: row for row in LIMITS}
    for row in changes:
        yield replace(
            shipped[row.key], value=row.value, unit=row.unit, effective_from=row.effective_from,
            source=row.source, verified=None, is_changed=True,
        )  # fmt: skip


def span(found: Limit) -> relativedelta:
    """A limit in days, months or years as a span of the calendar; ValueError for another unit."""
    match found.unit:
        case "days":
            return relativedelta(days=found.value)
        case "months":
            return relativedelta(months=found.value)
        case "years":
            return relativedelta(years=found.value)
    raise ValueError(found.unit)


def _value(found: Limit) -> Decimal | dt.timedelta | feel.YearsMonths:
    """The limit as FEEL counts with it: days, working days and people as a number, else a duration."""
    match found.unit:
        case "hours":
            return dt.timedelta(hours=found.value)
        case "months":
            return feel.YearsMonths(found.value)
        case "years":
            return feel.YearsMonths(found.value * 12)
    return Decimal(found.value)


def _of_tenant(engine: Engine, tenant_id: str) -> feel.Function:
    found: dict[str, Decimal | dt.timedelta | feel.YearsMonths] = {}

    def find(key: str) -> Decimal | dt.timedelta | feel.YearsMonths:
        if key not in KEYS:
            raise ValueError(key)
        if key not in found:
            with engine.sessions.query(tenant_id) as session:
                found[key] = _value(limit(session, key, day_of(engine.now())))
        return found[key]

    return feel.Function(LIMIT, ("key",), find)


FUNCTIONS = {LIMIT: TenantFunction(_of_tenant, KEYS)}
"""`limit(key)`: what holds today, as a number of days, working days or people or as a duration."""
