"""Guided forms: form-js files become pages, and marshmallow schemas that every way in goes through."""

from functools import lru_cache

from forms.errors import Finding, FormRefused, InvalidAnswers, Message
from forms.form import Form
from forms.lint import lint
from forms.view import Drawing

__all__ = ["Drawing", "Finding", "Form", "FormRefused", "InvalidAnswers", "Message", "lint", "load"]


@lru_cache(500)
def load(text: str) -> Form:
    """The form in a form-js file; raises FormRefused with every component that can't be read."""
    return Form(text)
