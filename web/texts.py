"""Translations outside a request: the command line speaks Chinese unless the environment asks for English."""

import datetime as dt
import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from babel.support import NullTranslations, Translations

from engine import feel
from engine.calendar import ZONE
from engine.errors import Refusal
from web.findings import feel_problem

CATALOGUES = Path(__file__).parent / "translations"


@cache
def translations(language: str) -> NullTranslations:
    """The catalogue of a language; texts without a translation stay English."""
    return Translations.load(CATALOGUES, [language])


def language(environ: Mapping[str, str] = os.environ) -> str:
    """`WOSHOU_LANG` if it is set, else English where LANG says so, else Chinese."""
    chosen = environ.get("WOSHOU_LANG") or environ.get("LC_ALL") or environ.get("LANG") or ""
    return "en" if chosen.startswith("en") else "zh"


def translate(message: str) -> str:
    """A message in the command line's language, with its places still to be filled."""
    return translations(language()).gettext(message)


def text(message: str, **params: object) -> str:
    """A message in the command line's language, with its places filled; moments by the tenant's clock."""
    return translate(message).format_map({name: _shown(value) for name, value in params.items()})


def refusal(refused: Refusal) -> str:
    """What a refusal says, in the command line's language."""
    return text(refused.message, **refused.params)


def moment(at: dt.datetime) -> str:
    """A moment by the tenant's clock."""
    return f"{at.astimezone(ZONE):%Y-%m-%d %H:%M}"


def _shown(value: object) -> object:
    if isinstance(value, dt.datetime):
        return moment(value)
    return feel_problem(value, translate) if isinstance(value, feel.FeelError) else value
