"""What diagrams and forms may call by name: services, effects, facts and functions."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from engine import bpmn, feel
from engine.models.processes import ProcessInstance, UserTask
from engine.policy import Actor

if TYPE_CHECKING:
    from engine import Engine


@dataclass(frozen=True)
class Step:
    """A completed user task as its effects see it, inside the command's transaction.

    `root` is the root instance, locked; `answers` are the form's cleaned answers; `at` is the moment
    that every row of this command bears. What an effect puts into `record` is part of the digest
    of the audit row.
    """

    session: Session
    engine: "Engine"
    actor: Actor
    root: ProcessInstance
    task: UserTask
    answers: Mapping[str, Any]
    at: dt.datetime


@dataclass(frozen=True)
class Call:
    """A service task as its function sees it, outside any transaction.

    `properties` are the node's zeebe properties. The function reads with
    `engine.sessions.query(tenant_id)` and gives back what `ServiceTask.store` needs.
    """

    engine: "Engine"
    tenant_id: str
    root_id: str
    wait_id: str
    properties: Mapping[str, str]


@dataclass(frozen=True)
class Result:
    """The result of a service task on its way into the transaction that completes it."""

    session: Session
    engine: "Engine"
    root: ProcessInstance
    properties: Mapping[str, str]
    value: Any
    at: dt.datetime


@dataclass(frozen=True)
class ServiceTask:
    """A service in two parts: `work` (slow, no transaction) and `store` (in the result's command).

    `store` gives the variables that the task sets. An `errors.Refusal` out of `work` is thrown at the
    diagram as the BPMN error `error_code`, with `refused` called in the same command.
    `effects` and `variables` declare to the lint what `store` does and which variables it gives; None
    where these can't be told.
    """

    work: Callable[[Call], Any]
    store: Callable[[Result], Mapping[str, Any]]
    error_code: str = ""
    refused: Callable[[Result], None] | None = None
    effects: frozenset[str] = frozenset()
    variables: frozenset[str] | None = None


@dataclass(frozen=True)
class TenantFunction:
    """A function that reads the tenant's own rows as they hold now: made for an engine and a tenant.

    `keys` are what its first argument may be; where a file writes out another one it is refused at deploy.
    """

    of_tenant: Callable[["Engine", str], feel.Function]
    keys: frozenset[str]


Effect = Callable[[Step], None]
Fact = Callable[[Session, str], Any]


@dataclass(frozen=True)
class Services:
    """The names that this installation knows; an unknown one is refused at deploy.

    `private` names the answers that an effect takes to its own tables and that are neither kept with the
    task nor become variables, whatever a diagram maps: what was said in confidence, a drawn signature.
    `refuse_unprintable` raises InvalidAnswers for texts, by path, that no paper can show. `messages` names
    those that this installation tells its cases, with the variables that each brings. `law` gives the
    invariants that hold on a day: what breaks one is refused at deploy. `may_end` raises LawForbids where a
    root instance may not end yet, whatever the diagram says.
    """

    tasks: Mapping[str, ServiceTask] = field(default_factory=dict)
    effects: Mapping[str, Effect] = field(default_factory=dict)
    facts: Mapping[str, Fact] = field(default_factory=dict)
    functions: Mapping[str, feel.Function] = field(default_factory=dict)
    tenant_functions: Mapping[str, TenantFunction] = field(default_factory=dict)
    private: Mapping[str, frozenset[str]] = field(default_factory=dict)
    refuse_unprintable: Callable[[Mapping[str, Any]], None] = lambda _texts: None
    messages: Mapping[str, frozenset[str]] = field(default_factory=dict)
    law: Callable[[dt.date], bpmn.Law] = lambda _day: bpmn.Law()
    may_end: Callable[[Session, ProcessInstance, dt.datetime], None] = lambda _session, _root, _at: None
