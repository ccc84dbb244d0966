"""Fifty walks of chance through the shipped diagrams, towards each path in turn: the law holds in all."""

import datetime as dt
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from sqlalchemy import update
from sqlalchemy.orm import object_session

from engine import jobs, messages
from engine.mediation.lookup import case_of
from engine.mediation.play import Player, Stage
from engine.models.base import new_id
from engine.models.cases import Case
from engine.models.records import Job
from tests.reliability import walks
from web import rehearsal, settings
from web.words import PATHS

from .answering import Usual
from .walk import Walk, end_breaches

WALKS = 50
On = tuple[Stage, Usual]
Bound = tuple[Stage, str]
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def on() -> Iterator[On]:
    with walks.stage() as built:
        yield built


@pytest.fixture(scope="module")
def bound(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Bound]]:
    """A case with a written agreement that binds, and one with an oral one, each in a house of its own."""
    with ExitStack() as houses:
        found = {}
        for form, name in (("written", "tricycle_accident"), ("oral", "dripping_laundry")):
            script = json.loads((walks.CASES / f"{name}.json").read_text(encoding="utf-8"))
            chosen = settings.read({"WOSHOU_DATA": str(tmp_path_factory.mktemp(form))})
            stage = houses.enter_context(rehearsal.stage_for(chosen, script))
            player = Player(stage, script, name)
            list(player.play())
            found[form] = (stage, player.case_id)
        yield found


def test_wherever_chance_leads_a_case_the_law_holds_and_somebody_can_go_on(on: On) -> None:
    seen = walks.tour(*on, range(WALKS))
    assert seen.walks == WALKS
    assert not seen.breaches, "\n".join(seen.lines())
    assert set(PATHS) <= set(seen.processes), "a path was never walked"
    assert {"effective", "ended", "signing"} <= set(seen.states), "\n".join(seen.lines())


def test_the_same_seed_goes_the_same_way(on: On) -> None:
    first, second = (Walk(*on, 4, "face_to_face").go() for _ in range(2))
    assert first.case_id != second.case_id
    assert (first.nodes, first.refusals, first.status) == (second.nodes, second.refusals, second.status)


def without_consent(case: Case) -> None:
    case.parties[0].consents = None


def effective_too_early(case: Case) -> None:
    assert case.agreement is not None
    assert case.agreement.effective_at is not None
    case.agreement.effective_at -= dt.timedelta(days=1)


def without_seal(case: Case) -> None:
    assert case.agreement is not None
    case.agreement.marks = [mark for mark in case.agreement.marks if mark.signer_kind != "seal"]


def not_effective(case: Case) -> None:
    assert case.agreement is not None
    case.agreement.effective_at = None


def without_mediator(case: Case) -> None:
    assert case.agreement is not None
    case.agreement.marks = [mark for mark in case.agreement.marks if mark.signer_kind != "mediator"]


def without_a_party(case: Case) -> None:
    assert case.agreement is not None
    case.agreement.party_ids = case.agreement.party_ids[1:]


def told_in_vain(case: Case) -> None:
    session = object_session(case)
    assert session is not None
    payload = {"root_id": case.id, "message": "death"}
    jobs.enqueue(session, messages.UNHEARD, new_id(), dt.datetime.now(dt.UTC), payload)
    session.execute(update(Job).where(Job.kind == messages.UNHEARD).values(status="failed"))


@pytest.mark.parametrize(
    ("form", "wrong", "said"),
    [
        ("written", without_consent, "did not consent"),
        ("written", effective_too_early, "effective at another moment"),
        ("written", without_seal, "effective without all marks"),
        ("written", not_effective, "ended without the notice"),
        ("written", told_in_vain, "no diagram heard it"),
        ("oral", effective_too_early, "effective on another day"),
        ("oral", without_mediator, "the mediator has not signed"),
        ("oral", without_seal, "bears no seal"),
        ("oral", without_a_party, "others than those who take part"),
        ("oral", not_effective, "does not bind"),
    ],
)
def test_what_the_law_forbids_would_be_seen(
    bound: dict[str, Bound], form: str, wrong: Callable[[Case], None], said: str
) -> None:
    stage, case_id = bound[form]
    with stage.engine.sessions.command(stage.tenant_id) as session:
        case = case_of(session, case_id)
        assert not list(end_breaches(session, case))
        wrong(case)
        session.flush()
        found = list(end_breaches(session, case))
        session.rollback()
    assert any(said in breach for breach in found), found
