"""Sets up an installation: keys, certificates, database, committee, and the shipped release."""

from collections.abc import Mapping

from engine import Engine, bodies, drafts, jobs, keys, migrations, policy, releases
from engine.bodies import NewBody
from engine.documents import authority
from engine.mediation import older
from web import settings
from web.settings import Settings

TENANT_NAME = "本区"


def prepare(chosen: Settings, committee: str) -> None:
    """Make the keys, the committee's authority and the tables; what is there stays."""
    chosen.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    keys.create(chosen.keys)
    if not chosen.authority.exists():
        authority.create(chosen.authority, committee, at=settings.LONG_AGO)
    migrations.upgrade(chosen.database)


def found(engine: Engine, tenant_id: str, committee: NewBody) -> str:
    """Make the tenant and its first committee unless they are there; gives the committee's id."""
    bodies.ensure_tenant(engine, tenant_id, TENANT_NAME)
    with engine.sessions.command(tenant_id) as session:
        return bodies.ensure_body(session, committee)


def encrypt_older(engine: Engine) -> None:
    """Encrypt what an earlier version, or a backup of it, left readable, and trace the parties that it left.

    After that it changes nothing.
    """
    for tenant_id in jobs.tenants(engine):
        older.seal_older(engine, tenant_id)
        older.trace_older(engine, tenant_id)
        drafts.seal_older(engine, tenant_id)


def deploy(engine: Engine, tenant_id: str, files: Mapping[str, bytes]) -> str:
    """Deploy files as the system; gives the release's id. Raises DiagramRefused."""
    return releases.deploy(engine, policy.system(tenant_id), files)
