"""Findings as an administrator reads them: no code, no English in Chinese, no place left unfilled."""

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from engine import bpmn, checks, feel
from tests.conftest import House
from web import findings

CATALOGUE = Path(__file__).parents[2] / "web" / "translations" / "zh" / "LC_MESSAGES" / "messages.po"
ENGLISH_WORDS = re.compile(r"[a-z]{3,} [a-z]{2,}")


@pytest.fixture(scope="module")
def chinese() -> findings.Translate:
    with CATALOGUE.open("rb") as file:
        catalogue = read_po(file, locale="zh")

    def translate(message: str) -> str:
        found = catalogue.get(message)
        return str(found.string) if found else message

    return translate


def of(rule: str, **params: object) -> bpmn.Finding:
    return bpmn.finding(rule, "left", 7, params, "有人退出")


def test_a_line_names_the_place_the_fault_and_the_way_to_mend_it(chinese: findings.Translate) -> None:
    found = of("event-here", kind="boundary_event", event="signal", allowed="message, timer")
    assert findings.as_line(found, str) == (
        "error: left (event-here, 7) 有人退出: boundary event can't be an event of the kind signal. "
        "Here the kind may be: message, timer."
    )
    line = findings.as_line(found, chinese)
    assert "边界事件不能是信号事件" in line
    assert "消息, 定时" in line


def test_a_problem_of_feel_is_told_in_the_reader_s_language(chinese: findings.Translate) -> None:
    with pytest.raises(feel.FeelError) as refused:
        feel.parse("a + ")
    found = of("feel", text="a + ", problem=refused.value, attribute="due_date")
    assert str(refused.value) in str(found)
    line = findings.as_line(found, chinese)
    assert not ENGLISH_WORDS.search(line.partition("有人退出")[2])
    assert "第1行" in line
    assert "到期时间" in line
    assert "a value" not in line


def test_a_fault_of_feel_is_told_in_the_reader_s_language(chinese: findings.Translate) -> None:
    (fault,) = feel.parse("1 +\n abs(1, 2)").faults()
    found = of("feel-fault", text="1 + abs(1, 2)", problem=fault, attribute="condition")
    assert "takes 1 arguments, not 2. (line 2, column 5)" in findings.as_line(found, str)
    line = findings.as_line(found, chinese)
    assert not ENGLISH_WORDS.search(line.partition("有人退出")[2])
    assert "第2行第5列" in line


def test_a_decision_that_can_not_be_read_is_told_in_the_reader_s_language(
    house: House, chinese: findings.Translate
) -> None:
    parts = ("1 +", "abs(1, 2)")
    logic = "".join(f"<literalExpression><text>{part}</text></literalExpression>" for part in parts)
    content = (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" id="m" name="m" namespace="m">'
        f'<decision id="d" name="d"><list>{logic}</list></decision></definitions>'
    )
    found, _ = checks.check(house.engine, {"m.dmn": content.encode()})
    said = [str(one.params["problem"]) for one in found]
    assert said == [
        "The expression ends where a value is expected. (line 1, column 4)",
        "The function abs takes 1 arguments, not 2. (line 1, column 4)",
    ]
    lines = [findings.as_line(one, str) for one in found]
    assert ["can't be read" in line for line in lines] == [True, False]
    assert all(problem in line for problem, line in zip(said, lines, strict=True))
    told = [findings.as_line(one, chinese).partition(")")[2] for one in found]
    assert len(told) == 2
    assert not any(ENGLISH_WORDS.search(line) or "a value" in line for line in told)


def test_an_article_is_told_in_the_reader_s_language(chinese: findings.Translate) -> None:
    found = of("law-unproved", law_ref="People's Mediation Law Art. 26")
    assert "《人民调解法》第二十六条" in str(findings.as_json(found, chinese)["message"])
