"""What is to be seen to in consultations: duties by colour, and invitations without an answer."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from engine.mediation import supervision
from web.access import actor, engine, staff_only

pages = Blueprint("supervision", __name__, url_prefix="/supervision")


@pages.get("")
@staff_only
def index() -> ResponseReturnValue:
    """Both lists, over all cases that the actor sees."""
    return render_template("supervision/show.html", found=supervision.show_supervision(engine(), actor()))
