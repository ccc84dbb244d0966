"""marshmallow fields for form-js's questions; every message is ours, a gettext id with its params."""

import base64
import binascii
import datetime as dt
import re
import unicodedata
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import re2
from marshmallow import ValidationError, fields

from forms.components import Part, Question, keyed
from forms.errors import Message
from forms.wording import Scope

REQUIRED = Message("Answer this question.")
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
PHONE = re.compile(r"\+?[0-9][0-9 -]{4,19}")
SHA256 = re.compile(r"[0-9a-f]{64}")
NUMBER = re.compile(r"[+-]?([0-9]{1,3}(,[0-9]{3})+|[0-9]+)(\.[0-9]+)?")
DAY = re.compile(r"([0-9]{4})[-年/.]([0-9]{1,2})[-月/.]([0-9]{1,2})日?")
DIGITS_AT_MOST = 30
PNG_URL = "data:image/png;base64,"
PNG_MAGIC = b"\x89PNG\r\n\x1a\n"
# Control characters, halves of pairs, and those of private use, which Unicode will never change (Cc, Cs,
# Co), and the marks that turn the direction of writing.
_NEVER = (
    "\x7f-\x9f\ud800-\uf8ff\U000f0000-\U000ffffd\U00100000-\U0010fffd"
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
)
UNPRINTABLE = re.compile(f"[\x00-\x1f{_NEVER}]")
UNPRINTABLE_IN_LINES = re.compile(f"[\x00-\x08\x0b-\x1f{_NEVER}]")
MOMENTS = {
    "date": (dt.date, re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")),
    "time": (dt.time, re.compile(r"[0-9]{2}:[0-9]{2}(:[0-9]{2})?")),
    "datetime": (dt.datetime, re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2})?")),
}
TRUE, FALSE = ("true", "on", "1"), ("false", "off", "0", "")

# What a browser posts where nothing was answered.
EMPTY: tuple[object, ...] = ("", [])


def wrong(msgid: str, **params: object) -> ValidationError:
    """A marshmallow error that carries a Message."""
    return ValidationError([Message(msgid, params)])


class Asked(fields.Field[Any]):
    """The answer to a question; an empty one is None, or an error where an answer is required."""

    def __init__(self, question: Question) -> None:
        self.question = question
        messages: Any = dict.fromkeys(("required", "null"), [REQUIRED])
        super().__init__(
            required=question.required, allow_none=not question.required, error_messages=messages
        )

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if value in EMPTY:
            if self.question.required:
                raise ValidationError([REQUIRED])
            return None
        return self.read(value)

    def read(self, value: Any) -> Any:
        """The typed answer; raises ValidationError."""
        return _text(value)


class TextAnswer(Asked):
    """Text as it was typed, without the spaces at its ends.

    Refused are control characters, line breaks where there is one line, and marks that turn the direction
    of writing: with them a text would be read otherwise than it is stored. What must have a certain shape,
    such as a telephone number, may be typed in full-width characters and is kept in ordinary ones.
    """

    def read(self, value: Any) -> str | None:
        """The text within the question's limits."""
        text, limits = _text(value, self.question.type == "textarea"), self.question.limits
        if limits.pattern or limits.kind:
            text = unicodedata.normalize("NFKC", text).strip()
        if not text and self.question.required:
            raise ValidationError([REQUIRED])
        if not text:
            return None
        if len(text) < limits.min_length:
            raise wrong("Write at least {count} characters.", count=limits.min_length)
        if limits.max_length is not None and len(text) > limits.max_length:
            raise wrong("Write at most {count} characters.", count=limits.max_length)
        if limits.pattern and not re2.search(limits.pattern, text):
            raise wrong("This is not written as it should be. Please compare it with the help text.")
        if limits.kind == "email" and not EMAIL.fullmatch(text):
            raise wrong("This is not an e-mail address.")
        if limits.kind == "phone" and not PHONE.fullmatch(text):
            raise wrong("This is not a telephone number.")
        return text


class SignatureAnswer(Asked):
    """A drawn signature: the data URL of a PNG of at most the question's length."""

    def read(self, value: Any) -> str:
        """The URL, unchanged."""
        if not isinstance(value, str) or not value.startswith(PNG_URL):
            raise wrong("Please draw the signature in the box.")
        if len(value) > (self.question.limits.max_length or 0):
            raise wrong("The drawing is too large. Please clear it and sign again.")
        try:
            drawing = base64.b64decode(value.removeprefix(PNG_URL), validate=True)
        except binascii.Error as broken:
            raise wrong("Please draw the signature in the box.") from broken
        if not drawing.startswith(PNG_MAGIC):
            raise wrong("Please draw the signature in the box.")
        return value


class NumberAnswer(Asked):
    """An exact number, never a float.

    Text may have full-width digits, commas between thousands (1,200.50) and the unit shown beside the
    input. A comma elsewhere is refused: it could mean a decimal point.
    """

    def read(self, value: Any) -> Decimal | int:
        """A Decimal, or an int where the question takes no decimals."""
        number, limits = _number(_without_unit(value, self.question)), self.question.limits
        exponent = number.as_tuple().exponent
        if limits.decimals is not None and isinstance(exponent, int) and -exponent > limits.decimals:
            if limits.decimals == 0:
                raise wrong("Write a whole number.")
            raise wrong("Write at most {count} digits after the point.", count=limits.decimals)
        if limits.min is not None and number < limits.min:
            raise wrong("The number must be at least {limit}.", limit=f"{limits.min:f}")
        if limits.max is not None and number > limits.max:
            raise wrong("The number must be at most {limit}.", limit=f"{limits.max:f}")
        return int(number) if limits.decimals == 0 else number


class BooleanAnswer(Asked):
    """A ticked box; where ticking is required, an empty box is an error."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        ticked = _boolean(value)
        if self.question.required and not ticked:
            raise wrong("Tick this box to go on.")
        return ticked


class ChosenAnswer(Asked):
    """One of the options; the value is compared as text and given back as the option's own."""

    def read(self, value: Any) -> Any:
        """A scalar; whether it is an option is seen by who knows the scope."""
        if isinstance(value, list | dict):
            raise wrong("Choose one of the answers.")
        return value


class ChosenListAnswer(Asked):
    """Several of the options, each once."""

    def read(self, value: Any) -> list[Any]:
        """A list without doubles."""
        if not isinstance(value, list) or any(isinstance(item, list | dict) for item in value):
            raise wrong("Choose from the answers.")
        return list(dict.fromkeys(value))


class FilesAnswer(Asked):
    """Stored files, by the SHA-256 of each."""

    def read(self, value: Any) -> list[str]:
        """Hexadecimal digests without doubles."""
        if not isinstance(value, list) or not all(isinstance(v, str) and SHA256.fullmatch(v) for v in value):
            raise wrong("Choose a file.")
        if len(value) > 1 and not self.question.multiple:
            raise wrong("Choose one file only.")
        return list(dict.fromkeys(value))


class MomentAnswer(Asked):
    """A date, a time, or both, in ISO 8601 and without an offset: days and clocks of the tenant's zone.

    A date may also be written 2026年12月1日, 2026/12/1 or 2026.12.1, in full-width characters too.
    """

    def read(self, value: Any) -> dt.date | dt.time:
        """A datetime object of the question's subtype."""
        try:
            return _moment(self.question.subtype, value)
        except (ValueError, TypeError) as broken:
            raise wrong("This is not a date that exists.") from broken


FIELDS: Mapping[str, type[Asked]] = {
    "textfield": TextAnswer,
    "textarea": TextAnswer,
    "number": NumberAnswer,
    "checkbox": BooleanAnswer,
    "radio": ChosenAnswer,
    "select": ChosenAnswer,
    "checklist": ChosenListAnswer,
    "taglist": ChosenListAnswer,
    "filepicker": FilesAnswer,
    "datetime": MomentAnswer,
}


def field_for(question: Question) -> Asked:
    """The marshmallow field of a question that is asked."""
    return SignatureAnswer(question) if question.widget == "signature" else FIELDS[question.type](question)


def while_typed(parts: Sequence[Part], scope: Scope) -> Scope:
    """What conditions see while somebody types: numbers for their text, and null for what is still empty."""
    asked = [part for part in keyed(parts) if isinstance(part, Question) and part.key in scope.own]
    typed = {part.key: _as_typed(part, scope.own[part.key]) for part in asked}
    return Scope({**scope.own, **typed}, scope.outer)


def _as_typed(question: Question, value: Any) -> Any:
    if value in EMPTY:
        return None
    if question.type != "number" or not isinstance(value, str):
        return value
    try:
        return NumberAnswer(question).read(value)
    except ValidationError:
        return value


def _text(value: Any, lines: bool = False) -> str:
    if not isinstance(value, str):
        raise wrong("Write text here.")
    text = value.replace("\r\n", "\n").strip()
    if (UNPRINTABLE_IN_LINES if lines else UNPRINTABLE).search(text):
        raise wrong("There is a character here that can't be used.")
    return text


def _without_unit(value: Any, question: Question) -> Any:
    if not isinstance(value, str):
        return value
    prefix, suffix = (unicodedata.normalize("NFKC", unit) for unit in (question.prefix, question.suffix))
    return unicodedata.normalize("NFKC", value).strip().removeprefix(prefix).removesuffix(suffix).strip()


def _number(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise wrong("Write a number.")
    if isinstance(value, float | Decimal) and abs(Decimal(str(value)).adjusted()) > DIGITS_AT_MOST:
        raise wrong("Write a number.")
    if isinstance(value, int) and value.bit_length() > 4 * DIGITS_AT_MOST:
        raise wrong("Write a number.")
    text = value if isinstance(value, str) else format(Decimal(str(value)), "f")
    if len(text) > DIGITS_AT_MOST or not NUMBER.fullmatch(text):
        raise wrong("Write a number.")
    return Decimal(text.replace(",", ""))


def _boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if value is None or value in FALSE:
        return False
    if value in TRUE:
        return True
    raise wrong("This is neither yes nor no.")


def _moment(subtype: str, value: Any) -> dt.date | dt.time:
    kind: Any
    kind, shape = MOMENTS[subtype]
    if type(value) is kind and getattr(value, "tzinfo", None) is None:
        return value  # type: ignore[no-any-return]
    text = unicodedata.normalize("NFKC", value).strip()
    if subtype == "date" and (day := DAY.fullmatch(text)):
        text = "-".join(number.zfill(2) for number in day.groups())
    if not shape.fullmatch(text):
        raise ValueError(text)
    return kind.fromisoformat(text)  # type: ignore[no-any-return]
