"""Fictional people and cases, so that a newcomer has something to look at."""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import Engine, bodies, people
from engine.bodies import NewBody
from engine.calendar import day_of
from engine.mediation import register
from engine.mediation.play import Clock, Player, Stage
from engine.mediation.register import NewMediator
from engine.models.base import load_json
from engine.models.people import Account
from web import settings

CASES = Path(__file__).parent / "demo_cases"
PASSWORD = "woshou-demo-2026"
COMMITTEE = NewBody("花滩街道人民调解委员会", "花滩", "合川区人民法院")
OTHER = NewBody("龙溪镇人民调解委员会", "龙溪", "合川区人民法院")
# Under the first committee, each under the one before it.
BELOW = (
    NewBody("白塔社区人民调解委员会", "白塔", "合川区人民法院", kind="village"),
    NewBody("桂花院落调解点", "桂花", "合川区人民法院", kind="courtyard"),
)
FOUNDED = dt.date(2026, 1, 1)
# username, name, roles, body
PEOPLE = (
    ("reception", "周小梅", ("reception",), COMMITTEE),
    ("mediator", "陈国安", ("mediator",), COMMITTEE),
    ("mediator2", "何素芬", ("mediator",), COMMITTEE),
    ("chief", "刘正明", ("chief_mediator",), COMMITTEE),
    ("seal", "吴秀兰", ("seal_keeper",), COMMITTEE),
    ("admin", "谢文博", ("administrator",), COMMITTEE),
    ("other", "郑远航", ("reception", "mediator", "chief_mediator"), OTHER),
)


def fill(chosen: settings.Settings, progress: Callable[[str], None]) -> None:
    """Add the demo's people, and play its cases as far as their scripts go, unless they are there."""
    clock = Clock(settings.utc_now())
    with settings.opened(chosen, clock) as engine:
        if not add_people(engine, chosen.tenant_id):
            return
        for path in sorted(CASES.glob("*.json")):
            script = load_json(path.read_text(encoding="utf-8"))
            for _ in Player(Stage(engine, clock, chosen.tenant_id), script, path.stem).play():
                pass
            progress(script["title"])


def add_people(engine: Engine, tenant_id: str) -> bool:
    """Add the demo's bodies and accounts; False if they were there."""
    with engine.sessions.command(tenant_id) as session:
        if session.scalars(select(Account.id).where(Account.username == PEOPLE[0][0])).first():
            return False
        for username, name, roles, body in PEOPLE:
            body_id = bodies.ensure_body(session, body)
            new = people.NewAccount(username, name, roles, body_id, PASSWORD)
            account = people.add_account(session, new)
            if register.ROLE in roles:
                for begins in _terms(session, day_of(engine.now())):
                    register.enter(session, NewMediator(account.id, begins, education="大专"))
        above = bodies.ensure_body(session, COMMITTEE)
        for below in BELOW:
            above = bodies.ensure_body(session, replace(below, parent_id=above))
    return True


def _terms(session: Session, today: dt.date) -> Iterator[dt.date]:
    """The first days of the terms from the oldest demo case until the one that runs today."""
    begins = FOUNDED
    while begins <= today:
        yield begins
        begins += register.longest_term(session, begins) + dt.timedelta(days=1)


def account_lines(engine: Engine, tenant_id: str) -> list[str]:
    """The demo's accounts for the one who starts the server; none in an installation without a demo."""
    with engine.sessions.query(tenant_id) as session:
        known = set(session.scalars(select(Account.username)))
    return [
        f"{username:<12}{PASSWORD}  {name}  {body.name}"
        for username, name, _, body in PEOPLE
        if {username for username, *_ in PEOPLE} <= known
    ]
