"""The grammar of XPath's regular expressions (XML Schema part 2, appendix F, with XPath's additions)."""

import re

from engine.feel.regex.blocks import BLOCKS
from engine.feel.regex.nodes import Anchor, Chars, Choice, Group, Part, PatternError, Reference, Repeat, Tree

MAX_DEPTH = 50
MAX_REPEAT = 1_000


_XML_START = (
    r":A-Z_a-z\x{c0}-\x{d6}\x{d8}-\x{f6}\x{f8}-\x{2ff}\x{370}-\x{37d}\x{37f}-\x{1fff}\x{200c}-\x{200d}"
    r"\x{2070}-\x{218f}\x{2c00}-\x{2fef}\x{3001}-\x{d7ff}\x{f900}-\x{fdcf}\x{fdf0}-\x{fffd}\x{10000}-\x{effff}"
)
_CLASSES = {
    "d": Chars(r"\p{Nd}"),
    "s": Chars(r" \t\n\r"),
    "w": Chars(r"\p{P}\p{Z}\p{C}", negated=True),
    "i": Chars(_XML_START),
    "c": Chars(_XML_START + r"\-.0-9\x{b7}\x{300}-\x{36f}\x{203f}-\x{2040}"),
}
_LITERALS = {"n": r"\n", "r": r"\r", "t": r"\t"} | {sign: "\\" + sign for sign in r"\|.?*+(){}-[]^$"}
_CATEGORY = re.compile(r"L[ultmo]?|M[nce]?|N[dlo]?|P[cdseifo]?|Z[slp]?|S[mcko]?|C[cfon]?")
_QUANTITY = re.compile(r"\{(\d{1,5})(?:(,)(\d{1,5})?)?\}", re.ASCII)


def literal(character: str) -> str:
    """A character as RE2 takes it inside and outside brackets."""
    return character if character.isalnum() and character.isascii() else f"\\x{{{ord(character):x}}}"


def parse_pattern(pattern: str, flags: str) -> Tree:
    """The tree of a pattern; raises PatternError."""
    if "q" in flags:
        return Tree(Choice((tuple(Chars(literal(character)) for character in pattern),)), 0)
    reader = _Reader(_without_space(pattern) if "x" in flags else pattern, "s" in flags)
    root = reader.choice()
    if reader.index < len(reader.text):
        raise PatternError
    return Tree(root, reader.groups)


def _without_space(pattern: str) -> str:
    kept, depth, is_escaped = [], 0, False
    for character in pattern:
        if is_escaped:
            is_escaped = character in " \t\n\r" and not depth
        elif character == "\\":
            is_escaped = True
        elif character in "[]":
            depth += 1 if character == "[" else -1
        if depth or character not in " \t\n\r":
            kept.append(character)
    return "".join(kept)


class _Reader:
    def __init__(self, text: str, dot_is_all: bool) -> None:
        self.text = text
        self.index = 0
        self.groups = 0
        self.closed: set[int] = set()
        self.depth = 0
        self.dot = Chars(r"\x{0}-\x{10ffff}") if dot_is_all else Chars(r"\n\r", negated=True)

    def peek(self) -> str:
        return self.text[self.index : self.index + 1]

    def take(self) -> str:
        character = self.peek()
        if not character:
            raise PatternError
        self.index += 1
        return character

    def choice(self) -> Choice:
        rows = [self.row()]
        while self.peek() == "|":
            self.index += 1
            rows.append(self.row())
        return Choice(tuple(rows))

    def row(self) -> tuple[Part, ...]:
        parts: list[Part] = []
        while self.peek() not in ("", "|", ")"):
            parts.append(self.repeated(self.part()))
        return tuple(parts)

    def repeated(self, part: Part) -> Part:
        sign = self.peek()
        bounds: tuple[int, int | None] | None = {"*": (0, None), "+": (1, None), "?": (0, 1)}.get(sign)
        if bounds:
            self.index += 1
        elif sign == "{":
            bounds = self.quantity()
        if bounds is None:
            return part
        if isinstance(part, Anchor):
            raise PatternError
        greedy = self.peek() != "?"
        self.index += not greedy
        if self.peek() in ("*", "+", "?", "{") and self.peek():
            raise PatternError
        return Repeat(part, *bounds, greedy)

    def quantity(self) -> tuple[int, int | None]:
        found = _QUANTITY.match(self.text, self.index)
        if not found:
            raise PatternError
        self.index = found.end()
        low = int(found[1])
        high = int(found[3]) if found[3] else None if found[2] else low
        if max(low, high or 0) > MAX_REPEAT or (high is not None and high < low):
            raise PatternError
        return low, high

    def part(self) -> Part:
        character = self.take()
        if character == "(":
            return self.group()
        if character == "[":
            return self.bracket()
        if character == ".":
            return self.dot
        if character in "^$":
            return Anchor(character)
        if character == "\\":
            return self.escape()
        if character in "*+?{})]":
            raise PatternError
        return Chars(literal(character))

    def group(self) -> Group:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise PatternError
        number = 0
        if self.text.startswith("?:", self.index):
            self.index += 2
        else:
            self.groups += 1
            number = self.groups
        choice = self.choice()
        if self.take() != ")":
            raise PatternError
        self.depth -= 1
        self.closed.add(number)
        return Group(number, choice)

    def escape(self) -> Chars | Reference:
        character = self.peek()
        if character.isascii() and character.isdigit():
            return self.reference()
        return self.escaped_set()

    def reference(self) -> Reference:
        number = int(self.take())
        while (
            self.peek().isascii() and self.peek().isdigit() and number * 10 + int(self.peek()) in self.closed
        ):
            number = number * 10 + int(self.take())
        if not number or number not in self.closed:
            raise PatternError
        return Reference(number)

    def escaped_set(self) -> Chars:
        character = self.take()
        if character in _LITERALS:
            return Chars(_LITERALS[character])
        if character in "pP":
            return self.category(character == "P")
        found = _CLASSES.get(character.lower())
        if found is None:
            raise PatternError
        return Chars(found.body, found.negated != character.isupper())

    def category(self, negated: bool) -> Chars:
        end = self.text.find("}", self.index)
        if self.take() != "{" or end < 0:
            raise PatternError
        name = self.text[self.index : end]
        self.index = end + 1
        if name.startswith("Is") and name[2:] in BLOCKS:
            low, high = BLOCKS[name[2:]]
            return Chars(f"\\x{{{low:x}}}-\\x{{{high:x}}}", negated)
        if not _CATEGORY.fullmatch(name):
            raise PatternError
        return Chars(f"\\p{{{name}}}", negated)

    def bracket(self) -> Chars:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise PatternError
        negated = self.peek() == "^"
        self.index += negated
        pieces: list[str] = []
        less = None
        while self.peek() != "]":
            if self.text.startswith("-[", self.index) and pieces:
                self.index += 2
                less = self.bracket()
                if self.peek() != "]":
                    raise PatternError
                break
            pieces.append(self.member(is_first=not pieces))
        self.index += 1
        if not pieces:
            raise PatternError
        self.depth -= 1
        return Chars("".join(pieces), negated, less)

    def member(self, is_first: bool) -> str:
        start = self.end_point(is_first)
        is_range = self.peek() == "-" and self.text[self.index + 1 : self.index + 2] not in ("[", "]", "")
        if not is_range:
            return start.body if not start.negated else _negated(start)
        self.index += 1
        low, high = _point(start), _point(self.end_point(False, ends_range=True))
        if low > high:
            raise PatternError
        return f"\\x{{{low:x}}}-\\x{{{high:x}}}"

    def end_point(self, is_first: bool, ends_range: bool = False) -> Chars:
        character = self.take()
        if character == "\\":
            return self.escaped_set()
        is_last = self.peek() in ("]", "")
        if character == "[" or (character == "-" and not (is_first or is_last or ends_range or self._less())):
            raise PatternError
        return Chars(literal(character))

    def _less(self) -> bool:
        return self.text.startswith("-[", self.index)


def _negated(chars: Chars) -> str:
    if chars.body.startswith(r"\p{") and chars.body.count("{") == 1:
        return r"\P" + chars.body[2:]
    return f"!{chars.body}!"


def _point(chars: Chars) -> int:
    body = chars.body
    if chars.negated or body.startswith(r"\p"):
        raise PatternError
    if body.startswith(r"\x{") and body.count("{") == 1:
        return int(body[3:-1], 16)
    if len(body) == 2 and body[0] == "\\":
        return ord({"n": "\n", "r": "\r", "t": "\t"}.get(body[1], body[1]))
    if len(body) != 1:
        raise PatternError
    return ord(body)
