"""Meetings of an online mediation: arranged with a link, held in parts where the connection was lost."""

from typing import Any
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from engine.calendar import day_of
from engine.mediation import law, parties
from engine.mediation.answers import Problems, today
from engine.mediation.notes import last, written
from engine.mediation.online import online_case
from engine.mediation.rooms import Rooms, new_room
from engine.models.online import OnlineMeeting
from engine.services import Step


def meeting_planned(step: Step, rooms: Rooms | None = None) -> None:
    """Keep when and how all meet at the same time, by a link, the telephone, or typing (Online Rules 16).

    With a configured server a video meeting gets a room of its own in the place of a pasted link.
    """
    if step.answers["next_step"] != "meeting":
        return
    case, answers, problems = online_case(step), step.answers, Problems()
    room = new_room() if rooms is not None and answers["meets_how"] == "video" else ""
    if not room:
        _check_link(problems, "meeting_link", answers["meets_how"], answers.get("meeting_link"))
    problems.not_before("meets_on", answers["meets_on"], today(step))
    problems.refuse()
    before = last(step.session, OnlineMeeting, case.id)
    step.session.add(
        OnlineMeeting(
            **written(step), number=before.number + 1 if before else 1, part=0, state="planned",
            how=answers["meets_how"], link=answers.get("meeting_link") or "", meets_on=answers["meets_on"],
            room=room, meets_at=answers["meets_at"].strftime("%H:%M"),
        )
    )  # fmt: skip
    step.session.flush()


def meeting_held(step: Step) -> None:
    """Keep a part of the meeting; one that was interrupted goes on under its number (Online Rules 16).

    Guests need the consent of the parties (PML Art. 20).
    """
    case, answers = online_case(step), step.answers
    before = last(step.session, OnlineMeeting, case.id)
    if before is None or before.state == "held":
        raise law.forbids("online_mixed", step.at, "no meeting was arranged with the parties")
    problems, here = Problems(), {party.id for party in parties.active(case.parties)}
    for one in answers["attendees"]:
        problems.one_of("attendees", one, here)
    if not before.room:
        _check_link(problems, "link", answers["how"], answers.get("link"))
    problems.not_after("held_on", answers["held_on"], today(step))
    problems.not_before("held_on", answers["held_on"], day_of(case.opened_at))
    problems.refuse()
    guests = answers.get("guests") or []
    if not all(guest["consented"] is True for guest in guests):
        raise law.forbids("guests", step.at, "guests need the consent of the parties")
    step.session.add(
        OnlineMeeting(
            **written(step), number=before.number, part=before.part + 1, state=answers["state"],
            how=answers["how"], link=answers.get("link") or "", room=before.room, meets_on=answers["held_on"],
            attendees=list(answers["attendees"]), guests=list(guests), course=answers["course"],
            interruption=answers.get("interruption") or "",
        )
    )  # fmt: skip
    step.session.flush()


def meeting_to_hold(session: Session, case_id: str) -> dict[str, Any]:
    """How the meeting that was arranged, or goes on, is held: what its form is filled in with."""
    meeting = last(session, OnlineMeeting, case_id)
    if meeting is None or meeting.state == "held":
        return {"how": None, "link": None, "room": False}
    return {"how": meeting.how, "link": meeting.link or None, "room": bool(meeting.room)}


def _check_link(problems: Problems, path: str, how: str, link: str | None) -> None:
    if how != "video":
        return
    try:
        parts = urlsplit(link or "")
    except ValueError:
        parts = urlsplit("")
    if parts.scheme != "https" or not parts.hostname or "@" in parts.netloc:
        problems.add(path, "The link must begin with https:// and name a site.")
