"""Signals that another case has sent: each case that waited for one gets it by a job of its own."""

from collections.abc import Mapping
from typing import Any

from engine import Engine, audit, instances, jobs, policy, throws
from engine.tree import Tree


def receive(engine: Engine, tenant_id: str, payload: Mapping[str, Any]) -> None:
    """The handler of signal jobs: lock the case and move it; places that no longer wait are left alone."""
    with engine.sessions.command(tenant_id) as session:
        root = instances.lock(session, payload["root_id"])
        tree = Tree(session, engine, root, engine.now())
        places = [(instance_id, wait_id) for instance_id, wait_id in payload["places"]]
        if throws.deliver(tree, payload["signal"], places):
            entry = audit.Entry("signal.received", payload["signal"], tree.at)
            tree.record(policy.system(tenant_id), entry)
        jobs.finish(session, payload["key"])
        tree.store()
