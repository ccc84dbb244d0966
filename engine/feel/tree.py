"""The syntax tree of an expression: frozen, compared by content; `at` is the offset in the text."""

from dataclasses import dataclass, field
from decimal import Decimal

from engine.feel.types import Type


@dataclass(frozen=True, slots=True)
class Node:
    """Any part of an expression."""

    at: int = field(default=0, compare=False, repr=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Literal(Node):
    """null, true, false, a number or a string."""

    value: None | bool | Decimal | str


@dataclass(frozen=True, slots=True)
class AtLiteral(Node):
    """A temporal literal: @"2026-11-23"."""

    text: str


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A variable or function."""

    name: str


@dataclass(frozen=True, slots=True)
class ListOf(Node):
    """[a, b]"""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class ContextOf(Node):
    """{key: value}"""

    entries: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class RangeOf(Node):
    """[a..b) with any ends."""

    start: Node
    end: Node
    start_included: bool
    end_included: bool


@dataclass(frozen=True, slots=True)
class HalfRange(Node):
    """< a, <= a, > a, >= a, = a or != a without a left side."""

    operator: str
    end: Node


@dataclass(frozen=True, slots=True)
class Arithmetic(Node):
    """a + b, and so on for - * / **."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Negation(Node):
    """-a"""

    operand: Node


@dataclass(frozen=True, slots=True)
class Comparison(Node):
    """a = b, and so on for != < <= > >=."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Logic(Node):
    """a and b and c, or the same with or."""

    operator: str
    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Between(Node):
    """a between b and c"""

    value: Node
    start: Node
    end: Node


@dataclass(frozen=True, slots=True)
class In(Node):
    """a in (tests)"""

    value: Node
    tests: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class InstanceOf(Node):
    """a instance of type"""

    value: Node
    type: Type


@dataclass(frozen=True, slots=True)
class If(Node):
    """if a then b else c"""

    condition: Node
    then: Node
    otherwise: Node


@dataclass(frozen=True, slots=True)
class Iteration(Node):
    """name in source, or name in source..end"""

    name: str
    source: Node
    end: Node | None = None


@dataclass(frozen=True, slots=True)
class For(Node):
    """for a in b return c"""

    iterations: tuple[Iteration, ...]
    result: Node


@dataclass(frozen=True, slots=True)
class Quantified(Node):
    """some/every a in b satisfies c"""

    kind: str
    iterations: tuple[Iteration, ...]
    condition: Node


@dataclass(frozen=True, slots=True)
class Filter(Node):
    """a[b]"""

    source: Node
    condition: Node


@dataclass(frozen=True, slots=True)
class Path(Node):
    """a.name"""

    source: Node
    name: str


@dataclass(frozen=True, slots=True)
class Call(Node):
    """f(a, b), or f(x: a, y: b) where `names` has the names."""

    function: Node
    arguments: tuple[Node, ...]
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FunctionOf(Node):
    """function(a: number, b) body"""

    parameters: tuple[tuple[str, Type], ...]
    body: Node
    external: bool = False


@dataclass(frozen=True, slots=True)
class Tests(Node):
    """A decision table's cell: -, or tests with commas, or not(tests)."""

    tests: tuple[Node, ...]
    negated: bool = False
