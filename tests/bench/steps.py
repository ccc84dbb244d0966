"""How long a step takes: in process, over a whole case, by HTTP; and how long an agreement takes."""

import datetime as dt
import json
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import quote

import forms
from engine import Engine, definitions, instances, keys, migrations, policy, tasks
from engine.documents import authority, sign, verify
from engine.documents.render import Renderer
from engine.documents.templates import fill
from engine.mediation.play import Player
from engine.services import Services
from engine.sessions import Sessions
from tests import conftest, diagrams, small_forms
from tests.bench import baseline
from tests.journeys import script
from tests.journeys.server import running
from tests.journeys.visitor import Visitor
from web import rehearsal, settings

CASE = Path(__file__).parent.parent / "cases" / "tricycle_accident.json"
ROUNDS = 5


def user_task(folder: Path, rounds: int = 40) -> list[float]:
    """Seconds of each `complete_task` with five variables in a diagram of ten tasks, on SQLite."""
    house = _house(folder)
    asked = small_forms.form("ask", *[small_forms.field("textfield", f"answer_{n}") for n in range(5)])
    line = diagrams.in_line("line", [diagrams.user_task(f"task_{n}", "ask") for n in range(10)])
    house.deploy({"line.bpmn": line, "ask.form": asked})
    answers = {f"answer_{n}": "双方都同意" for n in range(5)}
    taken = []
    for round_number in range(rounds):
        task_id = _begin(house)
        for step in range(9):
            begun = time.perf_counter()
            done = tasks.complete_task(
                house.engine, house.mediator, task_id, answers, f"{round_number}-{step}"
            )
            taken.append(time.perf_counter() - begun)
            (task_id,) = done.next_task_ids
    house.engine.sessions.dispose()
    return taken[len(taken) // 4 :]


def whole_case() -> list[float]:
    """Seconds of each `complete_task` of the tricycle case, played several times."""
    taken: list[float] = []
    complete = tasks.complete_task

    def timed(*arguments: Any) -> tasks.TaskDone:
        begun = time.perf_counter()
        done = complete(*arguments)
        taken.append(time.perf_counter() - begun)
        return done

    played = json.loads(CASE.read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder, rehearsal.stage_for(_settings(folder), played) as stage:
        list(Player(stage, played, "warm").play())
        with mock.patch.object(tasks, "complete_task", timed):
            for number in range(ROUNDS):
                list(Player(stage, played, f"case {number}").play())
    return taken


def by_http() -> tuple[list[float], list[float]]:
    """Seconds of each completing POST of the tricycle case at a real server, and of each task page."""
    steps = script.steps("tricycle_accident")
    posts: list[float] = []
    pages: list[float] = []
    with tempfile.TemporaryDirectory() as folder, running(Path(folder) / "data") as server:
        people: dict[str, Visitor] = {}
        case = ""
        for number, step in enumerate(steps):
            who = step["as"]
            if who not in people:
                people[who] = _arrive(server.address, who, people, case)
            visitor = people[who]
            task = visitor.open_case() if number == 0 else _task(visitor, who)
            pages += _timed_pages(visitor, task)
            visitor.fill(task, step["answers"])
            posts.append(visitor.post_seconds[-1])
            case = case or _case(people["reception"])
    return posts, pages


def agreement(rounds: int = 7) -> tuple[list[float], list[float]]:
    """Seconds to print, sign four times and check; with Woshou and with the bare libraries, in turn."""
    names = ["party_1", "party_2", "mediator", "seal"]
    html = _filled_agreement(names)
    css = (settings.ROOT / "processes" / "documents" / "print.css").read_text(encoding="utf-8")
    bare = baseline.print_and_sign(html, css, names)
    ours, theirs = [], []
    with tempfile.TemporaryDirectory() as folder, Renderer(settings.ROOT / "build" / "fonts") as renderer:
        office = authority.create(Path(folder) / "authority", "花滩街道人民调解委员会", at=settings.LONG_AGO)
        for number in range(rounds + 1):
            ours.append(_seconds(lambda: _print_and_sign(renderer, office, (html, css), names)))
            theirs.append(_seconds(bare))
            if number == 0:
                ours.clear()
                theirs.clear()
    return ours, theirs


def _house(folder: Path) -> conftest.House:
    url = f"sqlite:///{folder / 'bench.db'}"
    migrations.upgrade(url)
    clock = conftest.Clock()
    engine = Engine(
        sessions=Sessions(url),
        definitions=definitions.Definitions(forms),
        services=Services(),
        forms=forms,
        keys=keys.create(folder / "keys"),
        now=clock,
    )
    return conftest.settle(engine, clock)


def _begin(house: conftest.House) -> str:
    actor: policy.Actor = house.reception
    with house.engine.sessions.command(actor.tenant_id) as session:
        new = instances.NewProcess("line", house.body_id, {})
        root = instances.start(session, house.engine, actor, new, lambda _: None)
        instances.add_member(session, root.id, house.mediator.id)
    with house.engine.sessions.query(actor.tenant_id) as session:
        found = session.connection().execute(tasks.TASKS.select().where(
            tasks.TASKS.c.tenant_id == actor.tenant_id, tasks.TASKS.c.root_id == root.id
        ))  # fmt: skip
        return str(found.one().id)


def _settings(folder: str) -> settings.Settings:
    return settings.read({"WOSHOU_DATA": folder})


def _arrive(address: str, who: str, people: dict[str, Visitor], case: str) -> Visitor:
    if who in {"reception", "mediator", "chief", "seal"}:
        return Visitor(address).sign_in(who)
    return Visitor(address).enter(*people["mediator"].links(case)[who])


def _task(visitor: Visitor, who: str) -> str:
    return visitor.find_own_task() if who in {"罗小琴", "陈大勇"} else visitor.find_task("罗小琴")


def _case(visitor: Visitor) -> str:
    visitor.get(f"/cases?search={quote('罗小琴')}")
    return str(visitor.page.xpath("//main//a[starts-with(@href, '/cases/')]/@href")[0])


def _timed_pages(visitor: Visitor, task: str, count: int = 5) -> list[float]:
    return [_seconds(lambda: visitor.download(task)) for _ in range(count)]


def _seconds(work: Any) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _filled_agreement(names: list[str]) -> str:
    person = {"kind": "natural", "gender": "女", "ethnicity": "汉族", "age": "46", "id_number": ""}
    person |= {"occupation": "职员", "phone": "139-0000-0000", "address": "书院路18号", "representative": ""}
    parties = [
        person | {"field": field, "side": side, "name": name}
        for field, side, name in zip(names, ("申请人", "被申请人"), ("罗小琴", "陈大勇"), strict=False)
    ]
    owed = {
        "number": "1", "debtor": "陈大勇", "creditor": "罗小琴", "action": "支付赔偿款", "amount": "2,561.00",
        "manner": "转账", "place": "调解室", "due_on": "2026年10月20日", "instalments": [],
    }  # fmt: skip
    context = {
        "committee": "花滩街道人民调解委员会", "number": "（2026）花滩人调字第0001号", "parties": parties,
        "dispute_type": "道路交通事故", "facts": "两车相撞。" * 12, "disputed_matters": "赔偿数额。" * 6,
        "responsibility": "主要责任、次要责任。" * 4, "content": "一次付清。" * 8, "obligations": [owed],
        "copies": "3", "mediator": "陈国安", "drafted_on": "2026年10月13日", "record": "17-abcdef",
    }  # fmt: skip
    template = (settings.ROOT / "processes" / "documents" / "agreement.html").read_text(encoding="utf-8")
    return fill(template, context)


def _print_and_sign(
    renderer: Renderer, office: authority.Authority, text: tuple[str, str], names: list[str]
) -> None:
    at = dt.datetime.now(dt.UTC)
    printed = renderer.render(*text)
    boxes = {name: printed.boxes[name] for name in names}
    pdf = sign.prepare(printed.pdf, boxes, office.preparer(at=at), at)
    for name in names:
        mark = sign.Mark(name, office.issue(name, "party", at=at), "", None, at, "")
        pdf = sign.sign(pdf, mark, renderer.fonts_dir)
    report = verify.verify(pdf, [office.certificate_pem])
    assert report.ok, report.problems


def median_ms(seconds: list[float]) -> float:
    """The median in milliseconds."""
    return statistics.median(seconds) * 1e3
