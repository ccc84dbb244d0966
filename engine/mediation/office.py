"""What a committee's office works with: the printer of its documents and the authority of its signatures."""

from dataclasses import dataclass

from engine.documents.authority import Authority
from engine.documents.render import Renderer


@dataclass(frozen=True)
class Office:
    """Given once at the start; effects and services that print or sign are bound to it."""

    renderer: Renderer
    authority: Authority
