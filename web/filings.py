"""Disputes sent in from outside: the public form, its state, and the queue in which reception reads them."""

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from engine import errors
from engine.documents import qr
from engine.mediation import filing_queue, filings
from engine.policy import ACTIONS, Actor
from web import cases, metrics
from web.access import actor, engine, staff_only, tenant_id
from web.bodies import Wrong, attempt
from web.refusals import say

pages = Blueprint("filings", __name__)
FILED = "filed"


@pages.get("/apply")
def ask() -> ResponseReturnValue:
    """The form for everybody, without an account; `at` is the committee whose QR code was read."""
    return _form()


@pages.post("/apply")
def send() -> ResponseReturnValue:
    """Keep what was sent in and show the number of its receipt."""
    told = filings.Told(**{name: request.form.get(name, "").strip() for name in filings.NAMES})
    body_id, key = request.form.get("body_id", ""), request.form.get("key", "")

    def file() -> None:
        session[FILED] = filings.file_dispute(engine(), visitor(), body_id, told, key)

    goal = (gettext("What you wrote has arrived."), url_for("filings.received"))
    return attempt("apply", file, _form, goal)


@pages.get("/apply/received")
def received() -> ResponseReturnValue:
    """The number of what this browser has sent in, and what happens next."""
    if FILED not in session:
        return redirect(url_for("filings.ask"), 303)
    return render_template("filings/received.html", number=session[FILED])


@pages.get("/apply/state")
def ask_state() -> ResponseReturnValue:
    """Ask for number and telephone."""
    return render_template("filings/state.html")


@pages.post("/apply/state")
def state() -> ResponseReturnValue:
    """How far it has come, and nothing else."""
    number, phone = request.form.get("number", "")[:40], request.form.get("phone", "")[:40]
    try:
        found = filings.filing_state(engine(), visitor(), number, phone)
    except (errors.NotFound, errors.TooManyAttempts) as refused:
        metrics.refused(refused)
        unknown = isinstance(refused, errors.NotFound)
        problem = gettext("Nothing was found for this number and telephone.") if unknown else say(refused)
        return render_template("filings/state.html", problem=problem, number=number), refused.status
    return render_template("filings/state.html", found=found)


@pages.get("/filings")
@staff_only
def index() -> ResponseReturnValue:
    """What waits for reception."""
    return render_template("filings/list.html", rows=filing_queue.list_filings(engine(), actor()))


@pages.get("/filings/poster")
@staff_only
def poster() -> ResponseReturnValue:
    """A sheet for the hall with the QR code of the form."""
    names = dict(filings.committees(engine(), tenant_id()))
    at = actor().body_id if actor().body_id in names else None
    address = engine().address + url_for("filings.ask", at=at)
    committee = names.get(actor().body_id, "")
    return render_template(
        "filings/poster.html", address=address, picture=qr.picture(address), committee=committee
    )


@pages.get("/filings/<filing_id>")
@staff_only
def show(filing_id: str) -> ResponseReturnValue:
    """All that was written, and what can be done with it."""
    return _page(filing_id)


@pages.post("/filings/<filing_id>/case")
@staff_only
def open_case(filing_id: str) -> ResponseReturnValue:
    """Open a case with it and go to its registration."""
    case_id = filing_queue.open_filing(engine(), actor(), filing_id, request.form.get("key", ""))
    flash(gettext("A case has been opened. What was sent in stands in the form already."), "success")
    return cases.onward(case_id)


@pages.post("/filings/<filing_id>/declined")
@staff_only
def decline(filing_id: str) -> ResponseReturnValue:
    """Decline it with a reason."""
    reason, key = request.form.get("reason", "")[:2000], request.form.get("key", "")
    return attempt(
        "decline",
        lambda: filing_queue.decline_filing(engine(), actor(), filing_id, reason, key),
        lambda wrong: _page(filing_id, wrong),
        (gettext("It has been declined and is kept with the reason."), url_for("filings.index")),
    )


def visitor() -> Actor:
    """Who asks without an account."""
    return filings.visitor(tenant_id(), request.remote_addr or "")


def _form(wrong: Wrong | None = None) -> str:
    committees = filings.committees(engine(), tenant_id())
    return render_template(
        "filings/ask.html", wrong=wrong, committees=committees, at=request.args.get("at"),
        kinds=filings.FILED_BY, longest=filings.LONGEST,
    )  # fmt: skip


def _page(filing_id: str, wrong: Wrong | None = None) -> str:
    filing = filing_queue.show_filing(engine(), actor(), filing_id)
    may_decide = ACTIONS["filing.decide"](actor())
    return render_template("filings/show.html", filing=filing, may_decide=may_decide, wrong=wrong)
