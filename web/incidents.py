"""What stands still because it failed: the list of it, and having it tried again."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from engine.incidents import retry_incident
from engine.mediation.standstills import list_standstills
from web.access import actor, engine, staff_only

pages = Blueprint("incidents", __name__)


@pages.get("/incidents")
@staff_only
def index() -> ResponseReturnValue:
    """All that stands still where the actor may have it tried again."""
    return render_template("incidents/list.html", found=list_standstills(engine(), actor()))


@pages.post("/incidents/<incident_id>/retry")
@staff_only
def retry(incident_id: str) -> ResponseReturnValue:
    """Have it tried again, and go back to the list."""
    _retry(incident_id)
    return redirect(url_for("incidents.index"), 303)


@pages.post("/cases/<case_id>/incidents/<incident_id>/retry")
@staff_only
def retry_in_case(case_id: str, incident_id: str) -> ResponseReturnValue:
    """Have it tried again, and go back to the case."""
    _retry(incident_id)
    return redirect(url_for("cases.show", case_id=case_id), 303)


def _retry(incident_id: str) -> None:
    retry_incident(engine(), actor(), incident_id)
    flash(gettext("It is being tried again. If it fails once more, it is shown here again."), "success")
