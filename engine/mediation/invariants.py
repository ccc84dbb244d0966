"""What no diagram of a mediation may allow: the law's order over effects, as one table.

Deploy proves each row on the composed diagrams; the effects' functions guard the same rules in every case.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from engine.bpmn import AtEnd, Available, Before, Confidential, Invariant, Law, Proof
from engine.mediation import law

FACTS_SIGNED = frozenset(("fact_sheet_signed", "fact_sheet_received"))
TALKS = FACTS_SIGNED | {"statements_recorded", "visit_recorded", "session_recorded", "fact_sheet_drafted"}
PARTY_MARKS = frozenset(("party_mark_made", "signed_sheet_received"))
JOINING = frozenset(("household_answered", "joining_closed", "joining_confirmed", "abstainers_told"))
MARKS = PARTY_MARKS | JOINING | {"mediator_mark_made", "agreement_sealed"}
SEALED = frozenset(("agreement_sealed", "signed_sheet_sealed"))
SIGNING = MARKS | {"signed_sheet_sealed"}
SHEET = frozenset(("case_sheet_written", "invitees_answered", "written_opinion_received"))
CONSULTATION = SHEET | {"consultation_met", "opinion_drafted", "opinion_told"}
ORAL = frozenset(("oral_agreement_registered", "oral_agreement_confirmed", "oral_register_sealed"))
ONLINE = frozenset(
    (
        "message_recorded", "offer_made", "offer_disclosed", "offer_answered", "meeting_planned",
        "meeting_held", "online_record_written", "online_record_confirmed",
    )
)  # fmt: skip
ASKING = frozenset(("online_consented", "identities_checked"))
AGREEMENT = SIGNING | ORAL | {"agreement_drafted"}
FOOTAGE = frozenset(("footage_recorded", "edit_locked", "footage_previewed", "footage_broadcast"))
PROGRAMME = FOOTAGE - {"footage_recorded"} | {"cooling_off_begun", "footage_taken_down"}
REPORTS = frozenset(("report_made", "report_decided"))
OVER = SEALED | {"agreement_effective", "routes_notice_served"}
MEDIATION = TALKS | CONSULTATION | ONLINE | ASKING | AGREEMENT | {"consent_given", "invitation_answered"}


def _one(*effects: str) -> frozenset[str]:
    return frozenset(effects)


BEFORE: tuple[Mapping[str, Any], ...] = (
    {
        "key": "invitation",
        "article": "refusal",
        "effects": _one("consent_given"),
        "needs": (_one("invitation_answered"),),
        "message": "Consent can be recorded before the parties were invited and free to refuse: {way}",
        "hint": "Let every way here pass a task whose form records the answers to the invitation "
        "(invitation_answered).",
    },
    {
        "key": "consent",
        "article": "refusal",
        "effects": TALKS | CONSULTATION | ONLINE | ASKING | AGREEMENT,
        "needs": (_one("consent_given"),),
        "message": "This step can be reached without the parties' consent to mediation: {way}",
        "hint": "Let every way here pass a task whose form records consent (consent_given).",
    },
    {
        "key": "notice",
        "article": "notice",
        "effects": TALKS | CONSULTATION | ONLINE | ASKING | AGREEMENT,
        "needs": (_one("rights_notice_served"),),
        "message": "This step can be reached before the parties were told their rights and duties: {way}",
        "hint": "Let every way here pass a task whose form serves the rights notice (rights_notice_served).",
    },
    {
        "key": "mediator",
        "article": "mediator",
        "effects": TALKS | CONSULTATION | ONLINE | ASKING | ORAL,
        "needs": (_one("mediator_proposed"),),
        "message": "Talks can begin before a mediator was appointed or chosen: {way}",
        "hint": "Let every way here pass a task whose form names the mediator (mediator_proposed).",
    },
    {
        "key": "conflict",
        "article": "conflict",
        "effects": TALKS | CONSULTATION | ONLINE | ASKING | ORAL,
        "needs": (_one("conflicts_disclosed"),),
        "since": _one("mediator_proposed"),
        "message": "Talks can begin before the mediator has disclosed conflicts of interest: {way}",
        "hint": "After each choice of a mediator, lead through a task whose form discloses conflicts "
        "(conflicts_disclosed).",
    },
    {
        "key": "facts",
        "article": "undisputed",
        "effects": FACTS_SIGNED,
        "needs": (_one("session_recorded"), _one("fact_sheet_drafted")),
        "message": "Undisputed facts can be signed that no session has found and nobody has drafted: {way}",
        "hint": "Let every way here pass a session (session_recorded) and a task that drafts the sheet of "
        "undisputed facts (fact_sheet_drafted).",
    },
    {
        "key": "election",
        "article": "representatives",
        "effects": _one("session_recorded"),
        "needs": (_one("representatives_elected", "group_spoken_for"),),
        "message": "A group's session can be held before it elected who speaks for it: {way}",
        "hint": "Let every way here pass a task that records the election (representatives_elected), or the "
        "condition that none is wanted (case.representatives_wanted).",
    },
    {
        "key": "opt_in",
        "article": "representatives",
        "effects": _one("party_mark_made", "signed_sheet_received", "mediator_mark_made", "agreement_sealed"),
        "needs": (_one("households_all_heard", "joining_closed", "no_group"),),
        "since": _one("agreement_drafted"),
        "message": "A group's agreement can be signed before each household was asked whether it "
        "joins: {way}",
        "hint": "After each draft, lead a group's case (case.is_group) through the joining, until nobody is "
        "left to ask (count(case.households_asked) > 0).",
    },
    {
        "key": "legality",
        "article": "legality",
        "effects": SIGNING,
        "needs": (_one("agreement_drafted"), _one("legality_checked")),
        "since": _one("agreement_drafted"),
        "message": "An agreement can be signed or sealed that was not drafted, or whose last draft nobody "
        "checked for legality: {way}",
        "hint": "Lead through a task that drafts it (agreement_drafted), and after each draft through one "
        "that checks legality (legality_checked).",
    },
    {
        "key": "method",
        "article": "method",
        "effects": _one("party_mark_made"),
        "needs": (_one("signing_method_agreed"),),
        "message": "A party can sign electronically without having agreed to that way of signing: {way}",
        "hint": "Let every way here pass a task whose form asks for it (signing_method_agreed).",
    },
    {
        "key": "oral",
        "article": "written",
        "effects": _one("oral_agreement_confirmed"),
        "needs": (_one("oral_agreement_registered"),),
        "message": "An oral agreement can take effect that the mediator has not registered: {way}",
        "hint": "Let every way here pass a task whose form registers it (oral_agreement_registered).",
    },
    {
        "key": "register",
        "article": "oral",
        "effects": _one("oral_register_sealed"),
        "needs": (_one("oral_agreement_registered"), _one("oral_agreement_confirmed")),
        "message": "The register of an oral agreement can be sealed before it was read out: {way}",
        "hint": "Lead through a task that registers it (oral_agreement_registered), and then one in which it "
        "is read out and signed by the mediator (oral_agreement_confirmed).",
    },
    {
        "key": "seal",
        "article": "effect",
        "effects": _one("agreement_sealed"),
        "needs": (_one("party_mark_made"), _one("parties_all_marked"), _one("mediator_mark_made")),
        "message": "The seal can be set before all parties and the mediator have signed: {way}",
        "hint": "Let the parties sign until case.marks_missing is 0, then the mediator, and only then seal.",
    },
    {
        "key": "sheet",
        "article": "effect",
        "effects": _one("signed_sheet_sealed"),
        "needs": (_one("signed_sheet_received"), _one("marks_entered"), _one("marks_confirmed")),
        "since": _one("agreement_drafted"),
        "message": "A paper sheet can be sealed before its marks were entered and confirmed: {way}",
        "hint": "Lead through receiving the sheet, entering the dates of its marks, and confirming them.",
    },
    {
        "key": "copies",
        "article": "effect",
        "effects": _one("copies_served"),
        "needs": (SEALED,),
        "message": "Copies can be served of an agreement that is not sealed yet: {way}",
        "hint": "Serve the copies after the seal.",
    },
    {
        "key": "invitees",
        "article": "guests",
        "effects": CONSULTATION,
        "needs": (_one("invitees_chosen"), _one("parties_agreed_to_all")),
        "since": _one("invitees_chosen"),
        "message": "Departments and experts can be told of the case before the parties agreed to each of "
        "them: {way}",
        "hint": "After each choice of departments and experts (invitees_chosen), ask the parties "
        "(consultation_consented) and lead on only past the condition that nobody is left to ask "
        "(count(consultation.parties_to_ask) > 0).",
    },
    {
        "key": "opinion",
        "article": "consultation",
        "effects": _one("opinion_drafted", "opinion_told"),
        "needs": (_one("case_sheet_written"), _one("consultation_met")),
        "since": _one("case_sheet_written"),
        "message": "A consultation can come to an opinion without a case sheet and a meeting on it: {way}",
        "hint": "Lead through the case sheet (case_sheet_written) and then the meeting (consultation_met).",
    },
    {
        "key": "online",
        "article": "online_consent",
        "effects": ONLINE,
        "needs": (_one("online_agreed_by_all"),),
        "since": _one("online_consented"),
        "message": "A case can be mediated online before all parties agreed to it: {way}",
        "hint": "Ask the parties (online_consented), and lead on only past the condition that nobody is left "
        "to ask (count(online.parties_to_ask) > 0).",
    },
    {
        "key": "identity",
        "article": "online_identity",
        "effects": ONLINE,
        "needs": (_one("identities_all_checked"),),
        "since": _one("identities_checked"),
        "message": "A case can be mediated online before the parties were identified: {way}",
        "hint": "Check the identities (identities_checked), and lead on only past the condition that nobody "
        "is left to check (count(online.unidentified) > 0).",
    },
    {
        "key": "record",
        "article": "online_record",
        "effects": _one("agreement_drafted"),
        "needs": (_one("session_recorded", "record_confirmed_by_all"),),
        "since": _one("online_record_written"),
        "only_since": True,
        "message": "An agreement can be drafted from a mediation whose record the parties have not "
        "confirmed: {way}",
        "hint": "After a joint session (session_recorded) lead on as it is; after an electronic record "
        "(online_record_written) only past the condition that nobody is left to confirm it "
        "(count(online.unconfirmed) > 0).",
    },
    {
        "key": "footage",
        "article": "tv_publication",
        "effects": FOOTAGE,
        "needs": (_one("tv_eligibility_assessed"), _one("broadcast_consents_recorded")),
        "message": "Footage can be made or used before it was asked whether the case may go on television "
        "and what each party consents to: {way}",
        "hint": "Let every way here pass a task that asks the rules (tv_eligibility_assessed) and tasks "
        "whose form records the consents (broadcast_consents_recorded).",
    },
    {
        "key": "cameras",
        "article": "tv_consent",
        "effects": _one("footage_recorded"),
        "needs": (_one("cameras_allowed"),),
        "since": _one("broadcast_consents_recorded", "session_recorded"),
        "message": "The cameras can run although a party has not agreed to it, or no longer does: {way}",
        "hint": "Before each recording, lead only past the condition that every party agrees "
        "(broadcast.may_record), and everybody else to talks without cameras.",
    },
    {
        "key": "reported",
        "article": "escalation",
        "effects": _one("report_decided"),
        "needs": (_one("report_made"),),
        "since": _one("report_decided"),
        "message": "It can be decided whether the mediation goes on before the report was made: {way}",
        "hint": "Lead through a task whose form keeps the report (report_made) before the decision.",
    },
    {
        "key": "extension",
        "article": "period",
        "effects": _one("period_extended"),
        "needs": (_one("extension_answered"), _one("extension_agreed_by_all")),
        "since": _one("period_expired", "period_extended"),
        "message": "A mediation can go on after its period although not all parties agreed to that: {way}",
        "hint": "After each expiry (period_expired) ask the parties (extension_answered), and lead on only "
        "past the condition that none is left who has not agreed (case.extension_missing = 0).",
    },
    {
        "key": "replacement",
        "article": "conflict",
        "effects": _one("mediator_replaced"),
        "needs": (_one("mediator_proposed"), _one("conflicts_disclosed")),
        "since": _one("mediator_proposed"),
        "message": "A new mediator can go on before having disclosed conflicts of interest: {way}",
        "hint": "After the choice of another mediator, lead through a task whose form discloses conflicts "
        "(conflicts_disclosed).",
    },
    {
        "key": "cut",
        "article": "tv_withdrawal",
        "effects": _one("footage_broadcast"),
        "needs": (_one("cooling_off_begun"), _one("edit_locked"), _one("footage_previewed")),
        "since": _one("footage_recorded"),
        "message": "Footage can be broadcast before the parties had time to take their consents back and saw "
        "the cut: {way}",
        "hint": "After each recording, lead through the cooling-off (cooling_off_begun), the edit lock "
        "(edit_locked) and the preview (footage_previewed).",
    },
    {
        "key": "preview",
        "article": "tv_decision",
        "effects": _one("footage_broadcast"),
        "needs": (_one("footage_previewed"), _one("nobody_objected")),
        "since": _one("edit_locked"),
        "message": "A cut can be broadcast that a party has not seen or has objected to: {way}",
        "hint": "After each edit lock, show the parties the cut (footage_previewed) and lead on only past "
        "the condition that nobody objected (broadcast.approved).",
    },
)
"""Each row: none of `effects` without one of each set in `needs` before it, anew after what is in `since`."""

AVAILABLE: tuple[Mapping[str, Any], ...] = (
    {
        "key": "withdrawal",
        "article": "rights",
        "message": "While the case waits here, a party cannot end the mediation: {way}",
        "hint": "Put this step into a sub-process with an interrupting boundary event for the message "
        "mediation_ended, which leads to the notice of other routes.",
        "event": "mediation_ended",
        "until": OVER,
        "within": MEDIATION,
        "apart": PROGRAMME | REPORTS,
    },
    {
        "key": "takeback",
        "article": "tv_withdrawal",
        "message": "While somebody works on the footage here, a consent taken back does not stop it: {way}",
        "hint": "Put this step into a sub-process with an interrupting boundary event for the message "
        "footage_withdrawn, which leads to a task that takes the footage down (footage_taken_down).",
        "event": "footage_withdrawn",
        "until": frozenset(),
        "within": PROGRAMME,
        "only_at": PROGRAMME - {"footage_taken_down"},
    },
    {
        "key": "on-site",
        "article": "online_mixed",
        "message": "While the case waits here online, a party cannot have it moved on site: {way}",
        "hint": "Put an interrupting boundary event for the message on_site_asked on the call of the online "
        "mediation, and lead it to another path.",
        "event": "on_site_asked",
        "until": frozenset(),
        "within": ONLINE,
        "only_at": ONLINE | ASKING,
    },
    {
        "key": "report",
        "article": "escalation",
        "message": "While the case waits here, a clue of a crime or of harm to a child can't be reported: "
        "{way}",
        "hint": "Put an event sub-process for the message report_needed, which does not interrupt, beside "
        "this step or around it, with a task whose form keeps the report (report_made).",
        "event": "report_needed",
        "until": OVER,
        "within": MEDIATION,
        "ending": False,
    },
)
"""Each row: wherever somebody waits for what is in `within`, `event` is heard, until one of `until`."""

CONFIDENTIAL: tuple[Mapping[str, Any], ...] = (
    {
        "key": "secret",
        "article": "domestic_report",
        "message": "The parties can see this step, which tells that something was reported: {way}",
        "hint": "Give the task the property confidential with the value true.",
        "effects": REPORTS,
    },
)
"""Each row: what tells the parties nothing, so that its tasks are for the staff alone."""

AT_END: tuple[Mapping[str, Any], ...] = (
    {
        "key": "routes",
        "article": "routes",
        "message": "A case without an effective agreement can end here although nobody was told of "
        "arbitration, administrative and court routes: {way}",
        "hint": "Let every such way pass a task whose form serves the notice of other routes "
        "(routes_notice_served).",
        "begun": _one("case_registered", "acceptance_decided", "invitation_answered", "consent_given"),
        "needs": _one("routes_notice_served", "agreement_effective"),
    },
    {
        "key": "dossier",
        "article": "records",
        "message": "A case can end here although its papers were not put into a dossier: {way}",
        "hint": "Let every way to the end pass a service task that compiles the dossier "
        "(compile_dossier: dossier_compiled).",
        "begun": _one("case_registered", "acceptance_decided", "invitation_answered", "consent_given"),
        "needs": _one("dossier_compiled"),
    },
    {
        "key": "served",
        "article": "effect",
        "message": "A case can end here although the parties have no copy of the sealed agreement: {way}",
        "hint": "After the seal, lead through a task whose form serves the copies (copies_served).",
        "begun": SEALED,
        # A sealed agreement binds, so no oral one takes its place; of an oral one nothing needs serving.
        "needs": _one("copies_served", "routes_notice_served", "nobody_bound", "oral_register_sealed"),
    },
    {
        "key": "abstainers",
        "article": "routes",
        "message": "A case can end here although households that did not join were told of no other "
        "routes: {way}",
        "hint": "After the joining, lead through a task that tells those who abstain (abstainers_told), or "
        "past the condition that nobody does (case.households_abstaining > 0).",
        "begun": _one("household_answered", "joining_closed"),
        "needs": _one("abstainers_told", "nobody_abstains", "no_group", "routes_notice_served"),
    },
)
"""Each row: no end after one of `begun` without one of `needs`."""

TABLES = ((Before, BEFORE), (Available, AVAILABLE), (Confidential, CONFIDENTIAL), (AtEnd, AT_END))

PROOFS = (
    Proof("group_spoken_for", {"case.representatives_wanted": True}),
    Proof("no_group", {"case.is_group": True}),
    Proof("households_all_heard", {"case.households_asked": ["a household"]}),
    Proof("nobody_bound", {"case.households_joined": 1}),
    Proof("nobody_abstains", {"case.households_abstaining": 1}),
    Proof("agreement_effective", {"case.effective": False}),
    Proof("parties_all_marked", {"case.marks_missing": 1}),
    Proof("extension_agreed_by_all", {"case.extension_missing": 1}),
    Proof("parties_agreed_to_all", {"consultation.parties_to_ask": ["a party"]}),
    *(
        Proof(effect, {f"broadcast.{fact}": False})
        for effect in ("tv_eligibility_assessed", "broadcast_consents_recorded")
        for fact in ("may_record", "recorded")
    ),
    Proof("cameras_allowed", {"broadcast.may_record": False}),
    Proof("nobody_objected", {"broadcast.approved": False}),
    Proof("online_agreed_by_all", {"online.parties_to_ask": ["a party"]}),
    Proof("identities_all_checked", {"online.unidentified": ["a party"]}),
    Proof("record_confirmed_by_all", {"online.unconfirmed": ["a party"]}),
)
"""What a condition over facts proves to whoever gets past it: facts are computed from the tables."""


def law_on(day: dt.date) -> Law:
    """The invariants as they hold on a day; KeyError before their articles held."""
    return Law(tuple(_row(kind, row, day) for kind, table in TABLES for row in table), PROOFS)


def _row(kind: type[Invariant], row: Mapping[str, Any], day: dt.date) -> Invariant:
    given = {name: found for name, found in row.items() if name != "article"}
    return kind(law_ref=law.rule(row["article"], day).law_ref, **given)
