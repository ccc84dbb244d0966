"""User tasks: the inbox, a task's guided form page by page, its draft, and who works on it."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from engine import errors, tasks
from engine.incidents import count_incidents
from engine.mediation import filing_queue, happening_page, inbox, referrals, relations, roster
from engine.policy import ACTIONS, is_staff
from web import metrics, previews, turns
from web.access import actor, engine, signed_in, staff_only
from web.language import named
from web.turns import Turn

STEPS = {"back": -1, "save": 0}

pages = Blueprint("tasks", __name__)


@pages.get("/")
@signed_in
def home() -> ResponseReturnValue:
    """The first page: the inbox for the staff, its own page for a party, and for somebody from outside."""
    own = "parties.show" if actor().party_id else "admissions.index"
    return redirect(url_for("tasks.index" if is_staff(actor()) else own), 303)


@pages.get("/tasks")
@staff_only
def index() -> ResponseReturnValue:
    """Open tasks: mine, my role's, overdue."""
    asked = request.args
    view = asked.get("view") if asked.get("view") in inbox.VIEWS else "mine"
    search = asked.get("search", "").strip()[:100]
    found = inbox.list_tasks(engine(), actor(), str(view), search, asked.get("page", 1, int))
    may = {action: allows(actor()) for action, allows in ACTIONS.items()}
    beside = {
        "filings": filing_queue.count_filings(engine(), actor()),
        "owed": referrals.count_due(engine(), actor()),
        "incidents": count_incidents(engine(), actor()),
    }
    duty = roster.on_duty_today(engine(), actor()) if may["case.open"] else None
    return render_template(
        "tasks/list.html", found=found, view=view, search=search, may=may, duty=duty, **beside
    )


@pages.get("/tasks/<task_id>")
@signed_in
def show(task_id: str) -> ResponseReturnValue:
    """A page of the task's form."""
    try:
        return _page(turns.begin(task_id))
    except errors.TaskClosed as closed:
        return _closed(closed)


@pages.post("/tasks/<task_id>")
@signed_in
def submit(task_id: str) -> ResponseReturnValue:
    """Go on, back, keep a draft, change rows, or complete the task on its last page."""
    go = request.form.get("go", "next")
    try:
        turn = turns.read(task_id)
        if go == "next":
            return _forward(turn)
        return _aside(turn if go in STEPS else turns.change_rows(turn, go), go)
    except errors.TaskClosed as closed:
        return _closed(closed)


@pages.post("/tasks/<task_id>/draft")
@signed_in
def draft(task_id: str) -> ResponseReturnValue:
    """Keep what was typed so far; called by the page itself while somebody writes."""
    turns.keep(turns.read(task_id))
    return "", 204


@pages.post("/tasks/<task_id>/claim")
@staff_only
def claim(task_id: str) -> ResponseReturnValue:
    """Take the task on, so that no colleague does it too, and stay on the page of its form."""
    tasks.claim_task(engine(), actor(), task_id)
    return redirect(url_for("tasks.show", task_id=task_id, page=request.args.get("page")), 303)


@pages.post("/tasks/<task_id>/release")
@staff_only
def release(task_id: str) -> ResponseReturnValue:
    """Give the task back to one's role."""
    tasks.release_task(engine(), actor(), task_id)
    flash(gettext("The task is open to your colleagues again."), "success")
    return redirect(url_for("tasks.index", view="role"), 303)


def _forward(turn: Turn) -> ResponseReturnValue:
    if not turn.is_last:
        if found := turns.check(turn):
            return _page(turns.with_errors(turn, found), 422)
        turns.keep(turn)
        return redirect(turn.address(1), 303)
    try:
        done = turns.complete(turn, request.form.get("key", ""))
    except errors.InvalidAnswers as invalid:
        metrics.refused(invalid)
        return _page(turns.with_errors(turn, invalid.errors), 422)
    flash(gettext("Done: %(task)s", task=named(turn.opened.task.name, turn.opened.task.name_en)), "success")
    return redirect(turns.next_address(done), 303)


def _aside(turn: Turn, go: str) -> ResponseReturnValue:
    turns.keep(turn)
    if go == "save":
        flash(gettext("Saved. You can go on at any time."), "success")
    return redirect(turn.address(STEPS.get(go, 0)), 303)


def _closed(closed: errors.TaskClosed) -> ResponseReturnValue:
    """Sent twice, or a party was a moment later than another, whose turn it was too: on to the first page."""
    who = closed.params.get("who")
    if who == actor().name:
        flash(gettext("You have completed this task already."), "success")
    elif actor().party_id:
        flash(
            gettext(
                "%(who)s was a moment earlier, so your page was not sent. "
                "What waits for you stands below, under “To do now”.",
                who=who,
            ),
            "warning",
        )
    else:
        raise closed
    return redirect("/", 303)


def _page(turn: Turn, status: int = 200) -> ResponseReturnValue:
    task = turn.opened.task
    mine = turn.opened.may_act and task.claimed_by in (None, actor().id)
    halted = happening_page.is_halted(engine(), actor(), task.root_id, turn.form.effects)
    shown = {"papers": previews.of_task(turn.opened), "known": _known_already(turn), "halted": halted}
    return render_template("tasks/show.html", turn=turn, task=task, mine=mine, **shown), status


def _known_already(turn: Turn) -> list[relations.Candidate]:
    """Cases that name the people of a registration that is being typed."""
    if not turn.opened.may_act or "case_registered" not in turn.form.effects:
        return []
    return relations.candidates_for(engine(), actor(), turn.opened.task.root_id, turn.answers)
