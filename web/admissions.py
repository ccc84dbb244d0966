"""Somebody from outside: admitted to a case by the staff, and the pages that are all it sees."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from engine.mediation import admissions, outside_page
from engine.mediation.admissions import NewAdmission
from web.access import actor, engine, outsiders_only, staff_only
from web.documents import sent

pages = Blueprint("admissions", __name__)


@pages.get("/cases/<case_id>/outsiders")
@staff_only
def show(case_id: str) -> ResponseReturnValue:
    """Who from outside knows a little of the case, and who else could."""
    found = admissions.list_admissions(engine(), actor(), case_id)
    return render_template("admissions/show.html", found=found)


@pages.post("/cases/<case_id>/outsiders")
@staff_only
def admit(case_id: str) -> ResponseReturnValue:
    """Admit an account in one of its roles; `who` is account and role."""
    form = request.form
    account_id, _, role = form.get("who", "").partition(":")
    new = NewAdmission(case_id, account_id, role, form.get("invitee_id", ""))
    admissions.admit(engine(), actor(), new, form.get("key", ""))
    flash(gettext("This person now sees what the role may see of the case, and nothing else."), "success")
    return redirect(url_for("admissions.show", case_id=case_id), 303)


@pages.post("/cases/<case_id>/outsiders/<account_id>/end")
@staff_only
def dismiss(case_id: str, account_id: str) -> ResponseReturnValue:
    """Let an account see nothing of the case any more."""
    admissions.dismiss(engine(), actor(), case_id, account_id, request.form.get("key", ""))
    flash(gettext("This person sees nothing of the case any more."), "success")
    return redirect(url_for("admissions.show", case_id=case_id), 303)


@pages.get("/outside")
@outsiders_only
def index() -> ResponseReturnValue:
    """The cases that somebody from outside was admitted to."""
    return render_template("admissions/list.html", rows=outside_page.list_outside(engine(), actor()))


@pages.get("/outside/<case_id>")
@outsiders_only
def view(case_id: str) -> ResponseReturnValue:
    """What the reader's role sees of one case (annex A4)."""
    found = outside_page.show_outside(engine(), actor(), case_id)
    return render_template("admissions/view.html", found=found)


@pages.get("/outside/<case_id>/documents/<document_id>")
@outsiders_only
def document(case_id: str, document_id: str) -> ResponseReturnValue:
    """A document that the parties let a crew have."""
    return sent(outside_page.read_outside(engine(), actor(), case_id, document_id))
