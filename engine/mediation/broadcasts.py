"""The stages of a broadcast, each guarded by the ledger: planned, recorded, cut, previewed, aired, gone."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from engine.calendar import day_of
from engine.mediation import law, tv_eligibility
from engine.mediation.answers import Problems, one_row_each, today
from engine.mediation.broadcast_items import ALWAYS, STAGES, Latest, Use, absence, obstacles
from engine.mediation.broadcast_ledger import (
    find_broadcast,
    leave_television,
    next_row,
    open_takedowns,
    require_stage,
    stage_of,
    stage_reached,
    stages_of,
    standing_of,
)
from engine.mediation.broadcast_uses import require_use
from engine.mediation.lookup import case_of, parties_of
from engine.mediation.mediators import require_mediator
from engine.mediation.panel_guests import barred_judges, guests_of
from engine.models.broadcasts import Broadcast, BroadcastStage, Takedown
from engine.models.cases import Party
from engine.services import Step
from engine.sessions import moment_of

Shows = Mapping[str, list[str]]


def tv_eligibility_assessed(step: Step) -> None:
    """Ask the rules whether this case may go on television, and plan a broadcast if they allow it.

    It may be asked again until something was recorded; a no keeps the case where it is (PIPL Art. 16).
    """
    case_id, answers = step.root.id, step.answers
    if stage_of(step.session, case_id) not in ("", "planned"):
        raise law.forbids("tv_consent", step.at, "something was recorded already")
    asked = {name: answers.get(name) for name in tv_eligibility.QUESTIONS}
    reasons = tv_eligibility.speaks_against(step.session, step.engine, step.root, answers)
    columns = {
        "programme": answers["programme"], "channel": answers["channel"], "answers": asked,
        "reasons": reasons, "assessed_at": step.at, "assessed_by": step.actor.id,
    }  # fmt: skip
    broadcast = find_broadcast(step.session, case_id)
    if broadcast is None:
        step.session.add(Broadcast(tenant_id=step.root.tenant_id, case_id=case_id, **columns))
    else:
        for name, value in columns.items():
            setattr(broadcast, name, value)
    step.session.flush()
    if reasons:
        leave_television(step.session, case_id)
    elif not stage_of(step.session, case_id):
        _enter(step, "planned", today(step))


def footage_recorded(step: Step) -> None:
    """The cameras run: only with the standing consent of every party to take part and to be recorded.

    Nothing is recorded in a session for which the cameras stay off.
    """
    require_mediator(step, case_of(step.session, step.root.id))
    # The form of an earlier release does not ask for it: it was for recordings alone.
    if step.answers.get("cameras") == "off":
        return
    require_stage(step.session, step.root.id, step.at)
    day = _past_day(step, "recorded_on")
    require_use(step, Use("record", day))
    _enter(step, "recorded", day, step.answers.get("kept_at") or "")


def cooling_off_begun(step: Step) -> None:
    """The parties were told that until the edit lock they may take back every consent freely (PIPL 15).

    After it this opens the cut again, so that somebody who withdrew can be left out of it.
    """
    _require_stage_in(step, *STAGES[STAGES.index("recorded") : STAGES.index("taken_down")])
    if step.answers["told"] is not True:
        problems = Problems()
        problems.add("told", "Tell the parties first.")
        problems.refuse()
    _enter(step, "cooling_off", _past_day(step, "told_on"))


def edit_locked(step: Step) -> None:
    """The cut is final: it shows of each party only what that party allows, and its privacy was reviewed."""
    _require_stage_in(step, "cooling_off")
    if step.answers["reviewed"] is not True:
        raise law.forbids("tv_confidence", step.at, "nobody has reviewed the cut for privacy")
    everybody = [party.id for party in parties_of(step.session, step.root.id)]
    rows = one_row_each(step, "cuts", "party_id", everybody)
    shows = {row["party_id"]: list(row.get("shows") or []) for row in rows}
    require_use(step, Use("edit", today(step), shows=shows))
    _enter(step, "edit_locked", today(step), shows=shows)


def footage_previewed(step: Step) -> None:
    """Each party has seen the cut; an objection opens the edit again, without anybody learning whose."""
    _require_stage_in(step, "edit_locked")
    everybody = [party.id for party in parties_of(step.session, step.root.id)]
    rows = one_row_each(step, "previews", "party_id", everybody)
    shows = last_cut(step.session, step.root.id)
    require_use(step, Use("preview", today(step), shows=shows))
    agreed = all(row["answer"] == "agrees" for row in rows)
    said = "\n".join(row.get("objection") or "" for row in rows).strip()
    _enter(step, "previewed" if agreed else "cooling_off", today(step), said, shows)


def footage_broadcast(step: Step) -> None:
    """The cut is shown on a named channel or site, kept, or licensed, on a day within the term (PIPL 25).

    It may also be decided not to show it.
    """
    require_stage(step.session, step.root.id, step.at)
    answers, problems = step.answers, Problems()
    if answers["kind"] == "none":
        return
    problems.not_before("airs_on", answers["airs_on"], today(step))
    problems.refuse()
    shows = last_cut(step.session, step.root.id)
    use = Use(answers["kind"], answers["airs_on"], answers.get("outlet") or "", shows)
    require_use(step, use)
    _enter(step, "aired", use.day, use.channel, shows)


def footage_taken_down(step: Step) -> None:
    """What was asked to be taken down is gone; `all` ends the broadcast for good (PIPL Art. 47)."""
    require_stage(step.session, step.root.id, step.at, before="taken_down")
    day, everything = _past_day(step, "done_on"), step.answers["scope"] == "all"
    asked = open_takedowns(step.session, step.root.id)
    if not asked and not everything:
        raise law.forbids("tv_deletion", step.at, "nobody has asked for anything to be taken down")
    note = step.answers.get("note") or ""
    step.session.add_all(
        Takedown(
            tenant_id=row.tenant_id, case_id=row.case_id, consent_seq=row.seq, handled_on=day,
            handled_at=step.at, handled_by=step.actor.id, note=note,
        )
        for row in asked
    )  # fmt: skip
    if everything:
        _enter(step, "taken_down", day, note)


def last_cut(session: Session, case_id: str) -> Shows:
    """What the last cut shows of each party (party id → elements)."""
    return next((row.shows for row in reversed(stages_of(session, case_id)) if row.shows), {})


def broadcast_fact(session: Session, root_id: str) -> dict[str, Any] | None:
    """The context of a broadcast for diagrams and forms; None where nobody thought of television.

    `may_record` is whether the cameras may run now: if not, the same case goes on without them. `recorded` is
    footage that nobody has worked on, `usable` whether anybody may, `approved` a cut without an objection,
    `last_day` the last one of all terms, or today.
    """
    broadcast = find_broadcast(session, root_id)
    if broadcast is None:
        return None
    found, stage = standing_of(session, root_id), stage_of(session, root_id)
    everybody = parties_of(session, root_id)
    ids = [party.id for party in everybody]
    against = obstacles(found, ids, Use("record", dt.date.min), stage)
    usable = not obstacles(found, ids, Use("edit", dt.date.min), "recorded")
    to_ask = [one for one in everybody if any(absence(found.get((one.id, it)), dt.date.min) for it in ALWAYS)]
    return {
        "programme": broadcast.programme,
        "channel": broadcast.channel,
        "eligible": not broadcast.reasons,
        "reasons": [row["reason"] for row in broadcast.reasons],
        "stage": stage,
        "may_record": not broadcast.reasons and not against,
        "usable": usable,
        "recorded": stage == "recorded",
        "approved": stage in ("previewed", "aired"),
        "aired": stage_reached(session, root_id) == "aired",
        "last_day": _last_day(session, found),
        "parties_to_ask": _options(to_ask),
        "party_options": _options(everybody),
        "guests": [guest.name for guest in guests_of(session, root_id)],
        "open_takedowns": len(open_takedowns(session, root_id)),
        "barred_judges": barred_judges(session, root_id),
    }


def _options(rows: Iterable[Party]) -> list[dict[str, str]]:
    return [{"value": party.id, "label": party.name} for party in rows]


def _last_day(session: Session, found: Latest) -> dt.date:
    terms = [row.until for row in found.values() if row.decision == "given" and row.until is not None]
    return max(terms, default=day_of(moment_of(session)))


def _require_stage_in(step: Step, *stages: str) -> None:
    if require_stage(step.session, step.root.id, step.at) not in stages:
        raise law.forbids("tv_consent", step.at, "the broadcast is not at a stage for this")


def _past_day(step: Step, name: str) -> dt.date:
    problems, day = Problems(), step.answers[name]
    problems.not_after(name, day, today(step))
    problems.not_before(name, day, day_of(case_of(step.session, step.root.id).opened_at))
    problems.refuse()
    return dt.date.fromisoformat(day.isoformat())


def _enter(step: Step, stage: str, day: dt.date, note: str = "", shows: Shows | None = None) -> None:
    step.session.add(
        BroadcastStage(
            **next_row(step.session, BroadcastStage, step.root.id), stage=stage, happened_on=day,
            note=note, shows={name: list(elements) for name, elements in (shows or {}).items()},
            made_at=step.at, made_by=step.actor.id,
        )
    )  # fmt: skip
    step.session.flush()
