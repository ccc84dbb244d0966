"""The forms of invitations to a consultation: what they say after reminders, experts by list or by name."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

import forms
from forms.view import Drawing, Text

FORMS = Path(__file__).resolve().parents[2] / "forms"
DOCTOR = {"kind": "expert", "reason": "看伤情"}
CONTEXT = {"consultation": {"experts": [{"value": "x1", "label": "冯医生（骨科）"}]}}


def form(name: str) -> forms.Form:
    return forms.load((FORMS / f"{name}.form").read_text(encoding="utf-8"))


def inside(parts: Sequence[Any]) -> Iterator[Any]:
    for part in parts:
        yield part
        yield from inside(getattr(part, "parts", ()))


def prose(reminders: int) -> str:
    context = {"consultation": {"reminders": reminders, "invited": [], "unanswered": []}}
    parts = form("record_invitation_answers").draw(0, {"answers": []}, context, Drawing({}, "zh"))
    return "".join(part.html for part in inside(parts) if isinstance(part, Text))


@pytest.mark.parametrize(
    ("reminders", "once", "twice"), [(0, False, False), (1, True, False), (2, False, True), (3, False, True)]
)
def test_after_one_reminder_they_are_asked_again_and_after_two_the_superior(
    reminders: int, *, once: bool, twice: bool
) -> None:
    assert ("催办了一次" in prose(reminders)) is once
    assert ("写明请哪个上级督促" in prose(reminders)) is twice


def cleaned(**row: Any) -> dict[str, Any]:
    answers = form("choose_invitees").validate({"invitees": [DOCTOR | row]}, CONTEXT)
    return dict(answers["invitees"][0])


def test_an_expert_of_the_list_needs_no_name_and_another_one_does() -> None:
    assert cleaned(expert_id="x1")["expert_id"] == "x1"
    assert cleaned(name="吴工")["name"] == "吴工"
    with pytest.raises(forms.InvalidAnswers) as refused:
        cleaned()
    assert list(refused.value.errors) == ["invitees.0.name"]


def test_a_department_is_never_chosen_from_the_list_of_experts() -> None:
    assert not cleaned(kind="department", name="区税务局", expert_id="x1").get("expert_id")


def test_somebody_who_is_not_on_the_list_can_not_be_chosen_from_it() -> None:
    with pytest.raises(forms.InvalidAnswers) as refused:
        cleaned(expert_id="x2")
    assert list(refused.value.errors) == ["invitees.0.expert_id"]
