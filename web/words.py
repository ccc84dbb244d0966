"""Words for the codes that the engine keeps: statuses, roles, recorded actions; and days and moments."""

import datetime as dt
from collections.abc import Mapping

from flask import Flask
from flask_babel import format_date, format_datetime, gettext, lazy_gettext

from engine import feel
from web.findings import feel_problem
from web.language import code, of_the_reader

STATUSES = {
    "draft": lazy_gettext("being registered"),
    "submitted": lazy_gettext("registered"),
    "accepted": lazy_gettext("accepted"),
    "invited": lazy_gettext("parties invited"),
    "consented": lazy_gettext("consent given"),
    "mediating": lazy_gettext("in mediation"),
    "agreed_drafting": lazy_gettext("agreed, being written"),
    "signing": lazy_gettext("being signed"),
    "suspended_report": lazy_gettext("suspended until a report is made"),
    "suspended_expiry": lazy_gettext("suspended: the period is over"),
    "suspended_appraisal": lazy_gettext("suspended for an appraisal"),
    "suspended": lazy_gettext("suspended"),
    "effective": lazy_gettext("agreement effective"),
    "refused_intake": lazy_gettext("not accepted"),
    "transferred": lazy_gettext("transferred"),
    "ended": lazy_gettext("ended without agreement"),
}
ROLES = {
    "party": lazy_gettext("party"),
    "signer": lazy_gettext("party"),
    "household": lazy_gettext("household"),
    "reception": lazy_gettext("reception"),
    "mediator": lazy_gettext("mediator"),
    "chief_mediator": lazy_gettext("chief mediator"),
    "seal_keeper": lazy_gettext("seal-keeper"),
    "administrator": lazy_gettext("administrator"),
    "expert": lazy_gettext("expert"),
    "tv_crew": lazy_gettext("crew of a programme"),
    "grid_member": lazy_gettext("grid member"),
    "system": lazy_gettext("system"),
}
ENDS = {
    "agreed_written": lazy_gettext("settled by a written agreement"),
    "agreed_oral": lazy_gettext("settled by an oral agreement"),
    "refused": lazy_gettext("a party refused mediation"),
    "withdrawn": lazy_gettext("a party ended the mediation"),
    "unreachable": lazy_gettext("a party was not reached"),
    "deadlock": lazy_gettext("no agreement was reached"),
    "expired": lazy_gettext("the period ran out"),
    "not_accepted": lazy_gettext("not accepted"),
    "transferred": lazy_gettext("transferred"),
    "other": lazy_gettext("another reason"),
}
DISPUTES = {
    "family": lazy_gettext("Marriage and family"),
    "neighbours": lazy_gettext("Neighbours"),
    "housing": lazy_gettext("Housing and homesteads"),
    "contract": lazy_gettext("Contract"),
    "business": lazy_gettext("Production and business"),
    "damages": lazy_gettext("Damages"),
    "woodland": lazy_gettext("Woodland and land"),
    "relocation": lazy_gettext("Expropriation and relocation"),
    "pollution": lazy_gettext("Pollution"),
    "migrant_wages": lazy_gettext("Wages of migrant workers"),
    "labour": lazy_gettext("Other labour disputes"),
    "tourism": lazy_gettext("Tourism"),
    "e_commerce": lazy_gettext("Electronic commerce"),
    "consumer": lazy_gettext("Other consumer disputes"),
    "medical": lazy_gettext("Medical"),
    "traffic": lazy_gettext("Road traffic accident"),
    "property_service": lazy_gettext("Property service"),
    "other": lazy_gettext("Other"),
}
SIGNERS = {
    "party": lazy_gettext("party"),
    "mediator": lazy_gettext("mediator"),
    "seal": lazy_gettext("the committee's seal"),
}
DOCUMENTS = {
    "payment_order": lazy_gettext("application for a payment order"),
    "result_notice": lazy_gettext("notice of the result to the referring body"),
    "receipt": lazy_gettext("receipt of the application"),
    "rights_notice": lazy_gettext("notice of rights and duties"),
    "agreement": lazy_gettext("mediation agreement"),
    "fact_sheet": lazy_gettext("sheet of undisputed facts"),
    "fact_scan": lazy_gettext("sheet of undisputed facts, signed (scan)"),
    "investigation_record": lazy_gettext("investigation record"),
    "evidence_list": lazy_gettext("list of evidence"),
    "oral_register": lazy_gettext("register of the oral agreement"),
    "scan": lazy_gettext("signed sheet as it was brought"),
    "signed_sheet": lazy_gettext("signed sheet (scan)"),
    "routes_notice": lazy_gettext("notice of other ways"),
    "annex": lazy_gettext("own copy of a household"),
    "joining_scan": lazy_gettext("signed copies of households as they were brought"),
    "abstention_notice": lazy_gettext("notice to the households that did not join"),
    "dossier": lazy_gettext("dossier"),
    "confirmation_application": lazy_gettext("joint application for judicial confirmation"),
}
CONFIRMATIONS = {
    "applied": lazy_gettext("before the court"),
    "confirmed": lazy_gettext("confirmed by the court"),
    "dismissed": lazy_gettext("dismissed by the court"),
    "not_accepted": lazy_gettext("not accepted by the court"),
    "withdrawn": lazy_gettext("application withdrawn"),
}
FOLLOW_UPS = {
    "open": lazy_gettext("not due yet"),
    "overdue": lazy_gettext("due, nothing recorded"),
    "default": lazy_gettext("not performed"),
    "performed": lazy_gettext("performed"),
    "part": lazy_gettext("performed in part"),
    "not_performed": lazy_gettext("not performed"),
    "deferred": lazy_gettext("put off by both"),
    "wages": lazy_gettext("wages"),
    "injury": lazy_gettext("medical costs of an injury at work"),
    "compensation": lazy_gettext("economic compensation"),
    "damages": lazy_gettext("damages by labour law"),
}
JOININGS = {
    "joins": lazy_gettext("joins"),
    "abstains": lazy_gettext("does not join"),
    "left": lazy_gettext("left"),
}
EVIDENCE = {
    "paper": lazy_gettext("paper"),
    "photo": lazy_gettext("photograph"),
    "file": lazy_gettext("electronic file"),
    "object": lazy_gettext("object"),
    "private": lazy_gettext("not for the other side"),
    "may_show": lazy_gettext("may be shown to the other side"),
}
SIDES = {"applicant": lazy_gettext("applicant"), "respondent": lazy_gettext("respondent")}
ACTIONS = {
    "filing.received": lazy_gettext("received a dispute from outside"),
    "filing.opened": lazy_gettext("opened the case with what was sent in from outside"),
    "filing.declined": lazy_gettext("declined what was sent in from outside"),
    "filing.read": lazy_gettext("read what was sent in from outside"),
    "filing.decide": lazy_gettext("decide on what was sent in from outside"),
    "referral.read": lazy_gettext("see the results that are owed"),
    "referral.answer": lazy_gettext("record that a result was sent"),
    "referral.answered": lazy_gettext("recorded that the result was sent"),
    "relation.read": lazy_gettext("see related cases"),
    "relation.note": lazy_gettext("relate cases"),
    "relation.noted": lazy_gettext("related cases"),
    "case.opened": lazy_gettext("opened the case"),
    "process.started": lazy_gettext("began the process"),
    "process.ended": lazy_gettext("ended the process"),
    "instance.started": lazy_gettext("opened the case"),
    "instance.ended": lazy_gettext("ended the process"),
    "task.completed": lazy_gettext("completed"),
    "task.claimed": lazy_gettext("took on"),
    "task.released": lazy_gettext("gave back"),
    "party.withdrew": lazy_gettext("ended mediation for a party"),
    "party.went_on_site": lazy_gettext("had the case moved on site for a party"),
    "case.move_on_site": lazy_gettext("move the case on site"),
    "link.entered": lazy_gettext("opened the party's page"),
    "link.renewed": lazy_gettext("made a new link for a party"),
    "service.completed": lazy_gettext("completed"),
    "signal.received": lazy_gettext("received a signal"),
    "service.failed": lazy_gettext("could not complete"),
    "file.stored": lazy_gettext("stored a file"),
    "timer.fired": lazy_gettext("a time limit has run out"),
    "message.received": lazy_gettext("received a message"),
    "clocks.paused": lazy_gettext("stopped the time limits"),
    "clocks.resumed": lazy_gettext("let the time limits go on"),
    "due.set": lazy_gettext("changed a time limit"),
    "instance.migrated": lazy_gettext("moved the case to another release"),
    "instance.migration_undone": lazy_gettext("moved the case back to its earlier release"),
    "instance.migrate": lazy_gettext("move cases to another release"),
    "law.changed": lazy_gettext("changed a limit of the law"),
    "law.change": lazy_gettext("change a limit of the law"),
    "law.read": lazy_gettext("read the rules and limits of the law"),
    "calendar.announced": lazy_gettext("announced working days"),
    "happening.noted": lazy_gettext("noted that something has happened"),
    "happening.note": lazy_gettext("note that something has happened"),
    "report.decide": lazy_gettext("decide after a report"),
    "case.cancelled": lazy_gettext("cancelled the case"),
    "incident.retried": lazy_gettext("had something tried again"),
    "incident.retry": lazy_gettext("have something tried again"),
    "case.open": lazy_gettext("open a case"),
    "case.withdraw": lazy_gettext("end mediation for a party"),
    "link.read": lazy_gettext("see the parties' links"),
    "task.complete": lazy_gettext("complete this task"),
    "task.claim": lazy_gettext("take this task on"),
    "agreement.check": lazy_gettext("check the agreement"),
    "agreement.sign": lazy_gettext("sign for a party"),
    "agreement.seal": lazy_gettext("put the committee's seal"),
    "mediate": lazy_gettext("act as the mediator of this case"),
    "evidence.added": lazy_gettext("put evidence on the list"),
    "evidence.changed": lazy_gettext("changed an entry of the list of evidence"),
    "evidence.keep": lazy_gettext("keep the list of evidence"),
    "attendant.added": lazy_gettext("added an interpreter or witness"),
    "attendant.removed": lazy_gettext("removed an interpreter or witness"),
    "attendant.change": lazy_gettext("say who interprets or witnesses"),
    "guardian.recorded": lazy_gettext("recorded a guardian"),
    "guardian.record": lazy_gettext("record a guardian"),
    "party.corrected": lazy_gettext("corrected a party's details"),
    "party.correct": lazy_gettext("correct a party's details"),
    "agreement.returned": lazy_gettext("had the agreement drafted again"),
    "agreement.return": lazy_gettext("have the agreement drafted again"),
    "file.store": lazy_gettext("store a file"),
    "clocks.pause": lazy_gettext("stop the time limits"),
    "due.change": lazy_gettext("change a time limit"),
    "message.publish": lazy_gettext("send a message"),
    "calendar.announce": lazy_gettext("announce working days"),
    "body.added": lazy_gettext("added a body"),
    "body.renamed": lazy_gettext("renamed a body"),
    "body.moved": lazy_gettext("moved a body"),
    "body.closed": lazy_gettext("closed a body"),
    "body.population_noted": lazy_gettext("noted who lives where a body works"),
    "duties.planned": lazy_gettext("planned the duty roster"),
    "account.made": lazy_gettext("made an account"),
    "account.changed": lazy_gettext("changed an account"),
    "account.closed": lazy_gettext("closed an account"),
    "account.reopened": lazy_gettext("opened an account again"),
    "account.password_reset": lazy_gettext("gave an account a new password"),
    "account.password_changed": lazy_gettext("chose a password"),
    "account.change": lazy_gettext("keep the accounts"),
    "mediator.registered": lazy_gettext("entered a mediator in the register"),
    "mediator.left": lazy_gettext("ended a mediator's term"),
    "training.recorded": lazy_gettext("recorded a training"),
    "body.read": lazy_gettext("see the bodies"),
    "body.change": lazy_gettext("change the bodies"),
    "mediator.register": lazy_gettext("keep the register of mediators"),
    "duty.plan": lazy_gettext("plan the duty roster"),
    "expert.entered": lazy_gettext("entered an expert in the list"),
    "expert.ended": lazy_gettext("took an expert off the list"),
    "expert.read": lazy_gettext("see the list of experts"),
    "expert.keep": lazy_gettext("keep the list of experts"),
    "supervision.read": lazy_gettext("see what is to be seen to in consultations"),
    "publication.prepared": lazy_gettext("prepared a text for publication"),
    "publication.published": lazy_gettext("reviewed and published a text"),
    "publication.returned": lazy_gettext("sent a text for publication back"),
    "publication.withdrawn": lazy_gettext("withdrew what was published"),
    "publication.prepare": lazy_gettext("prepare a text for publication"),
    "publication.review": lazy_gettext("review a text for publication"),
    "publication.withdraw": lazy_gettext("withdraw what was published"),
    "duty.finished": lazy_gettext("recorded that a duty was done"),
    "duty.finish": lazy_gettext("record that a duty was done"),
    "consent.withdrawn": lazy_gettext("took back a consent to television for a party"),
    "footage.allowed": lazy_gettext("asked to use footage, allowed"),
    "footage.refused": lazy_gettext("asked to use footage, refused"),
    "broadcast.withdraw": lazy_gettext("take back a consent to television"),
    "broadcast.consent": lazy_gettext("decide for another party"),
    "footage.use": lazy_gettext("use footage"),
    "footage.read": lazy_gettext("read what must not be shown"),
    "admission.begun": lazy_gettext("admitted somebody from outside"),
    "admission.ended": lazy_gettext("let somebody from outside see nothing any more"),
    "admission.change": lazy_gettext("admit somebody from outside"),
    "outside.read": lazy_gettext("read as somebody from outside"),
    "confirmation.applied": lazy_gettext("recorded the joint application for judicial confirmation"),
    "confirmation.ruled": lazy_gettext("recorded what the court decided on confirmation"),
    "confirmation.record": lazy_gettext("record the judicial confirmation"),
    "follow_up.recorded": lazy_gettext("recorded the performance of the agreement"),
    "follow_up.record": lazy_gettext("record the performance of the agreement"),
    "payment_order.made": lazy_gettext("put together the papers for a payment order"),
    "payment_order.make": lazy_gettext("put together the papers for a payment order"),
    "packet.made": lazy_gettext("put together the papers for a court"),
    "packet.make": lazy_gettext("put together the papers for a court"),
}
KINDS = {
    "district": lazy_gettext("district"),
    "town": lazy_gettext("town"),
    "village": lazy_gettext("village"),
    "courtyard": lazy_gettext("courtyard"),
    "department": lazy_gettext("department"),
    "top": lazy_gettext("top"),
}
INCIDENTS = {
    "service": lazy_gettext("the system's own work"),
    "signal": lazy_gettext("passed on by the system"),
    "unheard": lazy_gettext("told to the diagrams, which do not listen"),
    "timer": lazy_gettext("done when a time limit runs out"),
}
BROADCAST_STAGES = {
    "": lazy_gettext("not planned"),
    "planned": lazy_gettext("planned"),
    "recorded": lazy_gettext("recorded"),
    "cooling_off": lazy_gettext("cooling-off"),
    "edit_locked": lazy_gettext("edit locked"),
    "previewed": lazy_gettext("seen by the parties"),
    "aired": lazy_gettext("broadcast"),
    "taken_down": lazy_gettext("taken down"),
}
CONSENT_ITEMS = {
    "take_part": lazy_gettext("take part in television mediation"),
    "recording": lazy_gettext("be recorded"),
    "appearance": lazy_gettext("face and voice"),
    "name": lazy_gettext("real name or another name"),
    "evidence": lazy_gettext("what you brought is shown"),
    "channel": lazy_gettext("broadcast on a named channel"),
    "web": lazy_gettext("repeat on the internet"),
    "archive": lazy_gettext("archive and licences"),
    "surroundings": lazy_gettext("home, workplace and people around"),
}
# Word for word what broadcast_items.TEXTS holds, in both languages.
CONSENT_TEXTS = {
    "take_part": lazy_gettext(
        "This dispute is mediated in a television programme. If you do not agree, it is mediated in the "
        "office all the same, and nothing is held against you."
    ),
    "recording": lazy_gettext(
        "Picture and sound of the mediation are recorded. The committee and the programme keep the recording "
        "and use it for nothing else."
    ),
    "appearance": lazy_gettext(
        "You are seen and heard in the programme. You may choose to be pixelated, and to have your voice "
        "changed."
    ),
    "name": lazy_gettext("How you are called in the programme: by your real name, or by another name only."),
    "evidence": lazy_gettext(
        "What you brought is shown in the programme, such as contracts, photographs, messages."
    ),
    "channel": lazy_gettext(
        "It is broadcast on the named channel, until the named day. For another channel you are asked again."
    ),
    "web": lazy_gettext("It is repeated on the named site or app, until the named day."),
    "archive": lazy_gettext(
        "The programme is kept until the named day; whether others may be licensed to show it, you decide "
        "apart."
    ),
    "surroundings": lazy_gettext("Your home, your workplace or people around you are filmed."),
}
INTAKE_CHANNELS = {
    "hall": lazy_gettext("in the hall"),
    "phone": lazy_gettext("by telephone"),
    "web": lazy_gettext("on the web or by QR code"),
    "grid": lazy_gettext("reported by a grid member"),
    "own": lazy_gettext("found by the committee"),
    "court": lazy_gettext("referred by a court"),
    "procuratorate": lazy_gettext("referred by a procuratorate"),
    "police": lazy_gettext("referred by the police"),
    "petition": lazy_gettext("referred by a petition office"),
    "other_body": lazy_gettext("referred by another body"),
}
FILED_BY = {
    "party": lazy_gettext("It is my own dispute"),
    "grid": lazy_gettext("I am a grid member and report it"),
}
FILING_STATES = {
    "waiting": lazy_gettext("waits to be read"),
    "opened": lazy_gettext("taken up by the committee"),
    "declined": lazy_gettext("not taken up"),
}
FILING_NEXT = {
    "waiting": lazy_gettext("The committee reads it and calls you."),
    "opened": lazy_gettext("The committee calls you, or has done so already."),
    "declined": lazy_gettext("The committee tells you why by telephone. You may also ask in the hall."),
}
RESULTS = {
    "agreed": lazy_gettext("agreement reached and effective"),
    "not_agreed": lazy_gettext("ended without agreement"),
    "not_accepted": lazy_gettext("not accepted"),
    "transferred": lazy_gettext("transferred"),
}
SENT_MANNERS = {
    "by_hand": lazy_gettext("handed over"),
    "post": lazy_gettext("by post"),
    "electronic": lazy_gettext("electronically"),
}
ATTENDANTS = {
    "interpreter": lazy_gettext("interpreter"),
    "fact_witness": lazy_gettext("witness of the facts"),
    "mark_witness": lazy_gettext("witness to a fingerprint"),
}
ATTENDING = {
    "interpreter": lazy_gettext("interprets, also in sign language"),
    "fact_witness": lazy_gettext("knows something of the facts and may be heard"),
    "mark_witness": lazy_gettext("confirms the fingerprint of a party who can't write"),
}
RELATIONS = {
    "duplicate": lazy_gettext("the same dispute twice"),
    "related": lazy_gettext("related"),
    "unrelated": lazy_gettext("not related"),
}
TRACES = {
    "id_number": lazy_gettext("same identity number"),
    "phone": lazy_gettext("same name and telephone"),
    "place": lazy_gettext("same name and address"),
    "both_sides": lazy_gettext("same names on both sides"),
}
CONSENT_STATES = {
    "given": lazy_gettext("agreed"),
    "missing": lazy_gettext("not asked yet"),
    "refused": lazy_gettext("refused"),
    "withdrawn": lazy_gettext("taken back"),
    "ended": lazy_gettext("term has ended"),
}
CONSEQUENCES = {
    "cameras_off": lazy_gettext("The cameras stay off; mediation goes on."),
    "quarantine": lazy_gettext("The whole recording is locked away and used no more."),
    "leave_out": lazy_gettext("This is not filmed any more, or is cut out."),
    "not_aired": lazy_gettext("It is not shown there."),
    "take_down": lazy_gettext("It is used no more, and what is out already is to be taken down."),
    "noted": lazy_gettext("The programme is taken down already; your decision is kept."),
}
SHOWINGS = {
    "shown": lazy_gettext("face shown"),
    "pixelated": lazy_gettext("face pixelated"),
    "own": lazy_gettext("own voice"),
    "changed": lazy_gettext("voice changed"),
    "real": lazy_gettext("real name"),
    "alias": lazy_gettext("another name"),
    "guardian": lazy_gettext("by the guardian"),
    "agent": lazy_gettext("by the agent"),
    "lawyer": lazy_gettext("lawyer"),
    "judge": lazy_gettext("judge"),
    "psychologist": lazy_gettext("psychologist"),
    "other": lazy_gettext("other"),
}
USES = {
    "record": lazy_gettext("record"),
    "edit": lazy_gettext("edit"),
    "preview": lazy_gettext("preview"),
    "broadcast": lazy_gettext("show on television"),
    "web": lazy_gettext("show on the internet"),
    "archive": lazy_gettext("keep in the archive"),
    "sublicence": lazy_gettext("license to another"),
}
ELEMENTS = {
    "face": lazy_gettext("face"),
    "pixelated_face": lazy_gettext("pixelated face"),
    "voice": lazy_gettext("voice"),
    "changed_voice": lazy_gettext("changed voice"),
    "real_name": lazy_gettext("real name"),
    "alias": lazy_gettext("alias"),
    "evidence": lazy_gettext("material"),
    "surroundings": lazy_gettext("surroundings"),
}
STATES = {
    "done": lazy_gettext("done"),
    "active": lazy_gettext("now"),
    "ahead": lazy_gettext("not yet"),
}
STANDINGS = {
    "member": lazy_gettext("member of the committee"),
    "hired": lazy_gettext("hired by the committee"),
    "elected": lazy_gettext("elected"),
    "appointed": lazy_gettext("appointed"),
}
TERMS = {
    "ahead": lazy_gettext("begins later"),
    "running": lazy_gettext("in term"),
    "over": lazy_gettext("term over"),
}
HALVES = {"morning": lazy_gettext("morning"), "afternoon": lazy_gettext("afternoon")}
DISCLOSURES = {
    "private": lazy_gettext("between us"),
    "may_tell": lazy_gettext("may be told"),
    "may_show": lazy_gettext("may be shown"),
}
SOURCES = {
    "application": lazy_gettext("A party applied"),
    "proactive": lazy_gettext("The committee acts on its own initiative"),
}
FORMS = {
    "written": lazy_gettext("written agreement"),
    "oral": lazy_gettext("oral agreement"),
    "none": lazy_gettext("no agreement that binds"),
}
PATHS = {
    "face_to_face": lazy_gettext("face to face"),
    "consultation": lazy_gettext("joint consultation"),
    "tv": lazy_gettext("television"),
    "online": lazy_gettext("online"),
}
CHANNELS = {
    "joint": lazy_gettext("Joint channel"),
    "private": lazy_gettext("Private channels"),
}
IDENTITY_LEVELS = {
    "phone_code": lazy_gettext("code sent to the phone"),
    "image": lazy_gettext("identity card compared in a video call"),
    "eid": lazy_gettext("identity service of the state"),
}
APPEARANCES = {
    "self": lazy_gettext("the party itself"),
    "representative": lazy_gettext("the legal representative"),
    "agent": lazy_gettext("the agent"),
}
EQUIPMENT = {
    "own": lazy_gettext("with its own device"),
    "room": lazy_gettext("in a room of the committee"),
}
OFFER_ANSWERS = {
    "accept": lazy_gettext("accepts"),
    "decline": lazy_gettext("declines"),
    "counter": lazy_gettext("makes a counter-offer"),
}
OFFER_STATES = {
    "open": lazy_gettext("not answered by all"),
    "accepted": lazy_gettext("accepted by all"),
    "declined": lazy_gettext("declined"),
    "countered": lazy_gettext("countered"),
}
MEETING_WAYS = {
    "video": lazy_gettext("video"),
    "phone": lazy_gettext("telephone conference"),
    "text": lazy_gettext("typing at the same time"),
}
MEETING_STATES = {
    "planned": lazy_gettext("arranged"),
    "held": lazy_gettext("held"),
    "interrupted": lazy_gettext("connection lost, goes on later"),
}
AGENT_SCOPES = {
    "evidence": lazy_gettext("evidence"),
    "mediator": lazy_gettext("choice of the mediator"),
    "claims": lazy_gettext("admit, change and give up claims"),
    "sign": lazy_gettext("take part and sign"),
    "papers": lazy_gettext("receive papers"),
    "other": lazy_gettext("other"),
}
COLOURS = {
    "green": lazy_gettext("green: there is time"),
    "yellow": lazy_gettext("yellow: due soon"),
    "red": lazy_gettext("red: overdue"),
}
EXPERTS = {
    "lawyer": lazy_gettext("lawyer"),
    "judge": lazy_gettext("judge"),
    "psychologist": lazy_gettext("psychologist"),
    "engineer": lazy_gettext("engineer"),
    "doctor": lazy_gettext("doctor"),
    "accountant": lazy_gettext("accountant"),
    "other": lazy_gettext("another profession"),
}
AVAILABILITIES = {
    "running": lazy_gettext("available"),
    "ahead": lazy_gettext("available later"),
    "over": lazy_gettext("not available any more"),
    "ended": lazy_gettext("taken off the list"),
}
PUBLICATIONS = {
    "prepared": lazy_gettext("waits for review"),
    "published": lazy_gettext("published"),
    "returned": lazy_gettext("sent back"),
    "withdrawn": lazy_gettext("withdrawn"),
}
INVITATIONS = {
    "accepts": lazy_gettext("takes part"),
    "delegates": lazy_gettext("sends somebody"),
    "declines": lazy_gettext("declines"),
    "awaited": lazy_gettext("answer awaited"),
}
HAPPENINGS = {
    "crime": lazy_gettext("A clue of a crime, violence or a weapon"),
    "minor": lazy_gettext("A child may have been harmed"),
    "domestic_violence": lazy_gettext("Violence at home against somebody without full capacity"),
    "false_mediation": lazy_gettext("The mediation may be a sham"),
    "expiry": lazy_gettext("The period of the mediation is over"),
    "appraisal": lazy_gettext("An appraisal begins"),
    "mediator": lazy_gettext("A mediator who has a tie, is ill or away for long, or is complained about"),
    "incapacity": lazy_gettext("A party has died or lost capacity"),
    "other_body": lazy_gettext("Another body is competent"),
    "unreachable": lazy_gettext("A party can't be reached any more"),
}
_REPORTS = lazy_gettext(
    "A task to report opens at once, the mediation and its time limits stand still, and the parties learn "
    "nothing of it. After the report the chief mediator decides whether the mediation goes on."
)
_REPORTED = ("crime", "minor", "domestic_violence", "false_mediation")
HAPPENING_DOES = dict.fromkeys(_REPORTED, _REPORTS) | {
    "appraisal": lazy_gettext(
        "The time limits stand still until you enter the result; the talks may go on meanwhile."
    ),
    "mediator": lazy_gettext(
        "Another mediator is chosen, who takes over what is to be done; until then nothing goes on. Who is "
        "complained of does not read what you write."
    ),
    "incapacity": lazy_gettext(
        "The mediation and its time limits stand still until the successor or guardian is known and willing; "
        "else the mediation ends and the parties are told of other ways."
    ),
    "unreachable": lazy_gettext(
        "The mediation ends for this party. The case ends only when fewer than two sides remain; then the "
        "parties are told of other ways."
    ),
    "other_body": lazy_gettext(
        "The matter is handed over against a receipt; then the mediation ends and the parties are told of "
        "other ways."
    ),
}
HAPPENING_BUTTONS = dict.fromkeys(_REPORTED, lazy_gettext("Suspend the mediation and report")) | {
    "appraisal": lazy_gettext("Stop the time limits for the appraisal"),
    "mediator": lazy_gettext("Choose another mediator"),
    "incapacity": lazy_gettext("Suspend the mediation"),
    "other_body": lazy_gettext("Hand the matter over"),
    "unreachable": lazy_gettext("End mediation for this party"),
}
OUTCOMES = {
    "goes_on": lazy_gettext("the mediation goes on"),
    "left": lazy_gettext("the party does not take part any more"),
    "replaced": lazy_gettext("another mediator goes on"),
    "extended": lazy_gettext("all parties agreed to more time"),
    "ended": lazy_gettext("the mediation is ended"),
}
TABLES = {
    "joining": JOININGS,
    "happening": HAPPENINGS,
    "happening_does": HAPPENING_DOES,
    "happening_button": HAPPENING_BUTTONS,
    "outcome": OUTCOMES,
    "invitation": INVITATIONS,
    "path": PATHS,
    "dispute_type": DISPUTES,
    "source": SOURCES,
    "form": FORMS,
    "ending": ENDS | {"under_way": lazy_gettext("still under way")},
    "channel": CHANNELS,
    "identity_level": IDENTITY_LEVELS,
    "appearance": APPEARANCES,
    "equipment": EQUIPMENT,
    "offer_answer": OFFER_ANSWERS,
    "offer_state": OFFER_STATES,
    "meeting_way": MEETING_WAYS,
    "meeting_state": MEETING_STATES,
    "agent_scope": AGENT_SCOPES,
    "attendant": ATTENDANTS,
    "attendant_doing": ATTENDING,
    "colour": COLOURS,
    "expert": EXPERTS,
    "publication": PUBLICATIONS,
    "availability": AVAILABILITIES,
    "standing": STANDINGS,
    "term": TERMS,
    "half": HALVES,
    "disclosure": DISCLOSURES,
    "status": STATUSES,
    "end": ENDS,
    "role": ROLES,
    "side": SIDES,
    "signer": SIGNERS,
    "document": DOCUMENTS,
    "action": ACTIONS,
    "kind": KINDS,
    "state": STATES,
    "incident": INCIDENTS,
    "broadcast_stage": BROADCAST_STAGES,
    "consent_item": CONSENT_ITEMS,
    "consent_text": CONSENT_TEXTS,
    "consent_state": CONSENT_STATES,
    "consequence": CONSEQUENCES,
    "showing": SHOWINGS,
    "footage_use": USES,
    "element": ELEMENTS,
    "evidence": EVIDENCE,
    "follow_up": FOLLOW_UPS,
    "confirmation": CONFIRMATIONS,
    "intake_channel": INTAKE_CHANNELS | {"none": lazy_gettext("not asked then")},
    "filed_by": FILED_BY,
    "filing_state": FILING_STATES,
    "filing_next": FILING_NEXT,
    "result": RESULTS,
    "sent_manner": SENT_MANNERS,
    "relation": RELATIONS,
    "trace": TRACES,
}
MOMENT = {"zh": "y年M月d日 HH:mm", "en": "d MMM y, HH:mm"}
DAY = {"zh": "y年M月d日", "en": "d MMM y"}


def prepare(app: Flask) -> None:
    """Give templates the filters `word`, `day`, `weekday`, `moment` and `filled`."""
    for say in (word, day, weekday, moment, filled):
        app.jinja_env.filters[say.__name__] = of_the_reader(say)


def word(stored: str | None, table: str) -> str:
    """The word for what is stored as a code; the code itself where there is none."""
    return str(TABLES[table].get(stored or "", stored or ""))


def moment(at: dt.datetime | None) -> str:
    """A point in time on the tenant's clock."""
    return format_datetime(at, MOMENT[code()]) if at else ""


def day(on: dt.date | dt.datetime | None) -> str:
    """A calendar day in the tenant's zone."""
    if isinstance(on, dt.datetime):
        return str(format_datetime(on, DAY[code()]))
    return format_date(on, DAY[code()]) if on else ""


def weekday(on: dt.date) -> str:
    """The name of the day in the week."""
    return str(format_date(on, "EEEE"))


def shown_params(params: Mapping[str, object]) -> dict[str, str]:
    """A message's parameters as people read them; those that are messages themselves are translated."""
    return _Shown({name: _shown(value) for name, value in params.items()})


def filled(message: str, params: Mapping[str, object]) -> str:
    """A message with named places, in the reader's language."""
    return str(gettext(message).format_map(shown_params(params)))


class _Shown(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return "…"


def _shown(value: object) -> str:
    if isinstance(value, Mapping):
        value = feel.FeelError(value["message"], "", value["line"], value["column"], **value["params"])
    if isinstance(value, feel.FeelError):
        return feel_problem(value, gettext)
    if isinstance(value, dt.datetime):
        return moment(value)
    if isinstance(value, dt.date):
        return day(value)
    if isinstance(value, str) and value:
        return word(value, "action") if value in ACTIONS else gettext(value)
    return str(value if value is not None else "…")
