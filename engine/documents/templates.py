"""Fills a document's template: sandboxed Jinja, text escaped, no value that it asks for may be missing."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from jinja2 import StrictUndefined, Template, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from engine import errors

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿")
_MOST = Decimal(10) ** 12


def fill(template: str, context: Mapping[str, object]) -> str:
    """The HTML of a document. Raises errors.RenderingFailed for a faulty template or a value that is missing.

    Filter: `capital` (amount of money → 壹仟元整).
    """
    try:
        return _compiled(template).render(context)
    except TemplateError as failure:
        raise errors.RenderingFailed(reason=f"{failure}") from failure


@lru_cache(maxsize=32)
def _compiled(template: str) -> Template:
    return _environment.from_string(template)


def capital(amount: str | Decimal) -> str:
    """An amount of yuan in the capital numerals that can't be altered by a stroke; empty if it is no amount.

    '2561' → 贰仟伍佰陆拾壹元整; up to two decimals, below 10**12.
    """
    try:
        value = Decimal(str(amount).replace(",", ""))
    except InvalidOperation:
        return ""
    if not value.is_finite() or not 0 <= value < _MOST or value != round(value, 2):
        return ""
    yuan, fen = divmod(int(value * 100), 100)
    return _yuan(yuan, fen) + _jiao_fen(yuan, fen)


def _yuan(yuan: int, fen: int) -> str:
    if yuan == 0:
        return "" if fen else "零元"
    groups = [yuan // 10000**power % 10000 for power in range(len(_GROUPS))]
    text = ""
    for power in reversed(range(len(groups))):
        if groups[power]:
            lower = groups[power] < 1000
            zero = "零" if text and (lower or groups[power + 1] == 0) else ""
            text += zero + _four_digits(groups[power]) + _GROUPS[power]
    return text + "元"


def _four_digits(number: int) -> str:
    text, gap = "", False
    for place in (3, 2, 1, 0):
        digit = number // 10**place % 10
        if digit:
            text += ("零" if gap and text else "") + _DIGITS[digit] + _PLACES[place]
        gap = digit == 0
    return text


def _jiao_fen(yuan: int, fen: int) -> str:
    if fen == 0:
        return "整"
    jiao, rest = divmod(fen, 10)
    text = f"{_DIGITS[jiao]}角" if jiao else ("零" if yuan else "")
    return text + (f"{_DIGITS[rest]}分" if rest else "整")


_environment = ImmutableSandboxedEnvironment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
_environment.filters["capital"] = capital
