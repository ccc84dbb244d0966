"""Fictional people and cases, so that a newcomer has something to look at."""

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import select

from engine import Engine, bodies, people
from engine.bodies import NewBody
from engine.mediation.play import Clock, Player, Stage
from engine.models.base import load_json
from engine.models.people import Account
from web import settings

CASES = Path(__file__).parent / "demo_cases"
PASSWORD = "woshou-demo-2026"
COMMITTEE = NewBody("花滩街道人民调解委员会", "花滩", "合川区人民法院")
OTHER = NewBody("龙溪镇人民调解委员会", "龙溪", "合川区人民法院")
# username, name, roles, body
PEOPLE = (
    ("reception", "周小梅", ("reception",), COMMITTEE),
    ("mediator", "陈国安", ("mediator",), COMMITTEE),
    ("mediator2", "何素芬", ("mediator",), COMMITTEE),
    ("chief", "刘正明", ("chief_mediator",), COMMITTEE),
    ("seal", "吴秀兰", ("seal_keeper",), COMMITTEE),
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
            people.add_account(session, people.NewAccount(username, name, roles, body_id, PASSWORD))
    return True


def account_lines(engine: Engine, tenant_id: str) -> list[str]:
    """The demo's accounts for the one who starts the server; none in an installation without a demo."""
    with engine.sessions.query(tenant_id) as session:
        known = set(session.scalars(select(Account.username)))
    return [
        f"{username:<12}{PASSWORD}  {name}  {body.name}"
        for username, name, _, body in PEOPLE
        if {username for username, *_ in PEOPLE} <= known
    ]
