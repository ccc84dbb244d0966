"""Death or incapacity of a party: the case waits until a successor or guardian is known, or it ends."""

from engine.mediation import law
from engine.mediation.happenings import close, happening_of, keep_result
from engine.mediation.lookup import case_of, party_of
from engine.services import Step

PRIVATE = frozenset({"successor", "relation", "successor_note"})
ENDS = "ends"


def successor_known(step: Step) -> None:
    """Who speaks for the party from now on, told of rights and duties and willing; or the mediation ends."""
    happening, answers = happening_of(step), step.answers
    case = case_of(step.session, step.root.id)
    if answers["successor_outcome"] == ENDS:
        case.end_code = case.end_code or "other"
        keep_result(step, happening, {"successor_note": answers["successor_note"]})
        close(step, happening, "ended")
        return
    if not (answers["successor_told"] and answers["successor_agrees"]):
        raise law.forbids("refusal", step.at, "not every party has agreed to mediation")
    party = party_of(step.session, case.id, happening.party_id or "")
    party.representative = f"{answers['successor']}（{answers['relation']}）"
    party.notice_served_at, party.agrees_to_method = step.at, None
    keep_result(step, happening, {name: answers[name] for name in ("successor", "relation")})
    close(step, happening, "goes_on")
