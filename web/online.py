"""Online mediation: a party has it moved on site."""

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from engine.mediation.on_site import OnSiteRequest, ask_on_site
from web.access import actor, engine, staff_only

pages = Blueprint("online", __name__, url_prefix="/cases/<case_id>/on-site")


@pages.post("")
@staff_only
def move(case_id: str) -> ResponseReturnValue:
    """A party has told the office that it wants mediation on site (Online Rules Art. 16)."""
    form = request.form
    asked = OnSiteRequest(case_id, form["party_id"], form.get("reason", "")[:2000])
    ask_on_site(engine(), actor(), asked, form.get("key", ""))
    flash(gettext("The case goes on face to face."), "success")
    return redirect(url_for("cases.show", case_id=case_id), 303)
