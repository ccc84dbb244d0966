"""The built-in functions of DMN 1.5, chapter 10.3.4, by the standard's own groups."""

from engine.feel.builtins import (
    contexts,
    conversion,
    dates,
    lists,
    numbers,
    ranges,
    sorting,
    statistics,
    strings,
)
from engine.feel.builtins.registry import BUILTINS

__all__ = [
    "BUILTINS",
    "contexts",
    "conversion",
    "dates",
    "lists",
    "numbers",
    "ranges",
    "sorting",
    "statistics",
    "strings",
]
