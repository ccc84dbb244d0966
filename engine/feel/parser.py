"""Text to syntax tree: operators by their binding power (the precedence of DMN 1.5, 10.3.1)."""

from collections.abc import Callable
from decimal import Decimal
from typing import TypeVar

from engine.feel import tree
from engine.feel.brackets import BRACKETS, read_range
from engine.feel.cursor import Cursor
from engine.feel.errors import FeelError, error_at
from engine.feel.forms import FORMS
from engine.feel.lexer import unquote
from engine.feel.names import COMPARISONS, KnownNames
from engine.feel.parser_types import read_type
from engine.feel.tree import Node
from engine.feel.values import CONTEXT

T = TypeVar("T")
_OR, _AND, _COMPARISON, _SUM, _PRODUCT, _POWER, _NEGATION, _INSTANCE, _POSTFIX = range(10, 100, 10)
_BINDING = {
    "or": _OR,
    "and": _AND,
    "between": _COMPARISON,
    "in": _COMPARISON,
    "+": _SUM,
    "-": _SUM,
    "*": _PRODUCT,
    "/": _PRODUCT,
    "**": _POWER,
    "instance": _INSTANCE,
    "(": _POSTFIX,
    "[": _POSTFIX,
    ".": _POSTFIX,
} | dict.fromkeys(COMPARISONS, _COMPARISON)
_CONSTANTS = {"null": None, "true": True, "false": False}
_STARTERS = frozenset(["(", "[", "{", "]", "-", "@", "?", "<", "<=", ">", ">="])


class Parser(Cursor):
    """One pass over one text."""

    def __init__(self, text: str, known: KnownNames) -> None:
        super().__init__(text, known)
        self.is_endpoint = False

    def expression(self, binding: int = 0) -> Node:
        """The expression here, as far as operators that bind tighter than `binding` go."""
        self.enter()
        left = self._continued(self._operand(), binding)
        self.depth -= 1
        return left

    def _continued(self, left: Node, binding: int) -> Node:
        levels = 0
        while self._binding() > binding:
            levels += 1
            self.enter()
            left = self._operator(left)
        self.depth -= levels
        return left

    def inner(self) -> Node:
        """An expression inside brackets, where an interval's end can't be meant."""
        saved, self.is_endpoint = self.is_endpoint, False
        found = self.expression()
        self.is_endpoint = saved
        return found

    def endpoint(self) -> Node:
        """The end of an interval: an opening bracket after it closes the interval."""
        saved, self.is_endpoint = self.is_endpoint, True
        found = self.expression()
        self.is_endpoint = saved
        return found

    def negated(self) -> Node:
        """The operand of a minus."""
        return self.expression(_NEGATION)

    def _binding(self) -> int:
        token = self.token
        if token.kind not in ("symbol", "word"):
            return 0
        if token.text == "[" and self.is_endpoint and not self._begins_operand(1):
            return 0
        return _BINDING.get(token.text, 0)

    def _begins_operand(self, count: int) -> bool:
        token = self.ahead(count)
        if token.kind == "word":
            return token.text not in (
                "and",
                "or",
                "in",
                "between",
                "then",
                "else",
                "return",
                "satisfies",
                "instance",
            )
        return token.kind in ("number", "string") or (token.kind == "symbol" and token.text in _STARTERS)

    def _operator(self, left: Node) -> Node:
        token = self.token
        if token.text == "(":
            return self._call(left)
        self.advance()
        return _OPERATORS[token.text](self, left, token.start)

    def arithmetic(self, left: Node, at: int) -> Node:
        """left + right and the like; operators of the same power group from the left."""
        operator = self.tokens[self.index - 1].text
        right = self.expression(_BINDING[operator])
        return tree.Arithmetic(operator, left, right, at=at)

    def comparison(self, left: Node, at: int) -> Node:
        """left = right and the like."""
        operator = self.tokens[self.index - 1].text
        return tree.Comparison(operator, left, self.expression(_COMPARISON), at=at)

    def logic(self, left: Node, at: int) -> Node:
        """left and right and …: one node for a row of the same operator."""
        operator = self.tokens[self.index - 1].text
        operands = [left, self.expression(_BINDING[operator])]
        while self.accept(operator):
            operands.append(self.expression(_BINDING[operator]))
        return tree.Logic(operator, tuple(operands), at=at)

    def between(self, left: Node, at: int) -> Node:
        """left between start and end."""
        start = self.expression(_COMPARISON)
        self.expect("and")
        return tree.Between(left, start, self.expression(_COMPARISON), at=at)

    def membership(self, left: Node, at: int) -> Node:
        """left in test, or left in (test, test)."""
        if not self.at("("):
            return tree.In(left, (self.test(_COMPARISON),), at=at)
        opening = self.advance().start
        tests = self.tests(")")
        if self.at("..") and len(tests) == 1:
            tests = (read_range(self, tests[0], False, opening),)
        else:
            self.expect(")")
        if len(tests) == 1:
            tests = (self._continued(tests[0], _COMPARISON),)
        return tree.In(left, tests, at=at)

    def instance(self, left: Node, at: int) -> Node:
        """left instance of type."""
        self.expect("of")
        return tree.InstanceOf(left, read_type(self), at=at)

    def filter(self, left: Node, at: int) -> Node:
        """left[condition]."""
        condition = self.inner()
        self.expect("]")
        return tree.Filter(left, condition, at=at)

    def path(self, left: Node, at: int) -> Node:
        """left.name."""
        return tree.Path(left, self.read_name(after_dot=True), at=at)

    def _call(self, function: Node) -> Node:
        at = self.advance().start
        named = self.name_before_colon()
        names: list[str] = []
        arguments: list[Node] = []
        while self.goes_on(")", len(arguments)):
            if named:
                names.append(self.read_key())
                self.expect(":")
            arguments.append(self.inner())
        return tree.Call(function, tuple(arguments), tuple(names), at=at)

    def read_key(self) -> str:
        """A context's key or an argument's name, before its colon."""
        if self.token.kind == "string":
            key = unquote(self.advance().text)
            self.known.add(key)
            return key
        return self.read_declared_name(":")

    def test(self, binding: int = 0) -> Node:
        """A test: an operator with its right side, or an expression."""
        if self.token.kind == "symbol" and self.token.text in COMPARISONS:
            token = self.advance()
            return tree.HalfRange(token.text, self.expression(_COMPARISON), at=token.start)
        return self.expression(binding)

    def tests(self, end: str) -> tuple[Node, ...]:
        """Tests with commas between them, up to `end`."""
        saved, self.is_endpoint = self.is_endpoint, False
        tests = [self.test()]
        while not self.at(end) and self.accept(","):
            tests.append(self.test())
        self.is_endpoint = saved
        return tuple(tests)

    def _operand(self) -> Node:
        token = self.token
        if token.kind == "number":
            self.advance()
            return tree.Literal(_number(token.text, self.text, token.start), at=token.start)
        if token.kind == "string":
            self.advance()
            return tree.Literal(unquote(token.text), at=token.start)
        if token.kind == "word":
            return self._word()
        reader = BRACKETS.get(token.text) if token.kind == "symbol" else None
        if reader is None:
            raise self.unexpected("a value")
        self.advance()
        return reader(self, token.start)

    def _word(self) -> Node:
        token = self.token
        if token.text in _CONSTANTS:
            self.advance()
            return tree.Literal(_CONSTANTS[token.text], at=token.start)
        form = FORMS.get(token.text)
        if form is not None:
            self.advance()
            return form(self, token.start)
        return tree.Name(self.read_name(), at=token.start)

    def item(self) -> Node:
        """An item of a list, which may be a test without a left side."""
        saved, self.is_endpoint = self.is_endpoint, False
        found = self.test()
        self.is_endpoint = saved
        return found

    def finish(self) -> None:
        """Make sure that nothing is left."""
        if self.token.kind != "end":
            raise self.unexpected("the end")


_OPERATORS: dict[str, Callable[[Parser, Node, int], Node]] = {
    "and": Parser.logic,
    "or": Parser.logic,
    "between": Parser.between,
    "in": Parser.membership,
    "instance": Parser.instance,
    "[": Parser.filter,
    ".": Parser.path,
    **dict.fromkeys(COMPARISONS, Parser.comparison),
    **dict.fromkeys(["+", "-", "*", "/", "**"], Parser.arithmetic),
}


def _number(literal: str, text: str, at: int) -> Decimal:
    try:
        return CONTEXT.create_decimal(literal)
    except ArithmeticError:
        raise error_at("The number {number} is too large.", text, at, number=literal[:50]) from None


def parse_expression(text: str, known: KnownNames) -> Node:
    """The tree of an expression; raises FeelError."""
    return _parse(text, known, Parser.expression)


def parse_tests(text: str, known: KnownNames) -> tree.Tests:
    """The tree of a decision table's cell (unary tests); raises FeelError."""
    return _parse(text, known, _unary_tests)


def _unary_tests(parser: Parser) -> tree.Tests:
    if parser.at("-") and parser.ahead().kind == "end":
        parser.advance()
        return tree.Tests(())
    if parser.at("not") and parser.ahead().text == "(":
        parser.advance()
        parser.advance()
        tests = parser.tests(")")
        if parser.at(")") and parser.ahead().kind == "end":
            parser.advance()
            return tree.Tests(tests, negated=True)
        parser.move(0)
    return tree.Tests(parser.tests(""))


def _parse(text: str, known: KnownNames, start: Callable[[Parser], T]) -> T:
    parser = Parser(text, known)
    try:
        found = start(parser)
        parser.finish()
    except RecursionError:
        raise FeelError("The expression is nested too deep.", text) from None
    return found
