"""The shipped diagrams of television: each consent taken back at each stage, and where that leads."""

import datetime as dt
import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from sqlalchemy import select

import forms
from engine import Engine, errors, mediation, timers
from engine.definitions import Definitions
from engine.mediation.broadcast_items import ALWAYS, ITEMS, STAGES, consequence
from engine.mediation.broadcast_ledger import ConsentWithdrawal, withdraw_consent
from engine.mediation.broadcast_uses import read_do_not_air
from engine.mediation.play import Clock, Player, Stage, StepRefused
from engine.models.base import new_id
from engine.models.processes import ProcessInstance
from engine.sessions import Sessions
from web import rehearsal, settings
from web.settings import Settings

from ..conftest import TENANT, House, add_person

pytestmark = pytest.mark.slow

CASE = Path(__file__).parents[1] / "cases" / "tv_lift.json"
PARTY = "黎桂芳"
# The step (of several of that name the nth) of the script that brings the programme to a stage.
REACHED = {
    ("agree_on_guests", 1): "planned", ("hold_joint_session", 2): "recorded",
    ("begin_cooling_off", 1): "cooling_off", ("lock_edit", 1): "edit_locked",
    ("preview_footage", 2): "previewed", ("broadcast_footage", 2): "aired",
    ("take_down_footage", 1): "taken_down",
}  # fmt: skip
# What is to be done for the programme at a stage, where nothing stops it.
WORK = {
    "recorded": ["begin_cooling_off"], "cooling_off": ["lock_edit"], "edit_locked": ["preview_footage"],
    "previewed": ["broadcast_footage"],
}  # fmt: skip


class Standstill(NamedTuple):
    """A case at one stage: a copy of its database, its clock, and its id."""

    database: Path
    clock: Clock
    case_id: str


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Stage, dict[str, Standstill]]]:
    """The script played once, the applicant taking nothing back; the database is copied at each stage."""
    folder = tmp_path_factory.mktemp("tv")
    chosen = Settings(folder, f"sqlite:///{folder / 'woshou.db'}", folder / "authority")
    script = json.loads(CASE.read_text(encoding="utf-8"))
    script["steps"] = without_the_first_takedown(script["steps"])
    found: dict[str, Standstill] = {}
    with rehearsal.stage_for(chosen, script) as stage:
        player, times = Player(stage, script, CASE.stem), Counter[str]()
        for step in player.play():
            times[step.what] += 1
            if reached := REACHED.get((step.what, times[step.what])):
                copy = copied(stage.engine, folder / f"{reached}.db")
                found[reached] = Standstill(copy, Clock(step.at), player.case_id)
        yield stage, found


def without_the_first_takedown(steps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    takedown = next(one for one in steps if one.get("task") == "take_down_footage")
    mine = [one for one in steps if one.get("take_back", {}).get("party") == PARTY]
    return [one for one in steps if one is not takedown and one not in mine]


def copied(engine: Engine, target: Path) -> Path:
    source = engine.sessions.url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(target)) as copy:
        live.backup(copy)
    return target


class AtStage:
    """A copy of the case that stands at a stage."""

    def __init__(self, stage: Stage, still: Standstill, folder: Path) -> None:
        file = folder / "woshou.db"
        file.write_bytes(still.database.read_bytes())
        # Its own definitions: with them go the live instances, which other copies have moved elsewhere.
        own = {"sessions": Sessions(f"sqlite:///{file}"), "definitions": Definitions(forms)}
        self.engine = replace(stage.engine, **own, now=still.clock)  # type: ignore[arg-type]
        self.player = Player(Stage(self.engine, still.clock, stage.tenant_id), {"steps": []}, "copy")
        self.player.case_id = self.case_id = still.case_id

    def do(self, who: str, task: str, **answers: Any) -> None:
        step = {"at": self.engine.now().isoformat(), "as": who, "task": task, "answers": answers}
        self.player.script = {"steps": [step]}
        self.player.name = new_id()
        list(self.player.play())

    def take_back(self, item: str) -> None:
        actor = self.player._actor(PARTY)
        asked = ConsentWithdrawal(self.case_id, actor.party_id or "", item)
        withdraw_consent(self.engine, actor, asked, new_id())

    def listed(self) -> dict[str, Any]:
        return dict(read_do_not_air(self.engine, self.player._actor("mediator"), self.case_id))

    def mine(self) -> list[tuple[str, str]]:
        me = self.player._party_id(PARTY)
        return [(one["item"], one["why"]) for one in self.listed()["entries"] if one["party"]["id"] == me]

    def root(self) -> ProcessInstance:
        with self.engine.sessions.query(TENANT) as session:
            return session.scalars(select(ProcessInstance).where(ProcessInstance.id == self.case_id)).one()

    def forward(self, moment: str) -> None:
        """Let time pass, and what is due happen."""
        self.player.stage.clock.moment = dt.datetime.fromisoformat(moment)
        timers.fire_due(self.engine)

    def open(self) -> tuple[list[str], list[str]]:
        """The tasks of the programme, and those of the mediation."""
        names = self.player.open_tasks()
        ours = {*(name for names in WORK.values() for name in names), "take_down_footage"}
        return [name for name in names if name in ours], [name for name in names if name not in ours]


@pytest.fixture
def case(
    played: tuple[Stage, dict[str, Standstill]], request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[AtStage]:
    stage, found = played
    there = AtStage(stage, found[request.param], tmp_path)
    yield there
    there.engine.sessions.dispose()


@pytest.mark.parametrize("item", ITEMS)
@pytest.mark.parametrize(("case", "reached"), [(one, one) for one in STAGES], indirect=["case"])
def test_a_consent_taken_back_at_a_stage_is_in_the_list_and_stops_what_it_must(
    case: AtStage, reached: str, item: str
) -> None:
    programme, mediation = case.open()
    assert (case.listed()["stage"], case.mine()) == (reached, [])
    assert programme == WORK.get(reached, [])
    case.take_back(item)
    assert case.mine() == [(item, "withdrawn")]
    listed, means = case.listed(), consequence(item, reached).code
    assert listed["quarantined"] is (item in ALWAYS and reached != "planned")
    assert len(listed["takedowns_open"]) == (1 if means == "take_down" else 0)
    stops = means in ("quarantine", "take_down")
    assert case.open() == (["take_down_footage"] if stops else programme, mediation)


at = pytest.mark.parametrize


@at("case", ["previewed"], indirect=True)
def test_the_cut_is_shown_on_no_other_channel_than_the_parties_have_agreed_to(case: AtStage) -> None:
    with pytest.raises(StepRefused) as refused:
        case.do(
            "mediator", "broadcast_footage", kind="broadcast", outlet="别的频道", airs_on="2026-10-24",
            elsewhere="no",
        )  # fmt: skip
    assert isinstance(refused.value.refused, errors.LawForbids)
    assert refused.value.refused.law_ref == "Personal Information Protection Law Art. 25"


@at("case", ["previewed"], indirect=True)
def test_a_programme_that_is_not_shown_is_over_and_the_case_too(case: AtStage) -> None:
    case.do("mediator", "broadcast_footage", kind="none")
    assert case.open() == ([], [])
    assert case.root().status == "ended"


@at("case", ["aired"], indirect=True)
def test_what_stays_on_air_is_waited_for_until_the_last_term_and_then_taken_down(case: AtStage) -> None:
    assert case.root().status == "active"
    case.forward("2028-10-31T12:00:00+08:00")
    assert case.open() == ([], [])
    case.forward("2028-11-01T00:10:00+08:00")
    assert case.open() == (["take_down_footage"], [])
    case.do("mediator", "take_down_footage", scope="all", done_on="2028-11-01", note="期限到了。")
    assert case.root().status == "ended"


@at("case", ["aired"], indirect=True)
def test_what_remains_is_cut_anew_or_stays_on_air_as_it_is(case: AtStage) -> None:
    for item, recut, then in (("web", "no", []), ("archive", "yes", ["begin_cooling_off"])):
        case.take_back(item)
        done = case.engine.now().date().isoformat()
        some = {"scope": "requests", "done_on": done, "note": "已删除。", "recut": recut}
        case.do("mediator", "take_down_footage", **some)
        assert case.open() == (then, [])


@at("case", ["edit_locked"], indirect=True)
def test_footage_that_a_party_wants_gone_before_it_was_shown_is_locked_away(case: AtStage) -> None:
    _, mediation_tasks = case.open()
    case.take_back("recording")
    case.do(
        "mediator", "take_down_footage", scope="requests", done_on="2026-10-19", note="封存。", recut="yes"
    )
    assert case.open() == ([], mediation_tasks), "without its consent nothing is cut anew"


@at("case", ["taken_down"], indirect=True)
def test_nothing_that_the_parties_said_in_confidence_is_a_variable(case: AtStage) -> None:
    private = {"guests", "previews", "objection", "web_name", "channel_until", "take_part", "face", "alias"}
    with case.engine.sessions.query(TENANT) as session:
        rows = session.scalars(select(ProcessInstance)).all()
    assert {row.process_id for row in rows} >= {"mediation", "tv", "broadcast", "agreement"}
    assert {row.process_id for row in rows if row.status != "ended"} == {"expiry"}, (
        "its period is over with it"
    )
    assert [name for row in rows for name in private & set(row.variables)] == []


def test_a_case_walks_to_its_end_with_the_cameras_off_on_both_databases(
    url: str, make_house: Callable[..., House]
) -> None:
    real = mediation.services(None, None)  # type: ignore[arg-type]
    silent = {
        name: replace(task, work=lambda _: None, store=lambda _: {}) for name, task in real.tasks.items()
    }
    effects = {**real.effects, **mediation.EFFECTS}
    # Nothing is printed, so there is no dossier either.
    quiet = replace(real, tasks=silent, effects=effects, may_end=mediation.guards.require_told)
    house = make_house(url, quiet)
    add_person(house.engine, TENANT, house.body_id, "chief_mediator", "chief")
    house.deploy(settings.shipped_files())
    script = json.loads(CASE.with_name("tv_cameras_off.json").read_text(encoding="utf-8"))
    clock = Clock(house.clock.moment)
    player = Player(Stage(replace(house.engine, now=clock), clock, TENANT), script, "cameras_off")
    assert len(list(player.play())) == len(script["steps"])
    with house.engine.sessions.query(TENANT) as session:
        rows = session.scalars(select(ProcessInstance)).all()
    walked = Counter(row.process_id for row in rows)
    assert (walked["mediation"], walked["tv"], walked["broadcast"]) == (1, 2, 1), "one case, however often"
    assert {row.process_id for row in rows if row.status != "ended"} == {"expiry"}, (
        "its period is over with it"
    )
