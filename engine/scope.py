"""What FEEL in a diagram sees: an instance's variables, the domain's facts, and functions."""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from engine import Engine, calendar, errors, feel
from engine.calendar import ZONE
from engine.models.clocks import Timer
from engine.models.messages import Subscription
from engine.models.processes import ProcessInstance
from engine.sessions import MOMENT, tenant_of

# What a step moves, and writes at its end: no fact is asked of these.
MOVED = (ProcessInstance, Timer, Subscription)


class Scope(Mapping[str, Any]):
    """Names to values; a fact is asked of the database once, and only if an expression names it.

    Functions and facts come before variables: no answer to a form takes their names.
    """

    def __init__(self, session: Session, engine: Engine, root_id: str, variables: Mapping[str, Any]) -> None:
        self._session, self._engine, self._root_id = session, engine, root_id
        self._variables = variables
        self._facts: dict[str, Any] = {}
        tenant_id = tenant_of(session)
        days = calendar.functions(partial(calendar.of_tenant, engine, tenant_id))
        known = engine.services.tenant_functions
        of_tenant = {name: found.of_tenant(engine, tenant_id) for name, found in known.items()}
        self._functions = {**engine.services.functions, **_clock(engine.now()), **days, **of_tenant}

    def __getitem__(self, name: str) -> Any:
        if name in self._functions:
            return self._functions[name]
        if name not in self._engine.services.facts:
            return self._variables[name]
        if name not in self._facts:
            self._facts[name] = self._ask(name)
        return self._facts[name]

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys([*self._variables, *self._functions, *self._engine.services.facts]))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __contains__(self, name: object) -> bool:
        return name in self._variables or name in self._functions or name in self._engine.services.facts

    def asked(self, names: Mapping[str, Collection[str] | None]) -> dict[str, Any]:
        """All variables and functions, and those of the facts that are named, as they are now.

        Of a fact with members only those that are asked for; None asks for all of them.
        """
        named = [name for name in self._engine.services.facts if name in names]
        facts = {name: _members(self[name], names[name]) for name in named}
        return {**self._variables, **self._functions, **facts}

    def over(self, variables: Mapping[str, Any]) -> "Scope":
        """The same scope with other variables; facts already asked for are kept."""
        # Made past `copy`, which takes ten times as long: each gateway and each task asks for one.
        scope = object.__new__(Scope)
        scope.__dict__ = self.__dict__ | {"_variables": variables}
        return scope

    def value(self, text: str | None, element_id: str) -> Any:
        """An attribute's value: FEEL behind `=`, else the text; `ExpressionFailed` names the element."""
        if text is None or not text.startswith("="):
            return text
        return self.evaluate(text[1:], element_id)

    def forgetting(self) -> "Scope":
        """The same scope, in which each fact is asked for anew."""
        scope = object.__new__(Scope)
        scope.__dict__ = self.__dict__ | {"_facts": {}}
        return scope

    def evaluate(self, text: str, element_id: str) -> Any:
        """The value of a FEEL text; `ExpressionFailed` names the element."""
        try:
            return feel.parse(text).evaluate(self)
        except feel.FeelError as failed:
            raise errors.ExpressionFailed(element_id=element_id, problem=failed) from failed

    def _ask(self, name: str) -> Any:
        session = self._session
        session.info[MOMENT] = self._engine.now()
        if any(not isinstance(row, MOVED) for rows in (session.new, session.dirty) for row in rows):
            session.flush()
        # Else each fact would have the instances written that are written once more at the step's end.
        with session.no_autoflush:
            return self._engine.services.facts[name](session, self._root_id)


def _members(fact: Any, names: Collection[str] | None) -> Any:
    if not isinstance(fact, Mapping):
        return fact
    return {name: fact[name] for name in fact if names is None or name in names}


def _clock(now: dt.datetime) -> dict[str, feel.Function]:
    local = now.astimezone(ZONE)
    return {
        "now": feel.Function("now", (), lambda: local),
        "today": feel.Function("today", (), local.date),
    }
