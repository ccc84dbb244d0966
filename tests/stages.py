"""An installation with all that is shipped, in which scripted cases are played."""

import datetime as dt
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from engine.mediation.play import Clock, Stage
from web import demo, installation, settings

TRICYCLE: dict[str, Any] = json.loads(
    (Path(__file__).parent / "cases" / "tricycle_accident.json").read_text("utf-8")
)


@contextmanager
def opened(url: str, folder: Path) -> Iterator[Stage]:
    """A stage on an empty database, its keys in the folder, on the morning of the tricycle's case."""
    clock = Clock(dt.datetime.fromisoformat(TRICYCLE["steps"][0]["at"]))
    chosen = replace(settings.read({"WOSHOU_DATA": str(folder)}), database=url)
    installation.prepare(chosen, "花滩街道人民调解委员会")
    with settings.opened(chosen, clock) as engine:
        installation.found(engine, chosen.tenant_id, demo.COMMITTEE)
        installation.deploy(engine, chosen.tenant_id, settings.shipped_files())
        demo.add_people(engine, chosen.tenant_id)
        yield Stage(engine, clock, chosen.tenant_id)
