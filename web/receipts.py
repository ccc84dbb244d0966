"""The public page that proves a receipt: number, date, committee, and nothing else."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.mediation import receipts
from web.access import engine
from web.filings import visitor

pages = Blueprint("receipts", __name__, url_prefix="/verify")


@pages.get("")
def ask() -> ResponseReturnValue:
    """Ask for the code on the receipt; one that was typed leads to its page."""
    if code := "".join(request.args.get("code", "").split())[:40]:
        return redirect(url_for("receipts.show", code=code), 303)
    return render_template("receipts/ask.html")


@pages.get("/<code>")
def show(code: str) -> ResponseReturnValue:
    """What the receipt of this code proves; the page for what is not there, for any other code."""
    return render_template("receipts/show.html", proof=receipts.proof(engine(), visitor(), code))
