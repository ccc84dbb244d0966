"""What the environment says, and the Engine that is built of it."""

import datetime as dt
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import forms
from engine import Engine, keys, mediation
from engine.checks import KINDS
from engine.definitions import Definitions
from engine.documents import authority
from engine.documents.render import Renderer
from engine.mediation.rooms import Rooms
from engine.services import Services
from engine.sessions import Sessions
from web import logs

ROOT = Path(__file__).resolve().parent.parent
LONG_AGO = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
SHORTEST_SECRET = 32
TENANT = "00000000-0000-7000-8000-000000000001"


@dataclass(frozen=True)
class Settings:
    """Where things lie and how the web is reached."""

    data: Path
    database: str
    authority: Path
    tenant_id: str = TENANT
    fonts: Path = ROOT / "build" / "fonts"
    host: str = "127.0.0.1"
    port: int = 8000
    secure_cookies: bool = False
    metrics_token: str = ""
    log: str = "json"
    worker: bool = True
    address: str = ""
    rooms: Rooms | None = None

    @property
    def keys(self) -> Path:
        """The directory of the secrets."""
        return self.data / "keys"

    @property
    def anchors(self) -> Path:
        """The file outside the database that keeps the heads of the record."""
        return self.data / "anchors.jsonl"


def read(environ: Mapping[str, str] = os.environ) -> Settings:
    """Settings from the variables of the environment that docs/operations.md lists."""
    data = Path(environ.get("WOSHOU_DATA", ROOT / "data")).resolve()
    return Settings(
        data=data,
        database=environ.get("WOSHOU_DATABASE", f"sqlite:///{data / 'woshou.db'}"),
        host=environ.get("WOSHOU_HOST", "127.0.0.1"),
        authority=data / "authority",
        tenant_id=environ.get("WOSHOU_TENANT", TENANT),
        port=int(environ.get("WOSHOU_PORT", "8000")),
        secure_cookies=environ.get("WOSHOU_SECURE_COOKIES", "") == "1",
        metrics_token=environ.get("WOSHOU_METRICS_TOKEN", ""),
        log=environ.get("WOSHOU_LOG") or logs.usual(),
        worker=environ.get("WOSHOU_WORKER", "1") == "1",
        address=environ.get("WOSHOU_ADDRESS", "").rstrip("/"),
        rooms=_rooms(environ),
    )


def _rooms(environ: Mapping[str, str]) -> Rooms | None:
    """The LiveKit server for online meetings, None without one; ValueError where half of it is set."""
    url, key, secret = (environ.get(f"WOSHOU_LIVEKIT_{name}", "") for name in ("URL", "KEY", "SECRET"))
    if not (url or key or secret):
        return None
    host = urlsplit(url).netloc
    page = environ.get("WOSHOU_LIVEKIT_PAGE", f"https://{host}/custom")
    is_whole = urlsplit(url).scheme == "wss" and host and key and len(secret) >= SHORTEST_SECRET
    if not is_whole or not page.startswith("https://"):
        raise ValueError("WOSHOU_LIVEKIT_URL (wss://…), _KEY, _SECRET (32 or more), _PAGE (https://…)")
    return Rooms(url, page, key, secret)


def shipped_files() -> dict[str, bytes]:
    """The processes, decisions, templates and forms of this version, by file name."""
    paths = [*(ROOT / "processes").rglob("*.*"), *(ROOT / "forms").glob("*.form")]
    return {path.name: path.read_bytes() for path in sorted(paths) if path.suffix in KINDS}


def utc_now() -> dt.datetime:
    """The clock of a running installation."""
    return dt.datetime.now(dt.UTC)


@contextmanager
def opened(chosen: Settings, now: Callable[[], dt.datetime] = utc_now) -> Iterator[Engine]:
    """The Engine of an installation that `woshou init` has set up, its processes ended with the block."""
    with Renderer(chosen.fonts) as renderer:
        office = mediation.services(renderer, authority.load(chosen.authority), chosen.rooms)
        engine = make_engine(chosen, office, now)
        try:
            yield engine
        finally:
            engine.sessions.dispose()


def make_engine(chosen: Settings, services: Services, now: Callable[[], dt.datetime] = utc_now) -> Engine:
    """An Engine on the settings' database and keys."""
    return Engine(
        sessions=Sessions(chosen.database),
        definitions=Definitions(forms),
        services=services,
        forms=forms,
        keys=keys.load(chosen.keys),
        now=now,
        address=chosen.address or f"http://{chosen.host}:{chosen.port}",
    )
