"""Cases: the list, the page of one, its diagrams, the parties' links, and leaving it."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from engine.mediation import case_page, cases, inbox, links, referrals
from engine.policy import ACTIONS
from web.access import actor, engine, staff_only

pages = Blueprint("cases", __name__, url_prefix="/cases")


@pages.get("")
@staff_only
def index() -> ResponseReturnValue:
    """The cases that the actor sees, newest first."""
    search, page = request.args.get("search", "").strip()[:100], request.args.get("page", 1, int)
    asked = request.args.get("channel", "")
    channel = asked if asked in referrals.CHANNELS else ""
    found = inbox.list_cases(engine(), actor(), search, page, channel)
    return render_template(
        "cases/list.html",
        found=found,
        search=search,
        channel=channel,
        channels=referrals.CHANNELS,
        may=_may(),
    )


@pages.post("")
@staff_only
def begin() -> ResponseReturnValue:
    """Open a new case and go to its first task."""
    return onward(cases.open_case(engine(), actor(), request.form.get("key", "")))


def onward(case_id: str) -> ResponseReturnValue:
    """The way to the first task of a case that was just opened."""
    opened = case_page.show_case(engine(), actor(), case_id).tasks
    if opened:
        return redirect(url_for("tasks.show", task_id=opened[0].task_id), 303)
    return redirect(url_for("cases.show", case_id=case_id), 303)


@pages.get("/<case_id>")
@staff_only
def show(case_id: str) -> ResponseReturnValue:
    """Everything that the actor may see of one case."""
    return page_of(case_id)


def page_of(case_id: str, wrong: object = None) -> str:
    """The page of a case, with what is `wrong` in one of its forms; NotFound."""
    case = case_page.show_case(engine(), actor(), case_id)
    household = request.args.get("household", "").strip()[:100]
    return render_template("cases/show.html", case=case, may=_may(), wrong=wrong, household=household)


@pages.get("/<case_id>/diagrams/<instance_id>.bpmn")
@staff_only
def diagram(case_id: str, instance_id: str) -> ResponseReturnValue:
    """The diagram of one process of the case, as it was when the case began."""
    return (
        case_page.diagram(engine(), actor(), case_id, instance_id),
        200,
        {"Content-Type": "application/xml"},
    )


@pages.post("/<case_id>/withdrawal")
@staff_only
def withdraw(case_id: str) -> ResponseReturnValue:
    """A party has told the office that it refuses or leaves (PML Arts. 17 and 23)."""
    form = request.form
    leaving = cases.Withdrawal(case_id, form["party_id"], form.get("reason", "")[:2000])
    cases.withdraw(engine(), actor(), leaving, form.get("key", ""))
    flash(gettext("Mediation has ended for this party."), "success")
    return redirect(url_for("cases.show", case_id=case_id), 303)


@pages.get("/<case_id>/links")
@staff_only
def list_links(case_id: str) -> ResponseReturnValue:
    """Each party's link and code, to be handed out."""
    case = case_page.show_case(engine(), actor(), case_id)
    found = links.party_links(engine(), actor(), case_id)
    return render_template("cases/links.html", case=case, links=found)


@pages.post("/<case_id>/links/<party_id>")
@staff_only
def renew_link(case_id: str, party_id: str) -> ResponseReturnValue:
    """Close a party's link and make a new one."""
    links.renew_link(engine(), actor(), case_id, party_id)
    flash(gettext("There is a new link and a new code; the old ones open nothing any more."), "success")
    return redirect(url_for("cases.list_links", case_id=case_id), 303)


def _may() -> dict[str, bool]:
    return {action: allows(actor()) for action, allows in ACTIONS.items()}
