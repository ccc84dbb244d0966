"""What a committee's office works with: printer, authority of signatures, and rooms to meet in online."""

from dataclasses import dataclass

from engine.documents.authority import Authority
from engine.documents.render import Renderer
from engine.mediation.rooms import Rooms


@dataclass(frozen=True)
class Office:
    """Given once at the start; effects and services that print or sign are bound to it."""

    renderer: Renderer
    authority: Authority
    rooms: Rooms | None = None
