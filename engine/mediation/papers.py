"""The services that make papers: notices and receipts, and the agreement's text."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import errors
from engine.documents import sign
from engine.documents.glyphs import glyphs_of
from engine.documents.render import Rendered
from engine.documents.templates import fill
from engine.mediation import fact_sheets, law
from engine.mediation.annexes import ABSTAINS
from engine.mediation.answers import Problems
from engine.mediation.contexts import annexes_of, context_of
from engine.mediation.documents import (
    PDF,
    SCAN,
    TITLES,
    NewFile,
    add_document,
    put_document,
    put_file,
    put_scans,
    remove_documents,
)
from engine.mediation.lookup import agreement_of, case_of, drafted_agreement, parties_of
from engine.mediation.marks import party_field
from engine.mediation.office import Office
from engine.models.agreements import Agreement
from engine.models.cases import Case
from engine.models.processes import ProcessInstance
from engine.services import Call, Effect, Result, ServiceTask, Step

STYLE = "print.css"
READERS: Mapping[str, Sequence[str]] = {
    "receipt": ("applicant",),
    "rights_notice": ("applicant", "respondent"),
    "investigation_record": (),
    "evidence_list": (),
    "result_notice": (),
    "dossier": (),
}
ABSTENTION = "abstention_notice"
EVERYBODY = ("applicant", "respondent")
SYSTEM = "system"
UNPRINTABLE = "“{character}” can't be printed. Please write it in another way."


@dataclass(frozen=True)
class Paper:
    """What a template needs to be printed: HTML, style, and the fields for marks."""

    html: str
    css: str
    fields: tuple[str, ...] = ()


def printable(office: Office, effect: Effect) -> Effect:
    """The effect, but a text with a character that no paper can show is refused at its path (InvalidAnswers).

    A person who types such a name can still write it in another way; a job that prints it later can't.
    """

    def checked(step: Step) -> None:
        refuse_unprintable(office, step.answers)
        effect(step)

    return checked


def refuse_unprintable(office: Office, texts: Mapping[str, Any]) -> None:
    """InvalidAnswers, by path, for texts with a character that no paper can show."""
    glyphs, problems = glyphs_of(office.renderer.fonts_dir), Problems()
    for path, text in _texts(texts):
        if character := glyphs.missing(text):
            problems.add(path, UNPRINTABLE, character=character)
    problems.refuse()


def issue_document(office: Office) -> ServiceTask:
    """Print the document that the node's property `document` names, and give it to those whom it concerns."""
    return ServiceTask(partial(_print_notice, office), issue, variables=frozenset())


def render_agreement(office: Office) -> ServiceTask:
    """Print the agreement or the register of an oral one, with an empty field for every mark it needs.

    What can't be printed goes back to draft.
    """
    work, none = partial(_print_agreement, office), frozenset[str]()
    return ServiceTask(work, _keep_text, "rendering_failed", _note_refusal, variables=none)


def render_annexes(office: Office) -> ServiceTask:
    """Print each household's own copy of a group's agreement, with an empty field for its mark."""
    return ServiceTask(partial(_print_annexes, office), _keep_annexes, variables=frozenset())


def _texts(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for name, item in value.items():
            yield from _texts(item, f"{path}.{name}".removeprefix("."))
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            yield from _texts(item, f"{path}.{index}".removeprefix("."))


def _print_notice(office: Office, call: Call) -> bytes:
    kind = call.properties["document"]
    with call.engine.sessions.query(call.tenant_id) as session:
        case = case_of(session, call.root_id)
        if kind == "receipt" and case.source != "application":
            raise law.forbids(
                "limitation", call.engine.now(), "only a party's own application gets a receipt"
            )
        told = {"routes_notice": case.routes_told_at, ABSTENTION: case.routes}
        if kind in told and not told[kind]:
            raise law.forbids("routes", call.engine.now(), "the parties have not been told of other ways")
        paper = _paper(session, call, kind)
    return certified(office, call, office.renderer.render(paper.html, paper.css), paper.fields)


def issue(result: Result) -> Mapping[str, Any]:
    """Keep what was printed as the kind of document that `document` names, for those in READERS."""
    kind = result.properties["document"]
    sha256 = put_file(result.session, NewFile(TITLES[kind], PDF, result.value), SYSTEM, result.at)
    readers = _readers(case_of(result.session, result.root.id), kind)
    put_document(result.session, (result.root.id, kind), sha256, readers, result.at)
    return {}


def _readers(case: Case, kind: str) -> list[str]:
    if kind == ABSTENTION and case.agreement is not None:
        return [annex.party_id for annex in case.agreement.annexes if annex.answer == ABSTAINS]
    sides = READERS.get(kind, EVERYBODY)
    return [party.id for party in case.parties if party.side in sides]


def _print_annexes(office: Office, call: Call) -> list[tuple[str, bytes]]:
    with call.engine.sessions.query(call.tenant_id) as session:
        template, css, root = template_of(session, call, "annex")
        contexts = annexes_of(session, call.engine.keys, root)
    papers = ((annex_id, fill(template, context)) for annex_id, context in contexts)
    return [
        (annex_id, certified(office, call, office.renderer.render(html, css), ("household",)))
        for annex_id, html in papers
    ]


def _keep_annexes(result: Result) -> Mapping[str, Any]:
    session, where = result.session, (result.root.id, "annex")
    annexes = {annex.id: annex for annex in drafted_agreement(session, result.root.id).annexes}
    names = {party.id: f"{party.address} {party.name}" for party in parties_of(session, result.root.id)}
    remove_documents(session, where)
    for annex_id, pdf in result.value:
        annex = annexes[annex_id]
        title = f"{TITLES['annex']}（{names[annex.party_id]}）"
        sha256 = put_file(session, NewFile(title, PDF, pdf), SYSTEM, result.at)
        document = add_document(session, where, sha256, [annex.party_id], result.at)
        document.title, annex.document_id = title, document.id
    session.flush()
    return {}


def _print_agreement(office: Office, call: Call) -> bytes:
    with call.engine.sessions.query(call.tenant_id) as session:
        text = agreement_of(session, call.root_id)
        if text is None:
            raise law.forbids("written", call.engine.now(), "nobody has written down what was agreed")
        paper = _paper(session, call, _kind_of(text))
        signing = [] if text.oral else text.party_ids
        marks = [party_field(text, party_id) for party_id in signing]
    rendered = office.renderer.render(paper.html, paper.css)
    return certified(office, call, rendered, (*marks, "mediator", "seal"))


def certified(office: Office, call: Call, rendered: Rendered, fields: tuple[str, ...]) -> bytes:
    """What was printed, with an empty field for each mark, certified: only marks may follow.

    RenderingFailed where the template has no place for one of them.
    """
    if set(fields) - set(rendered.boxes):
        raise errors.RenderingFailed(reason="the template has no place for one of the marks")
    at = call.engine.now()
    boxes = {name: rendered.boxes[name] for name in fields}
    return sign.prepare(rendered.pdf, boxes, office.authority.preparer(at=at), at)


def _keep_text(result: Result) -> Mapping[str, Any]:
    agreement = drafted_agreement(result.session, result.root.id)
    kind = _kind_of(agreement)
    sha256 = put_file(result.session, NewFile(TITLES[kind], PDF, result.value), SYSTEM, result.at)
    agreement.text_sha256 = agreement.file_sha256 = sha256
    agreement.rendering_error = None
    put_document(result.session, (result.root.id, kind), sha256, [], result.at)
    put_scans(result.session, (result.root.id, SCAN), [], result.at)
    return {}


def render_fact_sheet(office: Office) -> ServiceTask:
    """Print the sheet of undisputed facts with a field for each party; what can't be printed goes back."""
    work, none = partial(_print_facts, office), frozenset[str]()
    return ServiceTask(work, _keep_facts, "rendering_failed", _note_facts_refusal, variables=none)


def _print_facts(office: Office, call: Call) -> bytes:
    with call.engine.sessions.query(call.tenant_id) as session:
        sheet = fact_sheets.sheet_of(session, call.root_id)
        if sheet is None:
            raise law.forbids(
                "undisputed", call.engine.now(), "nobody has drafted the sheet of undisputed facts"
            )
        paper = _paper(session, call, fact_sheets.KIND)
        fields = tuple(fact_sheets.facts_field(sheet, party_id) for party_id in sheet.party_ids)
    return certified(office, call, office.renderer.render(paper.html, paper.css), fields)


def _keep_facts(result: Result) -> Mapping[str, Any]:
    sheet = fact_sheets.drafted_sheet(result.session, result.root.id)
    if sheet.answers:
        raise law.forbids("effect", result.at, "the sheet already bears signatures")
    fact_sheets.keep_printed(result.session, sheet, result.value, SYSTEM, result.at)
    return {}


def _note_facts_refusal(result: Result) -> None:
    fact_sheets.drafted_sheet(result.session, result.root.id).rendering_error = _said(result.value)


def _kind_of(agreement: Agreement) -> str:
    return "oral_register" if agreement.oral else "agreement"


def _note_refusal(result: Result) -> None:
    drafted_agreement(result.session, result.root.id).rendering_error = _said(result.value)


def _said(refused: errors.Refusal) -> str:
    # Data that people read carries both languages, Chinese first (design: forms' own texts).
    if isinstance(refused, errors.MissingGlyph):
        chinese = "字库里没有“{character}”字（{field}），请换一种写法。".format_map(refused.params)
    else:
        chinese = "协议书排版失败，内容可能过长，请精简后重试。"
    return f"{chinese} / {refused}"


def _paper(session: Session, call: Call, kind: str) -> Paper:
    template, css, root = template_of(session, call, kind)
    context = context_of(session, call.engine.keys, root, kind, call.engine.address)
    return Paper(fill(template, context), css)


def template_of(session: Session, call: Call, kind: str) -> tuple[str, str, ProcessInstance]:
    """The template of a kind of paper, its style and the case's root, as the case's release has them."""
    root = session.scalars(select(ProcessInstance).where(ProcessInstance.id == call.root_id)).one()
    definitions = call.engine.definitions
    template = definitions.template(session, root.release_id, f"{kind}.html")
    return template, definitions.style(session, root.release_id, STYLE), root
