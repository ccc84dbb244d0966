"""The BPM engine: what every command gets as its first argument."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.definitions import Definitions, Forms
    from engine.keys import Keys
    from engine.services import Services
    from engine.sessions import Sessions


@dataclass(frozen=True)
class Engine:
    """Everything that a command needs besides its arguments; made once, shared by all threads.

    `address` is where the public reaches the web: papers point to it.
    """

    sessions: "Sessions"
    definitions: "Definitions"
    services: "Services"
    forms: "Forms"
    keys: "Keys"
    now: Callable[[], dt.datetime]
    address: str = ""
