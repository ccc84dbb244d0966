"""String functions (DMN 1.5, 10.3.4.3)."""

from decimal import Decimal
from typing import Any

from engine.feel import limits, regex
from engine.feel.builtins.lists import index_at
from engine.feel.builtins.registry import builtin
from engine.feel.errors import FeelError
from engine.feel.run import Run


@builtin("substring", "string: string, start position: number, length?: number|null")
def _substring(_run: Run, string: str, start: Decimal, length: Decimal | None = None) -> str | None:
    begin = index_at(start, len(string))
    if begin is None:
        return None
    if length is None:
        return string[begin:]
    if not 1 <= length < len(string) - begin + 1:
        return None
    return string[begin : begin + int(length)]


@builtin("string length", "string: string")
def _string_length(_run: Run, string: str) -> Decimal:
    return Decimal(len(string))


@builtin("upper case", "string: string")
def _upper_case(_run: Run, string: str) -> str:
    return string.upper()


@builtin("lower case", "string: string")
def _lower_case(_run: Run, string: str) -> str:
    return string.lower()


@builtin("substring before", "string: string, match: string")
def _substring_before(_run: Run, string: str, match: str) -> str:
    before, found, _ = string.partition(match) if match else ("", "", "")
    return before if found else ""


@builtin("substring after", "string: string, match: string")
def _substring_after(_run: Run, string: str, match: str) -> str:
    return string.partition(match)[2] if match else string


@builtin("contains", "string: string, match: string")
def _contains(_run: Run, string: str, match: str) -> bool:
    return match in string


@builtin("starts with", "string: string, match: string")
def _starts_with(_run: Run, string: str, match: str) -> bool:
    return string.startswith(match)


@builtin("ends with", "string: string, match: string")
def _ends_with(_run: Run, string: str, match: str) -> bool:
    return string.endswith(match)


@builtin("matches", "input: string, pattern: string, flags?: string|null")
def _matches(run: Run, text: str, pattern: str, flags: str | None = None) -> bool | None:
    run.spend(len(text) // 50)
    return regex.matches(run, text, pattern, flags or "")


@builtin("replace", "input: string, pattern: string, replacement: string, flags?: string|null")
def _replace(run: Run, text: str, pattern: str, replacement: str, flags: str | None = None) -> str | None:
    run.spend(len(text) // 20)
    return regex.replace(run, text, pattern, replacement, flags or "")


@builtin("split", "string: string, delimiter: string")
def _split(run: Run, string: str, delimiter: str) -> list[str] | None:
    run.spend(len(string) // 20)
    return regex.split(run, string, delimiter)


@builtin("string join", "list: list, delimiter?: string|null")
def _string_join(run: Run, items: list[Any], delimiter: str | None = None) -> str | None:
    parts = [item for item in items if item is not None]
    if any(type(part) is not str for part in parts):
        return None
    run.spend(len(parts))
    separator = delimiter or ""
    if sum(map(len, parts)) + len(separator) * len(parts) > limits.STRING_LENGTH:
        raise FeelError("A string is longer than {limit} characters.", limit=limits.STRING_LENGTH)
    return separator.join(parts)
