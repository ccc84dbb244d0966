"""Plays a scripted case on a database of its own, and writes the documents that it made."""

import datetime as dt
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import select

from engine import Engine, bodies, people
from engine.bodies import NewBody
from engine.calendar import day_of
from engine.mediation import broadcast_uses, documents, register
from engine.mediation.case_page import CaseView, show_case
from engine.mediation.play import Clock, Played, Player, Stage
from engine.mediation.register import NewMediator
from engine.models.base import load_json
from engine.models.people import Account
from web import installation, settings
from web.settings import Settings

READERS = ("chief_mediator", "reception")
AUTHORITY = "rehearsal"


class Unexpected(Exception):
    """The case ended otherwise than its script expects: `differences` maps names to (expected, found)."""

    def __init__(self, differences: Mapping[str, tuple[object, object]]) -> None:
        self.differences = differences
        super().__init__(", ".join(differences))


def play_file(chosen: Settings, path: Path, out: Path) -> Iterator[Played]:
    """Play a case file step by step; its documents go to `out`, the agreement as `agreement.pdf`.

    The packets for a court that it puts together go there as `packet-1.zip` and so on.

    Raises play.StepRefused at the first step that does not fit, Unexpected if the end is another one.
    """
    script = load_json(path.read_text(encoding="utf-8"))
    out.mkdir(parents=True, exist_ok=True)
    with stage_for(chosen, script) as stage:
        player = Player(stage, script, path.stem)
        try:
            yield from player.play()
        finally:
            write_documents(stage, player.case_id, out)
            for number, packet in enumerate(player.packets, 1):
                (out / f"packet-{number}.zip").write_bytes(packet.content)
        case = _case(stage, player.case_id)
        _compare(_found(case) | _on_air(stage, case), script.get("expect", {}))


@contextmanager
def stage_for(chosen: Settings, script: Mapping[str, Any]) -> Iterator[Stage]:
    """A new installation in a temporary folder with the script's committee and people."""
    clock = Clock(dt.datetime.fromisoformat(script["steps"][0]["at"]))
    committee = script["committee"]
    body = NewBody(committee["name"], committee.get("code", ""), committee.get("court", ""))
    with temporary(chosen, body, clock) as engine:
        installation.deploy(engine, chosen.tenant_id, settings.shipped_files())
        add_people(engine, chosen.tenant_id, (body, script["people"]))
        yield Stage(engine, clock, chosen.tenant_id)


@contextmanager
def temporary(chosen: Settings, body: NewBody, clock: Callable[[], dt.datetime]) -> Iterator[Engine]:
    """An installation gone with the block; its authority stays, for rehearsals only, and says so."""
    with tempfile.TemporaryDirectory(prefix="woshou-") as folder:
        data = Path(folder)
        rehearsing = chosen.data / AUTHORITY
        own = replace(chosen, data=data, database=f"sqlite:///{data / 'woshou.db'}", authority=rehearsing)
        installation.prepare(own, f"{body.name}（演练）")
        with settings.opened(own, clock) as engine:
            installation.found(engine, own.tenant_id, body)
            yield engine


def add_people(engine: Engine, tenant_id: str, script: tuple[NewBody, list[Mapping[str, Any]]]) -> None:
    """The body and the people of a script; those who mediate are in the register."""
    body, persons = script
    with engine.sessions.command(tenant_id) as session:
        body_id = bodies.ensure_body(session, body)
        for person in persons:
            new = people.NewAccount(person["username"], person["name"], person["roles"], body_id, "")
            account = people.add_account(session, new, hash_password=lambda _: "-")
            if register.ROLE in new.roles:
                register.enter(session, NewMediator(account.id, day_of(engine.now())))


def write_documents(stage: Stage, case_id: str, out: Path) -> None:
    """Write the case's documents, each under its kind, further ones of a kind with their number."""
    if not case_id:
        return
    actor = _reader(stage)
    seen = Counter[str]()
    for row in documents.list_documents(stage.engine, actor, case_id):
        file = documents.read_document(stage.engine, actor, row.id)
        seen[row.kind] += 1
        number = f"-{seen[row.kind]}" if seen[row.kind] > 1 else ""
        (out / f"{row.kind}{number}.{file.name.rsplit('.', 1)[1]}").write_bytes(file.content)


def _reader(stage: Stage) -> Any:
    with stage.engine.sessions.query(stage.tenant_id) as session:
        rows = session.execute(select(Account.id, Account.roles)).all()
    # The head of the committee reads the dossier, too, which reception does not (annex A4).
    account_id = next(row.id for role in READERS for row in rows if role in row.roles)
    return people.account_actor(stage.engine, stage.tenant_id, account_id)


def _case(stage: Stage, case_id: str) -> CaseView:
    return show_case(stage.engine, _reader(stage), case_id)


def _found(case: CaseView) -> dict[str, Any]:
    return {
        "status": case.status,
        "end_code": case.end_code,
        "effective_at": case.effective_at.isoformat() if case.effective_at else None,
        "documents": sorted({row.kind for row in case.documents}),
        "parties": len(case.parties),
        "joined": case.group.joined if case.group else None,
        "confirmation": case.confirmation.state if case.confirmation else None,
        "owed": f"{case.performance.owed:f}",
        "abstained": case.group.abstained if case.group else None,
    }


def _on_air(stage: Stage, case: CaseView) -> dict[str, Any]:
    """Where the broadcast is, and what must not be aired, as party, item and why."""
    listed = broadcast_uses.read_do_not_air(stage.engine, _reader(stage), case.id)
    names = {party.id: party.name for party in case.parties}
    entries = [f"{names[one['party']['id']]} {one['item']} {one['why']}" for one in listed["entries"]]
    return {"broadcast": listed["stage"], "do_not_air": entries}


def _compare(found: Mapping[str, Any], expected: Mapping[str, Any]) -> None:
    differences = {
        name: (value, found.get(name))
        for name, value in expected.items()
        if _plain(value) != _plain(found.get(name))
    }
    if differences:
        raise Unexpected(differences)


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return sorted(value)
    try:
        return dt.datetime.fromisoformat(value).astimezone(dt.UTC)
    except (TypeError, ValueError):
        return value
