"""Every way in which a command can refuse; a class's docstring is its message, in gettext's English."""

import traceback
from collections.abc import Mapping, Sequence

# What a message may name before whoever runs an installation: ids in diagrams, articles, counts.
OF_DIAGRAMS = ("element_id", "process_id", "error_code", "law_ref", "times", "count", "limit")


class Refusal(Exception):
    """The request was refused."""

    status = 409

    def __init__(self, **params: object) -> None:
        self.params = params
        super().__init__(self.message.format_map(_Shown(params)))

    @property
    def message(self) -> str:
        """The message's id in the catalogues, with named places for `params`."""
        return type(self).__doc__ or ""


def shown(failed: Exception) -> str:
    """What went wrong, for the people who mend it: a refusal says it of its place in a diagram alone.

    The other places of its message stay empty: they may name somebody, or quote what an expression gave.
    """
    if not isinstance(failed, Refusal):
        return type(getattr(failed, "orig", failed)).__name__
    known = {name: failed.params[name] for name in OF_DIAGRAMS if name in failed.params}
    return failed.message.format_map(_Shown(known))


def traced(failed: Exception) -> str:
    """Its kind and the places in the code, without any value: for logs, which hold nobody's data.

    Not even what a refusal says: it may name who holds a task, or quote what an expression gave.
    """
    return "\n".join([type(failed).__name__, *traceback.format_tb(failed.__traceback__)])


class _Shown(dict[str, object]):
    def __missing__(self, name: str) -> str:
        return "…"


class NotFound(Refusal):
    """There is nothing here that you may see."""

    status = 404


class Forbidden(Refusal):
    """Your role does not allow this ({action})."""

    status = 403


class SignInRefused(Refusal):
    """The name or the password is wrong."""

    status = 401


class TooManyAttempts(Refusal):
    """Too many attempts. Please wait {minutes} minutes."""

    status = 429


class SealBroken(Refusal):
    """This can't be opened: it was changed, or the keys are other ones. Ask the administrator."""

    status = 500


class TaskClosed(Refusal):
    """This task was already completed by {who} at {when}."""


class TaskCancelled(Refusal):
    """This task is no longer needed; the case has gone on without it."""


class TaskClaimed(Refusal):
    """{who} is working on this task."""


class KeyReused(Refusal):
    """The same form was sent twice with different answers; only the first was kept."""


class InvalidAnswers(Refusal):
    """Some answers need your attention."""

    status = 422

    def __init__(self, errors: Mapping[str, tuple[str, Mapping[str, object]]]) -> None:
        self.errors = errors
        super().__init__(fields=", ".join(errors))


class LawForbids(Refusal):
    """{law_ref} does not allow this: {reason}."""

    def __init__(self, law_ref: str, reason: str, **params: object) -> None:
        self.law_ref = law_ref
        super().__init__(law_ref=law_ref, reason=reason, **params)


class NoPath(Refusal):
    """The diagram has no way on from {element_id}: no condition holds and there is no default."""


class ExpressionFailed(Refusal):
    """The expression at {element_id} can't be evaluated: {problem}."""


class DiagramRefused(Refusal):
    """The diagram was refused; see {element_ids}."""

    status = 422

    def __init__(self, findings: Sequence[object], element_ids: Sequence[str]) -> None:
        self.findings = findings
        super().__init__(element_ids=", ".join(element_ids))


class RenderingFailed(Refusal):
    """The document can't be made: {reason}."""

    status = 422


class MissingGlyph(RenderingFailed):
    """The character “{character}” (in {field}) can't be printed with the fonts installed here."""


class ConcurrentChange(Refusal):
    """Somebody else changed this at the same moment. Please try again."""


class UnknownFile(Refusal):
    """{name} is not a kind of file that can be deployed (bpmn, dmn, form, html, css)."""

    status = 422


class NoRelease(Refusal):
    """Nothing has been deployed yet."""


class NotInRelease(Refusal):
    """The active release holds no {kind} {key} that could be removed."""

    status = 404


class ErrorUncaught(Refusal):
    """The error {error_code} at {element_id} is caught nowhere in the diagrams."""


class EndlessLoop(Refusal):
    """The diagram goes round at {element_id} without ever waiting for anybody."""


class TooManyInstances(Refusal):
    """{element_id} would be done {count} times; at most {limit} are allowed."""


class StateUnreadable(Refusal):
    """The stored state does not belong to this version of the process {process_id}."""

    status = 500


class PartyGone(Refusal):
    """{name} no longer takes part in this mediation."""


class CaseClosed(Refusal):
    """This case has ended."""


class AlreadyMarked(Refusal):
    """{name} has already marked this agreement."""


class TextOutdated(Refusal):
    """Somebody who is named in the text has left; the agreement must be drafted again."""


class NotReady(Refusal):
    """The text of the agreement has not been approved yet."""


class MediatorSeals(Refusal):
    """The mediator of a case may not put the committee's seal on its agreement."""


class SamePersonConfirms(Refusal):
    """The dates must be confirmed by somebody other than the one who entered them."""


class UnsuitableFile(Refusal):
    """Only PDF, JPEG and PNG files of at most {megabytes} MB can be stored."""

    status = 422


class UnreadableRequest(Refusal):
    """There is a character or a number here that can't be kept. Please type it again."""

    status = 422


class KeyUnusable(Refusal):
    """This page was sent without its key. Please open it again."""

    status = 422


class ChecksOwnCase(Refusal):
    """Whoever mediates a case or drafts its agreement may not check it."""


class MarksMissing(LawForbids):
    """{law_ref} does not allow this yet. These must sign first: {names}."""

    def __init__(self, law_ref: str, names: str) -> None:
        super().__init__(law_ref, "", names=names)


class NoReceiver(Refusal):
    """The diagrams of this case have no event that receives the message {message}."""


class NotOnline(Refusal):
    """This case is not mediated online now."""


class ClocksPaused(Refusal):
    """The clocks of this case have stood still since {when}. Let them go on first."""


class ClocksHeld(Refusal):
    """The clocks stand still because of what has happened in this case, and go on when that is settled."""


class CaseSuspended(Refusal):
    """The mediation has been suspended for a while. The office will tell you when it goes on."""


class ClocksRunning(Refusal):
    """The clocks of this case are not standing still."""


class MigrationUnsafe(Refusal):
    """The case can't be moved to release {number}; {count} reasons speak against it."""

    def __init__(self, number: int, reasons: Sequence[object]) -> None:
        self.reasons = tuple(reasons)
        super().__init__(number=number, count=len(reasons))


class UnknownCase(Refusal):
    """There is no case {case}, or several have this number; name its id then."""

    status = 404


class NothingToUndo(Refusal):
    """This case was not moved to another release, or that was undone already."""


class CaseMoved(Refusal):
    """{who} has moved this case on since, at {when}; the move to another release can't be undone any more."""


class ReasonMissing(Refusal):
    """Please say why; the reason is part of the record."""

    status = 422


class NobodyMediates(Refusal):
    """This case has no mediator yet."""


class PartyMissing(Refusal):
    """Please choose the party whom it concerns."""

    status = 422


class UnreadableTime(Refusal):
    """This is not a day or a time of day. Please type it again."""

    status = 422


class TimerGone(Refusal):
    """This clock has run out or is no longer needed."""


class WorkerLost(Refusal):
    """The worker was lost {times} times while it did this."""


class IncidentOver(Refusal):
    """This was tried again already, or is no longer needed."""


class NameMissing(Refusal):
    """Please give a name and a short name, of at most 100 characters each."""

    status = 422


class NameTaken(Refusal):
    """{name} has this name or this short name already."""


class WrongPlace(Refusal):
    """A body of this kind ({kind}) can't stand there ({parent})."""


class BodyUnderItself(Refusal):
    """{name} can't be put under itself, nor under a body that stands under it."""


class BodyClosed(Refusal):
    """{name} is closed."""


class BodyHasBodies(Refusal):
    """{name} can't be closed: {count} open bodies stand under it. Move or close them first."""


class BodyHasCases(Refusal):
    """{name} can't be closed: {count} of its cases are still under way."""


class LastAdministrator(Refusal):
    """{name} is the only administrator. Make somebody else one first."""


class AlreadyRegistered(Refusal):
    """{name} is in the register already, until {day}."""


class NothingToWithdraw(Refusal):
    """There is no consent here that could be withdrawn."""


class DutyClosed(Refusal):
    """This duty is marked as done already."""

    status = 409


class NoResultYet(Refusal):
    """The case has no result yet that the referring body could be told."""


class FilingDecided(Refusal):
    """What was sent in under {number} has been opened as a case or declined already."""


class PublicationClosed(Refusal):
    """This text has been reviewed or withdrawn already."""


class ReviewsOwnText(Refusal):
    """Somebody other than the author must review a text before it is published."""


class NamesLeft(Refusal):
    """A name or a number of somebody in this case still stands in the text. Please send it back."""
