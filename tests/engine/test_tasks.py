"""User tasks through the one command that completes them, on both databases."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import func, select

from engine import errors, instances, tasks
from engine.models.processes import Draft, ProcessInstance, UserTask
from engine.open_tasks import open_task
from engine.policy import Actor
from engine.services import Services, Step
from engine.soundness import Flaw, flaws
from tests import diagrams, small_forms
from tests.conftest import House, add_person, recorded

TALK = small_forms.form(
    "talk",
    small_forms.field("textfield", "summary", required=True),
    small_forms.field(
        "radio", "another", values=[{"value": "yes", "label": "是"}, {"value": "no", "label": "否"}]
    ),
)
TALKS = diagrams.process(
    "talks",
    [
        diagrams.start(),
        diagrams.user_task("hold_talk", "talk", outputs="another=another"),
        diagrams.choice("enough"),
        diagrams.user_task("report", groups="chief_mediator"),
        diagrams.end(),
    ],
    [
        "begun -> hold_talk",
        "hold_talk -> enough",
        'enough -> hold_talk: another = "yes"',
        "enough => report",
        "report -> ended",
    ],
)


def begin(house: House, process_id: str = "talks", **variables: Any) -> str:
    """A started process with every role's account as a member; gives the root's id."""
    with house.engine.sessions.command(house.mediator.tenant_id) as session:
        new = instances.NewProcess(process_id, house.body_id, variables)
        root = instances.start(session, house.engine, house.reception, new, lambda _: None)
        instances.add_member(session, root.id, house.mediator.id)
        return root.id


def open_tasks(house: House, root_id: str) -> list[UserTask]:
    with house.engine.sessions.query(house.mediator.tenant_id) as session:
        found = select(UserTask).where(UserTask.root_id == root_id, UserTask.status == "open")
        return list(session.scalars(found.order_by(UserTask.id)))


def the_task(house: House, root_id: str) -> UserTask:
    (task,) = open_tasks(house, root_id)
    return task


@pytest.fixture
def talks(house: House) -> tuple[House, str]:
    house.deploy({"talks.bpmn": TALKS, "talk.form": TALK})
    return house, begin(house)


def complete(house: House, actor: Actor, root_id: str, key: str = "k", **answers: Any) -> tasks.TaskDone:
    return tasks.complete_task(house.engine, actor, the_task(house, root_id).id, answers, key)


def test_a_completed_task_opens_the_next_one(talks: tuple[House, str]) -> None:
    house, root_id = talks
    done = complete(house, house.mediator, root_id, summary="谈过", another="no")
    after = the_task(house, root_id)
    assert done.next_task_ids == (after.id,)
    assert after.node_id == "report"


def test_a_gateway_leads_back_as_often_as_the_answers_say(talks: tuple[House, str]) -> None:
    house, root_id = talks
    for turn in range(5):
        complete(house, house.mediator, root_id, key=f"k{turn}", summary="再谈", another="yes")
        assert the_task(house, root_id).node_id == "hold_talk"


def test_only_mapped_answers_become_variables(talks: tuple[House, str]) -> None:
    house, root_id = talks
    complete(house, house.mediator, root_id, summary="他愿意让一步", another="no")
    with house.engine.sessions.query(house.mediator.tenant_id) as session:
        root = session.scalars(select(ProcessInstance).where(ProcessInstance.id == root_id)).one()
    assert root.variables == {"another": "no"}
    assert "让一步" not in root.state


def test_the_process_ends_after_its_last_task(talks: tuple[House, str]) -> None:
    house, root_id = talks
    complete(house, house.mediator, root_id, summary="谈过", another="no")
    complete(house, house.chief_mediator, root_id, key="k2")
    with house.engine.sessions.query(house.mediator.tenant_id) as session:
        root = session.scalars(select(ProcessInstance).where(ProcessInstance.id == root_id)).one()
    assert root.status == "ended"
    assert root.ended_at is not None


def test_the_same_key_with_the_same_answers_is_answered_again_and_done_once(talks: tuple[House, str]) -> None:
    house, root_id = talks
    task = the_task(house, root_id)
    answers = {"summary": "谈过", "another": "no"}
    first = tasks.complete_task(house.engine, house.mediator, task.id, answers, "same")
    second = tasks.complete_task(house.engine, house.mediator, task.id, answers, "same")
    assert first == second
    assert len(open_tasks(house, root_id)) == 1


def test_the_same_key_with_other_answers_is_refused(talks: tuple[House, str]) -> None:
    house, root_id = talks
    task = the_task(house, root_id)
    tasks.complete_task(house.engine, house.mediator, task.id, {"summary": "谈过", "another": "no"}, "same")
    with pytest.raises(errors.KeyReused):
        tasks.complete_task(
            house.engine, house.mediator, task.id, {"summary": "没谈", "another": "no"}, "same"
        )


def test_a_second_completion_learns_who_was_first(talks: tuple[House, str]) -> None:
    house, root_id = talks
    task = the_task(house, root_id)
    tasks.complete_task(house.engine, house.mediator, task.id, {"summary": "谈过", "another": "no"}, "one")
    with pytest.raises(errors.TaskClosed) as closed:
        tasks.complete_task(
            house.engine, house.mediator, task.id, {"summary": "谈过", "another": "no"}, "two"
        )
    assert closed.value.params["who"] == house.mediator.name


def test_of_eight_who_submit_at_once_one_succeeds(talks: tuple[House, str]) -> None:
    house, root_id = talks
    task = the_task(house, root_id)

    def submit(number: int) -> str:
        try:
            tasks.complete_task(
                house.engine,
                house.mediator,
                task.id,
                {"summary": str(number), "another": "no"},
                f"key{number}",
            )
        except errors.TaskClosed:
            return "closed"
        return "done"

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(submit, range(8))) == ["closed"] * 7 + ["done"]
    assert len(open_tasks(house, root_id)) == 1


def test_invalid_answers_change_nothing(talks: tuple[House, str]) -> None:
    house, root_id = talks
    before = the_task(house, root_id)
    with pytest.raises(errors.InvalidAnswers) as invalid:
        complete(house, house.mediator, root_id, another="no")
    assert set(invalid.value.errors) == {"summary"}
    assert the_task(house, root_id).id == before.id
    assert recorded(house, root_id) == ["process.started"]


def test_an_answer_that_was_not_asked_is_refused(talks: tuple[House, str]) -> None:
    house, root_id = talks
    with pytest.raises(errors.InvalidAnswers) as invalid:
        complete(house, house.mediator, root_id, summary="谈过", another="no", amount=5)
    assert "amount" in invalid.value.errors


def test_a_task_without_a_form_takes_no_answers(talks: tuple[House, str]) -> None:
    house, root_id = talks
    complete(house, house.mediator, root_id, summary="谈过", another="no")
    with pytest.raises(errors.InvalidAnswers):
        complete(house, house.chief_mediator, root_id, key="k2", sneaked="in")


def test_who_does_not_see_the_case_learns_not_even_that_it_exists(talks: tuple[House, str]) -> None:
    house, root_id = talks
    stranger = add_person(house.engine, house.mediator.tenant_id, house.body_id, "mediator", "stranger")
    with pytest.raises(errors.NotFound):
        complete(house, stranger, root_id, summary="谈过", another="no")
    with pytest.raises(errors.NotFound):
        open_task(house.engine, stranger, the_task(house, root_id).id)


def test_who_sees_the_case_but_has_another_role_is_refused(talks: tuple[House, str]) -> None:
    house, root_id = talks
    with pytest.raises(errors.Forbidden):
        complete(house, house.seal_keeper, root_id, summary="谈过", another="no")


def test_a_claimed_task_is_completed_by_nobody_else(talks: tuple[House, str]) -> None:
    house, root_id = talks
    complete(house, house.mediator, root_id, summary="谈过", another="no")
    second = add_person(
        house.engine, house.mediator.tenant_id, house.body_id, "chief_mediator", "second_chief"
    )
    task = the_task(house, root_id)
    tasks.claim_task(house.engine, house.chief_mediator, task.id)
    with pytest.raises(errors.TaskClaimed):
        tasks.claim_task(house.engine, second, task.id)
    with pytest.raises(errors.TaskClaimed):
        tasks.complete_task(house.engine, second, task.id, {}, "k2")
    tasks.release_task(house.engine, house.chief_mediator, task.id)
    assert tasks.complete_task(house.engine, second, task.id, {}, "k3").next_task_ids == ()


def test_a_draft_keeps_what_was_typed_even_if_it_is_invalid(talks: tuple[House, str]) -> None:
    house, root_id = talks
    task = the_task(house, root_id)
    tasks.save_draft(house.engine, house.mediator, task.id, {"summary": "", "another": "也许"})
    tasks.save_draft(house.engine, house.mediator, task.id, {"summary": "写到一半"})
    assert open_task(house.engine, house.mediator, task.id).draft == {"summary": "写到一半"}
    assert recorded(house, root_id) == ["process.started"]


def test_what_was_typed_is_kept_though_a_colleague_takes_the_task_on(talks: tuple[House, str]) -> None:
    house, root_id = talks
    task = the_task(house, root_id)
    second = add_person(house.engine, house.mediator.tenant_id, house.body_id, "mediator", "second")
    with house.engine.sessions.command(house.mediator.tenant_id) as session:
        instances.add_member(session, root_id, second.id)
    tasks.claim_task(house.engine, house.mediator, task.id)
    tasks.save_draft(house.engine, second, task.id, {"summary": "写了一下午"})
    assert open_task(house.engine, house.mediator, task.id).draft is None
    tasks.release_task(house.engine, house.mediator, task.id)
    assert open_task(house.engine, second, task.id).draft == {"summary": "写了一下午"}
    with pytest.raises(errors.Forbidden):
        tasks.save_draft(house.engine, house.reception, task.id, {})
    complete(house, house.mediator, root_id, summary="谈过", another="no")
    with pytest.raises(errors.TaskClosed):
        tasks.save_draft(house.engine, second, task.id, {})


def test_completing_a_task_throws_its_drafts_away(talks: tuple[House, str]) -> None:
    house, root_id = talks
    tasks.save_draft(house.engine, house.mediator, the_task(house, root_id).id, {"summary": "写到一半"})
    complete(house, house.mediator, root_id, summary="谈过", another="no")
    with house.engine.sessions.query(house.mediator.tenant_id) as session:
        assert session.scalar(select(func.count()).select_from(Draft)) == 0


def test_an_effect_that_refuses_undoes_the_whole_step(url: str, make_house: Callable[..., House]) -> None:
    def forbid(step: Step) -> None:
        step.root.variables = {"spoilt": True}
        raise errors.LawForbids("《人民调解法》第十七条", "a party refused")

    house = make_house(url, Services(effects={"forbidden": forbid}))
    form = small_forms.form("ask", small_forms.field("textfield", "word"), effects="forbidden")
    house.deploy({"p.bpmn": diagrams.in_line("p", [diagrams.user_task("ask", "ask")]), "ask.form": form})
    root_id = begin(house, "p")
    with pytest.raises(errors.LawForbids):
        complete(house, house.mediator, root_id, word="a")
    assert the_task(house, root_id).node_id == "ask"
    assert recorded(house, root_id) == ["process.started"]


def test_private_answers_never_become_variables_whatever_the_diagram_maps(
    sqlite_url: str, make_house: Callable[..., House]
) -> None:
    told: list[object] = []
    services = Services(
        effects={"listened": lambda step: told.append(step.answers["said"])},
        private={"listened": frozenset({"said"})},
    )
    house = make_house(sqlite_url, services)
    form = small_forms.form("ask", small_forms.field("textfield", "said"), effects="listened")
    first = diagrams.user_task("ask", "ask", outputs="leaked=said")
    house.deploy({"p.bpmn": diagrams.in_line("p", [first, diagrams.user_task("next")]), "ask.form": form})
    root_id = begin(house, "p")
    complete(house, house.mediator, root_id, said="我愿意再让两千")
    with house.engine.sessions.query(house.mediator.tenant_id) as session:
        root = session.scalars(select(ProcessInstance).where(ProcessInstance.id == root_id)).one()
    assert told == ["我愿意再让两千"]
    assert root.variables == {"leaked": None}


def test_private_answers_are_not_kept_with_the_task_and_the_others_are_still_proved(
    url: str, make_house: Callable[..., House]
) -> None:
    services = Services(effects={"listened": lambda _: None}, private={"listened": frozenset({"said"})})
    house = make_house(url, services)
    asked = [small_forms.field("textfield", name) for name in ("said", "held")]
    form = small_forms.form("ask", *asked, effects="listened")
    house.deploy({"p.bpmn": diagrams.in_line("p", [diagrams.user_task("ask", "ask")]), "ask.form": form})
    task_id = the_task(house, begin(house, "p")).id
    answers = {"said": "我愿意再让两千", "held": "上午"}
    tasks.complete_task(house.engine, house.mediator, task_id, answers, "k")
    with house.engine.sessions.command(house.mediator.tenant_id) as session:
        kept = session.scalars(select(UserTask).where(UserTask.id == task_id)).one()
        assert kept.answers == {"held": "上午"}
        assert list(flaws(house.engine, house.mediator.tenant_id, {})) == []
        kept.answers = {"held": "下午"}
    assert list(flaws(house.engine, house.mediator.tenant_id, {})) == [Flaw("answers", task_id)]


def test_who_may_not_act_on_a_task_sees_none_of_its_variables(talks: tuple[House, str]) -> None:
    house, root_id = talks
    complete(house, house.mediator, root_id, summary="谈过", another="no")
    report = the_task(house, root_id)
    assert open_task(house.engine, house.chief_mediator, report.id).context["another"] == "no"
    assert "another" not in open_task(house.engine, house.mediator, report.id).context


@pytest.mark.parametrize("text", ["\ud800", float("nan")])
def test_what_can_not_be_kept_is_refused_by_name(talks: tuple[House, str], text: object) -> None:
    house, root_id = talks
    with pytest.raises(errors.UnreadableRequest):
        complete(house, house.mediator, root_id, summary=text, another="no")
    with pytest.raises(errors.UnreadableRequest):
        tasks.save_draft(house.engine, house.mediator, the_task(house, root_id).id, {"summary": text})


@pytest.mark.parametrize("key", ["", "k" * 101])
def test_a_key_that_is_none_is_refused(talks: tuple[House, str], key: str) -> None:
    house, root_id = talks
    with pytest.raises(errors.KeyUnusable):
        complete(house, house.mediator, root_id, key=key, summary="谈过", another="no")


def test_a_party_does_not_claim_the_task_that_all_parties_share(talks: tuple[House, str]) -> None:
    house, root_id = talks
    party = Actor(
        house.mediator.tenant_id, "p", "罗小琴", frozenset({"party"}), party_id="p", instance_id=root_id
    )
    with pytest.raises(errors.Forbidden):
        tasks.claim_task(house.engine, party, the_task(house, root_id).id)


def test_a_step_takes_at_most_twelve_statements_and_one_commit(
    sqlite_url: str, make_house: Callable[..., House], statements: list[str]
) -> None:
    house = make_house(sqlite_url)
    house.deploy({"talks.bpmn": TALKS, "talk.form": TALK})
    root_id = begin(house)
    complete(house, house.mediator, root_id, key="warm", summary="谈过", another="yes")
    task = the_task(house, root_id)
    statements.clear()
    tasks.complete_task(
        house.engine, house.mediator, task.id, {"summary": "谈过", "another": "no"}, "measured"
    )
    begun = [text for text in statements if not text.startswith(("BEGIN", "PRAGMA"))]
    assert len(begun) <= 12, begun
    assert sum(text.startswith("BEGIN IMMEDIATE") for text in statements) == 1
