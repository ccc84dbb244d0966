"""A place where a diagram from anywhere is deployed, started and moved through the engine's commands."""

import random
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import forms
from engine import Engine, bpmn, definitions, keys, migrations
from engine.services import Services, ServiceTask
from engine.sessions import Sessions
from tests import conftest, small_forms
from tests.conftest import House
from tests.reliability.driver import Counting, Driver

TRIAGE = Path(__file__).resolve().parents[2] / "processes" / "triage.dmn"
STEPS = 8
CASE: dict[str, Any] = {"number": "1", "mediator": None, "parties": [{"id": "p", "side": "applicant"}]}


class Trial:
    """A template database in which everything is deployed that the sound diagrams name."""

    def __init__(self, folder: Path, sources: Sequence[bytes]) -> None:
        self._folder = folder
        loaded = [bpmn.load(source) for source in sources]
        self._counting = Counting()
        counted = ServiceTask(self._counting.work, lambda _: {}, error_code="failed")
        self._services = Services(
            tasks={name: counted for definition in loaded for name in definition.services},
            facts={"case": lambda *_: CASE},
        )
        migrations.upgrade(self._url("template"))
        keys.create(folder / "keys")
        asked = {form_id for definition in loaded for form_id in definition.form_ids}
        files = {f"{name}.form": small_forms.form(name, small_forms.field("number", "n")) for name in asked}
        files["triage.dmn"] = TRIAGE.read_bytes()
        engine = self._engine("template")
        self._house = conftest.settle(engine, conftest.Clock())
        self._house.deploy(files)
        engine.sessions.dispose()

    def go(self, source: bytes, process_id: str, chance: random.Random) -> None:
        """Deploy the diagram, start it, and take some steps; raises whatever the engine raises."""
        with self._copy() as house:
            house.deploy({"tried.bpmn": source})
            Driver(house, self._counting, process_id).drive(chance.randbytes(STEPS))

    @contextmanager
    def _copy(self) -> Iterator[House]:
        shutil.copy(self._folder / "template.db", self._folder / "copy.db")
        engine = self._engine("copy")
        try:
            yield House(engine, self._house.clock, self._house.body_id, self._house.actors)
        finally:
            engine.sessions.dispose()
            for path in self._folder.glob("copy.db*"):
                path.unlink()

    def _engine(self, name: str) -> Engine:
        return Engine(
            sessions=Sessions(self._url(name)), definitions=definitions.Definitions(forms), forms=forms,
            services=self._services, keys=keys.create(self._folder / "keys"), now=conftest.Clock(),
        )  # fmt: skip

    def _url(self, name: str) -> str:
        return f"sqlite:///{self._folder / name}.db"
