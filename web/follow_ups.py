"""Follow-up of an agreement: what was performed of each part, and a worker's papers for a payment order."""

import unicodedata
from decimal import Decimal, InvalidOperation
from io import BytesIO

from flask import Blueprint, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from engine import errors
from engine.calendar import day_of
from engine.mediation import follow_up_page, follow_ups
from engine.mediation.payment_orders import make_payment_order
from web.access import actor, engine, staff_only
from web.bodies import Wrong, attempt
from web.posted import day_given, text_given

pages = Blueprint("follow_ups", __name__)


@pages.get("/cases/<case_id>/follow-ups")
@staff_only
def index(case_id: str) -> ResponseReturnValue:
    """The parts of a case's agreement, with the form that says what became of each."""
    return _page(case_id)


@pages.post("/cases/<case_id>/follow-ups/<part_id>")
@staff_only
def record(case_id: str, part_id: str) -> ResponseReturnValue:
    """Add what became of a part."""
    return attempt(
        f"part-{part_id}",
        lambda: follow_ups.record_follow_up(
            engine(), actor(), case_id, _entry(part_id), request.form.get("key", "")
        ),
        lambda wrong: _page(case_id, wrong),
        (gettext("It has been recorded."), url_for("follow_ups.index", case_id=case_id)),
    )


@pages.post("/cases/<case_id>/payment-order")
@staff_only
def payment_order(case_id: str) -> ResponseReturnValue:
    """One worker's papers for a payment order, as one ZIP file."""
    creditor, key = request.form.get("creditor", ""), request.form.get("key", "")
    packet = make_payment_order(engine(), actor(), case_id, creditor, key)
    written = BytesIO(packet.content)
    return send_file(written, "application/zip", as_attachment=True, download_name="payment-order.zip")


def _page(case_id: str, wrong: Wrong | None = None) -> str:
    case = follow_up_page.show_follow_ups(engine(), actor(), case_id)
    today = day_of(engine().now()).isoformat()
    return render_template("follow_ups/show.html", case=case, wrong=wrong, today=today)


def _entry(part_id: str) -> follow_ups.Outcome:
    return follow_ups.Outcome(
        part_id=part_id,
        result=text_given("result"),
        happened_on=day_given("happened_on"),
        amount=_amount(),
        due_on=day_given("due_on") if text_given("due_on") else None,
        both_agree=text_given("both_agree") == "yes",
        claim=text_given("claim"),
        note=text_given("note"),
    )


def _amount() -> Decimal | None:
    typed = unicodedata.normalize("NFKC", text_given("amount"))
    given = typed.replace(",", "").strip("¥元 ")
    if not given:
        return None
    try:
        amount = Decimal(given)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite():
        raise errors.InvalidAnswers({"amount": ("Write the amount in figures, for example 1300.50.", {})})
    return amount
