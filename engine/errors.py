"""Every way in which a command can refuse; a class's docstring is its message, in gettext's English."""

from collections.abc import Mapping, Sequence


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
    """What went wrong, for the people who mend it; only refusals are known to hold nobody's data."""
    return str(failed) if isinstance(failed, Refusal) else type(failed).__name__


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


class MarksMissing(Refusal):
    """These must sign first: {names}."""


class NoReceiver(Refusal):
    """The diagrams of this case have no event that receives the message {message}."""


class ClocksPaused(Refusal):
    """The clocks of this case have stood still since {when}. Let them go on first."""


class ClocksRunning(Refusal):
    """The clocks of this case are not standing still."""


class TimerGone(Refusal):
    """This clock has run out or is no longer needed."""
