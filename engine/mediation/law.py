"""The law that this package applies: articles and practice rules with the day from which they hold.

A table of data, so it may be long.

`law_ref` is English and a message id; `law_ref_zh` and `text` are what Chinese readers see. A rule that
changes gets a second row with a later `effective_from`; what was begun under the first keeps it.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from engine import errors

READ_ON = dt.date(2026, 11, 23)
PML_FROM = dt.date(2011, 1, 1)
PIPL_FROM = dt.date(2021, 11, 1)
PIPL = "个人信息保护法（2021-08-20）"
PIPL_READ_ON = dt.date(2026, 11, 26)


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
    _pml(
        "committee",
        ("Art. 8", "第八条"),
        "人民调解委员会由三至九人组成，应当有妇女成员；多民族居住的地区应当有人数较少民族的成员。",
    ),
    _pml("term", ("Art. 9", "第九条"), "委员由推选产生，每届任期三年，可以连选连任。"),
    _pml(
        "statistics",
        ("Art. 10", "第十条"),
        "县级司法行政部门统计人民调解委员会的设立情况，并将人员组成和调整情况通报基层人民法院。",
    ),
    _pml("register", ("Art. 13", "第十三条"), "人民调解员由人民调解委员会委员和委员会聘任的人员担任。"),
    _pml(
        "training",
        ("Art. 14", "第十四条"),
        "人民调解员应当公道正派、热心调解，有一定文化、政策水平和法律知识；司法行政部门定期培训。",
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
    _pml(
        "performance",
        ("Art. 31", "第三十一条"),
        "当事人应当按照约定履行；调解委员会监督履行，督促当事人履行约定的义务。",
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
    Rule(
        "undisputed",
        "Online Mediation Rules Art. 22",
        "《人民法院在线调解规则》第二十二条",
        "各方没有争议的事实单独书面记录，由当事人签字；让步和提议不写在里面。",
        dt.date(2022, 1, 1),
        "法释〔2021〕23号",
    ),
    Rule(
        "written_only",
        "Local rules of oral agreements (no source was found)",
        "本地口头协议办法（未查到出处）",
        "涉及继承、身份关系、停水停气或者房屋、土地等权属的，不用口头协议，订立书面协议。",
        PML_FROM,
        "本地做法",
        verified=None,
    ),
    Rule(
        "representatives",
        "Civil Procedure Law Art. 56 (by analogy)",
        "《民事诉讼法》第五十六条（参照）",
        "一方人数众多的，可以推选代表人；代表人变更、放弃请求或者进行和解，必须经被代表的当事人同意。",
        dt.date(2024, 1, 1),
        "民事诉讼法（2023-09-01）",
        verified=None,
    ),
    Rule(
        "consultation",
        "Local rules of consultation (no source was found)",
        "本地会诊办法（未查到出处）",
        "先由参加会诊的部门和专家提出书面意见，再开会；过半数到会，会议才能形成会诊意见；责任到部门、限期办结。",
        PML_FROM,
        "本地做法",
        verified=None,
    ),
    Rule(
        "tv_consent",
        "Personal Information Protection Law Art. 14",
        "《个人信息保护法》第十四条",
        "同意应当由个人在充分知情的前提下自愿、明确作出；目的、方式、种类变更的，重新取得同意。",
        PIPL_FROM,
        PIPL,
        PIPL_READ_ON,
    ),
    Rule(
        "tv_withdrawal",
        "Personal Information Protection Law Art. 15",
        "《个人信息保护法》第十五条",
        "个人有权撤回同意；撤回不影响撤回前已进行的处理活动的效力。",
        PIPL_FROM,
        PIPL,
        PIPL_READ_ON,
    ),
    Rule(
        "tv_voluntary",
        "Personal Information Protection Law Art. 16",
        "《个人信息保护法》第十六条",
        "不得以个人不同意或者撤回同意为由，拒绝提供服务。",
        PIPL_FROM,
        PIPL,
        PIPL_READ_ON,
    ),
    Rule(
        "tv_sharing",
        "Personal Information Protection Law Art. 23",
        "《个人信息保护法》第二十三条",
        "向其他处理者提供个人信息的，应当告知接收方并取得个人的单独同意。",
        PIPL_FROM,
        PIPL,
        PIPL_READ_ON,
    ),
    Rule(
        "tv_publication",
        "Personal Information Protection Law Art. 25",
        "《个人信息保护法》第二十五条",
        "不得公开处理的个人信息，取得个人单独同意的除外。",
        PIPL_FROM,
        PIPL,
        PIPL_READ_ON,
    ),
    Rule(
        "tv_sensitive",
        "Personal Information Protection Law Art. 29",
        "《个人信息保护法》第二十九条",
        "处理敏感个人信息应当取得个人的单独同意。",
        PIPL_FROM,
        PIPL,
        PIPL_READ_ON,
    ),
    Rule(
        "tv_guardian",
        "Personal Information Protection Law Art. 31",
        "《个人信息保护法》第三十一条",
        "处理不满十四周岁未成年人个人信息的，应当取得其父母或者其他监护人的同意。",
        PIPL_FROM,
        PIPL,
        PIPL_READ_ON,
    ),
    Rule(
        "tv_decision",
        "Personal Information Protection Law Art. 44",
        "《个人信息保护法》第四十四条",
        "个人对其个人信息的处理享有知情权、决定权，有权限制或者拒绝他人处理。",
        PIPL_FROM,
        PIPL,
        verified=None,
    ),
    Rule(
        "tv_deletion",
        "Personal Information Protection Law Art. 47",
        "《个人信息保护法》第四十七条",
        "个人撤回同意的，应当主动删除；难以删除的，停止除存储和必要保护以外的处理。",
        PIPL_FROM,
        PIPL,
        PIPL_READ_ON,
    ),
    Rule(
        "tv_image",
        "Civil Code Arts. 1019 and 1023",
        "《民法典》第一千零一十九条、第一千零二十三条",
        "未经同意，不得制作、使用、公开他人的肖像；对声音的保护参照适用。",
        dt.date(2021, 1, 1),
        "民法典（2020-05-28）",
        verified=None,
    ),
    _pml(
        "tv_confidence",
        ("Art. 15", "第十五条"),
        "人民调解员不得泄露当事人的个人隐私、商业秘密。",
    ),
    Rule(
        "tv_domestic",
        "Anti-Domestic Violence Law Art. 5",
        "《反家庭暴力法》第五条",
        "反家庭暴力工作应当尊重受害人真实意愿，保护当事人隐私。",
        dt.date(2016, 3, 1),
        "反家庭暴力法（2015-12-27）",
        verified=None,
    ),
    Rule(
        "tv_pending",
        "Online Mediation Rules Art. 9",
        "《人民法院在线调解规则》第九条",
        "案件正在法院、检察院、公安机关办理程序中的，不上电视。",
        dt.date(2022, 1, 1),
        "法释〔2021〕23号",
        verified=None,
    ),
    _pml(
        "free",
        ("Art. 4", "第四条"),
        "调解民间纠纷，不收取任何费用。",
    ),
    _pml(
        "referral",
        ("Art. 18", "第十八条"),
        "对适合调解的纠纷，基层人民法院、公安机关可以在受理前告知当事人申请人民调解。",
    ),
    _pml(
        "on_the_spot",
        ("Art. 21", "第二十一条"),
        "调解应当及时、就地进行，坚持原则，主持公道，防止矛盾激化。",
    ),
    _pml(
        "hearing",
        ("Art. 22", "第二十二条"),
        "充分听取当事人的陈述，讲解法律和政策，提出调解方案，帮助当事人自愿达成协议。",
    ),
    _pml(
        "duties",
        ("Art. 24", "第二十四条"),
        "当事人应当如实陈述，遵守现场秩序，尊重调解员和对方当事人。",
    ),
    _pml(
        "escalation",
        ("Art. 25", "第二十五条"),
        "纠纷可能激化的，采取预防措施；可能引起治安案件、刑事案件的，及时向公安机关等报告。",
    ),
    _pml(
        "records",
        ("Art. 27", "第二十七条"),
        "调解员记录调解情况；调解委员会建立工作档案，归档登记、记录、协议等材料。",
    ),
    _pml(
        "written",
        ("Art. 28", "第二十八条"),
        "可以制作调解协议书；当事人认为不需要的，可以口头约定，由调解员记录内容。",
    ),
    _pml(
        "oral",
        ("Art. 30", "第三十条"),
        "口头调解协议自各方当事人达成协议之日起生效。",
    ),
    _pml(
        "joint_confirmation",
        ("Art. 33", "第三十三条"),
        "各方可以在协议生效后三十日内共同申请司法确认；确认有效的，可以申请强制执行。",
    ),
    _pml(
        "bodies",
        ("Art. 34", "第三十四条"),
        "乡镇、街道以及社会团体或者其他组织可以参照本法设立人民调解委员会。",
    ),
    Rule(
        "online_consent",
        "Online Mediation Rules Art. 4",
        "《人民法院在线调解规则》第四条",
        "在线调解应当征得当事人同意。",
        dt.date(2022, 1, 1),
        "法释〔2021〕23号",
    ),
    Rule(
        "online_parties",
        "Online Mediation Rules Art. 8",
        "《人民法院在线调解规则》第八条",
        "申请人填写各方身份、纠纷事实、联系电话和送达地址等信息。",
        dt.date(2022, 1, 1),
        "法释〔2021〕23号",
    ),
    Rule(
        "online_unsuitable",
        "Online Mediation Rules Art. 9",
        "《人民法院在线调解规则》第九条",
        "不属于法院受理范围、没有管辖权或者不适宜在线调解的，退回并告知其他途径。",
        dt.date(2022, 1, 1),
        "法释〔2021〕23号",
    ),
    Rule(
        "online_mediators",
        "Online Mediation Rules Art. 11",
        "《人民法院在线调解规则》第十一条",
        "由一名调解员调解；重大、疑难、专业性强的由两名以上，当事人共同选定主持人。",
        dt.date(2022, 1, 1),
        "法释〔2021〕23号",
    ),
    Rule(
        "online_replacement",
        "Online Mediation Rules Art. 14",
        "《人民法院在线调解规则》第十四条",
        "当事人可以要求更换调解员；拒绝所有调解员的，视为拒绝调解。",
        dt.date(2022, 1, 1),
        "法释〔2021〕23号",
    ),
    Rule(
        "online_mixed",
        "Online Mediation Rules Art. 16",
        "《人民法院在线调解规则》第十六条",
        "可以同时登录，各方同意的可以分别登录；没有条件的提供场所，要求现场调解的转为现场。",
        dt.date(2022, 1, 1),
        "法释〔2021〕23号",
    ),
    Rule(
        "online_identity",
        "Online Mediation Rules Art. 17",
        "《人民法院在线调解规则》第十七条",
        "调解前核实身份，告知虚假调解的法律后果，确认送达地址。",
        dt.date(2022, 1, 1),
        "法释〔2021〕23号",
    ),
    Rule(
        "online_agreement",
        "Online Mediation Rules Art. 19",
        "《人民法院在线调解规则》第十九条",
        "调解协议由各方当事人和调解员电子签名、加盖电子印章，或者上传盖章的协议。",
        dt.date(2022, 1, 1),
        "法释〔2021〕23号",
    ),
    Rule(
        "online_offers",
        "Online Mediation Rules Art. 18",
        "《人民法院在线调解规则》第十八条",
        "当事人为达成协议作出的让步、提出的方案，不得在诉讼中作为对其不利的证据。",
        dt.date(2022, 1, 1),
        "法释〔2021〕23号",
    ),
    Rule(
        "online_record",
        "Online Mediation Rules Art. 22",
        "《人民法院在线调解规则》第二十二条",
        "在线调解同步形成电子笔录，经当事人在线确认，与书面笔录有同等效力；无争议事实另行书面记录。",
        dt.date(2022, 1, 1),
        "法释〔2021〕23号",
    ),
    Rule(
        "agent",
        "Civil Code Arts. 165 and 171",
        "《民法典》第一百六十五条、第一百七十一条",
        "授权委托书应当写明代理人、代理事项、权限和期限；超越代理权的行为，未经追认，对被代理人不发生效力。",
        dt.date(2021, 1, 1),
        "民法典（2020-05-28）",
        verified=None,
    ),
    Rule(
        "guardian",
        "Civil Code Arts. 19, 20 and 23",
        "《民法典》第十九条、第二十条、第二十三条",
        "不满八周岁的，由法定代理人代理；八周岁以上的未成年人，由法定代理人代理或者经其同意、追认；监护人是法定代理人。",
        dt.date(2021, 1, 1),
        "民法典（2020-05-28）",
        verified=None,
    ),
    Rule(
        "own_language",
        "Civil Procedure Law Art. 11",
        "《民事诉讼法》第十一条",
        "不通晓当地民族通用的语言、文字的，应当提供翻译（参照）。",
        dt.date(2024, 1, 1),
        "民事诉讼法（2023-09-01）",
        verified=None,
    ),
    Rule(
        "online_end",
        "Online Mediation Rules Art. 25",
        "《人民法院在线调解规则》第二十五条",
        "达成协议、撤回、联系不上、拒绝继续、分歧过大、期满不延长、拒绝签字等情形，调解结束。",
        dt.date(2022, 1, 1),
        "法释〔2021〕23号",
    ),
    Rule(
        "appraisal",
        "Online Mediation Rules Art. 26",
        "《人民法院在线调解规则》第二十六条",
        "委托鉴定、评估的时间不计入调解期限。",
        dt.date(2022, 1, 1),
        "法释〔2021〕23号",
    ),
    Rule(
        "standstill",
        "Civil Procedure Law Art. 153",
        "《民事诉讼法》第一百五十三条",
        "当事人死亡，需要等待继承人表明是否参加的，或者丧失行为能力，尚未确定法定代理人的，中止（参照）。",
        dt.date(2024, 1, 1),
        "民事诉讼法（2023-09-01）",
        verified=None,
    ),
    Rule(
        "place",
        "Rules on People's Mediation Work Art. 28",
        "《人民调解工作若干规定》第二十八条",
        "调解在专门场所进行，也可以在方便当事人的其他地方进行。",
        dt.date(2002, 11, 1),
        "司法部令第75号",
        verified=None,
    ),
    Rule(
        "open_session",
        "Rules on People's Mediation Work Art. 29",
        "《人民调解工作若干规定》第二十九条",
        "调解可以公开进行，亲属、邻里可以旁听；涉及隐私、商业秘密或者当事人反对的除外。",
        dt.date(2002, 11, 1),
        "司法部令第75号",
        verified=None,
    ),
    Rule(
        "period",
        "Rules on People's Mediation Work Art. 33",
        "《人民调解工作若干规定》第三十三条",
        "调解纠纷，一般在一个月内调结；各方当事人都同意的，可以延长。",
        dt.date(2002, 11, 1),
        "司法部令第75号",
        verified=None,
    ),
    Rule(
        "agreement_needed",
        "Rules on People's Mediation Work Art. 34",
        "《人民调解工作若干规定》第三十四条",
        "有民事权利义务内容，或者当事人要求的，应当制作书面协议。",
        dt.date(2002, 11, 1),
        "司法部令第75号",
        verified=None,
    ),
    Rule(
        "agreement_fields",
        "Rules on People's Mediation Work Art. 35",
        "《人民调解工作若干规定》第三十五条",
        "协议载明当事人情况、纠纷事实和责任、权利义务、履行方式地点期限，并签名盖章。",
        dt.date(2002, 11, 1),
        "司法部令第75号",
        verified=None,
    ),
    Rule(
        "minors",
        "Minors Protection Law Art. 11",
        "《未成年人保护法》第十一条",
        "发现未成年人受到或者疑似受到侵害的，应当立即向公安、民政、教育等部门报告。",
        dt.date(2024, 4, 26),
        "未成年人保护法（2024-04-26）",
        verified=None,
    ),
    Rule(
        "domestic_report",
        "Anti-Domestic Violence Law Art. 14",
        "《反家庭暴力法》第十四条",
        "发现无行为能力人、限制行为能力人遭受或者疑似遭受家庭暴力的，应当及时报案。",
        dt.date(2016, 3, 1),
        "反家庭暴力法（2015-12-27）",
        verified=None,
    ),
    Rule(
        "false_mediation",
        "SPC Provisions on Invited Mediation Art. 18",
        "《最高人民法院关于人民法院特邀调解的规定》第十八条",
        "发现当事人可能虚假调解的，中止调解，并向人民法院或者特邀调解组织报告。",
        dt.date(2016, 7, 1),
        "法释〔2016〕14号",
        verified=None,
    ),
    Rule(
        "petition_unsuitable",
        "Shandong Guide to Petitions and People's Mediation Part 1(2)",
        "鲁信访〔2025〕6号一（二）",
        "专属其他机关管辖、应当走法定程序、属于行政争议或者一方拒绝的，不适合人民调解。",
        dt.date(2025, 1, 1),
        "鲁信访〔2025〕6号",
        verified=None,
    ),
    Rule(
        "petition_level",
        "Regulations on Petition Work Art. 22",
        "《信访工作条例》第二十二条",
        "信访事项转送有权处理的机关，并在期限内告知信访人。",
        dt.date(2022, 5, 1),
        "信访工作条例（2022-02-25）",
    ),
    Rule(
        "signature_equal",
        "Electronic Signature Law Art. 14",
        "《电子签名法》第十四条",
        "可靠的电子签名与手写签名或者盖章具有同等的法律效力。",
        dt.date(2019, 4, 23),
        "电子签名法（2019-04-23）",
    ),
    Rule(
        "not_confirmable",
        "SPC Interpretation of the Civil Procedure Law Art. 355",
        "《最高人民法院关于适用〈中华人民共和国民事诉讼法〉的解释》第三百五十五条",
        "身份关系、物权、知识产权确权、适用其他特别程序或者不属于法院管辖的，不受理司法确认。",
        dt.date(2022, 4, 10),
        "适用《民事诉讼法》的解释（2022-04-02）",
        verified=None,
    ),
    Rule(
        "confirmation_dismissed",
        "SPC Interpretation of the Civil Procedure Law Art. 358",
        "《最高人民法院关于适用〈中华人民共和国民事诉讼法〉的解释》第三百五十八条",
        "违法、损害他人或者公共利益、违背公序良俗、不自愿、内容不明确的协议，驳回确认申请。",
        dt.date(2022, 4, 10),
        "适用《民事诉讼法》的解释（2022-04-02）",
        verified=None,
    ),
    Rule(
        "confirmation_court",
        "Civil Procedure Law Art. 205",
        "《民事诉讼法》第二百零五条",
        "共同申请：法院邀请调解的，向该法院；其他的，向当事人住所地、标的物或者调解组织所在地法院。",
        dt.date(2024, 1, 1),
        "民事诉讼法（2023-09-01）",
    ),
    Rule(
        "payment_order",
        "Labour Dispute Mediation and Arbitration Law Art. 16",
        "《劳动争议调解仲裁法》第十六条",
        "拖欠报酬、工伤医疗费、补偿、赔偿金的调解协议不履行的，劳动者可以直接申请支付令。",
        dt.date(2008, 5, 1),
        "劳动争议调解仲裁法（2007-12-29）",
    ),
    Rule(
        "data_minimum",
        "Personal Information Protection Law Art. 6",
        "《个人信息保护法》第六条",
        "处理个人信息应当有明确合理的目的，限于实现目的的最小范围。",
        dt.date(2021, 11, 1),
        "个人信息保护法（2021-08-20）",
    ),
    Rule(
        "automated",
        "Personal Information Protection Law Art. 24",
        "《个人信息保护法》第二十四条",
        "自动化决策应当透明、公正；个人有权要求说明，有权拒绝仅由自动化决策作出的决定。",
        dt.date(2021, 11, 1),
        "个人信息保护法（2021-08-20）",
    ),
    Rule(
        "cameras",
        "Personal Information Protection Law Art. 26",
        "《个人信息保护法》第二十六条",
        "在公共场所安装图像采集设备，只能为了公共安全。",
        dt.date(2021, 11, 1),
        "个人信息保护法（2021-08-20）",
    ),
    Rule(
        "accessibility",
        "Barrier-Free Environment Law Art. 32",
        "《无障碍环境建设法》第三十二条",
        "财政资金建设的网站、应用程序应当逐步符合无障碍标准。",
        dt.date(2023, 9, 1),
        "无障碍环境建设法（2023-06-28）",
        verified=None,
    ),
)


class Dated(Protocol):
    """A row of the law: what it is about, and the day from which it holds."""

    @property
    def key(self) -> str:
        """What the row is about; its earlier and later forms share it."""

    @property
    def effective_from(self) -> dt.date:
        """The first day on which the row holds."""


Row = TypeVar("Row", bound=Dated)


def newest(rows: Iterable[Row], key: str, on: dt.date) -> Row:
    """The row that holds on a day: the newest not later than it, of one day's rows the last.

    KeyError before there was one.
    """
    held = [row for row in rows if row.key == key and row.effective_from <= on]
    if not held:
        raise KeyError(key)
    return max(reversed(held), key=lambda row: row.effective_from)


def rule(key: str, on: dt.date) -> Rule:
    """The rule as it holds on a day; KeyError before there was one."""
    return newest(RULES, key, on)


def forbids(key: str, at: dt.datetime, reason: str) -> errors.LawForbids:
    """The refusal to raise; `reason` is a message id that completes “… does not allow this:”."""
    return errors.LawForbids(rule(key, at.date()).law_ref, reason)
