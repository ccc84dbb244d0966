"""The register of duties, row by row: whom it proposes for each type of dispute, why, by which article."""

import json
from typing import Any

import pytest

from engine import dmn
from engine.mediation import wording

from .conftest import PROCESSES, ROOT

MODEL = dmn.load(PROCESSES / "duties.dmn")
QUIET: dict[str, Any] = {"dispute_type": "other", "people_count": 2, "has_minor": False}
CIVIL, HOUSING, LAND = "区民政局", "区住房和城乡建设委员会", "区规划和自然资源局"
STREET, MARKET, WORK = "街道办事处（乡镇人民政府）", "区市场监督管理局", "区人力资源和社会保障局"
CONSUMERS = "《消费者权益保护法》"
READ = {3, 4, 6, 9, 11, 12, 14, 15, 17, 21, 22, 24, 25}
"""The rows whose article was read in the text of the law; the others are marked as not verified."""
BY_TYPE = {
    "family": [(1, CIVIL, "《民法典》"), (2, "区妇女联合会", "《妇女权益保障法》")],
    "neighbours": [(3, STREET, "《信访工作条例》第二十二条")],
    "other": [(3, STREET, "《信访工作条例》第二十二条")],
    "housing": [
        (4, LAND, "《土地管理法》第五条"),
        (5, HOUSING, "《城市房地产管理法》"),
        (6, "区农业农村委员会", "《土地管理法》第六十二条"),
    ],
    "contract": [(7, MARKET, "《民法典》")],
    "business": [(7, MARKET, "《民法典》")],
    "damages": [(8, "辖区派出所", "《治安管理处罚法》")],
    "woodland": [
        (9, "乡镇人民政府（街道办事处）", "《土地管理法》第十四条"),
        (10, "区林业局", "《森林法》"),
    ],
    "relocation": [
        (11, "区房屋征收部门", "《国有土地上房屋征收与补偿条例》第四条"),
        (12, LAND, "《土地管理法》第五条、第四十七条"),
    ],
    "pollution": [(13, "区生态环境局", "《环境保护法》")],
    "migrant_wages": [
        (14, WORK, "《保障农民工工资支付条例》第七条"),
        (15, HOUSING, "《保障农民工工资支付条例》第七条"),
        (17, "区总工会", "《保障农民工工资支付条例》第八条"),
    ],
    "labour": [(16, WORK, "《劳动争议调解仲裁法》"), (17, "区总工会", "《保障农民工工资支付条例》第八条")],
    "tourism": [(18, "区文化和旅游发展委员会", "《旅游法》")],
    "e_commerce": [(19, MARKET, CONSUMERS), (20, "区消费者权益保护委员会", CONSUMERS)],
    "consumer": [(19, MARKET, CONSUMERS), (20, "区消费者权益保护委员会", CONSUMERS)],
    "medical": [
        (21, "区卫生健康委员会", "《医疗纠纷预防和处理条例》第六条"),
        (22, "区司法局", "《医疗纠纷预防和处理条例》第六条、第三十五条"),
    ],
    "traffic": [(23, "区公安局交通管理部门", "《道路交通安全法》")],
    "property_service": [
        (24, HOUSING, "《物业管理条例》第五条、第四十八条"),
        (25, STREET, "《物业管理条例》第十条"),
    ],
}  # fmt: skip


def asked(**case: Any) -> dmn.Outcome:
    return MODEL.decide("duties", {"case": QUIET | case, "group_threshold": 30})


@pytest.mark.parametrize("dispute_type", BY_TYPE)
def test_for_each_type_of_dispute_it_proposes_who_is_responsible(dispute_type: str) -> None:
    outcome = asked(dispute_type=dispute_type)
    assert outcome.rows == tuple(number for number, *_ in BY_TYPE[dispute_type])
    for found, (number, name, law_ref) in zip(outcome.value, BY_TYPE[dispute_type], strict=True):
        assert found["name"] == name
        assert found["law_ref"].startswith(law_ref)
        assert found["reason"]
        assert found["verified"] is (number in READ)


@pytest.mark.parametrize("dispute_type", BY_TYPE)
def test_each_row_explains_itself_in_both_languages(dispute_type: str) -> None:
    outcome = asked(dispute_type=dispute_type)
    for found, said in zip(outcome.value, outcome.annotations, strict=True):
        assert said["说明"] == f"{found['name']}：{found['reason']}"
        assert said["Explanation"].isascii()


def test_every_type_that_can_be_registered_has_somebody_responsible() -> None:
    form = json.loads((ROOT / "forms" / "register_dispute.form").read_text(encoding="utf-8"))
    fields = [field for page in form["components"] for field in page["components"]]
    (types,) = (field["values"] for field in fields if field.get("key") == "dispute_type")
    assert {one["value"] for one in types} == set(BY_TYPE) == set(wording.DISPUTE_TYPES)


def test_from_the_group_s_threshold_on_the_petition_bureau_coordinates() -> None:
    assert asked(people_count=29).rows == (3,)
    outcome = asked(people_count=30)
    assert outcome.rows == (3, 26)
    assert (outcome.value[1]["name"], outcome.value[1]["verified"]) == ("区信访局", False)


def test_for_a_party_under_age_civil_affairs_is_proposed_once() -> None:
    outcome = asked(has_minor=True)
    assert outcome.rows == (3, 27)
    assert outcome.value[1]["name"] == CIVIL
    assert asked(dispute_type="family", has_minor=True).rows == (1, 2)


@pytest.mark.parametrize("dispute_type", BY_TYPE)
@pytest.mark.parametrize("has_minor", [False, True])
def test_nobody_is_proposed_twice(dispute_type: str, *, has_minor: bool) -> None:
    """The form refuses a name that is listed twice."""
    found = asked(dispute_type=dispute_type, people_count=99, has_minor=has_minor).value
    names = [one["name"] for one in found]
    assert len(names) == len(set(names))


def test_the_model_has_no_problem() -> None:
    assert MODEL.problems == []
    assert list(MODEL.faults) == []
    source = (PROCESSES / "duties.dmn").read_text(encoding="utf-8")
    named = {number for rows in BY_TYPE.values() for number, *_ in rows} | {26, 27}
    assert named == set(range(1, source.count("<rule ") + 1))
